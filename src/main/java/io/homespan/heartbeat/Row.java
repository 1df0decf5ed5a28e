package io.homespan.heartbeat;

import io.homespan.heartbeat.Measurement.Place;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

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

    private final String word = name().toLowerCase(Locale.ROOT);

    String word() {
      return word;
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

    private Cell to(String same) {
      return new Cell(same, probe, state, sent, failed, p50Nanos, p99Nanos, dropRate, ageMillis);
    }

    /** Of a pair that nothing is known of. */
    static Cell unknown(String to, Probe probe) {
      return new Cell(to, probe, State.NO_DATA, 0, 0, 0, 0, 0, 0);
    }

    /**
     * As JSON, by hand: a tier of 200 has 120,000 of them.
     *
     * @param fromQuoted the measuring node's id, as JSON has it
     * @param toQuoted the peer's
     */
    void writeTo(StringBuilder out, String fromQuoted, String toQuoted) {
      out.append("{\"from\":").append(fromQuoted);
      out.append(",\"to\":").append(toQuoted);
      out.append(",\"probe\":\"").append(probe.word());
      out.append("\",\"state\":\"").append(state.word());
      out.append("\",\"sent\":").append(sent);
      out.append(",\"failed\":").append(failed);
      out.append(",\"p50_ns\":").append(p50Nanos);
      out.append(",\"p99_ns\":").append(p99Nanos);
      out.append(",\"drop_rate\":").append(dropRate);
      out.append(",\"age_ms\":").append(ageMillis).append('}');
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

  /** As it goes to a peer. */
  Buffer toBuffer() {
    return Buffer.buffer(
        "{\"id\":"
            + Json.encode(from.id())
            + ",\"zone\":"
            + Json.encode(from.zone())
            + ",\"cells\":["
            + cellsAsJson()
            + "]}");
  }

  /** Without the brackets. */
  String cellsAsJson() {
    String own = Json.encode(from.id());
    StringBuilder out = new StringBuilder();
    for (Cell one : cells) {
      if (out.length() > 0) out.append(',');
      one.writeTo(out, own, Json.encode(one.to()));
    }
    return out.toString();
  }

  /**
   * The same as told by another: without those who are no members, and with the members' own
   * strings, as a name for each cell would be most of a matrix.
   *
   * @param ids of members, each to itself
   */
  Row of(Place teller, Map<String, String> ids) {
    List<Cell> known = new ArrayList<>(cells.size());
    for (Cell one : cells) {
      String to = ids.get(one.to());
      if (to != null) known.add(one.to(to));
    }
    return new Row(teller, known);
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
