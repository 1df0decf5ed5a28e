package io.homespan.sink;

import io.homespan.config.Config;
import io.homespan.metrics.Metrics;
import io.homespan.metrics.RefuseReason;
import io.homespan.otlp.MalformedException;
import io.homespan.otlp.OtlpJson;
import io.homespan.otlp.Part;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes OTLP/JSON lines, one {@code ExportTraceServiceRequest} a part. A part is confirmed when
 * its line has been handed to the operating system.
 *
 * <p>Conversion and writing happen on one worker. What comes while a write is under way is gathered
 * into the next one, so a slow disk gets fewer and larger writes. What waits is bounded by the
 * admission of those who ask.
 */
final class FileSink implements Sink {
  private static final Logger LOG = LoggerFactory.getLogger(FileSink.class);

  /** Protobuf bytes of one write; also what a file may exceed its rotation size by, about. */
  private static final int MAX_GROUP_BYTES = 4 << 20;

  private record Waiting(Part part, long deadline, Promise<Outcome> outcome) {}

  private final String path;
  private final LineFile file;
  private final LongSupplier nanoClock;
  private final Metrics metrics;
  private final WorkerExecutor worker;
  private final ArrayDeque<Waiting> queue = new ArrayDeque<>();
  private final Promise<Void> idle = Promise.promise();
  private boolean writing;
  private boolean closing;
  private boolean failing; // the worker's

  FileSink(
      Vertx vertx,
      Config.FileSink config,
      Metrics metrics,
      LongSupplier nanoClock,
      InstantSource wallClock,
      LineFile.Opener opener) {
    this.path = config.path();
    this.metrics = metrics;
    this.nanoClock = nanoClock;
    Path file = Path.of(path);
    RotatedFiles rotated = new RotatedFiles(file, config.maxRotatedFiles(), wallClock);
    this.file = new LineFile(file, config.rotateBytes(), rotated, opener);
    // Named after the file: a shared name would share the thread with another node's file.
    this.worker = vertx.createSharedWorkerExecutor("homespan-file-" + file.toAbsolutePath(), 1);
  }

  /** On the disk, by the system's clock. */
  FileSink(Vertx vertx, Config.FileSink config, Metrics metrics, LongSupplier nanoClock) {
    this(vertx, config, metrics, nanoClock, InstantSource.system(), FileChannel::open);
  }

  @Override
  public Future<Void> open() {
    return worker
        .<Void>executeBlocking(
            () -> {
              file.open();
              return null;
            })
        .recover(
            cause ->
                worker
                    .close()
                    .transform(
                        closed ->
                            Future.failedFuture(
                                new IOException(
                                    "sink.file.path: cannot write to " + path + ": " + why(cause),
                                    cause))));
  }

  @Override
  public Future<Outcome> keep(Part part, long deadline) {
    Promise<Outcome> outcome = Promise.promise();
    queue.add(new Waiting(part, deadline, outcome));
    if (!writing) {
      writing = true;
      writeQueued();
    }
    return outcome.future();
  }

  @Override
  public Future<Void> close() {
    closing = true;
    if (!writing) idle.tryComplete();
    return idle.future()
        .compose(
            written ->
                worker.<Void>executeBlocking(
                    () -> {
                      file.close();
                      return null;
                    }))
        .eventually(worker::close);
  }

  /** Writes until nothing waits. */
  private void writeQueued() {
    List<Waiting> group = nextGroup();
    if (group.isEmpty()) {
      writing = false;
      if (closing) idle.tryComplete();
      return;
    }
    worker
        .executeBlocking(() -> write(group))
        .otherwise(cause -> Collections.nCopies(group.size(), fault(cause)))
        .onSuccess(
            outcomes -> {
              for (int i = 0; i < group.size(); i++) {
                group.get(i).outcome.complete(outcomes.get(i));
              }
              writeQueued();
            });
  }

  private List<Waiting> nextGroup() {
    long now = nanoClock.getAsLong();
    List<Waiting> group = new ArrayList<>();
    long bytes = 0;
    while (bytes < MAX_GROUP_BYTES) {
      Waiting next = queue.poll();
      if (next == null) break;
      if (next.deadline - now <= 0) {
        next.outcome.complete(Outcome.expired());
      } else {
        group.add(next);
        bytes += next.part.size();
      }
    }
    return group;
  }

  /** On the worker. */
  private List<Outcome> write(List<Waiting> group) {
    List<Outcome> outcomes = new ArrayList<>(group.size());
    List<Buffer> lines = new ArrayList<>(group.size());
    for (Waiting waiting : group) outcomes.add(convert(waiting.part, lines));
    if (lines.isEmpty()) return outcomes;
    try {
      file.append(lines);
      if (failing) LOG.info("the file can be written to again path={}", path);
      failing = false;
    } catch (IOException e) {
      Outcome refused =
          new Outcome.Refused(RefuseReason.FULL, "cannot write to " + path + ": " + why(e));
      outcomes.replaceAll(outcome -> outcome == Outcome.CONFIRMED ? refused : outcome);
      if (!failing) LOG.warn("cannot write path={} cause={}", path, e.toString());
      failing = true;
      metrics.count(SinkVerticle.ERRORS, SinkVerticle.ERRORS_HELP, "sink", "file");
    }
    return outcomes;
  }

  private Outcome convert(Part part, List<Buffer> lines) {
    try {
      lines.add(OtlpJson.toJson(part.bytes()));
      return Outcome.CONFIRMED;
    } catch (MalformedException e) {
      return new Outcome.Dropped(part.spans(), "no valid OTLP: " + e.getMessage());
    } catch (RuntimeException e) {
      return fault(e);
    }
  }

  private Outcome fault(Throwable cause) {
    LOG.error("a fault in the file sink path={}", path, cause);
    metrics.count(SinkVerticle.ERRORS, SinkVerticle.ERRORS_HELP, "sink", "file");
    return new Outcome.Refused(RefuseReason.ERROR, "a fault in the file sink: " + cause);
  }

  /** The cause without the path, which stands before it. */
  private static String why(Throwable cause) {
    if (cause instanceof AccessDeniedException) return "permission denied";
    if (cause instanceof FileSystemException e && e.getReason() != null) return e.getReason();
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }
}
