"""The JMH benchmarks of bench/java, and the figures that come from them."""

import json
import subprocess

from lib import build
from lib.paths import TARGET
from lib.stats import spread

# figure: (benchmark, parameters) over (benchmark, parameters), by time per operation
RATIOS = {
    "cut_vs_memcpy": (("CutBench.cut", {"spans": "100", "owners": "3"}), ("CutBench.memcpy", {"spans": "100"})),
    "cut_growth_3_to_200": (
        ("CutBench.cut", {"spans": "100", "owners": "200"}),
        ("CutBench.cut", {"spans": "100", "owners": "3"}),
    ),
}
# figure: (benchmark, parameters), by bytes allocated per operation, which is one byte of span
ALLOCATED = {"alloc_bytes_over_span_bytes": ("PathBench.forward", {})}

COUNTED = "(" + "|".join(sorted({b for pair in RATIOS.values() for b, _ in pair} | {b for b, _ in ALLOCATED.values()})) + ")"
ALLOCATION = "gc.alloc.rate.norm"


def measured(quick, cores):
    """Runs the benchmarks. Returns {figure: values, one for each fork} and a table of all."""
    found = run("counted", cores, [COUNTED], quick)
    if not quick:
        found += run("rest", cores, ["io.homespan", "-e", COUNTED, "-f", "1"], quick)
    return figures(found), table(found)


def run(name, cores, words, quick):
    out = TARGET / f"jmh-{name}.json"
    out.unlink(missing_ok=True)
    command = ["taskset", "-c", ",".join(map(str, cores.contestant)), "java", "-cp", build.bench_classpath()]
    command += ["org.openjdk.jmh.Main", *words, "-prof", "gc", "-rf", "json", "-rff", str(out), "-v", "SILENT"]
    if quick:
        command += ["-f", "1", "-wi", "3", "-i", "3", "-w", "1", "-r", "1"]
    print(f"JMH, {name}", flush=True)
    done = subprocess.run(command, check=False)
    if done.returncode or not out.exists() or not out.stat().st_size:
        print("  no results", flush=True)
        return []
    return json.loads(out.read_text())


def one(found, benchmark, parameters):
    for b in found:
        given = b.get("params", {})
        if b["benchmark"].endswith("." + benchmark) and all(given.get(k) == v for k, v in parameters.items()):
            return b
    return None


def by_fork(metric):
    """The median of each fork's iterations."""
    return [spread(iterations)["median"] for iterations in metric["rawData"]]


def figures(found):
    values = {}
    for name, (above, below) in RATIOS.items():
        a, b = one(found, *above), one(found, *below)
        if a and b:
            values[name] = [x / y for x, y in zip(by_fork(a["primaryMetric"]), by_fork(b["primaryMetric"]))]
    for name, wanted in ALLOCATED.items():
        b = one(found, *wanted)
        if b:
            values[name] = by_fork(b["secondaryMetrics"][ALLOCATION])
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
