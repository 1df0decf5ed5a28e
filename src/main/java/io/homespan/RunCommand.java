package io.homespan;

import io.homespan.config.Loaded;
import io.homespan.metrics.MicrometerMetrics;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Starts a node and keeps it until SIGTERM or SIGINT. */
@Command(
    name = "run",
    description = "Start a node.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:stopped by SIGTERM or SIGINT, everything delivered",
      "1:the node could not start, or not stop in time",
      "2:the configuration is wrong"
    })
final class RunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "VERTICLE",
      description = "A verticle's class name, as with vertx run; default: a Homespan node.")
  private @Nullable String verticle;

  @Option(
      names = {"-conf", "--conf"},
      paramLabel = "FILE",
      description = "The configuration, YAML or JSON; default: all defaults.")
  private @Nullable Path conf;

  @Option(
      names = {"-instances", "--instances"},
      paramLabel = "N",
      description = "Verticle instances; default: one per core.")
  private int instances = Runtime.getRuntime().availableProcessors();

  @Override
  public Integer call() throws InterruptedException {
    if (instances < 1) {
      throw new ParameterException(
          spec.commandLine(), "-instances " + instances + ": 1 or more will do");
    }
    PrintWriter err = spec.commandLine().getErr();
    LoggerFactory.getILoggerFactory(); // once, before two threads do it and it warns
    // beside the start of Vert.x, as both are mostly loading classes
    CompletableFuture<MicrometerMetrics> metrics =
        CompletableFuture.supplyAsync(MicrometerMetrics::new);
    Vertx vertx = Vertx.vertx(options());
    Loaded loaded = Configured.load(vertx, conf, err);
    if (loaded == null) return Main.EXIT_CONFIGURATION;
    if (verticle != null) return other(vertx, verticle, err);
    return NodeProcess.run(vertx, loaded, conf, instances, metrics.join(), err);
  }

  private VertxOptions options() {
    return new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(instances + 1);
  }

  /** Deploys somebody else's verticle with the file as its configuration. */
  private int other(Vertx vertx, String name, PrintWriter err) throws InterruptedException {
    DeploymentOptions options = new DeploymentOptions().setInstances(instances);
    if (conf != null) options.setConfig(raw(vertx, conf));
    try {
      vertx.deployVerticle(name, options).await();
    } catch (Exception e) { // await() throws what it finds, checked or not
      return NodeProcess.cannot(err, "verticle " + name + " can't be deployed: ", e);
    }
    new CountDownLatch(1).await();
    return 0;
  }

  private static JsonObject raw(Vertx vertx, Path file) {
    return new io.vertx.config.yaml.YamlProcessor()
        .process(vertx, new JsonObject(), vertx.fileSystem().readFile(file.toString()).await())
        .await();
  }
}
