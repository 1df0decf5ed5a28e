package io.homespan.heartbeat;

import io.homespan.bus.MeshText;
import io.homespan.heartbeat.Measurement.Place;
import io.homespan.heartbeat.Row.Cell;
import io.homespan.heartbeat.Row.State;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * A matrix as {@code /api/mesh} gives it: what there is to say, and then a cell for each pair and
 * probe, a row a piece. What a row says of strangers is left out. What it lacks has no data, and is
 * said in tiers of up to {@link #FULL_UP_TO} members; in larger ones a pair and probe without data
 * has no cell. Immutable.
 */
final class MatrixText implements MeshText {
  /** Members up to which each pair has its cells, with or without data. */
  static final int FULL_UP_TO = 50;

  /** Probes that every row should have; who echoes no payload lacks nothing. */
  private static final List<Probe> EXPECTED = List.of(Probe.TCP, Probe.GRPC);

  private static final List<Probe> PROBES = List.of(Probe.values());

  private final Matrix matrix;
  private final Map<String, Integer> places = new HashMap<>();
  private final List<String> quoted = new ArrayList<>(); // ids as JSON has them
  private final String head;

  /**
   * Reads the matrix as well: not on an event loop.
   *
   * @param first findings before those of the matrix
   * @param more further keys
   * @param baseline of the node that tells
   */
  MatrixText(Matrix matrix, List<String> first, JsonObject more, Row baseline) {
    this.matrix = matrix;
    for (Place one : matrix.members()) {
      places.put(one.id(), quoted.size());
      quoted.add(Json.encode(one.id()));
    }
    JsonArray silent = new JsonArray();
    JsonArray mute = new JsonArray();
    for (String id : matrix.ids()) {
      if (matrix.rows().containsKey(id)) continue;
      silent.add(id);
      if (matrix.mute().contains(id)) mute.add(id);
    }
    JsonObject all =
        new JsonObject()
            .put("peers", new JsonArray(matrix.ids()))
            .put("zones", new JsonArray(matrix.members().stream().map(Place::zone).toList()))
            .put("silent", silent)
            .put("mute", mute)
            .put(
                "findings",
                new JsonArray(new ArrayList<>(first)).addAll(new JsonArray(Reading.of(matrix))))
            .mergeIn(more);
    String text = all.encode();
    this.head =
        text.substring(0, text.length() - 1)
            + ",\"baseline\":["
            + baseline.cellsAsJson()
            + "],\"cells\":[";
  }

  @Override
  public Iterator<Buffer> pieces() {
    return new Pieces();
  }

  private boolean isFull() {
    return quoted.size() <= FULL_UP_TO;
  }

  private final class Pieces implements Iterator<Buffer> {
    private int next = -1; // the head; then rows, and the end
    private boolean any;

    @Override
    public boolean hasNext() {
      return next <= quoted.size();
    }

    @Override
    public Buffer next() {
      int piece = next++;
      if (piece < 0) return Buffer.buffer(head);
      if (piece == quoted.size()) return Buffer.buffer("]}");
      return Buffer.buffer(row(piece));
    }

    private String row(int from) {
      StringBuilder out = new StringBuilder();
      Row row = matrix.rows().get(matrix.members().get(from).id());
      BitSet told = new BitSet();
      if (row != null) {
        for (Cell cell : row.cells()) {
          Integer to = places.get(cell.to());
          if (to == null || told.get(bit(to, cell.probe()))) continue;
          told.set(bit(to, cell.probe()));
          if (isFull() || cell.state() != State.NO_DATA) add(out, from, to, cell);
        }
      }
      if (isFull()) lacking(out, from, told);
      return out.toString();
    }

    private void lacking(StringBuilder out, int from, BitSet told) {
      for (int to = 0; to < quoted.size(); to++) {
        if (to == from) continue;
        for (Probe probe : EXPECTED) {
          if (!told.get(bit(to, probe))) add(out, from, to, Cell.unknown("", probe));
        }
      }
    }

    private void add(StringBuilder out, int from, int to, Cell cell) {
      if (any) out.append(',');
      any = true;
      cell.writeTo(out, quoted.get(from), quoted.get(to));
    }

    private static int bit(int to, Probe probe) {
      return to * PROBES.size() + PROBES.indexOf(probe);
    }
  }
}
