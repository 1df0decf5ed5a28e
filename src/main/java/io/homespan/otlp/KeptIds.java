package io.homespan.otlp;

import java.util.Arrays;

/**
 * A bounded set of part ids in the order in which they came, with the time of each. A ring of ids,
 * and an open-addressed index into it: no object per id.
 *
 * <p>It grows by doubling up to its bound. At the bound an id costs 24 bytes in the ring and 8 to
 * 16 in the index: 262,144 ids are 8 MiB. Not thread safe.
 */
public final class KeptIds {
  private static final int EMPTY = -1;
  private static final int FIRST_CAPACITY = 1024;

  private final int max;
  private long[] high;
  private long[] low;
  private long[] at;
  private int[] index;
  private int head; // the ring position of the oldest
  private int size;

  /** Holds none yet, and never more than {@code max}. */
  public KeptIds(int max) {
    if (max < 1) throw new IllegalArgumentException("a memory of " + max + " parts");
    this.max = max;
    allocate(Math.min(max, FIRST_CAPACITY));
  }

  /** How many it holds. */
  public int size() {
    return size;
  }

  /** Whether it holds this one. */
  public boolean contains(PartId id) {
    return index[slotOf(id.high(), id.low())] != EMPTY;
  }

  /** When the oldest came; there must be one. */
  public long oldestAt() {
    return at[head];
  }

  /** Adds an id that is not in it, as the newest; forgets the oldest when full. */
  public void add(PartId id, long now) {
    if (size == max) removeOldest();
    if (size == high.length) grow();
    int position = (head + size) % high.length;
    high[position] = id.high();
    low[position] = id.low();
    at[position] = now;
    index[slotOf(id.high(), id.low())] = position;
    size++;
  }

  /** Forgets the oldest; there must be one. */
  public void removeOldest() {
    unlink(slotOf(high[head], low[head]));
    head = (head + 1) % high.length;
    size--;
  }

  /** The index slot that holds the id, or the empty one where it would go. */
  private int slotOf(long idHigh, long idLow) {
    int slot = home(idHigh, idLow);
    while (index[slot] != EMPTY) {
      int position = index[slot];
      if (low[position] == idLow && high[position] == idHigh) return slot;
      slot = (slot + 1) & (index.length - 1);
    }
    return slot;
  }

  private int home(long idHigh, long idLow) {
    long mixed = (idLow ^ Long.rotateLeft(idHigh, 32)) * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 32) & (index.length - 1);
  }

  /** Empties a slot and moves back those behind it that it would hide (Knuth 6.4, algorithm R). */
  private void unlink(int gap) {
    int mask = index.length - 1;
    int next = (gap + 1) & mask;
    while (index[next] != EMPTY) {
      int home = home(high[index[next]], low[index[next]]);
      if (((next - home) & mask) >= ((next - gap) & mask)) {
        index[gap] = index[next];
        gap = next;
      }
      next = (next + 1) & mask;
    }
    index[gap] = EMPTY;
  }

  private void grow() {
    long[] oldHigh = high;
    long[] oldLow = low;
    long[] oldAt = at;
    int first = head;
    int count = size;
    allocate((int) Math.min(max, 2L * oldHigh.length));
    for (int i = 0; i < count; i++) {
      int from = (first + i) % oldHigh.length;
      high[i] = oldHigh[from];
      low[i] = oldLow[from];
      at[i] = oldAt[from];
      index[slotOf(high[i], low[i])] = i;
    }
    size = count;
  }

  private void allocate(int capacity) {
    high = new long[capacity];
    low = new long[capacity];
    at = new long[capacity];
    index = new int[Math.max(2, Integer.highestOneBit(Math.max(1, 2 * capacity - 1)) << 1)];
    Arrays.fill(index, EMPTY);
    head = 0;
    size = 0;
  }
}
