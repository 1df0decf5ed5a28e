package io.homespan.rpc;

/** A connection on which calls come in. Belongs to one event loop. */
public interface Caller {
  /** No more is read from it until {@link #readOn}; what has been read may still be told. */
  void stopReading();

  /** Ends what {@link #stopReading} began. */
  void readOn();

  /** Where it comes from, for messages. */
  String address();

  /** To be run once the connection is gone; at once if it is gone already. */
  void whenGone(Runnable listener);
}
