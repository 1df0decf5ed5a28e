/**
 * Sends the traces of a small shop to a running tier, and proves from the tier's files where each
 * span has gone. In come the nodes, as a sender and an operator see them: URLs, a file, the books;
 * out goes a table on the terminal and whether all is well.
 *
 * <pre>
 * Shop ──► a Service's SDK ──► ScatteringExporter ──(OTLP/HTTP)──► the tier ──► files
 *                │                     │                                          │
 *                └───────► Ledger ◄────┘ ──────────────► Findings ◄───────────────┘
 * </pre>
 *
 * <p>It knows nothing of how a node works, and starts and stops none; what it believes is what was
 * sent and what stands in the files.
 */
@NullMarked
package io.homespan.demo;

import org.jspecify.annotations.NullMarked;
