package io.homespan.otlp;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Locale;

/**
 * What the cut costs over what memcpy of the same bytes costs, and how that grows from 3 owners to
 * 200: contestants take turns and are measured in CPU time, so that what else the machine does
 * touches the ratios little. Requests of 100 spans that mix 100 traces.
 *
 * <pre>
 * java ... io.homespan.otlp.CutRatios [MB that are written to in turn]
 * </pre>
 *
 * Without a number 40, more than caches hold; with 1 what is written stays in them.
 */
public final class CutRatios {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final int WARM_UP = 20;
  private static final int ROUNDS = 60;
  private static final int INVOCATIONS = 100; // a turn, of 1000 spans each

  private CutRatios() {}

  private interface Contestant {
    int run() throws MalformedException;
  }

  /** Runs it. */
  public static void main(String[] args) throws MalformedException {
    int outMb = args.length > 0 ? Integer.parseInt(args[0]) : 40;
    CutBench few = made(3, outMb);
    CutBench many = made(200, outMb);
    double[][] nanos = new double[3][ROUNDS];
    double[] ratios = new double[ROUNDS];
    double[] growth = new double[ROUNDS];
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      double memcpy = nanos(few::memcpy);
      double cutFew = nanos(few::cutAndWrite);
      double cutMany = nanos(many::cutAndWrite);
      if (round < 0) continue;
      nanos[0][round] = memcpy;
      nanos[1][round] = cutFew;
      nanos[2][round] = cutMany;
      ratios[round] = cutFew / memcpy;
      growth[round] = cutMany / cutFew;
    }
    print("memcpy_ns_per_span", nanos[0]);
    print("cut_ns_per_span_3_owners", nanos[1]);
    print("cut_ns_per_span_200_owners", nanos[2]);
    print("cut_vs_memcpy", ratios);
    print("cut_growth_3_to_200", growth);
  }

  private static CutBench made(int owners, int outMb) {
    CutBench bench = new CutBench();
    bench.spans = 100;
    bench.owners = owners;
    bench.shape = "mixed";
    bench.outMb = outMb;
    bench.make();
    return bench;
  }

  private static double nanos(Contestant contestant) throws MalformedException {
    long began = THREADS.getCurrentThreadCpuTime();
    int sum = 0;
    for (int i = 0; i < INVOCATIONS; i++) sum += contestant.run();
    if (sum == 0) throw new IllegalStateException("nothing was written");
    return (THREADS.getCurrentThreadCpuTime() - began) / (INVOCATIONS * 1000.0);
  }

  private static void print(String name, double[] values) {
    Arrays.sort(values);
    System.out.printf(
        Locale.ROOT,
        "%s min %.2f median %.2f max %.2f%n",
        name,
        values[0],
        values[values.length / 2],
        values[values.length - 1]);
  }
}
