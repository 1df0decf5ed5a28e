/**
 * Takes results of probes out of the node: to a Kafka, to a file of JSON lines, to an OTLP receiver
 * of metrics, to several of them at once.
 *
 * <pre>
 *               ┌─► KafkaReporter ──(Waiting)──► its thread ──► KafkaProducer ──► topic
 * heartbeat ────┼─► FileReporter ───(Waiting)──► its thread ──► LineLog ────────► file, file.1
 * (event loop)  └─► OtlpReporter ──► histograms ──(interval)──► MetricsLine ────► MetricsService
 * </pre>
 *
 * <p>Each is a {@link io.homespan.heartbeat.Reporter}: on the event loop it does no more than put a
 * result into a queue with a bound, or a number into a histogram. Whatever blocks, retries and
 * fails does so on a thread of its own. {@code Records} has the formats; {@code Tally} counts, so
 * that each result is either reported or dropped, and tells of trouble once. What a scrape of
 * {@code /metrics} shows is no reporter's: that is always there.
 */
@NullMarked
package io.homespan.report;

import org.jspecify.annotations.NullMarked;
