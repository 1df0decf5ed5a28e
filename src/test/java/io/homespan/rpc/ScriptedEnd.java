package io.homespan.rpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.Arrays;

/** One end of an HTTP/2 connection, frame by frame as the test wants it. */
abstract class ScriptedEnd implements AutoCloseable {
  /** What the other end sent. */
  static final class Frame {
    private final int type;
    private final int flags;
    private final int stream;
    private final byte[] payload;

    private Frame(int type, int flags, int stream, byte[] payload) {
      this.type = type;
      this.flags = flags;
      this.stream = stream;
      this.payload = payload;
    }

    int type() {
      return type;
    }

    int flags() {
      return flags;
    }

    int stream() {
      return stream;
    }

    byte[] payload() {
      return payload;
    }

    boolean last() {
      return (flags & Frames.END_STREAM) != 0;
    }

    int number(int at) {
      return Unpooled.wrappedBuffer(payload).getInt(at);
    }
  }

  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder();
  private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
  Socket socket = new Socket();

  void settings(int... settings) throws IOException {
    ByteBuf payload = Unpooled.buffer();
    for (int i = 0; i < settings.length; i += 2) {
      payload.writeShort(settings[i]).writeInt(settings[i + 1]);
    }
    send(Frames.SETTINGS, 0, 0, ByteBufUtil.getBytes(payload));
  }

  /** The next frame of a type; what comes before it is passed over. */
  Frame next(int type) throws IOException {
    while (true) {
      Frame frame = next();
      if (frame.type == type) return frame;
    }
  }

  Frame next() throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    int size = in.readUnsignedByte() << 16 | in.readUnsignedShort();
    Frame frame = new Frame(in.read(), in.read(), in.readInt(), new byte[size]);
    in.readFully(frame.payload);
    return frame;
  }

  Http2Headers headers(Frame frame) throws Http2Exception {
    ByteBuf block = Unpooled.wrappedBuffer(frame.payload);
    if ((frame.flags & Frames.PRIORITY) != 0) block.skipBytes(5);
    return decoder.decodeHeaders(frame.stream, block);
  }

  void send(int type, int flags, int stream, byte... payload) throws IOException {
    socket.getOutputStream().write(bytes(type, flags, stream, payload));
  }

  static byte[] bytes(int type, int flags, int stream, byte... payload) {
    ByteBuf out = Unpooled.buffer();
    Frames.head(out, payload.length, type, flags, stream);
    return ByteBufUtil.getBytes(out.writeBytes(payload));
  }

  /** As a header block, pairs of name and value. */
  byte[] block(String... fields) throws Http2Exception {
    Http2Headers headers = new DefaultHttp2Headers();
    for (int i = 0; i < fields.length; i += 2) headers.add(fields[i], fields[i + 1]);
    ByteBuf out = Unpooled.buffer();
    encoder.encodeHeaders(1, headers, out);
    return ByteBufUtil.getBytes(out);
  }

  /** Byte for byte, so that each is read by itself. */
  void dribble(byte[] bytes) throws IOException {
    for (byte one : bytes) {
      socket.getOutputStream().write(one);
      socket.getOutputStream().flush();
    }
  }

  static byte[] number(int value) {
    return ByteBufUtil.getBytes(Unpooled.buffer().writeInt(value));
  }

  static byte[] message(int size) {
    byte[] message = new byte[5 + size];
    Unpooled.wrappedBuffer(message).setInt(1, size);
    Arrays.fill(message, 5, message.length, (byte) 'm');
    return message;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
