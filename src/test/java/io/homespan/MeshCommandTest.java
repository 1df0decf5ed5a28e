package io.homespan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code homespan mesh} says of an answer, whoever gives it. */
class MeshCommandTest {
  private final StringWriter out = new StringWriter();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<html>",
        "[]",
        "{}",
        "{\"status\":\"UP\"}",
        "{\"peers\":1,\"cells\":{},\"findings\":3}",
        "{\"peers\":[],\"cells\":[1],\"findings\":[]}"
      })
  void whatIsNoMesh_isNeitherWell_norACrash(String answer) throws Exception {
    assertThat(mesh(200, answer)).isEqualTo(2);
    assertThat(out.toString()).endsWith("is no admin port of a Homespan node\n").hasLineCount(1);
  }

  @Test
  void anError_isToldInItsWords_orIsNoNodes() throws Exception {
    assertThat(mesh(503, "{\"error\":\"not now\"}")).isEqualTo(2);
    assertThat(out.toString()).endsWith(" answers 503: not now\n");
    assertThat(mesh(500, "{\"error\":{\"code\":7}}")).isEqualTo(2);
    assertThat(out.toString()).endsWith("is no admin port of a Homespan node\n");
  }

  @Test
  void beforeAnythingIsMeasured_nothingIsSaidToBeWell() throws Exception {
    assertThat(mesh(200, told("no_data"))).isEqualTo(2);
    assertThat(out.toString()).contains("Nothing is known: there is no result");
    assertThat(mesh(200, told("ok"))).isZero();
    assertThat(out.toString()).contains("Nothing is wrong that these nodes can see.");
  }

  @Test
  void aHostThatIsNotThere_isToldFromAPortThatIsNotOpen() {
    assertThat(command("http://nowhere.invalid:1")).isEqualTo(2);
    assertThat(out.toString()).contains("does not answer: the host has no known address.");
    assertThat(command("http://127.0.0.1:1")).isEqualTo(2);
    assertThat(out.toString()).contains("does not answer: nobody listens there.");
  }

  /** Neither is one of a node, but anybody may listen there. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anAnswerWithoutAnEnd_isGivenUp(boolean fast) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread answering = new Thread(() -> answerWithoutEnd(server, fast));
      answering.setDaemon(true);
      answering.start();
      assertThat(command("http://127.0.0.1:" + server.getLocalPort())).isEqualTo(2);
    }
    assertThat(out.toString())
        .contains(fast ? "its answer is longer than " : "no whole answer within 8 s");
  }

  private static void answerWithoutEnd(ServerSocket server, boolean fast) {
    byte[] more = new byte[1 << 20];
    Arrays.fill(more, (byte) ' ');
    try (Socket caller = server.accept();
        OutputStream to = caller.getOutputStream()) {
      to.write("HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n".getBytes(UTF_8));
      while (fast) to.write(more);
      caller.getInputStream().readAllBytes(); // until the caller has gone
    } catch (IOException e) {
      return; // it has gone
    }
  }

  private static String told(String state) {
    return """
        {"peers":["a","b"],"findings":[],"window_seconds":60,"cells":[{"from":"a","to":"b",
        "probe":"grpc","state":"%s","p50_ns":1,"p99_ns":1,"drop_rate":0.0}]}
        """
        .formatted(state);
  }

  private int mesh(int status, String answer) throws IOException {
    InetAddress here = InetAddress.getLoopbackAddress();
    HttpServer server = HttpServer.create(new InetSocketAddress(here, 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] body = answer.getBytes(UTF_8);
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    try {
      return command("http://127.0.0.1:" + server.getAddress().getPort());
    } finally {
      server.stop(0);
    }
  }

  private int command(String url) {
    PrintWriter both = new PrintWriter(out);
    int exit = Main.commandLine().setOut(both).setErr(both).execute("mesh", url);
    both.flush();
    return exit;
  }
}
