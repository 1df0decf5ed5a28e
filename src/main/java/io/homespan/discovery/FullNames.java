package io.homespan.discovery;

import io.vertx.core.Future;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The full names that a short one may stand for.
 *
 * @param names at least one, in the order in which they are tried
 */
record FullNames(List<String> names) {
  FullNames {
    names = List.copyOf(names);
  }

  static FullNames of(String name, SearchList search) {
    return new FullNames(search.expand(name));
  }

  /**
   * Looks name after name up until one is found. The first failure that is more than "no such name"
   * is the one told; a server that does not answer is not asked for the other names.
   */
  <T> Future<T> first(Function<String, Future<T>> lookUp) {
    return from(0, lookUp, null);
  }

  private <T> Future<T> from(
      int place, Function<String, Future<T>> lookUp, @Nullable LookupException failure) {
    return lookUp
        .apply(names.get(place))
        .recover(
            cause -> {
              if (!(cause instanceof LookupException known)) return Future.failedFuture(cause);
              LookupException told = failure == null || failure.isAbsence() ? known : failure;
              boolean goOn = place + 1 < names.size() && !known.failure().equals("timeout");
              return goOn ? from(place + 1, lookUp, told) : Future.failedFuture(told);
            });
  }
}
