package io.homespan.bench;

/** What one sink port has received since it began. Written by one event loop. */
final class SinkTotals {
  long calls;
  long compressedCalls; // whose spans are not counted
  long bytes; // of the messages, as they came
  long spans;
  long otherCalls; // to other methods
  long malformed; // calls whose message was no complete request
  long aborted; // calls that were reset
  long failures; // connections that broke the protocol

  void add(SinkTotals other) {
    calls += other.calls;
    compressedCalls += other.compressedCalls;
    bytes += other.bytes;
    spans += other.spans;
    otherCalls += other.otherCalls;
    malformed += other.malformed;
    aborted += other.aborted;
    failures += other.failures;
  }
}
