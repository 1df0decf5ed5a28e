package io.homespan.discovery;

import io.homespan.bus.Membership.Member;
import io.homespan.bus.NodeFacts;
import io.homespan.mesh.PeerSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Tells an operator what is known of every address, a line for each id.
 *
 * @param foundBy the kinds of the providers that list an address
 */
record Overview(
    Predicate<Seat> isSelf,
    String ownId,
    NodeFacts ownFacts,
    Function<String, List<String>> foundBy,
    PeerSet inTable) {
  List<Member> of(Collection<Seat> seats) {
    Map<String, List<Seat>> groups = new TreeMap<>(PeerSet.BYTEWISE);
    for (Seat seat : seats) {
      String id = isSelf.test(seat) ? ownId : seat.id();
      groups.computeIfAbsent(id, i -> new ArrayList<>()).add(seat);
    }
    List<Member> members = new ArrayList<>();
    groups.forEach((id, group) -> members.add(member(id, group)));
    return members;
  }

  private Member member(String id, List<Seat> group) {
    Seat first = group.get(0);
    for (Seat seat : group) {
      if (rank(stateOf(seat)) < rank(stateOf(first))) first = seat;
    }
    List<String> addresses = new ArrayList<>();
    Set<String> ways = new LinkedHashSet<>();
    addresses.add(first.address().listed());
    for (Seat seat : group) {
      if (seat != first) addresses.add(seat.address().listed());
      ways.addAll(foundBy.apply(seat.address().listed()));
    }
    String state = stateOf(first);
    Hello last = first.last();
    return new Member(
        id,
        addresses,
        List.copyOf(ways),
        state,
        state.equals("self"),
        inTable.indexOf(id) >= 0,
        facts(first, last),
        last == null ? "" : last.table());
  }

  private NodeFacts facts(Seat seat, @Nullable Hello last) {
    if (isSelf.test(seat)) return ownFacts;
    if (last != null) return last.facts();
    return new NodeFacts("", "", seat.weight(), 0); // as a neighbour knows it
  }

  private static int rank(String state) {
    return List.of("self", "answered", "foreign", "unanswered", "leaving", "refused")
        .indexOf(state);
  }

  private String stateOf(Seat seat) {
    if (isSelf.test(seat)) return "self";
    if (seat.isGone()) return "leaving";
    return switch (seat.state()) {
      case ANSWERED -> "answered";
      case FOREIGN -> "foreign";
      case REFUSED -> "refused";
      case NEW, UNANSWERED -> "unanswered";
    };
  }
}
