package io.homespan.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.rpc.RetryInfo;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The small codecs, each against somebody else's. */
class CodecsTest {
  @Test
  void aHint_isReadByOthers() throws IOException {
    Duration delay = Duration.ofMillis(1250);
    com.google.rpc.Status status =
        com.google.rpc.Status.parseFrom(RetryHint.status(14, "zu früh", delay));
    assertThat(status.getCode()).isEqualTo(14);
    assertThat(status.getMessage()).isEqualTo("zu früh");
    RetryInfo info = status.getDetails(0).unpack(RetryInfo.class);
    assertThat(info.getRetryDelay().getSeconds()).isEqualTo(1);
    assertThat(info.getRetryDelay().getNanos()).isEqualTo(250_000_000);
    assertThat(RetryInfo.parseFrom(RetryHint.info(delay))).isEqualTo(info);
    assertThat(com.google.rpc.Status.parseFrom(RetryHint.status(3, "no", null)).getDetailsList())
        .isEmpty();
  }

  @Test
  void aHintOfOthers_isRead() {
    com.google.rpc.Status status =
        com.google.rpc.Status.newBuilder()
            .addDetails(com.google.protobuf.Any.pack(com.google.rpc.DebugInfo.newBuilder().build()))
            .addDetails(
                com.google.protobuf.Any.pack(
                    RetryInfo.newBuilder()
                        .setRetryDelay(com.google.protobuf.Duration.newBuilder().setSeconds(2))
                        .build()))
            .build();
    byte[] bytes = status.toByteArray();
    assertThat(RetryHint.inDetails(RetryHint.base64(bytes))).isEqualTo(Duration.ofSeconds(2));
    assertThat(RetryHint.inDetails(Base64.getEncoder().encodeToString(bytes)))
        .as("padded")
        .isEqualTo(Duration.ofSeconds(2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "%", "AAAA", "//////////", "CAM"})
  void aHintThatCannotBeRead_isNone(String base64) {
    assertThat(RetryHint.inDetails(base64)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "2H, PT2H",
    "3M, PT3M",
    "10S, PT10S",
    "250m, PT0.25S",
    "5u, PT0.000005S",
    "7n, PT0.000000007S",
    "0S, PT0S",
    "99999999S, PT99999999S",
    "99999999u, PT99.999999S",
    ",",
    "S,",
    "10,",
    "10s,",
    "-1S,",
    "1.5S,",
    "999999999S,",
    "' 1S',"
  })
  void theCallersDeadline(@Nullable String header, @Nullable Duration expected) {
    assertThat(UnaryServer.timeout(header)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "application/grpc, true", "application/grpc+proto, true", "application/grpc; x=y, true",
    "application/grpc-web, false", "application/grpc-web+proto, false", "application/json, false",
    ", false"
  })
  void whatIsACall(@Nullable String contentType, boolean expected) {
    assertThat(UnaryServer.isCall(contentType)).isEqualTo(expected);
  }

  @Test
  void messagesArePercentEncoded() {
    assertThat(UnaryServer.encoded("100% für\nalle"))
        .isEqualToIgnoringCase("100%25 f%C3%BCr%0Aalle");
  }

  @Test
  void gzip_isBoundedByWhatComesOut() throws IOException {
    Buffer zeros = Buffer.buffer(new byte[1 << 20]);
    Buffer packed = Gzip.pack(zeros);
    assertThat(packed.length()).isLessThan(5000);
    assertThat(Gzip.unpack(packed, 1 << 20)).isEqualTo(zeros);
    assertThatThrownBy(() -> Gzip.unpack(packed, (1 << 20) - 1))
        .isInstanceOf(Gzip.TooLargeException.class);
    assertThat(Gzip.unpack(Gzip.pack(Buffer.buffer()), 0).length()).isZero();
  }

  @Test
  void whatIsNoGzip_isAnError() {
    byte[] packed = Gzip.pack(Buffer.buffer("some text, and some more of it")).getBytes();
    for (byte[] bad : new byte[][] {{}, {1, 2, 3}, Arrays.copyOf(packed, packed.length - 9)}) {
      assertThatThrownBy(() -> Gzip.unpack(Buffer.buffer(bad), 100))
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(Gzip.TooLargeException.class);
    }
  }
}
