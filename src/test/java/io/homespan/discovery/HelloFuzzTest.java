package io.homespan.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.homespan.Thrift;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;

/** What says that it is a node is one, or {@link IllegalArgumentException}. */
class HelloFuzzTest {
  @FuzzTest
  void from(byte[] bytes) throws Exception {
    Hello hello;
    try {
      hello = Thrift.with(bytes.length, 512, () -> read(Buffer.buffer(bytes)));
    } catch (DecodeException | IllegalArgumentException e) {
      return;
    }
    assertThat(Hello.from(new JsonObject(hello.toJson().toBuffer()))).isEqualTo(hello);
  }

  private static Hello read(Buffer bytes) {
    JsonObject json = new JsonObject(bytes);
    assertThat(Hello.clusterOf(json)).isNotBlank();
    return Hello.from(json);
  }
}
