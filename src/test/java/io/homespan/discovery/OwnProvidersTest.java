package io.homespan.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.bus.Membership;
import io.homespan.config.Config.Endpoint;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Providers that others have written, next to a list that must not suffer from them. */
class OwnProvidersTest {
  private static final CountDownLatch NEVER = new CountDownLatch(1);

  private final List<TestNode> open = new ArrayList<>();

  @AfterEach
  void closeAll() {
    open.forEach(TestNode::close);
  }

  /** Whose only method to go wrong is the one that a test overrides. */
  private static class Plain implements PeerProvider {
    @Override
    public String kind() {
      return "mine";
    }

    @Override
    public Future<Found> find() {
      return Future.failedFuture("not today");
    }

    @Override
    public Future<Void> close() {
      return Future.succeededFuture();
    }
  }

  /** How to go wrong, and what the operator then reads. */
  @NullUnmarked // as code that knows nothing of our rules
  private enum Wrong {
    MAKING_IT_THROWS("no such database") {
      @Override
      PeerProvider make() {
        throw new IllegalStateException("no such database");
      }
    },
    NOTHING_IS_MADE("create() returned null") {
      @Override
      PeerProvider make() {
        return null;
      }
    },
    START_THROWS("no such group") {
      @Override
      PeerProvider make() {
        return new Plain() {
          @Override
          public boolean start(Listener listener) {
            throw new IllegalStateException("no such group");
          }
        };
      }
    },
    START_BLOCKS("no answer within discovery.look_up_timeout") {
      @Override
      PeerProvider make() {
        return new Plain() {
          @Override
          public boolean start(Listener listener) {
            return hang();
          }
        };
      }
    },
    FIND_THROWS("no such table") {
      @Override
      PeerProvider make() {
        return finding(
            () -> {
              throw new IllegalStateException("no such table");
            });
      }
    },
    FIND_FAILS("not today") {
      @Override
      PeerProvider make() {
        return new Plain();
      }
    },
    FIND_IS_NEVER_ANSWERED("no answer within discovery.look_up_timeout") {
      @Override
      PeerProvider make() {
        return finding(() -> Promise.<PeerProvider.Found>promise().future());
      }
    },
    FIND_BLOCKS("no answer within discovery.look_up_timeout") {
      @Override
      PeerProvider make() {
        return finding(
            () -> {
              hang();
              return Future.failedFuture("interrupted");
            });
      }
    },
    FIND_RETURNS_NULL("find() returned null") {
      @Override
      PeerProvider make() {
        return finding(() -> null);
      }
    },
    NULL_IS_FOUND("find() returned null") {
      @Override
      PeerProvider make() {
        return finding(() -> Future.succeededFuture(null));
      }
    },
    NULL_ADDRESSES_ARE_FOUND("told null") {
      @Override
      PeerProvider make() {
        return finding(() -> Future.succeededFuture(new PeerProvider.Found(null, null)));
      }
    },
    NOTHING_IS_FOUND("no addresses") {
      @Override
      PeerProvider make() {
        return finding(() -> Future.succeededFuture(new PeerProvider.Found(List.of(), null)));
      }
    },
    NULL_IS_TOLD("told null") {
      @Override
      PeerProvider make() {
        return new Plain() {
          @Override
          public boolean start(Listener listener) {
            listener.found(null);
            return true;
          }
        };
      }
    };

    final String told;

    Wrong(String told) {
      this.told = told;
    }

    abstract PeerProvider make();

    static PeerProvider finding(java.util.function.Supplier<Future<PeerProvider.Found>> find) {
      return new Plain() {
        @Override
        public Future<Found> find() {
          return find.get();
        }
      };
    }
  }

  private static boolean hang() {
    try {
      NEVER.await();
    } catch (InterruptedException e) {
      return false; // the node has closed
    }
    return true;
  }

  private TestNode node(PeerProviderFactory factory) {
    TestNode node = new TestNode();
    open.add(node);
    node.modes = List.of("static", "mine");
    node.endpoints = List.of(node.endpoint());
    node.own = Map.of("mine", factory);
    return node;
  }

  private static PeerProviderFactory making(BiFunction<JsonObject, Address, PeerProvider> create) {
    return new PeerProviderFactory() {
      @Override
      public String kind() {
        return "mine";
      }

      @Override
      public PeerProvider create(Vertx vertx, JsonObject settings, Address self) {
        return create.apply(settings, self);
      }
    };
  }

  /** A provider that tells, through the listener that it is given. */
  static PeerProviderFactory telling(Consumer<PeerProvider.Listener> teller) {
    return making(
        (settings, self) ->
            new Plain() {
              @Override
              public boolean start(Listener listener) {
                teller.accept(listener);
                return true;
              }
            });
  }

  private static PeerProvider finding(List<Address> addresses) {
    return Wrong.finding(
        () -> Future.succeededFuture(new PeerProvider.Found(addresses, Duration.ofSeconds(1))));
  }

  @ParameterizedTest
  @EnumSource
  void oneThatGoesWrong_isSaid_andDisturbsNothing(Wrong wrong) throws Exception {
    TestNode node = node(making((settings, self) -> wrong.make()));
    if (!wrong.told.contains("look_up_timeout")) node.lookUpTimeout = Duration.ofSeconds(30);
    node.discover();
    Membership seen = node.await("trouble", m -> m.ready() && !m.problems().isEmpty());
    assertThat(seen.problems()).singleElement().asString().contains("mine: ", wrong.told);
    assertThat(seen.peers().ids()).containsExactly(node.text());
    node.undeploy();
  }

  @Test
  void oneThatDoesNotEndWell_holdsNobodyUp() throws Exception {
    TestNode node =
        node(
            making(
                (settings, self) ->
                    new Plain() {
                      @Override
                      public Future<Void> leave() {
                        return Promise.<Void>promise().future();
                      }

                      @Override
                      public Future<Void> close() {
                        throw new IllegalStateException("already closed");
                      }
                    }));
    node.discover();
    node.awaitPeers(node.text());
    node.undeploy(); // within its limit
  }

  @Test
  void emptyAndMalformedAddresses_areDropped_andCounted() throws Exception {
    Address good = Address.of("LOCALHOST", 1);
    List<Address> odd =
        Arrays.asList(
            null,
            good,
            new Address("", "", 1),
            new Address(":21891", "", 21891),
            new Address("a:1", "not a host", 1),
            new Address("a b:1", "a", 1),
            new Address("a:0", "a", 0),
            new Address("a:70000", "a", 70000),
            new Address("x".repeat(400), "x", 1),
            new Address("0.0.0.0:1", "0.0.0.0", 1),
            new Address("1.2.3:1", "1.2.3", 1));
    TestNode node = node(making((settings, self) -> finding(odd))).discover();
    node.awaitPeers(node.text(), "localhost:1");
    assertThat(counted(node, "homespan_discovery_addresses_dropped_total{provider=\"mine\"}"))
        .isGreaterThanOrEqualTo(10);
  }

  @Test
  void aNodeFoundTwice_underOtherNames_isOnePeer_andSoIsThisOne() throws Exception {
    TestNode other = new TestNode();
    open.add(other);
    other.listing(other.endpoint()).discover();
    TestNode node =
        node(
            making(
                (settings, self) ->
                    finding(
                        List.of(
                            self,
                            Address.of("localhost", self.port()),
                            Address.of("localhost", other.port()),
                            Address.of(other.endpoint()),
                            new Address("other:1", "127.0.0.1", other.port())))));
    node.interfaces = List.of(java.net.InetAddress.getLoopbackAddress());
    node.discover();
    Membership seen = node.awaitPeers(node.text(), other.text());
    assertThat(seen.members()).hasSize(2);
  }

  @Test
  void oneThatTells_isHeard_fromWhateverThread_withItsSettings() throws Exception {
    TestNode node =
        node(
            making(
                (settings, self) ->
                    new Plain() {
                      @Override
                      public boolean start(Listener listener) {
                        String host = settings.getString("host");
                        Address there = Address.of(host, self.port());
                        Thread teller =
                            new Thread(
                                () -> listener.found(new Found(List.of(there), null)), "teller");
                        teller.start();
                        return true;
                      }
                    }));
    node.ownSettings = Map.of("mine", new JsonObject().put("host", "localhost"));
    node.modes = List.of("mine");
    node.discover();
    node.awaitPeers(new Endpoint("localhost", node.port()).toString());
  }

  private static double counted(TestNode node, String series) {
    return Stream.of(node.metrics.scrape().split("\n"))
        .filter(line -> line.startsWith(series))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
