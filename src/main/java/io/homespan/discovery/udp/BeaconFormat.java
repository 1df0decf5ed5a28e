package io.homespan.discovery.udp;

import io.homespan.discovery.Address;
import io.homespan.discovery.Announced;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Beacons as bytes, numbers big-endian:
 *
 * <pre>
 * "HSPB"  version u8  flags u8 (1: leaving)  time i64 (ms since 1970)  sequence i64
 * instance u8+UTF-8  cluster u16+UTF-8  host u8+UTF-8  port u16  HMAC-SHA-256 over all before it
 * </pre>
 *
 * Not thread safe: belongs to one thread.
 */
final class BeaconFormat {
  /** The longest that can be; one byte more shows a datagram that was longer. */
  static final int MAX_BYTES = 1024;

  private static final String ALGORITHM = "HmacSHA256";
  private static final int SEAL = 32;
  private static final int MAGIC = 0x48535042;
  private static final byte VERSION = 1;
  private static final byte LEAVING = 1;
  private static final int MAX_INSTANCE = 64;
  private static final int MAX_CLUSTER = 400; // 100 characters in UTF-8
  private static final int MAX_HOST = 253;
  private static final Pattern PRINTABLE = Pattern.compile("[^\\p{Z}\\p{C}]+");

  private final byte[] cluster;
  private final Mac mac;
  private final byte[] seal = new byte[SEAL];

  /** {@code secret} is the same on all nodes of the cluster. */
  BeaconFormat(String cluster, String secret) {
    this.cluster = cluster.getBytes(StandardCharsets.UTF_8);
    try {
      this.mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  /**
   * What was made of a datagram.
   *
   * @param heard {@code OK} or {@code GOOD_BYE} as far as can be told without memory
   * @param beacon with these two only
   * @param claimed with {@code OTHER_CLUSTER} the name, with {@code OTHER_VERSION} the number
   */
  record Read(Heard heard, @Nullable Beacon beacon, @Nullable String claimed) {
    private static final Read GARBAGE = new Read(Heard.GARBAGE, null, null);
    private static final Read OVERSIZED = new Read(Heard.OVERSIZED, null, null);
    private static final Read FORGED = new Read(Heard.FORGED, null, null);
  }

  byte[] write(Beacon beacon) {
    byte[] all = new byte[MAX_BYTES];
    ByteBuffer to = ByteBuffer.wrap(all);
    to.putInt(MAGIC).put(VERSION).put(beacon.leaving() ? LEAVING : 0);
    to.putLong(beacon.sentAt()).putLong(beacon.sequence());
    byte[] instance = bytes(beacon.instance(), MAX_INSTANCE);
    to.put((byte) instance.length).put(instance);
    to.putShort((short) cluster.length).put(cluster);
    byte[] host = bytes(beacon.address().host(), MAX_HOST);
    to.put((byte) host.length).put(host);
    to.putShort((short) beacon.address().port());
    return sealed(Arrays.copyOf(all, to.position()));
  }

  /** These bytes and their seal. */
  byte[] sealed(byte[] bytes) {
    sign(bytes, bytes.length);
    byte[] all = Arrays.copyOf(bytes, bytes.length + SEAL);
    System.arraycopy(seal, 0, all, bytes.length, SEAL);
    return all;
  }

  private static byte[] bytes(String text, int most) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > most) throw new IllegalArgumentException(text + " is too long for a beacon");
    return bytes;
  }

  private void sign(byte[] bytes, int length) {
    mac.update(bytes, 0, length);
    try {
      mac.doFinal(seal, 0);
    } catch (ShortBufferException e) {
      throw new IllegalStateException(e); // it has room for it
    }
  }

  /** Reads the first {@code length} bytes. */
  Read read(byte[] bytes, int length) {
    if (length > MAX_BYTES) return Read.OVERSIZED;
    ByteBuffer from = ByteBuffer.wrap(bytes, 0, length);
    try {
      return read(from, bytes);
    } catch (BufferUnderflowException | CharacterCodingException e) {
      return Read.GARBAGE;
    }
  }

  private Read read(ByteBuffer from, byte[] bytes) throws CharacterCodingException {
    if (from.getInt() != MAGIC) return Read.GARBAGE;
    int version = Byte.toUnsignedInt(from.get());
    if (version != VERSION) return new Read(Heard.OTHER_VERSION, null, String.valueOf(version));
    byte flags = from.get();
    long sentAt = from.getLong();
    long sequence = from.getLong();
    ByteBuffer instance = text(from, Byte.toUnsignedInt(from.get()), MAX_INSTANCE);
    ByteBuffer named = text(from, Short.toUnsignedInt(from.getShort()), MAX_CLUSTER);
    ByteBuffer host = text(from, Byte.toUnsignedInt(from.get()), MAX_HOST);
    int port = Short.toUnsignedInt(from.getShort());
    int signed = from.position();
    if (from.remaining() != SEAL) return Read.GARBAGE;
    if (!named.equals(ByteBuffer.wrap(cluster))) {
      String name = decode(named);
      boolean printable = PRINTABLE.matcher(name).matches();
      return printable ? new Read(Heard.OTHER_CLUSTER, null, name) : Read.GARBAGE;
    }
    sign(bytes, signed);
    byte[] sealed = Arrays.copyOfRange(bytes, signed, signed + SEAL);
    if (!MessageDigest.isEqual(seal, sealed)) return Read.FORGED;
    if ((flags & ~LEAVING) != 0) return Read.GARBAGE;
    Address address = Announced.at(decode(host), port);
    String process = decode(instance);
    if (address == null || !PRINTABLE.matcher(process).matches()) return Read.GARBAGE;
    boolean leaving = flags == LEAVING;
    return new Read(
        leaving ? Heard.GOOD_BYE : Heard.OK,
        new Beacon(process, address, sentAt, sequence, leaving),
        null);
  }

  private static ByteBuffer text(ByteBuffer from, int length, int most) {
    if (length == 0 || length > most) throw new BufferUnderflowException();
    ByteBuffer text = from.slice(from.position(), Math.min(length, from.remaining()));
    from.position(from.position() + text.remaining());
    if (text.remaining() < length) throw new BufferUnderflowException();
    return text;
  }

  private static String decode(ByteBuffer text) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(text).toString();
  }
}
