package io.homespan.bench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;

/**
 * Plain OTLP/gRPC receivers on loopback that say OK to every {@code TraceService/Export} and
 * UNIMPLEMENTED to all else, without TLS, on one event loop.
 *
 * <pre>
 * java io.homespan.bench.Sinks PORTS [FIRST_PORT]
 * </pre>
 *
 * Without FIRST_PORT the system chooses the ports. Prints {@code {"ports":[...]}}; then for each
 * line on stdin a line with the totals since the start, all ports together, and the least and most
 * spans of a port since the line before. Ends with its input. Gzipped messages are counted as calls
 * and bytes, not as spans: to inflate them would cost more than all else together.
 */
public final class Sinks {
  private final EventLoopGroup loop = Transport.loops(1);
  private final List<Integer> ports = new ArrayList<>();
  private final List<SinkTotals> totals = new ArrayList<>();
  private long[] spansBefore = {};

  private Sinks() {}

  /** Runs until its input ends. */
  public static void main(String[] args) throws Exception {
    if (args.length < 1) {
      System.err.println("usage: Sinks PORTS [FIRST_PORT]");
      System.exit(2);
    }
    int count = Integer.parseInt(args[0]);
    int first = args.length > 1 ? Integer.parseInt(args[1]) : 0;
    Sinks sinks = new Sinks();
    for (int i = 0; i < count; i++) sinks.listen(first == 0 ? 0 : first + i);
    sinks.serve();
    System.exit(0);
  }

  private void listen(int port) throws InterruptedException {
    SinkTotals counted = new SinkTotals();
    Channel channel =
        new ServerBootstrap()
            .group(loop)
            .channel(Transport.serverChannel())
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel accepted) {
                    accepted.pipeline().addLast(new SinkConnection(counted));
                  }
                })
            .bind("127.0.0.1", port)
            .sync()
            .channel();
    ports.add(((java.net.InetSocketAddress) channel.localAddress()).getPort());
    totals.add(counted);
  }

  private void serve() throws IOException, InterruptedException, ExecutionException {
    spansBefore = new long[totals.size()];
    System.out.println(new JsonObject().put("ports", ports).encode());
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    while (in.readLine() != null) {
      System.out.println(loop.submit(this::report).get().encode());
    }
  }

  private JsonObject report() {
    SinkTotals all = new SinkTotals();
    long least = Long.MAX_VALUE;
    long most = 0;
    for (int i = 0; i < spansBefore.length; i++) {
      SinkTotals one = totals.get(i);
      all.add(one);
      least = Math.min(least, one.spans - spansBefore[i]);
      most = Math.max(most, one.spans - spansBefore[i]);
      spansBefore[i] = one.spans;
    }
    return new JsonObject()
        .put("spans", all.spans)
        .put("calls", all.calls)
        .put("compressed_calls", all.compressedCalls)
        .put("bytes", all.bytes)
        .put("other_calls", all.otherCalls)
        .put("malformed", all.malformed)
        .put("aborted", all.aborted)
        .put("failures", all.failures)
        .put("least_spans_of_a_port", least)
        .put("most_spans_of_a_port", most);
  }
}
