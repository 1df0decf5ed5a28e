package io.homespan.config;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads a configuration file anew whenever it has changed. Looks every second, off the event loop;
 * the file may be replaced, swapped above by a symlink, or away for a while. Belongs to the context
 * that starts it.
 *
 * <p>Not Vert.x's {@code ConfigRetriever}, which parses the file at each look, and whose tree has
 * lost what our messages show.
 */
public final class ConfigWatch {
  private static final long LOOK_MILLIS = 1000;

  private final Vertx vertx;
  private final Path file;
  private final Supplier<Future<Loaded>> load;
  private final Consumer<Loaded> changed;
  private final Consumer<Throwable> refused;
  private @Nullable FileStamp seen;
  private @Nullable FileStamp last; // that was taken or refused
  private long timer;
  private boolean stopped;

  /**
   * Looks at nothing yet.
   *
   * @param load reads the file
   * @param changed hears of what was read, first of the file as it is at the start
   * @param refused hears why it could not be used; once for each version of the file
   */
  public ConfigWatch(
      Vertx vertx,
      Path file,
      Supplier<Future<Loaded>> load,
      Consumer<Loaded> changed,
      Consumer<Throwable> refused) {
    this.vertx = vertx;
    this.file = file;
    this.load = load;
    this.changed = changed;
    this.refused = refused;
  }

  /** Begins to look. */
  public void start() {
    vertx.executeBlocking(this::stamp, false).onComplete(seen -> look(seen.result()));
  }

  /** Null: it can't be looked at, so what was read last stays. */
  private @Nullable FileStamp stamp() {
    try {
      return FileStamp.of(file);
    } catch (IOException e) {
      return null;
    }
  }

  private void look(@Nullable FileStamp now) {
    if (stopped) return;
    // who writes it in place empties it first, and may not have come to its end
    boolean settled = now != null && now.size() > 0 && now.equals(seen);
    seen = now;
    if (!settled || Objects.equals(now, last)) {
      later();
      return;
    }
    Future.succeededFuture()
        .compose(go -> load.get())
        .compose(
            loaded ->
                vertx.executeBlocking(this::stamp, false).map(after -> pass(loaded, now, after)))
        .onFailure(
            cause -> {
              last = now;
              if (!stopped) refused.accept(cause);
            })
        .onComplete(
            done -> {
              if (!stopped) later();
            });
  }

  private boolean pass(Loaded loaded, @Nullable FileStamp before, @Nullable FileStamp after) {
    if (stopped || !Objects.equals(before, after)) return false; // was written on meanwhile
    last = before;
    changed.accept(loaded);
    return true;
  }

  private void later() {
    timer = vertx.setTimer(LOOK_MILLIS, id -> start());
  }

  /** Looks no more. */
  public void stop() {
    stopped = true;
    vertx.cancelTimer(timer);
  }
}
