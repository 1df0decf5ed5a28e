package io.homespan;

import io.homespan.config.Config;
import io.homespan.config.Config.Endpoint;
import io.homespan.mesh.OwnerTable;
import io.homespan.mesh.Peer;
import io.homespan.mesh.PeerSet;
import io.homespan.otlp.RoutingKey;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Tells who owns a trace, or with another {@code routing_key} the spans with these attributes. The
 * node that runs with this configuration knows, since peers say what their ids are; where none
 * answers, the listed addresses stand for the ids.
 */
@Command(
    name = "owner",
    description = "Tell which peer owns a trace, and the order after it.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {"0:told", "1:no peers are known", "2:the trace id or configuration is wrong"})
final class OwnerCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final int ID_DIGITS = 32;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "TRACE_ID",
      description = "32 hexadecimal digits; for routing_key: traceID.")
  private String traceId = "";

  @Option(
      names = {"-service", "--service"},
      paramLabel = "NAME",
      description = "A service.name; for routing_key: service.")
  private @Nullable String service;

  @Option(
      names = {"-attribute", "--attribute"},
      paramLabel = "NAME=VALUE",
      description =
          "For routing_key: attributes; once for each. What is left out counts as missing.")
  private Map<String, String> attributes = new TreeMap<>();

  @Option(
      names = {"-conf", "--conf"},
      paramLabel = "FILE",
      required = true,
      description = "The configuration of a node.")
  private Path conf = Path.of("");

  @Override
  public Integer call() throws InterruptedException {
    if (service != null) attributes.put("service.name", service);
    Vertx vertx = Vertx.vertx();
    Config config;
    try {
      config = Configured.read(vertx, conf, spec.commandLine().getErr());
    } finally {
      vertx.close().await();
    }
    if (config == null) return Main.EXIT_CONFIGURATION;
    RoutingKey routing = new RoutingKey(config.routing().attributes());
    int slot = slot(routing);
    JsonObject told = ask(config.admin());
    if (told != null) {
      print(
          "as the node at " + config.admin().host() + ":" + config.admin().port() + " says",
          told.getString("table_hash"),
          told.getJsonArray("order").stream().map(String::valueOf).toList());
      return 0;
    }
    PeerSet listed = listed(config);
    if (listed.isEmpty()) {
      spec.commandLine()
          .getErr()
          .println("no node answers on the admin port, and no peer is listed");
      return 1;
    }
    OwnerTable table = OwnerTable.of(listed);
    JsonArray order = new JsonArray();
    for (int index : table.order(slot)) order.add(table.peer(index).id());
    print(
        "no node answers on the admin port; by the listed addresses, as long as no peer advertises"
            + " another id",
        table.hash(),
        order.stream().map(String::valueOf).toList());
    return 0;
  }

  private void print(String source, String hash, List<String> order) {
    PrintWriter out = spec.commandLine().getOut();
    if (attributes.isEmpty()) out.println("trace  " + traceId.toLowerCase(Locale.ROOT));
    attributes.forEach((name, value) -> out.println("spans  " + name + "=" + value));
    out.println("owner  " + order.get(0));
    for (String next : order.subList(1, order.size())) out.println("then   " + next);
    out.println("table  " + hash + " (" + source + ")");
    out.flush();
  }

  /** Of what is asked for, which must be what decides. */
  private int slot(RoutingKey routing) {
    if (routing.attributes().isEmpty()) {
      if (!attributes.isEmpty()) {
        throw wrong(attributes.keySet() + " decide nothing: routing_key is traceID");
      }
      byte[] id = id();
      return OwnerTable.slot(half(id, 0), half(id, 8));
    }
    String decide = "by routing_key, " + String.join(", ", routing.attributes()) + " decide";
    if (!traceId.isEmpty()) throw wrong("TRACE_ID does not tell: " + decide);
    if (attributes.isEmpty()) throw wrong(decide + ": name them by --attribute or --service");
    for (String name : attributes.keySet()) {
      if (!routing.attributes().contains(name)) throw wrong(name + " decides nothing: " + decide);
    }
    return OwnerTable.slot(routing.hash(attributes), 0);
  }

  private ParameterException wrong(String what) {
    return new ParameterException(spec.commandLine(), what);
  }

  private byte[] id() {
    try {
      byte[] id = HexFormat.of().parseHex(traceId);
      if (traceId.length() == ID_DIGITS && (half(id, 0) | half(id, 8)) != 0) return id;
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw new ParameterException(
        spec.commandLine(),
        "TRACE_ID " + traceId + " is none: 32 hexadecimal digits, not all zero, will do");
  }

  private static long half(byte[] id, int from) {
    long half = 0;
    for (int i = from; i < from + 8; i++) half = half << 8 | (id[i] & 0xff);
    return half;
  }

  /** What a running node says, or null. */
  private @Nullable JsonObject ask(Config.Admin admin) throws InterruptedException {
    String of = "/" + traceId;
    if (!attributes.isEmpty()) {
      of =
          attributes.entrySet().stream()
              .map(one -> encoded(one.getKey()) + "=" + encoded(one.getValue()))
              .collect(Collectors.joining("&", "?", ""));
    }
    try {
      AdminPort.Answer answer = AdminPort.get(admin, "/api/owner" + of, PATIENCE);
      return answer.statusCode() == 200 ? new JsonObject(answer.body()) : null;
    } catch (IOException | RuntimeException e) {
      return null;
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private PeerSet listed(Config config) {
    Map<String, Peer> peers = new TreeMap<>();
    Config.PeerForwarder keys = config.peerForwarder();
    if (keys.discoveryModes().contains("static")) {
      boolean gateway = config.role() == Config.Role.GATEWAY;
      for (Endpoint one : keys.staticEndpoints()) add(peers, gateway ? one.normalised() : one);
    }
    if (keys.discoveryModes().contains("dns")) {
      for (String name : keys.domainNames()) {
        try {
          for (InetAddress found : InetAddress.getAllByName(name)) {
            add(peers, new Endpoint(found.getHostAddress(), keys.clientPort()).normalised());
          }
        } catch (UnknownHostException e) {
          spec.commandLine().getErr().println(name + " does not resolve");
        }
      }
    }
    return PeerSet.of(peers.values());
  }

  private static void add(Map<String, Peer> peers, Endpoint one) {
    peers.put(one.toString(), new Peer(one.toString(), one.host(), one.port()));
  }
}
