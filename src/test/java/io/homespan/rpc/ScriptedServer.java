package io.homespan.rpc;

import io.netty.handler.codec.http2.Http2Exception;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;

/** One connection of an HTTP/2 server, frame by frame as the test wants it. */
final class ScriptedServer extends ScriptedEnd {
  static final byte[] EMPTY_MESSAGE = new byte[5];

  private final ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());

  ScriptedServer() throws IOException {}

  int port() {
    return listening.getLocalPort();
  }

  /** Takes the connection and sends these settings, pairs of id and value. */
  void accept(int... settings) throws IOException {
    socket = listening.accept();
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(60_000);
    settings(settings);
    new DataInputStream(socket.getInputStream()).readFully(new byte[24]); // the preface
  }

  /** Takes the connection and says something that is no HTTP/2. */
  void acceptAndSay(String text) throws IOException {
    socket = listening.accept();
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Headers, a message without a byte, and trailers that say OK. */
  void ok(int stream) throws IOException, Http2Exception {
    send(Frames.HEADERS, Frames.END_HEADERS, stream, block(":status", "200"));
    send(Frames.DATA, 0, stream, EMPTY_MESSAGE);
    int end = Frames.END_HEADERS | Frames.END_STREAM;
    send(Frames.HEADERS, end, stream, block("grpc-status", "0"));
  }

  @Override
  public void close() throws IOException {
    super.close();
    listening.close();
  }
}
