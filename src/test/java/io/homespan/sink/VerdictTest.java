package io.homespan.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.homespan.bus.Fate;
import io.homespan.metrics.DropReason;
import io.homespan.metrics.KeptAs;
import io.homespan.metrics.RefuseReason;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class VerdictTest {
  private static final Duration HINT = Duration.ofSeconds(1);
  private static final Outcome OK = Outcome.CONFIRMED;
  private static final Outcome FULL = new Outcome.Refused(RefuseReason.FULL, "full");

  static Stream<Arguments> table() {
    return Stream.of(
        arguments(List.of(OK, OK), List.of(kept(10)), List.of(new Fate.Repeated(10))),
        arguments(List.of(OK, FULL), List.of(full()), List.of(full())),
        arguments(List.of(drop(3, "a"), FULL), List.of(full()), List.of(full())),
        arguments(
            List.of(OK, drop(3, "a")),
            List.of(kept(7), dropped(3, "a")),
            List.of(new Fate.Repeated(7), dropped(3, "a"))),
        arguments(
            List.of(drop(2, "a"), drop(3, "b")),
            List.of(kept(7), dropped(3, "a; b")),
            List.of(new Fate.Repeated(7), dropped(3, "a; b"))),
        arguments(
            List.of(OK, drop(99, "a")), List.of(dropped(10, "a")), List.of(dropped(10, "a"))));
  }

  @ParameterizedTest
  @MethodSource("table")
  void aPartOfTenSpans_hasTheseFates_andItsRepeatThose(
      List<Outcome> bySink, List<Fate> first, List<Fate> repeat) {
    Verdict verdict = new Verdict(bySink);
    assertThat(verdict.fates(10, KeptAs.OWNER, HINT).all()).isEqualTo(first);
    assertThat(verdict.repeated(10, HINT).all()).isEqualTo(repeat);
  }

  private static Outcome drop(int spans, String why) {
    return new Outcome.Dropped(spans, why);
  }

  private static Fate kept(int spans) {
    return new Fate.Kept(KeptAs.OWNER, spans);
  }

  private static Fate full() {
    return new Fate.Refused(RefuseReason.FULL, HINT, "full", 10);
  }

  private static Fate dropped(int spans, String why) {
    return new Fate.Dropped(DropReason.SINK_REFUSED, why, spans);
  }
}
