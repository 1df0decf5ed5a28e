/**
 * Keeps accepted requests on disk until they are delivered: {@code acknowledge: stored}.
 *
 * <pre>
 * ingest ──(spans.store)──► JournalVerticle ──► RecordLog (on a worker)    written and synced, then OK
 *                                │   ▲
 *                                ▼   │ read back, when there is room
 * ingest ◄─(journal.deliver)── Backlog     what is under way, what waits for its next attempt
 * </pre>
 *
 * <p>In: a request's valid spans, not cut yet. Out: the answer that they are safe, and later the
 * same bytes for ingest to cut by the table of that moment and hand over as if they had just come.
 * What was confirmed is marked as done, what was refused is tried again for as long as it takes,
 * and only that: where parts of a record were confirmed, the rest becomes a record of its own. It
 * knows nothing of peers and sinks, and looks into no span.
 *
 * <p>Records lie in files one behind the other. Done records are marked by records of another kind
 * in the same files ({@code Marks}); a file goes when all before its end is done, so files go in
 * the order in which they came. A record that holds up a file that is otherwise done is written
 * again at the end. In memory are only records under way, bounded in bytes, and the places of those
 * that wait for another attempt, bounded in number; all else is read back from the disk in order.
 *
 * <p><b>The library</b> under {@code RecordLog} is the journal of Apache ActiveMQ's KahaDB: it
 * appends with one sync for a group, says where a record lies and reads it back from there, keeps a
 * sum over each group, and passes over bad ones. Artemis's journal, its younger sister, gives
 * records back only when it is loaded and has no checksums, by its source. What is not in the
 * library is here: which records are done, a sum over each record, opening it again after the disk
 * was full, and a check of all files that ends whatever is in them ({@code CheckedJournal}).
 */
@NullMarked
package io.homespan.journal;

import org.jspecify.annotations.NullMarked;
