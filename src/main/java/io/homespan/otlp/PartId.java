package io.homespan.otlp;

import java.util.HexFormat;

/**
 * The 128-bit name of a {@link Part}, the same wherever and whenever the same spans are cut in the
 * same order, so that a repeat is recognised.
 */
public record PartId(long high, long low) {
  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
  }
}
