package io.homespan.config;

import java.io.StringReader;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Looks through a YAML text for what the tree made of it could not tell any more: where it is not
 * YAML, keys that stand twice, keys that are no text. Not thread safe.
 */
final class YamlText {
  /** Before that many values there is a tree of them: aliases of aliases could fill any memory. */
  private static final int TOO_MANY = 100_000;

  private static final Pattern ESCAPED = Pattern.compile("\\\\.");

  private final String file;
  private final List<Problem> problems;
  private final Set<Node> above = Collections.newSetFromMap(new IdentityHashMap<>());

  /** How many nodes each is, once every alias below it is written out. */
  private final IdentityHashMap<Node, Integer> sizes = new IdentityHashMap<>();

  private YamlText(String file, List<Problem> problems) {
    this.file = file;
    this.problems = problems;
  }

  /** JSON may have tabs between tokens and {@code \\/} in strings; this YAML 1.1 parser refuses. */
  static String ofJson(String text) {
    return text.stripLeading().startsWith("{")
        ? ESCAPED
            .matcher(text.replace('\t', ' ')) // JSON's strings hold none
            .replaceAll(found -> Matcher.quoteReplacement(plain(found.group())))
        : text;
  }

  private static String plain(String escaped) {
    return escaped.equals("\\/") ? "/" : escaped;
  }

  /** Is there a mapping that can be read on? Tells what is wrong; false for an empty text too. */
  static boolean look(String file, String text, List<Problem> problems) {
    YamlText look = new YamlText(file, problems);
    try {
      Yaml yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
      Node top = yaml.compose(new StringReader(text));
      // Nothing but comments, or a lone null.
      if (top == null || (top instanceof ScalarNode && top.getTag().equals(Tag.NULL))) {
        return false;
      }
      if (!(top instanceof MappingNode)) {
        look.problem(top.getStartMark(), "its top level is not a mapping", "write key: value");
        return false;
      }
      if (look.node(top, "") == TOO_MANY) {
        look.problem(
            top.getStartMark(),
            "holds " + TOO_MANY + " values or more, with all aliases written out",
            "write less, with fewer aliases of aliases");
      }
      return problems.isEmpty();
    } catch (MarkedYAMLException broken) {
      String what = broken.getProblem() == null ? "" : ": " + Shown.bare(broken.getProblem());
      Mark mark = broken.getProblemMark();
      look.problem(mark, "is not YAML" + what, "correct that line or the one before");
    } catch (YAMLException broken) {
      String what = broken.getMessage() == null ? "" : ": " + Shown.bare(broken.getMessage());
      look.problem(null, "is not YAML" + what, "write key: value, one a line");
    }
    return false;
  }

  /** Looks it through, unless that has been done, and returns its size. */
  private int node(Node node, String at) {
    if (!above.add(node)) {
      problem(node.getStartMark(), "an alias holds itself", "write the value out");
      return 1;
    }
    Integer known = sizes.get(node);
    int size = known == null ? 1 : known;
    if (known == null) {
      if (node instanceof MappingNode mapping) {
        size = sum(size, mapping(mapping, at));
      } else if (node instanceof SequenceNode list) {
        int index = 0;
        for (Node each : list.getValue()) {
          size = sum(size, node(each, at + "[" + index++ + "]"));
        }
      }
      sizes.put(node, size);
    }
    above.remove(node);
    return size;
  }

  private static int sum(int size, int more) {
    return Math.min(TOO_MANY, size + more);
  }

  /** Returns the size of all that is in it. */
  private int mapping(MappingNode mapping, String at) {
    int size = 0;
    Map<String, Integer> lines = new HashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      Node key = tuple.getKeyNode();
      int line = key.getStartMark().getLine() + 1;
      if (key.getTag().equals(Tag.MERGE)) {
        size = sum(size, node(tuple.getValueNode(), at));
        continue;
      }
      if (!(key instanceof ScalarNode scalar) || !key.getTag().equals(Tag.STR)) {
        String shown = key instanceof ScalarNode other ? other.getValue() : "this key";
        problem(key.getStartMark(), Shown.quoted(shown) + " is no key", "keys are plain words");
        continue;
      }
      String name = scalar.getValue();
      String here = at.isEmpty() ? name : at + "." + name;
      Integer before = lines.putIfAbsent(name, line);
      if (before != null) {
        problems.add(
            Problem.error(
                here, "stands twice, in lines " + before + " and " + line, "remove one of them"));
      }
      size = sum(size, node(tuple.getValueNode(), here));
    }
    return size;
  }

  private void problem(@Nullable Mark mark, String what, String remedy) {
    String at = mark == null ? "" : ":" + (mark.getLine() + 1) + ":" + (mark.getColumn() + 1);
    problems.add(Problem.error(file + at, what, remedy));
  }
}
