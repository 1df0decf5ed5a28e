"""Builds what a run needs, if it is missing or older than its sources."""

import os
import shutil
import subprocess
import venv

from lib.paths import BENCH, JAR, RIVALS, ROOT, TARGET

CLASSPATH = TARGET / "classpath"
LOAD = ROOT / "target" / "test-classes" / "io" / "homespan" / "bench" / "Load.class"  # mvn verify sweeps it away
COLLECTOR = TARGET / "collector" / "dist" / "otelcol-bench"
NO_GO = 3


def newest(*folders):
    return max(f.stat().st_mtime for folder in folders for f in folder.rglob("*") if f.is_file())


def jar():
    """The fat jar, Load, Sinks and the JMH benchmarks."""
    sources = max(newest(ROOT / "src", BENCH / "java"), (ROOT / "pom.xml").stat().st_mtime)
    if JAR.exists() and CLASSPATH.exists() and LOAD.exists() and JAR.stat().st_mtime > sources:
        return
    print("building the jar and the bench", flush=True)
    command = ["mvn", "-q", "-B", "-Pbench", "-DskipTests", "package"]
    if subprocess.run([*command, "-o"], cwd=ROOT, capture_output=True, check=False).returncode:
        subprocess.run(command, cwd=ROOT, check=True)


def bench_classpath():
    own = [ROOT / "target" / "test-classes", ROOT / "target" / "classes"]
    return ":".join([*map(str, own), CLASSPATH.read_text().strip()])


def shadow(name):
    """The directory with the one class that makes a jar the contestant `name`."""
    classes = TARGET / name
    if not classes.exists() or newest(classes) < max(newest(BENCH / name), JAR.stat().st_mtime):
        shutil.rmtree(classes, ignore_errors=True)
        classes.mkdir(parents=True)
        sources = map(str, (BENCH / name).rglob("*.java"))
        done = subprocess.run(
            ["javac", "-nowarn", "-cp", JAR, "-d", classes, *sources], capture_output=True, text=True, check=False
        )
        if done.returncode:
            shutil.rmtree(classes)
            raise RuntimeError(f"{name} cannot be compiled:\n{done.stderr}")
    return classes


def collector(may_build):
    """Path of the Collector, or None and why there is none."""
    if COLLECTOR.exists():
        return COLLECTOR, ""
    if not may_build:
        return None, "the Collector is not built; bench/rivals/build-collector does it (5 to 20 minutes)"
    print("building the Collector, 5 to 20 minutes", flush=True)
    done = subprocess.run([RIVALS / "build-collector"], capture_output=True, text=True, check=False)
    if done.returncode:
        return None, done.stderr.strip()
    return COLLECTOR, ""


def plotting_python():
    """A Python with matplotlib, or None: plots are then left out."""
    home = TARGET / "venv"
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
    have = subprocess.run([python, "-c", "import matplotlib"], capture_output=True, check=False).returncode == 0
    if not have:
        install = [python, "-m", "pip", "-q", "install", "matplotlib==3.10.*"]
        have = subprocess.run(install, check=False).returncode == 0
    return python if have else None


def commit():
    done = subprocess.run(["git", "rev-parse", "--short=10", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        return os.environ.get("HOMESPAN_COMMIT", "unknown")
    dirty = subprocess.run(["git", "status", "--porcelain", "src", "pom.xml"], cwd=ROOT, capture_output=True, check=False)
    return done.stdout.strip() + ("-changed" if dirty.stdout.strip() else "")
