"""Load, sinks, and one measurement."""

import time

from lib import build
from lib.paths import WORK
from lib.processes import Failed, Talker

# Small and quick to start, as they share a core.
JAVA = ["java", "-XX:+UseSerialGC", "-Xms128m", "-Xmx1g", "-XX:MaxDirectMemorySize=2g", "-cp"]

BASE = {"shape": "mixed", "spans": "100-200", "gzip": False}
SMALL = {"shape": "mixed", "spans": "8-64", "gzip": False}

# 4 connections, as from a few senders or one balancer; together 32 requests under way.
CLOSED = {"mode": "closed", "connections": 4, "inflight": 8}


class Bench:
    """The load and the sinks: `measure` loads a contestant and says what it took."""

    def __init__(self, cores, sinks):
        self.cores = cores
        self.started = {}
        java = [*JAVA, build.bench_classpath()]
        self.sinks = Talker("sinks", [*java, "io.homespan.bench.Sinks", sinks], cores.load, WORK / "sinks.log")
        threads = max(1, len(cores.load) - 1)
        self.load = Talker("load", [*java, "io.homespan.bench.Load", threads], cores.load, WORK / "load.log")
        self.sink_ports = self.sinks.hear()["ports"]
        self.send(self.sink_ports[0], **BASE, **CLOSED, seconds=2)  # warms the two themselves up

    def send(self, port, **command):
        """One run of the load, as Load reports it."""
        report = self.load.ask({"port": port, **command})
        if "error" in report:
            raise Failed(f"load: {report['error']}")
        return report

    def measure(self, contestant, **command):
        """One run, and what it cost the contestant until the sinks had everything that was answered OK."""
        before = self.sinks.ask("")
        others = self.load.cpu() + self.sinks.cpu()
        cpu = contestant.process.cpu()
        parts = {name: part.cpu() for name, part in contestant.parts.items()}
        began = time.monotonic()
        report = self.send(contestant.port, **command)
        after, lost = self.arrived(before, report)
        cpu = contestant.process.cpu() - cpu
        parts = {name: part.cpu() - parts[name] for name, part in contestant.parts.items()}
        elapsed = time.monotonic() - began
        others = self.load.cpu() + self.sinks.cpu() - others
        spans = report["spans_ok"]
        if not spans:
            raise Failed(f"{contestant.name}: no span was answered OK: {report}")
        latency = report["latency_ns"]
        return {
            "cpu_us_per_span": cpu / spans * 1e6,
            **{f"{name}_us_per_span": of / spans * 1e6 for name, of in parts.items()},
            "load_us_per_span": others / spans * 1e6,
            "cores_used": cpu / elapsed,
            "spans_per_second": report["spans_per_second"],
            "requests_per_second": report["requests_per_second"],
            "calls_per_request": (after["calls"] - before["calls"]) / report["requests_ok"],
            "p50_ms": latency["p50"] / 1e6,
            "p90_ms": latency["p90"] / 1e6,
            "p99_ms": latency["p99"] / 1e6,
            "p99_9_ms": latency["p99.9"] / 1e6,
            "max_ms": latency["max"] / 1e6,
            "refused": report["refused"],
            "errors": report["error_count"],
            "error_kinds": report["errors"],
            "unsent": report["unsent"],
            "offered": report["offered"],
            "latest_send_ms": report["latest_send_ns"] / 1e6,
            "lost": lost,
            "rss_mb": contestant.process.rss_mb(),
        }

    def warm(self, contestant, limit):
        """Loads until the CPU time per span falls no further, or for `limit` seconds.

        On all cores, so that a JVM's compilers get on; a while with small requests, as code is compiled by how often
        it runs. What compiles nothing needs a second.
        """
        if not contestant.compiles:
            self.send(contestant.port, **BASE, **CLOSED, seconds=min(1, limit))
            return
        contestant.process.pin(self.cores.all)
        self.send(contestant.port, **SMALL, **CLOSED, seconds=limit / 4)
        end = time.monotonic() + limit * 3 / 4
        costs = []
        while time.monotonic() < end and not settled(costs):
            costs.append(self.measure(contestant, **BASE, **CLOSED, seconds=1)["cpu_us_per_span"])
        contestant.process.pin(self.cores.contestant)

    def saturation(self, contestant, seconds):
        """Requests of the base a second, closed loop."""
        return self.send(contestant.port, **BASE, **CLOSED, seconds=seconds)["requests_per_second"]

    def arrived(self, before, report, patience=5):
        """Waits for what was answered OK. Returns the sinks' totals and how many spans have not come."""
        deadline = time.monotonic() + patience
        while True:
            now = self.sinks.ask("")
            if now["malformed"] > before["malformed"] or now["failures"] > before["failures"]:
                raise Failed(f"sinks: got what is no OTLP: {now}")
            if now["compressed_calls"] > before["compressed_calls"]:  # passed on unseen: counted by calls
                missing = report["requests_ok"] - (now["calls"] - before["calls"])
            else:
                missing = report["spans_ok"] - (now["spans"] - before["spans"])
            if missing <= 0 or time.monotonic() > deadline:
                return now, max(0, missing)
            time.sleep(0.05)

    def start(self, recipes, sinks):
        """Starts contestants by name. Returns those that run, and why the others don't."""
        started, missing = {}, {}
        self.started = started
        for name, recipe in recipes.items():
            try:
                started[name] = recipe(self.sink_ports[:sinks], self.cores.contestant)
            except (Failed, RuntimeError, OSError) as e:
                missing[name] = str(e)
                print(f"  {name} is left out: {e}", flush=True)
        return started, missing

    def stop(self):
        """The contestants, also those that dropped out."""
        for contestant in self.started.values():
            contestant.stop()


def settled(costs, over=4):
    """Whether the last few are no better than those before them."""
    if len(costs) < 2 * over:
        return False
    return sum(costs[-over:]) > 0.98 * sum(costs[-2 * over : -over])
