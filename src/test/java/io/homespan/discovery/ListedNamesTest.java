package io.homespan.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.bus.Membership;
import io.homespan.config.Config.Endpoint;
import io.homespan.mesh.Peer;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Endpoints that somebody listed, in the configuration or in a file, with names in DNS. */
class ListedNamesTest {
  private static final String POD = "pod-0.example";

  @TempDir Path dir = Path.of("");
  private TestDns dns;
  private TestNode node;

  @BeforeEach
  void open() throws Exception {
    dns = new TestDns();
    node = new TestNode();
    node.dnsServers = List.of(new Endpoint("127.0.0.1", dns.port()));
  }

  @AfterEach
  void close() {
    node.close();
    dns.close();
  }

  private Membership awaitDialled(String host) throws Exception {
    Peer expected = new Peer(POD + ":1", host, 1);
    return node.await("to be dialled at " + host, m -> m.peers().peers().contains(expected));
  }

  @Test
  void aNameWhoseAddressChanges_isTheSamePeer_dialledAtTheNewOne() throws Exception {
    dns.answer(POD, 0, "127.0.0.2");
    node.listing(node.endpoint(), new Endpoint(POD, 1)).discover();
    Membership before = awaitDialled("127.0.0.2");
    dns.answer(POD, 0, "127.0.0.3");
    Membership after = awaitDialled("127.0.0.3");
    assertThat(after.table().hash()).isEqualTo(before.table().hash());
    assertThat(after.peers().ids()).containsExactlyInAnyOrder(node.text(), POD + ":1");
  }

  @Test
  void aNameThatCannotBeLookedUp_keepsItsLastAddress_andIsSaid() throws Exception {
    dns.answer(POD, 0, "127.0.0.2");
    node.listing(node.endpoint(), new Endpoint(POD, 1)).discover();
    awaitDialled("127.0.0.2");
    dns.refuse(POD, DnsResponseCode.SERVFAIL);
    Membership kept =
        node.await(
            "trouble",
            m ->
                m.problems().stream()
                    .anyMatch(one -> one.contains("static: " + POD) && one.contains("SERVFAIL")));
    assertThat(kept.peers().peers()).contains(new Peer(POD + ":1", "127.0.0.2", 1));
    dns.answer(POD, 0, "127.0.0.3");
    awaitDialled("127.0.0.3");
  }

  @Test
  void aNameThatNobodyKnowsYet_isAMember_andHoldsUpNobodyElse() throws Exception {
    node.listing(node.endpoint(), new Endpoint(POD, 1)).discover();
    node.awaitPeers(node.text(), POD + ":1");
    dns.answer(POD, 0, "127.0.0.2");
    awaitDialled("127.0.0.2");
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.2 10.0.0.1, , 10.0.0.1",
    "10.0.0.2 10.0.0.1, 10.0.0.2, 10.0.0.2",
    "10.0.0.2 10.0.0.1, 10.0.0.3, 10.0.0.1",
    "2001:db8::1 9.0.0.1, , 9.0.0.1",
    "2001:db8::1, 9.0.0.1, 2001:db8::1",
  })
  void ofSeveralAddresses_theOneInUseStays(String found, String inUse, String chosen) {
    assertThat(NameWatch.choose(List.of(found.split(" ")), inUse)).isEqualTo(chosen);
  }

  private Path write(String text) throws Exception {
    Path next = Files.writeString(dir.resolve("next"), text);
    return Files.move(
        next,
        dir.resolve("peers.yaml"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private void discoverBy(Path file) {
    node.modes = List.of("file");
    node.file = file.toString();
    node.discover();
  }

  @Test
  void aFileThatIsReplaced_isFollowed_andBadContentChangesNothing() throws Exception {
    String own = "- \"" + node.text() + "\"\n";
    discoverBy(dir.resolve("peers.yaml"));
    node.await("trouble", m -> m.problems().toString().contains("there is no such file"));
    write(own);
    node.awaitPeers(node.text());
    write(own + "- localhost:1\n");
    node.awaitPeers(node.text(), "localhost:1");
    write(own + "- localhost:0\n");
    Membership bad = node.await("trouble", m -> m.problems().toString().contains("line 2"));
    assertThat(bad.problems().toString()).contains("has no port from 1 to 65535; write");
    assertThat(bad.peers().size()).isEqualTo(2);
    // its name is looked up again and again meanwhile; it is not the file that is well
    node.await("that it is stale", m -> m.problems().toString().contains("max_staleness"));
    Files.write(dir.resolve("peers.yaml"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
    node.await("trouble", m -> m.problems().toString().contains("is no text in UTF-8"));
    write("[]");
    node.await("trouble", m -> m.problems().toString().contains("lists no endpoint"));
    write("[\"" + node.text() + "\"]");
    node.awaitPeers(node.text());
    node.await("no trouble", m -> m.problems().isEmpty());
  }

  /** One that nobody writes to, which would be read for ever. */
  @Test
  void aPipe_isNotRead() throws Exception {
    Path pipe = dir.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    discoverBy(pipe);
    Membership seen = node.await("trouble", m -> !m.problems().isEmpty());
    assertThat(seen.problems().toString())
        .contains("discovery.file.path " + pipe + ": is no regular file; write");
    Files.delete(pipe);
    write("- \"" + node.text() + "\"\n");
    Files.createSymbolicLink(pipe, dir.resolve("peers.yaml"));
    node.awaitPeers(node.text());
  }

  @Test
  void aConfigMapsSwap_isSeen() throws Exception {
    String own = "- \"" + node.text() + "\"\n";
    Files.writeString(Files.createDirectory(dir.resolve("..1")).resolve("peers"), own);
    Files.createSymbolicLink(dir.resolve("..data"), Path.of("..1"));
    Path file = Files.createSymbolicLink(dir.resolve("peers"), Path.of("..data", "peers"));
    discoverBy(file);
    node.awaitPeers(node.text());
    Path second = Files.createDirectory(dir.resolve("..2"));
    Files.writeString(second.resolve("peers"), own + "- localhost:1\n");
    Files.createSymbolicLink(dir.resolve("..data_tmp"), Path.of("..2"));
    Files.move(dir.resolve("..data_tmp"), dir.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    node.awaitPeers(node.text(), "localhost:1");
  }
}
