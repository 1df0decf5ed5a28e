package io.homespan;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line. */
@Command(
    name = "homespan",
    description = "Every span of a trace, on one node.",
    subcommands = {
      RunCommand.class,
      DemoCommand.class,
      ValidateCommand.class,
      OwnerCommand.class,
      PeersCommand.class,
      MeshCommand.class,
      HeartbeatCommand.class,
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.VersionLine.class)
public final class Main implements Callable<Integer> {
  /** What {@code validate} and {@code run} exit with if the configuration is wrong. */
  static final int EXIT_CONFIGURATION = 2;

  private static final String NO_RENEGOTIATION = "jdk.tls.rejectClientInitiatedRenegotiation";
  private static final String TICKETS = "jdk.tls.server.enableSessionTicketExtension";

  @Spec private CommandSpec spec = CommandSpec.create();

  private Main() {}

  /** Runs one command and exits with its code. */
  public static void main(String[] args) {
    // in TLS 1.2 a caller may begin anew as often as it likes, which is all our work and none of
    // its requests; HTTP/2 forbids it (RFC 9113, section 9.2.1), and JDK has no other setting
    if (System.getProperty(NO_RENEGOTIATION) == null) System.setProperty(NO_RENEGOTIATION, "true");
    // those of TLS 1.2 outlive the limit that sessions of callers with certificates have
    if (System.getProperty(TICKETS) == null) System.setProperty(TICKETS, "false");
    System.exit(execute(args));
  }

  static int execute(String... args) {
    return commandLine().execute(args);
  }

  /** All commands, talking to the terminal. */
  static CommandLine commandLine() {
    return new CommandLine(new Main());
  }

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(), "say what to do: run, demo, validate, owner, peers, mesh or heartbeat");
  }

  /** {@code --version}. */
  static final class VersionLine implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"homespan " + Version.text()};
    }
  }
}
