package io.homespan.discovery.kubernetes;

import io.homespan.discovery.Address;
import io.homespan.discovery.LookupException;
import io.homespan.discovery.kubernetes.Census.Fate;
import io.homespan.discovery.kubernetes.Slice.Place;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The EndpointSlices of one service: first a list, which comes in pages, then what has changed
 * since. An endpoint may stand in several of them, and a pod in slices of both address types. After
 * something that cannot be read only a new list will do. Not thread safe: its calls follow one
 * another.
 */
final class Slices {
  /** Endpoints, and slices without any; more than peers may ever be. */
  static final int MAX_ENDPOINTS = 200_000;

  private static final int MAX_SHOWN = 20;

  /** What a page says of the rest of the list: how to ask for it; "": this was all. */
  record Page(String next) {}

  /**
   * What lines of a watch brought.
   *
   * @param gone the API has forgotten what this watch goes on from: list anew
   */
  record Step(boolean gone, Census census) {}

  private final @Nullable String portName;
  private final int portNumber;
  private final boolean includeNotReady;
  private Map<String, Slice> slices = new LinkedHashMap<>();
  private Map<String, Slice> listed = new LinkedHashMap<>();
  private int size; // of those, as it is bounded
  private String version = "";

  /**
   * None yet.
   *
   * @param port a number or a name
   */
  Slices(String port, boolean includeNotReady) {
    boolean number = port.chars().allMatch(Character::isDigit);
    this.portName = number ? null : port;
    this.portNumber = number ? Integer.parseInt(port) : 0;
    this.includeNotReady = includeNotReady;
  }

  /** From where a watch goes on. */
  String version() {
    return version;
  }

  /** A page of a list; the last one replaces all that was known. */
  Page page(Buffer body, boolean first) throws LookupException {
    JsonObject page = Json.parse(body);
    JsonObject metadata = Json.object(page, "metadata");
    String at = Json.text(metadata, "resourceVersion");
    boolean listOfSlices = Json.text(page, "kind").equals("EndpointSliceList");
    if (!listOfSlices || at.isEmpty()) throw malformed("no list of EndpointSlices");
    if (first) {
      listed = new LinkedHashMap<>();
      size = 0;
    }
    for (Object each : Json.list(page, "items")) {
      Slice slice = each instanceof JsonObject json ? Slice.of(json) : null;
      if (slice == null) throw malformed("an EndpointSlice without a name");
      put(listed, slice);
    }
    String next = Json.text(metadata, "continue");
    if (next.isEmpty()) {
      slices = listed;
      listed = new LinkedHashMap<>();
      version = at;
    }
    return new Page(next);
  }

  /** Whole lines of a watch. */
  Step lines(List<Buffer> lines) throws LookupException {
    for (Buffer line : lines) {
      if (isGone(Json.parse(line))) return new Step(true, census());
    }
    return new Step(false, census());
  }

  private boolean isGone(JsonObject event) throws LookupException {
    JsonObject object = Json.object(event, "object");
    String type = Json.text(event, "type");
    switch (type) {
      case "ADDED", "MODIFIED" -> {
        Slice slice = Slice.of(object);
        if (slice == null) throw malformed("an EndpointSlice without a name");
        put(slices, slice);
      }
      case "DELETED" -> remove(Slice.name(object));
      case "BOOKMARK" -> {}
      case "ERROR" -> {
        if (Integer.valueOf(Refusal.GONE).equals(object.getValue("code"))) return true;
        throw new LookupException(
            "unavailable", "the API ended a watch: " + Json.shown(Json.text(object, "message")));
      }
      default -> throw malformed("a watch that tells of \"" + Json.shown(type) + "\"");
    }
    String at = Json.text(Json.object(object, "metadata"), "resourceVersion");
    if (at.isEmpty()) throw malformed("a change without its resourceVersion");
    version = at;
    return false;
  }

  private void put(Map<String, Slice> into, Slice slice) throws LookupException {
    Slice before = into.get(slice.name());
    int then = size + room(slice) - (before == null ? 0 : room(before));
    if (then > MAX_ENDPOINTS) {
      throw new LookupException(
          "oversized", "the service has more than " + MAX_ENDPOINTS + " endpoints");
    }
    size = then;
    into.put(slice.name(), slice);
  }

  private void remove(@Nullable String name) throws LookupException {
    if (name == null) throw malformed("an EndpointSlice without a name");
    Slice before = slices.remove(name);
    if (before != null) size -= room(before);
  }

  private static int room(Slice slice) {
    return Math.max(1, slice.places().size());
  }

  private static LookupException malformed(String what) {
    return new LookupException("malformed", "the API answered with " + what);
  }

  /** What they come to as they are now. */
  Census census() {
    TreeMap<String, Address> addresses = new TreeMap<>();
    Map<String, String> notes = new HashMap<>();
    Map<Fate, Integer> fates = new EnumMap<>(Fate.class);
    TreeMap<String, Integer> zones = new TreeMap<>();
    Set<String> ports = new TreeSet<>();
    for (Slice slice : slices.values()) {
      if (ports.size() < MAX_SHOWN)
        slice.ports().keySet().stream().map(Json::shown).forEach(ports::add);
      Integer port = portName == null ? Integer.valueOf(portNumber) : slice.ports().get(portName);
      for (Place place : slice.places()) {
        Fate fate = fate(place, port != null);
        fates.merge(fate, 1, Integer::sum);
        if (fate != Fate.PEER || port == null) continue;
        Address address = Address.of(place.host(), port);
        boolean isNew = addresses.put(address.listed(), address) == null;
        if (!isNew) continue;
        String note = note(place);
        if (!note.isEmpty()) notes.put(address.listed(), note);
        if (place.zone().isEmpty()) continue;
        boolean room = zones.containsKey(place.zone()) || zones.size() < MAX_SHOWN;
        zones.merge(room ? place.zone() : "others", 1, Integer::sum);
      }
    }
    ports.remove("");
    return new Census(List.copyOf(addresses.values()), notes, fates, zones, List.copyOf(ports));
  }

  private static String note(Place place) {
    String ready = place.state() == Slice.State.NOT_READY ? "not ready" : "";
    if (place.zone().isEmpty()) return ready;
    return "zone " + place.zone() + (ready.isEmpty() ? "" : ", " + ready);
  }

  private Fate fate(Place place, boolean hasPort) {
    return switch (place.state()) {
      case TERMINATING -> Fate.TERMINATING;
      case FQDN -> Fate.FQDN;
      case MALFORMED -> Fate.MALFORMED;
      case NOT_READY -> !includeNotReady ? Fate.NOT_READY : hasPort ? Fate.PEER : Fate.NO_PORT;
      case READY -> hasPort ? Fate.PEER : Fate.NO_PORT;
    };
  }
}
