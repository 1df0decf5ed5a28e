package io.homespan.rpc;

import java.util.Map;

/**
 * The header blocks (HPACK, RFC 7541) of the calls on one connection. The first call's headers go
 * as literals which the server keeps in its table; those of the calls after it are the same bytes
 * each time, one for each header. When headers change, the server's table is emptied and all go as
 * literals again: so there is nothing to be known of the table but that it is ours. Belongs to one
 * event loop.
 */
final class RequestHeads {
  private static final int TABLE = 4096; // bytes; servers that allow less get literals only
  private static final int FIRST_OF_TABLE = 62; // the index of the header that was added last
  private static final int ENTRY = 32; // bytes that a header takes in the table beyond its text

  private static final int AUTHORITY = 1; // names in the static table
  private static final int PATH = 4;
  private static final int CONTENT_TYPE = 31;
  private static final int METHOD_POST = 0x83; // whole headers in it
  private static final int SCHEME_HTTP = 0x86;
  private static final int SCHEME_HTTPS = 0x87;

  private static final byte[] EMPTY_TABLE = {0x20, 0x3f, (byte) 0xe1, 0x1f}; // size 0, then 4096
  private static final byte[] NO_TABLE = {0x20};

  private final String authority;
  private final int scheme;
  private boolean tableAllowed = true;
  private boolean untouched = true; // the server's table is as it was in the beginning
  private String fullMethod = "";
  private Map<String, String> metadata = Map.of();
  private long usualTimeout;
  private long lastTimeout;
  private boolean kept; // the server has all of these in its table
  private byte[] repeat = {}; // empty: the next call's headers go in full

  RequestHeads(String host, int port, boolean tls) {
    this.scheme = tls ? SCHEME_HTTPS : SCHEME_HTTP;
    boolean v6 = host.indexOf(':') >= 0;
    this.authority = (v6 ? "[" + host + "]" : host) + ":" + port;
  }

  /** The server allows a table of so many bytes. */
  void tableSize(long bytes) {
    boolean now = bytes >= TABLE;
    if (now == tableAllowed) return;
    tableAllowed = now;
    untouched = false;
    repeat = new byte[0];
  }

  /** What {@link #of} gave last was not sent. */
  void notSent() {
    untouched = false;
    repeat = new byte[0];
  }

  /** The block of a call, which must be sent, and before the next one's. */
  byte[] of(Call call) {
    long timeout = call.timeoutMillis;
    boolean same =
        repeat.length > 0
            && call.metadata == metadata
            && call.fullMethod.equals(fullMethod)
            && (timeout == usualTimeout || timeout != lastTimeout); // else it becomes usual
    lastTimeout = timeout;
    if (!same) return inFull(call);
    if (timeout == usualTimeout) return repeat;
    return kept ? repeatBut(timeout) : literals(timeout, false).toByteArray();
  }

  private byte[] inFull(Call call) {
    fullMethod = call.fullMethod;
    metadata = call.metadata;
    usualTimeout = call.timeoutMillis;
    HeaderBlock block = new HeaderBlock();
    boolean keep = tableAllowed && sizeInTable() <= TABLE;
    if (!keep) block.writeBytes(NO_TABLE);
    else if (!untouched) block.writeBytes(EMPTY_TABLE);
    byte[] literals = literals(usualTimeout, keep).toByteArray();
    block.writeBytes(literals);
    untouched = false;
    kept = keep;
    repeat = keep ? indexes(0).toByteArray() : literals;
    return block.toByteArray();
  }

  /** Path, authority, content type, te, time-out, and the metadata. */
  private int headers() {
    return 5 + metadata.size();
  }

  private int sizeInTable() {
    int size = headers() * ENTRY + ":path:authority".length() + fullMethod.length();
    size += authority.length() + "content-typeapplication/grpctetrailers".length();
    size += "grpc-timeout".length() + 20; // digits of a long, and the unit
    for (Map.Entry<String, String> one : metadata.entrySet()) {
      size += one.getKey().length() + one.getValue().length();
    }
    return size;
  }

  private HeaderBlock literals(long timeout, boolean keep) {
    HeaderBlock block = new HeaderBlock();
    block.write(METHOD_POST);
    block.write(scheme);
    block.literal(keep, PATH, fullMethod);
    block.literal(keep, AUTHORITY, authority);
    block.literal(keep, CONTENT_TYPE, "application/grpc");
    block.literal(keep, "te", "trailers");
    for (Map.Entry<String, String> one : metadata.entrySet()) {
      block.literal(keep, one.getKey(), one.getValue());
    }
    block.literal(keep, "grpc-timeout", timeout + "m"); // the last, so it has the first index
    return block;
  }

  private byte[] repeatBut(long timeout) {
    HeaderBlock block = indexes(1);
    block.literal(false, FIRST_OF_TABLE, timeout + "m");
    return block.toByteArray();
  }

  /**
   * All headers by their place in the server's table.
   *
   * @param without so many of those that were added last
   */
  private HeaderBlock indexes(int without) {
    HeaderBlock block = new HeaderBlock();
    block.write(METHOD_POST);
    block.write(scheme);
    for (int i = headers() - 1; i >= without; i--) block.number(0x80, 7, FIRST_OF_TABLE + i);
    return block;
  }
}
