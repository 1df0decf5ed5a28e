package io.homespan.rpc;

import io.netty.handler.codec.http2.Http2Exception;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** An HTTP/2 client, frame by frame as the test wants it. */
final class ScriptedClient extends ScriptedEnd {
  static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  /** Connects and says nothing. */
  ScriptedClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(60_000);
  }

  /** The preface, and these settings, pairs of id and value. */
  ScriptedClient begin(int... settings) throws IOException {
    socket.getOutputStream().write(PREFACE.getBytes(StandardCharsets.US_ASCII));
    settings(settings);
    return this;
  }

  /** The headers of a call, with more of them, pairs of name and value. */
  byte[] call(String path, String... more) throws Http2Exception {
    String[] fields = new String[10 + more.length];
    String[] usual = {
      ":method",
      "POST",
      ":scheme",
      "http",
      ":path",
      path,
      ":authority",
      "a",
      "content-type",
      "application/grpc"
    };
    System.arraycopy(usual, 0, fields, 0, usual.length);
    System.arraycopy(more, 0, fields, usual.length, more.length);
    return block(fields);
  }

  /** Opens a stream for a call. */
  void open(int stream, String path, String... more) throws IOException, Http2Exception {
    send(Frames.HEADERS, Frames.END_HEADERS, stream, call(path, more));
  }

  /** A message and the end of a stream. */
  void end(int stream, int size) throws IOException {
    send(Frames.DATA, Frames.END_STREAM, stream, message(size));
  }

  /** The headers of the next block, which ends its stream or not. */
  String next(String header) throws IOException, Http2Exception {
    Frame frame = next(Frames.HEADERS);
    return String.valueOf(headers(frame).get(header));
  }
}
