package io.homespan.mesh;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Works out who owns each slot and who is the runner-up, among at least two peers; a draft of an
 * {@link OwnerTable}. Not thread safe.
 *
 * <p>Nearly all its time goes into the numbers that peers draw, so it computes none twice in a slot
 * and few that it need not: who joins is compared with the runner-up alone, and only if it wins
 * with the owner; who leaves is missed only in the slots where it was one of the two. Of peers of
 * one weight only the best two can be the best two of all, and only those are compared by score.
 */
final class Contest {
  private final Ranking ranking;
  private final Places owners;
  private final Places runnersUp;
  private final int[] owned;
  private int first;
  private int second;

  private Contest(Ranking ranking, Places owners, Places runnersUp) {
    this.ranking = ranking;
    this.owners = owners;
    this.runnersUp = runnersUp;
    this.owned = new int[ranking.size()];
  }

  /** Everybody against everybody. */
  static Contest ofAll(Ranking ranking) {
    Places owners = Places.of(ranking.size(), OwnerTable.SLOTS);
    Places runnersUp = Places.of(ranking.size(), OwnerTable.SLOTS);
    Contest contest = new Contest(ranking, owners, runnersUp);
    List<Ranking.Group> groups = ranking.groups(IntStream.range(0, ranking.size()).toArray());
    for (int slot = 0; slot < OwnerTable.SLOTS; slot++) contest.decide(slot, groups);
    return contest;
  }

  /** Who stays takes over from who went; then each who came challenges. */
  static Contest after(OwnerTable before, PeerChange change, Ranking ranking) {
    int[] newPlaces = change.newPlaces();
    Places owners = before.owners().renumbered(newPlaces, ranking.size());
    Places runnersUp = before.runnersUp().renumbered(newPlaces, ranking.size());
    Contest contest = new Contest(ranking, owners, runnersUp);
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
    List<Ranking.Group> survivors = ranking.groups(change.survivors());
    Places oldOwners = before.owners();
    Places oldRunnersUp = before.runnersUp();
    for (int slot = 0; slot < OwnerTable.SLOTS; slot++) {
      int owner = newPlaces[oldOwners.at(slot)];
      if ((owner | newPlaces[oldRunnersUp.at(slot)]) >= 0) continue; // neither is NONE
      if (owner != Places.NONE) owned[owner]--; // is counted again
      decide(slot, survivors);
    }
  }

  private void challenge(int newcomer) {
    for (int slot = 0; slot < OwnerTable.SLOTS; slot++) {
      long slotHash = Rendezvous.slotHash(slot);
      int runnerUp = runnersUp.at(slot);
      if (!ranking.isBefore(slotHash, newcomer, runnerUp)) continue;
      int owner = owners.at(slot);
      if (ranking.isBefore(slotHash, newcomer, owner)) {
        runnersUp.put(slot, owner);
        owners.put(slot, newcomer);
        owned[owner]--;
        owned[newcomer]++;
      } else {
        runnersUp.put(slot, newcomer);
      }
    }
  }

  /** The first two of all groups. */
  private void decide(int slot, List<Ranking.Group> groups) {
    long slotHash = Rendezvous.slotHash(slot);
    firstTwo(slotHash, groups.get(0));
    int owner = first;
    int runnerUp = second;
    for (int i = 1; i < groups.size(); i++) {
      firstTwo(slotHash, groups.get(i));
      if (ranking.isBefore(slotHash, first, owner)) {
        runnerUp =
            second == Places.NONE || ranking.isBefore(slotHash, owner, second) ? owner : second;
        owner = first;
      } else if (runnerUp == Places.NONE || ranking.isBefore(slotHash, first, runnerUp)) {
        runnerUp = first;
      }
    }
    owners.put(slot, owner);
    runnersUp.put(slot, runnerUp);
    owned[owner]++;
  }

  /** The first two of peers of one weight, left in the fields. */
  private void firstTwo(long slotHash, Ranking.Group group) {
    long[] hashes = group.hashes;
    int[] places = group.places;
    if (hashes.length == 1) {
      first = places[0];
      second = Places.NONE;
      return;
    }
    // Shifted by the least long, so that a signed comparison orders them as unsigned.
    long highest = Rendezvous.number(slotHash, hashes[0]) + Long.MIN_VALUE;
    long next = Rendezvous.number(slotHash, hashes[1]) + Long.MIN_VALUE;
    int best = 0;
    int nextBest = 1;
    if (next > highest) {
      long number = highest;
      highest = next;
      next = number;
      best = 1;
      nextBest = 0;
    }
    for (int i = 2; i < hashes.length; i++) { // in order: of equal numbers the first stays ahead
      long number = Rendezvous.number(slotHash, hashes[i]) + Long.MIN_VALUE;
      if (number <= next) continue;
      if (number > highest) {
        next = highest;
        nextBest = best;
        highest = number;
        best = i;
      } else {
        next = number;
        nextBest = i;
      }
    }
    first = places[best];
    second = places[nextBest];
  }
}
