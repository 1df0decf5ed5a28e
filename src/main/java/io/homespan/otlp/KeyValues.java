package io.homespan.otlp;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The values of the attributes that a {@link RoutingKey} names, as far as the resource, the scope
 * and the span that are being read have them, and the hash of them. What is text stays where it is
 * in the request. Not thread safe.
 */
final class KeyValues {
  private static final int KEY = 1 << 3 | WireReader.LENGTH_DELIMITED;
  private static final int VALUE = 2 << 3 | WireReader.LENGTH_DELIMITED;

  /** The kinds of value, by their tags in {@code AnyValue}. */
  private static final int STRING = 1 << 3 | WireReader.LENGTH_DELIMITED;

  private static final int BOOL = 2 << 3 | WireReader.VARINT;
  private static final int INT = 3 << 3 | WireReader.VARINT;
  private static final int DOUBLE = 4 << 3 | WireReader.FIXED64;
  private static final int ARRAY = 5 << 3 | WireReader.LENGTH_DELIMITED;
  private static final int MAP = 6 << 3 | WireReader.LENGTH_DELIMITED;
  private static final int BYTES = 7 << 3 | WireReader.LENGTH_DELIMITED;

  private static final byte[] TRUE = ascii("true");
  private static final byte[] FALSE = ascii("false");
  private static final byte[] NOTHING = {};
  private static final List<byte[]> KINDS =
      List.of(
          ascii("Unspecified"),
          ascii("Internal"),
          ascii("Server"),
          ascii("Client"),
          ascii("Producer"),
          ascii("Consumer"));

  /** Where a value stands, the innermost last. */
  private static final int RESOURCE = 0;

  private static final int SCOPE = 1;
  private static final int SPAN = 2;

  private final WireReader in;
  private final List<byte[]> names = new ArrayList<>(); // with the "=" behind each
  private final int nameAt; // the place of span.name among them, or -1
  private final int kindAt;
  private final byte[][] bytes; // where each value is
  private final int[] from;
  private final int[] to;
  private final int[] level; // that each was found on; -1: not yet
  private int on = RESOURCE;
  private int missing;
  private boolean hashed; // of what is found above the span
  private long hash;

  KeyValues(List<String> attributes, WireReader in) {
    this.in = in;
    for (String name : attributes) names.add((name + "=").getBytes(StandardCharsets.UTF_8));
    this.nameAt = attributes.indexOf("span.name");
    this.kindAt = attributes.indexOf("span.kind");
    int size = names.size();
    this.bytes = new byte[size][];
    Arrays.fill(bytes, NOTHING);
    this.from = new int[size];
    this.to = new int[size];
    this.level = new int[size];
    Arrays.fill(level, -1);
    this.missing = size;
  }

  void beginResource() {
    forget(RESOURCE);
  }

  void beginScope() {
    forget(SCOPE);
  }

  /** Returns whether anything in the span can matter. */
  boolean beginSpan() {
    forget(SPAN);
    boolean wanted = !complete();
    if (kindAt >= 0 && level[kindAt] < 0) put(kindAt, KINDS.get(0));
    if (nameAt >= 0 && level[nameAt] < 0) put(nameAt, NOTHING);
    return wanted;
  }

  /** Lets go of the request. */
  void clear() {
    forget(RESOURCE);
    Arrays.fill(bytes, NOTHING);
  }

  /** Whether each has a value; then nothing further in can change one. */
  boolean complete() {
    return missing == 0;
  }

  private void forget(int from) {
    on = from;
    for (int i = 0; i < level.length; i++) {
      if (level[i] < from) continue;
      level[i] = -1;
      missing++;
      hashed = false;
    }
  }

  /** The cursor is in a {@code KeyValue}, and at its end after this. */
  void attribute(int end) throws MalformedException {
    int begin = in.pos();
    int keyAt = begin;
    int keyEnd = begin;
    while (in.pos() < end) {
      int tag = in.tag(end);
      if (tag == KEY) {
        int length = in.length(end);
        keyAt = in.pos();
        keyEnd = keyAt + length;
        in.jump(keyEnd);
      } else {
        in.skip(tag, end);
      }
    }
    int place = find(keyAt, keyEnd);
    if (place < 0 || level[place] >= 0) return;
    put(place, NOTHING);
    in.jump(begin);
    while (in.pos() < end) { // the parts of a message that comes in several are one
      int tag = in.tag(end);
      if (tag == VALUE) {
        int length = in.length(end);
        value(place, in.pos() + length);
      } else {
        in.skip(tag, end);
      }
    }
  }

  private int find(int keyAt, int keyEnd) {
    for (int i = 0; i < names.size(); i++) {
      byte[] name = names.get(i);
      int length = name.length - 1;
      if (Arrays.equals(name, 0, length, in.bytes(), keyAt, keyEnd)) return i;
    }
    return -1;
  }

  /** Of the choice that {@code AnyValue} is, the last one counts. */
  private void value(int place, int end) throws MalformedException {
    while (in.pos() < end) {
      int begin = in.pos();
      int tag = in.tag(end);
      switch (tag) {
        case STRING -> {
          int length = in.length(end);
          put(place, in.bytes(), in.pos(), in.pos() + length);
          in.jump(in.pos() + length);
        }
        case BOOL -> put(place, in.number(end) != 0 ? TRUE : FALSE);
        case INT -> put(place, ascii(Long.toString(in.number(end))));
        case DOUBLE, ARRAY, MAP, BYTES -> {
          in.skip(tag, end);
          put(place, in.bytes(), begin, in.pos()); // as it is serialized
        }
        default -> in.skip(tag, end);
      }
    }
  }

  /** The cursor is at the span's name, and behind it after this. */
  void name(int end) {
    if (nameAt >= 0 && level[nameAt] == SPAN) put(nameAt, in.bytes(), in.pos(), end);
    in.jump(end);
  }

  void kind(int number) {
    if (kindAt < 0 || level[kindAt] != SPAN) return;
    boolean known = number >= 0 && number < KINDS.size();
    put(kindAt, known ? KINDS.get(number) : NOTHING);
  }

  /** Of all values; those that are missing are empty. */
  long hash() {
    if (hashed) return hash;
    long h = RoutingKey.begin();
    boolean above = true;
    for (int i = 0; i < level.length; i++) {
      byte[] name = names.get(i);
      h = RoutingKey.add(h, name, 0, name.length);
      if (level[i] >= 0) h = RoutingKey.add(h, bytes[i], from[i], to[i]);
      h = RoutingKey.add(h, '|');
      above &= level[i] >= 0 && level[i] < SPAN;
    }
    hash = h;
    hashed = above;
    return h;
  }

  private void put(int place, byte[] value) {
    put(place, value, 0, value.length);
  }

  private void put(int place, byte[] in, int begin, int end) {
    if (level[place] < 0) missing--;
    level[place] = on;
    bytes[place] = in;
    from[place] = begin;
    to[place] = end;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
