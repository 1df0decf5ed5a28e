package io.homespan.config;

import io.homespan.config.Config.FileReports;
import io.homespan.config.Config.KafkaReports;
import io.homespan.config.Config.OtlpReports;
import io.homespan.config.Config.Reports;
import io.homespan.config.Config.Settings;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.StringReader;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.jspecify.annotations.Nullable;

/** What must hold for the ways in which results of probes are reported. Opens nothing. */
final class ReportRules {
  static final String KAFKA = "kafka";
  static final String FILE = "file";
  static final String OTLP = "otlp";
  static final String V1 = "v1";
  static final String AGENT = "agent";

  private static final Pattern WORD = Pattern.compile("[\\w.:-]{1,40}");
  private static final List<String> WORDS = List.of(KAFKA, FILE, OTLP);

  /** The others' libraries are native code for many platforms, and are not packed. */
  private static final List<String> COMPRESSIONS = List.of("none", "gzip");

  /** Why a reporter's producer cannot be told otherwise, by the names of what it sets. */
  private static final Map<String, String> OURS =
      Map.of(
          ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, "write heartbeat.kafka.bootstrap_servers",
          ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, "remove it: keys are text",
          ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, "remove it: values are JSON",
          ProducerConfig.TRANSACTIONAL_ID_CONFIG, "remove it: nothing is sent in transactions");

  private ReportRules() {}

  /** The name of a reporter. */
  record Word() implements Kind<String> {
    @Override
    public @Nullable String read(Object value, Wrong wrong) {
      if (value instanceof String text
          && text.trim().toLowerCase(Locale.ROOT).equals("prometheus")) {
        wrong.is(
            Shown.quoted(text)
                + " needs no reporter: /metrics of the admin port has the mesh always",
            "remove it, or write " + String.join(", ", WORDS));
        return null;
      }
      return new Words.OneOf(WORDS).read(value, wrong);
    }
  }

  /**
   * Names and values for a library. What is wrong with a value is told without it, as it may be a
   * password.
   */
  record Properties() implements Kind<Settings> {
    /** As other lists are written in variables; here it would hide what follows in a value. */
    private static final Pattern NEXT = Pattern.compile(",\\s*[a-z]+(?:\\.[a-z]+)+\\s*=");

    @Override
    public boolean mayBeEmpty() {
      return true;
    }

    @Override
    public @Nullable Settings read(Object value, Wrong wrong) {
      if (!(value instanceof JsonObject mapping)) {
        wrong.is("this is no mapping", "write names and values below it, indented");
        return null;
      }
      Map<String, String> all = new TreeMap<>();
      boolean sound = true;
      for (String name : mapping.fieldNames()) {
        Object one = mapping.getValue(name);
        if (one == null || one instanceof JsonObject || one instanceof JsonArray) {
          String what = one == null ? "is empty" : "is a mapping or a list";
          wrong.is("." + name, what, "write text; names with dots stand as they are, not nested");
          sound = false;
        } else {
          all.put(name, one.toString());
        }
      }
      return sound ? new Settings(all) : null;
    }

    @Override
    public @Nullable Settings parse(String text, Wrong wrong) {
      java.util.Properties read = new java.util.Properties();
      try {
        read.load(new StringReader(text));
      } catch (IOException | IllegalArgumentException e) {
        wrong.is("is not written as properties are", "write lines \"name=value\"");
        return null;
      }
      Map<String, String> all = new TreeMap<>();
      for (String name : read.stringPropertyNames()) all.put(name, read.getProperty(name));
      if (all.values().stream().anyMatch(one -> NEXT.matcher(one).find())) {
        wrong.is("has several properties in one line", "write lines \"name=value\", one each");
        return null;
      }
      return new Settings(all);
    }
  }

  static void check(Values node, List<Problem> problems) {
    if (!node.sound(Schema.REPORTERS)) return;
    List<String> chosen = node.get(Schema.REPORTERS);
    if (!chosen.isEmpty() && !node.get(Schema.HEARTBEAT)) {
      problems.add(
          Problem.warning(
              node.place(Schema.REPORTERS),
              "has no effect: heartbeat.enabled is false",
              "write heartbeat: { enabled: true } to measure anything"));
    }
    for (String word : WORDS) {
      if (!chosen.contains(word)) unused(node, word, problems);
    }
    if (chosen.contains(KAFKA)) kafka(node, problems);
    if (chosen.contains(OTLP) && !node.get(Schema.METRICS_ENDPOINT).tls()) {
      if (node.changed(Schema.METRICS_CA)) {
        problems.add(
            Problem.warning(
                node.place(Schema.METRICS_CA),
                "has no effect: the endpoint is not https://",
                "write https:// there if TLS is meant"));
      }
    }
  }

  private static void unused(Values node, String word, List<Problem> problems) {
    for (Key<?> key : Schema.KEYS) {
      if (key.path().startsWith("heartbeat." + word + ".") && node.changed(key)) {
        problems.add(
            Problem.warning(
                node.place(key),
                "has no effect: " + word + " is not among heartbeat.reporters",
                "write heartbeat: { reporters: [" + word + "] } to use it"));
      }
    }
  }

  private static void kafka(Values node, List<Problem> problems) {
    if (node.sound(Schema.KAFKA_SERVERS) && node.get(Schema.KAFKA_SERVERS).isEmpty()) {
      problems.add(
          Problem.error(
              node.place(Schema.KAFKA_SERVERS),
              "is empty, and kafka is among heartbeat.reporters",
              "list some of the brokers, such as [\"kafka-1:9092\", \"kafka-2:9092\"]"));
    }
    if (!node.sound(Schema.KAFKA_PROPERTIES)) return;
    Map<String, String> given = node.get(Schema.KAFKA_PROPERTIES).values();
    if (given.isEmpty()) return;
    String at = node.place(Schema.KAFKA_PROPERTIES) + ".";
    Set<String> known = ProducerConfig.configDef().names();
    for (Map.Entry<String, String> one : new TreeMap<>(given).entrySet()) {
      String name = one.getKey();
      String ours = OURS.get(name);
      if (ours != null) {
        problems.add(Problem.error(at + name, "is not taken from here", ours));
      } else if (name.equals(ProducerConfig.COMPRESSION_TYPE_CONFIG)) {
        compression(at + name, one.getValue(), problems);
      } else if (known.contains(name)) {
        value(at, name, one.getValue(), problems);
      } else { // which may be right: plug-ins have settings of their own
        problems.add(
            Problem.warning(
                at + name,
                "is no property of Kafka's producer",
                "the nearest one is " + NearestKey.of(name, known)));
      }
    }
  }

  private static void compression(String at, String value, List<Problem> problems) {
    if (COMPRESSIONS.contains(value)) return;
    boolean kafkas = List.of("snappy", "lz4", "zstd").contains(value);
    problems.add(
        Problem.error(
            at,
            (isWord(value) ? Shown.quoted(value) : "its value")
                + (kafkas ? " is not packed with Homespan" : " is unknown"),
            "write " + String.join(" or ", COMPRESSIONS)));
  }

  /** Else a secret may have slipped in. */
  private static boolean isWord(String value) {
    return WORD.matcher(value).matches();
  }

  private static void value(String at, String name, String value, List<Problem> problems) {
    ConfigDef.ConfigKey key = ProducerConfig.configDef().configKeys().get(name);
    if (key == null) return;
    try {
      Object parsed = ConfigDef.parseType(name, value, key.type);
      if (key.validator != null) key.validator.ensureValid(name, parsed);
    } catch (org.apache.kafka.common.config.ConfigException e) {
      boolean secret = key.type == ConfigDef.Type.PASSWORD || !isWord(value);
      String should = key.validator == null ? "" : ", " + key.validator;
      problems.add(
          Problem.error(
              at + name,
              (secret ? "its value" : Shown.quoted(value)) + " will not do",
              "write a value of Kafka's type "
                  + key.type.toString().toLowerCase(Locale.ROOT)
                  + should));
    }
  }

  static Reports of(Values node) {
    List<String> chosen = node.get(Schema.REPORTERS);
    return new Reports(
        chosen.contains(KAFKA)
            ? new KafkaReports(
                node.get(Schema.KAFKA_SERVERS),
                node.get(Schema.KAFKA_TOPIC),
                node.get(Schema.KAFKA_FORMAT).equals(AGENT)
                    ? KafkaReports.Format.AGENT
                    : KafkaReports.Format.V1,
                node.number(Schema.KAFKA_QUEUE),
                new Settings(new HashMap<>(node.get(Schema.KAFKA_PROPERTIES).values())))
            : null,
        chosen.contains(FILE)
            ? new FileReports(node.get(Schema.REPORT_PATH), node.get(Schema.REPORT_BYTES))
            : null,
        chosen.contains(OTLP)
            ? new OtlpReports(
                node.get(Schema.METRICS_ENDPOINT).endpoint(),
                node.get(Schema.METRICS_INTERVAL),
                node.get(Schema.METRICS_TIME_OUT),
                TlsRules.ofMetrics(node))
            : null);
  }
}
