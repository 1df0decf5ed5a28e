package io.homespan.discovery;

import io.homespan.discovery.Hello.Known;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is known of one address. Not thread safe: belongs to one {@link Roster}. */
final class Seat {
  /** How many answers are looked at to tell a virtual address. */
  private static final int MEMORY = 8;

  /** What came of asking. */
  enum State {
    NEW,
    ANSWERED,
    FOREIGN,
    UNANSWERED,
    REFUSED
  }

  /** An answer, as far as it tells one answerer from another. */
  private record Trace(String instance, @Nullable String id) {}

  /** All that others make something of: while it stays, nothing follows from what was heard. */
  record Standing(
      State state,
      @Nullable Hello last,
      @Nullable String ownWord,
      @Nullable String hearsay,
      @Nullable String gone,
      int weight,
      boolean agent,
      boolean virtual) {}

  private Address address;
  private final Deque<Trace> traces = new ArrayDeque<>();
  private State state = State.NEW;
  private @Nullable Hello last; // by who answers now, or did last
  private @Nullable String ownWord; // the id that the address itself gave last
  private @Nullable String hearsay; // the id that a neighbour knows
  private @Nullable String gone; // the instance that has left; "" if its name is unknown
  private int goneIn; // the round in which that was said
  private int weight; // of who is here, by its own word or a neighbour's; 0: unknown
  private boolean agent; // by its own word or a neighbour's
  private boolean virtual;
  private String otherCluster = "";
  private int answeredIn = -1;
  private int disagreeing;

  Seat(Address address) {
    this.address = address;
  }

  Address address() {
    return address;
  }

  /** It is dialled elsewhere now; what is known of it stays. */
  void moved(Address now) {
    address = now;
  }

  State state() {
    return state;
  }

  /**
   * The last answer from here, without what it said of others; null if there was none, or if what
   * is here now is no node.
   */
  @Nullable Hello last() {
    return last;
  }

  String otherCluster() {
    return otherCluster;
  }

  Standing standing() {
    return new Standing(state, last, ownWord, hearsay, gone, weight, agent, virtual);
  }

  /** Whether a neighbour's word counts: nobody of this cluster, nor anybody else, answers here. */
  boolean isUnreached() {
    return state == State.UNANSWERED || state == State.NEW;
  }

  void answered(Hello hello, int round) {
    state = State.ANSWERED;
    if (last != null && !last.instance().equals(hello.instance())) disagreeing = 0;
    last = hello.withoutMembers(); // of 2,000 seats each would hold 2,000
    answeredIn = round;
    hearsay = null;
    weight = hello.facts().weight();
    agent = hello.facts().agent();
    if (hello.id() != null) ownWord = hello.id();
    if (hello.leaving()) leaves(hello.instance(), round);
    else if (!hello.instance().equals(gone) || isTooLate(round)) gone = null;
    traces.addLast(new Trace(hello.instance(), hello.id()));
    if (traces.size() > MEMORY) traces.removeFirst();
    virtual = takeTurns();
  }

  /**
   * Whether what is answered in this round was asked after the good-bye: who has left may still
   * answer what was asked before. Who denies it later is still here, and somebody else said it.
   */
  private boolean isTooLate(int round) {
    return round > goneIn + 1;
  }

  void unanswered() {
    state = State.UNANSWERED;
  }

  void foreign() {
    state = State.FOREIGN;
    forget();
  }

  void refused(String cluster) {
    state = State.REFUSED;
    otherCluster = cluster;
    forget();
  }

  private void forget() {
    last = null;
    ownWord = null;
    hearsay = null;
    weight = 0;
    agent = false;
    gone = null;
    traces.clear();
    virtual = false;
  }

  /** No provider lists it at present. What is known stays: it may be listed again. */
  void unlisted() {
    state = State.NEW;
  }

  /** A neighbour tells what it knows. Counts only for an address that does not answer us. */
  void heard(Known known, int round) {
    if (!isUnreached()) return;
    // a neighbour that does not reach it can't tell that it is no agent
    boolean reached = !known.left() && known.instance() != null;
    if (last == null && (reached || known.agent())) agent = known.agent();
    if (known.left()) {
      boolean other = last != null && !last.instance().equals(known.instance());
      String who = Objects.requireNonNullElse(known.instance(), "");
      if (gone == null && !other) leaves(who, round);
    } else if (known.instance() != null) { // the neighbour reaches it
      if (known.id() != null) hearsay = known.id();
      if (known.weight() != 0) weight = known.weight();
      if (!known.instance().equals(gone)) gone = null;
      return;
    }
    if (weight == 0) weight = known.weight();
    if (ownWord == null && hearsay == null) hearsay = known.id();
  }

  /** This instance says that it is leaving. */
  void leaves(String instance, int round) {
    gone = instance;
    goneIn = round;
  }

  boolean isGone() {
    return gone != null;
  }

  /** Whether who is here only measures the network, as far as anybody has said. */
  boolean isAgent() {
    return agent;
  }

  /** Whether this instance answers here, or did last. */
  boolean isOf(String instance) {
    return last != null && last.instance().equals(instance);
  }

  boolean answeredBy(String instance) {
    return state == State.ANSWERED && isOf(instance);
  }

  boolean answeredIn(int round) {
    return state == State.ANSWERED && answeredIn == round;
  }

  /** Whether who answers here has not decided on its id. */
  boolean awaitsId() {
    return state == State.ANSWERED && last != null && last.id() == null;
  }

  /** The id of who is here, as far as anybody has said. */
  @Nullable String knownId() {
    if (hearsay != null) return hearsay;
    return ownWord;
  }

  /** The weight with which it stands in the owner table. */
  int weight() {
    return state == State.FOREIGN || isVirtual() || weight == 0 ? 1 : weight;
  }

  /** The id under which it stands in the owner table. */
  String id() {
    String known = state == State.FOREIGN || isVirtual() ? null : knownId();
    return known == null ? address.listed() : known;
  }

  /**
   * Whether different nodes answer here in turn: an instance that comes back after another was no
   * restart, and neither are three ids.
   */
  boolean isVirtual() {
    return virtual;
  }

  /** Whether the same node has answered here time after time. */
  boolean isSteady() {
    if (state != State.ANSWERED || traces.size() < MEMORY) return false;
    String instance = traces.getLast().instance;
    return traces.stream().allMatch(one -> one.instance.equals(instance));
  }

  private boolean takeTurns() {
    Set<String> instances = new HashSet<>();
    Set<String> ids = new LinkedHashSet<>();
    String before = null;
    for (Trace trace : traces) {
      if (!trace.instance.equals(before) && !instances.add(trace.instance)) return true;
      if (trace.id != null) ids.add(trace.id);
      before = trace.instance;
    }
    return ids.size() > 2;
  }

  /** What a neighbour may want to know; null if that is nothing. */
  @Nullable Known tell() {
    String id = state == State.FOREIGN ? null : knownId();
    if (gone != null)
      return new Known(address.listed(), id, true, gone.isEmpty() ? null : gone, weight, agent);
    if (id == null) return null;
    String instance = state == State.ANSWERED && last != null ? last.instance() : null;
    return new Known(address.listed(), id, false, instance, weight, agent);
  }

  /** Counts rounds in a row in which the owner table here was another than ours. */
  int disagreeing(String ownTable) {
    boolean differs =
        state == State.ANSWERED
            && last != null
            && !last.leaving()
            && !agent
            && !last.table().isEmpty()
            && !ownTable.isEmpty()
            && !last.table().equals(ownTable);
    disagreeing = differs ? disagreeing + 1 : 0;
    return disagreeing;
  }
}
