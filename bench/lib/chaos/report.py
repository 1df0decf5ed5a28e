"""What a chaos run says at its end, and what it writes."""

import json

STAND_IN = "kept by owner and stand-in"

def table(rows, head):
    rows = [[str(c) for c in row] for row in [head, *rows]]
    widths = [max(len(r[i]) for r in rows) for i in range(len(head))]
    lines = ["| " + " | ".join(c.ljust(w) for c, w in zip(row, widths)) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "|".join("-" * (w + 2) for w in widths) + "|", *lines[1:]])


def n(value):
    return f"{value:,}"


def wrongs(results):
    """Why the run failed; empty if it did not."""
    j, wrong = results["judgement"], []
    if j["lost"]:
        wrong.append(f"{n(j['lost'])} spans that were answered OK are lost")
    if j["strangers"]:
        wrong.append(f"{n(j['strangers'])} spans arrived that nobody sent, or not as they were sent")
    if j["rejected"]:
        wrong.append(f"{n(j['rejected'])} spans were dropped and the sender told, though none was wrong")
    if results["undrained"]:
        wrong.append(f"{n(results['undrained'])} requests were not answered OK after everything was well again")
    for node in results["nodes"]:
        if node["peak_mb"] > results["memory_bound_mb"]:
            wrong.append(f"node {node['node']} had {node['peak_mb']:.0f} MB resident, more than {results['memory_bound_mb']}")
        if node["balance"] not in (0, None):
            wrong.append(f"the books of node {node['node']} don't balance: received - fates = {node['balance']}")
        held = [k for k in ("requests_in_flight", "bytes_in_flight") if node["balance"] is not None and node["books"].get(k)]
        if held:
            said = " and ".join(f"{n(node['books'][k])} {k}" for k in held)
            wrong.append(f"node {node['node']} holds {said} though nothing is under way")
        if node["missing_in_sink"]:
            wrong.append(
                f"node {node['node']} booked {n(node['missing_in_sink'])} spans as kept that its sink never had"
            )
    return wrong + results["surprises"]


def text(results):
    j = results["judgement"]
    told = [
        ("spans sent", n(j["spans"])),
        ("answered OK", n(j["ok"])),
        ("**lost**", f"**{n(j['lost'])}**"),
        ("duplicated", f"{n(j['duplicated'])} ({percent(j['duplicated'], j['ok'])})"),
        ("copies by an owner and a stand-in, no owner changed", n(sum(k for c, k in j["duplicates"] if STAND_IN in c))),
        ("traces", n(j["traces"])),
        ("split traces", f"{n(j['split'])} ({percent(j['split'], j['traces'])})"),
        ("spans kept by a late owner, as the nodes count", n(results["late_owner"])),
        ("spans that sinks confirmed too late", n(results["kept_late"])),
        ("requests", n(j["requests"])),
        ("attempts at them", n(j["attempts"])),
        ("refused", n(j["refused"])),
        ("longest stall: no request of anybody answered OK for", seconds(j["longest_stall_ms"])),
        ("longest wait of one request for its OK, attempts and back-off together", seconds(j["longest_request_ms"])),
        ("longest single attempt", seconds(j["longest_attempt_ms"])),
        ("peak memory of a node (bound)", f"{max(x['peak_mb'] for x in results['nodes']):.0f} MB ({results['memory_bound_mb']})"),
        ("faults", n(len(results["faults"]))),
    ]
    parts = [table(told, ["", ""])]
    nodes = [
        [
            x["node"],
            "+".join(x["sinks"]),
            x["lives"],
            *[n(x["books"].get(k, 0)) if x["books"] else "-" for k in ("received", "kept", "kept_as_stand_in", "forwarded", "refused", "dropped", "repeated")],
            "-" if x["balance"] is None else "balance" if x["balance"] == 0 else f"off by {n(x['balance'])}",
            f"{x['peak_mb']:.0f}",
        ]
        for x in results["nodes"]
    ]
    head = ["node", "sink", "processes", "received", "kept", "of them as stand-in", "forwarded", "refused", "dropped", "repeated", "books", "peak MB"]
    parts.append("## Nodes\n\nThe books are those of each node's last process, spans.\n\n" + table(nodes, head))
    causes = [[c, n(k)] for c, k in j["duplicates"]] or [["none", "0"]]
    parts.append("## Duplicated, by cause\n\n" + table(causes, ["cause", "copies too many"]))
    causes = [[c, n(k)] for c, k in j["splits"]] or [["none", "0"]]
    parts.append("## Split traces, by cause\n\n" + table(causes, ["gravest fault at the time, up to 6 s before", "traces"]))
    parts.append("## Answers\n\n" + table([[c, n(k)] for c, k in j["outcomes"]], ["outcome of an attempt", "times"]))
    parts.append("## Blocked threads\n\n" + table(*blocked(results["blocked"])))
    counts = {}
    for f in results["faults"]:
        counts[f["kind"]] = counts.get(f["kind"], 0) + 1
    applied = [[k, c] for k, c in sorted(counts.items())]
    applied += [[k, f"left out: {why}"] for k, why in results["left_out"].items()]
    parts.append("## Faults\n\n" + table(applied, ["fault", "times"]))
    if results["log_lines"]:
        parts.append("## What the nodes logged as errors\n\n" + table(results["log_lines"], ["line", "times"]))
    if j["lost_requests"]:
        parts.append("## Lost\n\n```json\n" + json.dumps(j["lost_requests"], indent=1) + "\n```")
    return "\n\n".join(parts)


def blocked(all_of_them):
    """By cause; those without one with where they were."""
    rows = []
    for cause in sorted({b["cause"] for b in all_of_them}):
        of_it = [b for b in all_of_them if b["cause"] == cause]
        where = {b["stack"][0].removeprefix("at ") for b in of_it if b["stack"]}
        rows.append([cause, len(of_it), seconds(max(b["ms"] for b in of_it)), ", ".join(sorted(where)[:5])])
    return rows or [["none", 0, "-", ""]], ["cause", "warnings", "longest", "where"]


def percent(part, whole):
    return f"{100 * part / whole:.2f} %" if whole else "-"


def seconds(ms):
    return f"{ms / 1000:.1f} s"


def write(results, directory):
    directory.mkdir(parents=True, exist_ok=True)
    wrong = wrongs(results)
    verdict = "Nothing that was answered OK is lost." if not wrong else "Failed: " + "; ".join(wrong) + "."
    head = f"""# Chaos, seed {results["seed"]}

`{results["command"]}` at {results["commit"]}, {results["date"]}: {results["minutes"]:g} minutes of faults.
{results["machine"]}. Discovery: {results["discovery"]}.

**{verdict}**
"""
    (directory / "README.md").write_text(head + "\n" + text(results) + "\n")
    (directory / "results.json").write_text(json.dumps(results, indent=1) + "\n")
