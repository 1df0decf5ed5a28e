package io.homespan.mesh;

import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OwnerTableTest {
  private static final int TRACES = 1_000_000;

  /** Two texts that FNV-1a makes the same 64 bits of. */
  private static final String TWIN_A = "8yn0iYCKYHlIj4-BwPqk";

  private static final String TWIN_B = "GReLUrM4wMqfg9yzV3KQ";

  @Test
  void withoutPeers_nothingHasAnOwner() {
    OwnerTable table = OwnerTable.of(PeerSet.EMPTY);

    assertThat(table).isSameAs(OwnerTable.EMPTY);
    assertThat(table.owner(1, 2)).isEqualTo(-1);
    assertThat(table.runnerUp(1, 2)).isEqualTo(-1);
    assertThat(table.order(0)).isEmpty();
    assertThat(table.hash()).matches("[0-9a-f]{16}");
  }

  @Test
  void onePeer_ownsAll_withoutRunnerUp() {
    OwnerTable table = OwnerTable.of(peers(1));

    for (int slot = 0; slot < OwnerTable.SLOTS; slot++) {
      assertThat(table.ownerOfSlot(slot)).isZero();
    }
    assertThat(table.runnerUp(1, 2)).isEqualTo(-1);
    assertThat(table.order(7)).containsExactly(0);
    assertThat(table.share(0)).isEqualTo(1);
  }

  @Test
  void ofTwoPeers_theOtherIsTheRunnerUp() {
    OwnerTable table = OwnerTable.of(peers(2));
    Random random = new Random(1);

    for (int i = 0; i < 1000; i++) {
      long hi = random.nextLong();
      long lo = random.nextLong();
      assertThat(table.owner(hi, lo) + table.runnerUp(hi, lo)).isEqualTo(1);
    }
    assertThat(table.share(0)).isBetween(0.49, 0.51);
  }

  @Test
  void loadIsEven_forRandomIds() {
    Random random = new Random(2);
    assertEven(i -> new long[] {random.nextLong(), random.nextLong()});
  }

  @Test
  void loadIsEven_forIdsPaddedWithZeros() {
    Random random = new Random(3);
    assertEven(i -> new long[] {0, random.nextLong()});
    assertEven(i -> new long[] {random.nextLong(), 0});
  }

  @Test
  void loadIsEven_forIdsThatCount() {
    assertEven(i -> new long[] {0, i + 1});
    assertEven(i -> new long[] {i + 1, 0});
    assertEven(i -> new long[] {(long) i << 32, 0x0102030405060708L}); // a clock in front
  }

  private static void assertEven(IntFunction<long[]> ids) {
    OwnerTable table = OwnerTable.of(peers(10));
    int[] load = new int[10];
    for (int i = 0; i < TRACES; i++) {
      long[] id = ids.apply(i);
      load[table.owner(id[0], id[1])]++;
    }
    double busiest = Arrays.stream(load).max().orElseThrow();
    assertThat(busiest / (TRACES / 10.0)).isLessThan(1.05);
  }

  @Test
  void sharesAreTheFractionsOwned() {
    OwnerTable table = OwnerTable.of(peers(5));
    int[] owned = new int[5];
    for (int slot = 0; slot < OwnerTable.SLOTS; slot++) owned[table.ownerOfSlot(slot)]++;

    for (int i = 0; i < 5; i++) {
      assertThat(table.share(i)).isEqualTo((double) owned[i] / OwnerTable.SLOTS);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 10, 30, 200})
  void whoJoinsOrLeaves_movesItsOwnShareOnly(int size) {
    List<Peer> all = peers(size).peers();
    Peer one = all.get(size / 2);
    OwnerTable whole = OwnerTable.of(PeerSet.of(all));
    OwnerTable lacking = OwnerTable.of(without(all, one));

    short[] runnersUp = whole.runnersUp().toArray();
    int moved = 0;
    for (int slot = 0; slot < OwnerTable.SLOTS; slot++) {
      Peer owner = whole.peer(whole.ownerOfSlot(slot));
      Peer ownerThen = lacking.peer(lacking.ownerOfSlot(slot));
      if (owner.equals(one)) {
        moved++;
        owner = whole.peer(runnersUp[slot]); // the heir
      }
      if (!ownerThen.equals(owner)) {
        throw new AssertionError("slot " + slot + " moved to " + ownerThen + " from " + owner);
      }
    }
    assertThat((double) moved / OwnerTable.SLOTS).isLessThanOrEqualTo(1.0 / size + 0.01);
  }

  @Test
  void buildingOn_givesTheTableThatBuildingAnewGives() {
    Random random = new Random(4);
    List<Peer> pool = new ArrayList<>(peers(12).peers());
    pool.add(peer(TWIN_A));
    pool.add(peer(TWIN_B));
    OwnerTable table = OwnerTable.EMPTY;
    for (int step = 0; step < 30; step++) {
      Collections.shuffle(pool, random);
      PeerSet next = PeerSet.of(pool.subList(0, random.nextInt(pool.size() + 1)));

      table = table.with(next);

      assertSame(table, OwnerTable.of(next));
    }
  }

  @Test
  void buildingOn_oneAtATime_givesTheSameToo() {
    List<Peer> all = new ArrayList<>(peers(7).peers());
    Collections.shuffle(all, new Random(5));
    OwnerTable table = OwnerTable.EMPTY;
    for (int n = 1; n <= all.size(); n++) {
      table = table.with(PeerSet.of(all.subList(0, n)));
      assertSame(table, OwnerTable.of(PeerSet.of(all.subList(0, n))));
    }
    for (int n = all.size() - 1; n >= 0; n--) {
      table = table.with(PeerSet.of(all.subList(0, n)));
      assertSame(table, OwnerTable.of(PeerSet.of(all.subList(0, n))));
    }
  }

  @Test
  void buildingOn_givesTheSame_whereAPlaceTakesTwoBytes() {
    OwnerTable table = OwnerTable.of(peers(250));
    for (int n : new int[] {256, 257, 260, 250}) {
      table = table.with(peers(n));
      assertSame(table, OwnerTable.of(peers(n)));
    }
    assertThat(table.with(peers(1)).runnerUp(1, 2)).isEqualTo(-1);
  }

  @Test
  void theOrderOfArrival_doesNotMatter() {
    List<Peer> shuffled = new ArrayList<>(peers(9).peers());
    Collections.shuffle(shuffled, new Random(6));

    assertSame(OwnerTable.of(PeerSet.of(shuffled)), OwnerTable.of(peers(9)));
  }

  @Test
  void anAddressThatChanges_changesThePeerOnly() {
    OwnerTable before = OwnerTable.of(peers(3));
    List<Peer> moved =
        peers(3).peers().stream().map(p -> new Peer(p.id(), "elsewhere", 1)).collect(toList());

    OwnerTable after = before.with(PeerSet.of(moved));

    assertSame(after, before);
    assertThat(after.peer(0).host()).isEqualTo("elsewhere");
    assertThat(before.peer(0).host()).isNotEqualTo("elsewhere");
  }

  @Test
  void theOrder_beginsWithOwnerAndRunnerUp_andHasEverybodyOnce() {
    OwnerTable table = OwnerTable.of(peers(20));
    Random random = new Random(7);

    for (int i = 0; i < 1000; i++) {
      long hi = random.nextLong();
      long lo = random.nextLong();
      int[] order = table.order(OwnerTable.slot(hi, lo));
      assertThat(order[0]).isEqualTo(table.owner(hi, lo));
      assertThat(order[1]).isEqualTo(table.runnerUp(hi, lo));
      assertThat(order).containsExactlyInAnyOrder(IntStream.range(0, 20).toArray()).hasSize(20);
    }
  }

  @Test
  void theOrder_withoutWhoLeft_isTheOrderOfTheRest() {
    List<Peer> all = peers(8).peers();
    OwnerTable whole = OwnerTable.of(PeerSet.of(all));
    OwnerTable lacking = OwnerTable.of(without(all, all.get(3)));

    for (int slot = 0; slot < 1000; slot++) {
      List<Peer> rest = new ArrayList<>(orderOf(whole, slot));
      rest.remove(all.get(3));
      assertThat(orderOf(lacking, slot)).isEqualTo(rest);
    }
  }

  @Test
  void peersWhoseHashesCollide_haveAnOrderAllTheSame() {
    assertThat(Rendezvous.peerHash(TWIN_A)).isEqualTo(Rendezvous.peerHash(TWIN_B));
    PeerSet three = PeerSet.of(List.of(peer(TWIN_B), peer(TWIN_A), peer("another")));
    OwnerTable table = OwnerTable.of(three);

    for (int slot = 0; slot < 1000; slot++) {
      List<String> order = orderOf(table, slot).stream().map(Peer::id).collect(toList());
      assertThat(order).hasSize(3);
      assertThat(order.indexOf(TWIN_B)).isEqualTo(order.indexOf(TWIN_A) + 1);
      assertThat(table.ownerOfSlot(slot)).isEqualTo(three.indexOf(order.get(0)));
    }
    assertThat(OwnerTable.of(PeerSet.of(List.of(peer(TWIN_A)))).hash())
        .isNotEqualTo(OwnerTable.of(PeerSet.of(List.of(peer(TWIN_B)))).hash());
  }

  @Test
  void theHash_tellsSetsOfIdsApart() {
    PeerSet two = PeerSet.of(List.of(peer("a"), peer("b")));
    assertThat(Rendezvous.hashOf(PeerSet.of(List.of(peer("ab")))))
        .isNotEqualTo(Rendezvous.hashOf(two));
    PeerSet heavy = PeerSet.of(List.of(peer("a", 2), peer("b", 1)));
    PeerSet otherHeavy = PeerSet.of(List.of(peer("a", 1), peer("b", 2)));
    assertThat(List.of(two, heavy, otherHeavy).stream().map(Rendezvous::hashOf))
        .doesNotHaveDuplicates();
  }

  @Test
  void tooManyPeers_areRefused() {
    assertThatThrownBy(() -> OwnerTable.of(peers(OwnerTable.MAX_PEERS + 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("32767");
  }

  /**
   * Nodes of different versions must agree; the numbers come from a second implementation, in
   * another language. If this fails, the function has changed: raise {@link Rendezvous#VERSION},
   * and know that during the upgrade traces are split.
   */
  @Test
  void theFunctionStaysAsItIs() {
    OwnerTable table =
        OwnerTable.of(
            PeerSet.of(
                List.of(peer("10.0.0.1:21891"), peer("10.0.0.2:21891"), peer("zwölf.example:9"))));

    assertThat(OwnerTable.EMPTY.hash()).isEqualTo("645825d52386b64f");
    assertThat(table.hash()).isEqualTo("c210406c97deaf4f");
    assertThat(Rendezvous.peerHash("zwölf.example:9")).isEqualTo(0x9D8982D388079AF4L);
    assertThat(OwnerTable.slot(0, 0)).isEqualTo(295448);
    assertThat(OwnerTable.slot(0, 1)).isEqualTo(647190);
    assertThat(OwnerTable.slot(0x4bf92f3577b34da6L, 0xa3ce929d0e0e4736L)).isEqualTo(842123);
    assertThat(table.order(0)).containsExactly(0, 1, 2);
    assertThat(table.order(524_288)).containsExactly(0, 1, 2);
    assertThat(table.order(1_048_575)).containsExactly(2, 1, 0);
    int[] owners = IntStream.range(0, OwnerTable.SLOTS).map(table::ownerOfSlot).toArray();
    assertThat(Arrays.hashCode(owners)).isEqualTo(-1867549995);
  }

  @Test
  void theFunctionOfWeights_staysAsItIs() {
    OwnerTable table =
        OwnerTable.of(
            PeerSet.of(
                List.of(
                    peer("10.0.0.1:21891"),
                    peer("10.0.0.2:21891", 3),
                    peer("zwölf.example:9", 2))));

    assertThat(table.hash()).isEqualTo("bf1e4e67c050d17a");
    assertThat(table.order(0)).containsExactly(0, 1, 2);
    assertThat(table.order(5)).containsExactly(1, 2, 0);
    assertThat(table.order(1_048_575)).containsExactly(2, 1, 0);
    int[] owners = IntStream.range(0, OwnerTable.SLOTS).map(table::ownerOfSlot).toArray();
    assertThat(Arrays.hashCode(owners)).isEqualTo(1_183_661_972);
  }

  @Test
  void sharesAreAsTheWeights() {
    int[] weights = {1, 2, 3, 4, 5, 1, 1, 10, 2, 1};
    OwnerTable table = OwnerTable.of(weighed(weights));
    double sum = Arrays.stream(weights).sum();

    for (int i = 0; i < weights.length; i++) {
      double due = weights[i] / sum;
      assertThat(table.share(i)).isBetween(0.98 * due, 1.02 * due);
    }
  }

  @Test
  void equalWeights_haveNoEffect() {
    OwnerTable heavy = OwnerTable.of(weighed(7, 7, 7, 7));

    assertSame(heavy, OwnerTable.of(peers(4)));
    assertSame(heavy.with(peers(4)), heavy);
  }

  @Test
  void whoseWeightChanges_takesFromOthers_andGivesToOthers_alone() {
    OwnerTable before = OwnerTable.of(weighed(1, 1, 2, 1, 3));
    OwnerTable after = before.with(weighed(1, 4, 2, 1, 3));
    int lost = 0;
    int moved = 0;
    for (int slot = 0; slot < OwnerTable.SLOTS; slot++) {
      int was = before.ownerOfSlot(slot);
      int is = after.ownerOfSlot(slot);
      if (was == 1 && is != 1) lost++;
      if (was != is && is != 1) moved++;
    }
    assertThat(lost).isZero();
    assertThat(moved).isZero();
    assertThat(after.share(1)).isBetween(4 / 11.0 - 0.01, 4 / 11.0 + 0.01);
  }

  @Test
  void buildingOn_givesTheSame_withWeights() {
    Random random = new Random(8);
    OwnerTable table = OwnerTable.EMPTY;
    for (int step = 0; step < 16; step++) {
      // few changes at a time, so that tables are built on each other
      List<Peer> some = new ArrayList<>(table.peers().peers());
      if (step % 8 == 0 || some.size() < 4)
        some = new ArrayList<>(weighed(1, 1, 2, 2, 3, 5, 1, 2).peers());
      Peer one = some.remove(random.nextInt(some.size()));
      if (random.nextBoolean())
        some.add(new Peer(one.id(), one.host(), one.port(), 1 + random.nextInt(4)));
      PeerSet next = PeerSet.of(some);

      table = table.with(next);

      assertSame(table, OwnerTable.of(next));
      for (int slot = 0; slot < 1000; slot++) {
        int[] order = table.order(slot);
        assertThat(order[0]).isEqualTo(table.ownerOfSlot(slot));
        if (order.length > 1) assertThat(order[1]).isEqualTo(table.runnersUp().at(slot));
      }
    }
  }

  private static PeerSet weighed(int... weights) {
    return PeerSet.of(
        IntStream.range(0, weights.length)
            .mapToObj(i -> peer("10.0.0." + i + ":21891", weights[i]))
            .collect(toList()));
  }

  private static Peer peer(String id, int weight) {
    return new Peer(id, "127.0.0.1", 21891, weight);
  }

  private static void assertSame(OwnerTable table, OwnerTable expected) {
    assertThat(table.hash()).isEqualTo(expected.hash());
    assertThat(table.peers().ids()).isEqualTo(expected.peers().ids());
    for (int i = 0; i < expected.peers().size(); i++) {
      assertThat(table.share(i)).isEqualTo(expected.share(i));
    }
    assertThat(Arrays.equals(table.owners().toArray(), expected.owners().toArray()))
        .as("owners equal")
        .isTrue();
    assertThat(Arrays.equals(table.runnersUp().toArray(), expected.runnersUp().toArray()))
        .as("runners-up equal")
        .isTrue();
  }

  private static List<Peer> orderOf(OwnerTable table, int slot) {
    return Arrays.stream(table.order(slot)).mapToObj(table::peer).collect(toList());
  }

  private static PeerSet without(List<Peer> peers, Peer one) {
    return PeerSet.of(peers.stream().filter(p -> !p.equals(one)).collect(toList()));
  }

  private static PeerSet peers(int n) {
    return PeerSet.of(
        IntStream.range(0, n).mapToObj(i -> peer("10.0.0." + i + ":21891")).collect(toList()));
  }

  private static Peer peer(String id) {
    return new Peer(id, "127.0.0.1", 21891);
  }
}
