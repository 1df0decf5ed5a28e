package io.homespan.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A provider that tells on a thread of its own, while nobody has time to listen. */
class FeedTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final CompletableFuture<PeerProvider.Listener> begun = new CompletableFuture<>();
  private final CountDownLatch free = new CountDownLatch(1);
  private final List<String> heard = new ArrayList<>(); // on the context

  @AfterEach
  void close() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  private final class Teller implements PeerProvider {
    @Override
    public String kind() {
      return "teller";
    }

    @Override
    public boolean start(Listener listener) {
      begun.complete(listener);
      return true;
    }

    @Override
    public Future<Void> close() {
      return Future.succeededFuture();
    }
  }

  private final class Notes implements PeerProvider.Listener {
    @Override
    public void found(PeerProvider.Found found) {
      heard.add(found.addresses().get(0).listed());
    }

    @Override
    public void missed(LookupException why) {
      heard.add(why.failure());
    }
  }

  /** Begins, with a context that does nothing until it is {@link #free}. */
  private PeerProvider.Listener busy() throws Exception {
    RefreshSchedule schedule = new RefreshSchedule(SECOND, SECOND);
    context.runOnContext(
        go -> {
          new Feed(vertx, new Teller(), schedule, new Random(1), new Notes()).start();
          try {
            free.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    return begun.get(30, TimeUnit.SECONDS);
  }

  private List<String> heardThen() throws Exception {
    CompletableFuture<List<String>> all = new CompletableFuture<>();
    context.runOnContext(go -> all.complete(List.copyOf(heard)));
    free.countDown();
    return all.get(30, TimeUnit.SECONDS);
  }

  @Test
  void howeverMuchIsTold_onlyTheLastSetWaits() throws Exception {
    PeerProvider.Listener to = busy();
    for (int port = 1; port <= 60_000; port++) tell(to, port);
    assertThat(heardThen()).containsExactly("a:60000");
  }

  @Test
  void aFailure_takesNoSetAway_andASetEndsAFailure() throws Exception {
    PeerProvider.Listener to = busy();
    to.missed(new LookupException("timeout", "first"));
    tell(to, 1);
    tell(to, 2);
    to.missed(new LookupException("error", "second"));
    to.missed(new LookupException("refused", "third"));
    assertThat(heardThen()).containsExactly("a:2", "refused");
  }

  private static void tell(PeerProvider.Listener to, int port) {
    to.found(new PeerProvider.Found(List.of(Address.of("a", port)), null));
  }
}
