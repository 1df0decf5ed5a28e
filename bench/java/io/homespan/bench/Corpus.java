package io.homespan.bench;

import static io.homespan.bench.Http2Connection.FRAME_HEADER;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/**
 * More requests than the caches hold, all different, each laid out in direct memory as it goes on
 * the wire: a HEADERS frame (which says the same as the connection's first, by index) and DATA
 * frames, with room for the stream id. Belongs to one event loop.
 */
final class Corpus {
  /** The fourth fragment is one byte shorter, so that four fit into a window of 65,535 bytes. */
  private static final int FRAGMENT = 16_384;

  private static final int SHORT_ONE = 3;

  private static final int LEAST_BYTES = 20 << 20;
  private static final int LEAST_REQUESTS = 40;
  private static final int PREFIX = 5;

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Message(byte[] bytes, int spans) {}

  private final RequestHeaders headers;
  private final ByteBuf frames;
  private final int[] begins; // of each request, in frames
  private final int[] sizes; // of the messages with their prefixes
  private final int[] spans;
  private final BitSet busy;
  private int cursor;

  /** Makes the requests; takes about a second. */
  Corpus(Work work, long seed) {
    headers = new RequestHeaders(work.gzip());
    List<Message> messages = messages(work, seed);
    begins = new int[messages.size()];
    sizes = new int[messages.size()];
    spans = new int[messages.size()];
    busy = new BitSet(messages.size());
    int total = 0;
    for (int i = 0; i < begins.length; i++) {
      begins[i] = total;
      sizes[i] = messages.get(i).bytes.length + PREFIX;
      spans[i] = messages.get(i).spans;
      int last = fragmentOf(sizes[i] - 1);
      total += headers.indexedSize() + sizes[i] + (last + 1) * FRAME_HEADER;
    }
    frames = Unpooled.directBuffer(total, total);
    for (int i = 0; i < begins.length; i++) lay(messages.get(i), work.gzip());
  }

  private static List<Message> messages(Work work, long seed) {
    Requests requests = new Requests(work, seed);
    List<Message> messages = new ArrayList<>();
    long bytes = 0; // before compression
    while (bytes < LEAST_BYTES || messages.size() < LEAST_REQUESTS) {
      ExportTraceServiceRequest request = requests.next();
      byte[] plain = request.toByteArray();
      int count = request.getResourceSpans(0).getScopeSpans(0).getSpansCount();
      messages.add(new Message(work.gzip() ? gzip(plain) : plain, count));
      bytes += plain.length;
    }
    return messages;
  }

  private static byte[] gzip(byte[] plain) {
    ByteArrayOutputStream to = new ByteArrayOutputStream(plain.length / 4);
    try (GZIPOutputStream gzip = new GZIPOutputStream(to)) {
      gzip.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return to.toByteArray();
  }

  private void lay(Message message, boolean compressed) {
    headers.indexed(frames);
    ByteBuf whole =
        Unpooled.buffer(PREFIX + message.bytes.length)
            .writeByte(compressed ? 1 : 0)
            .writeInt(message.bytes.length)
            .writeBytes(message.bytes);
    while (whole.isReadable()) {
      int from = whole.readerIndex();
      int size = fragmentEnd(fragmentOf(from), whole.writerIndex()) - from;
      int flags = size == whole.readableBytes() ? Http2Connection.END_STREAM : 0;
      Http2Connection.frame(frames, size, Http2Connection.DATA, flags, 0);
      frames.writeBytes(whole, size);
    }
  }

  RequestHeaders headers() {
    return headers;
  }

  /** Whose turn it is. */
  int next() {
    int entry = cursor;
    cursor = entry + 1 == begins.length ? 0 : entry + 1;
    return entry;
  }

  /**
   * Lets the caller write stream ids into a request's frames until it gives them back.
   *
   * @return false if somebody else does at the moment
   */
  boolean borrow(int entry) {
    if (busy.get(entry)) return false;
    busy.set(entry);
    return true;
  }

  void giveBack(int entry) {
    busy.clear(entry);
  }

  /** Nobody has borrowed anything any more. */
  void allBack() {
    busy.clear();
  }

  int size(int entry) {
    return sizes[entry];
  }

  int spans(int entry) {
    return spans[entry];
  }

  /** The number of the fragment that has the message's byte at {@code offset}. */
  int fragmentOf(int offset) {
    return offset < SHORT_ONE * FRAGMENT ? offset / FRAGMENT : (offset + 1) / FRAGMENT;
  }

  int fragmentBegin(int fragment) {
    return fragment * FRAGMENT - (fragment > SHORT_ONE ? 1 : 0);
  }

  int fragmentEnd(int fragment, int size) {
    return Math.min(size, fragmentBegin(fragment + 1));
  }

  /** Where a request's HEADERS frame begins in memory. */
  int headersAt(int entry) {
    return begins[entry];
  }

  /** Where the message's byte is in memory, which is after its fragment's frame header. */
  int at(int entry, int offset) {
    int frameHeaders = (fragmentOf(offset) + 1) * FRAME_HEADER;
    return begins[entry] + headers.indexedSize() + frameHeaders + offset;
  }

  /** Writes a stream id into the frame that begins there. */
  void address(int frameAt, int stream) {
    frames.setInt(frameAt + 5, stream);
  }

  ByteBuf slice(int from, int to) {
    return frames.retainedSlice(from, to - from);
  }
}
