package io.homespan.bench;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.collection.IntObjectHashMap;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * One connection to the target. Keeps to its windows and to the number of streams that it allows.
 * What is written goes out with {@link #flush()}.
 */
final class LoadConnection extends Http2Connection {
  /** Who gives it work and hears of the outcome. */
  interface Owner {
    /** The target's settings are known. */
    void ready(LoadConnection connection);

    /**
     * A request has ended.
     *
     * @param error empty if all is well
     */
    void answered(LoadConnection connection, Call call, String error);

    /** The target has said that it has not looked at this request. */
    void again(Call call);

    /** It takes no more requests. Those under way go on. */
    void retired(LoadConnection connection);

    void gone(LoadConnection connection);
  }

  /** A request under way. Reused. */
  static final class Call {
    int entry;
    long since; // nanoseconds: when it was sent, or should have been
    private int id;
    private boolean borrowed;
    private int sent; // bytes of the message
    private int window;
    private int status;
    private final ByteBuf answer = HeaderBlocks.buffer();
  }

  static final String REFUSED = "status 14";

  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private static final int NO_STATUS = -1;
  private static final int CANCEL = 8;
  private static final int LAST_ID = Integer.MAX_VALUE - 2;
  private static final int PREFIX = 5;
  private static final int MOST_OF_AN_ANSWER = 64 << 10;

  /** Smaller frames are not worth it: the target will open its window further. */
  private static final int LEAST_PIECE = 1024;

  private final Owner owner;
  private final Corpus corpus;
  private final int inFlight;
  private final HeaderBlocks<Integer> blocks = new HeaderBlocks<>(LoadConnection::status);
  private final IntObjectHashMap<Call> calls = new IntObjectHashMap<>();
  private final ArrayDeque<Call> blocked = new ArrayDeque<>();
  private final ArrayDeque<Call> spare = new ArrayDeque<>();
  private boolean ready;
  private boolean retired;
  private boolean opened; // some window
  private boolean tableAllowed = true;
  private int nextId = 1;
  private long maxStreams = Integer.MAX_VALUE;
  private int streamWindow = DEFAULT_WINDOW;
  private int window = DEFAULT_WINDOW;

  LoadConnection(Owner owner, Corpus corpus, int inFlight) {
    super(0);
    this.owner = owner;
    this.corpus = corpus;
    this.inFlight = inFlight;
  }

  /** HTTP status x 1000 if it is not 200, else the gRPC status, if there is one yet. */
  private static Integer status(Http2Headers headers) {
    CharSequence http = headers.status();
    if (http != null && !HeaderBlocks.is(http, "200")) return number(http) * 1000;
    CharSequence grpc = headers.get("grpc-status");
    return grpc == null ? NO_STATUS : number(grpc);
  }

  private static int number(CharSequence text) {
    return Integer.parseInt(text.toString());
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    out().writeBytes(PREFACE);
    frame(out(), 6, SETTINGS, 0, 0);
    out().writeShort(INITIAL_WINDOW_SIZE).writeInt(1 << 20);
    windowUpdate(out(), 0, Integer.MAX_VALUE - DEFAULT_WINDOW);
    flush();
  }

  boolean free() {
    return ready && !retired && calls.size() < Math.min(inFlight, maxStreams);
  }

  boolean idle() {
    return calls.isEmpty();
  }

  /** Sends the corpus' next request, as far as the windows allow it. Only if {@link #free()}. */
  void start(long since) {
    Call call = spare.poll();
    if (call == null) call = new Call();
    call.entry = corpus.next();
    call.since = since;
    call.id = nextId;
    call.sent = 0;
    call.window = streamWindow;
    call.status = NO_STATUS;
    call.answer.clear();
    call.borrowed = corpus.borrow(call.entry);
    calls.put(call.id, call);
    boolean first = nextId == 1;
    nextId += 2;
    if (first || !tableAllowed) {
      corpus.headers().full(out(), call.id, tableAllowed);
      send(call, false);
    } else if (call.borrowed) {
      corpus.address(corpus.headersAt(call.entry), call.id);
      send(call, true);
    } else {
      corpus.headers().indexed(out(), call.id);
      send(call, false);
    }
    if (call.sent < corpus.size(call.entry)) blocked.add(call);
    if (nextId > LAST_ID) retire();
  }

  /**
   * Sends as much as the windows allow: whole fragments with the frame headers before them as one
   * piece of the corpus, other pieces with a header of their own.
   *
   * @param headersToo whether the HEADERS frame before the message is to go with it
   */
  private void send(Call call, boolean headersToo) {
    int entry = call.entry;
    int size = corpus.size(entry);
    int from = headersToo ? corpus.headersAt(entry) : 0;
    int to = headersToo ? from + corpus.headers().indexedSize() : 0;
    while (call.sent < size) {
      int fragment = corpus.fragmentOf(call.sent);
      int left = corpus.fragmentEnd(fragment, size) - call.sent;
      int piece = Math.min(left, Math.min(window, call.window));
      if (piece < left && piece < LEAST_PIECE) break;
      int at = corpus.at(entry, call.sent);
      boolean inPlace =
          piece == left && call.borrowed && call.sent == corpus.fragmentBegin(fragment);
      if (inPlace) {
        if (from == to) from = at - FRAME_HEADER;
        corpus.address(at - FRAME_HEADER, call.id);
        to = at + piece;
      } else {
        if (from < to) write(corpus.slice(from, to));
        from = to = 0;
        frame(out(), piece, DATA, call.sent + piece == size ? END_STREAM : 0, call.id);
        write(corpus.slice(at, at + piece));
      }
      call.sent += piece;
      call.window -= piece;
      window -= piece;
    }
    if (from < to) write(corpus.slice(from, to));
  }

  @Override
  void window(int id, int increment) {
    opened = true;
    if (id == 0) {
      window += increment;
    } else {
      Call call = calls.get(id);
      if (call != null) call.window += increment;
    }
  }

  @Override
  void setting(int id, long value) {
    switch (id) {
      case HEADER_TABLE_SIZE -> tableAllowed = value >= DEFAULT_TABLE;
      case MAX_CONCURRENT_STREAMS -> maxStreams = value;
      case INITIAL_WINDOW_SIZE -> {
        int change = (int) value - streamWindow;
        streamWindow += change;
        for (Call call : calls.values()) call.window += change;
        opened = true;
      }
      default -> {} // MAX_FRAME_SIZE is never below what is used here
    }
  }

  @Override
  void settingsEnd() {
    if (ready) return;
    ready = true;
    owner.ready(this);
  }

  @Override
  void readEnd() {
    if (!opened) return;
    opened = false;
    for (Iterator<Call> all = blocked.iterator(); all.hasNext() && window > 0; ) {
      Call call = all.next();
      send(call, false);
      if (call.sent == corpus.size(call.entry)) all.remove();
    }
  }

  @Override
  void headers(int id, ByteBuf block, boolean end) throws Http2Exception {
    int status = blocks.read(id, block);
    Call call = calls.get(id);
    if (call == null) return;
    if (status != NO_STATUS) call.status = status;
    if (end) end(call);
  }

  @Override
  void data(int id, ByteBuf in, int size, boolean end) {
    Call call = calls.get(id);
    if (call == null) return;
    if (call.answer.readableBytes() + size <= MOST_OF_AN_ANSWER) call.answer.writeBytes(in, size);
    if (end) end(call);
  }

  private void end(Call call) {
    finish(call, error(call));
  }

  private static String error(Call call) {
    if (call.status >= 1000) return "http " + call.status / 1000;
    if (call.status == NO_STATUS) return "no status";
    if (call.status != 0) return "status " + call.status;
    if (call.answer.readableBytes() < PREFIX) return "no message";
    if (call.answer.readableBytes() == PREFIX) return "";
    try {
      boolean packed = call.answer.getByte(call.answer.readerIndex()) != 0;
      byte[] answer = ByteBufUtil.getBytes(call.answer.skipBytes(PREFIX));
      if (packed) answer = unpacked(answer); // the Collector answers as it is asked
      ByteString bytes = ByteString.copyFrom(answer);
      long rejected =
          ExportTraceServiceResponse.parseFrom(bytes).getPartialSuccess().getRejectedSpans();
      return rejected != 0 ? "partial_success" : "";
    } catch (IOException e) {
      return "broken answer";
    }
  }

  private static byte[] unpacked(byte[] gzip) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
      return in.readNBytes(MOST_OF_AN_ANSWER);
    }
  }

  @Override
  void reset(int id, long code) {
    Call call = calls.get(id);
    if (call != null) finish(call, "reset " + code);
  }

  private void finish(Call call, String error) {
    calls.remove(call.id);
    if (call.sent < corpus.size(call.entry)) {
      blocked.remove(call);
      frame(out(), 4, RST_STREAM, 0, call.id);
      out().writeInt(CANCEL);
    }
    // an early answer may come while the request still waits to be written
    if (call.borrowed && (error.isEmpty() || nothingToWrite())) corpus.giveBack(call.entry);
    owner.answered(this, call, error);
    spare.add(call);
  }

  private boolean nothingToWrite() {
    ChannelOutboundBuffer pending = context().channel().unsafe().outboundBuffer();
    return pending == null || pending.totalPendingWriteBytes() == 0;
  }

  @Override
  void goAway(int last) {
    List<Call> unseen = new ArrayList<>();
    for (Call call : calls.values()) if (call.id > last) unseen.add(call);
    for (Call call : unseen) {
      calls.remove(call.id);
      blocked.remove(call);
      owner.again(call);
    }
    retire();
  }

  private void retire() {
    if (retired) return;
    retired = true;
    owner.retired(this);
  }

  boolean retiredAndIdle() {
    return retired && calls.isEmpty();
  }

  /** Ends all that is under way with an error. */
  void abandon(String error) {
    for (Call call : List.copyOf(calls.values())) {
      calls.remove(call.id);
      owner.answered(this, call, error);
    }
    blocked.clear();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    super.channelInactive(ctx);
    ready = false;
    abandon("closed");
    owner.gone(this);
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // that it is closed is noticed
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof java.io.IOException)) System.err.println("load: " + cause);
    ctx.close();
  }
}
