package io.homespan.otlp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which bytes of a request go where: each part's steps of its {@link Excerpt}, in memory that is
 * used again for the next request.
 *
 * <p>A part enters a resource or scope with its first span there, behind the fields that the
 * message had before it, and gets those that came later when the message ends. So a span costs a
 * few stores, and the end of a message visits just the parts that are in it: the work grows with
 * the spans, not with owners times scopes. Not thread safe.
 */
final class CutPlan {
  /** A part that is being planned. Kept and used again. */
  static final class PartPlan {
    final int owner;
    final PartHash hash = new PartHash();
    int spans;
    private int[] steps = new int[FIRST_STEPS];
    private int end; // of the steps
    private final Entry request = new Entry();
    private final Entry resource = new Entry();
    private final Entry scope = new Entry();

    private PartPlan(int owner) {
      this.owner = owner;
    }

    /** How many bytes its steps write. */
    private int bytes() {
      return request.bytes;
    }

    private void step(int first, int second) {
      if (end + 2 > steps.length) steps = Arrays.copyOf(steps, 2 * steps.length);
      steps[end++] = first;
      steps[end++] = second;
    }
  }

  /** What a part has of a message. */
  private static final class Entry {
    private long message = -1; // that it is about: the part may not be in the one that is open
    private int begin; // where its length belongs in the steps
    private int bytes; // of its body
    private int fields; // how far the message's own fields are in
  }

  /** The message that is open on its level. */
  private static final class Open {
    private long message; // its number, counted over all requests
    private int[] fields = new int[8]; // ranges of what it holds beside the messages in it
    private int count;
    private final List<PartPlan> parts = new ArrayList<>(); // that are in it

    private void begin() {
      message++;
      count = 0;
      parts.clear();
    }

    private void add(int from, int to) {
      if (count > 0 && fields[count - 1] == from) {
        fields[count - 1] = to; // no part has it yet: a span would lie between
        return;
      }
      if (count == fields.length) fields = Arrays.copyOf(fields, 2 * count);
      fields[count++] = from;
      fields[count++] = to;
    }

    private void enter(PartPlan part, Entry entry) {
      parts.add(part);
      entry.message = message;
      entry.bytes = 0;
      entry.fields = 0;
      catchUp(part, entry);
    }

    /** Gives a part the fields that came since it was last here. */
    private void catchUp(PartPlan part, Entry entry) {
      for (; entry.fields < count; entry.fields += 2) {
        int from = fields[entry.fields];
        int to = fields[entry.fields + 1];
        part.step(from, to);
        entry.bytes += to - from;
      }
    }
  }

  /** {@code resource_spans} and {@code scope_spans}, as they begin on the wire. */
  private static final byte RESOURCE_TAG = 1 << 3 | WireReader.LENGTH_DELIMITED;

  private static final byte SCOPE_TAG = 2 << 3 | WireReader.LENGTH_DELIMITED;

  private static final int FIRST_STEPS = 16;

  /** How many steps' ints may be kept from one request to the next: 4 KiB, and 256 KiB together. */
  private static final int MOST_KEPT_BY_ONE = 1024;

  private static final int MOST_KEPT = 65_536;

  private boolean leavesOut;
  private final Open request = new Open();
  private final Open resource = new Open();
  private final Open scope = new Open();
  private @Nullable PartPlan[] byOwner = new @Nullable PartPlan[8];

  /** Forgets the request, and the memory that an unusual one took. */
  void clear() {
    int used = 0;
    for (PartPlan part : request.parts) {
      used += part.steps.length;
      if (part.steps.length > MOST_KEPT_BY_ONE) part.steps = new int[FIRST_STEPS];
      part.end = 0;
      part.spans = 0;
      part.hash.reset();
    }
    leavesOut = false;
    if (used > MOST_KEPT) byOwner = new @Nullable PartPlan[8];
    request.begin();
  }

  /** The parts so far, in the order of their first spans. */
  List<PartPlan> parts() {
    return request.parts;
  }

  /** The parts' bytes, all together. */
  long bytes() {
    long sum = 0;
    for (PartPlan part : request.parts) sum += part.bytes();
    return sum;
  }

  void requestField(int from, int to) {
    request.add(from, to);
  }

  /** A field of the request is to be in no part. */
  void leaveOut() {
    leavesOut = true;
  }

  boolean leavesOut() {
    return leavesOut;
  }

  void endRequest() {
    for (PartPlan part : request.parts) request.catchUp(part, part.request);
  }

  void beginResource() {
    resource.begin();
  }

  void resourceField(int from, int to) {
    resource.add(from, to);
  }

  void endResource() {
    for (PartPlan part : resource.parts) {
      resource.catchUp(part, part.resource);
      part.request.bytes += close(part, part.resource);
    }
  }

  void beginScope() {
    scope.begin();
  }

  void scopeField(int from, int to) {
    scope.add(from, to);
  }

  void endScope() {
    for (PartPlan part : scope.parts) {
      scope.catchUp(part, part.scope);
      part.resource.bytes += close(part, part.scope);
    }
  }

  /** Gives a span of the open scope, tag and length included, to an owner. */
  PartPlan span(int owner, int from, int to) {
    PartPlan part = owner < byOwner.length ? byOwner[owner] : null;
    if (part == null) part = newPart(owner);
    if (part.scope.message != scope.message) enterScope(part);
    part.scope.bytes += to - from;
    part.spans++;
    if (part.end + 2 > part.steps.length) part.steps = Arrays.copyOf(part.steps, 2 * part.end);
    // Behind the last range or, where they touch, as its continuation. Whether they do is a coin's
    // throw, which no processor predicts: so there is no branch on it.
    int[] steps = part.steps;
    int end = part.end;
    int gap = steps[end - 1] ^ from;
    int added = (gap | -gap) >>> 31 << 1; // 0 if they touch, else 2
    steps[end] = from; // means nothing if they touch
    end += added;
    steps[end - 1] = to;
    part.end = end;
    return part;
  }

  /** The part as a request of its own. */
  Excerpt excerpt(PartPlan part, byte[] source) {
    return Excerpt.of(source, Arrays.copyOf(part.steps, part.end), part.bytes());
  }

  /** How many ints it holds memory for. */
  int capacity() {
    int ints = byOwner.length;
    for (PartPlan part : byOwner) if (part != null) ints += part.steps.length;
    return ints;
  }

  private PartPlan newPart(int owner) {
    if (owner >= byOwner.length) {
      byOwner = Arrays.copyOf(byOwner, Math.max(owner + 1, 2 * byOwner.length));
    }
    PartPlan part = new PartPlan(owner);
    byOwner[owner] = part;
    return part;
  }

  private void enterScope(PartPlan part) {
    if (part.request.message != request.message) request.enter(part, part.request);
    if (part.resource.message != resource.message) {
      begin(part, part.resource, RESOURCE_TAG);
      resource.enter(part, part.resource);
    }
    begin(part, part.scope, SCOPE_TAG);
    scope.enter(part, part.scope);
  }

  private static void begin(PartPlan part, Entry entry, byte tag) {
    part.step(-tag, -1); // the length is known at the end; no range goes on from -1
    entry.begin = part.end - 1;
  }

  /** Returns how long the message is with its tag and length. */
  private static int close(PartPlan part, Entry entry) {
    part.steps[entry.begin] = entry.bytes;
    return Excerpt.sizeWithin(entry.bytes);
  }
}
