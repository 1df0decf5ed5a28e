package io.homespan.ingest;

import io.homespan.otlp.MalformedException;
import io.homespan.otlp.OtlpJson;
import io.homespan.rpc.Gzip;
import io.homespan.rpc.Incoming;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads a request's body under a {@link Admission.Ticket} and brings it to plain protobuf. Bytes
 * are counted as they arrive, before a message is whole; unpacked bytes are counted as well.
 * Futures fail with {@link Rejection}. Belongs to one event loop.
 */
final class Intake {
  /** What is larger is unpacked, or read as JSON, off the event loop. */
  private static final int INLINE_BYTES = 128 << 10;

  /** What comes out larger than this is unpacked again, off the event loop. */
  private static final int INLINE_UNPACKED = 2 << 20;

  /** How often it looks for bodies that don't come: a timer for each would cost more than they. */
  private static final long LOOK_MILLIS = 50;

  private record Arrival(Promise<Buffer> whole, long deadline) {}

  private final Vertx vertx;
  private final int maxMessageBytes;
  private final Duration hint;
  private final LongSupplier nanoClock;
  private final Set<Arrival> arriving = new HashSet<>();
  private boolean looking;

  Intake(Vertx vertx, int maxMessageBytes, Duration hint, LongSupplier nanoClock) {
    this.vertx = vertx;
    this.nanoClock = nanoClock;
    this.maxMessageBytes = maxMessageBytes;
    this.hint = hint;
  }

  /**
   * The one message of a unary gRPC call, unpacked.
   *
   * @param patienceMillis how long it may take to arrive
   */
  Future<Buffer> grpc(Incoming call, Admission.Ticket ticket, long patienceMillis) {
    String encoding = encoding(call.header("grpc-encoding"));
    if (!known(encoding)) {
      return Future.failedFuture(
          Rejection.unsupported("grpc-encoding " + encoding + ": identity and gzip are spoken"));
    }
    Promise<Buffer> whole = Promise.promise();
    Arrival arrival = expect(whole, patienceMillis);
    call.receive(new Inlet(ticket, encoding, whole));
    return whole.future().onComplete(done -> arriving.remove(arrival));
  }

  /** What comes of a gRPC message, until it is whole or refused. */
  private final class Inlet implements Incoming.Receiver {
    private final Admission.Ticket ticket;
    private final String encoding;
    private final Promise<Buffer> whole;

    Inlet(Admission.Ticket ticket, String encoding, Promise<Buffer> whole) {
      this.ticket = ticket;
      this.encoding = encoding;
      this.whole = whole;
    }

    @Override
    public void announced(long bytes) {
      if (bytes > maxMessageBytes) whole.tryFail(tooLarge(bytes)); // before the rest of it comes
    }

    @Override
    public void came(int bytes) {
      if (!whole.future().isComplete() && !ticket.grow(bytes)) {
        whole.tryFail(Rejection.unavailable("too many bytes are under way", hint));
      }
    }

    @Override
    public void whole(Buffer message, boolean packed) {
      ticket.whole();
      if (!packed) whole.tryComplete(message);
      else if (encoding.equals("gzip"))
        unpacked(message, ticket).onComplete(whole::tryComplete, whole::tryFail);
      else malformed("a compressed message without grpc-encoding");
    }

    @Override
    public void malformed(String why) {
      whole.tryFail(Rejection.malformed(why));
    }

    @Override
    public void brokenOff(String why) {
      whole.tryFail(Rejection.brokenOff("the request broke off: " + why));
    }
  }

  /**
   * The body of an OTLP/HTTP request, unpacked and, if it is JSON, as protobuf.
   *
   * @param patienceMillis how long it may take to arrive
   */
  Future<Buffer> http(
      HttpServerRequest request, Admission.Ticket ticket, long patienceMillis, boolean json) {
    String encoding = encoding(request.getHeader("content-encoding"));
    if (!known(encoding)) {
      return Future.failedFuture(
          Rejection.unsupported("content-encoding " + encoding + ": identity and gzip are spoken"));
    }
    String announced = request.getHeader("content-length");
    if (length(announced) > maxMessageBytes) {
      return Future.failedFuture(
          Rejection.tooLarge(announced + " bytes; at most " + maxMessageBytes + " are taken"));
    }
    return body(request, ticket, patienceMillis)
        .compose(
            body -> encoding.equals("gzip") ? unpacked(body, ticket) : Future.succeededFuture(body))
        .compose(body -> json ? fromJson(body) : Future.succeededFuture(body));
  }

  private static long length(@Nullable String contentLength) {
    try {
      return contentLength == null ? 0 : Long.parseLong(contentLength);
    } catch (NumberFormatException e) {
      return 0; // Vert.x will have its say
    }
  }

  private Future<Buffer> body(
      HttpServerRequest request, Admission.Ticket ticket, long patienceMillis) {
    Promise<Buffer> whole = Promise.promise();
    Inflow body = new Inflow();
    long said = length(request.getHeader("content-length"));
    Arrival arrival = expect(whole, patienceMillis);
    request.handler(
        bytes -> {
          if (whole.future().isComplete()) return; // refused; the rest is let run out
          if ((long) body.length() + bytes.length() > maxMessageBytes) {
            whole.fail(tooLarge((long) body.length() + bytes.length()));
          } else if (!ticket.grow(bytes.length())) {
            whole.fail(Rejection.unavailable("too many bytes are under way", hint));
          } else {
            body.add(bytes, said);
          }
        });
    request.exceptionHandler(
        cause -> whole.tryFail(Rejection.brokenOff("the request broke off: " + cause)));
    request.endHandler(
        end -> {
          ticket.whole();
          whole.tryComplete(body.bytes());
        });
    return whole.future().onComplete(done -> arriving.remove(arrival));
  }

  /** Who stops sending must not keep its place here. */
  private Arrival expect(Promise<Buffer> whole, long patienceMillis) {
    Arrival arrival = new Arrival(whole, nanoClock.getAsLong() + patienceMillis * 1_000_000);
    arriving.add(arrival);
    if (!looking) lookLater();
    return arrival;
  }

  private void lookLater() {
    looking = true;
    vertx.setTimer(
        LOOK_MILLIS,
        id -> {
          long now = nanoClock.getAsLong();
          for (Arrival one : List.copyOf(arriving)) {
            if (now - one.deadline() < 0) continue;
            one.whole().tryFail(Rejection.unavailable("it did not arrive in time", hint));
          }
          looking = false;
          if (!arriving.isEmpty()) lookLater();
        });
  }

  private Future<Buffer> unpacked(Buffer packed, Admission.Ticket ticket) {
    if (packed.length() > INLINE_BYTES) return unpackedElsewhere(packed, ticket);
    int inline = Math.min(maxMessageBytes, INLINE_UNPACKED);
    try {
      return counted(Gzip.unpack(packed, inline), ticket);
    } catch (Gzip.TooLargeException e) {
      if (inline == maxMessageBytes)
        return Future.failedFuture(Rejection.tooLarge(String.valueOf(e.getMessage())));
      return unpackedElsewhere(packed, ticket);
    } catch (IOException e) {
      return notGzip(e);
    }
  }

  private Future<Buffer> unpackedElsewhere(Buffer packed, Admission.Ticket ticket) {
    // room for the most it may become, for as long as it is not known
    if (!ticket.grow(maxMessageBytes)) {
      return Future.failedFuture(Rejection.unavailable("too many bytes are under way", hint));
    }
    return elsewhere(() -> Gzip.unpack(packed, maxMessageBytes))
        .onSuccess(plain -> ticket.shrink(maxMessageBytes - (long) plain.length()))
        .recover(
            cause -> {
              if (cause instanceof Gzip.TooLargeException) {
                return Future.failedFuture(Rejection.tooLarge(String.valueOf(cause.getMessage())));
              }
              return cause instanceof IOException io ? notGzip(io) : Future.failedFuture(cause);
            });
  }

  private Future<Buffer> counted(Buffer plain, Admission.Ticket ticket) {
    return ticket.grow(plain.length())
        ? Future.succeededFuture(plain)
        : Future.failedFuture(Rejection.unavailable("too many bytes are under way", hint));
  }

  private Future<Buffer> fromJson(Buffer json) {
    Future<Buffer> read =
        json.length() > INLINE_BYTES
            ? elsewhere(() -> OtlpJson.toProtobuf(json))
            : Future.<Buffer>succeededFuture().compose(go -> parsed(json));
    return read.recover(
        cause ->
            cause instanceof MalformedException
                ? rejected(String.valueOf(cause.getMessage()))
                : Future.failedFuture(cause));
  }

  private static Future<Buffer> parsed(Buffer json) {
    try {
      return Future.succeededFuture(OtlpJson.toProtobuf(json));
    } catch (MalformedException e) {
      return Future.failedFuture(e);
    }
  }

  private Future<Buffer> elsewhere(Callable<Buffer> work) {
    return vertx.executeBlocking(work, false);
  }

  private Rejection tooLarge(long bytes) {
    return Rejection.tooLarge(
        "a message of " + bytes + " bytes or more; at most " + maxMessageBytes + " are taken");
  }

  private static Future<Buffer> notGzip(IOException cause) {
    String why = cause.getMessage() == null ? "it ends too early" : cause.getMessage();
    return rejected("what is said to be gzip can't be unpacked: " + why);
  }

  private static Future<Buffer> rejected(String message) {
    return Future.failedFuture(Rejection.malformed(message));
  }

  private static String encoding(@Nullable String header) {
    return header == null ? "identity" : header.strip().toLowerCase(Locale.ROOT);
  }

  private static boolean known(String encoding) {
    return encoding.equals("identity") || encoding.equals("gzip");
  }
}
