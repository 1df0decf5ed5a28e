package io.homespan.mesh;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The function that every node of a tier computes alike: trace id to slot, and the number that a
 * peer draws in a slot. The peer of the highest one owns the slot (highest random weight: Thaler
 * and Ravishankar, "Using Name-Based Mappings to Increase Hit Rates", 1998); {@link Ranking} says
 * what becomes of it when peers have weights.
 *
 * <p>Nodes that disagree on it send a trace to different homes. So it is integer maths and UTF-8
 * alone, and whoever changes anything here raises {@link #VERSION}, which makes the tables' hashes
 * differ and the disagreement visible.
 */
final class Rendezvous {
  /** Of the function as a whole. */
  static final int VERSION = 1;

  /** Binary digits of a slot number. More slots: evener shares, slower builds, more memory. */
  static final int SLOT_BITS = 20;

  private static final String FUNCTION =
      "homespan hrw v" + VERSION + " slots=" + (1 << SLOT_BITS) + " mixer=stafford13 id=fnv1a64";

  /** 2^64 divided by the golden ratio, made odd: keeps zeros away from the mixer's fixed point. */
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private Rendezvous() {}

  /** The slot of a trace id: all 16 bytes count, as some senders fill only half of them. */
  static int slot(long hi, long lo) {
    return (int) (mix(mix(hi + GOLDEN) ^ lo) >>> (64 - SLOT_BITS));
  }

  /** What of a slot goes into the numbers of all peers. */
  static long slotHash(int slot) {
    return mix((slot + 1) * GOLDEN);
  }

  /** FNV-1a, 64 bits (Fowler, Noll, Vo), of the id's UTF-8 bytes, then mixed. */
  static long peerHash(String id) {
    long hash = 0xCBF29CE484222325L;
    for (byte b : id.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xFF)) * 0x100000001B3L;
    }
    return mix(hash);
  }

  /**
   * The number that a peer draws in a slot, to be compared as an <i>unsigned</i> one. The mixer
   * maps one to one, so two numbers in a slot are equal only where the peers' hashes are; then the
   * bytewise lesser id wins.
   */
  static long number(long slotHash, long peerHash) {
    return mix(slotHash ^ peerHash);
  }

  /**
   * What two tables must agree on to be equal: this function, and the sorted ids; the weights too,
   * unless they are all the same and so of no effect. 16 hex digits.
   */
  static String hashOf(PeerSet peers) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      update(digest, FUNCTION);
      boolean even = peers.peers().stream().mapToInt(Peer::weight).distinct().count() < 2;
      for (Peer peer : peers.peers()) {
        update(digest, peer.id());
        if (!even) update(digest, "weight " + peer.weight());
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static void update(MessageDigest digest, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int shift = 24; shift >= 0; shift -= 8) digest.update((byte) (bytes.length >>> shift));
    digest.update(bytes); // after its length, so that {"ab"} and {"a", "b"} differ
  }

  /**
   * A one-to-one mixer of 64 bits: MurmurHash3's finalizer with the constants of David Stafford's
   * 13th variant ("Better Bit Mixing", 2011).
   */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
