package io.homespan.metrics;

/** In which role a node keeps a part. */
public enum KeptAs {
  /** It owns the traces. */
  OWNER,
  /** The owner, and who stands before this node in the order, could not be reached. */
  STAND_IN
}
