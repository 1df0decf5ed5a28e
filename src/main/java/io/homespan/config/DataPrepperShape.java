package io.homespan.config;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds {@code peer_forwarder} where Data Prepper's files have it: in a {@code prepper:} or {@code
 * processor:} list at the top or in a pipeline, or at the top of {@code data-prepper-config.yaml}.
 *
 * @param own the file without what is Data Prepper's, and without {@code peer_forwarder}
 * @param peerForwarder what stands under it; null: nothing, or no such key
 * @param at its path in the file
 * @param dataPrepper is this one of Data Prepper's files?
 */
record DataPrepperShape(
    JsonObject own, @Nullable Object peerForwarder, String at, boolean dataPrepper) {
  private static final List<String> LISTS = List.of("prepper", "processor");
  private static final Set<String> SHARED =
      Set.of(
          "discovery_mode",
          "static_endpoints",
          "domain_name",
          "time_out",
          "span_agg_count",
          "ssl",
          "sslKeyCertChainFile",
          "sslKeyFile");

  static DataPrepperShape of(JsonObject file, List<Problem> problems) {
    Search search = new Search();
    Set<String> aside = new LinkedHashSet<>();
    for (String name : file.fieldNames()) {
      Object value = file.getValue(name);
      if (LISTS.contains(name)) {
        aside.add(name);
        search.list(value, name);
      } else if (!Schema.TOP.entries().containsKey(name) && isPipeline(value)) {
        aside.add(name);
        search.pipeline((JsonObject) value, name);
      }
    }
    boolean pipelines = !aside.isEmpty();
    if (pipelines && file.containsKey("version")) {
      aside.add("version");
    }
    boolean server = !pipelines && isServerFile(file);
    if (server) {
      file.fieldNames().stream().filter(DataPrepperKeys.TOP::contains).forEach(aside::add);
    }
    boolean bare = file.containsKey(Schema.PEER_FORWARDER);
    if (pipelines) {
      search.tell(problems, bare);
    } else if (server) {
      problems.add(
          Problem.warning(
              String.join(", ", aside),
              "without effect here",
              "only peer_forwarder is read from here"));
    }
    JsonObject own = new JsonObject();
    for (String name : file.fieldNames()) {
      if (!aside.contains(name) && !name.equals(Schema.PEER_FORWARDER)) {
        own.put(name, file.getValue(name));
      }
    }
    return search.at == null || bare
        ? new DataPrepperShape(
            own, file.getValue(Schema.PEER_FORWARDER), Schema.PEER_FORWARDER, pipelines || server)
        : new DataPrepperShape(own, search.found, search.at, true);
  }

  private static boolean isPipeline(@Nullable Object value) {
    if (!(value instanceof JsonObject mapping)) {
      return false;
    }
    return mapping.containsKey("source")
        ? mapping.containsKey("sink") || LISTS.stream().anyMatch(mapping::containsKey)
        : LISTS.stream().anyMatch(list -> mapping.getValue(list) instanceof JsonArray);
  }

  /** Nothing of ours in it, and something that stands in data-prepper-config.yaml only. */
  private static boolean isServerFile(JsonObject file) {
    boolean theirs = file.fieldNames().stream().anyMatch(DataPrepperKeys.TOP::contains);
    boolean ours =
        file.fieldNames().stream()
            .anyMatch(
                name ->
                    Schema.TOP.entries().containsKey(name) && !name.equals(Schema.PEER_FORWARDER));
    return theirs
        && !ours
        && file.containsKey(Schema.PEER_FORWARDER)
        && !(file.getValue(Schema.PEER_FORWARDER) instanceof JsonObject below && hasOurs(below));
  }

  /** Is there a key of ours that Data Prepper does not know? */
  private static boolean hasOurs(JsonObject peerForwarder) {
    return Schema.TOP.section(Schema.PEER_FORWARDER).known().stream()
        .anyMatch(name -> peerForwarder.containsKey(name) && !SHARED.contains(name));
  }

  /** What has been found so far. */
  private static final class Search {
    private @Nullable Object found;
    private @Nullable String at;
    private @Nullable String pointer;
    private @Nullable String first;
    private boolean more;

    void pipeline(JsonObject pipeline, String name) {
      first = first == null ? name : first;
      for (String each : pipeline.fieldNames()) {
        if (LISTS.contains(each)) {
          list(pipeline.getValue(each), name + "." + each);
        } else {
          more = true;
        }
      }
    }

    void list(@Nullable Object value, String path) {
      first = first == null ? path : first;
      if (!(value instanceof JsonArray items)) {
        more = true;
        return;
      }
      for (int i = 0; i < items.size(); i++) {
        String here = path + "[" + i + "]";
        JsonObject item = items.getValue(i) instanceof JsonObject o ? o : new JsonObject();
        if (at == null && item.containsKey(Schema.PEER_FORWARDER)) {
          found = item.getValue(Schema.PEER_FORWARDER);
          at = here + "." + Schema.PEER_FORWARDER;
          more |= item.size() > 1;
        } else {
          more = true;
          pointer = item.containsKey("trace_peer_forwarder") ? here : pointer;
        }
      }
    }

    void tell(List<Problem> problems, boolean bare) {
      String place = first == null ? "" : first;
      if (bare && at != null) {
        problems.add(
            Problem.error(at, "peer_forwarder stands at the top as well", "remove one of them"));
      } else if (at != null) {
        if (more) {
          problems.add(
              Problem.warning(at, "only this is read", "the rest of the pipelines has no effect"));
        }
      } else if (bare) {
        problems.add(Problem.warning(place, "has no effect", "only peer_forwarder is read"));
      } else if (pointer != null) {
        problems.add(
            Problem.error(
                pointer,
                "trace_peer_forwarder has no settings",
                "give data-prepper-config.yaml, which has them under peer_forwarder"));
      } else {
        problems.add(
            Problem.error(
                place, "there is no peer_forwarder in it", "add - peer_forwarder: {...}"));
      }
    }
  }
}
