package io.homespan.discovery.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homespan.discovery.Address;
import io.homespan.discovery.LookupException;
import io.homespan.discovery.kubernetes.Census.Fate;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlicesTest {
  private final Slices slices = new Slices("21891", true);

  private static Buffer page(String next, String... items) {
    return json(
        "{'kind':'EndpointSliceList','metadata':{'resourceVersion':'7','continue':'"
            + next
            + "'},'items':["
            + String.join(",", items)
            + "]}");
  }

  private static Buffer event(String type, String slice) {
    return json("{'type':'" + type + "','object':" + slice + "}");
  }

  private static Buffer json(String text) {
    return Buffer.buffer(text.replace('\'', '"'));
  }

  private static String slice(String name, String type, String endpoints) {
    return slice(name, type, endpoints, "{'name':'peer','port':5}");
  }

  private static String slice(String name, String type, String endpoints, String ports) {
    return "{'metadata':{'name':'"
        + name
        + "','resourceVersion':'9'},'addressType':'"
        + type
        + "','endpoints':["
        + endpoints
        + "],'ports':["
        + ports
        + "]}";
  }

  private static String endpoint(String address, String conditions) {
    return "{'addresses':['" + address + "'],'conditions':{" + conditions + "}}";
  }

  private static List<String> listed(Census census) {
    return census.addresses().stream().map(Address::listed).toList();
  }

  private Census only(Slices into, String... items) throws LookupException {
    into.page(page("", items), true);
    return into.census();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'ready':true                                     | PEER        | PEER
          ``                                               | PEER        | PEER
          'ready':null,'terminating':null                  | PEER        | PEER
          'ready':false                                    | PEER        | NOT_READY
          'ready':false,'serving':true,'terminating':true  | TERMINATING | TERMINATING
          'ready':true,'serving':true,'terminating':true   | TERMINATING | TERMINATING
          """)
  void whoTerminates_isNoPeer_andWhoIsNotReady_asItIsConfigured(
      String conditions, Fate all, Fate readyOnly) throws Exception {
    String item = slice("a", "IPv4", endpoint("10.0.0.1", conditions));
    assertThat(only(slices, item).fates()).isEqualTo(Map.of(all, 1));
    assertThat(only(new Slices("21891", false), item).fates()).isEqualTo(Map.of(readyOnly, 1));
  }

  @Test
  void bothKindsOfAddresses_areTaken_andTheRestIsCounted() throws Exception {
    Census census =
        only(
            slices,
            slice("a", "IPv4", endpoint("10.0.0.2", "") + "," + endpoint("10.0.0.1", "")),
            slice("b", "IPv6", endpoint("FD00::1", "")),
            slice("c", "FQDN", endpoint("a.example", "")),
            slice("d", "IPv4", "7,{'addresses':[]}," + endpoint("fd00::1", "")),
            slice("e", "IPv4", endpoint("", "") + "," + endpoint("0.0.0.0", "")),
            "{'metadata':{'name':'f'},'endpoints':null,'ports':null}");
    assertThat(listed(census))
        .containsExactly("10.0.0.1:21891", "10.0.0.2:21891", "[fd00::1]:21891");
    assertThat(census.fates()).isEqualTo(Map.of(Fate.PEER, 3, Fate.FQDN, 1, Fate.MALFORMED, 5));
  }

  @Test
  void aPodThatMovesBetweenSlices_isOnePeer() throws Exception {
    String pod = endpoint("10.0.0.1", "").replace("{'a", "{'zone':'z','a");
    Census census = only(slices, slice("a", "IPv4", pod), slice("b", "IPv4", pod));
    assertThat(listed(census)).containsExactly("10.0.0.1:21891");
    assertThat(census.summary()).isEqualTo("peer=2 zones z=1");
    assertThat(census.notes()).isEqualTo(Map.of("10.0.0.1:21891", "zone z"));
  }

  @Test
  void aPortIsLookedUpByItsName_inEachSlice() throws Exception {
    Slices named = new Slices("peer", true);
    Census census =
        only(
            named,
            slice("a", "IPv4", endpoint("10.0.0.1", "")),
            slice("b", "IPv4", endpoint("10.0.0.2", ""), "{'name':'peer','port':6}"));
    assertThat(listed(census)).containsExactly("10.0.0.1:5", "10.0.0.2:6");
    census = only(named, slice("a", "IPv4", endpoint("10.0.0.1", ""), "{'name':'otlp','port':6}"));
    assertThat(census.addresses()).isEmpty();
    assertThat(census.whyEmpty("tracing/peers", "peer"))
        .isEqualTo(
            "no port of service tracing/peers is named peer; write one of otlp as"
                + " discovery.kubernetes.port, or a number");
  }

  @Test
  void aList_isTakenWhenItsLastPageIsThere_andReplacesAll() throws Exception {
    only(slices, slice("old", "IPv4", endpoint("10.0.0.9", "")));
    assertThat(slices.page(page("more", slice("a", "IPv4", endpoint("10.0.0.1", ""))), true).next())
        .isEqualTo("more");
    assertThat(listed(slices.census())).containsExactly("10.0.0.9:21891");
    slices.page(page("", slice("b", "IPv4", endpoint("10.0.0.2", ""))), false);
    assertThat(listed(slices.census())).containsExactly("10.0.0.1:21891", "10.0.0.2:21891");
  }

  @Test
  void changes_addAndReplaceAndRemove_andABookmarkMovesOn() throws Exception {
    only(slices, slice("a", "IPv4", endpoint("10.0.0.1", "")));
    assertThat(slices.version()).isEqualTo("7");
    Slices.Step step =
        slices.lines(
            List.of(
                event("ADDED", slice("b", "IPv4", endpoint("10.0.0.2", ""))),
                event("MODIFIED", slice("a", "IPv4", endpoint("10.0.0.3", ""))),
                event("BOOKMARK", "{'metadata':{'resourceVersion':'12'}}")));
    assertThat(listed(step.census())).containsExactly("10.0.0.2:21891", "10.0.0.3:21891");
    assertThat(slices.version()).isEqualTo("12");
    step = slices.lines(List.of(event("DELETED", slice("a", "IPv4", ""))));
    assertThat(listed(step.census())).containsExactly("10.0.0.2:21891");
    assertThat(slices.lines(List.of(event("ERROR", "{'code':410}"))).gone()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {'type':'ERROR','object':{'code':500,'message':'etcd'}} | unavailable | the API ended a watch: etcd
          {'type':'ADDED','object':{}}      | malformed | the API answered with an EndpointSlice without a name
          {'type':'DELETED','object':7}     | malformed | the API answered with an EndpointSlice without a name
          {'type':'BOOKMARK','object':{}}   | malformed | the API answered with a change without its resourceVersion
          {'type':'SUNG'}                   | malformed | the API answered with a watch that tells of "SUNG"
          []                                | malformed | the API answered with what is no JSON object
          <html>                            | malformed | the API answered with what is no JSON object
          """)
  void aLineThatIsNoChange_isSaidToBeSo(String line, String failure, String message) {
    assertThatThrownBy(() -> slices.lines(List.of(json(line))))
        .isInstanceOfSatisfying(
            LookupException.class, e -> assertThat(e.failure()).isEqualTo(failure))
        .hasMessage(message);
  }

  @Test
  void whatIsHeld_isBounded() throws Exception {
    String many = "0,".repeat(Slices.MAX_ENDPOINTS - 1) + "0";
    only(slices, slice("a", "IPv4", many));
    slices.lines(List.of(event("MODIFIED", slice("a", "IPv4", many))));
    assertThatThrownBy(() -> slices.lines(List.of(event("ADDED", slice("b", "IPv4", "")))))
        .hasMessage("the service has more than 200000 endpoints");
    slices.lines(List.of(event("DELETED", slice("a", "IPv4", ""))));
    slices.lines(List.of(event("ADDED", slice("b", "IPv4", many))));
  }

  @Test
  void lines_areMadeOfAnyPieces() throws Exception {
    Lines lines = new Lines(4);
    assertThat(lines.add(Buffer.buffer("ab"))).isEmpty();
    assertThat(lines.isCut()).isTrue();
    assertThat(lines.add(Buffer.buffer("cd\n\nef\ng")))
        .containsExactly(Buffer.buffer("abcd"), Buffer.buffer("ef"));
    assertThatThrownBy(() -> lines.add(Buffer.buffer("hijk")))
        .hasMessage("the API told of more than 4 bytes at once");
  }
}
