package io.homespan.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.heartbeat.Measurement.Place;
import io.homespan.heartbeat.Row.Cell;
import io.homespan.heartbeat.Row.State;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MatrixTextTest {
  private static final Set<String> KEYS =
      Set.of(
          "from",
          "to",
          "probe",
          "state",
          "sent",
          "failed",
          "p50_ns",
          "p99_ns",
          "drop_rate",
          "age_ms");

  private final List<Place> members = new ArrayList<>();
  private final Map<String, Row> rows = new HashMap<>();

  @Test
  void aSmallTier_hasACellForEachPair_withOrWithoutData() {
    members("a", "b\"\\", "c");
    row("a", ok("b\"\\"), ok("c"));
    row("b\"\\", new Cell("a", Probe.TCP, State.FAILING, 7, 6, 1L << 40, 1L << 41, 1 / 3.0, 12));
    JsonObject all = told();

    assertThat(all.getJsonArray("peers")).isEqualTo(new JsonArray().add("a").add("b\"\\").add("c"));
    assertThat(all.getJsonArray("silent")).isEqualTo(new JsonArray().add("c"));
    assertThat(all.getJsonArray("mute")).isEqualTo(new JsonArray().add("c"));
    assertThat(all.getJsonArray("findings").getString(0)).isEqualTo("the first");
    assertThat(all.getJsonArray("baseline")).hasSize(1);
    assertThat(all.getString("self")).isEqualTo("a");
    List<JsonObject> cells = cells(all);
    // of TCP and calls, each way; nobody lacks a payload
    assertThat(cells).hasSize(12).allMatch(one -> one.fieldNames().equals(KEYS));
    assertThat(cells).filteredOn(one -> one.getString("state").equals("no_data")).hasSize(9);
    assertThat(cells)
        .contains(
            new JsonObject(
                "{\"from\":\"b\\\"\\\\\",\"to\":\"a\",\"probe\":\"tcp\",\"state\":\"failing\","
                    + "\"sent\":7,\"failed\":6,\"p50_ns\":1099511627776,"
                    + "\"p99_ns\":2199023255552,\"drop_rate\":0.3333333333333333,\"age_ms\":12}"));
  }

  @Test
  void aLargeTier_hasNoCellsWithoutData() {
    for (int i = 0; i <= MatrixText.FULL_UP_TO; i++) members("n" + i);
    row("n0", ok("n1"), Cell.unknown("n2", Probe.GRPC));
    row("n1", ok("n0"));
    JsonObject all = told();
    assertThat(all.getJsonArray("peers")).hasSize(MatrixText.FULL_UP_TO + 1);
    assertThat(cells(all).stream().map(one -> one.getString("from") + one.getString("to")))
        .containsExactly("n0n1", "n1n0");
  }

  @Test
  void whatARowSaysOfStrangers_orTwice_isLeftOut() {
    members("a", "b");
    row("a", ok("b"), ok("nobody"), new Cell("b", Probe.GRPC, State.FAILING, 1, 1, 0, 0, 0, 0));
    assertThat(cells(told()).stream().map(one -> one.getString("to") + one.getString("state")))
        .containsExactly("bok", "bno_data", "ano_data", "ano_data");
  }

  @Test
  void aRow_isTheSame_whenAPeerHasReadIt() {
    members("a", "b");
    Row row = new Row(members.get(0), List.of(ok("b"), ok("gone")));
    assertThat(Row.from(new JsonObject(row.toBuffer()))).isEqualTo(row);
    Row known = row.of(members.get(1), Map.of("b", members.get(1).id()));
    assertThat(known.cells()).containsExactly(ok("b"));
    assertThat(known.cells().get(0).to()).isSameAs(members.get(1).id());
  }

  @Test
  void noPieceIsLargerThanARow_andEachReaderGetsAllOfThem() {
    for (int i = 0; i < 120; i++) members("n" + i);
    for (Place from : members) {
      row(
          from.id(),
          members.stream()
              .filter(to -> !to.equals(from))
              .map(to -> ok(to.id()))
              .toArray(Cell[]::new));
    }
    MatrixText text = text();
    int whole = 0;
    int largest = 0;
    for (Iterator<Buffer> pieces = text.pieces(); pieces.hasNext(); ) {
      int piece = pieces.next().length();
      whole += piece;
      largest = Math.max(largest, piece);
    }
    assertThat(largest).isLessThan(whole / 100);
    assertThat(cells(told(text))).hasSize(120 * 119);
    assertThat(told(text)).isEqualTo(told(text));
  }

  private void members(String... ids) {
    for (String id : ids) members.add(new Place(id, ""));
  }

  private void row(String from, Cell... cells) {
    rows.put(from, new Row(new Place(from, ""), List.of(cells)));
  }

  private static Cell ok(String to) {
    return new Cell(to, Probe.GRPC, State.OK, 6, 0, 300_000, 900_000, 0, 5);
  }

  private MatrixText text() {
    Row baseline = new Row(new Place("a", ""), List.of(ok("a")));
    JsonObject more = new JsonObject().put("self", "a");
    return new MatrixText(
        new Matrix(members, rows, Set.of("a", "c"), 0), List.of("the first"), more, baseline);
  }

  private JsonObject told() {
    return told(text());
  }

  private static JsonObject told(MatrixText text) {
    Buffer all = Buffer.buffer();
    text.pieces().forEachRemaining(all::appendBuffer);
    return new JsonObject(all);
  }

  private static List<JsonObject> cells(JsonObject all) {
    return all.getJsonArray("cells").stream().map(JsonObject.class::cast).toList();
  }
}
