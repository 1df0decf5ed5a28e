"""Those who are measured: how each is started with a list of sinks as its receivers."""

import contextlib
import json
import re
import shutil
import socket
import subprocess
import time

from lib import build
from lib.paths import JAR, RIVALS, ROOT, WORK
from lib.processes import Failed, Process, free_ports

START_SECONDS = 30


class Contestant:
    """A running contestant. `port` takes OTLP/gRPC; what it cannot start with is in the exception."""

    def __init__(self, name, command, port, cores, ready, directory):
        self.name = name
        self.port = port
        self.compiles = command[0] == "java"  # while it runs, so it must be warmed up
        self.parts = {}  # of its processes, those whose CPU time is told apart
        self.process = Process(name, command, cores, directory / "log", cwd=directory)
        try:
            deadline = time.monotonic() + START_SECONDS
            while not ready():
                if not self.process.alive():
                    raise self.process.failed("did not start")
                if time.monotonic() > deadline:
                    raise self.process.failed(f"was not ready within {START_SECONDS} s")
                time.sleep(0.05)
        except BaseException:
            self.process.stop()
            raise

    def stop(self):
        self.process.stop()


def listens(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def says_ready(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as s:
        s.settimeout(2)
        s.sendall(b"GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return b" 200 " in s.recv(64)
    return False


def fresh(name):
    directory = WORK / name
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory


def homespan(name, sinks, cores, forwarder=None, shadow=None, java=(), arguments=()):
    """A node that is not in its own list, so that it forwards everything to the sinks."""
    directory = fresh(name)
    ingest, peer, admin = free_ports(3)
    conf = {
        "drain_delay": 0,
        "ingest": {"host": "127.0.0.1", "port": ingest},
        "peer_forwarder": {
            "static_endpoints": [f"127.0.0.1:{port}" for port in sinks],
            "advertise": "127.0.0.1:1",
            "server": {"host": "127.0.0.1", "port": peer},
            **(forwarder or {}),
        },
        "admin": {"port": admin},
    }
    (directory / "homespan.yaml").write_text(json.dumps(conf))  # JSON is YAML
    run = ["run", "-conf", "homespan.yaml", *arguments]
    if shadow:
        command = ["java", *java, "-cp", f"{build.shadow(shadow)}:{JAR}", "io.homespan.Main", *run]
    else:
        command = ["java", *java, "-jar", JAR, *run]
    started = Contestant(name, command, ingest, cores, lambda: says_ready(admin), directory)
    started.admin = admin
    return started


class Together:
    """Several processes as one."""

    def __init__(self, *processes):
        self.processes = processes

    def cpu(self):
        return sum(p.cpu() for p in self.processes)

    def rss_mb(self):
        return sum(p.rss_mb() for p in self.processes)

    def pin(self, cores):
        for p in self.processes:
            p.pin(cores)

    def stop(self):
        for p in self.processes:
            p.stop()


def certificates(name):
    """By the commands of conf/tls/README.md; the directory with ca.crt and a node's pair."""
    directory = fresh(f"{name}-certificates")
    text = (ROOT / "conf" / "tls" / "README.md").read_text()
    for name, commands in re.findall(r"```bash\n# (ca|node)\n(.*?)```", text, re.S):
        done = subprocess.run(["bash", "-euc", commands], cwd=directory, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failed(f"the commands for {name} of conf/tls/README.md: {done.stderr}")
    return directory


def two_nodes(name, sinks, cores, client_auth):
    """A node that forwards everything to another, which owns it and gives it to the first sink; in the clear if client_auth
    is None. What the first keeps after all, as a stand-in, goes nowhere and so counts as lost."""
    between = {}
    if client_auth:
        at = certificates(name)
        between = {
            "ssl": True,
            "sslKeyCertChainFile": str(at / "node-a.crt"),
            "sslKeyFile": str(at / "node-a.key"),
            "ssl_ca_file": str(at / "ca.crt"),
            "ssl_client_auth": client_auth,
        }
    directory = fresh(f"{name}-keeper")
    ingest, peer, admin = free_ports(3)
    conf = {
        "drain_delay": 0,
        "ingest": {"host": "127.0.0.1", "port": ingest},
        "peer_forwarder": {
            "static_endpoints": [f"127.0.0.1:{peer}"],
            "server": {"host": "127.0.0.1", "port": peer},
            **between,
        },
        "sink": {"type": "otlp", "otlp": {"endpoint": f"http://127.0.0.1:{sinks[0]}"}},
        "repeats": {"max_parts": 16},  # the load's requests come round again, and are to be new each time
        "admin": {"port": admin},
    }
    (directory / "homespan.yaml").write_text(json.dumps(conf))
    command = ["java", "-jar", JAR, "run", "-conf", "homespan.yaml"]
    keeper = Contestant(f"{name}-keeper", command, ingest, cores, lambda: says_ready(admin), directory)
    try:
        pair = homespan(name, [peer], cores, between)
    except BaseException:
        keeper.stop()
        raise
    pair.parts = {"forwarder": pair.process, "keeper": keeper.process}
    pair.process = Together(pair.process, keeper.process)
    return pair


def rival(name, template, command, sinks, cores, **names):
    from fill import fill  # beside the templates

    directory = fresh(name)
    port, metrics = free_ports(2)
    text = fill(
        (RIVALS / template).read_text(), sinks, PORT=port, METRICS_PORT=metrics, DIR=directory, **names
    )
    (directory / template).write_text(text)
    full = [part.replace("@FILE@", str(directory / template)).replace("@DIR@", str(directory)) for part in command]
    if not shutil.which(full[0]):
        raise Failed(f"{name}: there is no {full[0]} here")
    return Contestant(name, full, port, cores, lambda: listens(port), directory)


def haproxy(name, sinks, cores, tune=""):
    return rival(name, "haproxy.cfg", ["haproxy", "-db", "-f", "@FILE@"], sinks, cores, TUNE=tune)


def nginx(name, sinks, cores):
    command = ["nginx", "-e", "@DIR@/error.log", "-p", "@DIR@", "-c", "@FILE@"]
    return rival(name, "nginx.conf", command, sinks, cores)


def collector(name, sinks, cores, template, may_build):
    binary, why = build.collector(may_build)
    if binary is None:
        raise Failed(f"{name}: {why}")
    command = [str(binary), "--config=@FILE@"]
    return rival(name, template, command, sinks, cores, COMPRESSION="none")


# In the order of the tables. Each takes the sinks' ports and cores.
def all_of_them(may_build_collector):
    return {
        "homespan": lambda sinks, cores: homespan("homespan", sinks, cores),
        "homespan_512": lambda sinks, cores: homespan("homespan_512", sinks, cores, {"span_agg_count": 512}),
        "blind": lambda sinks, cores: homespan("blind", sinks, cores, shadow="blind"),
        "decode": lambda sinks, cores: homespan("decode", sinks, cores, shadow="decode"),
        "haproxy": lambda sinks, cores: haproxy("haproxy", sinks, cores),
        "haproxy_64k": lambda sinks, cores: haproxy("haproxy_64k", sinks, cores, "tune.bufsize 65536"),
        "nginx": lambda sinks, cores: nginx("nginx", sinks, cores),
        "collector": lambda sinks, cores: collector(
            "collector", sinks, cores, "collector-noloss.yaml", may_build_collector
        ),
        "collector_default": lambda sinks, cores: collector(
            "collector_default", sinks, cores, "collector-default.yaml", may_build_collector
        ),
    }


# For the part "tls".
BETWEEN_NODES = {
    "plain": lambda sinks, cores: two_nodes("plain", sinks, cores, None),
    "tls": lambda sinks, cores: two_nodes("tls", sinks, cores, "none"),
    "mtls": lambda sinks, cores: two_nodes("mtls", sinks, cores, "required"),
}

TITLES = {
    "homespan": "Homespan",
    "homespan_512": "Homespan, span_agg_count 512",
    "blind": "blind, same server",
    "decode": "decode, same server",
    "haproxy": "HAProxy",
    "haproxy_64k": "HAProxy, 64 KB buffers",
    "nginx": "nginx",
    "collector": "Collector, no loss",
    "collector_default": "Collector, default",
    "plain": "two nodes, in the clear between them",
    "tls": "two nodes, TLS",
    "mtls": "two nodes, TLS with certificates on both sides",
}
