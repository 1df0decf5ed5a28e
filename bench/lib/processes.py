"""Starting processes, and leaving none behind."""

import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess

from lib import machine

running = []


class Failed(Exception):
    """A process that did not start or ended too early; the text says which and shows its last lines."""


class Process:
    """A process pinned to cores, with its output in a file."""

    def __init__(self, name, command, cores, log, stdin=None, stdout=None, cwd=None):
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with open(log, "wb") as errors:
            self.child = subprocess.Popen(
                ["taskset", "-c", ",".join(map(str, cores)), *map(str, command)],
                stdin=stdin or subprocess.DEVNULL,
                stdout=stdout or errors,
                stderr=errors,
                cwd=cwd,
                text=True,
                start_new_session=True,  # so that Ctrl-C is ours to pass on
            )
        running.append(self)

    @property
    def pid(self):
        return self.child.pid

    def cpu(self):
        return machine.cpu_seconds(self.family())

    def rss_mb(self):
        return machine.rss_mb(self.family())

    def family(self):
        try:
            return machine.family(self.pid)
        except OSError as e:
            raise self.failed("has ended") from e

    def pin(self, cores):
        """All its threads."""
        words = ["taskset", "-acp", ",".join(map(str, cores)), str(self.pid)]
        subprocess.run(words, stdout=subprocess.DEVNULL, check=True)

    def alive(self):
        return self.child.poll() is None

    def failed(self, what):
        lines = self.log.read_text(errors="replace").strip().splitlines()[-8:]
        return Failed(f"{self.name} {what}" + "".join(f"\n    {line}" for line in lines))

    def stop(self):
        if self in running:
            running.remove(self)
        if self.alive():
            self.child.terminate()
            try:
                self.child.wait(3)
            except subprocess.TimeoutExpired:
                pass
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.child.wait()
        for pipe in (self.child.stdin, self.child.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()


class Talker(Process):
    """A process that answers each line on its input with a line of JSON."""

    def __init__(self, name, command, cores, log):
        super().__init__(name, command, cores, log, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, line):
        try:
            self.child.stdin.write(json.dumps(line) + "\n")
            self.child.stdin.flush()
        except OSError as e:
            raise self.failed("has ended") from e
        return self.hear()

    def hear(self):
        line = self.child.stdout.readline()
        if not line:
            raise self.failed("has ended")
        return json.loads(line)


@atexit.register
def stop_all():
    for process in list(running):
        process.stop()


def stop_on_signals():
    """SIGTERM ends the bench as Ctrl-C does: with an exception, so that everything is stopped."""

    def interrupted(number, frame):
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupted)


def free_ports(count):
    held = [socket.socket() for _ in range(count)]
    try:
        for s in held:
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in held]
    finally:
        for s in held:
            s.close()
