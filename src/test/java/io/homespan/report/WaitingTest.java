package io.homespan.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WaitingTest {
  private static final long LONG = TimeUnit.SECONDS.toNanos(60);

  private final Waiting<Integer> waiting = new Waiting<>(3);

  @Test
  void whenThereIsOneMore_theOldestGoes() throws Exception {
    for (int i = 1; i <= 3; i++) assertThat(waiting.add(i)).isZero();
    assertThat(waiting.add(4)).isOne();
    assertThat(waiting.take(9, 0)).containsExactly(2, 3, 4);
  }

  @Test
  void whatWasPutBack_comesFirst_inItsOrder_andGoesFirst() throws Exception {
    waiting.add(1);
    waiting.add(2);
    assertThat(waiting.take(2, 0)).containsExactly(1, 2);
    waiting.add(3);
    waiting.putBack(1);
    waiting.putBack(2);
    assertThat(waiting.add(4)).isOne();
    assertThat(waiting.take(9, 0)).containsExactly(2, 3, 4);
  }

  @Test
  void whoWaits_getsWhatComes_andNothingAtTheEnd() throws Exception {
    CompletableFuture<Object> first = taken();
    waiting.add(7);
    assertThat(first.get(30, TimeUnit.SECONDS)).hasToString("[7]");
    CompletableFuture<Object> last = taken();
    waiting.end();
    assertThat(last.get(30, TimeUnit.SECONDS)).hasToString("[]");
  }

  private CompletableFuture<Object> taken() {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return waiting.take(9, LONG);
          } catch (InterruptedException e) {
            return e;
          }
        });
  }
}
