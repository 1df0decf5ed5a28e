package io.homespan.ingest;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Back-pressure on callers: once a quarter of what may be under way is, nothing more is read from
 * them until some of it is done. What is not read stays in the callers, held there by TCP's and
 * HTTP/2's windows; to read it and refuse it would cost as much as to take it, and under more load
 * than can be borne nothing else would get done.
 *
 * <p>Reading only stops while that helps:
 *
 * <ul>
 *   <li>As long as nothing is being worked on, one caller after the other is let in, first who has
 *       most of its bytes here: requests that came in part must come in whole to go away.
 *   <li>If little gets done meanwhile, because a peer or a sink is slow, all callers are let in,
 *       and learn by refusals that they shall come later, rather than by silence.
 * </ul>
 *
 * <p>Plain; belongs to one event loop. Each instance of a port has its own, over the admission that
 * all share.
 */
final class Valve {
  /** How reading from one caller is stopped, and begun again. */
  interface Tap {
    void stop();

    void go();
  }

  /** Runs something later, on the event loop. */
  interface Timer {
    void after(long millis, Runnable then);
  }

  /** How often it looks whether stopping helps. */
  static final long TICK_MILLIS = 20;

  /** So long it waits for a part of what is under way to get done: about a quarter of a second. */
  static final int PATIENCE_TICKS = 12;

  private enum State {
    OPEN,
    SHUT,
    HELPLESS
  }

  private final Admission admission;
  private final Timer timer;
  private final Set<Source> sources = new LinkedHashSet<>();
  private final Deque<Source> inside = new ArrayDeque<>(); // let in while shut
  private State state = State.OPEN;
  private boolean ticking;
  private int ticks; // in this state
  private long working; // bytes of requests that are here as a whole
  private long done; // bytes since patience was last tried
  private int doneRequests;
  private boolean moved; // something, since the last tick

  Valve(Admission admission, Timer timer) {
    this.admission = admission;
    this.timer = timer;
  }

  /** A caller to be held up with the others. */
  Source source(Tap tap) {
    Source source = new Source(tap);
    sources.add(source);
    if (state == State.SHUT) source.stop();
    return source;
  }

  private void look() {
    if (state == State.OPEN) {
      if (admission.isCrowded()) shut();
    } else if (admission.isRoomy()) {
      open(State.OPEN);
    } else if (state == State.SHUT) {
      balance();
    }
  }

  private void shut() {
    state = State.SHUT;
    ticks = 0;
    done = 0;
    doneRequests = 0;
    for (Source source : List.copyOf(sources)) source.stop();
    balance();
    tick();
  }

  private void open(State next) {
    state = next;
    ticks = 0;
    inside.clear();
    for (Source source : List.copyOf(sources)) source.go(); // which may bring requests along
  }

  /** Enough to work on: nobody is let in. Nothing to work on: somebody is. */
  private void balance() {
    if (working > admission.share()) {
      for (Source source : inside) source.stop();
      inside.clear();
    } else if (working == 0 && inside.isEmpty()) {
      letOneIn();
    }
  }

  private void letOneIn() {
    Source most = null;
    for (Source source : sources) {
      if (source.stopped && (most == null || source.arriving > most.arriving)) most = source;
    }
    if (most == null) return;
    sources.remove(most); // to the end: who has nothing here yet comes in by turns
    sources.add(most);
    inside.add(most);
    most.go();
  }

  private void tick() {
    if (ticking) return;
    ticking = true;
    timer.after(
        TICK_MILLIS,
        () -> {
          ticking = false;
          ticked();
        });
  }

  private void ticked() {
    ticks++;
    look();
    if (state == State.SHUT && ticks >= PATIENCE_TICKS) {
      boolean helps = done >= admission.share() || doneRequests >= admission.shareOfRequests();
      if (!helps) open(State.HELPLESS);
      ticks = 0;
      done = 0;
      doneRequests = 0;
    } else if (state == State.SHUT && working == 0 && !moved) {
      letOneIn(); // whoever is in sends nothing
    }
    moved = false;
    if (state != State.OPEN) tick();
  }

  /** One caller: a connection, or a request that has one to itself. */
  final class Source {
    private final Tap tap;
    private long arriving; // bytes of requests that are not here as a whole
    private long bytes; // of all its requests
    private int requests;
    private boolean stopped;

    private Source(Tap tap) {
      this.tap = tap;
    }

    /** For a request among others of this caller. */
    Load load() {
      return new Load(this, false);
    }

    /** It is there no more. */
    void gone() {
      sources.remove(this);
      inside.remove(this);
      go(); // what is left of it may run out
    }

    private void stop() {
      if (stopped) return;
      stopped = true;
      tap.stop();
    }

    private void go() {
      if (!stopped) return;
      stopped = false;
      tap.go();
    }
  }

  /** What one request has under way. */
  final class Load {
    private final Source source;
    private final boolean alone; // nobody else comes from there
    private long held;
    private boolean whole;

    private Load(Source source, boolean alone) {
      this.source = source;
      this.alone = alone;
      source.requests++;
    }

    /** Bytes of all requests of its caller. */
    long callersBytes() {
      return source.bytes;
    }

    /** Requests of its caller, this one included. */
    int callersRequests() {
      return source.requests;
    }

    /** More of it is here, or, with a negative number, less. */
    void add(long bytes) {
      held += bytes;
      source.bytes += bytes;
      if (whole) working += bytes;
      else source.arriving += bytes;
      moved = true;
      look();
    }

    /** All of it is here and can be worked on. */
    void whole() {
      if (whole) return;
      whole = true;
      source.arriving -= held;
      working += held;
      if (alone) source.gone();
      look();
    }

    void ended() {
      source.bytes -= held;
      source.requests--;
      if (whole) {
        working -= held;
        done += held;
        doneRequests++;
      } else {
        source.arriving -= held;
        if (alone) source.gone();
      }
      held = 0;
      moved = true;
      look();
    }
  }

  /** A request that has its connection for itself. */
  Load alone(Tap tap) {
    return new Load(source(tap), true);
  }
}
