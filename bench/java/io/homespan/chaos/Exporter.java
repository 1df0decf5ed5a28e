package io.homespan.chaos;

import java.util.concurrent.CompletableFuture;

/** One way of sending spans to nodes. */
interface Exporter {
  /** How an attempt ended. */
  enum End {
    /** Safe, by the node's word. */
    OK(0),
    /** The node said no, and to try again. */
    REFUSED(1),
    /** No answer: it may have arrived. */
    UNKNOWN(2),
    /** The node said no for good; an exporter would throw the spans away. */
    FINAL(3);

    /** In the book. */
    final int code;

    End(int code) {
      this.code = code;
    }

    static End of(int code) {
      for (End end : values()) if (end.code == code) return end;
      throw new IllegalArgumentException("an end with code " + code);
    }
  }

  /**
   * What came back.
   *
   * @param detail a gRPC or HTTP status, or what happened
   * @param hintMillis when to try again by the node's word; 0: it said nothing
   * @param rejected spans that the node said it has dropped
   */
  record Result(End end, String detail, long hintMillis, long rejected) {}

  /** For the tables. */
  String name();

  /** Requests that it has at one time, those included that wait for their next attempt. */
  default int most() {
    return 48;
  }

  /** Sends these spans; the future never fails. */
  CompletableFuture<Result> send(String address, Batch batch);
}
