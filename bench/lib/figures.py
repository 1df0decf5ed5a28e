"""The figures that count, their targets, and how they come about."""

from lib import curves
from lib.stats import column, differences, ratios, spread

# name in results.json, target, "<=" or ">=", what it is
TARGETS = [
    ("cpu_vs_decode", 0.2, "<=", "CPU per span against decode"),
    ("cpu_vs_blind", 1.05, "<=", "CPU per span against blind on the same stack"),
    ("cpu_vs_haproxy", 0.8, "<=", "CPU per span against HAProxy, its defaults"),
    ("cpu_vs_haproxy_64k", 1.1, "<=", "CPU per span against HAProxy, 64 KB buffers"),
    ("cpu_vs_nginx", 1.2, "<=", "CPU per span against nginx"),
    ("cpu_vs_haproxy_small", 1.0, "<=", "the same against HAProxy's defaults, requests of 8 to 64 spans, span_agg_count 512"),
    ("cpu_vs_collector", 0.15, "<=", "CPU per span against the Collector, no loss"),
    ("cpu_vs_collector_default", 0.2, "<=", "CPU per span against the Collector, default"),
    ("alloc_bytes_over_span_bytes", 1.05, "<=", "bytes allocated per byte of span: cut, hand-over and egress"),
    ("cut_vs_memcpy", 3.2, "<=", "cut against memcpy of the same bytes"),
    ("cut_growth_3_to_200", 2, "<=", "cut for 200 owners against 3"),
    ("added_p50_ms", 1, "<=", "latency added at half of saturation, p50, ms"),
    ("added_p99_ms", 5, "<=", "latency added at half of saturation, p99, ms"),
    ("heap_mb_200_peers", 256, "<=", "heap needed at saturation with 200 peers, MB"),
    ("goodput_at_2x", 0.9, ">=", "goodput at twice the saturation, over its peak"),
]

RIVALS = ["decode", "blind", "haproxy", "haproxy_64k", "nginx", "collector", "collector_default"]


def of(results):
    """{name: {"min", "median", "max"}} of all that was measured."""
    found = {}

    def put(name, values):
        if values:
            found[name] = spread(values)

    scenarios = {s["name"]: s for s in results.get("scenarios", [])}
    base = scenarios.get("base", {}).get("rounds", [])
    for rival in RIVALS:
        put(f"cpu_vs_{rival}", ratios(base, "homespan", rival))
        put(f"cpu_512_vs_{rival}", ratios(base, "homespan_512", rival))
    small = scenarios.get("small", {}).get("rounds", [])
    put("cpu_vs_haproxy_small", ratios(small, "homespan_512", "haproxy"))
    put("cpu_default_vs_haproxy_small", ratios(small, "homespan", "haproxy"))
    for name, scenario in scenarios.items():
        suffix = "" if name == "base" else f"_{name}"
        for contestant in scenario["summary"]:
            put(f"cpu_us_per_span_{contestant}{suffix}", column(scenario["rounds"], contestant, "cpu_us_per_span"))
    for one in base:
        for contestant in one:
            put(f"spans_per_second_{contestant}", column(base, contestant, "spans_per_second"))
        break
    between = scenarios.get("tls", {}).get("rounds", [])
    for name in ("tls", "mtls"):
        put(f"cpu_{name}_vs_plain", ratios(between, name, "plain"))
        put(f"added_us_per_span_{name}", differences(between, name, "plain"))
    put("spans_per_core_second", [1e6 / v for v in column(base, "homespan", "cpu_us_per_span")])

    for key in ("added_p50_ms", "added_p99_ms"):
        put(key, [r[key] for r in results.get("latency", [])])
    put("goodput_at_2x", curves.goodput_at_2x(results.get("overload", [])))
    if results.get("heap"):
        smallest = curves.smallest_heap(results["heap"])
        put("heap_mb_200_peers", [smallest] if smallest else [])
    for one in ("1", "2"):
        put(f"spans_per_second_instances_{one}", column(results.get("instances", []), one, "spans_per_second"))
    for name, values in results.get("jmh_figures", {}).items():
        put(name, values)
    return found


def verdict(figure, target, sign):
    """"met", or by how much it is missed; by the median."""
    value = figure["median"]
    if value <= target if sign == "<=" else value >= target:
        return "met"
    return f"missed by {abs(value - target) / target:.0%}"
