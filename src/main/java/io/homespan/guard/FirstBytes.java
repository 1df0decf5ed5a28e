package io.homespan.guard;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Looks at a connection's first byte, before TLS, and steps aside if it is TLS. To who speaks HTTP
 * in the clear it says so, in HTTP. Belongs to one connection.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the connection ends one way or the other
final class FirstBytes extends ChannelInboundHandlerAdapter {
  private static final int HANDSHAKE = 0x16;
  private static final int OLD_HELLO = 0x80; // SSL 2, for which TLS has an answer
  private static final String WHY = "this port speaks TLS: use https";
  private static final int HEAD = 9;
  private static final int SETTINGS = 4;
  private static final int GOAWAY = 7;

  private final Consumer<String> plain;
  private boolean came;
  private boolean refused;

  /**
   * @param plain hears that the other side speaks no TLS, and what it began with
   */
  FirstBytes(Consumer<String> plain) {
    this.plain = plain;
  }

  /** Whether what ended the handshake is no news: no TLS came, which was told, or a probe. */
  boolean isNoNews(Throwable cause) {
    boolean probe = !came && !(cause instanceof SslHandshakeTimeoutException); // it hung up
    return probe || refused;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (refused || !(message instanceof ByteBuf in) || !in.isReadable()) {
      ReferenceCountUtil.release(message);
      return;
    }
    came = true;
    int first = in.getUnsignedByte(in.readerIndex());
    if (first == HANDSHAKE || (first & OLD_HELLO) != 0) {
      ctx.pipeline().remove(this);
      ctx.fireChannelRead(in);
      return;
    }
    refused = true;
    boolean http2 = in.readableBytes() >= 3 && starts(in, "PRI");
    plain.accept(http2 ? "HTTP/2" : first >= 'A' && first <= 'Z' ? "HTTP/1" : "something else");
    in.release();
    ctx.writeAndFlush(http2 ? goAway() : badRequest()).addListener(ChannelFutureListener.CLOSE);
  }

  private static boolean starts(ByteBuf in, String text) {
    return in.toString(in.readerIndex(), text.length(), StandardCharsets.US_ASCII).equals(text);
  }

  private static ByteBuf badRequest() {
    String body = WHY + "\n";
    return Unpooled.copiedBuffer(
        "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: "
            + body.length()
            + "\r\nconnection: close\r\n\r\n"
            + body,
        StandardCharsets.US_ASCII);
  }

  /** SETTINGS, by which a server begins, and GOAWAY: no call was begun (RFC 9113, section 6.8). */
  private static ByteBuf goAway() {
    byte[] why = WHY.getBytes(StandardCharsets.US_ASCII);
    ByteBuf out = Unpooled.buffer(2 * HEAD + 8 + why.length);
    out.writeMedium(0).writeByte(SETTINGS).writeByte(0).writeInt(0);
    out.writeMedium(8 + why.length).writeByte(GOAWAY).writeByte(0).writeInt(0);
    out.writeInt(0).writeInt((int) Http2Error.INADEQUATE_SECURITY.code());
    return out.writeBytes(why);
  }
}
