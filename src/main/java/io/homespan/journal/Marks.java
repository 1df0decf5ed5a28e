package io.homespan.journal;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Which records are done.
 *
 * @param before all records before this place
 * @param done and these, not all of which need lie behind it
 */
record Marks(Place before, List<Place> done) {
  private static final int PLACE = 8;

  Marks {
    done = List.copyOf(done);
  }

  byte[] encode() {
    ByteBuffer out = ByteBuffer.allocate(PLACE * (1 + done.size()));
    put(out, before);
    for (Place place : done) put(out, place);
    return out.array();
  }

  /** From the rest of a buffer that {@link #encode} made. */
  static Marks decode(ByteBuffer in) throws BufferUnderflowException {
    Place before = get(in);
    List<Place> done = new ArrayList<>(in.remaining() / PLACE);
    while (in.remaining() >= PLACE) done.add(get(in));
    return new Marks(before, done);
  }

  private static void put(ByteBuffer out, Place place) {
    out.putInt(place.file()).putInt(place.offset());
  }

  private static Place get(ByteBuffer in) {
    return new Place(in.getInt(), in.getInt());
  }
}
