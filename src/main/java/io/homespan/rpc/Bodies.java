package io.homespan.rpc;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Arrays for the messages of calls, lent again once nobody reads them any more: a message of 64 KiB
 * is otherwise nearly all the garbage that a request makes, and new memory is cleared before it is
 * written and is in no cache.
 *
 * <p>Whoever does not know whether an array is still read must not give it back: it is garbage then
 * like any other, and nothing is lost but the time. With assertions on, what is given back is
 * overwritten, so that a late reader is found out.
 *
 * <p>Belongs to one event loop.
 */
final class Bodies {
  private static final int SMALLEST = 4 << 10; // smaller ones cost less than the looking up
  private static final int LARGEST = 1 << 20;

  /** Sizes in each doubling, so that an array is at most a quarter longer than was asked. */
  private static final int STEPS = 4;

  private final List<Deque<byte[]>> free = new ArrayList<>();
  private final long most;
  private long bytes;

  /**
   * @param most bytes that may lie here unused
   */
  Bodies(long most) {
    this.most = most;
    for (int i = 0; i <= sizeOf(LARGEST); i++) free.add(new ArrayDeque<>(0));
  }

  /** An array of at least this length, with anything in it. */
  byte[] lend(int length) {
    if (length < SMALLEST || length > LARGEST) return new byte[length];
    int size = sizeOf(length);
    byte[] array = free.get(size).pollLast(); // the last one is most likely still in a cache
    if (array == null) return new byte[lengthOf(size)];
    bytes -= array.length;
    return array;
  }

  /**
   * Nobody reads or writes this array any more, and it has not been given back since it was lent.
   */
  void giveBack(byte[] array) {
    assert overwritten(array);
    if (array.length < SMALLEST || array.length > LARGEST || bytes + array.length > most) return;
    int size = sizeOf(array.length);
    if (lengthOf(size) != array.length) return; // none of ours
    free.get(size).addLast(array);
    bytes += array.length;
  }

  /** Bytes that lie here unused. */
  long bytes() {
    return bytes;
  }

  private static boolean overwritten(byte[] array) {
    Arrays.fill(array, (byte) 0xff);
    return true;
  }

  /** The number of the least size that holds so many bytes. */
  private static int sizeOf(int length) {
    int doublings = Integer.SIZE - Integer.numberOfLeadingZeros((length - 1) / SMALLEST);
    if (doublings == 0) return 0;
    int base = SMALLEST << (doublings - 1);
    return (doublings - 1) * STEPS + (length - base + base / STEPS - 1) / (base / STEPS);
  }

  private static int lengthOf(int size) {
    int base = SMALLEST << (size / STEPS);
    return base + size % STEPS * (base / STEPS);
  }
}
