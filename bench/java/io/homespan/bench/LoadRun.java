package io.homespan.bench;

import io.homespan.bench.LoadConnection.Call;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One run on one event loop: opens the connections, sends by the schedule, waits for what is under
 * way. In open loop the time of a request begins when it was due, so that a target that holds the
 * load up cannot hide it (coordinated omission).
 */
@SuppressWarnings("FutureReturnValueIgnored") // timers; and what fails to open or close is noticed
final class LoadRun implements LoadConnection.Owner {
  /** How a run ended, times in seconds. */
  record Result(Tally tally, double window, double seconds) {}

  private enum Phase {
    CONNECTING,
    RUNNING,
    DRAINING,
    ENDED
  }

  private static final long CONNECT_AGAIN_MILLIS = 100;
  private static final long AFTER_ERROR_MILLIS = 10; // so that errors don't become the load
  private static final long DRAIN_MILLIS = 15_000;

  private final EventLoop loop;
  private final Corpus corpus;
  private final Schedule schedule;
  private final Tally tally = new Tally();
  private final List<LoadConnection> connections = new ArrayList<>();
  private final List<Channel> channels = new ArrayList<>();
  private final ArrayDeque<Long> waiting = new ArrayDeque<>(); // when they were due
  private final CompletableFuture<Void> connected = new CompletableFuture<>();
  private final CompletableFuture<Result> result = new CompletableFuture<>();
  private Phase phase = Phase.CONNECTING;
  private long start;
  private long windowEnd;
  private long last; // answer
  private long due; // how many requests were, by now
  private int turn;

  LoadRun(EventLoop loop, Corpus corpus, Schedule schedule) {
    this.loop = loop;
    this.corpus = corpus;
    this.schedule = schedule;
  }

  /** Completes when all connections are ready. */
  CompletableFuture<Void> connect() {
    loop.execute(
        () -> {
          for (int i = 0; i < schedule.connections(); i++) open();
          if (schedule.connections() == 0) connected.complete(null);
        });
    return connected;
  }

  /** Runs and drains. */
  CompletableFuture<Result> run() {
    loop.execute(() -> guarded(this::begin));
    return result;
  }

  /** Closes everything, also when the run has not begun. */
  CompletableFuture<Void> close() {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    loop.execute(
        () -> {
          phase = Phase.ENDED;
          for (Channel channel : channels) channel.close();
          // closing is done in what follows on this loop
          loop.execute(
              () -> {
                corpus.allBack();
                closed.complete(null);
              });
        });
    return closed;
  }

  private void open() {
    LoadConnection connection = new LoadConnection(this, corpus, schedule.inFlight());
    new Bootstrap()
        .group(loop)
        .channel(Transport.channel())
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.pipeline().addLast(connection);
              }
            })
        .connect("127.0.0.1", schedule.port())
        .addListener(
            opened -> {
              if (opened.isSuccess()) return;
              tally.error("connect");
              openLater();
            });
  }

  private void openLater() {
    if (phase == Phase.CONNECTING || phase == Phase.RUNNING) {
      loop.schedule(this::openNow, CONNECT_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void openNow() {
    if (phase == Phase.CONNECTING || phase == Phase.RUNNING) open();
  }

  @Override
  public void ready(LoadConnection connection) {
    connections.add(connection);
    channels.add(connection.context().channel());
    if (phase == Phase.CONNECTING && connections.size() == schedule.connections()) {
      connected.complete(null);
    } else if (phase == Phase.RUNNING) {
      fill(connection);
    }
  }

  private void begin() {
    phase = Phase.RUNNING;
    start = System.nanoTime();
    windowEnd = start + (long) (schedule.seconds() * 1e9);
    last = start;
    loop.schedule(this::stop, windowEnd - start, TimeUnit.NANOSECONDS);
    if (schedule.connections() == 0) return;
    if (schedule.open()) tick();
    else for (LoadConnection connection : connections) fill(connection);
    flush();
  }

  private void flush() {
    for (LoadConnection connection : connections) connection.flush();
  }

  /** Sends what is due and comes back when the next one is. */
  private void tick() {
    if (phase != Phase.RUNNING) return;
    long now = System.nanoTime();
    tally.late(now - Math.min(now, dueAt(due)));
    long at = dueAt(due);
    for (; at <= now && at < windowEnd; at = dueAt(++due)) offer(at);
    flush();
    if (at >= windowEnd) return;
    long wait = Math.max(0, at - System.nanoTime());
    loop.schedule(() -> guarded(this::tick), wait, TimeUnit.NANOSECONDS);
  }

  /** What goes wrong in a timer would go unnoticed. */
  private void guarded(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException | OutOfMemoryError e) {
      result.completeExceptionally(e);
    }
  }

  private long dueAt(long number) {
    return start + (long) (number * 1e9 / schedule.rate());
  }

  private void offer(long at) {
    tally.offered();
    for (int i = 0; i < connections.size(); i++) {
      turn = turn + 1 < connections.size() ? turn + 1 : 0;
      LoadConnection connection = connections.get(turn);
      if (connection.free()) {
        connection.start(at);
        return;
      }
    }
    if (waiting.size() < schedule.waiting()) waiting.add(at);
    else tally.unsent();
  }

  private void fill(LoadConnection connection) {
    if (phase != Phase.RUNNING) return;
    if (schedule.open()) {
      while (!waiting.isEmpty() && connection.free()) connection.start(waiting.remove());
    } else {
      while (connection.free()) {
        tally.offered();
        connection.start(System.nanoTime());
      }
    }
  }

  @Override
  public void answered(LoadConnection connection, Call call, String error) {
    if (phase == Phase.ENDED) return;
    last = System.nanoTime();
    if (error.isEmpty()) {
      tally.ok(
          corpus.spans(call.entry), corpus.size(call.entry), last - call.since, last <= windowEnd);
      fill(connection);
    } else {
      if (error.equals(LoadConnection.REFUSED)) tally.refused();
      else tally.error(error);
      loop.schedule(() -> fillNow(connection), AFTER_ERROR_MILLIS, TimeUnit.MILLISECONDS);
    }
    drained();
  }

  private void fillNow(LoadConnection connection) {
    fill(connection);
    if (connections.contains(connection)) connection.flush();
  }

  @Override
  public void again(Call call) {
    if (schedule.open()) waiting.addFirst(call.since);
  }

  @Override
  public void retired(LoadConnection connection) {
    connections.remove(connection);
    openNow();
    drained();
  }

  @Override
  public void gone(LoadConnection connection) {
    if (connections.remove(connection)) openLater();
    channels.remove(connection.context().channel());
    drained();
  }

  private void stop() {
    phase = Phase.DRAINING;
    for (int i = waiting.size(); i > 0; i--) tally.unsent();
    waiting.clear();
    if (schedule.open()) {
      for (; dueAt(due) < windowEnd; due++) { // the load itself was too slow
        tally.offered();
        tally.unsent();
      }
    }
    loop.schedule(this::giveUp, DRAIN_MILLIS, TimeUnit.MILLISECONDS);
    drained();
  }

  private void giveUp() {
    if (phase != Phase.DRAINING) return;
    for (Channel channel : List.copyOf(channels)) {
      channel.pipeline().get(LoadConnection.class).abandon("unanswered");
    }
    drained();
  }

  private void drained() {
    if (phase != Phase.DRAINING) return;
    for (Channel channel : channels) {
      LoadConnection connection = channel.pipeline().get(LoadConnection.class);
      if (connection != null && !connection.idle()) return;
    }
    phase = Phase.ENDED;
    double window = schedule.seconds();
    result.complete(new Result(tally, window, Math.max(window, (last - start) / 1e9)));
  }
}
