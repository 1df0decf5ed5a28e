package io.homespan.report;

import io.homespan.config.Config.Endpoint;
import io.homespan.rpc.Message;
import io.homespan.rpc.Reply;
import io.homespan.rpc.UnaryClient;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.GrpcResponse;
import io.opentelemetry.sdk.common.export.GrpcSender;
import io.opentelemetry.sdk.common.export.GrpcStatusCode;
import io.opentelemetry.sdk.common.export.MessageWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/** Exports of the OpenTelemetry SDK, by this node's own gRPC client. Any thread may send. */
final class MetricsLine implements GrpcSender {
  private final UnaryClient client;
  private final Endpoint to;
  private final Duration timeOut;
  private final String method;
  private final Runnable taken;
  private final Consumer<Throwable> failed;

  private static final class Bytes implements Message {
    private final byte[] all;

    Bytes(byte[] all) {
      this.all = all;
    }

    @Override
    public int size() {
      return all.length;
    }

    @Override
    public void writeTo(ByteBuffer out) {
      out.put(all);
    }
  }

  private record Answer(GrpcStatusCode getStatusCode, Reply.Answered reply)
      implements GrpcResponse {
    @Override
    public String getStatusDescription() {
      return reply.message();
    }

    @Override
    public byte[] getResponseMessage() {
      return reply.body().getBytes();
    }
  }

  /**
   * Opens nothing yet.
   *
   * @param client stays open when this ends
   * @param taken called after each export that was answered OK
   */
  MetricsLine(
      UnaryClient client,
      Endpoint to,
      Duration timeOut,
      String fullMethod,
      Runnable taken,
      Consumer<Throwable> failed) {
    this.client = client;
    this.to = to;
    this.timeOut = timeOut;
    this.method = fullMethod.startsWith("/") ? fullMethod : "/" + fullMethod;
    this.taken = taken;
    this.failed = failed;
  }

  @Override
  public void send(
      MessageWriter message, Consumer<GrpcResponse> onAnswer, Consumer<Throwable> onError) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(Math.max(32, message.getContentLength()));
    try {
      message.writeMessage(out);
    } catch (IOException e) {
      onError.accept(e);
      return;
    }
    client
        .call(to.host(), to.port(), method, Map.of(), new Bytes(out.toByteArray()), timeOut)
        .onComplete(
            reply -> {
              if (reply instanceof Reply.Answered answer) answered(answer, onAnswer);
              else lost(reply, onError);
            },
            onError::accept);
  }

  private void answered(Reply.Answered answer, Consumer<GrpcResponse> onAnswer) {
    GrpcStatusCode code = GrpcStatusCode.fromValue(answer.status());
    if (code == GrpcStatusCode.OK) taken.run();
    else failed.accept(new IOException(answer.outcome() + " " + answer.message()));
    onAnswer.accept(new Answer(code, answer));
  }

  private void lost(Reply reply, Consumer<Throwable> onError) {
    String why = reply.toString();
    if (reply instanceof Reply.NotSent notSent) why = notSent.cause();
    if (reply instanceof Reply.Lost lost) why = lost.cause();
    IOException cause = new IOException(why);
    failed.accept(cause);
    onError.accept(cause);
  }

  @Override
  public CompletableResultCode shutdown() {
    return CompletableResultCode.ofSuccess();
  }
}
