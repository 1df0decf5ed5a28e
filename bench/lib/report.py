"""What is printed and written: tables of Markdown, results.json, plots."""

import os
import json
import subprocess

from lib.contestants import TITLES
from lib.figures import TARGETS, verdict
from lib.paths import BENCH


def table(head, rows):
    """A Markdown table, with columns padded so that it reads well as plain text too. Columns after the first are numbers."""
    cells = [[str(c) for c in row] for row in [head, *rows]]
    widths = [max(3, *(len(row[i]) for row in cells)) for i in range(len(head))]

    def line(row):
        padded = [c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths))]
        return "| " + " | ".join(padded) + " |"

    rule = "|" + "|".join("-" * (w + 1) + (":" if i else "-") for i, w in enumerate(widths)) + "|"
    return "\n".join([line(cells[0]), rule, *map(line, cells[1:])])


def number(value):
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"


def three(spread):
    return [number(spread[k]) for k in ("min", "median", "max")] if spread else ["-"] * 3


def median(spread):
    return number(spread["median"]) if spread else "-"


def any_target(results):
    return any(name in results["figures"] for name, *_ in TARGETS)


def targets(figures):
    rows = []
    for name, target, sign, what in TARGETS:
        found = figures.get(name)
        judged = verdict(found, target, sign) if found else "not measured"
        rows.append([f"{what} `{name}`", *three(found), f"{sign} {number(target)}", judged])
    return table(["figure", "min", "median", "max", "target", ""], rows)


def contestants(scenario):
    rows = []
    for name, s in scenario["summary"].items():
        bad = sum(s[k]["max"] > 0 for k in ("refused", "errors", "lost"))
        rows.append(
            [
                TITLES[name],
                *three(s["cpu_us_per_span"]),
                median(s["spans_per_second"]),
                median(s["p50_ms"]),
                median(s["p99_ms"]),
                median(s["calls_per_request"]),
                median(s["rss_mb"]),
                not_ok(s) if bad else "0",
            ]
        )
    head = ["contestant", "CPU us/span min", "median", "max"]
    head += ["spans/s", "p50 ms", "p99 ms", "calls/req", "RSS MB", "not OK"]
    return table(head, rows)


def between_nodes(scenario, figures):
    rows = [
        [
            TITLES[name],
            *(median(s[f"{node}_us_per_span"]) for node in ("forwarder", "keeper")),
            *three(s["cpu_us_per_span"]),
            median(figures.get(f"added_us_per_span_{name}")),
            median(figures.get(f"cpu_{name}_vs_plain")),
            median(s["spans_per_second"]),
            median(s["rss_mb"]),
            not_ok(s) or "0",
        ]
        for name, s in scenario["summary"].items()
    ]
    head = ["", "CPU us/span of the sending node", "of the other", "both min", "median", "max"]
    return table([*head, "added", "of plain", "spans/s", "RSS MB", "not OK"], rows)


def not_ok(summary):
    """What went wrong in the worst round, e.g. "12 refused, 3 lost"."""
    return ", ".join(f"{summary[k]['max']:.0f} {k}" for k in ("refused", "errors", "lost") if summary[k]["max"])


def across(scenarios, heads):
    """CPU per span of several scenarios, contestants by rows."""
    names = list(dict.fromkeys(n for s in scenarios for n in s["summary"]))
    rows = [
        [TITLES[n], *(median(s["summary"][n]["cpu_us_per_span"]) if n in s["summary"] else "-" for s in scenarios)]
        for n in names
    ]
    return table(["CPU us/span, median", *heads], rows)


def points(rows, columns):
    """A table of dicts: columns are (key, heading)."""
    return table([h for _, h in columns], [[number(r.get(k)) for k, _ in columns] for r in rows])


def sections(results):
    """(heading, text, plot) of all that was measured."""
    found = {s["name"]: s for s in results.get("scenarios", [])}
    if "base" in found:
        yield found["base"]["title"].capitalize(), contestants(found["base"]), "cpu.svg"
    if "small" in found:
        yield found["small"]["title"].capitalize(), contestants(found["small"]), None
    sizes = [(n, found[f"spans_{n}"]) for n in (1, 10, 100, 1000) if f"spans_{n}" in found]
    if sizes:
        text = across([s for _, s in sizes], [f"{n:,}" for n, _ in sizes])
        yield "By spans in a request (mixed, 3 owners)", text, "cpu_by_size.svg"
    others = [(n, found[n]) for n in ("base", "whole", "gzip") if n in found]
    if len(others) > 1:
        yield "Whole traces, gzip", across([s for _, s in others], [n for n, _ in others]), None
    owners = [(3, found.get("base"))] + [(n, found.get(f"owners_{n}")) for n in (10, 50, 200)]
    owners = [(n, s) for n, s in owners if s]
    if len(owners) > 1:
        text = across([s for _, s in owners], [f"{n} owners" for n, _ in owners])
        yield "By owners", text, "cpu_by_owners.svg"
    if "tls" in found:
        yield found["tls"]["title"].capitalize(), between_nodes(found["tls"], results["figures"]), None
    yield from curve_sections(results)
    if results.get("jmh_table"):
        yield "JMH", results["jmh_table"], None


def curve_sections(results):
    if results.get("latency"):
        keys = ["direct_p50_ms", "through_p50_ms", "added_p50_ms", "direct_p99_ms", "through_p99_ms", "added_p99_ms"]
        columns = [("rate", "requests/s"), *((k, k.replace("_", " ")) for k in keys), ("not_ok", "not OK")]
        yield "Latency added at half of saturation", points(results["latency"], columns), None
    if results.get("overload"):
        columns = [
            ("load", "offered / saturation"),
            ("rate", "requests/s offered"),
            ("spans_per_second", "spans/s OK"),
            ("refused", "refused"),
            ("unsent", "unsent"),
            ("errors", "errors"),
            ("p50_ms", "p50 ms"),
            ("p99_ms", "p99 ms"),
            ("rss_mb", "RSS MB"),
            ("latest_send_ms", "load late by, ms"),
        ]
        yield "Offered more and more (first round)", points(results["overload"][0], columns), "overload.svg"
    if results.get("heap"):
        columns = [
            ("xmx_mb", "-Xmx MB"),
            ("spans_per_second", "spans/s"),
            ("goodput", "of the best"),
            ("cpu_us_per_span", "CPU us/span"),
            ("full_collections", "full collections"),
            ("refused", "refused"),
            ("errors", "errors"),
            ("rss_mb", "RSS MB"),
        ]
        yield "Heap at saturation with 200 peers", points(results["heap"], columns), None
    if results.get("memory"):
        columns = [
            ("peers", "peers"),
            ("heap_idle_mb", "heap idle, MB"),
            ("heap_mb", "heap after load, MB"),
            ("rss_mb", "RSS at saturation, MB"),
            ("cpu_us_per_span", "CPU us/span"),
        ]
        yield "Memory by peers", points(results["memory"], columns), "memory.svg"
    if results.get("instances"):
        columns = [
            ("instances", "-instances"),
            ("spans_per_second", "spans/s"),
            ("cpu_us_per_span", "CPU us/span"),
            ("cores_used", "cores used"),
            ("p50_ms", "p50 ms"),
            ("p99_ms", "p99 ms"),
        ]
        rows = [{"instances": n, **m} for r in results["instances"] for n, m in r.items()]
        yield "Instances, on two cores which the load shares", points(rows, columns), None


READING = """\
## How to read it

CPU is the contestant's user and system time by the kernel's accounting (`/proc/PID/stat`, all its processes), over the
spans that were answered OK; microseconds a span are seconds a million spans. Ratios are made within a round, where
contestants were loaded one after the other by the same load, so they bear noise of the machine better than the figures
they are made of. *Spans/s* of the side-by-side tables is what one core did with 32 requests under way; *p50* and *p99*
there are latencies at saturation and say little. *Calls/req* is how many calls the sinks got for a request. *Not OK*
names the worst round. *Lost* are spans answered OK that no sink had got five seconds later.
The contestants *blind* and *decode* are Homespan with one class replaced. Blind proxies (HAProxy, nginx, *blind*) send a
request as a whole to any receiver: they don't bring the spans of a trace together. `bench/README.md` has the rest.
"""


def markdown(results, plots):
    parts = [
        f"# Bench of {results['commit']}\n",
        f"`{results['command']}`, {results['date']}, {results['minutes']:.0f} minutes.\n",
        f"Machine: {results['machine']}. {results['cores'].capitalize()}.\n",
    ]
    if any_target(results):
        parts += ["## Figures and targets\n", targets(results["figures"]) + "\n"]
    if results["missing"]:
        parts += ["Left out:\n", *(f"- {name}: {why.splitlines()[0]}" for name, why in results["missing"].items()), ""]
    parts.append(READING)
    for heading, text, plot in sections(results):
        parts += [f"## {heading}\n", text + "\n"]
        if plot in plots:
            parts.append(f"![{heading}]({plot})\n")
    return "\n".join(parts)


def rounded(value):
    """Four significant digits, all the way down; rounds are left out where there is a summary."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items() if not (k == "rounds" and "summary" in value)}
    if isinstance(value, list):
        return [rounded(v) for v in value]
    return value


def write(results, directory, python):
    directory.mkdir(parents=True, exist_ok=True)
    head = {key: results[key] for key in ("commit", "machine", "figures")}
    rest = {key: value for key, value in results.items() if key not in head and key != "jmh_table"}
    (directory / "results.json").write_text(json.dumps(rounded({**head, **rest}), indent=1) + "\n")
    plots = []
    if python:
        subprocess.run([python, BENCH / "lib" / "plots.py", directory / "results.json"], check=False)
        plots = [f.name for f in directory.glob("*.svg")]
    (directory / "README.md").write_text(markdown(results, plots))
    print(f"\nwritten to {os.path.relpath(directory)}")


def show(results):
    print(f"\n{results['machine']}. {results['cores'].capitalize()}.")
    for heading, text, _ in sections(results):
        print(f"\n{heading}\n{text}")
    if any_target(results):
        print(f"\nFigures and targets\n{targets(results['figures'])}")
    for name, why in results["missing"].items():
        print(f"left out: {why if name in why else name + ': ' + why}")
