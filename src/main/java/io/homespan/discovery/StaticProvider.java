package io.homespan.discovery;

import io.homespan.config.Config.Endpoint;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The configured endpoints. Who is in is fixed; where they are dialled follows their names. */
final class StaticProvider implements PeerProvider {
  private final List<Endpoint> endpoints;
  private final Function<Listener, NameWatch> watching;
  private @Nullable NameWatch names;

  StaticProvider(List<Endpoint> endpoints, Function<Listener, NameWatch> watching) {
    this.endpoints = endpoints;
    this.watching = watching;
  }

  @Override
  public String kind() {
    return "static";
  }

  @Override
  public boolean start(Listener listener) {
    NameWatch watch = watching.apply(listener);
    names = watch;
    watch.list(endpoints);
    return true;
  }

  @Override
  public Future<Void> close() {
    return names == null ? Future.succeededFuture() : names.close();
  }
}
