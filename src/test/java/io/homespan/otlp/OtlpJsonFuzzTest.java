package io.homespan.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.InvalidProtocolBufferException;
import io.homespan.Thrift;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.BeforeAll;

/** JSON is a request or malformed, and a request is JSON that is the same request. */
class OtlpJsonFuzzTest {
  private final Cutter cutter = new Cutter();

  /** While a fuzzer changes the classes that are loaded on the way, the first may take long. */
  @BeforeAll
  static void load() throws MalformedException {
    OtlpJson.toProtobuf(OtlpJson.toJson(new TestSpans(1).bytes(2, 2)));
  }

  @FuzzTest
  void toProtobuf(byte[] json) throws Exception {
    Buffer request;
    try {
      request = Thrift.with(json.length, 512, () -> OtlpJson.toProtobuf(RawBytes.wrap(json)));
    } catch (MalformedException e) {
      assertThat(e.getMessage()).isNotBlank();
      assertThat(e.getMessage()).hasSizeLessThan(2 * json.length + 1000);
      return;
    }
    cutter.cut(request, (high, low) -> (int) (low & 7));
    ExportTraceServiceRequest read = ExportTraceServiceRequest.parseFrom(request.getBytes());
    Buffer again = OtlpJson.toProtobuf(OtlpJson.toJson(request));
    assertThat(ExportTraceServiceRequest.parseFrom(again.getBytes())).isEqualTo(read);
  }

  @FuzzTest
  void toJson(byte[] request) throws Exception {
    Buffer json;
    try {
      json = Thrift.with(request.length, 512, () -> OtlpJson.toJson(RawBytes.wrap(request)));
    } catch (MalformedException e) {
      assertThatThrownBy(() -> ExportTraceServiceRequest.parseFrom(request))
          .isInstanceOf(InvalidProtocolBufferException.class);
      return;
    }
    assertThat(json.toString()).doesNotContain("\n", "\r");
    assertThat(ExportTraceServiceRequest.parseFrom(OtlpJson.toProtobuf(json).getBytes()))
        .isEqualTo(
            DiscardUnknownFieldsParser.wrap(ExportTraceServiceRequest.parser())
                .parseFrom(ExportTraceServiceRequest.parseFrom(request).toByteArray()));
  }
}
