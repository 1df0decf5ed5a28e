package io.homespan.otlp;

import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Parts joined for one call to one peer. Requests joined end to end are the merged request, since
 * protobuf concatenates repeated fields; so that the receiver can tell the parts apart, each
 * travels behind a label:
 *
 * <pre>
 * request = { label part }
 * label   = field 20001, length-delimited: 8 bytes part id, high half   \
 *                                          8 bytes part id, low half     | big-endian
 *                                          4 bytes number of spans       |
 *                                          4 bytes length of the part   /
 *                                          1 byte flags: bit 0 = sent to a stand-in
 *                                          more, from later versions: skipped
 * </pre>
 *
 * The field number is ours (OTLP's own are below 20; 19000 to 19999 are protobuf's): for every
 * other reader the label is an unknown field, and the whole stays a valid {@code
 * ExportTraceServiceRequest}.
 */
public final class Batch {
  /**
   * A part on its way.
   *
   * @param standIn whether the receiver is not the owner but stands in for it
   */
  public record Entry(Part part, boolean standIn) {}

  static final int LABEL_TAG = 20_001 << 3 | WireReader.LENGTH_DELIMITED;
  private static final int LABEL_BODY = 8 + 8 + 4 + 4 + 1;

  /** How many bytes a label adds to a part. */
  public static final int LABEL_SIZE = 3 + 1 + LABEL_BODY;

  private static final int STAND_IN = 1;

  /** A trace id with tag and length, in a span with tag and length: no valid span is shorter. */
  private static final int LEAST_SPAN = 2 + 2 + 16;

  private Batch() {}

  /** How many bytes {@link #write} puts for these. */
  public static int size(List<Entry> entries) {
    long size = 0;
    for (Entry entry : entries) size += LABEL_SIZE + entry.part().size();
    return Math.toIntExact(size);
  }

  /** Puts the request at the position: label, part, label, part, and so on. */
  public static void write(List<Entry> entries, ByteBuffer out) {
    for (Entry entry : entries) {
      label(entry, out);
      entry.part().writeTo(out);
    }
  }

  /**
   * The parts of a request that was joined, as slices of it. Checks the labels and lengths, not the
   * parts' insides.
   *
   * @return empty if the request does not begin with a label: it comes from somebody else (or has
   *     no spans), and is to be cut
   * @throws MalformedException if it begins with a label and is not labels and parts to its end
   */
  public static Optional<List<Entry>> split(Buffer request) throws MalformedException {
    ByteBuffer raw = RawBytes.of(request);
    int begin = raw.arrayOffset() + raw.position();
    int end = raw.arrayOffset() + raw.limit();
    WireReader in = new WireReader();
    in.open(raw);
    List<Entry> entries = new ArrayList<>();
    while (in.pos() < end) {
      int at = in.pos() - begin;
      if (in.tag(end) != LABEL_TAG) {
        if (entries.isEmpty()) return Optional.empty();
        throw malformed(at, "is no label of a part");
      }
      int length = in.length(end);
      if (length < LABEL_BODY) throw malformed(at, "is a label of only " + length + " bytes");
      ByteBuffer label = ByteBuffer.wrap(in.bytes(), in.pos(), length);
      in.jump(in.pos() + length);
      PartId id = new PartId(label.getLong(), label.getLong());
      int spans = label.getInt();
      int size = label.getInt();
      boolean standIn = (label.get() & STAND_IN) != 0;
      if (size < 0 || size > end - in.pos()) throw malformed(at, "labels more bytes than follow");
      if (spans < 1 || spans > size / LEAST_SPAN) {
        throw malformed(at, "claims %d spans in %d bytes".formatted(spans, size));
      }
      int from = in.pos() - begin;
      entries.add(new Entry(new Part(id, request.slice(from, from + size), spans), standIn));
      in.jump(in.pos() + size);
    }
    return entries.isEmpty() ? Optional.empty() : Optional.of(List.copyOf(entries));
  }

  private static void label(Entry entry, ByteBuffer out) {
    Part part = entry.part();
    out.put((byte) (LABEL_TAG | 0x80))
        .put((byte) (LABEL_TAG >>> 7 | 0x80))
        .put((byte) (LABEL_TAG >>> 14))
        .put((byte) LABEL_BODY)
        .putLong(part.id().high())
        .putLong(part.id().low())
        .putInt(part.spans())
        .putInt(part.size())
        .put((byte) (entry.standIn() ? STAND_IN : 0));
  }

  private static MalformedException malformed(int at, String wrong) {
    return new MalformedException("field at byte " + at + " " + wrong);
  }
}
