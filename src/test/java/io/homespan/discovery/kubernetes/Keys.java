package io.homespan.discovery.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PfxOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A key and a certificate that vouches for itself, made by the JDK's own tool.
 *
 * @param certificate in PEM
 */
record Keys(Path certificate, KeyCertOptions options) {
  /** {@code for what} is as {@code ip:127.0.0.1}. */
  static Keys make(Path directory, String name, String forWhat) throws Exception {
    Path store = directory.resolve(name + ".p12");
    Path certificate = directory.resolve(name + ".crt");
    tool(
        store,
        "-genkeypair -alias a -keyalg EC -dname CN="
            + name
            + " -validity 2 -ext bc=ca:true -ext san="
            + forWhat);
    tool(store, "-exportcert -alias a -rfc -file " + certificate);
    return new Keys(
        certificate, new PfxOptions().setPath(store.toString()).setPassword("changeit"));
  }

  private static void tool(Path store, String arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments.split(" ")));
    command.addAll(List.of("-storetype", "PKCS12", "-storepass", "changeit"));
    command.addAll(List.of("-keystore", store.toString()));
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }
}
