package io.homespan.discovery;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsQueryDecoder;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DatagramDnsResponseEncoder;
import io.netty.handler.codec.dns.DefaultDnsQuery;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DefaultDnsResponse;
import io.netty.handler.codec.dns.DnsQuery;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.handler.codec.dns.TcpDnsQueryDecoder;
import io.netty.handler.codec.dns.TcpDnsResponseEncoder;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * A name server that does what a test tells it, on UDP and TCP of one port of 127.0.0.1. What it is
 * told holds from the next question on. Names that it was told nothing about do not exist.
 */
public final class TestDns implements AutoCloseable {
  /** What to do with a question. */
  private record Rule(DnsResponseCode code, boolean silent, long ttl, List<byte[]> data) {
    static Rule of(DnsResponseCode code) {
      return new Rule(code, false, 0, List.of());
    }
  }

  private record Key(String name, DnsRecordType type) {}

  private record Alias(String target, long ttl) {}

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Map<Key, Rule> rules = new ConcurrentHashMap<>();
  private final Map<String, Alias> aliases = new ConcurrentHashMap<>();
  private final List<String> questions = new CopyOnWriteArrayList<>();
  private final Channel tcp;
  private final Channel udp;
  private volatile boolean truncating;
  private volatile boolean wholeChains = true;
  private volatile boolean glue;
  private volatile boolean onTcp = true;

  /** Opens it on a port of the system's choice. */
  public TestDns() throws InterruptedException {
    tcp =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(new TcpDnsQueryDecoder(), new TcpDnsResponseEncoder())
                        .addLast(new OverTcp());
                  }
                })
            .bind("127.0.0.1", 0)
            .sync()
            .channel();
    udp =
        new Bootstrap()
            .group(group)
            .channel(NioDatagramChannel.class)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(new DatagramDnsQueryDecoder(), new DatagramDnsResponseEncoder())
                        .addLast(new OverUdp());
                  }
                })
            .bind("127.0.0.1", port())
            .sync()
            .channel();
  }

  /** Where it listens, on UDP and TCP. */
  public int port() {
    return ((InetSocketAddress) tcp.localAddress()).getPort();
  }

  /** The name has these addresses, IPv4 and IPv6 in any order, and no others; none: it is empty. */
  public TestDns answer(String name, long ttl, String... addresses) {
    List<byte[]> v4 = new ArrayList<>();
    List<byte[]> v6 = new ArrayList<>();
    for (String address : addresses) {
      byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
      (bytes.length == 4 ? v4 : v6).add(bytes);
    }
    put(name, DnsRecordType.A, new Rule(DnsResponseCode.NOERROR, false, ttl, v4));
    put(name, DnsRecordType.AAAA, new Rule(DnsResponseCode.NOERROR, false, ttl, v6));
    return this;
  }

  /** The name is a service, with records written as "priority weight port target". */
  public TestDns services(String name, long ttl, String... records) {
    List<byte[]> all = new ArrayList<>();
    for (String record : records) {
      String[] words = record.split(" ", -1);
      ByteBuf out = Unpooled.buffer();
      for (int i = 0; i < 3; i++) out.writeShort(Integer.parseInt(words[i]));
      out.writeBytes(encoded(words[3]));
      all.add(ByteBufUtil.getBytes(out));
    }
    put(name, DnsRecordType.SRV, new Rule(DnsResponseCode.NOERROR, false, ttl, all));
    return this;
  }

  /** Whether replies to questions for services come with what is known of the targets. */
  public TestDns glue(boolean on) {
    glue = on;
    return this;
  }

  /** The name is another name for the target. */
  public TestDns alias(String name, long ttl, String target) {
    aliases.put(canonical(name), new Alias(canonical(target), ttl));
    return this;
  }

  /** Questions for the name get this code. */
  public TestDns refuse(String name, DnsResponseCode code) {
    return refuse(name, DnsRecordType.A, code).refuse(name, DnsRecordType.AAAA, code);
  }

  /** Questions for the name and this type get this code. */
  public TestDns refuse(String name, DnsRecordType type, DnsResponseCode code) {
    put(name, type, Rule.of(code));
    return this;
  }

  /** Questions for the name get no reply. */
  public TestDns silence(String name) {
    return silence(name, DnsRecordType.A).silence(name, DnsRecordType.AAAA);
  }

  /** Questions for the name and this type get no reply. */
  public TestDns silence(String name, DnsRecordType type) {
    put(name, type, new Rule(DnsResponseCode.NOERROR, true, 0, List.of()));
    return this;
  }

  /** Whether replies over UDP are cut after the first record and say so. */
  public TestDns truncate(boolean on) {
    truncating = on;
    return this;
  }

  /** Whether it replies over TCP; it does at first. If not it breaks the connection. */
  public TestDns onTcp(boolean on) {
    onTcp = on;
    return this;
  }

  /** Whether a reply follows aliases to the end, as a resolving server's does; it does at first. */
  public TestDns wholeChains(boolean on) {
    wholeChains = on;
    return this;
  }

  /** Each question so far: transport, type and name. */
  public List<String> questions() {
    return List.copyOf(questions);
  }

  private void put(String name, DnsRecordType type, Rule rule) {
    rules.put(new Key(canonical(name), type), rule);
  }

  private static String canonical(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower : lower + ".";
  }

  /** Fills the response in; false: say nothing. */
  private boolean fill(DnsQuery query, DnsResponse response, String transport) {
    DnsQuestion question = query.recordAt(DnsSection.QUESTION);
    questions.add(transport + " " + question.type().name() + " " + canonical(question.name()));
    response.addRecord(
        DnsSection.QUESTION, new DefaultDnsQuestion(question.name(), question.type()));
    String name = canonical(question.name());
    Alias alias = aliases.get(name);
    while (alias != null) {
      response.addRecord(
          DnsSection.ANSWER,
          new DefaultDnsRawRecord(name, DnsRecordType.CNAME, alias.ttl, encoded(alias.target)));
      if (!wholeChains) return true;
      name = alias.target;
      alias = aliases.get(name);
    }
    Rule rule =
        rules.getOrDefault(new Key(name, question.type()), Rule.of(DnsResponseCode.NXDOMAIN));
    if (rule.silent) return false;
    response.setCode(rule.code);
    for (byte[] data : rule.data) {
      boolean full = response.count(DnsSection.ANSWER) > 0;
      if (truncating && transport.equals("udp") && full) {
        response.setTruncated(true);
        break;
      }
      response.addRecord(
          DnsSection.ANSWER,
          new DefaultDnsRawRecord(name, question.type(), rule.ttl, Unpooled.wrappedBuffer(data)));
      if (glue && question.type().equals(DnsRecordType.SRV)) addTarget(data, response);
    }
    return true;
  }

  private void addTarget(byte[] service, DnsResponse response) {
    ByteBuf target = Unpooled.wrappedBuffer(service).skipBytes(6);
    String name = canonical(DefaultDnsRecordDecoder.decodeName(target));
    for (DnsRecordType type : List.of(DnsRecordType.A, DnsRecordType.AAAA)) {
      Rule rule = rules.get(new Key(name, type));
      if (rule == null) continue;
      for (byte[] data : rule.data) {
        response.addRecord(
            DnsSection.ADDITIONAL,
            new DefaultDnsRawRecord(name, type, rule.ttl, Unpooled.wrappedBuffer(data)));
      }
    }
  }

  private static ByteBuf encoded(String name) {
    ByteBuf out = Unpooled.buffer();
    for (String label : name.split("\\.", 0)) { // of "." there are none
      out.writeByte(label.length()).writeCharSequence(label, StandardCharsets.US_ASCII);
    }
    return out.writeByte(0);
  }

  private static void send(ChannelHandlerContext context, DnsResponse response) {
    context.writeAndFlush(response).addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
  }

  private final class OverUdp extends SimpleChannelInboundHandler<DatagramDnsQuery> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramDnsQuery query) {
      DnsResponse response =
          new DatagramDnsResponse(
              /* sender= */ query.recipient(), /* recipient= */ query.sender(), query.id());
      if (fill(query, response, "udp")) send(context, response);
      else response.release();
    }
  }

  private final class OverTcp extends SimpleChannelInboundHandler<DefaultDnsQuery> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, DefaultDnsQuery query) {
      if (!onTcp) {
        context.close().addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
        return;
      }
      DnsResponse response = new DefaultDnsResponse(query.id());
      if (fill(query, response, "tcp")) send(context, response);
      else response.release();
    }
  }

  @Override
  public void close() {
    udp.close().syncUninterruptibly();
    tcp.close().syncUninterruptibly();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
