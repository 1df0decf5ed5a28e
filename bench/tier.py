"""What bench/ghz and bench/telemetrygen share: a tier to load, the load's tool, and the books afterwards."""

import collections
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import scatter

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "target" / "bench"
# Three nodes on one machine, as the README numbers them.
NODES = ["127.0.0.1:21890", "127.0.0.1:31890", "127.0.0.1:41890"]
ADMINS = ["127.0.0.1:21892", "127.0.0.1:31892", "127.0.0.1:41892"]
TOOL_MISSING = 3


def add_arguments(parser):
    parser.add_argument(
        "--nodes", nargs="+", default=NODES, metavar="HOST:PORT", help=f"ingest ports of the tier ({' '.join(NODES)})"
    )
    parser.add_argument(
        "--admin",
        nargs="+",
        default=ADMINS,
        metavar="HOST:PORT",
        help=f"admin ports of all nodes of the tier ({' '.join(ADMINS)})",
    )
    parser.add_argument(
        "--tier",
        action="store_true",
        help="start three nodes from target/homespan.jar on free ports, with file sinks in a temporary directory; load"
        " them; stop them. --nodes and --admin are then not used",
    )


def tool(name, module):
    """The path of a tool, installed as a Go module under target/bench/bin if it is not there."""
    path = TARGET / "bin" / name
    if path.exists():
        return path
    if not shutil.which("go"):
        sys.stderr.write(
            f"{name} is not in target/bench/bin and there is no Go here to install it with; either install Go 1.25 or"
            f" later, or put the binary of {module} there\n"
        )
        sys.exit(TOOL_MISSING)
    print(f"installing {module}", flush=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Two packages at a time: linking and compiling need memory.
    env = {"GOFLAGS": "-p=2"} | os.environ | {"GOBIN": str(path.parent)}
    done = subprocess.run(["go", "install", module], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stderr[-2000:] + f"go install {module} failed\n")
        sys.exit(TOOL_MISSING)
    return path


class Tier:
    """Three nodes of this build. `with Tier() as tier:` starts them, and stops them with SIGTERM."""

    def __enter__(self):
        jar = ROOT / "target" / "homespan.jar"
        if not jar.exists():
            sys.exit("there is no target/homespan.jar; build it: mvn -q -B package -DskipTests")
        self.directory = tempfile.mkdtemp(prefix="homespan-tier-")
        self.processes = []
        ports = free_ports(9)
        self.nodes = [f"127.0.0.1:{p}" for p in ports[:3]]
        self.admins = [f"127.0.0.1:{p}" for p in ports[6:]]
        try:
            for i in range(3):
                self.start(jar, i, ports)
            for admin in self.admins:
                self.await_ready(admin)
        except BaseException:
            self.kill()
            raise
        return self

    def start(self, jar, i, ports):
        conf = {
            "drain_delay": 0.5,
            "ingest": {"host": "127.0.0.1", "port": ports[i]},
            "peer_forwarder": {
                "static_endpoints": [f"127.0.0.1:{p}" for p in ports[3:6]],
                "server": {"host": "127.0.0.1", "port": ports[3 + i]},
            },
            "sink": {"type": "file", "file": {"path": f"{self.directory}/{i}.jsonl"}},
            "admin": {"port": ports[6 + i]},
        }
        path = pathlib.Path(self.directory, f"{i}.yaml")
        path.write_text(json.dumps(conf), encoding="utf-8")  # JSON is YAML
        with open(f"{self.directory}/{i}.log", "wb") as log:
            self.processes.append(
                subprocess.Popen(["java", "-jar", jar, "run", "-conf", path], stdout=log, stderr=log)
            )

    def await_ready(self, admin):
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://{admin}/ready", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                if any(p.poll() is not None for p in self.processes):
                    break
                time.sleep(0.1)
        sys.exit(f"the tier did not become ready\n{self.logs()}")

    def on_disk(self, sent):
        """Prints what the file sinks hold, which no counter can gloss over; returns whether it is each span once."""
        seen = collections.Counter(one for i in range(3) for one in scatter.kept(f"{self.directory}/{i}.jsonl"))
        twice = seen.total() - len(seen)
        print(f"in the sinks' files: {len(seen):,} different spans of {sent:,} sent, {twice:,} of them again")
        return len(seen) == sent and not twice

    def logs(self):
        return "".join(p.read_text(errors="replace")[-2000:] for p in pathlib.Path(self.directory).glob("*.log"))

    def kill(self):
        for p in self.processes:
            p.kill()
            p.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __exit__(self, kind, *rest):
        for p in self.processes:
            p.send_signal(signal.SIGTERM)
        codes = []
        for p in self.processes:
            try:
                codes.append(p.wait(40))
            except subprocess.TimeoutExpired:
                codes.append("none in 40 s")
        logs = self.logs()
        self.kill()
        if kind is None and any(codes):
            sys.exit(f"nodes should exit with 0 after SIGTERM, but: {codes}\n{logs}")


def free_ports(n):
    held = [socket.socket() for _ in range(n)]
    try:
        for s in held:
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in held]
    finally:
        for s in held:
            s.close()


def books(admin):
    """The span counters of one node, summed over labels; `sent` is what came from senders, not peers, and `stand_in` what
    was kept for another node."""
    with urllib.request.urlopen(f"http://{admin}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    sums = collections.Counter()
    for name, labels, value in re.findall(r"^homespan_spans_(\w+)_total(\{[^}]*\})? (\S+)$", text, re.M):
        sums[name] += round(float(value))
        if name == "received" and 'from="sender"' in labels:
            sums["sent"] += round(float(value))
        if name == "kept" and 'as="stand_in"' in labels:
            sums["stand_in"] += round(float(value))
    return sums


def read_books(admins):
    """All nodes' books, or an exit that says which node is not there."""
    read = []
    for admin in admins:
        try:
            read.append(books(admin))
        except OSError as e:
            sys.exit(f"no metrics from http://{admin}/metrics: {e}; is the tier up? (--tier starts one)")
    return read


FATES = ("kept", "forwarded", "refused", "dropped")


def settle(admins, before, sent):
    """Prints what happened to `sent` spans since `before`, and returns whether each was kept once and all books balance."""
    deadline = time.monotonic() + 5  # an answer may overtake the counting of what was confirmed
    while True:
        nodes = [
            collections.Counter({k: a[k] - b[k] for k in a | b}) for a, b in zip(read_books(admins), before)
        ]
        kept = sum(n["kept"] for n in nodes)
        balanced = all(n["received"] == sum(n[f] for f in FATES) for n in nodes)
        if (kept == sent and balanced) or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    print(f"{'node':<22}{'from senders':>13}{'received':>10} = {'kept':>9}" + "".join(f"{f:>11}" for f in FATES[1:]))
    for admin, n in zip(admins, nodes):
        right = n["received"] == sum(n[f] for f in FATES)
        numbers = f"{n['sent']:>13,}{n['received']:>10,} = {n['kept']:>9,}" + "".join(f"{n[f]:>11,}" for f in FATES[1:])
        print(f"{admin:<22}{numbers}  {'books balance' if right else 'BOOKS DO NOT BALANCE'}")
    print(
        f"spans sent {sent:,}, kept by the tier {kept:,} (of these by stand-ins {sum(n['stand_in'] for n in nodes):,}),"
        f" recognised as repeats {sum(n['repeated'] for n in nodes):,}"
    )
    if kept < sent:
        print(f"{sent - kept:,} spans were not counted as kept: refused, or kept too late to be counted so")
    elif kept > sent:
        print(
            f"{kept - sent:,} spans were kept twice, or somebody else sends to this tier. If stand-ins kept any, calls to"
            " peers took longer than peer_forwarder.time_out; is the machine overloaded?"
        )
    return balanced and kept == sent
