package io.homespan.config;

import io.netty.util.NetUtil;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One node's whole configuration, checked. What each key means, and what grows when it is turned,
 * stands in {@code conf/homespan.yaml}.
 *
 * @param zone "" if none is named
 * @param role what it is in the tier
 * @param routing what decides on where a span goes
 */
public record Config(
    String cluster,
    String zone,
    Role role,
    Routing routing,
    Duration drainDelay,
    Duration shutdownTimeout,
    Ingest ingest,
    PeerForwarder peerForwarder,
    Discovery discovery,
    List<Sink> sinks,
    Journal journal,
    Repeats repeats,
    Heartbeat heartbeat,
    Admin admin) {

  /** What a process is to those who send it spans. */
  public enum Role {
    /** One of a tier of nodes: keeps what it owns, and forwards the rest. */
    NODE,
    /** Forwards everything to receivers that are no Homespan nodes; owns and keeps nothing. */
    GATEWAY,
    /** Measures the network and takes no spans. Only its command makes one, no key does. */
    AGENT
  }

  /**
   * What decides on where a span goes.
   *
   * @param key as it is written in the configuration, in lower case
   * @param attributes whose values decide; none: the trace id does
   */
  public record Routing(String key, List<String> attributes) {
    /** By trace id. */
    public static final Routing TRACE_ID = new Routing("traceid", List.of());
  }

  /**
   * What may be under way on one port, in requests and in bytes after decompression, and how many
   * connections may be open there.
   */
  public record Admission(int maxRequestsInFlight, long maxBytesInFlight, int maxConnections) {}

  /**
   * The port for senders. {@code maxMessageBytes} holds before and after decompression.
   *
   * @param maxConnectionAge after about which senders are asked to connect anew; zero: never
   */
  public record Ingest(
      String host,
      int port,
      Duration requestTimeout,
      Duration maxConnectionAge,
      int maxMessageBytes,
      Admission admission,
      @Nullable Tls tls,
      Authentication authentication) {
    /** In the clear, and for everybody. */
    public Ingest(
        String host,
        int port,
        Duration requestTimeout,
        Duration maxConnectionAge,
        int maxMessageBytes,
        Admission admission) {
      this(
          host,
          port,
          requestTimeout,
          maxConnectionAge,
          maxMessageBytes,
          admission,
          null,
          Authentication.NONE);
    }
  }

  /**
   * A file of certificates, keys or other secrets.
   *
   * @param key where it is configured, for messages
   */
  public record SecretFile(String key, String path) {}

  /**
   * Certificates and keys in PEM. Null where this is meant: in the clear.
   *
   * @param chain this side's own certificate, first, and those above it; null: it shows none
   * @param key of the first; null as well then
   * @param ca whose certificates the other side may have; null: the system's
   * @param clientAuth whether who connects to this side must show one
   * @param verifyHost whether who is connected to must show one for the address it is at
   * @param peerName what such a certificate must be for instead; null: the address
   */
  public record Tls(
      @Nullable SecretFile chain,
      @Nullable SecretFile key,
      @Nullable SecretFile ca,
      boolean clientAuth,
      boolean verifyHost,
      @Nullable String peerName) {}

  /** Files with what callers may say who they are; none of them: nobody is asked. */
  public record Authentication(List<SecretFile> tokenFiles, List<SecretFile> userFiles) {
    /** Nobody is asked. */
    public static final Authentication NONE = new Authentication(List.of(), List.of());

    /** Whether callers are asked. */
    public boolean used() {
      return !tokenFiles.isEmpty() || !userFiles.isEmpty();
    }
  }

  /** Peers: how they are found, and how parts are sent to them. */
  public record PeerForwarder(
      List<String> discoveryModes,
      List<Endpoint> staticEndpoints,
      List<String> domainNames,
      @Nullable Endpoint advertise,
      Duration timeOut,
      Duration connectTimeout,
      int spanAggCount,
      Duration spanAggWait,
      int maxCallsPerPeer,
      long maxBacklogBytesPerPeer,
      Server server,
      int clientPort,
      int weight,
      @Nullable Tls tls) {
    /** In the clear. */
    public PeerForwarder(
        List<String> discoveryModes,
        List<Endpoint> staticEndpoints,
        List<String> domainNames,
        @Nullable Endpoint advertise,
        Duration timeOut,
        Duration connectTimeout,
        int spanAggCount,
        Duration spanAggWait,
        int maxCallsPerPeer,
        long maxBacklogBytesPerPeer,
        Server server,
        int clientPort,
        int weight) {
      this(
          discoveryModes,
          staticEndpoints,
          domainNames,
          advertise,
          timeOut,
          connectTimeout,
          spanAggCount,
          spanAggWait,
          maxCallsPerPeer,
          maxBacklogBytesPerPeer,
          server,
          clientPort,
          weight,
          null);
    }
  }

  /** The peer port. */
  public record Server(String host, int port, Admission admission) {}

  /** A host and a port as written, lower case. IPv6 without brackets in {@code host}. */
  public record Endpoint(String host, int port) {
    /** The text that is hashed when nothing better is known: brackets round IPv6. */
    @Override
    public String toString() {
      return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }

    /**
     * The one form in which all who hash this address write it: lower case, IPv6 as in RFC 5952, an
     * IPv4 address in IPv6 as IPv4, no dot behind a name.
     */
    public Endpoint normalised() {
      InetAddress address = NetUtil.createInetAddressFromIpAddressString(host);
      if (address != null) return new Endpoint(NetUtil.toAddressString(address), port);
      String name = host.toLowerCase(Locale.ROOT);
      return new Endpoint(name.endsWith(".") ? name.substring(0, name.length() - 1) : name, port);
    }
  }

  /**
   * Finding peers and asking them who they are.
   *
   * @param removalMisses answers in a row without an address until it is removed; 0: never
   * @param maxStaleness how long a provider may fail until that is told as such; zero: for good
   * @param lookUpTimeout for one look-up of a provider that is not ours
   * @param file that lists endpoints, for the provider of that name; or ""
   * @param dnsSrvNames the names of services, for the provider that asks for SRV records
   * @param udp null unless it is a mode
   * @param zookeeper null unless it is a mode
   * @param kubernetes null unless it is a mode
   * @param own the settings of such providers by their words, unchecked; not to be changed
   */
  public record Discovery(
      Duration exchangeInterval,
      Duration exchangeTimeout,
      int maxPeers,
      int removalMisses,
      Duration maxStaleness,
      Duration lookUpTimeout,
      String file,
      Dns dns,
      List<String> dnsSrvNames,
      @Nullable Udp udp,
      @Nullable ZooKeeper zookeeper,
      @Nullable Kubernetes kubernetes,
      Map<String, JsonObject> own) {}

  /** DNS look-ups. {@code servers} empty: the system's. */
  public record Dns(
      List<Endpoint> servers, Duration minTtl, Duration maxTtl, Duration queryTimeout) {}

  /**
   * Beacons between nodes of one network.
   *
   * @param group a multicast or broadcast address
   * @param ttl over how many routers multicast goes, and one more
   * @param networkInterface its name; null: the one of the node's own address
   * @param expireAfter without a beacon for so long a peer is gone
   * @param maxClockSkew how far a beacon's time stamp may be from this node's time
   */
  public record Udp(
      String group,
      int port,
      int ttl,
      @Nullable String networkInterface,
      Duration interval,
      Duration expireAfter,
      Duration maxClockSkew,
      Secret secret) {}

  /**
   * A directory in ZooKeeper.
   *
   * @param path of the directory
   * @param sessionTimeout without contact for so long a node's entry is taken away
   * @param connectTimeout after which ZooKeeper is said to be away
   * @param heartbeatLayout whether entries are written as the Distributed-trace agents' are
   */
  public record ZooKeeper(
      List<Endpoint> servers,
      String path,
      Duration sessionTimeout,
      Duration connectTimeout,
      boolean heartbeatLayout) {}

  /**
   * The endpoints of a service, as the API of Kubernetes tells them.
   *
   * @param namespace "": the one that stands in a file beside the token
   * @param port of the peers: a number, or the name of one in the service; null: {@code
   *     peer_forwarder.client.port}
   * @param api where it is
   * @param tls whether it is spoken to by HTTPS, with a token; if not, without
   * @param caFile PEM
   * @param watchTimeout a watch that is silent for longer is broken
   */
  public record Kubernetes(
      String service,
      String namespace,
      @Nullable String port,
      Endpoint api,
      boolean tls,
      String tokenFile,
      String caFile,
      boolean includeNotReady,
      Duration requestTimeout,
      Duration watchTimeout) {}

  /** What only the nodes of a tier know. It shows itself to nobody who prints a configuration. */
  public record Secret(String text) {
    @Override
    public String toString() {
      return "***";
    }
  }

  /** Where kept spans go. */
  public sealed interface Sink {
    /** The type as it is written in the configuration. */
    String type();
  }

  /** A line a batch on the log; keeps nothing. */
  public record LogSink() implements Sink {
    @Override
    public String type() {
      return "log";
    }
  }

  /**
   * OTLP/JSON lines.
   *
   * @param rotateBytes a file that has reached this size is renamed and a new one begun
   * @param maxRotatedFiles how many rotated files stay; 0: all
   */
  public record FileSink(String path, long rotateBytes, int maxRotatedFiles) implements Sink {
    @Override
    public String type() {
      return "file";
    }
  }

  /**
   * Any OTLP/gRPC receiver.
   *
   * @param headers file of what is sent with each call, {@code name: value} a line; null: nothing
   */
  public record OtlpSink(
      Endpoint endpoint,
      Duration timeOut,
      Duration connectTimeout,
      int maxBatchSpans,
      int maxCalls,
      @Nullable Tls tls,
      @Nullable SecretFile headers)
      implements Sink {
    /** In the clear, to whom the spans are enough. */
    public OtlpSink(
        Endpoint endpoint,
        Duration timeOut,
        Duration connectTimeout,
        int maxBatchSpans,
        int maxCalls) {
      this(endpoint, timeOut, connectTimeout, maxBatchSpans, maxCalls, null, null);
    }

    @Override
    public String type() {
      return "otlp";
    }
  }

  /**
   * Requests on disk, between their answer and their delivery.
   *
   * @param used whether senders are answered when their spans are stored; if not, all else has no
   *     effect
   * @param path a directory for this node alone
   * @param maxBytes of its files
   * @param fileBytes of each of them
   * @param maxBytesUnderWay of stored requests that are being delivered
   */
  public record Journal(
      boolean used, String path, long maxBytes, int fileBytes, long maxBytesUnderWay) {
    /** For senders who are answered when their spans are delivered. */
    public static final Journal UNUSED = new Journal(false, "", 0, 0, 0);
  }

  /** How long, and how many, kept parts are remembered, to recognise repeats. */
  public record Repeats(Duration remember, int maxParts) {}

  /**
   * The ping mesh.
   *
   * @param enabled whether this node measures; it answers in any case
   * @param interval between two probes of a kind to one peer; never less than a second
   * @param connectTimeout for opening a connection: above 3 s, else lost SYNs look like failures
   * @param timeOut for an answer
   * @param payloadBytes of the probe of that name, at most 64 KiB
   * @param maxProbesPerSecond of this node; beyond it peers are measured by turns
   * @param maxMetricPeers how many peers have series of their own, on {@code /metrics} and at an
   *     OTLP endpoint
   * @param reports where results go beside {@code /metrics}
   */
  public record Heartbeat(
      boolean enabled,
      Duration interval,
      Duration connectTimeout,
      Duration timeOut,
      int payloadBytes,
      int maxProbesPerSecond,
      int maxMetricPeers,
      Reports reports) {
    /** Of a node that measures nothing. */
    public static final Heartbeat OFF =
        new Heartbeat(
            false, Duration.ofSeconds(10), Duration.ZERO, Duration.ZERO, 0, 1, 0, Reports.NONE);
  }

  /** Where results of probes go; null: not there. */
  public record Reports(
      @Nullable KafkaReports kafka, @Nullable FileReports file, @Nullable OtlpReports otlp) {
    /** Nowhere. */
    public static final Reports NONE = new Reports(null, null, null);
  }

  /**
   * Each result to a topic of a Kafka.
   *
   * @param servers of which one at least must answer for the others to be found
   * @param format of the records
   * @param queue so many wait while no broker takes them; beyond it the oldest goes
   * @param properties of the producer, over those that a reporter sets by itself
   */
  public record KafkaReports(
      List<Endpoint> servers, String topic, Format format, int queue, Settings properties) {
    /** What a record holds. */
    public enum Format {
      /** All that is known. */
      V1,
      /** What the Distributed-trace agent writes, to the byte. */
      AGENT
    }
  }

  /**
   * Each result as a line of a file.
   *
   * @param maxBytes of the file; one old one of that size stays beside it
   */
  public record FileReports(String path, long maxBytes) {}

  /**
   * Histograms to an OTLP/gRPC receiver of metrics.
   *
   * @param interval between two exports
   * @param timeOut of one export
   * @param tls null: in the clear
   */
  public record OtlpReports(
      Endpoint endpoint, Duration interval, Duration timeOut, @Nullable Tls tls) {}

  /** Names and values that are handed on as they are. It shows no value, as there are secrets. */
  public record Settings(Map<String, String> values) {
    /** Not one. */
    public static final Settings NONE = new Settings(Map.of());

    public Settings {
      values = Map.copyOf(values);
    }

    @Override
    public String toString() {
      return new TreeSet<>(values.keySet()).toString();
    }
  }

  /**
   * The port for operators.
   *
   * @param maxConnections at one time
   */
  public record Admin(
      String host, int port, int maxConnections, @Nullable Tls tls, Authentication authentication) {
    /** In the clear, and for everybody; as many connections as by default. */
    public Admin(String host, int port) {
      this(host, port, 100, null, Authentication.NONE);
    }
  }
}
