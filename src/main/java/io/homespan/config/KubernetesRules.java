package io.homespan.config;

import io.homespan.config.Config.Endpoint;
import io.homespan.config.Config.Kubernetes;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What must hold for the endpoints of a service in Kubernetes, once they are wanted. */
final class KubernetesRules {
  static final String MODE = "kubernetes";

  /** What Kubernetes takes as a service's or a namespace's name. */
  static final String LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";

  /** Where a pod finds what its service account may use. */
  static final String IN_A_POD = "/var/run/secrets/kubernetes.io/serviceaccount/";

  private static final String HOST = "KUBERNETES_SERVICE_HOST";
  private static final String PORT = "KUBERNETES_SERVICE_PORT";
  private static final String EXAMPLE = "https://10.96.0.1:443";

  private KubernetesRules() {}

  /** Where the API is. */
  record Api(Endpoint endpoint, boolean tls) {}

  /** {@code https://host:port}, or {@code http://} for a proxy on the same host. */
  record ApiAddress() implements Kind<Api> {
    @Override
    public @Nullable Api read(Object value, Wrong wrong) {
      String text = value instanceof String written ? written.trim() : "";
      String lower = text.toLowerCase(Locale.ROOT);
      boolean tls = lower.startsWith("https://");
      if (!tls && !lower.startsWith("http://")) {
        wrong.is(
            (value instanceof String written ? Shown.quoted(written) : Shown.bare(value))
                + " is no address of an API",
            "write one such as \"" + EXAMPLE + "\"");
        return null;
      }
      String rest = text.substring(tls ? 8 : 7);
      Endpoint endpoint =
          new EndpointKind(tls ? 443 : 80, false, false, false, EXAMPLE)
              .read(rest.endsWith("/") ? rest.substring(0, rest.length() - 1) : rest, wrong);
      return endpoint == null ? null : new Api(endpoint, tls);
    }
  }

  /** A port by its number or by its name in the service. */
  record Port() implements Kind<String> {
    @Override
    public @Nullable String read(Object value, Wrong wrong) {
      String text = value instanceof Integer ? value.toString() : "";
      if (value instanceof String written) text = written.trim();
      boolean number = text.matches("[0-9]{1,5}") && isPort(Integer.parseInt(text));
      boolean name = text.matches("(?=.*[a-z])" + LABEL);
      if (number || name) return text;
      wrong.is(
          (value instanceof String ? Shown.quoted(text) : Shown.bare(value)) + " is no port",
          "write a number from 1 to 65535, or the name of a port of the service");
      return null;
    }

    private static boolean isPort(int number) {
      return number >= 1 && number <= 65535;
    }
  }

  /** A pod is told where the API is: that holds where nothing else is written. */
  static void apply(Map<String, String> env, Values node) {
    String host = env.get(HOST);
    boolean wanted = node.get(Schema.DISCOVERY_MODE).contains(MODE);
    if (!wanted || host == null || host.isBlank() || node.given(Schema.KUBERNETES_API)) return;
    String bracketed = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    String url = "https://" + bracketed + ":" + env.getOrDefault(PORT, "443");
    Api api = new ApiAddress().read(url, (at, what, remedy) -> {});
    if (api != null) node.put(Schema.KUBERNETES_API, api, HOST);
  }

  static void check(Values node, Collection<String> modes, List<Problem> problems) {
    if (!modes.contains(MODE)) return;
    if (node.sound(Schema.KUBERNETES_SERVICE) && node.find(Schema.KUBERNETES_SERVICE) == null) {
      problems.add(
          Problem.error(
              node.place(Schema.KUBERNETES_SERVICE),
              "is empty, and discovery_mode is kubernetes",
              "write the name of the service whose endpoints are the nodes"));
    }
    if (node.sound(Schema.KUBERNETES_API) && node.find(Schema.KUBERNETES_API) == null) {
      problems.add(
          Problem.error(
              node.place(Schema.KUBERNETES_API),
              "is empty, and this is no pod of a cluster: " + HOST + " tells no address",
              "write the API's, such as \"" + EXAMPLE + "\", or set " + HOST + " and " + PORT));
    }
  }

  /** Null: they are not wanted. */
  static @Nullable Kubernetes of(Values node, Collection<String> modes) {
    String service = node.find(Schema.KUBERNETES_SERVICE);
    Api api = node.find(Schema.KUBERNETES_API);
    if (!modes.contains(MODE) || service == null || api == null) return null;
    return new Kubernetes(
        service,
        Objects.requireNonNullElse(node.find(Schema.KUBERNETES_NAMESPACE), ""),
        node.find(Schema.KUBERNETES_PORT),
        api.endpoint(),
        api.tls(),
        node.get(Schema.KUBERNETES_TOKEN),
        node.get(Schema.KUBERNETES_CA),
        node.get(Schema.KUBERNETES_NOT_READY),
        node.get(Schema.KUBERNETES_REQUEST),
        node.get(Schema.KUBERNETES_WATCH));
  }
}
