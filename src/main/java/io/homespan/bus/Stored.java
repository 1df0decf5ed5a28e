package io.homespan.bus;

import org.jspecify.annotations.Nullable;

/**
 * Whether spans are safe.
 *
 * @param refusal null: they are on disk, synced, and will be delivered; else why they are not
 */
public record Stored(Fate.@Nullable Refused refusal) {}
