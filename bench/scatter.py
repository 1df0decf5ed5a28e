#!/usr/bin/env python3
"""Scatters spans over the nodes of a running tier and checks where they ended up.

    bench/scatter.py --nodes 127.0.0.1:21890 127.0.0.1:31890 127.0.0.1:41890 \
                     --files n1.jsonl n2.jsonl n3.jsonl

Posts OTLP/JSON to /v1/traces with nothing but Python's standard library. Each request mixes spans of
many traces and goes to a node at random. Then it reads the file sinks' lines and demands: every trace
in one file, each span exactly once, the busiest node within 1.1 of the mean. With --admin it demands
too that the counters on /metrics balance on every node. Exit code 0 if all of it holds.
"""

import argparse
import collections
import concurrent.futures
import glob
import json
import random
import re
import sys
import time
import urllib.error
import urllib.request


def span(trace, rng, now):
    return {
        "traceId": trace,
        "spanId": "%016x" % rng.getrandbits(64),
        "name": rng.choice(["GET /cart", "SELECT orders", "charge", "publish"]),
        "kind": rng.randint(1, 5),
        "startTimeUnixNano": str(now),
        "endTimeUnixNano": str(now + rng.randint(10**5, 10**8)),
        "attributes": [{"key": "http.route", "value": {"stringValue": "/api/%d" % rng.randint(1, 99)}}],
    }


def request(spans, service):
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]},
                "scopeSpans": [{"scope": {"name": "scatter"}, "spans": spans}],
            }
        ]
    }


def post(node, body):
    """Posts until it is answered 200; a 503 is asked again after its Retry-After."""
    for _ in range(10):
        call = urllib.request.Request(
            f"http://{node}/v1/traces", body, {"Content-Type": "application/json"}, method="POST"
        )
        try:
            with urllib.request.urlopen(call, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as e:
            if e.code != 503:
                raise
            time.sleep(float(e.headers.get("Retry-After", "1")))
    raise RuntimeError(f"{node} went on refusing")


def kept(path):
    """(trace, span) of every span in a file sink's file and its rotated ones."""
    for name in glob.glob(glob.escape(path) + "*"):
        with open(name, encoding="utf-8") as lines:
            for line in lines:
                if not line.endswith("\n"):  # it is being written, or its node was killed: not confirmed
                    continue
                for resource in json.loads(line)["resourceSpans"]:
                    for scope in resource["scopeSpans"]:
                        for one in scope["spans"]:
                            yield one["traceId"], one["spanId"]


def books(admin):
    """The counters of one node, summed over labels."""
    with urllib.request.urlopen(f"http://{admin}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    sums = collections.Counter()
    for name, value in re.findall(r"^homespan_spans_(\w+)_total(?:\{[^}]*\})? (\S+)$", text, re.M):
        sums[name] += float(value)
    return sums


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--nodes", nargs="+", required=True, help="ingest ports, host:port")
    arguments.add_argument("--files", nargs="+", required=True, help="the nodes' sink.file.path")
    arguments.add_argument("--admin", nargs="*", default=[], help="admin ports, host:port")
    arguments.add_argument("--traces", type=int, default=4000)
    arguments.add_argument("--spans", type=int, default=20000)
    arguments.add_argument("--per-request", type=int, default=50)
    arguments.add_argument("--seed", type=int, default=1)
    args = arguments.parse_args()

    rng = random.Random(args.seed)
    now = time.time_ns()
    traces = ["%032x" % rng.getrandbits(128) for _ in range(args.traces)]
    spans = [span(traces[i % len(traces)], rng, now) for i in range(args.spans)]
    rng.shuffle(spans)
    bodies = [
        json.dumps(request(spans[i : i + args.per_request], rng.choice("abcdef"))).encode()
        for i in range(0, len(spans), args.per_request)
    ]
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        partial = [a for a in pool.map(lambda b: post(random.choice(args.nodes), b), bodies) if a]
    print(f"{len(spans)} spans of {len(traces)} traces answered OK in {time.monotonic() - began:.1f} s")

    sent = {(s["traceId"], s["spanId"]) for s in spans}
    seen = collections.Counter()
    where = collections.defaultdict(set)
    load = collections.Counter()
    for path in args.files:
        for trace, one in kept(path):
            if (trace, one) not in sent:
                continue
            seen[trace, one] += 1
            where[trace].add(path)
            load[path] += 1
    lost = len(sent) - len(seen)
    twice = sum(n > 1 for n in seen.values())
    split = sum(len(files) > 1 for files in where.values())
    busiest = max(load.values(), default=0) / (len(sent) / len(args.files))
    print(f"lost {lost}, twice {twice}, traces split {split}, partial successes {len(partial)}")
    print(f"busiest/mean {busiest:.3f}: " + ", ".join(f"{p} {load[p]}" for p in args.files))

    wrong = lost or twice or split or partial or busiest > 1.1
    for admin in args.admin:
        sums = books(admin)
        fates = sum(sums[k] for k in ("kept", "forwarded", "refused", "dropped"))
        balanced = sums["received"] == fates
        print(f"{admin}: received {sums['received']:.0f} = fates {fates:.0f}: {balanced} {dict(sums)}")
        wrong = wrong or not balanced
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
