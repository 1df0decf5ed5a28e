package io.homespan;

import io.homespan.config.Config;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Checks a configuration without starting anything. */
@Command(
    name = "validate",
    description = "Check a configuration: one line per problem, and exit code 2 if there are any.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {"0:it is right; there may be warnings", "2:it is wrong"})
final class ValidateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"-conf", "--conf"},
      paramLabel = "FILE",
      required = true,
      description = "The configuration, YAML or JSON.")
  private Path conf = Path.of("");

  @Override
  public Integer call() {
    Vertx vertx = Vertx.vertx();
    try {
      Config config = Configured.elsewhere(vertx, conf, spec.commandLine().getErr());
      if (config == null) return Main.EXIT_CONFIGURATION;
      spec.commandLine().getOut().println(conf + " is right");
      spec.commandLine().getOut().flush();
      return 0;
    } finally {
      vertx.close().await();
    }
  }
}
