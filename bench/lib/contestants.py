"""Those who are measured: how each is started with a list of sinks as its receivers."""

import contextlib
import json
import shutil
import socket
import time

from lib import build
from lib.paths import JAR, RIVALS, WORK
from lib.processes import Failed, Process, free_ports

START_SECONDS = 30


class Contestant:
    """A running contestant. `port` takes OTLP/gRPC; what it cannot start with is in the exception."""

    def __init__(self, name, command, port, cores, ready, directory):
        self.name = name
        self.port = port
        self.compiles = command[0] == "java"  # while it runs, so it must be warmed up
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
}
