package io.homespan.discovery.zookeeper;

import io.homespan.config.Config;
import io.homespan.discovery.Address;
import io.homespan.discovery.LookupException;
import io.homespan.discovery.PeerProvider;
import io.homespan.discovery.zookeeper.Entry.Kind;
import io.homespan.discovery.zookeeper.Entry.Layout;
import io.homespan.metrics.Metrics;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.curator.framework.recipes.cache.CuratorCacheStorage;
import org.apache.curator.framework.recipes.nodes.PersistentNode;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.ExponentialBackoffRetry;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers this node in a directory of ZooKeeper and watches who else stands there. It tells, once
 * it has read the whole directory and stands there itself; ZooKeeper being away changes nothing
 * that was told.
 *
 * <p>While this node's own entry is missing, as after the end of its session, what the directory
 * says is not passed on for some time either: others are probably about to come back as well.
 *
 * <p>All that may wait is done on worker threads, one after the other; Curator's own threads bring
 * events, which are looked at on the verticle's context.
 */
public final class ZooKeeperProvider implements PeerProvider {
  private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperProvider.class);
  private static final String ENTRIES = "homespan_discovery_zookeeper_entries_total";
  private static final String HELP = "Entries read in ZooKeeper, by what they turned out to be";

  /** What happens within such a time is told as one change. */
  static final Duration GATHER = Duration.ofMillis(20);

  private static final Duration FIRST_RETRY = Duration.ofMillis(200);
  private static final int RETRIES = 3; // then Curator's recipes begin again, when it is back

  private final boolean announces;
  private final Vertx vertx;
  private final Context context;
  private final WorkerExecutor worker;
  private final Config.ZooKeeper settings;
  private final Entry own;
  private final Layout layout;
  private final Metrics metrics;
  private final Directory directory;
  private final String servers;

  // of the worker threads, one after the other
  private volatile @Nullable CuratorFramework client;
  private @Nullable CuratorCache cache;
  private volatile @Nullable PersistentNode node;

  // of the context
  private final Promise<Void> left = Promise.promise();
  private @Nullable Listener listener;
  private volatile boolean leaving;
  private boolean closed;
  private boolean begun;
  private boolean complete;
  private boolean waitedForSelf;
  private boolean gathering;
  private long selfTimer = -1;
  private long againTimer = -1;
  private @Nullable LookupException away;
  private @Nullable LookupException stuck; // there, and yet of no use
  private String toldTrouble = "";
  private List<Address> toldAddresses = List.of();
  private List<Agent> toldAgents = List.of();

  /**
   * Made on the verticle's context.
   *
   * @param self where peers reach this node
   * @param instance names this process
   * @param announces false: it reads, and writes nothing
   * @param agent whether this process is an agent; in a directory of nodes it writes nothing then
   */
  public ZooKeeperProvider(
      Vertx vertx,
      Config.ZooKeeper settings,
      String cluster,
      Address self,
      String instance,
      String version,
      Metrics metrics,
      boolean announces,
      boolean agent) {
    this.layout = settings.heartbeatLayout() ? Layout.HEARTBEAT : Layout.HOMESPAN;
    boolean ofAgents = agent && layout == Layout.HEARTBEAT;
    this.announces = announces && agent == ofAgents;
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    // of its own: what waits for ZooKeeper must not hold up the tables and look-ups of others
    this.worker = vertx.createSharedWorkerExecutor("homespan-zookeeper-" + UUID.randomUUID(), 1);
    this.settings = settings;
    this.own = new Entry(self, instance, cluster, version, agent);
    this.metrics = metrics;
    this.directory = new Directory(settings.path(), layout, cluster, instance, ofAgents);
    this.servers =
        settings.servers().stream().map(Object::toString).collect(Collectors.joining(","));
    for (Kind kind : Kind.values()) metrics.count(ENTRIES, HELP, 0, "result", kind.label());
  }

  @Override
  public String kind() {
    return "zookeeper";
  }

  @Override
  public boolean start(Listener toTell) {
    listener = toTell;
    selfTimer = vertx.setTimer(settings.connectTimeout().toMillis(), id -> waited());
    work(
        () -> {
          CuratorFramework made =
              CuratorFrameworkFactory.builder()
                  .connectString(servers)
                  .sessionTimeoutMs(Math.toIntExact(settings.sessionTimeout().toMillis()))
                  .connectionTimeoutMs(Math.toIntExact(settings.connectTimeout().toMillis()))
                  .retryPolicy(
                      new ExponentialBackoffRetry(Math.toIntExact(FIRST_RETRY.toMillis()), RETRIES))
                  .build();
          client = made;
          made.getConnectionStateListenable()
              .addListener((framework, state) -> context.runOnContext(go -> connection(state)));
          made.start();
          return null;
        });
    return true;
  }

  /** Worker threads do it, after all that was to be done before. */
  private Future<Void> work(Callable<Void> task) {
    return worker
        .executeBlocking(task)
        .onFailure(
            cause -> {
              String before = stuck == null ? "" : String.valueOf(stuck.getMessage());
              stuck = inWords(cause);
              if (!before.equals(stuck.getMessage())) LOG.warn("ZooKeeper's client failed", cause);
              tellSoon();
            });
  }

  private static LookupException inWords(Throwable cause) {
    return cause instanceof KeeperException.NoAuthException denied
        ? new LookupException(
            "forbidden",
            "ZooKeeper does not let this node make or read "
                + denied.getPath()
                + ": world:anyone must be allowed to read it and to create in it")
        : new LookupException("error", String.valueOf(cause.getMessage()));
  }

  /** For tests; null before it is there. */
  @Nullable CuratorFramework client() {
    return client;
  }

  private void connection(ConnectionState state) {
    if (leaving || closed) return;
    LOG.info("zookeeper {} servers={}", state, servers);
    switch (state) {
      case CONNECTED, RECONNECTED -> {
        away = null;
        if (!begun) begin();
      }
      case SUSPENDED, LOST -> away = unreachable();
      case READ_ONLY -> {} // not asked for
    }
    tellSoon();
  }

  private LookupException unreachable() {
    return new LookupException("unreachable", "no connection to ZooKeeper at " + servers);
  }

  private void begin() {
    begun = true;
    work(() -> {
          CuratorFramework connected = client;
          if (connected == null) return null;
          try {
            if (announces) makeDirectory(connected);
            read(connected);
            if (announces && layout == Layout.HEARTBEAT) replace(connected);
          } catch (Exception e) {
            context.runOnContext(go -> beginLater());
            throw e;
          }
          watch(connected);
          if (announces) register(connected);
          return null;
        })
        .onSuccess(
            done -> {
              stuck = null;
              tellSoon();
            });
  }

  /** If it is not there: who may not make it may well use it. */
  private void makeDirectory(CuratorFramework connected) throws Exception {
    if (connected.checkExists().forPath(settings.path()) != null) return;
    try {
      connected
          .create()
          .creatingParentsIfNeeded()
          .withMode(CreateMode.PERSISTENT)
          .forPath(settings.path(), new byte[0]);
    } catch (KeeperException.NodeExistsException e) {
      LOG.debug("somebody made it before: {}", e.getPath());
    }
  }

  /** Whether that is allowed: what is not to be read is empty for Curator's cache. */
  private void read(CuratorFramework connected) throws Exception {
    try {
      connected.getChildren().forPath(settings.path());
    } catch (KeeperException.NoNodeException e) {
      LOG.debug("nobody has made it yet: {}", e.getPath());
    }
  }

  private void beginLater() {
    if (leaving || closed) return;
    vertx.setTimer(
        settings.connectTimeout().toMillis(),
        id -> {
          if (!leaving && !closed) begin();
        });
  }

  private void watch(CuratorFramework connected) {
    CuratorCache made =
        CuratorCache.builder(connected, settings.path())
            .withStorage(CuratorCacheStorage.dataNotCached())
            .build();
    made.listenable()
        .addListener(
            CuratorCacheListener.builder()
                .forAll((type, before, after) -> context.runOnContext(go -> changed(before, after)))
                .forInitialized(() -> context.runOnContext(go -> initialized()))
                .build());
    cache = made;
    made.start();
  }

  /**
   * Takes away what a process before this one has left at its address, until its session ends: two
   * entries are two pings each time. Once, at the start: two that claim one address must not go on
   * taking each other out.
   */
  private void replace(CuratorFramework connected) throws Exception {
    List<String> names;
    try {
      names = connected.getChildren().forPath(settings.path());
    } catch (KeeperException.NoNodeException e) {
      return;
    }
    for (String name : names) {
      String at = settings.path() + "/" + name;
      try {
        Entry.Read read = Entry.read(connected.getData().forPath(at), layout, own.cluster());
        if (!own.address().equals(read.address()) || own.instance().equals(read.instance())) {
          continue;
        }
        connected.delete().forPath(at);
        LOG.info("zookeeper: an entry of this address is replaced path={}", at);
      } catch (KeeperException.NoNodeException gone) {
        LOG.debug("it went by itself path={}", at);
      } catch (KeeperException.NoAuthException denied) {
        LOG.warn("zookeeper: an entry of this address may not be taken away path={}", at);
      }
    }
  }

  private void register(CuratorFramework connected) {
    boolean heartbeat = layout == Layout.HEARTBEAT;
    String name = heartbeat ? own.address().listed() : own.instance();
    PersistentNode made =
        new PersistentNode(
            connected,
            heartbeat ? CreateMode.EPHEMERAL_SEQUENTIAL : CreateMode.EPHEMERAL,
            heartbeat,
            settings.path() + "/" + name,
            own.write(layout));
    node = made;
    if (!leaving) made.start();
  }

  private void changed(@Nullable ChildData before, @Nullable ChildData after) {
    if (after != null) {
      Kind kind = directory.put(after.getPath(), after.getData());
      if (kind != null) metrics.count(ENTRIES, HELP, "result", kind.label());
    } else if (before != null) {
      directory.remove(before.getPath());
    }
    tellSoon();
  }

  private void initialized() {
    complete = true;
    tellSoon();
  }

  /** Long enough for a connection, or for this node's own entry. */
  private void waited() {
    selfTimer = -1;
    waitedForSelf = true;
    if (!begun && away == null) away = unreachable();
    tellSoon();
  }

  private void tellSoon() {
    if (gathering || leaving || closed) return;
    gathering = true;
    vertx.setTimer(GATHER.toMillis(), id -> tell());
  }

  private void tell() {
    gathering = false;
    Listener told = listener;
    if (leaving || closed || told == null) return;
    boolean registered = !announces || directory.containsSelf();
    if (registered) {
      waitedForSelf = false;
      vertx.cancelTimer(selfTimer);
      selfTimer = -1;
    } else if (!waitedForSelf && selfTimer < 0) {
      selfTimer = vertx.setTimer(settings.sessionTimeout().toMillis(), id -> waited());
    }
    LookupException trouble = trouble(registered);
    List<Address> addresses = directory.addresses();
    boolean sure = complete && away == null && stuck == null && (registered || waitedForSelf);
    if (!sure || addresses.isEmpty()) addresses = toldAddresses;
    List<Agent> agents = sure ? directory.agents() : toldAgents;
    if (!agents.equals(toldAgents)) told.agents(agents);
    toldAgents = agents;
    String text = trouble == null ? "" : String.valueOf(trouble.getMessage());
    if (text.equals(toldTrouble) && addresses.equals(toldAddresses)) return;
    toldTrouble = text;
    toldAddresses = addresses;
    if (sure && !addresses.isEmpty()) told.found(new Found(addresses, null));
    if (trouble == null) return;
    told.missed(trouble);
    // what is wrong with some entries does not make the others old
    if (sure && againTimer < 0) {
      againTimer = vertx.setTimer(settings.sessionTimeout().toMillis(), id -> tellAgain());
    }
  }

  private void tellAgain() {
    againTimer = -1;
    toldTrouble = "";
    tellSoon();
  }

  private @Nullable LookupException trouble(boolean registered) {
    if (away != null) return away;
    if (stuck != null) return stuck;
    if (!registered && waitedForSelf) {
      return new LookupException(
          "unregistered", "this node has no entry under " + settings.path() + " at " + servers);
    }
    LookupException found = complete ? directory.trouble() : null;
    if (!announces && complete && found == null && directory.addresses().isEmpty()) {
      return new LookupException(
          "empty", "nobody has an entry under " + settings.path() + " at " + servers);
    }
    return found;
  }

  /** Completes when this node's entry is gone, or within {@code connect_timeout}. */
  @Override
  public Future<Void> leave() {
    if (leaving) return left.future();
    leaving = true;
    // beside the other work, as it waits for a connection if there is none
    context
        .executeBlocking(this::unregister, false)
        .onFailure(cause -> LOG.debug("the entry goes with the session", cause))
        .onComplete(done -> left.tryComplete());
    long timer = vertx.setTimer(settings.connectTimeout().toMillis(), id -> left.tryComplete());
    return left.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  private @Nullable Void unregister() throws IOException {
    PersistentNode made = node;
    if (made != null) made.close(); // from now on nothing puts it back
    return null;
  }

  /** Ends the session, and with it the entry, if that is possible. */
  @Override
  public Future<Void> close() {
    closed = true;
    vertx.cancelTimer(selfTimer);
    vertx.cancelTimer(againTimer);
    // the end of the session would tell the recipe to put the entry back
    Future<Void> gone = leave();
    CuratorFramework open = client;
    boolean connected = open != null && open.getZookeeperClient().isConnected();
    Future<Void> first = connected ? gone : Future.succeededFuture();
    return first.eventually(() -> work(this::closeClient)).eventually(worker::close);
  }

  private @Nullable Void closeClient() {
    if (cache != null) cache.close();
    if (client != null) client.close();
    return null;
  }
}
