package io.homespan;

import io.homespan.demo.Demo;
import io.homespan.demo.DemoNode;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows a tier at work: nodes, senders and the proof in one process. */
@Command(
    name = "demo",
    description =
        "Start three nodes, send them traces for some seconds, and prove where they went.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:every trace whole on one node, nothing lost or duplicated, books balanced",
      "1:not so, or the nodes could not start",
    })
final class DemoCommand implements Callable<Integer> {
  private static final int NODES = 3;

  /** About what the files' first size, at which they rotate, has room for. */
  private static final int MAX_TRACES = 20_000;

  private static final String LOG_LEVEL = "org.slf4j.simpleLogger.defaultLogLevel";
  private static final Logger SDK_LOG = Logger.getLogger("io.opentelemetry");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--keep",
      description = "Leave the nodes running, and print their URLs and files, until Ctrl-C.")
  private boolean keep;

  @Option(
      names = "--traces",
      paramLabel = "N",
      description = "How many traces to send; default: ${DEFAULT-VALUE}.")
  private int traces = 1500;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Repeats the traces of another run; default: other traces each time.")
  private @Nullable Long seed;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (traces < 1 || traces > MAX_TRACES) {
      throw new ParameterException(
          spec.commandLine(), "--traces " + traces + ": 1 to " + MAX_TRACES + " will do");
    }
    quiet();
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        """
        Three Homespan nodes start in this process, on real ports, as one tier; the services of a small shop
        send each export of spans to the next node, so every trace arrives in pieces at all of them.
        The tier's job is to bring each trace together on the one node that owns it: see the table at the end.
        """);
    out.flush();
    Path directory = Files.createTempDirectory("homespan-demo-");
    DemoTier tier;
    try {
      tier = DemoTier.start(NODES, directory);
    } catch (RuntimeException e) {
      spec.commandLine().getErr().println("the demo can't start: " + e.getMessage());
      delete(directory);
      return 1;
    }
    Thread cleaning = new Thread(() -> clean(tier, directory), "cleaning"); // for Ctrl-C
    Runtime.getRuntime().addShutdownHook(cleaning);
    long chosen = seed == null ? new SplittableRandom().nextInt(1_000_000) : seed;
    boolean well = new Demo(tier.nodes(), out, isTerminal()).run(traces, chosen);
    if (keep) {
      show(tier.nodes(), out);
      new CountDownLatch(1).await(); // until Ctrl-C
    }
    try {
      Runtime.getRuntime().removeShutdownHook(cleaning);
    } catch (IllegalStateException interrupted) { // by Ctrl-C; the hook cleans and the JVM ends
      new CountDownLatch(1).await();
    }
    clean(tier, directory);
    return well ? 0 : 1;
  }

  private static void show(List<DemoNode> nodes, PrintWriter out) {
    out.println();
    for (DemoNode node : nodes) {
      out.printf(
          "%s  ingest %s  admin %s  file %s%n",
          node.name(), node.ingest(), node.admin(), node.file());
    }
    out.println();
    out.println("The nodes are left running. Look at " + nodes.get(0).admin() + "/api/peers");
    out.println("Ctrl-C stops them; the files stay.");
    out.flush();
  }

  /** The nodes' and the SDK's reports of ordinary events would drown the table. */
  private static void quiet() {
    if (System.getProperty(LOG_LEVEL) == null) System.setProperty(LOG_LEVEL, "warn");
    if (System.getProperty("java.util.logging.config.file") == null) {
      SDK_LOG.setLevel(Level.SEVERE); // failed exports stand in the table
    }
  }

  /** Whether a line can be rewritten. From JDK 22 on a console need not be a terminal. */
  @SuppressWarnings("SystemConsoleNull") // null is but the answer of older ones
  private static boolean isTerminal() {
    Console console = System.console();
    if (console == null || "dumb".equals(System.getenv("TERM"))) return false;
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException before22) {
      return true;
    }
  }

  private void clean(DemoTier tier, Path directory) {
    tier.stop();
    if (!keep) delete(directory);
  }

  private static void delete(Path directory) {
    try (Stream<Path> found = Files.walk(directory)) {
      for (Path path : found.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(path);
    } catch (IOException e) {
      System.err.println("cannot delete " + directory + ": " + e.getMessage());
    }
  }
}
