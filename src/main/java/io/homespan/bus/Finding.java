package io.homespan.bus;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How one provider of addresses has fared. Times are nanoseconds of {@link System#nanoTime}.
 *
 * @param name the provider's, one among several of its kind
 * @param kind the word in {@code discovery_mode}
 * @param addresses in its last good answer
 * @param goodAt when that was; null: never yet
 * @param lastFailure the last failure, or ""
 * @param failedAt when that was; null: never yet
 * @param stale whether it fails, and its last good answer is older than is bearable
 * @param notes what else its last good answer said of addresses, by how they are listed
 */
public record Finding(
    String name,
    String kind,
    int addresses,
    @Nullable Long goodAt,
    String lastFailure,
    @Nullable Long failedAt,
    boolean stale,
    Map<String, String> notes) {}
