package io.homespan.discovery;

import io.homespan.discovery.DnsAnswer.Alias;
import io.homespan.discovery.DnsAnswer.Data;
import io.homespan.discovery.DnsAnswer.Entry;
import io.homespan.discovery.DnsAnswer.Located;
import io.homespan.discovery.DnsAnswer.Service;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.ChannelFactory;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.DnsNameResolverTimeoutException;
import io.netty.resolver.dns.DnsServerAddressStream;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.util.NetUtil;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.PromiseInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.spi.transport.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts one question to one name server, through Netty's resolver on the event loop of the context
 * that made it. The only class that touches Vert.x's internals: the loop and the kind of channel
 * that fits it cannot be had otherwise.
 *
 * <p>Every question has a socket of its own, as replies to one socket that lives for good may stop
 * for good (netty issue 14364). What is cut off on UDP, or gets no answer there, is asked again
 * over TCP, which carries 64 KiB. Nothing is cached: the interval between look-ups is the cache.
 */
final class DnsResolver {
  private final ContextInternal context;
  private final DnsNameResolver resolver;
  private final List<InetSocketAddress> servers;

  /** {@code servers} empty: the system's. */
  DnsResolver(Vertx vertx, List<InetSocketAddress> servers, Duration timeout) {
    this.context = (ContextInternal) vertx.getOrCreateContext();
    this.servers = List.copyOf(servers);
    Transport transport = ((VertxInternal) vertx).transport();
    ChannelFactory<DatagramChannel> udp = transport::datagramChannel;
    ChannelFactory<SocketChannel> tcp =
        () -> (SocketChannel) transport.channelFactory(false).newChannel();
    this.resolver =
        new DnsNameResolverBuilder(context.nettyEventLoop())
            .datagramChannelFactory(udp)
            .socketChannelFactory(tcp, true)
            .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
            .queryTimeoutMillis(timeout.toMillis())
            .searchDomains(List.of())
            .ndots(1)
            .build();
  }

  /** The servers to ask for this name, in order. */
  List<InetSocketAddress> servers(String name) {
    if (!servers.isEmpty()) return servers;
    DnsServerAddressStream stream =
        DnsServerAddressStreamProviders.platformDefault().nameServerAddressStream(name);
    List<InetSocketAddress> all = new ArrayList<>();
    for (int i = 0; i < stream.size(); i++) all.add(stream.next());
    return all;
  }

  /** Fails with a {@link LookupException} if there is no answer, but not for any answer. */
  Future<DnsAnswer> ask(InetSocketAddress server, String name, DnsRecordType type) {
    PromiseInternal<AddressedEnvelope<DnsResponse, InetSocketAddress>> promise = context.promise();
    DnsQuestion question = new DefaultDnsQuestion(name, type);
    resolver.query(server, question).addListener(promise);
    return promise
        .future()
        .recover(cause -> failed(cause, server))
        .compose(envelope -> read(envelope, type));
  }

  private static Future<AddressedEnvelope<DnsResponse, InetSocketAddress>> failed(
      Throwable cause, InetSocketAddress server) {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each instanceof DnsNameResolverTimeoutException) {
        String from = NetUtil.toSocketAddressString(server);
        return Future.failedFuture(
            new LookupException("timeout", "no answer in time from " + from));
      }
    }
    return Future.failedFuture(new LookupException("error", cause.toString()));
  }

  private static Future<DnsAnswer> read(
      AddressedEnvelope<DnsResponse, InetSocketAddress> envelope, DnsRecordType type) {
    try {
      if (envelope.content().isTruncated()) { // TCP has been tried, and some is worse than none
        String why = "the answer does not fit into UDP, and TCP brought none";
        return Future.failedFuture(new LookupException("truncated", why));
      }
      return answer(envelope.content(), type);
    } finally {
      envelope.release();
    }
  }

  /** What a response says about this type. */
  static Future<DnsAnswer> answer(DnsResponse response, DnsRecordType type) {
    List<Entry> entries = entries(response, DnsSection.ANSWER, List.of(type, DnsRecordType.CNAME));
    List<Entry> additional =
        entries(response, DnsSection.ADDITIONAL, List.of(DnsRecordType.A, DnsRecordType.AAAA));
    return Future.succeededFuture(new DnsAnswer(name(response.code()), entries, additional));
  }

  private static List<Entry> entries(
      DnsResponse response, DnsSection section, List<DnsRecordType> types) {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < response.count(section); i++) {
      DnsRecord each = response.recordAt(section, i);
      if (!(each instanceof DnsRawRecord raw) || !types.contains(raw.type())) continue;
      Data data = data(raw);
      if (data != null) {
        entries.add(new Entry(DnsAnswer.canonical(raw.name()), raw.timeToLive(), data));
      }
    }
    return entries;
  }

  /** Null: the record is void. */
  private static @Nullable Data data(DnsRawRecord raw) {
    ByteBuf content = raw.content().duplicate();
    try {
      if (raw.type().equals(DnsRecordType.CNAME)) return new Alias(name(content));
      if (raw.type().equals(DnsRecordType.SRV)) return service(content);
      return new Located(InetAddress.getByAddress(ByteBufUtil.getBytes(content)));
    } catch (UnknownHostException | CorruptedFrameException | IndexOutOfBoundsException e) {
      return null; // too short, or of another length than an address
    }
  }

  private static Service service(ByteBuf content) {
    int priority = content.readUnsignedShort();
    int weight = content.readUnsignedShort();
    int port = content.readUnsignedShort();
    return new Service(priority, weight, port, name(content));
  }

  private static String name(ByteBuf content) {
    return DnsAnswer.canonical(DefaultDnsRecordDecoder.decodeName(content));
  }

  private static String name(DnsResponseCode code) {
    if (code.equals(DnsResponseCode.NOERROR)) return "NOERROR";
    if (code.equals(DnsResponseCode.NXDOMAIN)) return "NXDOMAIN";
    if (code.equals(DnsResponseCode.SERVFAIL)) return "SERVFAIL";
    if (code.equals(DnsResponseCode.REFUSED)) return "REFUSED";
    return "code " + code.intValue();
  }

  void close() {
    resolver.close();
  }
}
