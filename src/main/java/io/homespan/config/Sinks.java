package io.homespan.config;

import io.homespan.config.Config.FileSink;
import io.homespan.config.Config.LogSink;
import io.homespan.config.Config.OtlpSink;
import io.homespan.config.Config.Sink;
import io.vertx.core.json.JsonArray;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One sink or a list of them. */
final class Sinks {
  private Sinks() {}

  static List<Values> read(@Nullable Object value, SectionReader reader, List<Problem> problems) {
    List<Values> sinks = new ArrayList<>();
    if (value instanceof JsonArray list) {
      if (list.isEmpty()) {
        problems.add(Problem.error(Schema.SINK, "is an empty list", "write type: log at least"));
      }
      for (int i = 0; i < list.size(); i++) {
        sinks.add(one(list.getValue(i), Schema.SINK + "[" + i + "]", reader, problems));
      }
    } else {
      sinks.add(one(value, Schema.SINK, reader, problems));
    }
    return sinks;
  }

  private static Values one(
      @Nullable Object value, String at, SectionReader reader, List<Problem> problems) {
    Values sink = new Values(Schema.SINK, at);
    Object meant = value;
    if (value instanceof String type) {
      problems.add(
          Problem.error(
              at,
              Shown.typed(value) + ", not a mapping",
              "write { type: " + Shown.bare(type) + " }"));
      meant = null;
    }
    reader.read(Schema.TOP.section(Schema.SINK), meant, at, sink);
    return sink;
  }

  /** Settings of types that were not chosen, and sinks that get in one another's way. */
  static void check(List<Values> sinks, List<Problem> problems) {
    Map<Object, String> targets = new HashMap<>();
    for (Values sink : sinks) {
      if (!sink.sound(Schema.SINK_TYPE)) {
        continue;
      }
      String type = sink.get(Schema.SINK_TYPE);
      for (Key<?> key : Schema.KEYS) {
        boolean others = Schema.isSinks(key) && !key.path().startsWith("sink." + type);
        if (others && !key.equals(Schema.SINK_TYPE) && sink.changed(key)) {
          String needed = key.path().contains(".file.") ? "file" : "otlp";
          problems.add(
              Problem.warning(
                  sink.place(key),
                  "has no effect: the sink's type is " + type,
                  "write type: " + needed + " to use it"));
        }
      }
      if (type.equals("file") && sink.sound(Schema.FILE_PATH)) {
        Path path = Path.of(sink.get(Schema.FILE_PATH)).normalize();
        String before = targets.putIfAbsent(path, sink.place(Schema.FILE_PATH));
        if (before != null) {
          problems.add(
              Problem.error(
                  sink.place(Schema.FILE_PATH),
                  Shown.quoted(path.toString()) + " is the file of " + before + " as well",
                  "give each sink a file of its own"));
        }
      } else if (type.equals("otlp") && sink.sound(Schema.OTLP_ENDPOINT)) {
        TlsRules.checkSink(sink, problems);
        Object endpoint = sink.get(Schema.OTLP_ENDPOINT).endpoint();
        String before = targets.putIfAbsent(endpoint, sink.place(Schema.OTLP_ENDPOINT));
        if (before != null) {
          problems.add(
              Problem.warning(
                  sink.place(Schema.OTLP_ENDPOINT),
                  endpoint + " is the endpoint of " + before + " as well",
                  "it gets every span twice"));
        }
      }
    }
  }

  static Sink sink(Values sink) {
    return switch (sink.get(Schema.SINK_TYPE)) {
      case "file" ->
          new FileSink(
              sink.get(Schema.FILE_PATH),
              sink.get(Schema.ROTATE_BYTES),
              sink.number(Schema.MAX_ROTATED));
      case "otlp" ->
          new OtlpSink(
              sink.get(Schema.OTLP_ENDPOINT).endpoint(),
              sink.get(Schema.OTLP_TIME_OUT),
              sink.get(Schema.OTLP_CONNECT),
              sink.number(Schema.OTLP_BATCH),
              sink.number(Schema.OTLP_CALLS),
              TlsRules.ofSink(sink),
              TlsRules.headers(sink));
      default -> new LogSink();
    };
  }
}
