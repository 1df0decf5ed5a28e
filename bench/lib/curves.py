"""Homespan alone: latency, overload, memory, cores."""

import re
import statistics
import subprocess

from lib.contestants import Contestant, homespan
from lib.measure import BASE, CLOSED
from lib.paths import WORK

# Overload comes from many senders: more connections than in the other scenarios.
OPEN = {"mode": "open", "connections": 16}
LOADS = (0.25, 0.5, 0.75, 1, 1.5, 2)
PEERS = (1, 3, 10, 50, 200)
HEAPS = (64, 96, 128, 192, 256, 384, 512)


def latency(bench, node, rounds, seconds):
    """Added at half of saturation: through the node, minus straight to a sink, by turns at the same rate."""
    print("latency added at half of saturation", flush=True)
    rate = bench.saturation(node, seconds) / 2
    command = {**BASE, **CLOSED, "mode": "open", "inflight": 100, "rate": rate, "seconds": seconds}
    found = []
    bench.send(node.port, **command)
    for number in range(rounds):
        direct = bench.send(bench.sink_ports[number % 3], **command)
        through = bench.send(node.port, **command)
        found.append(
            {
                "rate": rate,
                **{f"direct_{k}_ms": direct["latency_ns"][k] / 1e6 for k in ("p50", "p99")},
                **{f"through_{k}_ms": through["latency_ns"][k] / 1e6 for k in ("p50", "p99")},
                **{
                    f"added_{k}_ms": (through["latency_ns"][k] - direct["latency_ns"][k]) / 1e6
                    for k in ("p50", "p99")
                },
                "not_ok": through["refused"] + through["unsent"] + through["error_count"],
            }
        )
    return found


def overload(bench, node, rounds, seconds, loads=LOADS):
    """Offered more and more, up to twice the saturation."""
    print("overload", flush=True)
    peak_rate = highest_rate(bench, node, seconds)
    found = []
    for _ in range(rounds):
        curve = []
        for load in loads:
            point = bench.measure(node, **BASE, **OPEN, rate=peak_rate * load, seconds=seconds)
            curve.append({"load": load, "rate": peak_rate * load, **point})
        found.append(curve)
    return found


def highest_rate(bench, node, seconds):
    """Requests a second at saturation. Many connections at twice the closed loop's rate may find more in it."""
    highest = bench.saturation(node, seconds)
    for _ in range(4):
        found = bench.send(node.port, **BASE, **OPEN, rate=2 * highest, seconds=seconds)["requests_per_second"]
        if found < 1.1 * highest:
            break
        highest = found
    return max(highest, found)


def goodput_at_2x(curves):
    """Spans a second at twice the saturation over the most of the same curve."""
    return [
        c[-1]["spans_per_second"] / max(p["spans_per_second"] for p in c)
        for c in curves
        if c and c[-1]["load"] == 2
    ]


def node_with(bench, name, peers, java=(), forwarder=None, cores=None, arguments=()):
    return homespan(
        name, bench.sink_ports[:peers], cores or bench.cores.contestant, forwarder, java=java, arguments=arguments
    )


def heap(bench, seconds, warm_up, peers=200, heaps=HEAPS):
    """Which heaps keep 95 % of the goodput that large ones have, without a full collection."""
    print(f"heap at saturation with {peers} peers", flush=True)
    found = []
    for megabytes in sorted(heaps, reverse=True):
        log = WORK / f"heap_{megabytes}" / "gc.log"
        java = (f"-Xmx{megabytes}m", f"-Xlog:gc:file={log}")
        node = node_with(bench, f"heap_{megabytes}", peers, java)
        try:
            bench.warm(node, warm_up)
            warm = log.read_text().count("Pause Full")
            point = bench.measure(node, **BASE, **CLOSED, seconds=seconds)
        finally:
            node.stop()
        text = log.read_text()
        full = text.count("Pause Full") - warm
        right = full == 0 and not point["refused"] + point["errors"] and "OutOfMemory" not in node_log(node)
        found.append({"xmx_mb": megabytes, "full_collections": full, "right": right, **point})
    best = statistics.median(p["spans_per_second"] for p in found[:3])  # the largest heaps, which don't matter
    for point in found:
        point["goodput"] = point["spans_per_second"] / best
        point["enough"] = point["right"] and point["goodput"] >= 0.95
    return found


def smallest_heap(points):
    """In MB, or None."""
    return min((p["xmx_mb"] for p in points if p["enough"]), default=None)


def node_log(node: Contestant):
    return node.process.log.read_text(errors="replace")


def memory(bench, seconds, warm_up, counts=PEERS):
    """Memory at saturation against the number of peers; the heap after a collection is what is really held."""
    print("memory against peers", flush=True)
    found = []
    for peers in counts:
        node = node_with(bench, f"memory_{peers}", peers)
        try:
            idle = heap_after_gc_mb(node)
            bench.warm(node, warm_up)
            point = bench.measure(node, **BASE, **CLOSED, seconds=seconds)
            found.append({"peers": peers, "heap_idle_mb": idle, "heap_mb": heap_after_gc_mb(node), **point})
        finally:
            node.stop()
    return found


def heap_after_gc_mb(node):
    def jcmd(*words):
        done = subprocess.run(["jcmd", str(node.process.pid), *words], capture_output=True, text=True, check=False)
        return done.stdout

    jcmd("GC.run")
    used = re.findall(r"(?:new generation|tenured generation|garbage-first heap)\s+total \d+K, used (\d+)K", jcmd("GC.heap_info"))
    return sum(map(int, used)) / 1024 if used else 0.0


def instances(bench, rounds, seconds, warm_up, counts=(1, 2)):
    """Verticle instances, on two cores that with two cores in all are shared with the load."""
    print("instances", flush=True)
    cores = bench.cores.all[-2:]
    nodes = {
        n: node_with(bench, f"instances_{n}", 3, cores=cores, arguments=("-instances", str(n))) for n in counts
    }
    found = []
    try:
        for process in (bench.load, bench.sinks):
            process.pin(bench.cores.all)
        for node in nodes.values():
            bench.warm(node, warm_up)
            node.process.pin(cores)
        for _ in range(rounds):
            found.append({str(n): bench.measure(node, **BASE, **CLOSED, seconds=seconds) for n, node in nodes.items()})
    finally:
        for node in nodes.values():
            node.stop()
        for process in (bench.load, bench.sinks):
            process.pin(bench.cores.load)
    return found
