package io.homespan.bus;

import io.homespan.config.Config;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/** Every road between the verticles of a node. */
public final class Topics {
  /** Ingest and egress ask the sinks to keep a part. */
  public static final Topic<Keep, Fates> SPANS_KEEP =
      new Topic<>("spans.keep", Keep.class, Fates.class);

  /** Ingest asks egress to bring a part to a peer; a lane for each instance of both. */
  public static final Topic<Forward, Fates> SPANS_FORWARD =
      new Topic<>("spans.forward", Forward.class, Fates.class);

  /** Ingest asks the journal to make spans safe. */
  public static final Topic<Store, Stored> SPANS_STORE =
      new Topic<>("spans.store", Store.class, Stored.class);

  /** The journal asks any instance of ingest to deliver what it has stored. */
  public static final Topic<Deliver, Delivered> JOURNAL_DELIVER =
      new Topic<>("journal.deliver", Deliver.class, Delivered.class);

  /**
   * Discovery tells who is in the tier. Not sticky: who must not miss the first listens before
   * discovery starts.
   */
  public static final Topic<Membership, Void> PEERS_CURRENT =
      new Topic<>("peers.current", Membership.class, Void.class);

  /** Discovery tells whom else to measure, who never owns anything. Not sticky either. */
  public static final Topic<Agents, Void> AGENTS_CURRENT =
      new Topic<>("agents.current", Agents.class, Void.class);

  /** Discovery tells how its providers of addresses fare, after each of their answers. */
  public static final Topic<Findings, Void> PROVIDERS_CURRENT =
      new Topic<>("providers.current", Findings.class, Void.class);

  /** The root tells what the configuration has become while the node runs. */
  public static final Topic<Config, Void> CONFIG_CURRENT =
      new Topic<>("config.current", Config.class, Void.class);

  /** The root tells where the node stands in its life. */
  public static final Topic<Phase, Void> NODE_PHASE =
      new Topic<>("node.phase", Phase.class, Void.class);

  /** The peer port passes an incoming identity exchange to discovery; the reply goes back. */
  public static final Topic<JsonObject, JsonObject> IDENTITY_EXCHANGE =
      new Topic<>("identity.exchange", JsonObject.class, JsonObject.class);

  /**
   * The peer port asks the heartbeat for this node's row of the mesh, as JSON; none is there if it
   * is off.
   */
  public static final Topic<MeshQuestion, Buffer> MESH_ROW =
      new Topic<>("mesh.row", MeshQuestion.class, Buffer.class);

  /** Admin asks the heartbeat for all rows. */
  public static final Topic<MeshQuestion, MeshText> MESH_ALL =
      new Topic<>("mesh.all", MeshQuestion.class, MeshText.class);

  private Topics() {}
}
