/**
 * The typed road between the verticles of one node: {@link io.homespan.bus.Topics} lists every
 * topic. Messages are immutable and pass by reference.
 */
@NullMarked
package io.homespan.bus;

import org.jspecify.annotations.NullMarked;
