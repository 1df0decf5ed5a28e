package io.homespan.config;

import io.homespan.config.Config.Endpoint;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** A file that holds nothing but a list of endpoints, as YAML or JSON. */
public final class EndpointFile {
  /** The largest that is read: some ten thousand endpoints. */
  public static final long MAX_BYTES = 1 << 20;

  private static final EndpointKind ENDPOINT =
      new EndpointKind(0, false, false, false, "host:21891");

  private EndpointFile() {}

  /**
   * Reads the text of one.
   *
   * @param port for endpoints without one
   * @return each once, in order; empty if the text is
   * @throws ConfigException with all problems, by their lines
   */
  public static List<Endpoint> read(String text, int port) {
    List<Problem> problems = new ArrayList<>();
    Set<Endpoint> endpoints = new LinkedHashSet<>();
    try {
      String yaml = text.stripLeading().startsWith("[") ? text.replace('\t', ' ') : text;
      Node top = new Yaml(new SafeConstructor(new LoaderOptions())).compose(new StringReader(yaml));
      if (top instanceof SequenceNode list) {
        for (Node each : list.getValue()) add(each, port, endpoints, problems);
      } else if (top != null && !top.getTag().equals(Tag.NULL)) {
        problems.add(
            problem(
                top.getStartMark(),
                "is no list of endpoints",
                "write \"- host:21891\", one a line"));
      }
    } catch (MarkedYAMLException broken) {
      String what = broken.getProblem() == null ? "" : ": " + Shown.bare(broken.getProblem());
      problems.add(
          problem(
              broken.getProblemMark(),
              "is neither YAML nor JSON" + what,
              "correct that line or the one before"));
    } catch (YAMLException broken) {
      String what = Shown.bare(String.valueOf(broken.getMessage()));
      problems.add(
          problem(null, "is neither YAML nor JSON: " + what, "write \"- host:21891\", one a line"));
    }
    if (!problems.isEmpty()) throw new ConfigException(problems);
    return List.copyOf(endpoints);
  }

  private static void add(Node each, int port, Set<Endpoint> endpoints, List<Problem> problems) {
    if (!(each instanceof ScalarNode scalar)) {
      problems.add(problem(each.getStartMark(), "is no endpoint", "write \"host:21891\""));
      return;
    }
    Endpoint read =
        ENDPOINT.read(
            scalar.getValue(),
            (at, what, remedy) -> problems.add(problem(each.getStartMark(), what, remedy)));
    if (read != null) {
      endpoints.add(new Endpoint(read.host(), read.port() == 0 ? port : read.port()));
    }
  }

  private static Problem problem(@Nullable Mark mark, String what, String remedy) {
    return Problem.error(mark == null ? "the file" : "line " + (mark.getLine() + 1), what, remedy);
  }
}
