package io.homespan.heartbeat;

import com.google.protobuf.CodedInputStream;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The ping of the Distributed-trace agent: it is told where it was reached, and says yes. Its
 * answer is read with care, as anybody may listen there.
 */
final class AgentPing {
  /** The method. */
  static final String METHOD = "/message.WorkerService/PingNode";

  private static final int HOST_ADDR = 0x0a; // field 1, with a length
  private static final int IS_SUCCESS = 0x08; // field 1, a varint

  /** Host names have at most 253 characters, so the length fits into two bytes of a varint. */
  private static final int ONE_BYTE = 0x80;

  private AgentPing() {}

  /** {@code PingMsg}, whose field 1 is the address of who is asked: "host:port". */
  static Payload question(String address) {
    byte[] text = address.getBytes(StandardCharsets.UTF_8);
    Buffer message = Buffer.buffer().appendByte((byte) HOST_ADDR);
    if (text.length < ONE_BYTE) {
      message.appendByte((byte) text.length);
    } else {
      message.appendByte((byte) (text.length % ONE_BYTE + ONE_BYTE));
      message.appendByte((byte) (text.length / ONE_BYTE));
    }
    return new Payload(message.appendBytes(text).getBytes());
  }

  /** Whether it is a {@code PingMsgResp} whose field 1 is true. */
  static boolean isSuccess(Buffer answer) {
    CodedInputStream in = CodedInputStream.newInstance(answer.getBytes());
    boolean success = false;
    try {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (tag == IS_SUCCESS) success = in.readBool();
        else in.skipField(tag);
      }
      return success;
    } catch (IOException e) {
      return false; // no such message
    }
  }
}
