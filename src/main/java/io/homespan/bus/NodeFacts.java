package io.homespan.bus;

/**
 * What a node tells of itself beside who it is.
 *
 * @param version what it runs, or ""
 * @param zone where it stands, as its operator calls it, or ""
 * @param weight its share of the traces against the weights of the others, 1 to {@link
 *     io.homespan.mesh.Peer#MAX_WEIGHT}
 * @param startedAt when its process began, in milliseconds of the wall clock, or 0
 * @param agent whether it only measures the network: it takes no spans, and owns no traces
 */
public record NodeFacts(String version, String zone, int weight, long startedAt, boolean agent) {
  /** Of a node that takes spans. */
  public NodeFacts(String version, String zone, int weight, long startedAt) {
    this(version, zone, weight, startedAt, false);
  }

  /** Of who has told nothing. */
  public static final NodeFacts UNKNOWN = new NodeFacts("", "", 1, 0);
}
