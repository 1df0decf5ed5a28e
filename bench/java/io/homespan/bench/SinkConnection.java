package io.homespan.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.collection.IntObjectHashMap;
import java.util.ArrayDeque;

/** One connection to a sink: counts what comes and answers at the end of each stream. */
final class SinkConnection extends Http2Connection {
  static final String EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

  private static final int PREFACE = 24;
  private static final int STREAM_WINDOW = 16 << 20;
  private static final int SPARE_CALLS = 1024;

  private static final class Call {
    final SpanCounter counter = new SpanCounter();
    boolean export;
    int received; // since the stream's window was opened
  }

  private final SinkTotals totals;
  private final HeaderBlocks<Boolean> blocks =
      new HeaderBlocks<>(headers -> HeaderBlocks.is(headers.path(), EXPORT));
  private final IntObjectHashMap<Call> calls = new IntObjectHashMap<>();
  private final ArrayDeque<Call> spare = new ArrayDeque<>();
  private boolean tableAllowed = true;
  private boolean tableShrunk;
  private boolean answered;

  SinkConnection(SinkTotals totals) {
    super(PREFACE);
    this.totals = totals;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    frame(out(), 6, SETTINGS, 0, 0);
    out().writeShort(INITIAL_WINDOW_SIZE).writeInt(STREAM_WINDOW);
    windowUpdate(out(), 0, Integer.MAX_VALUE - DEFAULT_WINDOW);
    flush();
  }

  @Override
  void setting(int id, long value) {
    if (id != HEADER_TABLE_SIZE || value >= DEFAULT_TABLE) return;
    tableAllowed = false;
    tableShrunk = true;
  }

  @Override
  void headers(int id, ByteBuf block, boolean end) throws Http2Exception {
    boolean export = blocks.read(id, block);
    if (calls.containsKey(id)) { // trailers
      if (end) end(id);
      return;
    }
    Call call = spare.poll();
    if (call == null) call = new Call();
    call.export = export;
    call.received = 0;
    call.counter.reset();
    calls.put(id, call);
    if (end) end(id);
  }

  @Override
  void data(int id, ByteBuf in, int size, boolean end) {
    Call call = calls.get(id);
    if (call == null) return; // it was reset
    call.received += size;
    call.counter.take(in, size);
    if (end) {
      end(id);
    } else if (call.received >= STREAM_WINDOW / 2) {
      windowUpdate(out(), id, call.received);
      call.received = 0;
    }
  }

  @Override
  void reset(int id, long code) {
    if (calls.remove(id) != null) totals.aborted++;
  }

  private void end(int id) {
    Call call = calls.remove(id);
    if (call == null) return;
    if (call.export) {
      count(call.counter);
      ok(id);
    } else {
      totals.otherCalls++;
      unimplemented(id);
    }
    if (spare.size() < SPARE_CALLS) spare.add(call);
  }

  private void count(SpanCounter counter) {
    if (!counter.complete()) {
      totals.malformed++;
      return;
    }
    totals.calls++;
    totals.bytes += counter.size();
    totals.spans += counter.spans();
    if (counter.compressed()) totals.compressedCalls++;
  }

  /** Headers, an empty message and trailers; after the first on a connection they are indexes. */
  private void ok(int id) {
    ByteBuf to = out();
    if (answered && tableAllowed) {
      frame(to, 2, HEADERS, END_HEADERS, id);
      to.writeByte(0x88).writeByte(0x80 | 63); // :status 200, content-type
      message(to, id);
      frame(to, 1, HEADERS, END_HEADERS | END_STREAM, id);
      to.writeByte(0x80 | 62); // grpc-status, the newest entry
      return;
    }
    answered = true;
    ByteBuf block = HeaderBlocks.buffer();
    status(block);
    HeaderBlocks.literal(block, tableAllowed, 31, "application/grpc");
    headers(to, id, 0, block);
    message(to, id);
    block.clear();
    HeaderBlocks.literal(block, tableAllowed, "grpc-status", "0");
    headers(to, id, END_STREAM, block);
    block.release();
  }

  private void unimplemented(int id) {
    ByteBuf block = HeaderBlocks.buffer();
    status(block);
    HeaderBlocks.literal(block, false, 31, "application/grpc");
    HeaderBlocks.literal(block, false, "grpc-status", "12");
    headers(out(), id, END_STREAM, block);
    block.release();
  }

  private void status(ByteBuf block) {
    if (tableShrunk) {
      block.writeByte(0x20); // the peer's smaller table is acknowledged once
      tableShrunk = false;
    }
    block.writeByte(0x88);
  }

  private static void headers(ByteBuf to, int id, int flags, ByteBuf block) {
    frame(to, block.readableBytes(), HEADERS, END_HEADERS | flags, id);
    to.writeBytes(block, block.readerIndex(), block.readableBytes());
  }

  private static void message(ByteBuf to, int id) {
    frame(to, 5, DATA, 0, id);
    to.writeByte(0).writeInt(0);
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // that it is closed is noticed
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof java.io.IOException)) {
      totals.failures++;
      System.err.println("sink: " + cause);
    }
    ctx.close();
  }
}
