package io.homespan.sink;

import io.homespan.config.Config;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class OtlpSinkContractTest extends SinkContract {
  private ScriptedBackend backend;

  @BeforeEach
  void listen() throws Exception {
    backend = new ScriptedBackend(0);
  }

  @AfterEach
  void closeBackend() throws Exception {
    backend.close();
  }

  @Override
  Sink sink() {
    Config.OtlpSink config =
        new Config.OtlpSink(
            new Config.Endpoint("127.0.0.1", backend.port()),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            16,
            2);
    return new OtlpSink(vertx, config, new CountedMetrics(), System::nanoTime, new Random(1));
  }

  @Override
  List<String> arrived() {
    return TestParts.names(backend.taken).toList();
  }
}
