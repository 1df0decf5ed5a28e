/**
 * Finds the nodes behind a service of Kubernetes by its EndpointSlices, which it lists and watches
 * through the API. In come pages of a list and lines of a watch, out goes the set of addresses in
 * them, each time the whole of it.
 *
 * <p>{@link io.homespan.discovery.kubernetes.Slices} decides what they say together, and is plain,
 * as is all that reads: {@link io.homespan.discovery.kubernetes.Slice} and {@link
 * io.homespan.discovery.kubernetes.Lines}. {@link io.homespan.discovery.kubernetes.Account} is what
 * a pod's files say of whom to trust and as whom to ask, {@link
 * io.homespan.discovery.kubernetes.Api} asks, and {@link
 * io.homespan.discovery.kubernetes.KubernetesProvider} is the shell with the timers.
 *
 * <p>Readiness decides nothing here unless that is configured: nodes are ready only once they have
 * looked for one another.
 */
@NullMarked
package io.homespan.discovery.kubernetes;

import org.jspecify.annotations.NullMarked;
