package io.homespan.otlp;

import java.util.Arrays;

/** A table of ints in one array that is used again and again: rows by number, columns by name. */
final class Rows {
  /** No row. */
  static final int NONE = -1;

  /** How large the array may stay between two uses: 64 KiB. */
  static final int KEPT_CELLS = 16_384;

  private final int width;
  private int[] cells = new int[256];
  private int count;

  Rows(int width) {
    this.width = width;
  }

  int count() {
    return count;
  }

  /** Adds a row of zeros. */
  int add() {
    int from = count * width;
    if (from + width > cells.length) cells = Arrays.copyOf(cells, cells.length * 2);
    Arrays.fill(cells, from, from + width, 0);
    return count++;
  }

  int get(int row, int column) {
    return cells[row * width + column];
  }

  void set(int row, int column, int value) {
    cells[row * width + column] = value;
  }

  /** Forgets all rows, and the memory of an unusually large use. */
  void clear() {
    if (cells.length > KEPT_CELLS) cells = new int[KEPT_CELLS];
    count = 0;
  }

  /** How many cells it holds memory for. */
  int capacity() {
    return cells.length;
  }
}
