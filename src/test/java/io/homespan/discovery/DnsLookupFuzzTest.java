package io.homespan.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DatagramDnsResponseDecoder;
import io.netty.handler.codec.dns.DnsRecordType;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;

/** Whatever name servers answer, a look-up ends with addresses or a {@link LookupException}. */
class DnsLookupFuzzTest {
  private static final InetSocketAddress SERVER =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 53);
  private static final int MOST_QUESTIONS = 20;

  /** Datagrams, each behind two bytes of length; the first byte says what is asked for. */
  @FuzzTest
  void find(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    DnsRecordType type =
        List.of(DnsRecordType.A, DnsRecordType.AAAA, DnsRecordType.SRV, DnsRecordType.AAAA)
            .get(in.hasRemaining() ? in.get() & 3 : 0);
    int[] questions = new int[1];
    DnsLookup lookup =
        new DnsLookup(
            (server, name, asked) -> {
              assertThat(name).endsWith(".");
              assertThat(++questions[0]).isLessThan(MOST_QUESTIONS);
              return answer(in, asked);
            },
            name -> List.of(SERVER));
    Future<DnsLookup.Result> found = lookup.find("Peers.tier.test", type);
    assertThat(found.isComplete()).isTrue();
    if (found.failed()) {
      assertThat(found.cause()).isInstanceOf(LookupException.class);
      return;
    }
    assertThat(found.result().ttl()).isNotNegative();
  }

  private static Future<DnsAnswer> answer(ByteBuffer in, DnsRecordType type) {
    int length = in.remaining() < 2 ? 0 : Math.min(in.getShort() & 0xFFFF, in.remaining());
    byte[] datagram = new byte[length];
    in.get(datagram);
    EmbeddedChannel channel = new EmbeddedChannel(new DatagramDnsResponseDecoder());
    try {
      channel.writeInbound(new DatagramPacket(Unpooled.wrappedBuffer(datagram), SERVER, SERVER));
      DatagramDnsResponse response = channel.readInbound();
      return Future.succeededFuture(response).compose(read -> DnsResolver.answer(read, type));
    } catch (DecoderException e) { // no answer at all for the resolver
      return Future.failedFuture(new LookupException("timeout", "no answer in time"));
    } finally {
      channel.finishAndReleaseAll();
    }
  }
}
