package io.homespan.discovery;

import io.homespan.config.Config;
import io.homespan.guard.LiveTls;
import io.homespan.metrics.Metrics;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The node as its providers see it.
 *
 * @param random spreads timers; for the verticle's context only
 * @param clock tells the time of day, which may jump; for what other hosts are told
 * @param nanoClock measures how long something took; never jumps
 * @param self where peers reach this node: {@code advertise} if set, else {@code here}
 * @param here this host's address by its interfaces, and the peer port
 * @param instance names this process, drawn at random
 * @param version of this program
 * @param announces whether it wants to be found; false: it only looks who is there
 * @param tls for calls to peers; null: in the clear
 */
record Surroundings(
    Vertx vertx,
    Config config,
    Metrics metrics,
    RandomGenerator random,
    InstantSource clock,
    LongSupplier nanoClock,
    Address self,
    Address here,
    String instance,
    String version,
    boolean announces,
    @Nullable LiveTls tls) {
  /** Whether it only measures the network: nobody must take it for a node that keeps spans. */
  boolean agent() {
    return config.role() == Config.Role.AGENT;
  }

  /** The same with another configuration. */
  Surroundings with(Config next) {
    return new Surroundings(
        vertx, next, metrics, random, clock, nanoClock, self, here, instance, version, announces,
        tls);
  }
}
