package io.homespan.mesh;

import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Says which peer owns a trace, and who stands in for it. Equal sets of peer ids and weights give
 * equal tables on every node, whatever the order and history in which the peers came.
 *
 * <p>A trace id falls into one of {@link #SLOTS} slots; in each slot every peer draws a number, and
 * the highest owns it, which peers of greater weight do more often. A peer that joins or leaves
 * moves only its own share and nothing between the others. Owner and runner-up of every slot are
 * stored, so a look-up is an array access; the rest of the order is computed when asked for. All
 * peers are named by their place in {@link #peers()}.
 *
 * <p>Immutable, so any thread may use it. It takes 2 MiB, or 4 MiB for more than 256 peers.
 * Building costs the more the more peers there are (about 80 ms for 10, 0.6 s for 200): not on an
 * event loop. {@link #with} costs a fraction of that when few peers changed (6 ms for one that
 * joins 200).
 */
public final class OwnerTable {
  /** How many slots there are; fixed, as it is part of the function. */
  public static final int SLOTS = 1 << Rendezvous.SLOT_BITS;

  /** How many peers a table can hold: a place has 15 bits. */
  public static final int MAX_PEERS = Short.MAX_VALUE;

  /** The table before any peer is known: nothing has an owner. */
  public static final OwnerTable EMPTY = empty();

  private final PeerSet peers;
  private final Ranking ranking;
  private final Places owners;
  private final Places runnersUp;
  private final int[] owned;
  private final String hash;

  private OwnerTable(
      PeerSet peers, Ranking ranking, Places owners, Places runnersUp, int[] owned, String hash) {
    this.peers = peers;
    this.ranking = ranking;
    this.owners = owners;
    this.runnersUp = runnersUp;
    this.owned = owned;
    this.hash = hash;
  }

  /**
   * Builds the table of these peers from nothing.
   *
   * @throws IllegalArgumentException for more than {@link #MAX_PEERS} peers
   */
  public static OwnerTable of(PeerSet peers) {
    if (peers.isEmpty()) return EMPTY;
    if (peers.size() == 1) return alone(peers);
    Ranking ranking = ranking(peers);
    return decided(peers, ranking, Contest.ofAll(ranking));
  }

  /**
   * The table of other peers, built from this one: equal to {@link #of}, and the cheaper the fewer
   * have come and gone. A peer whose address alone changed costs nothing.
   *
   * @throws IllegalArgumentException for more than {@link #MAX_PEERS} peers
   */
  public OwnerTable with(PeerSet next) {
    if (next.isWeighedAs(peers)) {
      return new OwnerTable(next, ranking, owners, runnersUp, owned, hash);
    }
    PeerChange change = PeerChange.between(peers, next);
    int survivors = change.survivors().length;
    // A newcomer's challenge costs as much as three numbers; and there must be two to challenge.
    if (survivors < 2 || survivors < 3 * change.newcomers().length) return of(next);
    Ranking nextRanking = ranking(next);
    return decided(next, nextRanking, Contest.after(this, change, nextRanking));
  }

  /** The slot of a trace id, given as its two big-endian halves. */
  public static int slot(long hi, long lo) {
    return Rendezvous.slot(hi, lo);
  }

  /** The place of a trace's owner, or -1 if there are no peers. */
  public int owner(long hi, long lo) {
    return owners.at(Rendezvous.slot(hi, lo));
  }

  /** The place of the first who stands in for a trace's owner, or -1 if there are no two peers. */
  public int runnerUp(long hi, long lo) {
    return runnersUp.at(Rendezvous.slot(hi, lo));
  }

  /** The place of a slot's owner, or -1 if there are no peers. */
  public int ownerOfSlot(int slot) {
    return owners.at(slot);
  }

  /** All peers' places in the order in which they would own the slot: the owner first. */
  public int[] order(int slot) {
    long slotHash = Rendezvous.slotHash(Objects.checkIndex(slot, SLOTS));
    return IntStream.range(0, ranking.size())
        .boxed()
        .sorted((a, b) -> a.equals(b) ? 0 : ranking.isBefore(slotHash, a, b) ? -1 : 1)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** The peer at a place. */
  public Peer peer(int place) {
    return peers.peers().get(place);
  }

  /** The peers, in the order of their places. */
  public PeerSet peers() {
    return peers;
  }

  /** What fraction of all slots the peer at a place owns, 0 to 1. */
  public double share(int place) {
    return (double) owned[place] / SLOTS;
  }

  /**
   * 16 hex digits that differ when two tables may disagree on any owner. They cover the function
   * and the peers' ids and weights, not their addresses.
   */
  public String hash() {
    return hash;
  }

  /** By slot. */
  Places owners() {
    return owners;
  }

  /** By slot. */
  Places runnersUp() {
    return runnersUp;
  }

  /** How many slots the peer at a place owns. */
  int owned(int place) {
    return owned[place];
  }

  private static Ranking ranking(PeerSet peers) {
    if (peers.size() > MAX_PEERS) {
      throw new IllegalArgumentException(
          "an owner table holds " + MAX_PEERS + " peers at most, not " + peers.size());
    }
    return Ranking.of(peers);
  }

  private static OwnerTable decided(PeerSet peers, Ranking ranking, Contest contest) {
    return new OwnerTable(
        peers,
        ranking,
        contest.owners(),
        contest.runnersUp(),
        contest.owned(),
        Rendezvous.hashOf(peers));
  }

  private static OwnerTable alone(PeerSet one) {
    Places owners = Places.of(1, SLOTS); // all of them 0
    int[] owned = {SLOTS};
    String hash = Rendezvous.hashOf(one);
    return new OwnerTable(one, Ranking.of(one), owners, EMPTY.runnersUp, owned, hash);
  }

  private static OwnerTable empty() {
    Places nobody = Places.empty(SLOTS);
    String hash = Rendezvous.hashOf(PeerSet.EMPTY);
    Ranking none = Ranking.of(PeerSet.EMPTY);
    return new OwnerTable(PeerSet.EMPTY, none, nobody, nobody, new int[0], hash);
  }
}
