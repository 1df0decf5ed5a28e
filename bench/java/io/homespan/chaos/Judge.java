package io.homespan.chaos;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Compares what was answered OK with what has arrived.
 *
 * <pre>
 * java io.homespan.chaos.Judge DIRECTORY SEED
 * </pre>
 *
 * The directory has the senders' {@code requests.bin} and {@code attempts.bin}, the backend's
 * {@code arrivals.bin}, and {@code run.json} with the faults and the nodes' files. Prints one line
 * of JSON. Arrays by span number, so about 40 bytes for a span.
 */
public final class Judge {
  private static final int BACKEND = 0;
  private static final int FILE = 1;
  private static final int SHOWN = 40;
  private static final HexFormat HEX = HexFormat.of();

  /** A fault is still felt so long after its end, in ms: circuits, look-ups, retries. */
  private static final int AFTER = 6_000;

  /** Nodes see a change of membership within this time, in ms: the TTL, or an exchange. */
  private static final int LOOK_UP = 4_000;

  private static final List<String> TABLE_CHANGES =
      List.of("terminate", "rolling", "5 ->", "DNS leaves", "DNS names", "DNS views");

  private record Attempt(
      int request,
      int sender,
      int node,
      int begin,
      int end,
      Exporter.End how,
      int rejected,
      String detail) {}

  private record Fault(String kind, String group, int node, int begin, int end) {}

  private static final List<String> GROUPS =
      List.of("killed", "terminated", "membership", "paused", "sink", "link", "dns", "clock");

  private final Path directory;
  private final SpanIds ids;
  private final List<Fault> faults = new ArrayList<>();
  private final Map<Integer, Integer> senderOf = new HashMap<>();
  private final List<int[]> requests = new ArrayList<>();
  private final List<List<Attempt>> attempts = new ArrayList<>();
  private final List<int[]> starts = new ArrayList<>(); // node, time
  private final Map<String, JsonObject> examples = new TreeMap<>();
  private int[] requestOf = {};

  private int[] arrivedNumber = new int[1 << 16];
  private int[] arrivedAt = new int[1 << 16];
  private byte[] arrivedWhere = new byte[1 << 16]; // node * 2 + store
  private int arrivals;
  private int[] begins = {}; // into the arrivals, which are sorted by number
  private int tornLines;
  private int strangers;

  private Judge(Path directory, long seed) {
    this.directory = directory;
    ids = new SpanIds(seed);
  }

  /** Prints the verdict. */
  public static void main(String[] args) throws Exception {
    System.out.println(new Judge(Path.of(args[0]), Long.parseLong(args[1])).verdict().encode());
  }

  private JsonObject verdict() throws IOException {
    JsonObject run = new JsonObject(Files.readString(directory.resolve("run.json")));
    JsonArray all = run.getJsonArray("faults");
    for (int i = 0; i < all.size(); i++) {
      JsonObject f = all.getJsonObject(i);
      faults.add(
          new Fault(
              f.getString("kind"),
              f.getString("group"),
              f.getInteger("node"),
              f.getInteger("begin"),
              f.getInteger("end")));
    }
    JsonArray started = run.getJsonArray("starts");
    for (int i = 0; i < started.size(); i++) {
      JsonObject one = started.getJsonObject(i);
      starts.add(new int[] {one.getInteger("node"), one.getInteger("at")});
    }
    readRequests();
    readAttempts();
    readArrivals();
    JsonArray files = run.getJsonArray("files");
    for (int i = 0; i < files.size(); i++) {
      JsonObject file = files.getJsonObject(i);
      readFile(file.getInteger("node"), directory.resolve(file.getString("path")));
    }
    JsonArray kept = new JsonArray();
    JsonArray lives = run.getJsonArray("lives");
    for (int i = 0; i < lives.size(); i++) {
      JsonObject life = lives.getJsonObject(i);
      int store = life.getString("sink").equals("file") ? FILE : BACKEND;
      kept.add(
          arrivedAt(
              life.getInteger("node") * 2 + store,
              life.getInteger("begin"),
              life.getInteger("end")));
    }
    sort();
    return judged(run.getJsonArray("both")).put("kept_by_life", kept);
  }

  /** Spans at one sink in this time; a file's have no time, and count always. */
  private long arrivedAt(int where, int begin, int end) {
    long count = 0;
    for (int i = 0; i < arrivals; i++) {
      if (arrivedWhere[i] != where) continue;
      if (arrivedAt[i] < 0 || (arrivedAt[i] >= begin && arrivedAt[i] <= end)) count++;
    }
    return count;
  }

  private interface Reader {
    void read(DataInputStream from) throws IOException;
  }

  private void each(String name, Reader reader) throws IOException {
    try (DataInputStream in =
        new DataInputStream(
            new BufferedInputStream(Files.newInputStream(directory.resolve(name)), 1 << 16))) {
      while (true) {
        in.mark(1);
        if (in.read() < 0) return;
        in.reset();
        reader.read(in);
      }
    } catch (EOFException e) {
      throw new IOException(name + " ends within a record", e);
    }
  }

  private void readRequests() throws IOException {
    each(
        "requests.bin",
        in -> {
          int id = in.readInt();
          senderOf.put(id, (int) in.readByte());
          int[] numbers = new int[in.readInt()];
          for (int i = 0; i < numbers.length; i++) numbers[i] = in.readInt();
          while (requests.size() <= id) {
            requests.add(new int[0]);
            attempts.add(new ArrayList<>(1));
          }
          requests.set(id, numbers);
        });
    int most = -1;
    for (int[] numbers : requests) for (int n : numbers) most = Math.max(most, n);
    requestOf = new int[most + 1];
    Arrays.fill(requestOf, -1);
    for (int id = 0; id < requests.size(); id++) {
      for (int n : requests.get(id)) requestOf[n] = id;
    }
  }

  private void readAttempts() throws IOException {
    each(
        "attempts.bin",
        in -> {
          int request = in.readInt();
          Attempt one =
              new Attempt(
                  request,
                  in.readByte(),
                  in.readByte(),
                  in.readInt(),
                  in.readInt(),
                  Exporter.End.of(in.readByte()),
                  in.readInt(),
                  in.readUTF());
          attempts.get(request).add(one);
        });
  }

  private void readArrivals() throws IOException {
    each(
        "arrivals.bin",
        in -> {
          int number = in.readInt();
          int node = in.readByte();
          arrived(number, node, BACKEND, in.readInt());
        });
  }

  private void arrived(int number, int node, int store, int at) {
    if (number < 0 || number >= requestOf.length || requestOf[number] < 0) {
      strangers++;
      return;
    }
    if (arrivals == arrivedNumber.length) {
      arrivedNumber = Arrays.copyOf(arrivedNumber, 2 * arrivals);
      arrivedAt = Arrays.copyOf(arrivedAt, 2 * arrivals);
      arrivedWhere = Arrays.copyOf(arrivedWhere, 2 * arrivals);
    }
    arrivedNumber[arrivals] = number;
    arrivedAt[arrivals] = at;
    arrivedWhere[arrivals] = (byte) (node * 2 + store);
    arrivals++;
  }

  /** A file sink's lines; a line that is no JSON was torn by a kill. */
  private void readFile(int node, Path path) throws IOException {
    var lenient =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    try (BufferedReader lines =
        new BufferedReader(
            new java.io.InputStreamReader(Files.newInputStream(path), lenient), 1 << 16)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.isEmpty()) continue;
        JsonObject request;
        try {
          request = new JsonObject(line);
        } catch (io.vertx.core.json.DecodeException e) {
          tornLines++;
          continue;
        }
        for (Object resource : request.getJsonArray("resourceSpans")) {
          for (Object scope : ((JsonObject) resource).getJsonArray("scopeSpans")) {
            for (Object span : ((JsonObject) scope).getJsonArray("spans")) {
              arrived(numberOf((JsonObject) span), node, FILE, -1);
            }
          }
        }
      }
    }
  }

  private int numberOf(JsonObject span) {
    String trace = span.getString("traceId");
    int number =
        ids.number(
            HexFormat.fromHexDigitsToLong(trace, 0, 16),
            HexFormat.fromHexDigitsToLong(trace, 16, 32),
            HexFormat.fromHexDigitsToLong(span.getString("spanId")));
    return Traffic.name(number).equals(span.getString("name")) ? number : SpanIds.STRANGER;
  }

  /** Counting sort by number; within a number the order of arrival stays. */
  private void sort() {
    begins = new int[requestOf.length + 1];
    for (int i = 0; i < arrivals; i++) begins[arrivedNumber[i] + 1]++;
    for (int n = 0; n < requestOf.length; n++) begins[n + 1] += begins[n];
    int[] next = Arrays.copyOf(begins, requestOf.length);
    int[] at = new int[arrivals];
    byte[] where = new byte[arrivals];
    for (int i = 0; i < arrivals; i++) {
      int to = next[arrivedNumber[i]]++;
      at[to] = arrivedAt[i];
      where[to] = arrivedWhere[i];
    }
    arrivedAt = at;
    arrivedWhere = where;
    arrivedNumber = new int[0];
  }

  private JsonObject judged(JsonArray both) {
    boolean[] twoSinks = new boolean[64];
    for (int i = 0; i < both.size(); i++) twoSinks[both.getInteger(i)] = true;

    long spans = 0;
    long ok = 0;
    long lost = 0;
    long notOk = 0;
    long notOkArrived = 0;
    long extra = 0;
    long doubled = 0;
    Map<String, Long> duplicates = new TreeMap<>();
    Map<Integer, List<Integer>> lostOf = new TreeMap<>();
    for (int i = 0; i < requestOf.length; i++) {
      int n = i;
      if (requestOf[n] < 0) continue;
      spans++;
      List<Attempt> tries = attempts.get(requestOf[n]);
      boolean answered = okOf(tries) != null;
      if (answered) ok++;
      else notOk++;
      boolean safe = safe(n, twoSinks);
      if (answered && !safe) {
        lost++;
        lostOf.computeIfAbsent(requestOf[n], r -> new ArrayList<>()).add(n);
      }
      if (!answered && safe) notOkArrived++;
      int copies = copies(n, twoSinks);
      if (copies > 1) {
        doubled++;
        extra += copies - 1;
        String cause = causeOfDouble(n, tries);
        duplicates.merge(cause, copies - 1L, Long::sum);
        examples.computeIfAbsent(cause, c -> story(n, tries));
      }
    }

    JsonObject result =
        new JsonObject()
            .put("spans", spans)
            .put("ok", ok)
            .put("lost", lost)
            .put("not_ok", notOk)
            .put("not_ok_arrived", notOkArrived)
            .put("duplicated", doubled)
            .put("extra_copies", extra)
            .put("duplicates", sorted(duplicates))
            .put("torn_lines", tornLines)
            .put("strangers", strangers)
            .put("requests", requests.size());
    splits(result);
    outcomes(result);
    result.put("lost_requests", evidence(lostOf));
    JsonObject shown = new JsonObject();
    examples.forEach(shown::put);
    result.put("examples", shown);
    return result;
  }

  private static @Nullable Attempt okOf(List<Attempt> tries) {
    for (Attempt one : tries) if (one.how == Exporter.End.OK) return one;
    return null;
  }

  /** Whether some node has it in all of its sinks. */
  private boolean safe(int n, boolean[] twoSinks) {
    for (int i = begins[n]; i < begins[n + 1]; i++) {
      int node = arrivedWhere[i] >> 1;
      if (!twoSinks[node]) return true;
      int other = arrivedWhere[i] ^ 1;
      for (int k = begins[n]; k < begins[n + 1]; k++) if (arrivedWhere[k] == other) return true;
    }
    return false;
  }

  /** How often it was kept; what a node has in both of its sinks counts once. */
  private int copies(int n, boolean[] twoSinks) {
    int count = 0;
    int[] inFile = new int[64];
    int[] inBackend = new int[64];
    for (int i = begins[n]; i < begins[n + 1]; i++) {
      int node = arrivedWhere[i] >> 1;
      if (!twoSinks[node]) count++;
      else if ((arrivedWhere[i] & 1) == FILE) inFile[node]++;
      else inBackend[node]++;
    }
    for (int node = 0; node < 64; node++) count += Math.max(inFile[node], inBackend[node]);
    return count;
  }

  private String causeOfDouble(int n, List<Attempt> tries) {
    long nodes = 0;
    int last = 0;
    for (int i = begins[n]; i < begins[n + 1]; i++) {
      nodes |= 1L << (arrivedWhere[i] >> 1);
      last = Math.max(last, arrivedAt[i]);
    }
    boolean unknown = false;
    boolean refused = false;
    int first = Integer.MAX_VALUE;
    long asked = nodes;
    for (Attempt one : tries) {
      unknown |= one.how == Exporter.End.UNKNOWN;
      refused |= one.how == Exporter.End.REFUSED;
      first = Math.min(first, one.begin);
      asked |= 1L << one.node;
      last = Math.max(last, one.end);
    }
    String resent =
        unknown
            ? "sent again after an unknown outcome"
            : refused ? "sent again after a refusal" : "sent once";
    boolean changed = tableChanged(first, last);
    String where =
        Long.bitCount(nodes) > 1
            ? changed ? "at two nodes" : "by owner and stand-in"
            : restarted(n) ? "at one node before and after its restart" : "at one node";
    String meanwhile =
        changed ? "owners changed meanwhile" : "amid: " + amid(asked, first, last, 1_000);
    return resent + ", kept " + where + ", " + meanwhile;
  }

  /** Whether some node's table may have changed in this time, by a look-up or a farewell. */
  private boolean tableChanged(int begin, int end) {
    for (Fault fault : faults) {
      if (TABLE_CHANGES.stream().noneMatch(fault.kind::startsWith)) continue;
      if (fault.begin <= end && fault.begin + LOOK_UP >= begin) return true;
      if (fault.end - LOOK_UP <= end && fault.end + LOOK_UP >= begin) return true;
      boolean several = fault.kind.startsWith("5") || fault.kind.startsWith("rolling");
      if (several && fault.begin <= end && fault.end >= begin) return true;
    }
    return false;
  }

  /** Whether its node was started anew between its first and its last arrival; a file: unknown. */
  private boolean restarted(int n) {
    int node = arrivedWhere[begins[n]] >> 1;
    int first = Integer.MAX_VALUE;
    int last = 0;
    for (int i = begins[n]; i < begins[n + 1]; i++) {
      if (arrivedAt[i] < 0) continue;
      first = Math.min(first, arrivedAt[i]);
      last = Math.max(last, arrivedAt[i]);
    }
    for (int[] start : starts) {
      if (start[0] == node && start[1] > first && start[1] < last) return true;
    }
    return false;
  }

  /** All that is known of a span. */
  private JsonObject story(int n, List<Attempt> tries) {
    JsonArray arrived = new JsonArray();
    int end = 0;
    int begin = Integer.MAX_VALUE;
    for (int i = begins[n]; i < begins[n + 1]; i++) {
      String store = (arrivedWhere[i] & 1) == FILE ? "file" : "backend";
      String at = arrivedAt[i] < 0 ? "" : " at " + arrivedAt[i] + " ms";
      arrived.add(store + " of node " + (arrivedWhere[i] >> 1) + at);
      end = Math.max(end, arrivedAt[i]);
    }
    for (Attempt one : tries) {
      begin = Math.min(begin, one.begin);
      end = Math.max(end, one.end);
    }
    int trace = SpanIds.trace(n);
    return new JsonObject()
        .put("trace", HEX.toHexDigits(ids.traceHigh(trace)) + HEX.toHexDigits(ids.traceLow(trace)))
        .put("span", HEX.toHexDigits(ids.span(n)))
        .put("request", requestOf[n])
        .put("attempts", told(tries))
        .put("arrived", arrived)
        .put("faults", faultsAround(begin, end));
  }

  private static JsonArray told(List<Attempt> tries) {
    JsonArray told = new JsonArray();
    for (Attempt one : tries) {
      told.add(
          String.format(
              "node %d, %d to %d ms: %s %s", one.node, one.begin, one.end, one.how, one.detail));
    }
    return told;
  }

  private JsonArray faultsAround(int begin, int end) {
    JsonArray amid = new JsonArray();
    for (Fault fault : faults) {
      if (fault.begin <= end && fault.end + AFTER >= begin) {
        amid.add(fault.kind + " of " + fault.node + ", " + fault.begin + " to " + fault.end);
      }
    }
    return amid;
  }

  /** The gravest fault that these nodes felt in this time. */
  private String amid(long nodes, int begin, int end, int after) {
    int gravest = GROUPS.size();
    String kind = "nothing";
    for (Fault fault : faults) {
      if (fault.node > 0 && (nodes & 1L << fault.node) == 0) continue;
      if (fault.begin > end || fault.end + after < begin) continue;
      int rank = GROUPS.indexOf(fault.group);
      if (rank >= 0 && rank < gravest) {
        gravest = rank;
        kind = fault.kind;
      }
    }
    return kind;
  }

  private void splits(JsonObject result) {
    long traces = 0;
    long split = 0;
    Map<String, Long> causes = new TreeMap<>();
    for (int n = 0; n < requestOf.length; n += SpanIds.SPANS_A_TRACE) {
      int end = Math.min(requestOf.length, n + SpanIds.SPANS_A_TRACE);
      long nodes = 0;
      int first = Integer.MAX_VALUE;
      int last = 0;
      for (int i = begins[n]; i < begins[end]; i++) nodes |= 1L << (arrivedWhere[i] >> 1);
      if (nodes == 0) continue;
      traces++;
      if (Long.bitCount(nodes) < 2) continue;
      split++;
      for (int k = n; k < end; k++) {
        if (requestOf[k] < 0) continue;
        for (Attempt one : attempts.get(requestOf[k])) {
          first = Math.min(first, one.begin);
          last = Math.max(last, one.end);
        }
      }
      causes.merge("amid: " + amid(-1L, first, last, AFTER), 1L, Long::sum);
    }
    result.put("traces", traces).put("split", split).put("splits", sorted(causes));
  }

  private void outcomes(JsonObject result) {
    Map<String, Long> outcomes = new TreeMap<>();
    int[] refused = {0};
    long rejected = 0;
    int longestAttempt = 0;
    int longestRequest = 0;
    int all = 0;
    List<Integer> okTimes = new ArrayList<>();
    for (List<Attempt> tries : attempts) {
      int first = Integer.MAX_VALUE;
      for (Attempt one : tries) {
        all++;
        first = Math.min(first, one.begin);
        longestAttempt = Math.max(longestAttempt, one.end - one.begin);
        outcomes.merge(
            one.how + " " + one.detail.replaceAll("[0-9.]+:[0-9]+", "HOST"), 1L, Long::sum);
        if (one.how == Exporter.End.REFUSED) refused[0]++;
        if (one.how != Exporter.End.OK) continue;
        rejected += one.rejected;
        okTimes.add(one.end);
        longestRequest = Math.max(longestRequest, one.end - first);
      }
    }
    okTimes.sort(Comparator.naturalOrder());
    int gap = 0;
    for (int i = 1; i < okTimes.size(); i++) {
      gap = Math.max(gap, okTimes.get(i) - okTimes.get(i - 1));
    }
    result
        .put("attempts", all)
        .put("refused", refused[0])
        .put("outcomes", sorted(outcomes))
        .put("rejected", rejected)
        .put("longest_attempt_ms", longestAttempt)
        .put("longest_request_ms", longestRequest)
        .put("longest_stall_ms", gap);
  }

  private JsonArray evidence(Map<Integer, List<Integer>> lostOf) {
    JsonArray shown = new JsonArray();
    for (Map.Entry<Integer, List<Integer>> entry : lostOf.entrySet()) {
      if (shown.size() == SHOWN) break;
      List<Attempt> tries = attempts.get(entry.getKey());
      int begin = Integer.MAX_VALUE;
      int end = 0;
      for (Attempt one : tries) {
        begin = Math.min(begin, one.begin);
        end = Math.max(end, one.end);
      }
      JsonArray spans = new JsonArray();
      for (int n : entry.getValue().subList(0, Math.min(5, entry.getValue().size()))) {
        int trace = SpanIds.trace(n);
        spans.add(
            HEX.toHexDigits(ids.traceHigh(trace))
                + HEX.toHexDigits(ids.traceLow(trace))
                + "/"
                + HEX.toHexDigits(ids.span(n)));
      }
      shown.add(
          new JsonObject()
              .put("request", entry.getKey())
              .put("sender", senderOf.get(entry.getKey()))
              .put("spans", requests.get(entry.getKey()).length)
              .put("lost", entry.getValue().size())
              .put("attempts", told(tries))
              .put("faults", faultsAround(begin, end))
              .put("some_of_them", spans));
    }
    return shown;
  }

  private static JsonArray sorted(Map<String, Long> counts) {
    JsonArray list = new JsonArray();
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .limit(30)
        .forEach(e -> list.add(new JsonArray().add(e.getKey()).add(e.getValue())));
    return list;
  }
}
