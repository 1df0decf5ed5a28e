package io.homespan.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RoundTest {
  private final Map<Address, Promise<Void>> asked = new LinkedHashMap<>();
  private final Round round = new Round(2, this::ask);
  private final List<Address> addresses =
      IntStream.range(0, 3).mapToObj(i -> new Address("a" + i + ":1", "a" + i, 1)).toList();

  private Future<Void> ask(Address address) {
    Promise<Void> promise = Promise.promise();
    assertThat(asked.put(address, promise)).as("asked twice").isNull();
    return promise.future();
  }

  private Promise<Void> call(int place) {
    return Objects.requireNonNull(asked.get(addresses.get(place)));
  }

  @Test
  void noMoreThanSoMany_areAskedAtOnce_andItEndsWithTheLast() {
    Future<Void> all = round.ask(addresses);
    assertThat(asked).hasSize(2);
    call(0).fail("however it ends");
    assertThat(asked).hasSize(3);
    call(1).complete();
    assertThat(all.isComplete()).isFalse();
    call(2).complete();
    assertThat(all.succeeded()).isTrue();
  }

  @Test
  void whoIsBeingAsked_isNotAskedAgain_butWaitedFor() {
    round.ask(addresses.subList(0, 1));
    Future<Void> joined = round.ask(addresses.subList(0, 1));
    assertThat(joined.isComplete()).isFalse();
    call(0).complete();
    assertThat(joined.succeeded()).isTrue();
  }

  @Test
  void nobodyToAsk_isSoonDone() {
    assertThat(round.ask(List.of()).succeeded()).isTrue();
  }
}
