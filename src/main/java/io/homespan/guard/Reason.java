package io.homespan.guard;

import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import javax.net.ssl.SSLException;

/**
 * Why TLS let a connection down. The name is the metric's label: renaming one breaks dashboards.
 */
public enum Reason {
  NO_TLS("no TLS is spoken there"),
  TLS_ON_PLAIN_PORT("TLS was spoken to a port without"),
  CERTIFICATE_MISSING("no certificate was shown, and one is required"),
  CERTIFICATE_EXPIRED("the certificate shown has expired"),
  CERTIFICATE_NOT_YET_VALID("the certificate shown is not valid yet"),
  CERTIFICATE_UNTRUSTED("the certificate shown is from no CA that is trusted here"),
  CERTIFICATE_WRONG_HOST("the certificate shown is for other names"),
  CERTIFICATE_UNFIT("the certificate shown is not for this use"),
  REFUSED_BY_OTHER_SIDE("the other side refused"),
  NOTHING_IN_COMMON("no version or cipher in common"),
  TIMED_OUT("the handshake did not end in time"),
  BROKEN_OFF("the connection ended within the handshake"),
  OTHER("the handshake failed");

  private static final int DEPTH = 12;

  private final String text;

  Reason(String text) {
    this.text = text;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** In words. */
  public String text() {
    return text;
  }

  /** Whether it was TLS that ended a connection, not the network. */
  public static boolean isTls(Throwable cause) {
    Throwable at = cause;
    for (int i = 0; i < DEPTH && at != null; i++, at = at.getCause()) {
      if (at instanceof SSLException) return true;
    }
    return false;
  }

  /** By what JDK and Netty throw. */
  public static Reason of(Throwable cause) {
    Reason weak = OTHER;
    Throwable at = cause;
    for (int i = 0; i < DEPTH && at != null; i++, at = at.getCause()) {
      if (at instanceof CertificateExpiredException) return CERTIFICATE_EXPIRED;
      if (at instanceof CertificateNotYetValidException) return CERTIFICATE_NOT_YET_VALID;
      if (at instanceof NotSslRecordException) return NO_TLS;
      if (at instanceof SslHandshakeTimeoutException) return TIMED_OUT;
      Reason by = byText(String.valueOf(at.getMessage()).toLowerCase(Locale.ROOT));
      if (by != OTHER) weak = by;
      else if (weak == OTHER) weak = byClass(at);
    }
    return weak;
  }

  private static Reason byClass(Throwable cause) {
    if (cause instanceof CertPathBuilderException || cause instanceof CertPathValidatorException) {
      return CERTIFICATE_UNTRUSTED;
    }
    boolean network = cause instanceof IOException && !(cause instanceof SSLException);
    return network || cause instanceof ClosedChannelException ? BROKEN_OFF : OTHER;
  }

  private static Reason byText(String text) {
    if (text.contains("fatal alert")) return REFUSED_BY_OTHER_SIDE;
    // an alert in the clear where JDK waits for one in cipher: OpenSSL, of a certificate that it
    // does not take (TLS 1.3)
    if (text.contains("insufficient buffer remaining for aead")) return REFUSED_BY_OTHER_SIDE;
    if (text.contains("empty client certificate") || text.contains("null cert chain")) {
      return CERTIFICATE_MISSING;
    }
    if (text.contains("empty server certificate")) return CERTIFICATE_MISSING;
    if (text.contains("subject alternative") || text.contains("no name matching")) {
      return CERTIFICATE_WRONG_HOST;
    }
    if (text.contains("extended key usage") || text.contains("keyusage")) return CERTIFICATE_UNFIT;
    if (text.contains("valid certification path") || text.contains("trust anchor")) {
      return CERTIFICATE_UNTRUSTED;
    }
    if (text.contains("in common") || text.contains("requested protocol")) return NOTHING_IN_COMMON;
    if (text.contains("not supported or is disabled")) return NOTHING_IN_COMMON;
    if (text.contains("connection closed while")) return BROKEN_OFF;
    return OTHER;
  }
}
