package io.homespan.rpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One unary call that comes in on a {@link CallServer}'s port. Its message goes from the socket's
 * memory straight to an array of the length that its prefix announces. Belongs to one event loop.
 */
public final class Incoming {
  /** Hears of a call's message as it comes in, until the call is answered or refused. */
  public interface Receiver {
    /** The message will have so many bytes, packed if it is packed. */
    void announced(long bytes);

    /** So many bytes more are here, prefix included; they are stored after this returns. */
    void came(int bytes);

    /** The message is whole. */
    void whole(Buffer message, boolean packed);

    /** What came is no unary call; to be answered by a refusal. */
    void malformed(String why);

    /** Nobody waits for an answer any more, and no more will come. */
    void brokenOff(String why);
  }

  static final int PREFIX = 5; // compressed flag and four bytes of length

  /**
   * Room for so much is made when a call's first bytes come, whatever it announces; for more if as
   * much as a sixth of it is there.
   */
  private static final int TRUST = 16 << 10;

  private static final int SIX = 6;

  final int stream;
  int window; // of the answer
  int unread; // bytes since the stream's own window was opened
  boolean ended; // nothing more will come
  @Nullable ByteBuf rest; // of the answer: waits for the windows
  private final CallLane lane;
  private final Opening opening;
  private @Nullable Receiver receiver;
  private int prefixed; // bytes of the prefix that are here
  private int flag;
  private long length;
  private byte @Nullable [] message;
  private int stored; // bytes of it that are here
  private boolean whole; // and has been passed on
  private boolean answered;
  private boolean closed;

  Incoming(CallLane lane, int stream, Opening opening, int window) {
    this.lane = lane;
    this.stream = stream;
    this.opening = opening;
    this.window = window;
  }

  /** The connection it comes by; the same object for all calls on it. */
  public Caller caller() {
    return lane;
  }

  /** A header's first value. */
  public @Nullable String header(String name) {
    CharSequence value = opening.headers().get(name);
    return value == null ? null : value.toString();
  }

  /** How long the caller waits, by {@code grpc-timeout}; null if it does not say. */
  public @Nullable Duration timeout() {
    return opening.timeout();
  }

  /** Who hears of its message; to be told before the handler of the call returns. */
  public void receive(Receiver receiver) {
    this.receiver = receiver;
  }

  /** Whether nobody waits for an answer: the caller reset the call, or its connection is gone. */
  public boolean isClosed() {
    return closed;
  }

  /** Answers with one message, which is copied. Does nothing if it is answered or closed. */
  public void answer(Buffer message) {
    if (!isOpen()) return;
    answered = true;
    lane.answer(this, ((BufferInternal) message).getByteBuf());
  }

  /** Answers with an error, and with a hint when to come again if there is one. */
  public void refuse(int code, String why, @Nullable Duration retryAfter) {
    if (!isOpen()) return;
    answered = true;
    if (!whole) spent();
    lane.refuse(this, UnaryServer.refusal(code, why, retryAfter));
  }

  /**
   * Nobody reads the message that {@link Receiver#whole} was given any more, and nobody will: its
   * memory may become another call's. Need not be said; must not be said too early.
   */
  public void spent() {
    byte[] array = message;
    message = null;
    if (array != null) lane.bodies().giveBack(array);
  }

  boolean isAnswered() {
    return answered;
  }

  private boolean isOpen() {
    return !answered && !closed;
  }

  /** Takes the next bytes of its body, all of them; what nobody wants is skipped. */
  void take(ByteBuf in, int bytes) {
    int end = in.readerIndex() + bytes;
    Receiver to = receiver;
    if (to != null && isOpen()) to.came(bytes);
    while (to != null && isOpen() && in.readerIndex() < end) {
      if (prefixed < PREFIX) prefix(in.readUnsignedByte(), to);
      else store(in, end - in.readerIndex(), to);
    }
    in.readerIndex(end);
  }

  private void store(ByteBuf in, int bytes, Receiver to) {
    int missing = (int) length - stored;
    if (missing == 0) {
      to.malformed("more than one message on a unary call");
      return;
    }
    int piece = Math.min(missing, bytes);
    in.readBytes(room(piece), stored, piece);
    stored += piece;
  }

  /** An array with room for so many bytes behind those that are stored. */
  private byte[] room(int piece) {
    byte[] array = message;
    if (array != null && array.length - stored >= piece) return array;
    long trusted = Math.max(TRUST, (long) SIX * (stored + piece));
    byte[] larger = lane.bodies().lend((int) Math.min(length, trusted));
    if (array != null) {
      System.arraycopy(array, 0, larger, 0, stored);
      lane.bodies().giveBack(array);
    }
    message = larger;
    return larger;
  }

  private void prefix(int next, Receiver to) {
    if (prefixed++ == 0) flag = next;
    else length = length << 8 | next;
    if (prefixed < PREFIX) return;
    if (flag > 1) to.malformed("compressed flag is " + flag);
    else to.announced(length);
    if (isOpen() && length > Integer.MAX_VALUE) to.malformed("a message of " + length + " bytes");
  }

  /** Nothing more comes. */
  void end() {
    ended = true;
    Receiver to = receiver;
    if (to == null || !isOpen()) return;
    if (prefixed == 0) {
      to.malformed("the call ended without a message");
    } else if (prefixed < PREFIX) {
      to.malformed("the call ended within a message's prefix");
    } else if (stored < length) {
      to.malformed(
          "the message has " + stored + " of the " + length + " bytes that its prefix says");
    } else {
      whole = true;
      byte[] array = message;
      ByteBuf all = array == null ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(array);
      to.whole(BufferInternal.buffer(all.setIndex(0, stored)), flag == 1);
    }
  }

  /** Nobody waits for an answer. */
  void close(String why) {
    if (closed) return;
    boolean waited = isOpen();
    closed = true;
    if (!whole) spent();
    if (rest != null) {
      rest.release();
      rest = null;
    }
    if (waited && !ended && receiver != null) receiver.brokenOff(why);
  }
}
