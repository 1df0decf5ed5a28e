package io.homespan.bus;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.MessageCodec;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * An address of the event bus with the type of what travels on it, and of its reply. Messages pass
 * by reference and stay in this process, so they must be immutable.
 *
 * <p>The bus has no back-pressure of its own: an asker bounds what it has unanswered.
 *
 * @param <Q> what is sent
 * @param <A> what is replied; {@link Void} where nothing is
 */
public final class Topic<Q, A> {
  private static final DeliveryOptions LOCAL =
      new DeliveryOptions().setLocalOnly(true).setCodecName(ByReference.NAME);

  private final String address;
  private final Class<Q> question;
  private final Class<A> answer;

  Topic(String address, Class<Q> question, Class<A> answer) {
    this.address = address;
    this.question = question;
    this.answer = answer;
  }

  /** A road of its own for each lane: who asks on one is answered by who is on it. */
  public Topic<Q, A> lane(int number) {
    return new Topic<>(address + "." + number, question, answer);
  }

  /** Allows messages by reference on this bus; once for each Vert.x instance. */
  public static void register(Vertx vertx) {
    vertx.eventBus().registerCodec(new ByReference());
  }

  /**
   * Asks one consumer. Fails when there is none, when it fails, or when {@code timeoutMillis} have
   * passed, to some 10 ms. The answer is heard on the caller's context: at once when it is given,
   * if who gives it is on the same event loop.
   */
  public Future<A> ask(Vertx vertx, Q message, long timeoutMillis) {
    Question<A> asked = Question.of(vertx, address, message, answer, Math.max(1, timeoutMillis));
    Future<Void> sent = vertx.eventBus().<Object>sender(address, LOCAL).write(asked);
    if (!sent.succeeded()) sent.onFailure(asked::fail); // nobody is there
    return asked.future();
  }

  /** Tells every consumer there is at this moment. */
  public void publish(Vertx vertx, Q message) {
    vertx.eventBus().publish(address, message, LOCAL);
  }

  /** Answers what is asked; a failed future fails the asker's. Runs on the caller's context. */
  public MessageConsumer<?> answer(Vertx vertx, Function<Q, Future<A>> answerer) {
    return vertx
        .eventBus()
        .<Question<?>>localConsumer(address, message -> answer(message.body(), answerer));
  }

  private void answer(Question<?> asked, Function<Q, Future<A>> answerer) {
    Future<A> reply;
    try {
      reply = answerer.apply(question.cast(asked.message()));
    } catch (RuntimeException e) {
      asked.fail(e);
      return;
    }
    reply.onComplete(asked::answer, asked::fail);
  }

  /** Hears what is published. Runs on the caller's context. */
  public MessageConsumer<Q> hear(Vertx vertx, Consumer<Q> listener) {
    return vertx
        .eventBus()
        .localConsumer(address, message -> listener.accept(question.cast(message.body())));
  }

  /** Passes what it gets. */
  private static final class ByReference implements MessageCodec<Object, Object> {
    private static final String NAME = "by-reference";

    @Override
    public void encodeToWire(Buffer buffer, Object message) {
      throw new UnsupportedOperationException("messages stay in this process");
    }

    @Override
    public Object decodeFromWire(int position, Buffer buffer) {
      throw new UnsupportedOperationException("messages stay in this process");
    }

    @Override
    public Object transform(Object message) {
      return message;
    }

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public byte systemCodecID() {
      return -1;
    }
  }
}
