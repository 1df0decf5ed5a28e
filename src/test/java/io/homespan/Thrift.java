package io.homespan;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.Callable;

/** Sees to it that a small input cannot make this thread take much memory. */
public final class Thrift {
  /** Classes that are loaded on the way, tables of fixed size. */
  private static final long FREE = 16L << 20;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Thrift() {}

  /**
   * Runs it, and fails if this thread allocated more than a fixed sum and so much a byte of input:
   * twice, since the first time classes are loaded.
   */
  public static <T> T with(int input, int bytesPerByte, Callable<T> work) throws Exception {
    long most = FREE + (long) bytesPerByte * input;
    long before = THREADS.getCurrentThreadAllocatedBytes();
    T result;
    try {
      result = work.call();
    } catch (Exception e) {
      check(before, most, work); // what is refused must not cost much either
      throw e;
    }
    check(before, most, work);
    return result;
  }

  private static void check(long before, long most, Callable<?> work) {
    if (THREADS.getCurrentThreadAllocatedBytes() - before <= most) return;
    long again = THREADS.getCurrentThreadAllocatedBytes();
    try {
      work.call();
    } catch (Exception e) {
      // the same as the first time
    }
    again = THREADS.getCurrentThreadAllocatedBytes() - again;
    if (again > most) throw new AssertionError(again + " bytes were allocated; at most " + most);
  }
}
