"""A node under more load than it can take, and after it."""

import http.client
import re
import threading
import time
from statistics import median

from lib.curves import heap_after_gc_mb, node_log
from lib.measure import BASE

CONNECTIONS = 16  # at twice the capacity; more in proportion, as an overload comes from more senders
PROBE_SECONDS = 1
PATIENCE = 60  # seconds in which it must be well again
DRAIN = 10
SLOWER = 2  # times the usual p99 is still well
SLACK_MS = 20  # or so much more: on two cores a collection takes as long
MB = 1 << 20
KEPT = r"homespan_spans_kept_total{[^}]*}"  # when its receivers don't answer, it stands in for them


def usual(bench, node):
    """Its capacity, and how it answers at half of it. Medians, as a run amid a stall of the machine says anything."""
    closed = median(bench.saturation(node, 3) for _ in range(3))
    runs = [offer(bench, node, 2 * closed, 3) for _ in range(3)]
    rate = max(closed, median(r["requests_per_second"] for r in runs))
    return {
        "rate": rate,
        "spans_per_second": median(r["spans_per_second"] for r in runs),
        "p99_ms": median(probe(bench, node, rate / 2)["latency_ns"]["p99"] for _ in range(5)) / 1e6,
    }


def offer(bench, node, rate, seconds):
    return bench.send(node.port, **BASE, mode="open", connections=CONNECTIONS, rate=rate, seconds=seconds)


def probe(bench, node, rate):
    return offer(bench, node, rate, PROBE_SECONDS)


def phase(bench, node, usual, load, seconds):
    before = node.process.rss_mb()
    kept = total(at_rest(node), KEPT)
    watch = Watch(node)
    watch.start()
    began = time.monotonic()
    point = bench.measure(
        node,
        **BASE,
        mode="open",
        connections=max(CONNECTIONS, round(CONNECTIONS * load / 2)),
        rate=usual["rate"] * load,
        waiting=round(usual["rate"]),  # a second's work for the node, or its senders' queue is what is measured
        seconds=seconds,
    )
    recovery = recovered(bench, node, usual, began + seconds)
    watch.stop()
    kept = total(at_rest(node), KEPT) - kept
    return {
        **point,
        "load": load,
        "kept_itself": kept,
        "lost": max(0, point["lost"] - kept),
        "rss_before_mb": before,
        "rss_peak_mb": watch.rss_mb,
        "rss_after_mb": node.process.rss_mb(),
        "heap_peak_mb": watch.heap / MB,
        "heap_after_mb": heap_after_gc_mb(node),
        "in_flight_peak": watch.in_flight,
        "bytes_peak_mb": watch.bytes / MB,
        "slowest_admin_ms": watch.slowest * 1000,
        "recovery_s": recovery,
    }


def compare(usual, points):
    """Each with the most that was seen: a JVM may still get faster while it is overloaded."""
    peak = max(p["spans_per_second"] for p in [usual, *points])
    for p in points:
        p["of_peak"] = p["spans_per_second"] / peak


def recovered(bench, node, usual, end):
    """Seconds from the last request of the overload until half of the capacity is answered as before; or None.

    What waited is answered first; then each probe tells of its second.
    """
    good = max(SLOWER * usual["p99_ms"], usual["p99_ms"] + SLACK_MS)
    while time.monotonic() < end + PATIENCE:
        begun = time.monotonic()
        found = probe(bench, node, usual["rate"] / 2)
        wrong = found["refused"] + found["unsent"] + found["error_count"]
        if not wrong and found["latency_ns"]["p99"] / 1e6 <= good:
            return max(0.0, begun - end)
    return None


class Watch(threading.Thread):
    """Looks at the node twice a second."""

    def __init__(self, node):
        super().__init__(daemon=True)
        self.node = node
        self.rss_mb = self.heap = self.in_flight = self.bytes = self.slowest = 0
        self.ended = threading.Event()

    def run(self):
        while not self.ended.wait(0.5) and self.node.process.alive():
            self.rss_mb = max(self.rss_mb, self.node.process.rss_mb())
            begun = time.monotonic()
            text = scrape(self.node) or ""
            self.slowest = max(self.slowest, time.monotonic() - begun)
            self.heap = max(self.heap, total(text, r'jvm_memory_used_bytes{area="heap",[^}]*}'))
            self.in_flight = max(self.in_flight, total(text, r'homespan_requests_in_flight{from="sender"}'))
            self.bytes = max(self.bytes, total(text, r'homespan_bytes_in_flight{from="sender"}'))

    def stop(self):
        self.ended.set()
        self.join()


def scrape(node):
    connection = http.client.HTTPConnection("127.0.0.1", node.admin, timeout=10)
    try:
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def total(text, series):
    return sum(float(v) for v in re.findall(rf"^{series} (\S+)$", text, re.M))


def at_rest(node):
    """The last scrape, as soon as nothing is under way any more."""
    end = time.monotonic() + DRAIN
    while True:
        text = scrape(node) or ""
        if time.monotonic() > end or (text and not total(text, r"homespan_requests_in_flight{[^}]*}")):
            return text
        time.sleep(0.2)


def wrongs(node, points):
    """Why the run failed; empty if it did not."""
    found = []
    for p in points:
        if p["lost"]:
            found.append(f"at {p['load']:g} times {p['lost']:,} spans that were answered OK are lost")
        if p["recovery_s"] is None:
            found.append(f"after {p['load']:g} times it was not well again within {PATIENCE} s")
    text = at_rest(node)
    received, *fates = (
        total(text, rf"homespan_spans_{n}_total{{[^}}]*}}") for n in ("received", "kept", "forwarded", "refused", "dropped")
    )
    if not received or received != sum(fates):
        found.append(f"its books don't balance: {received:,.0f} received, {sum(fates):,.0f} with a fate")
    for kind in ("requests", "bytes"):
        held = total(text, rf"homespan_{kind}_in_flight{{[^}}]*}}")
        if held:
            found.append(f"it holds {held:,.0f} {kind} though nothing is under way")
    if "OutOfMemory" in node_log(node):
        found.append("it was out of memory")
    return found
