package io.homespan;

import io.homespan.config.Loaded;
import io.homespan.metrics.MicrometerMetrics;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Starts an agent, which measures the network and takes no spans, and keeps it until SIGTERM. */
@Command(
    name = "heartbeat",
    description = {
      "Measure the network, and do nothing else: no port for spans, no traces owned.",
      "Without a file it runs in the place of a Distributed-trace agent, with that agent's"
          + " defaults and variables."
    },
    mixinStandardHelpOptions = true,
    footerHeading = "Variables, which override the file, and which HOMESPAN_ variables override:%n",
    footer = {
      "  SERVERS_ZK               discovery.zookeeper.servers (localhost:2181)",
      "  ROOT_PATH_ZK             first name of discovery.zookeeper.path",
      "                           (distributed_trace)",
      "  HEART_BEAT_NODE_PATH     its second name (heart_beat_nodes)",
      "  CONN_TIMEOUT             discovery.zookeeper.session_timeout, seconds (10)",
      "  REGISTER_PUBLIC_DNS      host of peer_forwarder.advertise, which others dial",
      "                           (localhost)",
      "  REGISTER_PUBLIC_PORT     its port (4000)",
      "  REGISTER_LISTENER_DNS    peer_forwarder.server.host (localhost)",
      "  REGISTER_LISTENER_PORT   peer_forwarder.server.port (4000)",
      "  KAFKA_BOOTSTRAP_SERVERS  heartbeat.kafka.bootstrap_servers (localhost:9092)",
      "  KAFKA_TOPIC              heartbeat.kafka.topic (distributedTrace)",
      "  KAFKA_PRODUCER_GROUP     no effect"
    },
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:stopped by SIGTERM or SIGINT",
      "1:the agent could not start, or not stop in time",
      "2:the configuration is wrong"
    })
final class HeartbeatCommand implements Callable<Integer> {
  /** One event loop for its ports; what is measured is on another, of its own. */
  private static final int INSTANCES = 1;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"-conf", "--conf"},
      paramLabel = "FILE",
      description =
          "The configuration, YAML or JSON; default: as a Distributed-trace agent has it.")
  private @Nullable Path conf;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    LoggerFactory.getILoggerFactory(); // once, before two threads do it and it warns
    // beside the start of Vert.x, as both are mostly loading classes
    CompletableFuture<MicrometerMetrics> metrics =
        CompletableFuture.supplyAsync(MicrometerMetrics::new);
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(INSTANCES + 1));
    Loaded loaded = Configured.load(vertx, conf, true, err);
    if (loaded == null) return Main.EXIT_CONFIGURATION;
    return NodeProcess.run(vertx, loaded, conf, INSTANCES, metrics.join(), err);
  }
}
