package io.homespan;

/** Which Homespan this is. */
final class Version {
  private Version() {}

  /** From the jar's manifest; "dev" outside of a jar. */
  static String text() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "dev" : version;
  }
}
