"""Moves the wall clock of single processes, with a library that is loaded before libc; needs a C compiler."""

import pathlib
import shutil
import struct
import subprocess

SOURCE = pathlib.Path(__file__).with_name("clock.c")


class Clock:
    def __init__(self, directory, library, random):
        self.directory = directory
        self.library = library
        self.random = random

    def prefix(self, node):
        """What a node's command begins with."""
        self.jump(node, 0)
        return ["env", f"LD_PRELOAD={self.library}", f"CHAOS_CLOCK={self.file(node)}"]

    def file(self, node):
        return self.directory / f"clock{node}"

    def jump(self, node, seconds):
        """To so many seconds from the true time, at once."""
        file = self.file(node)
        with open(file, "r+b" if file.exists() else "w+b") as f:
            f.write(struct.pack("l", seconds))


def compiled(directory, random):
    """A Clock, or None without a compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    library = directory / "clock.so"
    if compiler is None:
        return None
    command = [compiler, "-O2", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        return None
    return Clock(directory, library, random)
