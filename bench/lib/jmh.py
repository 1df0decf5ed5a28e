"""The JMH benchmarks of bench/java, and the figures that come from them."""

import json
import subprocess

from lib import build
from lib.paths import TARGET
from lib.stats import spread

CUT = {"spans": "100", "owners": "3", "shape": "mixed"}
FOR_200 = {**CUT, "owners": "200"}

# figure: (benchmark, parameters) over (benchmark, parameters), by time per operation
RATIOS = {
    "cut_vs_memcpy": (("CutBench.cutAndWrite", CUT), ("CutBench.memcpy", CUT)),
    "cut_growth_3_to_200": (("CutBench.cutAndWrite", FOR_200), ("CutBench.cutAndWrite", CUT)),
}
# no JMH, as it counts the event loop's thread alone, beside real connections; prints name and spread
ALLOCATION_MAIN = ["io.homespan.egress.HandOverAllocation", "100", "3"]
ALLOCATION_FIGURE = "alloc_bytes_over_span_bytes"

ALLOCATION = "gc.alloc.rate.norm"


def measured(quick, cores, every):
    """Runs what figures need, or every benchmark. Returns {figure: values, one for each fork} and a table."""
    counted = []
    for benchmark, parameters in wanted():
        words = [f"{benchmark}$"]
        for name, value in parameters.items():
            words += ["-p", f"{name}={value}"]
        counted += run(cores, [*words, *(["-f", "1"] if quick else [])])
    rest = [] if not every else run(cores, ["io.homespan", "-f", "1", "-wi", "2", "-i", "3"])
    return {**figures(counted), **allocated(cores)}, table(rest or counted)


def wanted():
    """What figures are made of, each once."""
    found = []
    for pair in RATIOS.values():
        found += [one for one in pair if one not in found]
    return found


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


def allocated(cores):
    """What cut, hand-over and egress allocate, over what they carry: least, median and most of five rounds."""
    print(f"allocation {' '.join(ALLOCATION_MAIN)}", flush=True)
    command = ["taskset", "-c", ",".join(map(str, cores.contestant)), "java", "-cp", build.bench_classpath()]
    done = subprocess.run([*command, *ALLOCATION_MAIN], check=False, capture_output=True, text=True)
    for line in done.stdout.splitlines():
        words = line.split()
        if words[:1] == [ALLOCATION_FIGURE]:
            return {ALLOCATION_FIGURE: [float(words[i]) for i in (2, 4, 6)]}
    print("  no results", flush=True)
    return {}


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
