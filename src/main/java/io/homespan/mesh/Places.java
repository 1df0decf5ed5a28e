package io.homespan.mesh;

import java.util.Arrays;

/**
 * A peer's place for every slot. Up to {@value #NARROW} peers a place takes one byte: half the
 * memory is half the cache misses, and they are what a look-up costs.
 *
 * <p>Not thread safe while it is filled.
 */
final class Places {
  /** Nobody's place. */
  static final int NONE = -1;

  private static final int NARROW = 256;
  private static final byte[] NO_BYTES = {};
  private static final short[] NO_SHORTS = {};

  private final boolean narrow;
  private final byte[] bytes; // empty unless narrow
  private final short[] shorts; // empty if narrow

  private Places(boolean narrow, int slots) {
    this.narrow = narrow;
    this.bytes = narrow ? new byte[slots] : NO_BYTES;
    this.shorts = narrow ? NO_SHORTS : new short[slots];
  }

  /** With room for the places of so many peers. */
  static Places of(int peers, int slots) {
    return new Places(peers <= NARROW, slots);
  }

  /** With nobody in them. */
  static Places empty(int slots) {
    Places places = new Places(false, slots);
    Arrays.fill(places.shorts, (short) NONE);
    return places;
  }

  int at(int slot) {
    return narrow ? bytes[slot] & 0xFF : shorts[slot];
  }

  void put(int slot, int place) {
    if (narrow) bytes[slot] = (byte) place;
    else shorts[slot] = (short) place;
  }

  /**
   * The same peers under new places.
   *
   * @param newPlaces by old place; where it is {@link #NONE}, what comes out means nothing
   * @param peers how many places there are now
   */
  Places renumbered(int[] newPlaces, int peers) {
    int slots = narrow ? bytes.length : shorts.length;
    Places renumbered = of(peers, slots);
    if (narrow && renumbered.narrow) { // the usual case, as a loop over plain arrays
      byte[] before = bytes;
      byte[] after = renumbered.bytes;
      for (int slot = 0; slot < slots; slot++) after[slot] = (byte) newPlaces[before[slot] & 0xFF];
    } else {
      for (int slot = 0; slot < slots; slot++) renumbered.put(slot, newPlaces[at(slot)]);
    }
    return renumbered;
  }

  /** By slot. */
  short[] toArray() {
    short[] all = new short[narrow ? bytes.length : shorts.length];
    for (int slot = 0; slot < all.length; slot++) all[slot] = (short) at(slot);
    return all;
  }
}
