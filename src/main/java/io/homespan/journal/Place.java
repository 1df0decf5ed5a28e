package io.homespan.journal;

/**
 * Where a record lies. Places grow as records are appended.
 *
 * @param file the number of the file
 * @param offset in bytes
 */
record Place(int file, int offset) implements Comparable<Place> {
  static final Place FIRST = new Place(0, 0);

  @Override
  public int compareTo(Place other) {
    return file == other.file
        ? Integer.compare(offset, other.offset)
        : Integer.compare(file, other.file);
  }

  boolean isBefore(Place other) {
    return compareTo(other) < 0;
  }

  boolean isAfter(Place other) {
    return compareTo(other) > 0;
  }
}
