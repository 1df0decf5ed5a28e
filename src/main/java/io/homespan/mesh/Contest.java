package io.homespan.mesh;

/**
 * Works out who owns each slot and who is the runner-up, among at least two peers; a draft of an
 * {@link OwnerTable}. Not thread safe.
 *
 * <p>Nearly all its time goes into weights, so it computes no weight twice in a slot and few that
 * it need not: who joins is weighed against the runner-up alone, and only if it wins against the
 * owner; who leaves is missed only in the slots where it was one of the two.
 */
final class Contest {
  private final long[] hashes;
  private final Places owners;
  private final Places runnersUp;
  private final int[] owned;

  private Contest(long[] hashes, Places owners, Places runnersUp) {
    this.hashes = hashes;
    this.owners = owners;
    this.runnersUp = runnersUp;
    this.owned = new int[hashes.length];
  }

  /** Everybody against everybody. */
  static Contest ofAll(long[] hashes) {
    Places owners = Places.of(hashes.length, OwnerTable.SLOTS);
    Places runnersUp = Places.of(hashes.length, OwnerTable.SLOTS);
    Contest contest = new Contest(hashes, owners, runnersUp);
    int[] everybody = new int[hashes.length];
    for (int place = 0; place < everybody.length; place++) everybody[place] = place;
    for (int slot = 0; slot < OwnerTable.SLOTS; slot++) contest.decide(slot, hashes, everybody);
    return contest;
  }

  /** Who stays takes over from who went; then each who came challenges. */
  static Contest after(OwnerTable before, PeerChange change, long[] hashes) {
    int[] newPlaces = change.newPlaces();
    Places owners = before.owners().renumbered(newPlaces, hashes.length);
    Places runnersUp = before.runnersUp().renumbered(newPlaces, hashes.length);
    Contest contest = new Contest(hashes, owners, runnersUp);
    for (int place = 0; place < newPlaces.length; place++) {
      if (newPlaces[place] != Places.NONE) contest.owned[newPlaces[place]] = before.owned(place);
    }
    if (change.survivors().length < newPlaces.length) contest.fillGaps(before, change);
    for (int place : change.newcomers()) contest.challenge(place);
    return contest;
  }

  Places owners() {
    return owners;
  }

  Places runnersUp() {
    return runnersUp;
  }

  /** How many slots the peer at each place owns. */
  int[] owned() {
    return owned;
  }

  /** Contests the slots anew in which somebody who went was owner or runner-up. */
  private void fillGaps(OwnerTable before, PeerChange change) {
    int[] newPlaces = change.newPlaces();
    int[] survivors = change.survivors();
    long[] survivorHashes = new long[survivors.length];
    for (int i = 0; i < survivors.length; i++) survivorHashes[i] = hashes[survivors[i]];
    Places oldOwners = before.owners();
    Places oldRunnersUp = before.runnersUp();
    for (int slot = 0; slot < OwnerTable.SLOTS; slot++) {
      int owner = newPlaces[oldOwners.at(slot)];
      if ((owner | newPlaces[oldRunnersUp.at(slot)]) >= 0) continue; // neither is NONE
      if (owner != Places.NONE) owned[owner]--; // is counted again
      decide(slot, survivorHashes, survivors);
    }
  }

  private void challenge(int newcomer) {
    long newcomerHash = hashes[newcomer];
    for (int slot = 0; slot < OwnerTable.SLOTS; slot++) {
      long slotHash = Rendezvous.slotHash(slot);
      long weight = Rendezvous.weight(slotHash, newcomerHash);
      int runnerUp = runnersUp.at(slot);
      long weightThere = Rendezvous.weight(slotHash, hashes[runnerUp]);
      if (!wins(weight, newcomer, weightThere, runnerUp)) continue;
      int owner = owners.at(slot);
      if (wins(weight, newcomer, Rendezvous.weight(slotHash, hashes[owner]), owner)) {
        runnersUp.put(slot, owner);
        owners.put(slot, newcomer);
        owned[owner]--;
        owned[newcomer]++;
      } else {
        runnersUp.put(slot, newcomer);
      }
    }
  }

  private static boolean wins(long weight, int place, long otherWeight, int other) {
    return weight == otherWeight
        ? place < other
        : weight + Long.MIN_VALUE > otherWeight + Long.MIN_VALUE;
  }

  /**
   * The two highest of some peers.
   *
   * @param candidates their places, in order: of equal weights the first stays ahead
   * @param weighed their hashes, beside their places
   */
  private void decide(int slot, long[] weighed, int[] candidates) {
    long slotHash = Rendezvous.slotHash(slot);
    // Shifted by the least long, so that a signed comparison orders them as unsigned.
    long first = Rendezvous.weight(slotHash, weighed[0]) + Long.MIN_VALUE;
    long second = Rendezvous.weight(slotHash, weighed[1]) + Long.MIN_VALUE;
    int owner = 0;
    int runnerUp = 1;
    if (second > first) {
      long weight = first;
      first = second;
      second = weight;
      owner = 1;
      runnerUp = 0;
    }
    for (int i = 2; i < weighed.length; i++) {
      long weight = Rendezvous.weight(slotHash, weighed[i]) + Long.MIN_VALUE;
      if (weight <= second) continue;
      if (weight > first) {
        second = first;
        runnerUp = owner;
        first = weight;
        owner = i;
      } else {
        second = weight;
        runnerUp = i;
      }
    }
    owners.put(slot, candidates[owner]);
    runnersUp.put(slot, candidates[runnerUp]);
    owned[candidates[owner]]++;
  }
}
