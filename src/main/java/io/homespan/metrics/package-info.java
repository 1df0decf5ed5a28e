/**
 * The list of all that a node counts. Every other package says what happened through {@link
 * io.homespan.metrics.Metrics}, which states how the counts balance; out comes the text that
 * Prometheus scrapes, and {@link io.homespan.metrics.Books} for whoever checks the balance. It
 * opens no port and decides nothing.
 */
@NullMarked
package io.homespan.metrics;

import org.jspecify.annotations.NullMarked;
