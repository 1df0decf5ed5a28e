package io.homespan.heartbeat;

import io.homespan.heartbeat.Measurement.Place;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The rows of all members, as far as they are known.
 *
 * @param members in the order of their ids
 * @param rows by the id of who measured; who is silent has none
 * @param mute ids of the silent who can't help it: they are agents of another kind, or were not
 *     asked in time
 * @param apartMillis so much older one result of a peer may be than another, if all are in order
 *     and nobody is measured by turns
 */
record Matrix(List<Place> members, Map<String, Row> rows, Set<String> mute, long apartMillis) {
  Matrix {
    members = List.copyOf(members);
    rows = Map.copyOf(rows);
    mute = Set.copyOf(mute);
  }

  List<String> ids() {
    return members.stream().map(Place::id).toList();
  }
}
