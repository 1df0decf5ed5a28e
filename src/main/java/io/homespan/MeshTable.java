package io.homespan;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The matrix of a tier as lines for a terminal: a row for each node that measures. */
final class MeshTable {
  static final List<String> PROBES = List.of("tcp", "grpc", "payload");

  /** A wider table is no picture; beyond it only what is ill is listed. */
  private static final int MOST_COLUMNS = 16;

  /** Percent of lost SYNs that is shown. */
  private static final double SHOWN_DROP = 0.0005;

  /** Times the median of all; as {@code Reading} has it. */
  private static final double YELLOW = 2;

  private static final double RED = 4;
  private static final double RED_MORE_MS = 2;

  private final JsonObject mesh;
  private final String probe;
  private final boolean colour;
  private final List<String> ids = new ArrayList<>();
  private final Map<String, JsonObject> cells = new HashMap<>();
  private final double usualMillis;

  MeshTable(JsonObject mesh, String probe, boolean colour) {
    this.mesh = mesh;
    this.probe = probe;
    this.colour = colour;
    for (Object id : mesh.getJsonArray("peers", new JsonArray())) ids.add(String.valueOf(id));
    JsonArray all = mesh.getJsonArray("cells", new JsonArray());
    for (int i = 0; i < all.size(); i++) {
      JsonObject cell = all.getJsonObject(i);
      if (!probe.equals(cell.getString("probe"))) continue;
      cells.put(cell.getString("from") + '\n' + cell.getString("to"), cell);
    }
    double[] usual =
        cells.values().stream()
            .filter(cell -> "ok".equals(cell.getString("state")))
            .mapToDouble(cell -> millis(cell, "p50_ns"))
            .sorted()
            .toArray();
    this.usualMillis = usual.length == 0 ? 0 : usual[usual.length / 2];
  }

  /** Whether this is what {@code /api/mesh} tells: anybody may answer at an address. */
  static boolean isMesh(JsonObject told) {
    return told.getValue("peers") instanceof JsonArray
        && told.getValue("findings") instanceof JsonArray
        && told.getValue("cells") instanceof JsonArray cells
        && cells.stream().allMatch(JsonObject.class::isInstance);
  }

  /** False: no way has a result of this probe, so that nothing is known to be well. */
  boolean isMeasured() {
    return cells.values().stream().anyMatch(cell -> !"no_data".equals(cell.getString("state")));
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%d %s, probe %s, the last %d s: p50/p99 in ms, and SYNs lost in %%",
            ids.size(),
            ids.size() == 1 ? "node" : "nodes",
            probe,
            mesh.getLong("window_seconds", 0L)));
    lines.add("");
    if (ids.size() <= MOST_COLUMNS) matrix(lines);
    else ill(lines);
    lines.add("");
    JsonArray findings = mesh.getJsonArray("findings", new JsonArray());
    if (findings.isEmpty()) {
      lines.add(
          isMeasured()
              ? "Nothing is wrong that these nodes can see."
              : "Nothing is known: there is no result of this probe from that time. After a start it"
                  + " takes some intervals.");
    }
    for (Object one : findings) lines.add(String.valueOf(one));
    return lines;
  }

  private void matrix(List<String> lines) {
    int name = ids.stream().mapToInt(String::length).max().orElse(0);
    List<List<String>> texts = new ArrayList<>();
    int width = 4;
    for (String from : ids) {
      List<String> row = new ArrayList<>();
      for (String to : ids) {
        String text = from.equals(to) ? "." : text(cells.get(from + '\n' + to));
        row.add(text);
        width = Math.max(width, text.length());
      }
      texts.add(row);
    }
    StringBuilder head = new StringBuilder(" ".repeat(name + 5));
    for (int to = 0; to < ids.size(); to++) head.append(pad("#" + (to + 1), width + 2));
    lines.add(head.toString().stripTrailing());
    for (int from = 0; from < ids.size(); from++) {
      StringBuilder line = new StringBuilder(pad("#" + (from + 1), 4));
      line.append(pad(ids.get(from), name + 1));
      for (int to = 0; to < ids.size(); to++) {
        JsonObject cell = cells.get(ids.get(from) + '\n' + ids.get(to));
        line.append(painted(pad(texts.get(from).get(to), width + 2), from == to ? null : cell));
      }
      lines.add(line.toString().stripTrailing());
    }
  }

  private void ill(List<String> lines) {
    int shown = 0;
    for (String from : ids) {
      for (String to : ids) {
        JsonObject cell = cells.get(from + '\n' + to);
        if (cell == null || !isRed(cell)) continue;
        lines.add(painted(from + " -> " + to + "  " + text(cell), cell));
        if (++shown == 50) {
          lines.add("...");
          return;
        }
      }
    }
    if (shown == 0) lines.add("no way is failing or slow; /api/mesh has all of them");
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(Math.max(0, width - text.length()));
  }

  private static String text(@Nullable JsonObject cell) {
    if (cell == null || "no_data".equals(cell.getString("state"))) return "-";
    if ("failing".equals(cell.getString("state"))) return "fails";
    double drop = cell.getDouble("drop_rate", 0.0);
    String times = number(millis(cell, "p50_ns")) + "/" + number(millis(cell, "p99_ns"));
    return drop < SHOWN_DROP ? times : times + String.format(Locale.ROOT, " %.1f%%", 100 * drop);
  }

  private static String number(double millis) {
    return String.format(Locale.ROOT, millis < 10 ? "%.2f" : "%.0f", millis);
  }

  private static double millis(JsonObject cell, String key) {
    return cell.getLong(key, 0L) / 1e6;
  }

  private boolean isRed(JsonObject cell) {
    double p50 = millis(cell, "p50_ns");
    return "failing".equals(cell.getString("state"))
        || (p50 > RED * usualMillis && p50 > usualMillis + RED_MORE_MS);
  }

  private String painted(String text, @Nullable JsonObject cell) {
    if (!colour || cell == null || "no_data".equals(cell.getString("state"))) return text;
    int code = 32;
    if (isRed(cell) || cell.getDouble("drop_rate", 0.0) >= 0.01) code = 31;
    else if (millis(cell, "p50_ns") > YELLOW * usualMillis + RED_MORE_MS / 2) code = 33;
    return "\u001b[" + code + "m" + text + "\u001b[0m";
  }
}
