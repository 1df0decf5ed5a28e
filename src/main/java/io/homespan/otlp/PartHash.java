package io.homespan.otlp;

/**
 * Computes a {@link PartId} while a part's spans go by: MurmurHash3 x64 128 (Austin Appleby, public
 * domain) with seed 0 over blocks of two 64-bit numbers, finalised with the number of blocks. Plain
 * arithmetic on numbers read big-endian, so every node on every machine gets the same id.
 *
 * <p>Not for secrets: who can choose trace ids can make two parts of his own look alike.
 *
 * @see <a
 *     href="https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp">MurmurHash3</a>
 */
final class PartHash {
  private static final long C1 = 0x87c37b91114253d5L;
  private static final long C2 = 0x4cf5ad432745937fL;

  private long h1;
  private long h2;
  private long blocks;

  void reset() {
    h1 = 0;
    h2 = 0;
    blocks = 0;
  }

  /**
   * Mixes a span in. Its length counts because some SDKs send a span again when it has grown, and
   * that is no repeat.
   *
   * @param span the span id, not 0
   * @param length of the serialized span in bytes
   */
  void span(long traceHigh, long traceLow, long span, int length) {
    block(traceHigh, traceLow);
    block(span, length);
  }

  /**
   * Mixes a span without a usable id in, by all its bytes: else two requests with different such
   * spans would look alike, and the second would be lost. The 0 in the place of the span id keeps
   * the two forms apart.
   */
  void anonymousSpan(long traceHigh, long traceLow, WireReader in, int from, int to) {
    block(traceHigh, traceLow);
    block(0, to - from);
    int at = from;
    for (; to - at >= 16; at += 16) block(in.longAt(at), in.longAt(at + 8));
    long high = 0;
    long low = 0;
    for (; at < to; at++) { // the length above tells how many of these bytes count
      high = high << 8 | low >>> 56;
      low = low << 8 | (in.bytes()[at] & 0xFF);
    }
    block(high, low);
  }

  PartId id() {
    long a = h1 ^ blocks;
    long b = h2 ^ blocks;
    a += b;
    b += a;
    a = finish(a);
    b = finish(b);
    a += b;
    b += a;
    return new PartId(a, b);
  }

  private void block(long k1, long k2) {
    h1 ^= Long.rotateLeft(k1 * C1, 31) * C2;
    h1 = (Long.rotateLeft(h1, 27) + h2) * 5 + 0x52dce729;
    h2 ^= Long.rotateLeft(k2 * C2, 33) * C1;
    h2 = (Long.rotateLeft(h2, 31) + h1) * 5 + 0x38495ab5;
    blocks++;
  }

  private static long finish(long k) {
    long x = k;
    x = (x ^ x >>> 33) * 0xff51afd7ed558ccdL;
    x = (x ^ x >>> 33) * 0xc4ceb9fe1a85ec53L;
    return x ^ x >>> 33;
  }
}
