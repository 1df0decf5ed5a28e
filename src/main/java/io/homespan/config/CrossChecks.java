package io.homespan.config;

import io.homespan.config.Config.Endpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What keys must not say together. A key whose value was refused is compared with nothing. */
final class CrossChecks {
  private final Values node;
  private final List<Problem> problems;

  CrossChecks(Values node, List<Problem> problems) {
    this.node = node;
    this.problems = problems;
  }

  void check(Peers peers, List<Values> sinks, boolean dataPrepper, long maxHeapBytes) {
    boolean gateway = GatewayRules.isGateway(node); // which opens no port for peers
    stopping();
    if (GatewayRules.isAgent(node)) { // of the rest it makes no use
      apart(Schema.PEER_HOST, Schema.PEER_PORT, Schema.ADMIN_HOST, Schema.ADMIN_PORT);
    } else {
      sizes(gateway, maxHeapBytes);
      times(dataPrepper, sinks);
      ports(gateway, peers);
      journal();
    }
    TlsRules.check(node, dataPrepper, problems);
  }

  private void journal() {
    if (!node.sound(Schema.ACKNOWLEDGE)) return;
    if (!node.get(Schema.ACKNOWLEDGE).equals("stored")) {
      for (Key<?> key : Schema.KEYS) {
        if (key.path().startsWith("journal.") && node.changed(key)) {
          warning(
              key,
              "has no effect: acknowledge is delivered",
              "write acknowledge: stored to use it");
        }
      }
      return;
    }
    if (!node.sound(Schema.JOURNAL_BYTES, Schema.JOURNAL_FILE_BYTES, Schema.MAX_MESSAGE_BYTES)) {
      return;
    }
    // the file that is written to stays, delivered or not
    long least =
        2 * Math.max(node.get(Schema.JOURNAL_FILE_BYTES), node.get(Schema.MAX_MESSAGE_BYTES));
    if (node.get(Schema.JOURNAL_BYTES) < least) {
      error(
          Schema.JOURNAL_BYTES,
          node.get(Schema.JOURNAL_BYTES)
              + " is less than twice the larger of journal.file_bytes and ingest.max_message_bytes",
          "write at least " + least);
    }
  }

  private void stopping() {
    if (node.sound(Schema.DRAIN_DELAY, Schema.SHUTDOWN_TIMEOUT)
        && node.get(Schema.SHUTDOWN_TIMEOUT).compareTo(node.get(Schema.DRAIN_DELAY)) <= 0) {
      error(
          Schema.SHUTDOWN_TIMEOUT,
          seconds(Schema.SHUTDOWN_TIMEOUT) + " leaves nothing after drain_delay",
          "write more than " + seconds(Schema.DRAIN_DELAY));
    }
    if (node.sound(Schema.MIN_TTL, Schema.MAX_TTL)
        && node.get(Schema.MIN_TTL).compareTo(node.get(Schema.MAX_TTL)) > 0) {
      error(
          Schema.MIN_TTL,
          seconds(Schema.MIN_TTL) + " is more than max_ttl",
          "write at most " + seconds(Schema.MAX_TTL));
    }
  }

  private void sizes(boolean gateway, long maxHeapBytes) {
    holdsOneMessage(Schema.INGEST_BYTES, "no sender could send the largest message");
    if (!gateway) holdsOneMessage(Schema.PEER_BYTES, "no peer could send the largest message");
    holdsOneMessage(Schema.MAX_BACKLOG, "the largest message could not wait for a peer");
    if (!gateway && node.sound(Schema.INGEST_BYTES, Schema.PEER_BYTES)) {
      long inFlight = node.get(Schema.INGEST_BYTES) + node.get(Schema.PEER_BYTES);
      if (node.get(Schema.ACKNOWLEDGE).equals("stored")) {
        inFlight += node.get(Schema.JOURNAL_UNDER_WAY);
      }
      // Twice: a request that is cut for several owners is there as a whole and in parts.
      if (inFlight > maxHeapBytes / 2) {
        warning(
            Schema.INGEST_BYTES,
            String.format(
                Locale.ROOT,
                "with %s, %d MiB may be in flight, more than half of the heap of %d MiB",
                node.place(Schema.PEER_BYTES),
                inFlight >> 20,
                maxHeapBytes >> 20),
            "lower them, or start Java with a larger -Xmx");
      }
    }
  }

  private void holdsOneMessage(Key<Long> key, String why) {
    if (node.sound(key, Schema.MAX_MESSAGE_BYTES)
        && node.get(key) < node.get(Schema.MAX_MESSAGE_BYTES)) {
      error(
          key,
          node.get(key) + " is less than ingest.max_message_bytes: " + why,
          "write at least " + node.get(Schema.MAX_MESSAGE_BYTES));
    }
  }

  private void times(boolean dataPrepper, List<Values> sinks) {
    if (atLeast(Schema.TIME_OUT, Schema.REQUEST_TIMEOUT)) {
      warning(
          Schema.TIME_OUT,
          seconds(Schema.TIME_OUT)
              + " is not less than ingest.request_timeout, "
              + seconds(Schema.REQUEST_TIMEOUT)
              + ", which cuts it: one attempt only",
          "write less than half of it, so that a second peer can be tried"
              + (dataPrepper ? "; Data Prepper read time_out and never applied it" : ""));
    }
    if (atLeast(Schema.CONNECT_TIMEOUT, Schema.TIME_OUT)) {
      warning(
          Schema.CONNECT_TIMEOUT,
          seconds(Schema.CONNECT_TIMEOUT) + " is not less than time_out, which cuts it",
          "write less than " + seconds(Schema.TIME_OUT));
    }
    if (node.sound(Schema.REMEMBER, Schema.REQUEST_TIMEOUT)
        && node.get(Schema.REMEMBER).compareTo(node.get(Schema.REQUEST_TIMEOUT)) < 0) {
      warning(
          Schema.REMEMBER,
          seconds(Schema.REMEMBER)
              + " is less than ingest.request_timeout: a repeat may be kept twice",
          "write at least " + seconds(Schema.REQUEST_TIMEOUT));
    }
    for (Values sink : sinks) {
      Duration timeOut = sink.get(Schema.OTLP_TIME_OUT);
      if (sink.get(Schema.SINK_TYPE).equals("otlp")
          && sink.sound(Schema.OTLP_TIME_OUT)
          && node.sound(Schema.REQUEST_TIMEOUT)
          && timeOut.compareTo(node.get(Schema.REQUEST_TIMEOUT)) >= 0) {
        problems.add(
            Problem.warning(
                sink.place(Schema.OTLP_TIME_OUT),
                Numbers.show(timeOut) + " is not less than ingest.request_timeout, which cuts it",
                "write less than " + seconds(Schema.REQUEST_TIMEOUT)));
      }
    }
  }

  private boolean atLeast(Key<Duration> key, Key<Duration> other) {
    return node.sound(key, other) && node.get(key).compareTo(node.get(other)) >= 0;
  }

  private void ports(boolean gateway, Peers peers) {
    apart(Schema.INGEST_HOST, Schema.INGEST_PORT, Schema.ADMIN_HOST, Schema.ADMIN_PORT);
    if (gateway) return;
    apart(Schema.INGEST_HOST, Schema.INGEST_PORT, Schema.PEER_HOST, Schema.PEER_PORT);
    apart(Schema.PEER_HOST, Schema.PEER_PORT, Schema.ADMIN_HOST, Schema.ADMIN_PORT);
    int ingest = node.number(Schema.INGEST_PORT);
    if (!node.sound(Schema.INGEST_PORT, Schema.PEER_PORT, Schema.CLIENT_PORT)
        || ingest == node.number(Schema.PEER_PORT)) {
      return;
    }
    List<String> senders = new ArrayList<>();
    for (Endpoint endpoint : peers.endpoints()) {
      if (endpoint.port() == ingest) {
        senders.add(endpoint.toString());
      }
    }
    String why = " is the ingest port, where all that arrives counts as sent by a sender";
    String remedy = "write the peer port, " + node.get(Schema.PEER_PORT);
    if (node.number(Schema.CLIENT_PORT) == ingest) {
      warning(Schema.CLIENT_PORT, ingest + why, remedy);
    } else if (!senders.isEmpty()) {
      warning(Schema.STATIC_ENDPOINTS, String.join(", ", senders) + ": " + ingest + why, remedy);
    }
  }

  private void apart(Key<String> hostA, Key<Long> portA, Key<String> hostB, Key<Long> portB) {
    if (!node.sound(hostA, portA, hostB, portB)) {
      return;
    }
    long port = node.get(portB);
    if (port != 0 && port == node.get(portA) && overlap(node.get(hostA), node.get(hostB))) {
      error(
          portB,
          port + " is the port of " + node.place(portA) + " as well",
          "give each a port of its own");
    }
  }

  private static boolean overlap(String a, String b) {
    return loopback(a).equals(loopback(b)) || isAny(a) || isAny(b);
  }

  private static String loopback(String host) {
    return host.equals("localhost") ? "127.0.0.1" : host;
  }

  private static boolean isAny(String host) {
    return host.equals("0.0.0.0") || host.equals("::");
  }

  private String seconds(Key<Duration> key) {
    return Numbers.show(node.get(key));
  }

  private void error(Key<?> key, String what, String remedy) {
    problems.add(Problem.error(node.place(key), what, remedy));
  }

  private void warning(Key<?> key, String what, String remedy) {
    problems.add(Problem.warning(node.place(key), what, remedy));
  }
}
