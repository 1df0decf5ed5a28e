"""The nodes under test, each a process of the fat jar, and what is known of each."""

import collections
import http.client
import json
import pathlib
import re
import signal
import time

from lib.paths import JAR
from lib.processes import Process, free_ports

BLOCKED = re.compile(r"has been blocked for (\d+) ms")
BOOKS = re.compile(r"^homespan_spans_(\w+)_total(?:\{([^}]*)\})? (\S+)$", re.M)


class Life:
    """A node from start to exit."""

    def __init__(self, begin):
        self.begin = begin
        self.end = None
        self.how = "alive"
        self.books = None  # as last read
        self.peak_mb = 0.0


class Node:
    """One place in the tier; processes come and go there."""

    def __init__(self, number, tier, sinks):
        self.number = number
        self.tier = tier
        self.sinks = sinks  # "otlp", "file" or both
        self.inner = f"127.2.0.{number}"  # where it listens
        self.outer = f"127.1.0.{number}"  # the proxy before its peer port
        self.directory = tier.directory / f"node{number}"
        self.directory.mkdir(parents=True)
        self.process = None
        self.lives = []
        self.busy = False  # some fault has its process in hand
        self.read_to = 0  # of the log of the process that is there
        self.blocked = []  # what Vert.x said of blocked threads, and when

    @property
    def life(self):
        return self.lives[-1]

    @property
    def ingest(self):
        return f"{self.inner}:{self.tier.ports[0]}"

    @property
    def peer(self):
        return f"{self.inner}:{self.tier.ports[1]}"

    @property
    def proxied(self):
        return f"{self.outer}:{self.tier.ports[1]}"

    @property
    def backend(self):
        return f"127.3.0.{self.number}:{self.tier.ports[3]}"

    @property
    def file(self):
        return (self.tier.disk or self.directory) / f"node{self.number}-spans.jsonl"

    def files(self):
        return sorted(self.file.parent.glob(self.file.name + "*"))

    def config(self):
        t = self.tier
        forwarder = {
            "server": {"host": self.inner, "port": t.ports[1]},
            "client": {"port": t.ports[1]},
        }
        if t.discovery == "dns":
            forwarder.update({"discovery_mode": "dns", "domain_name": t.dns_name})
        else:
            listed = [n.proxied for n in t.nodes]
            forwarder.update({"discovery_mode": "static", "static_endpoints": listed, "advertise": self.proxied})
        of_type = {
            "otlp": {"type": "otlp", "otlp": {"endpoint": "http://" + self.backend}},
            "file": {"type": "file", "file": {"path": str(self.file)}},
        }
        sinks = [of_type[s] for s in self.sinks]
        bound = t.bytes_in_flight
        forwarder["server"]["max_bytes_in_flight"] = bound
        forwarder["max_backlog_bytes_per_peer"] = bound
        return {
            "drain_delay": 2,
            "shutdown_timeout": 20,
            "ingest": {
                "host": self.inner,
                "port": t.ports[0],
                "max_bytes_in_flight": bound,
                "max_message_bytes": bound,
            },
            "peer_forwarder": forwarder,
            "discovery": {
                "exchange_interval": 2,
                "exchange_timeout": 1,
                "dns": {"servers": [t.dns.address(self.number)], "query_timeout": 1},
            },
            "sink": sinks if len(sinks) > 1 else sinks[0],
            "admin": {"host": self.inner, "port": t.ports[2]},
        }

    def start(self):
        file = self.directory / "homespan.json"
        file.write_text(json.dumps(self.config(), indent=1))
        log = self.directory / f"{len(self.lives) + 1}.log"
        prefix = self.tier.clock.prefix(self.number) if self.tier.clock else []
        command = [*prefix, "java", *self.tier.java_options, "-jar", JAR, "run", "-conf", file, "-instances", "1"]
        self.look_for_blocked()  # what the one before said at last
        self.read_to = 0
        self.process = Process(f"node {self.number}", command, self.tier.cores, log)
        self.lives.append(Life(self.tier.now()))

    def alive(self):
        return self.process is not None and self.process.alive()

    def signal(self, number):
        self.process.child.send_signal(number)

    def kill(self):
        self.ended("killed")
        self.signal(signal.SIGKILL)
        self.process.stop()

    def ended(self, how):
        self.life.how = how
        self.life.end = self.tier.now()

    def get(self, path, timeout=1.0):
        """The admin port's answer, or None."""
        connection = http.client.HTTPConnection(self.inner, self.tier.ports[2], timeout=timeout)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.read().decode() if answer.status == 200 else None
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def ready(self):
        return self.get("/ready") is not None

    def read_books(self, timeout=1.0):
        text = self.get("/metrics", timeout)
        if text is None:
            return
        sums = collections.Counter()
        for name, labels, value in BOOKS.findall(text):
            sums[name] += int(float(value))
            if name == "kept" and 'as="stand_in"' in (labels or ""):
                sums["kept_as_stand_in"] += int(float(value))
        for gauge in ("requests_in_flight", "bytes_in_flight"):
            for value in re.findall(rf"^homespan_{gauge}{{[^}}]*}} (\S+)$", text, re.M):
                sums[gauge] += int(float(value))
        self.life.books = dict(sums)

    def look_for_blocked(self):
        """By this process's clock: the node's own may have been moved."""
        if self.process is None:
            return
        with open(self.process.log, "rb") as log:
            log.seek(self.read_to)
            text = log.read()
        text = text[: text.rfind(b"\n") + 1]
        self.read_to += len(text)
        lines = text.decode(errors="replace").splitlines()
        for i, line in enumerate(lines):
            found = BLOCKED.search(line)
            if found:
                stack = [at.strip() for at in lines[i + 2 : i + 6] if at.startswith("\tat ")]
                self.blocked.append(
                    {"node": self.number, "at": self.tier.now(), "ms": int(found[1]), "begun": self.life.begin, "stack": stack}
                )

    def sample(self):
        self.look_for_blocked()
        if self.process is None or self.life.end is not None:
            return
        try:
            status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return
        found = re.search(r"VmHWM:\s+(\d+)", status)  # the kernel's own high-water mark
        if found:
            self.life.peak_mb = max(self.life.peak_mb, int(found[1]) / 1024)


class Tier:
    def __init__(self, directory, size, discovery, dns, dns_name, java_options, cores, base, sinks, disk, bytes_in_flight, clock):
        self.directory = directory
        self.discovery = discovery
        self.dns = dns
        self.dns_name = dns_name
        self.java_options = java_options
        self.cores = cores
        self.base = base
        self.disk = disk
        self.bytes_in_flight = bytes_in_flight
        self.clock = clock
        self.ports = free_ports(4)  # ingest, peers, admin, backend: the same at every node's own address
        self.nodes = [Node(n, self, sinks[n - 1]) for n in range(1, size + 1)]
        self.members = []
        self.senders = None  # told of members once they are there
        self.surprises = []

    def now(self):
        return int(time.time() * 1000) - self.base

    def node(self, number):
        return self.nodes[number - 1]

    def set_members(self, numbers):
        """Whom DNS names and senders send to."""
        self.members = sorted(numbers)
        self.dns.members = [self.node(n).outer for n in self.members]
        self.tell_senders(self.members)

    def tell_senders(self, numbers):
        if self.senders:
            self.senders.ask({"members": [{"node": n, "address": self.node(n).ingest} for n in numbers]})

    def sample(self):
        for node in self.nodes:
            node.sample()
            if node.process is not None and node.life.end is None and not node.alive() and not node.busy:
                code = node.process.child.returncode
                node.ended("crashed")
                self.surprises.append(f"node {node.number} ended by itself with {code}, {node.process.log.name}")
