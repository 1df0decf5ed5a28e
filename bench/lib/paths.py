"""Where things are."""

import pathlib
import sys

BENCH = pathlib.Path(__file__).resolve().parent.parent
ROOT = BENCH.parent
TARGET = ROOT / "target" / "bench"
JAR = ROOT / "target" / "homespan.jar"
RIVALS = BENCH / "rivals"
WORK = TARGET / "run"  # configurations and logs of this run

sys.path.insert(0, str(RIVALS))
