package io.homespan.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.trace.SpanKind;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ShopTest {
  @Test
  void theShop_hasEveryServiceAndKindOfSpan_andSomeFailures() {
    List<Step> visits = visits(1);
    Set<String> services = new HashSet<>();
    Set<SpanKind> kinds = new HashSet<>();
    visits.stream()
        .flatMap(ShopTest::all)
        .forEach(
            step -> {
              services.add(step.service());
              kinds.add(step.kind());
            });

    assertThat(services).containsExactlyInAnyOrderElementsOf(Shop.SERVICES);
    assertThat(kinds)
        .containsExactlyInAnyOrder(
            SpanKind.SERVER, SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER);
    assertThat(visits.stream().filter(Step::failed).count()).isBetween(5L, 100L);
  }

  @Test
  void aSeed_repeatsTheVisits() {
    assertThat(visits(5)).isEqualTo(visits(5)).isNotEqualTo(visits(6));
  }

  private static List<Step> visits(long seed) {
    Shop shop = new Shop(new SplittableRandom(seed));
    return IntStream.range(0, 500).mapToObj(i -> shop.visit()).toList();
  }

  private static Stream<Step> all(Step step) {
    return Stream.concat(Stream.of(step), step.inner().stream().flatMap(ShopTest::all));
  }
}
