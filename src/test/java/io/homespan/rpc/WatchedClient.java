package io.homespan.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A client's books: from all that it sends it knows what the server may send, and fails when a
 * frame comes that may not.
 */
final class WatchedClient {
  /** What came on a stream. */
  static final class Answer {
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private @Nullable Http2Headers head;
    private @Nullable Http2Headers end;
    private boolean ended;
    private boolean reset;

    byte[] body() {
      return body.toByteArray();
    }

    /** Whether it is whole, and an OK of gRPC. */
    boolean isOk() {
      return ended && end != null && "0".contentEquals(text(end.get("grpc-status")));
    }

    /** Whether it is whole, and has this status of HTTP. */
    boolean has(String status) {
      return ended && head != null && status.contentEquals(text(head.status()));
    }

    boolean isReset() {
      return reset;
    }

    private static CharSequence text(@Nullable CharSequence header) {
      return header == null ? "" : header;
    }
  }

  private static final long LARGEST_TABLE = 0xFFFF_FFFFL;
  private static final Answer NONE = new Answer();

  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, 1 << 16);
  private final ByteBuf sent = Unpooled.buffer();
  private final ByteBuf received = Unpooled.buffer();
  private final Queue<Long> tables = new ArrayDeque<>(); // of settings not acknowledged; -1: none
  private final Map<Integer, Answer> answers = new HashMap<>();
  private final Map<Integer, Long> opened = new HashMap<>(); // windows of streams, by updates
  private long window = Frames.USUAL_WINDOW; // of the connection, for answers
  private long streamWindow = Frames.USUAL_WINDOW; // of a stream that begins now
  private long widest = streamWindow;
  private long data; // bytes of bodies in whole frames
  private long freed; // bytes of the connection's window that the server opened again
  private int last; // the highest stream that was opened
  private boolean settled;
  private boolean inBlock;
  private boolean rubbish; // no frames can be made out any more
  private boolean goAway;
  private int lastTaken;

  /** What leaves for the server, after the preface. */
  void sends(byte[] bytes) {
    sent.writeBytes(bytes);
    while (!rubbish && sent.readableBytes() >= Frames.HEAD) {
      int size = sent.getUnsignedMedium(sent.readerIndex());
      rubbish = size > Frames.USUAL_PAYLOAD;
      if (rubbish || sent.readableBytes() < Frames.HEAD + size) break;
      sends(sent.readSlice(Frames.HEAD + size).skipBytes(3), size);
    }
    sent.discardReadBytes();
  }

  private void sends(ByteBuf in, int size) {
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    int stream = in.readInt() & Integer.MAX_VALUE;
    boolean endsBlock = (flags & Frames.END_HEADERS) != 0;
    if (type == Frames.DATA) data += size;
    if (type == Frames.HEADERS) {
      last = Math.max(last, stream);
      inBlock = !endsBlock;
    }
    if (type == Frames.CONTINUATION && endsBlock) inBlock = false;
    if (type == Frames.WINDOW_UPDATE && size == 4) {
      long more = in.readInt() & Integer.MAX_VALUE;
      if (stream == 0) window += more;
      else opened.merge(stream, more, Long::sum);
    }
    if (type == Frames.SETTINGS && (flags & Frames.ACK) == 0 && size % 6 == 0) settings(in);
  }

  private void settings(ByteBuf in) {
    settled = true;
    long table = -1;
    while (in.isReadable()) {
      int id = in.readUnsignedShort();
      long value = in.readUnsignedInt();
      if (id == Frames.HEADER_TABLE_SIZE) table = value;
      if (id == Frames.INITIAL_WINDOW_SIZE) streamWindow = value;
    }
    tables.add(table);
    widest = Math.max(widest, streamWindow);
  }

  /** What comes from the server; it may end in the midst of a frame. */
  void receives(ByteBuf bytes) throws Http2Exception {
    received.writeBytes(bytes);
    while (received.readableBytes() >= Frames.HEAD) {
      int size = received.getUnsignedMedium(received.readerIndex());
      assertThat(size).as("a frame's size").isLessThanOrEqualTo(Frames.USUAL_PAYLOAD);
      if (received.readableBytes() < Frames.HEAD + size) break;
      receives(received.readSlice(Frames.HEAD + size).skipBytes(3), size);
    }
    received.discardReadBytes();
  }

  private void receives(ByteBuf in, int size) throws Http2Exception {
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    int stream = in.readInt();
    switch (type) {
      case Frames.HEADERS -> {
        assertThat(flags & Frames.END_HEADERS).as("blocks here are short").isNotZero();
        headers(answer(stream), decoder.decodeHeaders(stream, in), flags);
      }
      case Frames.DATA -> {
        Answer answer = answer(stream);
        window -= size;
        assertThat(window).as("the connection's window").isGreaterThanOrEqualTo(0);
        answer.body.writeBytes(ByteBufUtil.getBytes(in));
        long most = widest + opened.getOrDefault(stream, 0L);
        assertThat((long) answer.body.size()).as("stream %d", stream).isLessThanOrEqualTo(most);
        answer.ended = (flags & Frames.END_STREAM) != 0;
      }
      case Frames.RST_STREAM -> {
        assertThat(stream).isPositive();
        faultless(in.readInt());
        if (stream > last) return; // by Netty, for what came on a stream that is not open
        answers.computeIfAbsent(stream, key -> new Answer()).reset = true;
      }
      case Frames.SETTINGS -> {
        if ((flags & Frames.ACK) == 0) return;
        Long table = tables.remove();
        if (table < 0) return;
        decoder.configuration().maxHeaderTableSize(table);
        // but Netty's encoder tells of each size there was meanwhile, larger ones too
        decoder.configuration().maxHeaderTableSize(LARGEST_TABLE);
      }
      case Frames.GOAWAY -> {
        goAway = true;
        lastTaken = in.readInt();
        faultless(in.readInt());
      }
      case Frames.WINDOW_UPDATE -> {
        int more = in.readInt();
        assertThat(more).as("an update of stream %d", stream).isPositive();
        if (stream == 0) freed += more;
        assertThat(freed).isLessThanOrEqualTo(data + sent.readableBytes());
      }
      default -> assertThat(type).isEqualTo(Frames.PING);
    }
  }

  private static void faultless(int code) {
    assertThat(code).as("an error's code").isNotEqualTo((int) Http2Error.INTERNAL_ERROR.code());
  }

  /** On which something comes that is neither a reset nor a window. */
  private Answer answer(int stream) {
    assertThat(stream).isPositive().isLessThanOrEqualTo(last);
    Answer answer = answers.computeIfAbsent(stream, key -> new Answer());
    assertThat(answer.ended || answer.reset).as("stream %d had ended", stream).isFalse();
    return answer;
  }

  private static void headers(Answer answer, Http2Headers headers, int flags) {
    if (answer.head == null) answer.head = headers;
    answer.end = headers;
    answer.ended = (flags & Frames.END_STREAM) != 0;
  }

  Answer answerOn(int stream) {
    return answers.getOrDefault(stream, NONE);
  }

  /** Of the connection's window, what the server has had and not opened again. */
  long kept() {
    return data - freed;
  }

  /** How much more the window of the connection may be opened. */
  int narrow() {
    return (int) Math.max(0, Integer.MAX_VALUE - window);
  }

  /** The same for a stream that begins now. */
  int narrowOfNew() {
    return (int) Math.max(0, Integer.MAX_VALUE - streamWindow);
  }

  int last() {
    return last;
  }

  /** Whether it has said its settings, which stand before all else. */
  boolean hasSettled() {
    return settled;
  }

  boolean isToldToGo() {
    return goAway;
  }

  /** By the last GOAWAY. */
  int lastTaken() {
    return lastTaken;
  }

  /** Whether a frame sent now would be read as one. */
  boolean isBetweenFrames() {
    return !rubbish && !inBlock && !sent.isReadable();
  }
}
