package io.homespan.mesh;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Says which peer owns a trace, and who stands in for it. Equal sets of peer ids give equal tables
 * on every node, whatever the order and history in which the peers came.
 *
 * <p>A trace id falls into one of {@link #SLOTS} slots; in each slot every peer has a weight, and
 * the highest owns it. A peer that joins or leaves moves only its own share and nothing between the
 * others. Owner and runner-up of every slot are stored, so a look-up is an array access; the rest
 * of the order is computed when asked for. All peers are named by their place in {@link #peers()}.
 *
 * <p>Immutable, so any thread may use it. It takes 4 MiB. Building costs the more the more peers
 * there are (about 0.1 s for 10, 0.7 s for 200): not on an event loop. {@link #with} costs a
 * fraction of that when few peers changed.
 */
public final class OwnerTable {
  /** How many slots there are; fixed, as it is part of the function. */
  public static final int SLOTS = 1 << Rendezvous.SLOT_BITS;

  /** How many peers a table can hold: a place has 15 bits. */
  public static final int MAX_PEERS = Short.MAX_VALUE;

  /** The table before any peer is known: nothing has an owner. */
  public static final OwnerTable EMPTY = empty();

  private static final int NONE = -1;

  private final PeerSet peers;
  private final long[] peerHashes;
  private final short[] owners;
  private final short[] runnersUp;
  private final double[] shares;
  private final String hash;

  private OwnerTable(
      PeerSet peers,
      long[] peerHashes,
      short[] owners,
      short[] runnersUp,
      double[] shares,
      String hash) {
    this.peers = peers;
    this.peerHashes = peerHashes;
    this.owners = owners;
    this.runnersUp = runnersUp;
    this.shares = shares;
    this.hash = hash;
  }

  /**
   * Builds the table of these peers from nothing.
   *
   * @throws IllegalArgumentException for more than {@link #MAX_PEERS} peers
   */
  public static OwnerTable of(PeerSet peers) {
    if (peers.isEmpty()) return EMPTY;
    long[] hashes = hashes(peers);
    int[] everybody = IntStream.range(0, hashes.length).toArray();
    short[] owners = new short[SLOTS];
    short[] runnersUp = new short[SLOTS];
    for (int slot = 0; slot < SLOTS; slot++) {
      place(slot, contest(slot, hashes, everybody, 0), owners, runnersUp);
    }
    return finished(peers, hashes, owners, runnersUp);
  }

  /**
   * The table of other peers, built from this one: equal to {@link #of}, and the cheaper the fewer
   * have come and gone. A peer whose address alone changed costs nothing.
   *
   * @throws IllegalArgumentException for more than {@link #MAX_PEERS} peers
   */
  public OwnerTable with(PeerSet next) {
    if (next.ids().equals(peers.ids())) {
      return new OwnerTable(next, peerHashes, owners, runnersUp, shares, hash);
    }
    PeerChange change = PeerChange.between(peers, next);
    if (change.nobodyStays()) return of(next);

    long[] hashes = hashes(next);
    int[] everybody = IntStream.range(0, hashes.length).toArray();
    int[] newcomers = change.newcomers();
    // A slot that lost neither of its two can only lose to a newcomer: [runner-up, owner, new...].
    int[] challenged = new int[2 + newcomers.length];
    System.arraycopy(newcomers, 0, challenged, 2, newcomers.length);
    short[] newOwners = new short[SLOTS];
    short[] newRunnersUp = new short[SLOTS];
    for (int slot = 0; slot < SLOTS; slot++) {
      boolean single = runnersUp[slot] == NONE;
      int owner = change.placeOf(owners[slot]);
      int runnerUp = single ? NONE : change.placeOf(runnersUp[slot]);
      int won;
      if (owner == NONE || (runnerUp == NONE && !single)) {
        won = contest(slot, hashes, everybody, 0);
      } else if (newcomers.length == 0) {
        won = pair(owner, runnerUp);
      } else {
        challenged[0] = runnerUp;
        challenged[1] = owner;
        won = contest(slot, hashes, challenged, single ? 1 : 0);
      }
      place(slot, won, newOwners, newRunnersUp);
    }
    return finished(next, hashes, newOwners, newRunnersUp);
  }

  /** The slot of a trace id, given as its two big-endian halves. */
  public static int slot(long hi, long lo) {
    return Rendezvous.slot(hi, lo);
  }

  /** The place of a trace's owner, or -1 if there are no peers. */
  public int owner(long hi, long lo) {
    return owners[Rendezvous.slot(hi, lo)];
  }

  /** The place of the first who stands in for a trace's owner, or -1 if there are no two peers. */
  public int runnerUp(long hi, long lo) {
    return runnersUp[Rendezvous.slot(hi, lo)];
  }

  /** The place of a slot's owner, or -1 if there are no peers. */
  public int ownerOfSlot(int slot) {
    return owners[slot];
  }

  /** All peers' places in the order in which they would own the slot: the owner first. */
  public int[] order(int slot) {
    long slotHash = Rendezvous.slotHash(Objects.checkIndex(slot, SLOTS));
    Comparator<Integer> byWeight =
        (a, b) ->
            Long.compareUnsigned(
                Rendezvous.weight(slotHash, peerHashes[b]),
                Rendezvous.weight(slotHash, peerHashes[a]));
    return IntStream.range(0, peerHashes.length)
        .boxed()
        .sorted(byWeight) // stable: of equal weights the lesser id stays first
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
    return shares[place];
  }

  /**
   * 16 hex digits that differ when two tables may disagree on any owner. They cover the function
   * and the peers' ids, not their addresses.
   */
  public String hash() {
    return hash;
  }

  /** By slot; for tests, which compare whole tables. */
  short[] owners() {
    return owners.clone();
  }

  /** By slot; for tests. */
  short[] runnersUp() {
    return runnersUp.clone();
  }

  /** Owner and runner-up among the candidates from {@code from} on, in whatever order they are. */
  private static int contest(int slot, long[] hashes, int[] candidates, int from) {
    long slotHash = Rendezvous.slotHash(slot);
    int first = NONE;
    int second = NONE;
    long firstWeight = 0;
    long secondWeight = 0;
    for (int i = from; i < candidates.length; i++) {
      int place = candidates[i];
      long weight = Rendezvous.weight(slotHash, hashes[place]);
      if (wins(weight, place, firstWeight, first)) {
        second = first;
        secondWeight = firstWeight;
        first = place;
        firstWeight = weight;
      } else if (wins(weight, place, secondWeight, second)) {
        second = place;
        secondWeight = weight;
      }
    }
    return pair(first, second);
  }

  private static boolean wins(long weight, int place, long otherWeight, int other) {
    if (weight == otherWeight || other == NONE) return other == NONE || place < other;
    return Long.compareUnsigned(weight, otherWeight) > 0;
  }

  private static int pair(int owner, int runnerUp) {
    return owner << 16 | (runnerUp & 0xFFFF);
  }

  private static void place(int slot, int pair, short[] owners, short[] runnersUp) {
    owners[slot] = (short) (pair >> 16);
    runnersUp[slot] = (short) pair;
  }

  private static long[] hashes(PeerSet peers) {
    if (peers.size() > MAX_PEERS) {
      throw new IllegalArgumentException(
          "an owner table holds " + MAX_PEERS + " peers at most, not " + peers.size());
    }
    return peers.peers().stream().mapToLong(peer -> Rendezvous.peerHash(peer.id())).toArray();
  }

  private static OwnerTable finished(
      PeerSet peers, long[] hashes, short[] owners, short[] runnersUp) {
    double[] shares = new double[hashes.length];
    for (short owner : owners) shares[owner]++;
    for (int i = 0; i < shares.length; i++) shares[i] /= SLOTS;
    String hash = Rendezvous.hashOf(peers.ids());
    return new OwnerTable(peers, hashes, owners, runnersUp, shares, hash);
  }

  private static OwnerTable empty() {
    short[] nobody = new short[SLOTS];
    Arrays.fill(nobody, (short) -1);
    String hash = Rendezvous.hashOf(PeerSet.EMPTY.ids());
    return new OwnerTable(PeerSet.EMPTY, new long[0], nobody, nobody, new double[0], hash);
  }
}
