package io.homespan.bench;

import java.util.ArrayList;
import java.util.List;

/** The load's requests, for whoever measures without a load. */
public final class Samples {
  private Samples() {}

  /**
   * Serialized requests, all different.
   *
   * @param mixed about 100 traces in each; else one trace, or a few in large ones
   * @param spans of each request
   * @param leastBytes how large they are together, at least
   */
  public static List<byte[]> requests(boolean mixed, int spans, long leastBytes) {
    Work work = new Work(mixed ? Shape.MIXED : Shape.WHOLE, spans, spans, false);
    Requests requests = new Requests(work, 1);
    List<byte[]> samples = new ArrayList<>();
    for (long bytes = 0; bytes < leastBytes; ) {
      byte[] request = requests.next().toByteArray();
      samples.add(request);
      bytes += request.length;
    }
    return samples;
  }
}
