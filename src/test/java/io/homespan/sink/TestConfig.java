package io.homespan.sink;

import io.homespan.config.Config;
import io.homespan.config.ConfigLoader;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A configuration of which only the sinks matter. */
final class TestConfig {
  private TestConfig() {}

  static Config of(List<Config.Sink> sinks) {
    Duration second = Duration.ofSeconds(1);
    Config.Admission admission = new Config.Admission(1000, 1 << 20, 1000);
    return new Config(
        "homespan",
        "",
        Config.Role.NODE,
        Config.Routing.TRACE_ID,
        second,
        second,
        new Config.Ingest("127.0.0.1", 0, second, Duration.ZERO, 1 << 20, admission),
        new Config.PeerForwarder(
            List.of("static"),
            List.of(),
            List.of(),
            null,
            second,
            second,
            48,
            second,
            1,
            1 << 20,
            new Config.Server("127.0.0.1", 0, admission),
            21891,
            1),
        ConfigLoader.defaults(Map.of(), Long.MAX_VALUE).config().discovery(),
        sinks,
        Config.Journal.UNUSED,
        new Config.Repeats(Duration.ofMinutes(1), 1000),
        Config.Heartbeat.OFF,
        new Config.Admin("127.0.0.1", 0));
  }
}
