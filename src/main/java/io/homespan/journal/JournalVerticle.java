package io.homespan.journal;

import io.homespan.bus.Deliver;
import io.homespan.bus.Delivered;
import io.homespan.bus.Fate;
import io.homespan.bus.Store;
import io.homespan.bus.Stored;
import io.homespan.bus.Topics;
import io.homespan.config.Config;
import io.homespan.metrics.Metrics;
import io.homespan.metrics.RefuseReason;
import io.homespan.otlp.Part;
import io.homespan.otlp.PartId;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageConsumer;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores requests and delivers them: answers {@link Topics#SPANS_STORE} when they are on disk,
 * synced, and asks {@link Topics#JOURNAL_DELIVER} until they have arrived. One instance a node.
 *
 * <p>All that touches the disk happens on one worker, one {@link Job} after the other. What comes
 * while a job is under way goes into the next, so a slow disk gets fewer and larger writes, each
 * with one sync.
 *
 * <p>It fails to start when the directory can't be used. It stops when what it has is delivered,
 * when that does not go on, or when its time is over; what remains stays on disk. So it is stopped
 * before those who deliver.
 */
public final class JournalVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(JournalVerticle.class);

  /** Bytes of one write; the library holds them once more. */
  private static final long MAX_GROUP_BYTES = 4 << 20;

  /** Records under way or waiting for another attempt: about 200 bytes each. */
  private static final int MOST_OPEN = 65_536;

  /** So long may it stay untold on disk that a record is done, unless something else is written. */
  private static final long MARKS_MILLIS = 5;

  /** After a failure to write or to read. */
  private static final Duration REST = Duration.ofSeconds(1);

  /** Milliseconds behind its deadline until nothing is heard of an attempt any more. */
  private static final long GRACE = 1000;

  private static final String APPENDED = "Requests that were stored";
  private static final String REPLAYED =
      "Stored requests from before the start that were taken up again";
  private static final String CORRUPT = "Bad places in the journal that were set aside";

  private static final PartId NO_ID = new PartId(0, 0);

  private record Waiting(Store store, Promise<Stored> answer) {}

  private final Config config;
  private final Config.Journal keys;
  private final Metrics metrics;
  private final LongSupplier nanoClock;
  private final LongSupplier wallClock;
  private final RandomGenerator random;
  private final RecordLog log;
  private final ArrayDeque<Waiting> queue = new ArrayDeque<>();
  private final List<Job.Copy> copies = new ArrayList<>();
  private final Promise<Void> drained = Promise.promise();
  private final Promise<Void> idle = Promise.promise();
  private final AtomicLong diskBytes = new AtomicLong(); // written here, read at a scrape
  private final AtomicLong records = new AtomicLong();
  private final AtomicLong oldest = new AtomicLong(Long.MAX_VALUE);
  private @Nullable Backlog backlog;
  private @Nullable WorkerExecutor worker;
  private @Nullable MessageConsumer<?> asked;
  private long queuedBytes;
  private long replayed;
  private long bad;
  private boolean working;
  private boolean marksTimer;
  private boolean marksDue;
  private boolean dueTimer;
  private @Nullable String failing;
  private long restsUntil;
  private boolean unreadable;
  private long readsAgain;
  private boolean stopping;
  private boolean closed;
  private long deliverUntil; // once it is stopping

  /**
   * Made by the root, which deploys it.
   *
   * @param nanoClock the scale of the deadlines in {@link Store}
   * @param wallClock milliseconds since 1970
   * @param random for the jitter of hints and of back-off; called on this verticle's event loop
   */
  public JournalVerticle(
      Config config,
      Metrics metrics,
      LongSupplier nanoClock,
      LongSupplier wallClock,
      RandomGenerator random) {
    this.config = config;
    this.keys = config.journal();
    this.metrics = metrics;
    this.nanoClock = nanoClock;
    this.wallClock = wallClock;
    this.random = random;
    this.log = new RecordLog(Path.of(keys.path()), keys.fileBytes(), wallClock);
  }

  @Override
  public Future<?> start() {
    // named after the directory: a shared name would share the thread with another node's journal
    String name = "homespan-journal-" + Path.of(keys.path()).toAbsolutePath();
    WorkerExecutor made = vertx.createSharedWorkerExecutor(name, 1);
    worker = made;
    return made.executeBlocking(log::open)
        .onSuccess(this::opened)
        .recover(cause -> made.close().transform(closed -> Future.failedFuture(cannot(cause))));
  }

  private void opened(RecordLog.Contents contents) {
    backlog =
        new Backlog(
            new Backlog.Bounds(keys.maxBytesUnderWay(), MOST_OPEN, keys.fileBytes()),
            contents,
            random);
    diskBytes.set(log.diskBytes());
    show();
    if (contents.records() > 0) {
      LOG.info(
          "stored before, to be delivered records={} bytes={}",
          contents.records(),
          contents.bytes());
    }
    metrics.gauge(
        "homespan_journal_bytes", "Bytes of the journal's files, delivered or not", diskBytes::get);
    metrics.gauge(
        "homespan_journal_records", "Stored requests that are not delivered yet", records::get);
    metrics.gauge(
        "homespan_journal_oldest_seconds",
        "Since when the oldest stored request waits to be delivered",
        () -> Math.max(0, wallClock.getAsLong() - oldest.get()) / 1000.0);
    count("appended", APPENDED, 0);
    count("replayed", REPLAYED, 0);
    count("corrupt", CORRUPT, log.badFound());
    bad = log.badFound();
    Topics.PEERS_CURRENT.hear(
        vertx,
        membership -> {
          backlog().handOut(membership.ready() && !drained.future().isComplete());
          turn();
        });
    asked = Topics.SPANS_STORE.answer(vertx, this::store);
  }

  private IOException cannot(Throwable cause) {
    String why = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    if (cause instanceof AccessDeniedException) why = "permission denied";
    else if (cause instanceof FileSystemException e && e.getReason() != null) why = e.getReason();
    return new IOException(
        "journal.path: cannot use "
            + keys.path()
            + ": "
            + why
            + "; write a directory of this node alone that it may write to",
        cause);
  }

  @Override
  public Future<?> stop() {
    if (backlog == null) return Future.succeededFuture();
    stopping = true;
    long budget = config.shutdownTimeout().minus(config.drainDelay()).toNanos() / 2;
    deliverUntil = nanoClock.getAsLong() + budget;
    vertx.setTimer(Math.max(1, budget / 1_000_000), id -> drained.tryComplete());
    backlog().handOut(true); // should it not be ready any more, it will say so
    turn();
    return drained
        .future()
        .compose(
            enough -> {
              backlog().handOut(false);
              turn();
              return asked == null ? Future.succeededFuture() : asked.unregister();
            })
        .compose(deaf -> idle.future())
        .eventually(this::close);
  }

  private Future<Void> close() {
    closed = true;
    for (Waiting late : queue) {
      late.answer.complete(refused(RefuseReason.CLOSING, "the node is stopping", late.store));
    }
    Marks marks = backlog().marks();
    LOG.info(
        "the journal is closed, to be delivered after a start records={}", backlog().records());
    WorkerExecutor last = Objects.requireNonNull(worker);
    return last.<Void>executeBlocking(
            () -> {
              if (marks != null) log.append(List.of(Frame.of(marks, wallClock.getAsLong())));
              log.close();
              return null;
            })
        .eventually(last::close);
  }

  private Future<Stored> store(Store store) {
    int size = store.part().size() + Frame.HEAD;
    long now = nanoClock.getAsLong();
    if (failing != null && restsUntil - now > 0) {
      return Future.succeededFuture(refused(RefuseReason.FULL, failing, store));
    }
    if (diskBytes.get() + queuedBytes + size > keys.maxBytes()) {
      String full = "the journal is full: journal.max_bytes " + keys.maxBytes();
      return Future.succeededFuture(refused(RefuseReason.FULL, full, store));
    }
    Promise<Stored> answer = Promise.promise();
    queue.add(new Waiting(store, answer));
    queuedBytes += size;
    turn();
    return answer.future();
  }

  private Stored refused(RefuseReason reason, String why, Store store) {
    Duration hint = Duration.ofMillis(1000 + random.nextInt(1001));
    return new Stored(new Fate.Refused(reason, hint, why, store.part().spans()));
  }

  /** Has the worker do what there is to do, unless it is at work. */
  private void turn() {
    if (working || closed) return;
    long now = nanoClock.getAsLong();
    boolean rests = failing != null && restsUntil - now > 0;
    List<Held> again = new ArrayList<>(backlog().due(now));
    if (!rests) again.addAll(backlog().stragglers());
    List<Waiting> group = rests ? List.of() : nextGroup(now);
    List<Job.Copy> copying = rests ? List.of() : List.copyOf(copies);
    if (!rests) copies.clear();
    Place from = unreadable && readsAgain - now > 0 ? null : backlog().readFrom();
    boolean others =
        !group.isEmpty() || !copying.isEmpty() || !again.isEmpty() || from != null || stopping;
    Job job =
        new Job(
            group.stream().map(waiting -> waiting.store.part()).toList(),
            copying,
            rests ? null : marks(others),
            from,
            backlog().room(),
            again,
            backlog().before().file(),
            wallClock.getAsLong());
    if (job.isEmpty()) {
      wakeWhenDue(now);
      stopIfDone();
      return;
    }
    working = true;
    Objects.requireNonNull(worker)
        .executeBlocking(() -> job.run(log))
        .otherwise(
            cause -> {
              LOG.error("a fault in the journal", cause);
              return job.failed(new IOException("a fault in the journal: " + cause, cause), log);
            })
        .onSuccess(
            result -> {
              ended(job, group, result); // what is answered meanwhile may ask for a turn
              working = false;
              turn();
            });
  }

  private List<Waiting> nextGroup(long now) {
    List<Waiting> group = new ArrayList<>();
    long bytes = 0;
    while (bytes < MAX_GROUP_BYTES) {
      Waiting next = queue.poll();
      if (next == null) break;
      int size = next.store.part().size() + Frame.HEAD;
      queuedBytes -= size;
      if (next.store.deadline() - now <= 0) {
        next.answer.complete(refused(RefuseReason.TIMEOUT, "not stored in time", next.store));
      } else {
        group.add(next);
        bytes += size;
      }
    }
    return group;
  }

  /** Goes along with whatever else is written, or alone after a moment: each write costs. */
  private @Nullable Marks marks(boolean others) {
    if (!backlog().hasNewMarks()) return null;
    if (others || marksDue) {
      marksDue = false;
      return backlog().marks();
    }
    if (marksTimer) return null;
    marksTimer = true;
    vertx.setTimer(
        MARKS_MILLIS,
        id -> {
          marksTimer = false;
          marksDue = true;
          turn();
        });
    return null;
  }

  private void ended(Job job, List<Waiting> group, Job.Result result) {
    diskBytes.set(result.diskBytes());
    if (result.bad() > bad) {
      count("corrupt", CORRUPT, result.bad() - bad);
      bad = result.bad();
    }
    if (!result.appended().spots().isEmpty()) written(result.appended().failure());
    List<RecordLog.@Nullable Spot> spots = result.appended().spots();
    int next = 0;
    List<Held> stored = new ArrayList<>();
    int appended = 0;
    for (Waiting waiting : group) {
      RecordLog.Spot spot = spots.get(next++);
      if (spot == null) continue;
      appended++;
      Part part = waiting.store.part();
      Held held =
          backlog().appended(spot.place(), spot.end(), part.spans(), job.now(), part.bytes());
      if (held != null) stored.add(held);
    }
    if (appended > 0) count("appended", APPENDED, appended);
    show(); // who is answered may look at once
    for (int i = 0; i < group.size(); i++) {
      Waiting waiting = group.get(i);
      boolean isStored = spots.get(i) != null;
      waiting.answer.complete(
          isStored ? new Stored(null) : refused(RefuseReason.FULL, why(), waiting.store));
    }
    stored.forEach(this::deliver);
    long now = nanoClock.getAsLong();
    for (Job.Copy copy : job.copies()) {
      RecordLog.Spot spot = spots.get(next++);
      if (spot == null) backlog().putBack(copy.held(), now);
      else backlog().copied(copy.held(), spot.place(), spot.end(), copy.spans(), now);
    }
    if (job.marks() != null && spots.get(next) == null) backlog().notMarked(job.marks());
    if (result.failure() != null) notRead(result.failure());
    else if (job.readFrom() != null) unreadable = false;
    if (job.readFrom() != null && result.failure() == null) {
      List<Held> read = backlog().read(result.read(), result.read().isEmpty());
      if (backlog().replayed() > replayed) {
        count("replayed", REPLAYED, backlog().replayed() - replayed);
        replayed = backlog().replayed();
      }
      read.forEach(this::deliver);
    }
    for (int i = 0; i < job.again().size(); i++) {
      readAgain(job.again().get(i), result.again().get(i), now);
    }
    show();
  }

  private void readAgain(Held held, RecordLog.@Nullable Found found, long now) {
    if (found == null) {
      backlog().putBack(held, now);
    } else if (found.frame() == null) {
      backlog().lost(held);
    } else {
      Buffer request = found.frame().request();
      if (backlog().readAgain(held, request)) deliver(held);
      else copies.add(new Job.Copy(held, List.of(new Part(NO_ID, request, held.spans))));
    }
  }

  /** Takes note of whether writing works, and tells when that changes. */
  private void written(@Nullable IOException failure) {
    if (failure == null) {
      if (failing != null) LOG.info("the journal can be written to again path={}", keys.path());
      failing = null;
      return;
    }
    if (failing == null) {
      LOG.warn("the journal can't be written to path={} cause={}", keys.path(), failure.toString());
    }
    failing = "cannot write to the journal: " + failure.getMessage();
    restsUntil = nanoClock.getAsLong() + REST.toNanos();
    vertx.setTimer(REST.toMillis() + 1, id -> turn());
  }

  private void notRead(IOException failure) {
    if (!unreadable) {
      LOG.warn("the journal can't be read path={} cause={}", keys.path(), failure.toString());
    }
    unreadable = true;
    readsAgain = nanoClock.getAsLong() + REST.toNanos();
    vertx.setTimer(REST.toMillis() + 1, id -> turn());
  }

  private String why() {
    return failing == null ? "not stored" : failing;
  }

  private void deliver(@Nullable Held held) {
    if (held == null) return;
    long now = nanoClock.getAsLong();
    long deadline = now + config.ingest().requestTimeout().toNanos();
    if (stopping && deliverUntil - deadline < 0) deadline = deliverUntil;
    long millis = Math.max(1, (deadline - now) / 1_000_000);
    Topics.JOURNAL_DELIVER
        .ask(vertx, new Deliver(Objects.requireNonNull(held.request), deadline), millis + GRACE)
        .onComplete(
            delivered -> attempted(held, delivered),
            cause -> {
              LOG.debug("an attempt came to nothing", cause);
              backlog().failed(held, nanoClock.getAsLong());
              if (stopping) drained.tryComplete();
              turn();
            });
  }

  private void attempted(Held held, Delivered delivered) {
    if (backlog().ended(held, delivered, nanoClock.getAsLong())) {
      copies.add(new Job.Copy(held, delivered.refused()));
    }
    if (stopping && !delivered.refused().isEmpty()) drained.tryComplete();
    turn();
  }

  private void wakeWhenDue(long now) {
    long due = backlog().dueAt();
    if (due == Long.MAX_VALUE || dueTimer) return;
    dueTimer = true;
    vertx.setTimer(
        Math.max(1, (due - now) / 1_000_000 + 1),
        id -> {
          dueTimer = false;
          turn();
        });
  }

  private void stopIfDone() {
    if (!stopping) return;
    if (backlog().records() == 0) drained.tryComplete();
    if (drained.future().isComplete() && backlog().underWay() == 0) idle.tryComplete();
  }

  private void show() {
    records.set(backlog().records());
    oldest.set(backlog().oldest());
  }

  private void count(String what, String help, long times) {
    metrics.count("homespan_journal_" + what + "_total", help, times);
  }

  private Backlog backlog() {
    return Objects.requireNonNull(backlog);
  }
}
