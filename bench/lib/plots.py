"""Draws the plots beside a results.json. Needs matplotlib: bench/run calls it with a Python that has it."""

import json
import pathlib
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from lib.contestants import TITLES  # noqa: E402

HOMESPAN = "#1b6ca8"
OTHER = "#9aa5b1"
STYLE = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e5e8eb",
    "axes.axisbelow": True,
    "svg.fonttype": "none",
    "svg.hashsalt": "homespan",
}
COLOURS = {
    "homespan": "#1b6ca8",
    "homespan_512": "#63a6d8",
    "blind": "#5b8c5a",
    "decode": "#c44536",
    "haproxy": "#e0a030",
    "haproxy_64k": "#b07a10",
    "nginx": "#7a5195",
    "collector": "#444444",
    "collector_default": "#999999",
}


def save(figure, directory, name):
    figure.tight_layout()
    figure.savefig(directory / name, metadata={"Date": None})
    plt.close(figure)


def bars(scenario, directory):
    names = list(reversed(scenario["summary"]))
    spreads = [scenario["summary"][n]["cpu_us_per_span"] for n in names]
    medians = [s["median"] for s in spreads]
    whiskers = [[s["median"] - s["min"] for s in spreads], [s["max"] - s["median"] for s in spreads]]
    figure, axes = plt.subplots(figsize=(8, 0.45 * len(names) + 1.2))
    axes.barh(
        [TITLES[n] for n in names],
        medians,
        xerr=whiskers,
        color=[HOMESPAN if n.startswith("homespan") else OTHER for n in names],
        error_kw={"ecolor": "#333333", "capsize": 3},
    )
    for i, s in enumerate(spreads):
        text = f"{s['median']:.2f}"
        axes.annotate(text, (s["max"], i), xytext=(8, 0), textcoords="offset points", va="center")
    axes.set_xlabel("CPU, microseconds a span: median, least and most of the rounds")
    axes.grid(axis="y", visible=False)
    save(figure, directory, "cpu.svg")


def lines(by_x, xlabel, directory, name):
    """CPU per span, a line for each contestant, both axes logarithmic."""
    figure, axes = plt.subplots(figsize=(8, 4.5))
    names = list(dict.fromkeys(n for s in by_x.values() for n in s["summary"]))
    for contestant in names:
        xs = [x for x, s in by_x.items() if contestant in s["summary"]]
        spreads = [by_x[x]["summary"][contestant]["cpu_us_per_span"] for x in xs]
        colour = COLOURS[contestant]
        axes.plot(xs, [s["median"] for s in spreads], marker="o", color=colour, label=TITLES[contestant])
        axes.fill_between(xs, [s["min"] for s in spreads], [s["max"] for s in spreads], color=colour, alpha=0.15)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(list(by_x), [f"{x:,}" for x in by_x])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set_xlabel(xlabel)
    axes.set_ylabel("CPU, microseconds a span")
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    save(figure, directory, name)


def overload(curves, directory):
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(8, 7), sharex=True)
    for number, curve in enumerate(curves):
        loads = [p["load"] for p in curve]
        first = number == 0
        top.plot(loads, [p["spans_per_second"] / 1e6 for p in curve], marker="o", color=HOMESPAN, alpha=0.7)
        for key, style in (("p50_ms", "-"), ("p99_ms", "--")):
            bottom.plot(
                loads,
                [p[key] for p in curve],
                style,
                marker="o",
                color=HOMESPAN,
                alpha=0.7,
                label=key[:3] if first else None,
            )
    top.axvline(1, color="#c44536", linewidth=1)
    bottom.axvline(1, color="#c44536", linewidth=1)
    top.set_ylim(bottom=0)
    top.set_ylabel("goodput, million spans a second")
    bottom.set_yscale("log")
    bottom.yaxis.set_major_formatter("{x:g}")
    bottom.set_ylabel("latency, ms, of what was answered OK")
    bottom.set_xlabel("offered over saturation")
    bottom.legend(frameon=False)
    save(figure, directory, "overload.svg")


def memory(points, directory):
    figure, axes = plt.subplots(figsize=(8, 4))
    peers = [p["peers"] for p in points]
    for key, label, style in (
        ("rss_mb", "resident, at saturation", "-"),
        ("heap_mb", "heap after a collection, after the load", "--"),
        ("heap_idle_mb", "heap after a collection, idle", ":"),
    ):
        axes.plot(peers, [p[key] for p in points], style, marker="o", color=HOMESPAN, label=label)
    axes.set_xscale("log")
    axes.set_xticks(peers, [str(p) for p in peers])
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.set_xlabel("peers")
    axes.set_ylabel("MB")
    axes.legend(frameon=False)
    save(figure, directory, "memory.svg")


def main():
    path = pathlib.Path(sys.argv[1])
    results = json.loads(path.read_text())
    plt.rcParams.update(STYLE)
    found = {s["name"]: s for s in results.get("scenarios", [])}
    if "base" in found:
        bars(found["base"], path.parent)
    sizes = {n: found[f"spans_{n}"] for n in (1, 10, 100, 1000) if f"spans_{n}" in found}
    if sizes:
        lines(sizes, "spans in a request", path.parent, "cpu_by_size.svg")
    owners = {n: found[f"owners_{n}"] for n in (10, 50, 200) if f"owners_{n}" in found}
    if owners and "base" in found:
        some = {n for s in owners.values() for n in s["summary"]}
        three = {"summary": {n: s for n, s in found["base"]["summary"].items() if n in some}}
        lines({3: three, **owners}, "owners", path.parent, "cpu_by_owners.svg")
    if results.get("overload"):
        overload(results["overload"], path.parent)
    if results.get("memory"):
        memory(results["memory"], path.parent)


if __name__ == "__main__":
    main()
