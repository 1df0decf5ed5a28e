package io.homespan.guard;

import io.homespan.config.Config.Authentication;
import io.homespan.config.Config.SecretFile;
import io.homespan.metrics.Metrics;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Knows callers by what they say in {@code authorization}: a bearer token (RFC 6750), or a name and
 * a password (RFC 7617). All that are in the files count, so that new ones can be given out before
 * old ones go. Only digests are kept, and each is compared with each, so that time tells nothing.
 * Any thread may call.
 */
public final class LiveCredentials {
  private static final int MOST = 1000;
  private static final String BEARER = "bearer ";
  private static final String BASIC = "basic ";

  private record Known(List<byte[]> tokens, List<byte[]> users) {}

  private final LiveFiles<Known> files;
  private final Failures failures;
  private final String challenge;

  private LiveCredentials(LiveFiles<Known> files, Failures failures, String challenge) {
    this.files = files;
    this.failures = failures;
    this.challenge = challenge;
  }

  /**
   * Reads the files. Blocks.
   *
   * @param of what they are for, as a metric's label
   */
  static LiveCredentials read(String of, Authentication config, Failures failures, Metrics metrics)
      throws UnusableException {
    List<SecretFile> all =
        Stream.concat(config.tokenFiles().stream(), config.userFiles().stream()).toList();
    LiveFiles<Known> files = new LiveFiles<>(of, all, before -> known(config), metrics);
    failures.showCalls();
    List<String> schemes = new ArrayList<>();
    if (!config.tokenFiles().isEmpty()) schemes.add("Bearer realm=\"homespan\"");
    if (!config.userFiles().isEmpty()) schemes.add("Basic realm=\"homespan\", charset=\"UTF-8\"");
    return new LiveCredentials(files, failures, String.join(", ", schemes));
  }

  private static Known known(Authentication config) throws UnusableException {
    List<byte[]> tokens = new ArrayList<>();
    for (SecretFile file : config.tokenFiles()) tokens.addAll(digests(file, false));
    List<byte[]> users = new ArrayList<>();
    for (SecretFile file : config.userFiles()) users.addAll(digests(file, true));
    return new Known(List.copyOf(tokens), List.copyOf(users));
  }

  /** Of each line that is neither empty nor a comment. Blocks. */
  static List<byte[]> digests(SecretFile file, boolean users) throws UnusableException {
    List<byte[]> all = new ArrayList<>();
    List<String> lines = Pem.text(file).lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) continue;
      boolean sound = users ? isUser(line) : line.chars().allMatch(c -> c > ' ' && c < 0x7f);
      if (!sound) {
        throw new UnusableException(
            file,
            "has no " + (users ? "name:password" : "token") + " in line " + (i + 1),
            users
                ? "write name:password, neither of them empty"
                : "write one token a line, of printable ASCII characters without spaces");
      }
      all.add(digest(line));
    }
    if (all.isEmpty()) {
      throw new UnusableException(
          file,
          "holds no " + (users ? "name:password" : "token"),
          "write one a line, or take the file out of the list");
    }
    if (all.size() > MOST) {
      throw new UnusableException(file, "holds more than " + MOST + " lines", "write fewer");
    }
    return all;
  }

  private static boolean isUser(String line) {
    int colon = line.indexOf(':');
    return colon > 0 && colon < line.length() - 1;
  }

  LiveFiles<?> files() {
    return files;
  }

  /** What a caller that is not known is told in {@code www-authenticate}. */
  public String challenge() {
    return challenge;
  }

  /**
   * Whether a caller is known; if not, that is counted and told.
   *
   * @param authorization the header, or null
   * @param other the caller's address
   * @return what to answer, or null if it is
   */
  public @Nullable String unknown(@Nullable String authorization, Supplier<String> other) {
    if (authorization == null || authorization.isBlank()) {
      failures.call(Stranger.MISSING, other.get());
      return "who calls? authorization is missing: " + challenge;
    }
    if (isKnown(authorization.strip(), files.now())) return null;
    failures.call(Stranger.WRONG, other.get());
    return "the token, or the name and password, in authorization is not known here";
  }

  private static boolean isKnown(String authorization, Known known) {
    String scheme = authorization.substring(0, Math.min(BEARER.length(), authorization.length()));
    String lower = scheme.toLowerCase(Locale.ROOT);
    if (lower.equals(BEARER)) {
      return holds(known.tokens(), authorization.substring(BEARER.length()).strip());
    }
    if (!lower.startsWith(BASIC)) return false;
    try {
      byte[] pair = Base64.getDecoder().decode(authorization.substring(BASIC.length()).strip());
      return holds(known.users(), new String(pair, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean holds(List<byte[]> digests, String secret) {
    byte[] digest = digest(secret);
    boolean found = false;
    for (byte[] one : digests) found |= MessageDigest.isEqual(one, digest);
    return found;
  }

  private static byte[] digest(String secret) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
