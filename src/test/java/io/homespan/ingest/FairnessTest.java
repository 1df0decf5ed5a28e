package io.homespan.ingest;

import static io.homespan.ingest.RawSender.EXPORT;
import static io.homespan.ingest.RawSender.frame;
import static io.homespan.ingest.TestNode.await;
import static io.homespan.ingest.TestNode.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.homespan.ingest.RawSender.Call;
import io.homespan.ingest.RawSender.Reply;
import io.homespan.otlp.TestSpans;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who floods a node, while its sink is slow, and who does not. */
class FairnessTest {
  private static final int MAX_REQUESTS = 50;

  @RegisterExtension
  final TestNode node = new TestNode(1 << 20, TestNode.LONG, MAX_REQUESTS, 16 << 20);

  private final TestSpans spans = new TestSpans(3);

  @Test
  void aFlood_isRefusedBeforeItFillsTheNode_andOthersStillComeIn() throws Exception {
    List<Call> flood = new ArrayList<>();
    for (int i = 0; i < MAX_REQUESTS; i++) {
      Call call = node.raw.open(node.port(), EXPORT);
      call.write(frame(0, Buffer.buffer(new byte[100])).getBuffer(0, 50)); // and no more
      flood.add(call);
    }
    Reply last = await(flood.get(MAX_REQUESTS - 1).reply());
    assertThat(last.error()).isEqualTo(Code.UNAVAILABLE);
    assertThat(last.hint()).isNotNull();
    assertThat(node.gates.senders().requests()).isEqualTo(MAX_REQUESTS * 4 / 5);
    RawSender other = new RawSender(node.vertx); // with a connection of its own
    for (int i = 0; i < 20; i++) other.export(node.port(), spans.bytes(1, 1)).ok();
    flood.forEach(Call::reset);
    eventually(() -> node.gates.senders().requests() == 0);
  }
}
