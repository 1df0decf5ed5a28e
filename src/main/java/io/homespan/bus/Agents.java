package io.homespan.bus;

import java.util.List;

/**
 * Who is to be measured beside the peers: processes that only measure the network themselves. They
 * take no spans, and stand in no owner table.
 */
public record Agents(List<Agent> all) {
  /** None. */
  public static final Agents NONE = new Agents(List.of());

  /** Copies the list. */
  public Agents {
    all = List.copyOf(all);
  }

  /**
   * One of them.
   *
   * @param id its text for all who measure it
   * @param host a name or an address, IPv6 without brackets
   * @param port where it is pinged
   * @param homespan whether it is a Homespan process, and tells what it measures; else it is a
   *     Distributed-trace agent, or whatever stands in its place
   */
  public record Agent(String id, String host, int port, boolean homespan) {}
}
