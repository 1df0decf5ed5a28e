package io.homespan.discovery.kubernetes;

import io.homespan.discovery.Address;
import io.homespan.discovery.Announced;
import io.netty.util.NetUtil;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One EndpointSlice, as far as it matters here. What is odd in it is kept as such and counted; only
 * without a name it is none.
 *
 * @param ports by their names; a port without a name stands under ""
 */
record Slice(String name, List<Place> places, Map<String, Integer> ports) {
  private static final int MAX_NAME = 253;
  private static final int MAX_PORTS = 100;
  private static final Pattern ZONE = Pattern.compile("[A-Za-z0-9._-]{1,63}");

  /** How an endpoint is. */
  enum State {
    READY,
    NOT_READY,
    TERMINATING,
    /** A name, which nobody need look up: EndpointSlices have better. */
    FQDN,
    MALFORMED
  }

  /**
   * An endpoint.
   *
   * @param host an IP address; "" unless one can be called there
   * @param zone "" if none is told
   */
  record Place(String host, State state, String zone) {}

  /** Null: it is none. */
  static @Nullable Slice of(JsonObject json) {
    String name = name(json);
    if (name == null) return null;
    List<Place> places = new ArrayList<>();
    String type = Json.text(json, "addressType");
    for (Object each : Json.list(json, "endpoints")) {
      places.add(
          each instanceof JsonObject endpoint
              ? place(endpoint, type)
              : new Place("", State.MALFORMED, ""));
    }
    Map<String, Integer> ports = new LinkedHashMap<>();
    for (Object each : Json.list(json, "ports")) {
      if (ports.size() == MAX_PORTS || !(each instanceof JsonObject port)) continue;
      if (port.getValue("port") instanceof Integer number && number >= 1 && number <= 65535) {
        ports.putIfAbsent(Json.text(port, "name"), number);
      }
    }
    return new Slice(name, List.copyOf(places), Map.copyOf(ports));
  }

  /** Null: there is none. */
  static @Nullable String name(JsonObject json) {
    String name = Json.text(Json.object(json, "metadata"), "name");
    return name.isEmpty() || name.length() > MAX_NAME ? null : name;
  }

  private static Place place(JsonObject endpoint, String type) {
    if (type.equals("FQDN")) return new Place("", State.FQDN, "");
    String zone = Json.text(endpoint, "zone");
    if (!ZONE.matcher(zone).matches()) zone = "";
    // there may be more than one address, and the first is the one that means something
    JsonArray addresses = Json.list(endpoint, "addresses");
    String written = addresses.isEmpty() ? "" : String.valueOf(addresses.getValue(0));
    boolean ip =
        switch (type) {
          case "IPv4" -> NetUtil.isValidIpV4Address(written);
          case "IPv6" -> NetUtil.isValidIpV6Address(written);
          default -> false;
        };
    Address address = ip ? Announced.at(written, 1) : null;
    if (address == null) return new Place("", State.MALFORMED, zone);
    return new Place(address.host(), state(Json.object(endpoint, "conditions")), zone);
  }

  /** What is not told of is ready, and does not terminate: so the API has it. */
  private static State state(JsonObject conditions) {
    if (Boolean.TRUE.equals(conditions.getValue("terminating"))) return State.TERMINATING;
    boolean ready = !Boolean.FALSE.equals(conditions.getValue("ready"));
    return ready ? State.READY : State.NOT_READY;
  }
}
