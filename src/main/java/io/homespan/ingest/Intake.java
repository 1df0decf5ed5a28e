package io.homespan.ingest;

import io.homespan.otlp.MalformedException;
import io.homespan.otlp.OtlpJson;
import io.homespan.rpc.Gzip;
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
  private static final int PREFIX = 5; // gRPC: compressed flag and four bytes of length

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
  Future<Buffer> grpc(HttpServerRequest request, Admission.Ticket ticket, long patienceMillis) {
    String encoding = encoding(request.getHeader("grpc-encoding"));
    if (!known(encoding)) {
      return Future.failedFuture(
          Rejection.unsupported("grpc-encoding " + encoding + ": identity and gzip are spoken"));
    }
    return body(request, ticket, PREFIX, patienceMillis)
        .compose(
            body -> {
              if (body.length() == 0) {
                return rejected("the call ended without a message");
              }
              if (body.length() < PREFIX) {
                return rejected("the call ended within a message's prefix");
              }
              int flag = body.getByte(0);
              long length = announced(body);
              if (flag != 0 && flag != 1) return rejected("compressed flag is " + flag);
              if (body.length() < PREFIX + length) {
                return rejected(
                    "the message has "
                        + (body.length() - PREFIX)
                        + " of the "
                        + length
                        + " bytes that its prefix says");
              }
              if (body.length() > PREFIX + length) {
                return rejected("more than one message on a unary call");
              }
              Buffer message = body.slice(PREFIX, body.length());
              if (flag == 0) return Future.succeededFuture(message);
              if (!encoding.equals("gzip")) {
                return rejected("a compressed message without grpc-encoding");
              }
              return unpacked(message, ticket);
            });
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
    return body(request, ticket, 0, patienceMillis)
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
      HttpServerRequest request, Admission.Ticket ticket, int prefix, long patienceMillis) {
    Promise<Buffer> whole = Promise.promise();
    Inflow body = new Inflow();
    long said = prefix > 0 ? 0 : length(request.getHeader("content-length"));
    Arrival arrival = expect(whole, patienceMillis);
    request.handler(
        bytes -> {
          if (whole.future().isComplete()) return; // refused; the rest is let run out
          if ((long) body.length() + bytes.length() > (long) maxMessageBytes + prefix) {
            whole.fail(tooLarge((long) body.length() + bytes.length()));
          } else if (!ticket.grow(bytes.length())) {
            whole.fail(Rejection.unavailable("too many bytes are under way", hint));
          } else {
            body.add(bytes, prefix > 0 ? PREFIX + announced(body.bytes()) : said);
            if (prefix > 0 && announced(body.bytes()) > maxMessageBytes) {
              whole.fail(tooLarge(announced(body.bytes()))); // before the rest of it comes
            }
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

  /** How long a gRPC message is by its prefix; 0 as long as that is not there. */
  private static long announced(Buffer body) {
    return body.length() < PREFIX ? 0 : body.getUnsignedInt(1);
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
