"""The JMH benchmarks of bench/java, and the figures that come from them."""

import json
import subprocess

from lib import build
from lib.paths import TARGET
from lib.stats import spread

# no JMH: one lets contestants take turns, the other counts the event loop's thread alone, beside real
# connections; each prints lines of a figure's name and its spread
MAINS = (
    ["io.homespan.otlp.CutRatios"],
    ["io.homespan.egress.HandOverAllocation", "100", "3"],
)
FIGURES = ("cut_vs_memcpy", "cut_growth_3_to_200", "alloc_bytes_over_span_bytes")

ALLOCATION = "gc.alloc.rate.norm"


def measured(cores, every):
    """Runs what figures are made of, and every benchmark if wanted. Returns {figure: values} and a table."""
    values = {}
    for main in MAINS:
        values.update(figures(cores, main))
    found = run(cores, ["io.homespan", "-f", "1", "-wi", "2", "-i", "3"]) if every else []
    return values, table(found)


def run(cores, words):
    print(f"JMH {' '.join(words)}", flush=True)
    out = TARGET / "jmh.json"
    out.unlink(missing_ok=True)
    command = ["taskset", "-c", ",".join(map(str, cores.contestant)), "java", "-cp", build.bench_classpath()]
    command += ["org.openjdk.jmh.Main", *words, "-prof", "gc", "-rf", "json", "-rff", str(out), "-v", "SILENT"]
    done = subprocess.run(command, check=False)
    if done.returncode or not out.exists() or not out.stat().st_size:
        print("  no results", flush=True)
        return []
    return json.loads(out.read_text())


def figures(cores, main):
    """{figure: least, median and most} of what a program prints."""
    print(" ".join(main), flush=True)
    command = ["taskset", "-c", ",".join(map(str, cores.contestant)), "java", "-cp", build.bench_classpath()]
    done = subprocess.run([*command, *main], check=False, capture_output=True, text=True)
    values = {}
    for line in done.stdout.splitlines():
        words = line.split()
        if words[:1] and words[0] in FIGURES:
            values[words[0]] = [float(words[i]) for i in (2, 4, 6)]
    if not values:
        print("  no results", flush=True)
    return values


def table(found):
    if not found:
        return ""
    from lib.report import number
    from lib.report import table as markdown

    rows = []
    for b in found:
        name = ".".join(b["benchmark"].split(".")[-2:])
        parameters = ", ".join(f"{k} {v}" for k, v in b.get("params", {}).items())
        metric = b["primaryMetric"]
        values = spread([x for fork in metric["rawData"] for x in fork])
        allocated = b["secondaryMetrics"].get(ALLOCATION, {}).get("score")
        rows.append([f"{name} {parameters}", *(number(values[k]) for k in values), metric["scoreUnit"], number(allocated)])
    return markdown(["benchmark", "min", "median", "max", "unit", "B/op allocated"], rows)
