package io.homespan;

import io.homespan.config.Config;
import io.homespan.discovery.PeerSearch;
import io.homespan.discovery.PeerSearch.Answer;
import io.homespan.discovery.PeerSearch.Place;
import io.homespan.discovery.PeerSearch.Report;
import io.homespan.metrics.MicrometerMetrics;
import io.vertx.core.Vertx;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows what the configured providers find, who is there, and what is wrong with it. */
@Command(
    name = "peers",
    description = "Run the configured providers once and show whom they find.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:every provider found a peer",
      "1:one of them found none",
      "2:the configuration is wrong"
    })
final class PeersCommand implements Callable<Integer> {
  /** What would mend a failed look-up of a name. */
  private static final Map<String, String> MENDING =
      Map.of(
          "nxdomain",
              "Is the name spelled right, and does it exist in this network? A short name is tried"
                  + " with the system's search list only: write it in full. In Kubernetes it is"
                  + " SERVICE.NAMESPACE.svc.cluster.local of a headless service",
          "empty",
              "The name exists without such records: is it a headless service (clusterIP: None)"
                  + " with pods? publishNotReadyAddresses: true shows them before they are ready",
          "refused",
              "Is the name spelled right? The name server does not serve it, or not this host: ask"
                  + " another by discovery.dns.servers",
          "servfail",
              "The name server cannot ask the one that knows: look at its log, or ask another by"
                  + " discovery.dns.servers",
          "timeout",
              "Can this host reach the name server's port, by UDP and TCP? One that is slow"
                  + " needs a longer discovery.dns.query_timeout",
          "truncated",
              "The answer is too large for UDP: let this host reach the name server's port 53 by TCP"
                  + " as well");

  /** Host and port, the host being no address. */
  private static final Pattern DIALLED_NAME = Pattern.compile("(?=.*[a-z])[^\\[].*");

  /** By which a node is found only while it runs. */
  private static final Set<String> ANNOUNCING = Set.of("udp", "zookeeper");

  /** The same of beacons; what is missing here is in the failure's own words. */
  private static final Map<String, String> MENDING_BEACONS =
      Map.of(
          "unheard",
              "Do nodes run with the same discovery.udp.group and port, and may UDP come in there?"
                  + " Routers and most clouds and container networks carry no multicast: another"
                  + " discovery.udp.interface, a broadcast address as group, or another"
                  + " discovery_mode may do",
          "unavailable",
              "Is there such an interface, and is the port free, or held by who shares it? See"
                  + " discovery.udp.interface, group and port");

  /** And of a directory in ZooKeeper. */
  private static final Map<String, String> MENDING_ENTRIES =
      Map.of(
          "unreachable",
              "Does it run, is discovery.zookeeper.servers right, and may this host reach its port"
                  + " for clients? One that is slow needs a longer discovery.zookeeper"
                  + ".connect_timeout",
          "empty",
              "Do nodes run with the same discovery.zookeeper.servers, path and layout? Each makes"
                  + " its entry when it starts",
          "timeout",
              "There is a connection, but the directory could not be read: may anybody read it and"
                  + " its entries?");

  private static final String NO_SERVICE =
      "Is the name spelled right, with its underscores, and are there SRV records? In Kubernetes it"
          + " is _PORT._tcp.SERVICE.NAMESPACE.svc.cluster.local, PORT being the name of the port:"
          + " one without a name has none";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"-conf", "--conf"},
      paramLabel = "FILE",
      required = true,
      description = "The configuration of a node.")
  private Path conf = Path.of("");

  @Option(
      names = {"-limit", "--limit"},
      paramLabel = "SECONDS",
      description = "For each provider; default: ${DEFAULT-VALUE}.")
  private int limit = 10;

  @Override
  public Integer call() {
    if (limit < 1) {
      throw new ParameterException(spec.commandLine(), "-limit " + limit + ": 1 or more will do");
    }
    Vertx vertx = Vertx.vertx();
    try {
      Config config = Configured.read(vertx, conf, spec.commandLine().getErr());
      if (config == null) return Main.EXIT_CONFIGURATION;
      Report report;
      try (MicrometerMetrics metrics = new MicrometerMetrics()) {
        report = PeerSearch.search(vertx, config, metrics, Duration.ofSeconds(limit)).await();
      }
      print(report, config);
      return report.answers().stream().anyMatch(one -> one.addresses().isEmpty()) ? 1 : 0;
    } finally {
      vertx.close().await();
    }
  }

  private void print(Report report, Config config) {
    List<List<String>> answers = new ArrayList<>();
    answers.add(List.of("PROVIDER", "FOUND", "TTL", "TOOK", "FAILURE"));
    for (Answer one : report.answers()) {
      String failure = one.failure();
      answers.add(
          List.of(
              one.provider(),
              Integer.toString(one.addresses().size()),
              ttl(one.ttl()),
              one.took().toMillis() + " ms",
              failure == null ? one.detail() : failure + ": " + one.detail()));
    }
    List<List<String>> places = new ArrayList<>();
    places.add(List.of("PEER", "ADDRESS", "DIALLED", "FOUND BY", "STATE", ""));
    for (Place one : report.places()) {
      places.add(
          List.of(
              one.id(),
              one.address(),
              one.dialled(),
              String.join(", ", one.foundBy()),
              one.detail().isEmpty() ? one.state() : one.state() + " (" + one.detail() + ")",
              one.self() ? "this node" : ""));
    }
    PrintWriter out = spec.commandLine().getOut();
    table(answers, out);
    if (!report.places().isEmpty()) {
      out.println();
      table(places, out);
    }
    List<String> remarks = remarks(report, config);
    if (!remarks.isEmpty()) out.println();
    remarks.forEach(out::println);
    out.flush();
  }

  private static String mending(String kind, String failure) {
    boolean absent = failure.equals("nxdomain") || failure.equals("empty");
    return switch (kind) {
      case "dns_srv" -> absent ? NO_SERVICE : MENDING.getOrDefault(failure, "");
      case "dns", "static" -> MENDING.getOrDefault(failure, "");
      case "udp" -> MENDING_BEACONS.getOrDefault(failure, "");
      case "zookeeper" -> MENDING_ENTRIES.getOrDefault(failure, "");
      default -> ""; // their own words say it
    };
  }

  private static String ttl(@Nullable Duration ttl) {
    return ttl == null ? "-" : ttl.toMillis() / 1000.0 + " s";
  }

  /** What is wrong, and what would mend it. */
  private static List<String> remarks(Report report, Config config) {
    List<String> remarks = new ArrayList<>();
    for (Answer one : report.answers()) {
      String failure = one.failure();
      if (failure == null) continue;
      String mending = mending(one.kind(), failure);
      String what = one.provider() + ": " + failure + ", " + one.detail();
      remarks.add(mending.isEmpty() ? what : what.replaceFirst("\\.?$", ". ") + mending);
    }
    boolean gateway = config.role() == Config.Role.GATEWAY;
    boolean anybody = !report.places().isEmpty();
    if (!gateway && anybody && report.places().stream().noneMatch(Place::self)) {
      remarks.add(report.self() + ", this node, is not among them" + whyNot(report));
    }
    for (Place one : report.places()) {
      if (one.virtual()) {
        remarks.add(
            one.address()
                + " answers as different nodes in turn: it is a virtual address, behind which traces"
                + " would be split. Use a headless service, or list the nodes themselves");
      }
      if (one.state().equals("refused")) {
        remarks.add(
            one.address()
                + " belongs to cluster \""
                + one.detail()
                + "\", not to \""
                + config.cluster()
                + "\": leave it out, or write the same cluster on all nodes");
      }
      if (one.state().equals("foreign") && !gateway) {
        remarks.add(
            one.address()
                + " is no Homespan node: is it the peer port? A plain OTLP/gRPC receiver is fine,"
                + " and recognises no repeats");
      }
    }
    long silent = report.places().stream().filter(one -> one.state().equals("unanswered")).count();
    if (silent > 0) {
      remarks.add(
          silent
              + " of "
              + report.places().size()
              + " did not answer: do they run, and is their "
              + (gateway ? "port for OTLP/gRPC" : "peer port")
              + " open to this host? They stay members for as long as they are found");
    }
    return remarks;
  }

  private static String whyNot(Report report) {
    for (Answer one : report.answers()) {
      if (!ANNOUNCING.contains(one.kind())) continue;
      return ": it announces itself by " + one.kind() + " when it runs";
    }
    boolean names =
        report.places().stream().anyMatch(one -> DIALLED_NAME.matcher(one.dialled()).matches());
    return (names ? ", unless a name leads to it: else" : ":")
        + " it would own nothing and forward everything. If it is to own traces, let a"
        + " provider find it, or set peer_forwarder.advertise to what they find";
  }

  private static void table(List<List<String>> rows, PrintWriter out) {
    int columns = rows.get(0).size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) widths[i] = Math.max(widths[i], row.get(i).length());
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
      }
      out.println(line.toString().stripTrailing());
    }
  }
}
