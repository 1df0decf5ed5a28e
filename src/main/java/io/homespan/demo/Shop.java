package io.homespan.demo;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** What customers do in a small shop, and which service calls which for it. */
final class Shop {
  /** All services. */
  static final List<String> SERVICES =
      List.of("frontend", "catalog", "cart", "checkout", "payment", "inventory", "shipping");

  private final RandomGenerator random;

  Shop(RandomGenerator random) {
    this.random = random;
  }

  /** The next customer's next click. */
  Step visit() {
    int dice = random.nextInt(100);
    if (dice < 45) return browse();
    if (dice < 75) return addToCart();
    return checkout();
  }

  private Step browse() {
    String product = product();
    return served(
        "frontend",
        "GET /products/{id}",
        called(
            "frontend",
            "catalog",
            served("catalog", "GET /catalog/{id}", database("catalog", "SELECT", "products"))),
        called("frontend", "inventory", stock(product)));
  }

  private Step addToCart() {
    String product = product();
    return served(
        "frontend",
        "POST /cart",
        called(
            "frontend",
            "cart",
            served("cart", "POST /items", redis("HGET"), redis("HSET"), redis("EXPIRE"))),
        called("frontend", "inventory", stock(product)));
  }

  private Step checkout() {
    List<Step> inner = new ArrayList<>();
    inner.add(called("checkout", "cart", served("cart", "GET /items", redis("HGETALL"))));
    int items = 1 + random.nextInt(4);
    for (int i = 0; i < items; i++) inner.add(called("checkout", "inventory", stock(product())));
    Step charge = served("payment", "POST /charges", bank());
    inner.add(called("checkout", "payment", charge));
    if (!charge.failed()) {
      inner.add(
          Step.of(
              "checkout",
              SpanKind.PRODUCER,
              "orders publish",
              queue("publish"),
              Step.of(
                  "shipping",
                  SpanKind.CONSUMER,
                  "orders process",
                  queue("process"),
                  database("shipping", "INSERT", "shipments"))));
    }
    Step order = served("checkout", "POST /orders", inner.toArray(Step[]::new));
    return served("frontend", "POST /checkout", called("frontend", "checkout", order));
  }

  private Step stock(String product) {
    Step look = database("inventory", "SELECT", "stock");
    if (random.nextInt(100) == 0) look = look.failing("connection to the database timed out");
    return Step.of(
        "inventory",
        SpanKind.SERVER,
        "GET /stock/{id}",
        Attributes.builder().put("http.request.method", "GET").put("shop.product", product).build(),
        look);
  }

  private Step bank() {
    Step call =
        Step.of(
            "payment",
            SpanKind.CLIENT,
            "POST",
            Attributes.builder()
                .put("http.request.method", "POST")
                .put("server.address", "bank.example")
                .put("shop.amount", 5 + random.nextInt(20_000) / 100.0)
                .build());
    return random.nextInt(100) < 8 ? call.failing("the card was declined") : call;
  }

  private static Step database(String service, String operation, String table) {
    return Step.of(
        service,
        SpanKind.CLIENT,
        operation + " " + table,
        Attributes.builder()
            .put("db.system.name", "postgresql")
            .put("db.operation.name", operation)
            .put("db.collection.name", table)
            .build());
  }

  private static Step redis(String command) {
    return Step.of(
        "cart",
        SpanKind.CLIENT,
        command,
        Attributes.builder()
            .put("db.system.name", "redis")
            .put("db.operation.name", command)
            .build());
  }

  private static Step called(String from, String to, Step served) {
    return Step.of(
        from,
        SpanKind.CLIENT,
        served.name().substring(0, served.name().indexOf(' ')),
        Attributes.builder().put("server.address", to).put("server.port", 8080L).build(),
        served);
  }

  private static Step served(String service, String route, Step... inner) {
    return Step.of(
        service,
        SpanKind.SERVER,
        route,
        Attributes.builder()
            .put("http.request.method", route.substring(0, route.indexOf(' ')))
            .put("http.route", route.substring(route.indexOf(' ') + 1))
            .put("network.protocol.version", "1.1")
            .build(),
        inner);
  }

  private static Attributes queue(String operation) {
    return Attributes.builder()
        .put("messaging.system", "kafka")
        .put("messaging.destination.name", "orders")
        .put("messaging.operation.type", operation)
        .build();
  }

  private String product() {
    return "P-" + (1000 + random.nextInt(500));
  }
}
