package io.homespan.discovery;

import io.homespan.bus.NodeFacts;
import io.homespan.config.Config;
import io.homespan.config.Config.Endpoint;
import io.homespan.guard.Keyring;
import io.homespan.mesh.PeerSet;
import io.homespan.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs the configured providers once and asks each address that they find who is there, whether a
 * node runs on this host or not. Tells nobody that it is a member, and adds nobody.
 */
public final class PeerSearch {
  /** A virtual address shows itself only to who asks more than once. */
  private static final int ASKED = 4;

  private static final int AT_ONCE = 64;

  private final Vertx vertx;
  private final Config config;
  private final Surroundings around;
  private final Map<String, PeerProviderFactory> own;
  private final Collection<InetAddress> interfaces;
  private final Duration limit;

  /**
   * What one provider answered.
   *
   * @param addresses as listed; empty if it found none
   * @param ttl null: until something else is told, or for good
   * @param notes what else it says of addresses, by how they are listed
   * @param failure null: it found something, and says of nothing that it is wrong
   * @param detail of the failure, or ""
   */
  public record Answer(
      String provider,
      String kind,
      List<String> addresses,
      Map<String, String> notes,
      @Nullable Duration ttl,
      Duration took,
      @Nullable String failure,
      String detail) {}

  /**
   * What is at one address.
   *
   * @param id what it says, else the address
   * @param dialled host and port
   * @param foundBy the names of the providers, with what else they say of it in brackets
   * @param state "answered", "foreign", "unanswered" or "refused"
   * @param detail why it did not answer, or its cluster if it is another; else its version
   * @param self whether this host's node is to be here, or is
   * @param virtual whether different nodes answered here in turn
   */
  public record Place(
      String id,
      String address,
      String dialled,
      List<String> foundBy,
      String state,
      String detail,
      boolean self,
      boolean virtual) {}

  /**
   * All of it.
   *
   * @param self where this host's node is by its configuration and interfaces
   * @param places in the order of their addresses
   */
  public record Report(String self, List<Answer> answers, List<Place> places) {}

  private PeerSearch(Vertx vertx, Config config, Metrics metrics, Duration limit) {
    this.vertx = vertx;
    this.config = config;
    this.limit = limit;
    this.own = OwnProviders.find();
    this.interfaces = OwnAddress.ofInterfaces();
    Config.PeerForwarder keys = config.peerForwarder();
    Endpoint here = OwnAddress.of(keys.server().host(), keys.server().port(), interfaces);
    this.around =
        new Surroundings(
            vertx,
            config,
            metrics,
            new SplittableRandom(),
            InstantSource.system(),
            System::nanoTime,
            Address.of(keys.advertise() == null ? here : keys.advertise()),
            Address.of(here),
            UUID.randomUUID().toString(),
            "",
            false,
            Keyring.peers(config, metrics));
  }

  /**
   * Searches. Reads the host's network interfaces and the class path, so not for an event loop.
   *
   * @param metrics for what providers count; nobody need read it
   * @param limit for each provider
   */
  public static Future<Report> search(Vertx vertx, Config config, Metrics metrics, Duration limit) {
    PeerSearch search = new PeerSearch(vertx, config, metrics, limit);
    Promise<Report> report = Promise.promise();
    vertx.getOrCreateContext().runOnContext(go -> search.run().onComplete(report));
    return report.future();
  }

  /** What one provider brought, with its addresses still to be dialled. */
  private record Outcome(Answer answer, List<Address> addresses) {}

  private Future<Report> run() {
    List<Future<Outcome>> asked = new ArrayList<>();
    for (PeerProvider provider : Providers.of(around, own)) asked.add(ask(provider));
    return Future.join(asked)
        .compose(
            done -> {
              List<Outcome> outcomes = asked.stream().map(Future::result).toList();
              return places(outcomes)
                  .map(
                      places ->
                          new Report(
                              around.self().listed(),
                              outcomes.stream().map(Outcome::answer).toList(),
                              places));
            });
  }

  private Future<Outcome> ask(PeerProvider provider) {
    long began = System.nanoTime();
    Promise<PeerProvider.Found> heard = Promise.promise();
    First first = new First(vertx, heard);
    Feed feed = new Feed(vertx, provider, NEVER_AGAIN, around.random(), first);
    feed.start();
    LookupException late = new LookupException("timeout", "nothing within the time limit");
    long timer = vertx.setTimer(limit.toMillis(), id -> heard.tryFail(late));
    return heard
        .future()
        .transform(
            found -> {
              Duration took = Duration.ofNanos(System.nanoTime() - began);
              vertx.cancelTimer(timer);
              feed.stop();
              return provider
                  .close()
                  .timeout(limit.toMillis(), TimeUnit.MILLISECONDS)
                  .otherwiseEmpty()
                  .map(
                      closed ->
                          found.succeeded()
                              ? found(provider, found.result(), first.besides, took)
                              : missed(provider, found.cause(), took));
            });
  }

  private static final RefreshSchedule NEVER_AGAIN =
      new RefreshSchedule(Duration.ofHours(1), Duration.ofHours(1));

  /** The first thing that a provider brings, and what it says at once is wrong besides. */
  private static final class First implements PeerProvider.Listener {
    private final Vertx vertx;
    private final Promise<PeerProvider.Found> heard;
    private boolean found;
    @Nullable LookupException besides;

    First(Vertx vertx, Promise<PeerProvider.Found> heard) {
      this.vertx = vertx;
      this.heard = heard;
    }

    @Override
    public void found(PeerProvider.Found first) {
      if (found) return;
      found = true;
      vertx.runOnContext(go -> heard.tryComplete(first));
    }

    @Override
    public void missed(LookupException why) {
      if (!found) heard.tryFail(why);
      else if (besides == null) besides = why;
    }
  }

  private Sifted sifted(List<Address> found) {
    return toReceivers() ? Sifted.of(found).normalised() : Sifted.of(found);
  }

  private boolean toReceivers() {
    return config.role() == Config.Role.GATEWAY;
  }

  private Outcome found(
      PeerProvider provider,
      PeerProvider.@Nullable Found found,
      @Nullable LookupException besides,
      Duration took) {
    if (found == null || found.addresses() == null) { // whatever the types say
      return missed(provider, new LookupException("error", "told null"), took);
    }
    Sifted sifted = sifted(found.addresses());
    boolean none = sifted.addresses().isEmpty();
    String failure = besides == null ? null : besides.failure();
    String dropped =
        sifted.dropped() == 0 ? "" : sifted.dropped() + " malformed addresses left out";
    Answer answer =
        new Answer(
            provider.name(),
            provider.kind(),
            sifted.addresses().stream().map(Address::listed).toList(),
            sifted.notes(found.notes()),
            found.ttl(),
            took,
            none ? "empty" : failure,
            none || besides == null ? dropped : String.valueOf(besides.getMessage()));
    return new Outcome(answer, sifted.addresses());
  }

  private static Outcome missed(PeerProvider provider, Throwable cause, Duration took) {
    LookupException why = LookupLoop.failure(cause);
    String detail = String.valueOf(why.getMessage());
    return new Outcome(
        new Answer(
            provider.name(),
            provider.kind(),
            List.of(),
            Map.of(),
            null,
            took,
            why.failure(),
            detail),
        List.of());
  }

  // ---- who is there ----

  private Future<List<Place>> places(List<Outcome> outcomes) {
    NavigableMap<String, Address> all = new TreeMap<>(PeerSet.BYTEWISE);
    for (Outcome outcome : outcomes) {
      for (Address one : outcome.addresses()) all.putIfAbsent(one.listed(), one);
    }
    while (all.size() > config.discovery().maxPeers()) all.pollLastEntry();
    Map<Address, Place> places = new HashMap<>();
    Round round =
        new Round(
            AT_ONCE,
            address ->
                ask(address, ASKED, new ArrayList<>())
                    .map(
                        replies -> {
                          places.put(address, place(address, replies, outcomes));
                          return null;
                        }));
    return round
        .ask(all.values())
        .map(done -> all.values().stream().map(places::get).map(PeerSearch::present).toList());
  }

  private static Place present(@Nullable Place place) {
    if (place == null) throw new IllegalStateException("an address was not asked");
    return place;
  }

  /** Over a new connection each time. */
  private Future<List<Reply>> ask(Address address, int times, List<Reply> before) {
    IdentityClient client =
        new IdentityClient(
            vertx,
            config.cluster(),
            config.discovery().exchangeTimeout(),
            config.discovery().exchangeInterval(),
            around.tls());
    NodeFacts facts = new NodeFacts("peers", "", 1, 0);
    Hello hello =
        new Hello(config.cluster(), null, around.instance(), facts, "", false, List.of(), null);
    Future<Reply> asked = toReceivers() ? client.touch(address) : client.ask(address, hello);
    return asked
        .compose(reply -> client.close().otherwiseEmpty().map(closed -> reply))
        .compose(
            reply -> {
              before.add(reply);
              boolean more = reply instanceof Reply.Answered && times > 1;
              return more ? ask(address, times - 1, before) : Future.succeededFuture(before);
            });
  }

  private Place place(Address address, List<Reply> replies, List<Outcome> outcomes) {
    List<Hello> hellos = new ArrayList<>();
    for (Reply reply : replies) {
      if (reply instanceof Reply.Answered answered) hellos.add(answered.hello());
    }
    boolean virtual = hellos.stream().map(Hello::instance).distinct().count() > 1;
    Hello last = hellos.isEmpty() ? null : hellos.get(hellos.size() - 1);
    String id = last == null || last.id() == null || virtual ? address.listed() : last.id();
    Reply reply = replies.get(0);
    return new Place(
        id,
        address.listed(),
        new Endpoint(address.host(), address.port()).toString(),
        outcomes.stream()
            .filter(one -> one.answer().addresses().contains(address.listed()))
            .map(one -> foundBy(one.answer(), address.listed()))
            .toList(),
        state(reply),
        detail(reply),
        isSelf(address, id),
        virtual);
  }

  private static String foundBy(Answer answer, String listed) {
    String note = answer.notes().get(listed);
    return note == null ? answer.provider() : answer.provider() + " (" + note + ")";
  }

  private static String state(Reply reply) {
    if (reply instanceof Reply.Answered) return "answered";
    if (reply instanceof Reply.OtherCluster) return "refused";
    return reply instanceof Reply.Foreign ? "foreign" : "unanswered";
  }

  private static String detail(Reply reply) {
    if (reply instanceof Reply.Answered answered) return answered.hello().facts().version();
    if (reply instanceof Reply.OtherCluster other) return other.cluster();
    return reply instanceof Reply.Unanswered unanswered ? unanswered.cause() : "";
  }

  /** By the id, or by an address of this host and the configured port. */
  private boolean isSelf(Address address, String id) {
    if (toReceivers()) return false;
    Endpoint advertise = config.peerForwarder().advertise();
    if (advertise != null) return id.equals(advertise.toString());
    if (address.port() != config.peerForwarder().server().port()) return false;
    String boundTo = config.peerForwarder().server().host();
    boolean any = boundTo.equals("0.0.0.0") || boundTo.equals("::");
    return any
        ? address.host().equals("localhost")
            || address.host().startsWith("127.")
            || interfaces.stream().map(OwnAddress::text).anyMatch(address.host()::equals)
        : address.host().equals(boundTo);
  }
}
