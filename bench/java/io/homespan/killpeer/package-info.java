/**
 * What {@code bench/killpeer} loads a tier with: one process that sends whole traces to some of its
 * nodes ({@link io.homespan.killpeer.WholeTraces}) and is the backend of all of them ({@link
 * io.homespan.killpeer.Kept}), so that all times are of one clock. It knows the owner of each trace
 * by the tier's own table.
 */
@NullMarked
package io.homespan.killpeer;

import org.jspecify.annotations.NullMarked;
