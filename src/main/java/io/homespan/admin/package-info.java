/**
 * The port for operators, balancers and Prometheus: is the node up, is it ready, what has it
 * counted, whom does it know, and who owns a trace. What discovery and the root publish comes in
 * and is shown as it is; it changes nothing, asks no other node, and sees no span. The table's
 * number and hash go from here to the metrics.
 */
@NullMarked
package io.homespan.admin;

import org.jspecify.annotations.NullMarked;
