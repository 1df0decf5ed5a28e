package io.homespan.sink;

import static io.homespan.sink.TestParts.part;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LogSinkTest extends SinkContract {
  @Override
  Sink sink() {
    return new LogSink(vertx);
  }

  @Override
  @Nullable List<String> arrived() {
    return null;
  }

  @Test
  void aPartIsConfirmedAtOnce() throws Exception {
    Sink sink = on(this::sink);
    for (int i = 0; i < 3; i++) {
      int number = i;
      assertThat(on(() -> sink.keep(part(number, 2), 0)).result()).isEqualTo(Outcome.CONFIRMED);
    }
    await(on(sink::close));
  }
}
