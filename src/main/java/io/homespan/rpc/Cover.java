package io.homespan.rpc;

import io.netty.channel.ChannelPipeline;

/** What is put on a connection before its first byte: TLS. Any event loop may call. */
public interface Cover {
  /**
   * Puts it before all that is there.
   *
   * @param host the other side: where it comes from, or whom it must be if this side dialled
   */
  void put(ChannelPipeline pipeline, String host, int port);
}
