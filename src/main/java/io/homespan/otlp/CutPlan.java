package io.homespan.otlp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which bytes of a request go where: a forest of ranges in reused int tables.
 *
 * <pre>
 * part ──► resource ──► resource ──► ...      one row an owner and ResourceSpans
 *             └──► scope ──► scope ──► ...    one row an owner and ScopeSpans
 *                    └──► range ──► ...       spans; neighbours of one owner are one range
 * </pre>
 *
 * Rows of one scope (or resource) are neighbours in their table, so closing a message visits just
 * the owners that had a span in it: the work grows with the spans, not with owners times scopes.
 * Not thread safe.
 */
final class CutPlan {
  /** A part that is being planned. Kept and used again for the next request. */
  static final class PartPlan {
    final int owner;
    final PartHash hash = new PartHash();
    int spans;
    private int index; // in parts()
    private int bytes;
    private int firstResource;
    private int resource; // rows that the next span goes to, if they are of the open messages
    private int scope;
    private boolean used;

    private PartPlan(int owner) {
      this.owner = owner;
    }
  }

  /** What a message holds beside its spans, as a list of ranges. */
  private final class Header {
    private int first = Rows.NONE;
    private int last = Rows.NONE;
    private int bytes;

    private void clear() {
      first = Rows.NONE;
      last = Rows.NONE;
      bytes = 0;
    }

    private void add(int from, int to) {
      last = follow(last, from, to);
      if (first == Rows.NONE) first = last;
      bytes += to - from;
    }
  }

  /** {@code resource_spans} and {@code scope_spans}, as they begin on the wire. */
  private static final byte RESOURCE_TAG = 1 << 3 | WireReader.LENGTH_DELIMITED;

  private static final byte SCOPE_TAG = 2 << 3 | WireReader.LENGTH_DELIMITED;

  private static final int FROM = 0;
  private static final int TO = 1;
  private static final int NEXT = 2; // in all three tables
  private static final int HEADER = 0; // first range, of resources and scopes
  private static final int BODY = 1; // length of the message in bytes
  private static final int FIRST = 3; // child
  private static final int LAST = 4;
  private static final int PARENT = 5;

  private final Rows ranges = new Rows(3);
  private final Rows scopes = new Rows(6);
  private final Rows resources = new Rows(6);
  private final Header requestHeader = new Header();
  private final Header resourceHeader = new Header();
  private final Header scopeHeader = new Header();
  private final List<PartPlan> parts = new ArrayList<>();
  private @Nullable PartPlan[] byOwner = new @Nullable PartPlan[8];
  private int[] pairs = new int[256]; // steps of the part that is being written down
  private int steps;
  private int firstResource; // rows of the open messages
  private int firstScope;

  /** Makes room for the next request. */
  void clear() {
    for (PartPlan part : parts) part.used = false;
    parts.clear();
    ranges.clear();
    scopes.clear();
    resources.clear();
    requestHeader.clear();
    if (pairs.length > Rows.KEPT_CELLS) pairs = new int[Rows.KEPT_CELLS];
  }

  /** The parts so far, in the order of their first spans. */
  List<PartPlan> parts() {
    return parts;
  }

  /** The parts' bytes, all together. */
  long bytes() {
    long sum = (long) requestHeader.bytes * parts.size();
    for (PartPlan part : parts) sum += part.bytes;
    return sum;
  }

  void requestField(int from, int to) {
    requestHeader.add(from, to);
  }

  void beginResource() {
    firstResource = resources.count();
    resourceHeader.clear();
  }

  void resourceField(int from, int to) {
    resourceHeader.add(from, to);
  }

  void endResource() {
    for (int row = firstResource; row < resources.count(); row++) {
      PartPlan part = parts.get(resources.get(row, PARENT));
      part.bytes += close(resources, row, resourceHeader);
    }
  }

  void beginScope() {
    firstScope = scopes.count();
    scopeHeader.clear();
  }

  void scopeField(int from, int to) {
    scopeHeader.add(from, to);
  }

  void endScope() {
    for (int row = firstScope; row < scopes.count(); row++) {
      int resource = scopes.get(row, PARENT);
      grow(resources, resource, close(scopes, row, scopeHeader));
    }
  }

  /** Gives a span of the open scope, tag and length included, to an owner. */
  PartPlan span(int owner, int from, int to) {
    PartPlan part = part(owner);
    if (part.resource < firstResource) openResource(part);
    if (part.scope < firstScope) openScope(part);
    int last = follow(scopes.get(part.scope, LAST), from, to);
    if (scopes.get(part.scope, FIRST) == Rows.NONE) scopes.set(part.scope, FIRST, last);
    scopes.set(part.scope, LAST, last);
    grow(scopes, part.scope, to - from);
    part.spans++;
    return part;
  }

  /** The part as a request of its own. */
  Excerpt excerpt(PartPlan part, byte[] source) {
    steps = 0;
    copy(requestHeader.first);
    for (int r = part.firstResource; r != Rows.NONE; r = resources.get(r, NEXT)) {
      step(-RESOURCE_TAG, resources.get(r, BODY));
      copy(resources.get(r, HEADER));
      for (int s = resources.get(r, FIRST); s != Rows.NONE; s = scopes.get(s, NEXT)) {
        step(-SCOPE_TAG, scopes.get(s, BODY));
        copy(scopes.get(s, HEADER));
        copy(scopes.get(s, FIRST));
      }
    }
    return Excerpt.of(source, Arrays.copyOf(pairs, steps), requestHeader.bytes + part.bytes);
  }

  /** How many ints it holds memory for. */
  int capacity() {
    return ranges.capacity() + scopes.capacity() + resources.capacity() + pairs.length;
  }

  private PartPlan part(int owner) {
    if (owner >= byOwner.length)
      byOwner = Arrays.copyOf(byOwner, Math.max(owner + 1, 2 * byOwner.length));
    PartPlan part = byOwner[owner];
    if (part == null) {
      part = new PartPlan(owner);
      byOwner[owner] = part;
    }
    if (!part.used) {
      part.used = true;
      part.hash.reset();
      part.spans = 0;
      part.bytes = 0;
      part.firstResource = Rows.NONE;
      part.resource = Rows.NONE;
      part.scope = Rows.NONE;
      part.index = parts.size();
      parts.add(part);
    }
    return part;
  }

  private void openResource(PartPlan part) {
    int row = newMessage(resources, part.index);
    if (part.firstResource == Rows.NONE) part.firstResource = row;
    else resources.set(part.resource, NEXT, row);
    part.resource = row;
  }

  private void openScope(PartPlan part) {
    int row = newMessage(scopes, part.resource);
    int last = resources.get(part.resource, LAST);
    if (last == Rows.NONE) resources.set(part.resource, FIRST, row);
    else scopes.set(last, NEXT, row);
    resources.set(part.resource, LAST, row);
    part.scope = row;
  }

  private static int newMessage(Rows table, int parent) {
    int row = table.add();
    table.set(row, NEXT, Rows.NONE);
    table.set(row, FIRST, Rows.NONE);
    table.set(row, LAST, Rows.NONE);
    table.set(row, PARENT, parent);
    return row;
  }

  /** Returns how long the message is with its header, tag and length. */
  private static int close(Rows table, int row, Header header) {
    table.set(row, HEADER, header.first);
    grow(table, row, header.bytes);
    return Excerpt.sizeWithin(table.get(row, BODY));
  }

  private static void grow(Rows table, int row, int bytes) {
    table.set(row, BODY, table.get(row, BODY) + bytes);
  }

  /** Puts a range behind another, or makes that one longer where they touch; returns the last. */
  private int follow(int last, int from, int to) {
    if (last != Rows.NONE && ranges.get(last, TO) == from) {
      ranges.set(last, TO, to);
      return last;
    }
    int row = ranges.add();
    ranges.set(row, FROM, from);
    ranges.set(row, TO, to);
    ranges.set(row, NEXT, Rows.NONE);
    if (last != Rows.NONE) ranges.set(last, NEXT, row);
    return row;
  }

  private void copy(int first) {
    for (int r = first; r != Rows.NONE; r = ranges.get(r, NEXT)) {
      step(ranges.get(r, FROM), ranges.get(r, TO));
    }
  }

  private void step(int first, int second) {
    if (steps == pairs.length) pairs = Arrays.copyOf(pairs, 2 * steps);
    pairs[steps++] = first;
    pairs[steps++] = second;
  }
}
