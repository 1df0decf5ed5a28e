package io.homespan.discovery;

import io.homespan.config.Config.Endpoint;
import io.homespan.config.ConfigException;
import io.homespan.config.EndpointFile;
import io.homespan.config.FileStamp;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints in a file, which is looked at every second, off the event loop. A file that cannot
 * be read or used changes nothing.
 */
final class FileProvider implements PeerProvider {
  private static final long LOOK_MILLIS = 1000;

  private final Vertx vertx;
  private final Path path;
  private final int port;
  private final Function<Listener, NameWatch> watching;
  private @Nullable NameWatch names;
  private @Nullable Seen last;
  private long timer;
  private boolean closed;

  /** {@code port} is for endpoints without one. */
  FileProvider(Vertx vertx, Path path, int port, Function<Listener, NameWatch> watching) {
    this.vertx = vertx;
    this.path = path;
    this.port = port;
    this.watching = watching;
  }

  /**
   * What one look brought.
   *
   * @param stamp null: there is no file, or it may not be looked at
   */
  private record Seen(
      @Nullable FileStamp stamp, List<Endpoint> endpoints, @Nullable LookupException failure) {}

  @Override
  public String kind() {
    return "file";
  }

  @Override
  public boolean start(Listener listener) {
    names = watching.apply(new Dialled(listener));
    look(listener);
    return true;
  }

  /** Passes on where names lead, but not that all is well while the file cannot be used. */
  private final class Dialled implements Listener {
    private final Listener listener;
    private List<Address> told = List.of();

    Dialled(Listener listener) {
      this.listener = listener;
    }

    @Override
    public void found(Found found) {
      LookupException failure = last == null ? null : last.failure;
      if (failure != null && found.addresses().equals(told)) return;
      told = found.addresses();
      listener.found(found);
      if (failure != null) listener.missed(failure);
    }

    @Override
    public void missed(LookupException why) {
      if (last == null || last.failure == null) listener.missed(why);
    }
  }

  private void look(Listener listener) {
    Seen before = last;
    vertx
        .executeBlocking(() -> look(before), false)
        .onComplete(
            seen -> {
              if (closed) return;
              if (!seen.equals(before)) tell(seen, listener);
              timer = vertx.setTimer(LOOK_MILLIS, id -> look(listener));
            },
            cause -> {
              if (closed) return;
              listener.missed(LookupLoop.failure(cause));
              timer = vertx.setTimer(LOOK_MILLIS, id -> look(listener));
            });
  }

  private void tell(Seen seen, Listener listener) {
    boolean same =
        last != null
            && seen.failure != null
            && last.failure != null
            && Objects.equals(seen.failure.getMessage(), last.failure.getMessage());
    last = seen;
    if (seen.failure == null) Objects.requireNonNull(names).list(seen.endpoints);
    else if (!same) listener.missed(seen.failure);
  }

  /** Blocks. Gives {@code before} back if the file has not changed since. */
  private Seen look(@Nullable Seen before) {
    try {
      FileStamp now = FileStamp.of(path);
      if (before != null && now.equals(before.stamp)) return before;
      if (!Files.isRegularFile(path)) { // whose end may never come
        return failed(now, "unreadable", "is no regular file; write a list of endpoints to one");
      }
      if (now.size() > EndpointFile.MAX_BYTES) {
        return failed(now, "malformed", "holds more than " + EndpointFile.MAX_BYTES + " bytes");
      }
      List<Endpoint> endpoints = EndpointFile.read(Files.readString(path), port);
      if (endpoints.isEmpty()) return failed(now, "empty", "lists no endpoint");
      if (FileStamp.of(path).equals(now)) return new Seen(now, endpoints, null);
      return failed(null, "unreadable", "was written on while it was read"); // half of it, perhaps
    } catch (ConfigException e) {
      return failed(stamp(), "malformed", e.problems().get(0).toString());
    } catch (NoSuchFileException e) {
      return failed(null, "missing", "there is no such file");
    } catch (AccessDeniedException e) {
      return failed(null, "unreadable", "may not be read by this user");
    } catch (CharacterCodingException e) {
      return failed(stamp(), "malformed", "is no text in UTF-8");
    } catch (IOException e) {
      return failed(stamp(), "unreadable", "cannot be read: " + e.getMessage());
    }
  }

  private @Nullable FileStamp stamp() {
    try {
      return FileStamp.of(path);
    } catch (IOException e) {
      return null;
    }
  }

  private Seen failed(@Nullable FileStamp stamp, String failure, String what) {
    String sentence = "discovery.file.path " + path + ": " + what;
    return new Seen(stamp, List.of(), new LookupException(failure, sentence));
  }

  @Override
  public Future<Void> close() {
    closed = true;
    vertx.cancelTimer(timer);
    return names == null ? Future.succeededFuture() : names.close();
  }
}
