package io.homespan.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.config.Config;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** Of 1600 bytes 400 are a crowd, 300 are none any more, and 200 are a share. */
class ValveTest {
  private final Admission admission = new Admission(new Config.Admission(64, 1600, 1000));
  private final Queue<Runnable> timers = new ArrayDeque<>();
  private final Valve valve = new Valve(admission, (millis, then) -> timers.add(then));
  private final Caller a = new Caller();
  private final Caller b = new Caller();

  @Test
  void noCallerIsReadFrom_beyondAQuarter_untilSomeOfItIsDone() {
    Admission.Ticket first = a.request(250);
    first.whole();
    Admission.Ticket second = b.request(151);
    assertThat(reading()).containsExactly(false, false);
    second.whole();
    assertThat(reading()).containsExactly(false, false);
    second.close(); // 250 are left
    assertThat(reading()).containsExactly(true, true);
    first.close();
    quiet();
  }

  @Test
  void whileNothingIsHereAsAWhole_whoHasMostHere_isLetIn_andStoppedWhenThereIsWork() {
    Admission.Ticket less = a.request(100);
    Admission.Ticket more = b.request(301);
    assertThat(reading()).containsExactly(false, true);
    more.whole();
    assertThat(reading()).containsExactly(false, false);
    more.close();
    less.close();
    quiet();
  }

  @Test
  void whoIsLetInAndSendsNothing_isFollowedByTheNext() {
    Admission.Ticket silent = a.request(401);
    assertThat(reading()).containsExactly(true, false);
    tick(); // it had moved since
    tick();
    assertThat(reading()).containsExactly(true, true);
    silent.close();
    quiet();
  }

  @Test
  void ifLittleGetsDone_allAreReadFrom_untilThereIsRoomAgain() {
    Admission.Ticket slow = a.request(450);
    slow.whole();
    Admission.Ticket quick = a.request(10);
    quick.whole();
    quick.close();
    for (int i = 0; i < Valve.PATIENCE_TICKS - 1; i++) tick();
    assertThat(reading()).containsExactly(false, false);
    tick();
    assertThat(reading()).containsExactly(true, true);
    Admission.Ticket more = b.request(500);
    assertThat(reading()).containsExactly(true, true);
    more.close();
    slow.close();
    tick();
    Admission.Ticket again = a.request(450);
    again.whole();
    assertThat(reading()).as("it is tried anew").containsExactly(false, false);
    again.close();
    quiet();
  }

  @Test
  void asLongAsMuchGetsDone_callersWait_howeverLong() {
    Admission.Ticket held = a.request(401);
    held.whole();
    for (int i = 0; i < 10 * Valve.PATIENCE_TICKS; i++) {
      Admission.Ticket next = b.request(200);
      next.whole();
      next.close();
      tick();
    }
    assertThat(reading()).containsExactly(false, false);
    held.close();
    quiet();
  }

  @Test
  void manySmallRequests_areACrowdToo() {
    List<Admission.Ticket> many = new ArrayList<>();
    for (int i = 0; i < 49; i++) many.add(a.request(7));
    many.forEach(Admission.Ticket::whole);
    assertThat(reading()).containsExactly(false, false);
    many.forEach(Admission.Ticket::close);
    quiet();
  }

  @Test
  void whoComesMeanwhile_waitsWithTheOthers_andWhoGoesIsForgotten() {
    Admission.Ticket held = a.request(500);
    held.whole();
    Caller late = new Caller();
    assertThat(late.tap.reading).isFalse();
    late.source.gone();
    assertThat(late.tap.reading).as("so that its end is read").isTrue();
    held.close();
    quiet();
  }

  @Test
  void aRequestThatHasItsConnectionForItself_isACaller_untilItIsHere() {
    Admission.Ticket held = a.request(500);
    held.whole();
    Tap tap = new Tap();
    Valve.Load load = valve.alone(tap);
    Admission.Ticket alone = Objects.requireNonNull(admission.enter(load));
    assertThat(tap.reading).isFalse();
    held.close();
    assertThat(tap.reading).isTrue();
    alone.whole();
    alone.close();
    quiet();
  }

  @Test
  void whatOtherInstancesHold_isLookedAtFromTimeToTime() {
    Valve other = new Valve(admission, (millis, then) -> {});
    Caller elsewhere = new Caller(other);
    Admission.Ticket theirs = elsewhere.request(390);
    theirs.whole();
    Admission.Ticket ours = a.request(11);
    assertThat(b.tap.reading).isFalse();
    theirs.close(); // of which nobody here hears
    assertThat(b.tap.reading).isFalse();
    tick();
    assertThat(b.tap.reading).isTrue();
    ours.close();
    quiet();
  }

  private List<Boolean> reading() {
    return List.of(a.tap.reading, b.tap.reading);
  }

  private void tick() {
    Runnable next = timers.poll();
    if (next != null) next.run();
  }

  /** All callers are read from, nothing is admitted, and no timer goes on for ever. */
  private void quiet() {
    tick();
    assertThat(reading()).containsExactly(true, true);
    assertThat(admission.bytes()).isZero();
    assertThat(admission.requests()).isZero();
    assertThat(timers).isEmpty();
  }

  private static final class Tap implements Valve.Tap {
    boolean reading = true;

    @Override
    public void stop() {
      assertThat(reading).isTrue();
      reading = false;
    }

    @Override
    public void go() {
      assertThat(reading).isFalse();
      reading = true;
    }
  }

  private final class Caller {
    final Tap tap = new Tap();
    final Valve.Source source;

    Caller() {
      this(valve);
    }

    Caller(Valve of) {
      this.source = of.source(tap);
    }

    /** A request of which so many bytes are here. */
    Admission.Ticket request(long bytes) {
      Admission.Ticket ticket = Objects.requireNonNull(admission.enter(source.load()));
      assertThat(ticket.grow(bytes)).isTrue();
      return ticket;
    }
  }
}
