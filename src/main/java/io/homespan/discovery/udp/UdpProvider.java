package io.homespan.discovery.udp;

import io.homespan.config.Config;
import io.homespan.discovery.Address;
import io.homespan.discovery.LookupException;
import io.homespan.discovery.PeerProvider;
import io.homespan.metrics.Metrics;
import io.netty.util.NetUtil;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds nodes by the beacons that they send, and sends this node's. It tells, once it has listened
 * for as long as every peer needs to be heard once.
 *
 * <p>A thread of its own sends, receives and judges, so that a flood of datagrams costs no event
 * loop anything but the changes that it makes: none, without the secret.
 */
public final class UdpProvider implements PeerProvider {
  private static final Logger LOG = LoggerFactory.getLogger(UdpProvider.class);
  private static final String BEACONS = "homespan_discovery_beacons_total";
  private static final String HELP = "Datagrams on the port for beacons, by what became of them";
  private static final int AT_ONCE = 256;
  private static final double JITTER = 0.2;

  /** Of the interval: by then every peer has sent one. */
  private static final double LISTEN = 1 + 2 * JITTER;

  private static final int GOOD_BYES = 3; // any may get lost
  private static final Duration BETWEEN_GOOD_BYES = Duration.ofMillis(30);

  private final boolean announces;
  private final Config.Udp settings;
  private final Address self;
  private final String instance;
  private final Metrics metrics;
  private final InstantSource clock;
  private final SplittableRandom random;
  private final Context context;
  private final BeaconFormat format;
  private final BeaconBook book;
  private final Thread thread = new Thread(this::run, "homespan-beacons");
  private final Promise<Void> left = Promise.promise();
  private final Promise<Void> closed = Promise.promise();
  private final Map<Heard, Integer> counts = new EnumMap<>(Heard.class);
  private volatile boolean leaving;
  private volatile boolean closing;
  private volatile @Nullable BeaconSocket socket;
  private @Nullable Listener listener;

  // of the thread alone
  private Moment openedAt;
  private Moment nextBeacon;
  private long sequence;
  private int goodByes;
  private String failure = "";
  private String where;
  private Set<Address> toldAddresses = Set.of();
  private String toldTrouble = "";
  private Moment toldAt;

  /**
   * Made on the verticle's context.
   *
   * @param self what is announced: where peers reach this node
   * @param instance names this process
   * @param clock must be near that of the other nodes
   * @param announces false: it listens for a while and sends nothing
   */
  public UdpProvider(
      Vertx vertx,
      Config.Udp settings,
      String cluster,
      int maxPeers,
      Address self,
      String instance,
      Metrics metrics,
      InstantSource clock,
      RandomGenerator random,
      boolean announces) {
    this.announces = announces;
    this.settings = settings;
    this.self = self;
    this.instance = instance;
    this.metrics = metrics;
    this.clock = clock;
    this.random = new SplittableRandom(random.nextLong()); // that one is another thread's
    this.context = vertx.getOrCreateContext();
    this.format = new BeaconFormat(cluster, settings.secret().text());
    this.where = settings.group() + ":" + settings.port();
    // not from 0: others remember how far a provider before this one has counted
    this.sequence = clock.millis();
    this.openedAt = now();
    this.nextBeacon = openedAt;
    this.toldAt = openedAt;
    this.book =
        new BeaconBook(
            format,
            cluster,
            instance,
            maxPeers,
            settings.expireAfter(),
            settings.maxClockSkew(),
            openedAt);
    for (Heard heard : Heard.values()) metrics.count(BEACONS, HELP, 0, "result", heard.label());
    thread.setDaemon(true);
  }

  @Override
  public String kind() {
    return "udp";
  }

  @Override
  public boolean start(Listener toTell) {
    listener = toTell;
    thread.start();
    return true;
  }

  /** Completes when the good-byes are sent, or could not be. */
  @Override
  public Future<Void> leave() {
    leaving = true;
    if (listener == null || !announces) left.tryComplete();
    wake();
    return left.future();
  }

  /** Completes when the port is closed. */
  @Override
  public Future<Void> close() {
    closing = true;
    if (listener == null) closed.tryComplete();
    wake();
    return closed.future();
  }

  private void wake() {
    BeaconSocket open = socket;
    if (open != null) open.wake();
    LockSupport.unpark(thread);
  }

  private Moment now() {
    return new Moment(System.nanoTime(), clock.millis());
  }

  private void run() {
    try {
      while (!closing) step();
    } finally {
      closeSocket();
      context.runOnContext(
          go -> {
            left.tryComplete();
            closed.tryComplete();
          });
    }
  }

  private void step() {
    BeaconSocket open = socket;
    try {
      if (open == null || isStale()) open = open();
      beat(open);
      open.hear(untilNext(), AT_ONCE, this::heard);
    } catch (IOException | RuntimeException e) {
      failure = e.getMessage() == null ? e.toString() : e.getMessage();
      LOG.debug("beacons stopped {}", failure, e);
      closeSocket();
      LockSupport.parkNanos(settings.interval().toNanos()); // closing and leaving end it
    }
    count();
    tell();
  }

  private BeaconSocket open() throws IOException {
    closeSocket();
    InetAddress own = NetUtil.createInetAddressFromIpAddressString(self.host());
    BeaconSocket open =
        new BeaconSocket(settings, own == null ? InetAddress.getLoopbackAddress() : own);
    openedAt = now();
    nextBeacon = openedAt;
    failure = "";
    socket = open;
    if (!where.equals(open.where())) {
      where = open.where();
      if (announces) LOG.info("beacons at {} announced={}", where, self.listed());
    }
    return open;
  }

  private void closeSocket() {
    BeaconSocket open = socket;
    socket = null;
    if (open == null) return;
    try {
      open.close();
    } catch (IOException e) {
      LOG.debug("the port for beacons did not close in order", e);
    }
  }

  private Duration untilNext() {
    if (leaving && goodByes >= GOOD_BYES) return settings.interval();
    return Duration.ofNanos(Math.max(0, nextBeacon.nanos() - System.nanoTime()));
  }

  /** All that is to be done once in an interval, if it is time. */
  private void beat(BeaconSocket open) {
    if (leaving && goodByes == 0) nextBeacon = now();
    if (now().since(nextBeacon).isNegative()) return;
    if (leaving) {
      sayGoodBye(open);
      return;
    }
    Moment now = now();
    if (announces) send(open, now, false);
    book.expire(now);
    double spread = 1 + JITTER * (2 * random.nextDouble() - 1);
    nextBeacon = after(now, settings.interval(), spread);
  }

  /** Nothing is heard any more: the interface may have gone and come back. */
  private boolean isStale() {
    Moment now = now();
    return isDeaf(now) && isOver(openedAt, settings.expireAfter(), now);
  }

  private static Moment after(Moment now, Duration wait, double factor) {
    return new Moment(now.nanos() + (long) (wait.toNanos() * factor), now.epochMillis());
  }

  private static boolean isOver(Moment since, Duration time, Moment now) {
    return now.since(since).compareTo(time) > 0;
  }

  private void sayGoodBye(BeaconSocket open) {
    if (goodByes >= GOOD_BYES) return;
    if (announces) send(open, now(), true);
    goodByes++;
    nextBeacon = after(now(), BETWEEN_GOOD_BYES, 1);
    if (goodByes == GOOD_BYES) context.runOnContext(go -> left.tryComplete());
  }

  private void send(BeaconSocket open, Moment now, boolean last) {
    sequence++;
    try {
      open.send(format.write(new Beacon(instance, self, now.epochMillis(), sequence, last)));
      failure = "";
    } catch (IOException e) {
      failure = String.valueOf(e.getMessage()); // told when it has lasted
    }
  }

  private void heard(byte[] bytes, int length, String sender) {
    counts.merge(book.hear(bytes, length, sender, now()), 1, Integer::sum);
  }

  private void count() {
    counts.forEach((heard, times) -> metrics.count(BEACONS, HELP, times, "result", heard.label()));
    counts.clear();
  }

  /** Tells what has changed. */
  private void tell() {
    Moment now = now();
    Duration listen = Duration.ofNanos((long) (settings.interval().toNanos() * LISTEN));
    if (leaving || (socket != null && !isOver(openedAt, listen, now))) return;
    LookupException trouble = trouble(now);
    String troubleText = trouble == null ? "" : String.valueOf(trouble.getMessage());
    Set<Address> addresses = book.addresses();
    boolean known = troubleText.equals(toldTrouble) && addresses.equals(toldAddresses);
    // what is wrong with some beacons does not make the good ones old
    boolean again = trouble != null && hears(now) && isOver(toldAt, settings.expireAfter(), now);
    if (known && !again) return;
    toldAt = now;
    toldTrouble = troubleText;
    toldAddresses = addresses;
    boolean any = !addresses.isEmpty() && hears(now); // else what was found before stands
    Found found = any ? new Found(List.copyOf(addresses), null) : null;
    context.runOnContext(go -> tell(found, trouble));
  }

  private boolean hears(Moment now) {
    return socket != null && !isDeaf(now);
  }

  /** Who sends nothing cannot hear itself. */
  private boolean isDeaf(Moment now) {
    return announces && book.isDeaf(now);
  }

  private void tell(@Nullable Found found, @Nullable LookupException trouble) {
    Listener told = listener;
    if (leaving || closing || told == null) return;
    if (found != null) told.found(found);
    if (trouble != null) told.missed(trouble);
  }

  private @Nullable LookupException trouble(Moment now) {
    String why = failure.isEmpty() ? "" : " (" + failure + ")";
    if (socket == null) return new LookupException("unavailable", "no beacons at " + where + why);
    if (isDeaf(now)) {
      return new LookupException(
          "unheard", "not even this node's own beacons arrive at " + where + why);
    }
    Map<Heard, String> troubles = book.troubles();
    if (troubles.isEmpty()) {
      return announces || !book.addresses().isEmpty()
          ? null
          : new LookupException("unheard", "nobody announces itself at " + where + why);
    }
    Heard first = troubles.keySet().iterator().next();
    return new LookupException(first.label(), String.join("; ", troubles.values()));
  }
}
