package io.homespan.guard;

import io.homespan.config.Config;
import io.homespan.config.Config.SecretFile;
import io.homespan.config.Problem;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks at all files of certificates, keys and tokens before a node starts with them. */
public final class SecretCheck {
  private static final Duration SOON = Duration.ofDays(14);

  private final List<Problem> problems = new ArrayList<>();
  private final Instant now;

  private SecretCheck(Instant now) {
    this.now = now;
  }

  /** All that is wrong with them, or soon will be. Blocks. */
  public static List<Problem> of(Config config, Instant now) {
    SecretCheck check = new SecretCheck(now);
    check.tls(config.ingest().tls());
    check.tls(config.peerForwarder().tls());
    check.tls(config.admin().tls());
    for (Config.Sink sink : config.sinks()) {
      if (!(sink instanceof Config.OtlpSink otlp)) continue;
      check.tls(otlp.tls());
      check.each(otlp.headers(), LiveHeaders::headers);
    }
    Config.OtlpReports reports = config.heartbeat().reports().otlp();
    if (reports != null) check.tls(reports.tls());
    check.known(config.ingest().authentication());
    check.known(config.admin().authentication());
    return check.problems;
  }

  private interface Reading {
    void read(SecretFile file) throws UnusableException;
  }

  private void tls(Config.@Nullable Tls tls) {
    if (tls == null) return;
    int before = problems.size();
    each(tls.chain(), file -> Pem.certificates(file).forEach(one -> dates(file, one)));
    each(tls.key(), Pem::key);
    each(tls.ca(), file -> Pem.certificates(file).forEach(one -> dates(file, one)));
    if (problems.subList(before, problems.size()).stream().anyMatch(Problem::error)) return;
    try {
      Material.read(tls); // now as a pair
    } catch (UnusableException e) {
      problems.add(e.problem());
    }
  }

  private void known(Config.Authentication config) {
    for (SecretFile one : config.tokenFiles()) {
      each(one, file -> LiveCredentials.digests(file, false));
    }
    for (SecretFile one : config.userFiles()) {
      each(one, file -> LiveCredentials.digests(file, true));
    }
  }

  private void each(@Nullable SecretFile file, Reading reading) {
    if (file == null) return;
    try {
      reading.read(file);
    } catch (UnusableException e) {
      problems.add(e.problem());
    }
  }

  /** A warning each: it is still of use for finding out, and a node must not stay down for it. */
  private void dates(SecretFile file, X509Certificate one) {
    Instant ends = one.getNotAfter().toInstant();
    Instant begins = one.getNotBefore().toInstant();
    String which = file.path() + ": the certificate of " + one.getSubjectX500Principal();
    if (ends.isBefore(now)) {
      warning(file, which + " has expired, on " + ends, "nobody who verifies takes it: renew it");
    } else if (begins.isAfter(now)) {
      warning(file, which + " is not valid before " + begins, "is this host's clock right?");
    } else if (ends.isBefore(now.plus(SOON))) {
      warning(file, which + " expires on " + ends, "renew it; no restart is needed");
    }
  }

  private void warning(SecretFile file, String what, String remedy) {
    problems.add(new Problem(file.key(), what, remedy, false));
  }
}
