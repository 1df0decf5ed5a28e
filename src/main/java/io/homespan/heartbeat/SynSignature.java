package io.homespan.heartbeat;

import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Tells lost SYNs from a slow way by the time that a connect took: a kernel sends a SYN again after
 * fixed times, so a connect whose first n SYNs were lost takes a little more than the n-th of them.
 * A lost answer to a SYN looks the same. After Pingmesh, section 4.2, whose 3 s and 9 s are those
 * of Windows.
 */
final class SynSignature {
  /** Linux before 6.5: the wait doubles. */
  static final SynSignature DOUBLING = seconds(1, 3, 7, 15, 31);

  /** Linux from 6.5: {@code net.ipv4.tcp_syn_linear_timeouts} is 4. */
  static final SynSignature LINEAR = seconds(1, 2, 3, 4, 5, 7, 11, 19);

  /** A connect that takes so much longer than a signature is slow, and nothing more is known. */
  private static final long WIDTH_NANOS = 500_000_000;

  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");

  private final long[] atNanos;

  private SynSignature(long[] atNanos) {
    this.atNanos = atNanos;
  }

  private static SynSignature seconds(int... seconds) {
    return new SynSignature(IntStream.of(seconds).mapToLong(s -> s * 1_000_000_000L).toArray());
  }

  /** From configured times. */
  static SynSignature of(List<Duration> times) {
    return new SynSignature(times.stream().mapToLong(Duration::toNanos).sorted().toArray());
  }

  /**
   * Of the kernel at hand.
   *
   * @param system the property {@code os.name}
   * @param version the property {@code os.version}
   */
  static SynSignature ofKernel(String system, String version) {
    Matcher numbers = VERSION.matcher(version);
    if (!system.equals("Linux") || !numbers.matches()) return DOUBLING;
    int major = Integer.parseInt(numbers.group(1));
    int minor = Integer.parseInt(numbers.group(2));
    return major > 6 || (major == 6 && minor >= 5) ? LINEAR : DOUBLING;
  }

  /** How many SYNs were lost before a connect that took so long; 0 if it tells nothing. */
  int lost(long connectNanos) {
    for (int i = atNanos.length - 1; i >= 0; i--) {
      if (connectNanos < atNanos[i]) continue;
      return connectNanos < atNanos[i] + WIDTH_NANOS ? i + 1 : 0;
    }
    return 0;
  }
}
