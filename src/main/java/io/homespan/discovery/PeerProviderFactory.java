package io.homespan.discovery;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;

/**
 * Makes a provider of yours. It is found by {@link java.util.ServiceLoader}: a jar on the class
 * path names the class in {@code META-INF/services/io.homespan.discovery.PeerProviderFactory}.
 *
 * <p>What it makes is called on a worker thread, so it may block, for {@code
 * discovery.look_up_timeout} at most; and its listener may be called from any thread. What it
 * throws, never answers or answers in a wrong way is a failed look-up and nothing more.
 */
public interface PeerProviderFactory {
  /** The word in {@code discovery_mode}: lower-case letters, digits and underscores. */
  String kind();

  /**
   * Makes it, when the node starts; again later if this throws.
   *
   * @param settings what stands under {@code discovery.<kind>}, unchecked; empty if nothing does
   * @param self where peers reach this node
   */
  PeerProvider create(Vertx vertx, JsonObject settings, Address self);
}
