package io.homespan.bus;

import io.homespan.mesh.OwnerTable;
import io.homespan.mesh.PeerSet;
import java.util.List;

/**
 * What discovery knows, as one consistent snapshot. Published whenever any of it changes.
 *
 * @param generation counts snapshots, from 1
 * @param selfId this node's peer id, or what it would be
 * @param ready the first look-up and one round of exchanges have ended, and there are peers
 * @param table owner of every slot, over exactly the peers of {@code table.peers()}
 * @param members what is known of each address's owner, for the operator
 * @param problems what is wrong now, one sentence each
 */
public record Membership(
    long generation,
    String selfId,
    boolean ready,
    OwnerTable table,
    List<Member> members,
    List<String> problems) {
  /** What stands for the id of a node whose role is gateway: it has none, and is no address. */
  public static final String GATEWAY = "gateway";

  /** Copies the lists. */
  public Membership {
    members = List.copyOf(members);
    problems = List.copyOf(problems);
  }

  /** The peers in the table. */
  public PeerSet peers() {
    return table.peers();
  }

  /** Whether this node stands in its own table; if not, it owns nothing. */
  public boolean containsSelf() {
    return table.peers().indexOf(selfId) >= 0;
  }

  /**
   * One peer for the operator's eye.
   *
   * @param addresses where it was found, "host:port", the one in use first
   * @param foundBy the kinds of the providers whose last answers held it; none: it is about to go
   * @param state {@code self}, {@code answered}, {@code foreign} (an OTLP receiver that is no
   *     Homespan node), {@code unanswered}, {@code leaving} or {@code refused}
   * @param inTable whether it stands in the owner table
   * @param facts what it tells of itself
   * @param tableHash the hash of its own owner table, or ""
   */
  public record Member(
      String id,
      List<String> addresses,
      List<String> foundBy,
      String state,
      boolean self,
      boolean inTable,
      NodeFacts facts,
      String tableHash) {}
}
