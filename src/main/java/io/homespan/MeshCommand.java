package io.homespan;

import io.homespan.config.Config;
import io.vertx.core.Vertx;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.URI;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what the nodes of a tier measure of the network between them. */
@Command(
    name = "mesh",
    description = "Show the network between the nodes, as they measure it.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:told, and nothing is wrong",
      "1:told, and something is wrong",
      "2:the node does not tell, or has nothing to tell yet"
    })
final class MeshCommand implements Callable<Integer> {
  /** Beyond what a node takes to gather all rows. */
  private static final Duration PATIENCE = Duration.ofSeconds(8);

  private static final String DEFAULT_URL = "http://127.0.0.1:21892";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "URL",
      description = "The admin port of any node; default: http://127.0.0.1:21892.")
  private @Nullable String url;

  @Option(
      names = {"-conf", "--conf"},
      paramLabel = "FILE",
      description =
          "Instead of URL: ask the node that runs with this configuration, with its certificate and"
              + " token.")
  private @Nullable Path conf;

  @Option(
      names = {"-window", "--window"},
      paramLabel = "SECONDS",
      description =
          "Over how long, 1 to 3600; default: a minute, or as long as the node needs to measure all"
              + " twice.")
  private @Nullable Integer window;

  @Option(
      names = {"-probe", "--probe"},
      paramLabel = "KIND",
      defaultValue = "grpc",
      description = "tcp, grpc or payload; default: ${DEFAULT-VALUE}.")
  private String probe = "";

  @Override
  public Integer call() throws InterruptedException {
    if (window != null && (window < 1 || window > 3600)) {
      throw new ParameterException(
          spec.commandLine(), "--window " + window + ": 1 to 3600 will do");
    }
    if (!MeshTable.PROBES.contains(probe)) {
      throw new ParameterException(
          spec.commandLine(), "--probe " + probe + ": one of " + MeshTable.PROBES + " will do");
    }
    if (url != null && conf != null) {
      throw new ParameterException(spec.commandLine(), "URL or --conf, not both");
    }
    JsonObject mesh = conf == null ? ask(url == null ? DEFAULT_URL : url) : askNode(conf);
    if (mesh == null) return 2;
    PrintWriter out = spec.commandLine().getOut();
    MeshTable table = new MeshTable(mesh, probe, Ansi.AUTO.enabled());
    table.lines().forEach(out::println);
    out.flush();
    if (!mesh.getJsonArray("findings").isEmpty()) return 1;
    return table.isMeasured() ? 0 : 2;
  }

  private @Nullable JsonObject askNode(Path file) throws InterruptedException {
    Config config;
    Vertx vertx = Vertx.vertx();
    try {
      config = Configured.read(vertx, file, spec.commandLine().getErr());
    } finally {
      vertx.close().await();
    }
    if (config == null) return null;
    Config.Admin admin = config.admin();
    return told(AdminPort.url(admin), path -> AdminPort.get(admin, path, PATIENCE));
  }

  private @Nullable JsonObject ask(String of) throws InterruptedException {
    String where = (of.contains("://") ? of : "http://" + of).replaceFirst("/+$", "");
    return told(where, path -> AdminPort.get(URI.create(where + path), PATIENCE));
  }

  /** Gets a page. */
  private interface Pages {
    AdminPort.Answer get(String path) throws IOException, InterruptedException;
  }

  private @Nullable JsonObject told(String where, Pages pages) throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    try {
      AdminPort.Answer answer =
          pages.get("/api/mesh" + (window == null ? "" : "?window=" + window));
      JsonObject body = new JsonObject(answer.body());
      if (answer.statusCode() == 200 && MeshTable.isMesh(body)) return body;
      if (answer.statusCode() != 200 && body.getValue("error") instanceof String error) {
        err.println(where + " answers " + answer.statusCode() + ": " + error);
      } else {
        err.println(where + " is no admin port of a Homespan node");
      }
    } catch (DecodeException e) {
      err.println(where + " is no admin port of a Homespan node");
    } catch (IOException | IllegalArgumentException e) {
      err.println(where + " does not answer: " + why(e) + ". Is it a node's admin port?");
    }
    err.flush();
    return null;
  }

  /** The JDK says nothing but the name of its exception where a connection fails. */
  private static String why(Exception e) {
    for (Throwable one = e; one != null; one = one.getCause()) {
      if (one instanceof UnresolvedAddressException) return "the host has no known address";
    }
    if (e.getMessage() != null) return e.getMessage();
    return e instanceof ConnectException ? "nobody listens there" : e.toString();
  }
}
