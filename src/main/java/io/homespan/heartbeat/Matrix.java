package io.homespan.heartbeat;

import io.homespan.heartbeat.Measurement.Place;
import io.homespan.heartbeat.Row.Cell;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The rows of all members, as far as they are known.
 *
 * @param members in the order of their ids
 * @param rows by the id of who measured; who is silent has none
 * @param mute ids of the silent who can't help it: they are agents of another kind
 */
record Matrix(List<Place> members, Map<String, Row> rows, Set<String> mute) {
  Matrix {
    members = List.copyOf(members);
    rows = Map.copyOf(rows);
    mute = Set.copyOf(mute);
  }

  List<String> ids() {
    return members.stream().map(Place::id).toList();
  }

  /**
   * As {@code /api/mesh} gives it: a cell for each pair and probe. What a row lacks has no data,
   * and what it says of strangers is left out.
   *
   * @param probes that a row should have
   */
  JsonObject toJson(List<Probe> probes) {
    Set<String> known = new HashSet<>(ids());
    JsonArray cells = new JsonArray();
    List<String> silent = new ArrayList<>();
    for (Place from : members) {
      Row row = rows.get(from.id());
      if (row == null) silent.add(from.id());
      Set<String> told = new HashSet<>();
      if (row != null) {
        for (Cell cell : row.cells()) {
          if (!known.contains(cell.to()) || !told.add(cell.to() + ' ' + cell.probe())) continue;
          cells.add(cell.toJson(from.id()));
        }
      }
      for (Place to : members) {
        if (to.equals(from)) continue;
        for (Probe probe : probes) {
          if (told.contains(to.id() + ' ' + probe)) continue;
          cells.add(
              new Cell(to.id(), probe, Row.State.NO_DATA, 0, 0, 0, 0, 0, 0).toJson(from.id()));
        }
      }
    }
    return new JsonObject()
        .put("peers", new JsonArray(ids()))
        .put("zones", new JsonArray(members.stream().map(Place::zone).toList()))
        .put("silent", new JsonArray(silent))
        .put("mute", new JsonArray(silent.stream().filter(mute::contains).toList()))
        .put("cells", cells)
        .put("findings", new JsonArray(Reading.of(this)));
  }
}
