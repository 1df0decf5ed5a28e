package io.homespan.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.bus.NodeFacts;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of connections that are kept, by a server that treats each in its way. */
@Timeout(60)
class IdentityClientTest {
  private static final Duration LIMIT = Duration.ofSeconds(2);
  private static final Hello HELLO =
      new Hello("homespan", null, "me", new NodeFacts("1", "", 1, 0), "", false, List.of(), null);

  private final Vertx vertx = Vertx.vertx();
  private final List<HttpConnection> connections = new ArrayList<>(); // on the server's event loop
  private final List<Integer> calls = new ArrayList<>(); // the number of the connection of each

  @AfterEach
  void close() {
    TestNode.await(vertx.close());
  }

  @Test
  void aKeptConnection_isUsedAgain() {
    Called called = new Called(server(call -> true));
    for (int i = 0; i < 3; i++) assertThat(called.again()).isInstanceOf(Reply.Answered.class);
    assertThat(calls).containsExactly(0, 0, 0);
  }

  @Test
  void aNewConnection_isNotTheOneThatIsKept() {
    Called called = new Called(server(call -> true));
    called.again();
    assertThat(called.anew()).isInstanceOf(Reply.Answered.class);
    called.again();
    assertThat(calls).containsExactly(0, 1, 0);
  }

  @Test
  void aKeptConnectionThatBreaks_saysNothing_ofWhoIsThere() {
    Called called = new Called(server(call -> call != 1)); // the second breaks with its connection
    for (int i = 0; i < 3; i++) assertThat(called.again()).isInstanceOf(Reply.Answered.class);
    assertThat(calls.subList(0, 3)).containsExactly(0, 0, 1);
  }

  @Test
  void whoIsGone_isUnanswered_overANewConnectionAsWell() {
    Called called = new Called(server(call -> call < 1));
    assertThat(called.again()).isInstanceOf(Reply.Answered.class);
    assertThat(called.again()).isInstanceOf(Reply.Unanswered.class);
    assertThat(calls).containsExactly(0, 0, 1);
  }

  /** Packets to a host that vanished are lost, and nobody says so. */
  @Test
  void aKeptConnectionThatIsSilent_isGivenUp() {
    Called called = new Called(server(call -> true, call -> call == 1));
    assertThat(called.again()).isInstanceOf(Reply.Answered.class);
    assertThat(called.again()).isEqualTo(new Reply.Unanswered("no answer in time"));
    assertThat(called.again()).isInstanceOf(Reply.Answered.class);
    assertThat(calls).containsExactly(0, 0, 1);
  }

  private int server(Predicate<Integer> answered) {
    return server(answered, call -> false);
  }

  /** The connection of a call that is neither answered nor silent is closed. */
  private int server(Predicate<Integer> answered, Predicate<Integer> silent) {
    HttpServer server =
        vertx
            .createHttpServer()
            .connectionHandler(connections::add)
            .requestHandler(
                request -> {
                  int call = calls.size();
                  calls.add(connections.indexOf(request.connection()));
                  if (silent.test(call)) return;
                  if (answered.test(call)) answer(request);
                  else request.connection().close();
                });
    return TestNode.await(server.listen(0, "127.0.0.1")).actualPort();
  }

  private static void answer(HttpServerRequest request) {
    Buffer message = HELLO.toJson().toBuffer();
    request.response().putHeader("content-type", "application/grpc").putTrailer("grpc-status", "0");
    request
        .response()
        .end(
            Buffer.buffer().appendByte((byte) 0).appendInt(message.length()).appendBuffer(message));
  }

  /** A client on its own event loop. */
  private final class Called {
    private final Address address;
    private final Context context = vertx.getOrCreateContext();
    private final IdentityClient client;

    Called(int port) {
      address = new Address("127.0.0.1:" + port, "127.0.0.1", port);
      client = new IdentityClient(vertx, "homespan", LIMIT, Duration.ofSeconds(30), null);
    }

    Reply again() {
      return here(() -> client.askAgain(address, HELLO));
    }

    Reply anew() {
      return here(() -> client.ask(address, HELLO));
    }

    private Reply here(Supplier<Future<Reply>> call) {
      Promise<Reply> reply = Promise.promise();
      context.runOnContext(go -> call.get().onComplete(reply));
      return TestNode.await(reply.future());
    }
  }
}
