/**
 * What {@code bench/mesh} puts round a node: {@link io.homespan.meshcost.Neighbours} is all its
 * peers in one process, which answer its probes and probe it as often as it probes them.
 */
@NullMarked
package io.homespan.meshcost;

import org.jspecify.annotations.NullMarked;
