"""The machine: what it is, how its cores are shared out, and what the kernel books on processes."""

import os
import pathlib
import platform
import subprocess

TICKS = os.sysconf("SC_CLK_TCK")


class Cores:
    """Who runs where: the contestant has one core, load and sinks have the rest."""

    def __init__(self):
        self.all = sorted(os.sched_getaffinity(0))
        if len(self.all) < 2:
            raise SystemExit("bench/run needs two cores: one for the contestant, one for load and sinks")
        self.contestant = [self.all[-1]]
        self.load = self.all[:-1]

    def describe(self):
        if len(self.all) == 2:
            return "two cores: the contestant is pinned to one, load and sinks share the other"
        return f"{len(self.all)} cores: the contestant is pinned to one, load and sinks have the other {len(self.load)}"


def cpu_seconds(pids):
    """User and system time that processes and their threads have used, by the kernel's accounting (10 ms steps)."""
    ticks = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS


def family(pid):
    """A process and its descendants."""
    pids = [pid]
    for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        pids += family(int(child))
    return pids


def rss_mb(pids):
    """Resident memory, shared pages included."""
    kilobytes = 0
    for pid in pids:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                kilobytes += int(line.split()[1])
    return kilobytes / 1024


def describe():
    """What figures depend on; nothing that names the machine."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": cpu_model(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "kernel": platform.release().split("-")[0],
        "jdk": jdk(),
        "versions": {name: version for name, version in versions().items() if version},
    }


def cpu_model():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def jdk():
    out = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True).stderr
    return f"JDK {out.split(chr(34))[1]}"  # openjdk version "17.0.15" ...


def versions():
    """Of the proxies; empty where there is none."""
    return {
        "haproxy": first_line(["haproxy", "-v"], 2),
        "nginx": first_line(["nginx", "-v"], 2),
    }


def first_line(command, word):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    words = (done.stdout + done.stderr).split("\n")[0].split()
    return words[word].split("/")[-1].split("-")[0] if len(words) > word else ""
