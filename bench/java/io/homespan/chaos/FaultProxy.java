package io.homespan.chaos;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Stands between the nodes, one listener before each peer port, and passes bytes on as they come,
 * until it is told otherwise.
 *
 * <pre>
 * java io.homespan.chaos.FaultProxy SEED LISTEN=TARGET...
 * </pre>
 *
 * {@code {"node": 1, "mode": M}}: {@code pass}; {@code throttle} (20 kB/s each way); {@code delay}
 * (300 ms each way); {@code hole} (nothing moves either way, and all that was under way comes when
 * it passes again, as packets do that were sent again and again); {@code mute} (requests get
 * through, answers do not until it passes again); {@code cut} (connections are reset and new ones
 * too); {@code refuse} (the same, and nobody listens); {@code flaky} (a connection is reset after
 * some random kilobytes, in the middle of whatever it was). One event loop, so no locks.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails closes the connection, which is noticed
public final class FaultProxy {
  private static final int THROTTLE_BYTES = 2_000;
  private static final long THROTTLE_MILLIS = 100;
  private static final long DELAY_MILLIS = 300;
  private static final int LONGEST_FLAKY_LIFE = 60_000;

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final EventLoop loop = group.next();
  private final Random random;
  private final List<Door> doors = new ArrayList<>();

  private FaultProxy(long seed) {
    random = new Random(seed);
  }

  /** Runs until its input ends. */
  public static void main(String[] args) throws Exception {
    FaultProxy proxy = new FaultProxy(Long.parseLong(args[0]));
    for (int i = 1; i < args.length; i++) {
      String[] ends = args[i].split("=", 2);
      Door door = proxy.new Door(ends[0], ends[1]);
      proxy.doors.add(door);
      door.open();
    }
    Commands.answer(proxy::command);
    System.exit(0);
  }

  private JsonObject command(JsonObject line) {
    try {
      return loop.submit(() -> obey(line)).get();
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new JsonObject();
    }
  }

  private JsonObject obey(JsonObject line) {
    if (line.containsKey("node")) {
      doors.get(line.getInteger("node") - 1).become(line.getString("mode"));
    }
    int open = 0;
    for (Door door : doors) open += door.pairs.size();
    return new JsonObject().put("connections", open);
  }

  /** The way to one node. */
  private final class Door {
    private final String listen;
    private final String target;
    private final Set<Pair> pairs = new HashSet<>();
    private String mode = "pass";
    private @Nullable Channel listener;

    Door(String listen, String target) {
      this.listen = listen;
      this.target = target;
    }

    void open() throws InterruptedException {
      listener = bind().sync().channel();
    }

    private io.netty.channel.ChannelFuture bind() {
      return new ServerBootstrap()
          .group(loop, loop)
          .channel(NioServerSocketChannel.class)
          .option(ChannelOption.SO_REUSEADDR, true)
          .childOption(ChannelOption.AUTO_READ, false)
          .childOption(ChannelOption.SO_LINGER, 0)
          .childOption(ChannelOption.TCP_NODELAY, true)
          .childHandler(
              new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel accepted) {
                  if (mode.equals("cut") || mode.equals("refuse")) accepted.close();
                  else pairs.add(new Pair(Door.this, accepted));
                }
              })
          .bind(Commands.host(listen), Commands.port(listen));
    }

    void become(String next) {
      Channel open = listener;
      if (next.equals("refuse") && open != null) {
        open.close();
        listener = null;
      } else if (!next.equals("refuse") && open == null) {
        listener = bind().channel();
      }
      mode = next;
      boolean broken = next.equals("cut") || next.equals("refuse") || next.equals("flaky");
      for (Pair pair : List.copyOf(pairs)) {
        if (broken) pair.close();
        else pair.wake();
      }
    }
  }

  /** A connection from a node and the one that goes on to the other. */
  private final class Pair {
    private final Door door;
    private final Half near;
    private final Half far;
    private long life; // bytes until it breaks, where it is flaky

    Pair(Door door, Channel accepted) {
      this.door = door;
      life = random.nextInt(LONGEST_FLAKY_LIFE);
      near = new Half(this, true);
      far = new Half(this, false);
      near.own = accepted;
      near.other = far;
      far.other = near;
      accepted.pipeline().addLast(near);
      dial();
    }

    private void dial() {
      new Bootstrap()
          .group(loop)
          .channel(NioSocketChannel.class)
          .option(ChannelOption.AUTO_READ, false)
          .option(ChannelOption.SO_LINGER, 0)
          .option(ChannelOption.TCP_NODELAY, true)
          .handler(far)
          .connect(Commands.host(door.target), Commands.port(door.target))
          .addListener(
              (ChannelFutureListener)
                  done -> {
                    if (!done.isSuccess()) {
                      close();
                      return;
                    }
                    far.own = done.channel();
                    wake();
                  });
    }

    void wake() {
      near.want();
      far.want();
    }

    void close() {
      door.pairs.remove(this);
      if (near.own != null) near.own.close();
      if (far.own != null) far.own.close();
    }
  }

  /** One end of a pair: reads there and writes to the other. */
  private final class Half extends ChannelInboundHandlerAdapter {
    private final Pair pair;
    private final boolean requests;
    private @Nullable Channel own;
    private @Nullable Half other;
    private boolean waiting; // for a timer that reads on
    private boolean ended; // the node has said its last word

    Half(Pair pair, boolean requests) {
      this.pair = pair;
      this.requests = requests;
    }

    private boolean stuck() {
      String mode = pair.door.mode;
      return mode.equals("hole") || (mode.equals("mute") && !requests);
    }

    /** Reads once more, if that may be now. */
    void want() {
      Channel to = other == null ? null : other.own;
      if (own == null || to == null || stuck() || waiting) return;
      if (ended) pair.close();
      else if (to.isWritable()) own.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      String mode = pair.door.mode;
      if (mode.equals("flaky")) {
        pair.life -= bytes.readableBytes();
        if (pair.life < 0) {
          bytes.release();
          pair.close();
          return;
        }
      }
      if (mode.equals("throttle")) {
        int size = bytes.readableBytes();
        pass(bytes);
        pauseFor(THROTTLE_MILLIS * Math.max(1, size / THROTTLE_BYTES));
      } else if (mode.equals("delay")) {
        waiting = true;
        loop.schedule(
            () -> {
              waiting = false;
              pass(bytes);
              want();
            },
            DELAY_MILLIS,
            TimeUnit.MILLISECONDS);
      } else {
        pass(bytes);
      }
    }

    private void pauseFor(long millis) {
      waiting = true;
      loop.schedule(
          () -> {
            waiting = false;
            want();
          },
          millis,
          TimeUnit.MILLISECONDS);
    }

    private void pass(ByteBuf bytes) {
      Channel to = other == null ? null : other.own;
      if (to == null) bytes.release();
      else to.writeAndFlush(bytes);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      want();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      if (other != null && ctx.channel().isWritable()) other.want();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      ended = true;
      // behind a hole nobody hears that a connection has ended
      if (!stuck() && !waiting) pair.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
