package io.homespan.heartbeat;

import io.homespan.heartbeat.Measurement.Place;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What one node has measured, as it tells its peers and operators.
 *
 * @param from who
 * @param cells a peer and a probe each
 */
record Row(Place from, List<Cell> cells) {
  /** More than any tier has; a row beyond it is cut. */
  static final int MOST_CELLS = 10_000;

  Row {
    cells = List.copyOf(cells);
  }

  /** How a pair is, seen by one probe. */
  enum State {
    OK,
    /** The last results were no answers. */
    FAILING,
    /** Nothing is known: that is not bad. */
    NO_DATA;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * One pair and probe, over one stretch of time.
   *
   * @param failed of those sent
   * @param p50Nanos of those that were answered; 0 if none was
   * @param dropRate connects with a lost SYN, of those that opened
   * @param ageMillis since the last result
   */
  record Cell(
      String to,
      Probe probe,
      State state,
      int sent,
      int failed,
      long p50Nanos,
      long p99Nanos,
      double dropRate,
      long ageMillis) {

    JsonObject toJson(String from) {
      return new JsonObject()
          .put("from", from)
          .put("to", to)
          .put("probe", probe.word())
          .put("state", state.word())
          .put("sent", sent)
          .put("failed", failed)
          .put("p50_ns", p50Nanos)
          .put("p99_ns", p99Nanos)
          .put("drop_rate", dropRate)
          .put("age_ms", ageMillis);
    }

    /** Of what a peer sent. Throws ClassCastException or IllegalArgumentException. */
    static Cell from(JsonObject json) {
      Probe probe = Probe.of(text(json, "probe"));
      if (probe == null) throw new IllegalArgumentException("no such probe");
      return new Cell(
          text(json, "to"),
          probe,
          State.valueOf(text(json, "state").toUpperCase(Locale.ROOT)),
          (int) number(json, "sent"),
          (int) number(json, "failed"),
          number(json, "p50_ns"),
          number(json, "p99_ns"),
          Math.max(0, Math.min(1, json.getDouble("drop_rate", 0.0))),
          number(json, "age_ms"));
    }

    private static long number(JsonObject json, String key) {
      return Math.max(0, json.getLong(key, 0L));
    }
  }

  JsonObject toJson() {
    JsonArray all = new JsonArray();
    for (Cell one : cells) all.add(one.toJson(from.id()));
    return new JsonObject().put("id", from.id()).put("zone", from.zone()).put("cells", all);
  }

  /** Of what a peer sent, whoever it says that it is. Throws IllegalArgumentException. */
  static Row from(JsonObject json) {
    try {
      JsonArray all = json.getJsonArray("cells", new JsonArray());
      List<Cell> cells = new ArrayList<>();
      for (int i = 0; i < Math.min(all.size(), MOST_CELLS); i++) {
        cells.add(Cell.from(all.getJsonObject(i)));
      }
      return new Row(new Place(text(json, "id"), json.getString("zone", "")), cells);
    } catch (ClassCastException | NullPointerException e) {
      throw new IllegalArgumentException("no row of a mesh: " + e.getMessage(), e);
    }
  }

  private static String text(JsonObject json, String key) {
    String text = json.getString(key);
    if (text == null || text.isEmpty() || text.length() > 300)
      throw new IllegalArgumentException(key + " is missing or too long");
    return text;
  }
}
