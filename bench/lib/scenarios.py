"""Side by side: the same work for several contestants, by turns."""

from lib.measure import BASE, CLOSED, SMALL
from lib.processes import Failed
from lib.stats import column, spread

BESIDE_SMALL = ["homespan", "homespan_512", "haproxy", "blind"]
BESIDE_OWNERS = ["homespan", "blind", "decode", "collector"]

# A star around the base: one thing is changed at a time. Name, title, what is changed.
STAR = [
    ("spans_1", "requests of 1 span", {"spans": "1"}),
    ("spans_10", "requests of 10 spans", {"spans": "10"}),
    ("spans_100", "requests of 100 spans", {"spans": "100"}),
    ("spans_1000", "requests of 1,000 spans", {"spans": "1000"}),
    ("whole", "whole traces: a request has one trace, or one for every 50 spans", {"shape": "whole"}),
    ("gzip", "gzipped requests (blind proxies pass them on as they are)", {"gzip": True}),
]


def warm(bench, contestants, limit):
    """Leaves out those that fail at it."""
    print("warming up", flush=True)
    running = dict(contestants)
    for name, contestant in contestants.items():
        attempt(running, name, lambda: bench.warm(contestant, limit))
    return running


def beside(bench, contestants, work, rounds, seconds, warm_up):
    """Rounds of measurements: a list of {contestant: measurement}. The order turns from round to round.

    Each gets `warm_up` seconds of this very work first.
    """
    running = dict(contestants)
    for name, contestant in contestants.items():
        attempt(running, name, lambda: bench.send(contestant.port, **work, **CLOSED, seconds=warm_up))
    results = []
    for number in range(rounds):
        names = list(running)
        turn = number % max(1, len(names))
        done = {}
        for name in names[turn:] + names[:turn]:
            measured = attempt(
                running, name, lambda: bench.measure(contestants[name], **work, **CLOSED, seconds=seconds)
            )
            if measured:
                done[name] = measured
        results.append(done)
    return results


def attempt(running, name, work):
    """What fails is reported by name and not asked again; the others go on."""
    try:
        return work()
    except Failed as e:
        print(f"  {name} drops out: {e}", flush=True)
        running.pop(name)
        return None


def summary(rounds):
    """{contestant: {measure: spread}} and the counts over all rounds."""
    found = {}
    for name in dict.fromkeys(n for r in rounds for n in r):
        numbers = [k for k, v in next(r[name] for r in rounds if name in r).items() if isinstance(v, (int, float))]
        found[name] = {key: spread(column(rounds, name, key)) for key in numbers}
        kinds = {}
        for r in rounds:
            for kind, count in r.get(name, {}).get("error_kinds", {}).items():
                kinds[kind] = kinds.get(kind, 0) + count
        found[name]["error_kinds"] = kinds
    return found


def scenario(bench, name, title, contestants, work, plan):
    print(f"{title}", flush=True)
    rounds = beside(bench, contestants, work, plan.rounds, plan.seconds, plan.seconds / 2)
    return {"name": name, "title": title, "work": work, "rounds": rounds, "summary": summary(rounds)}


def base(bench, contestants, plan):
    return scenario(bench, "base", "base: mixed, requests of 100 to 200 spans, 3 owners, plain", contestants, BASE, plan)


def small(bench, contestants, plan):
    some = {n: c for n, c in contestants.items() if n in BESIDE_SMALL}
    return scenario(bench, "small", "small requests, 8 to 64 spans", some, SMALL, plan)


def star(bench, contestants, plan):
    return [
        scenario(bench, name, title, contestants, {**BASE, **change}, plan)
        for name, title, change in STAR
    ]


def tls(bench, recipes, plan):
    """What TLS between two nodes costs; every part of a request goes from one to the other."""
    started, missing = bench.start(recipes, 1)
    try:
        started = warm(bench, started, plan.warm_up)
        title = "two nodes: all spans go from the one that takes them to the other, requests of 100 to 200 spans"
        return scenario(bench, "tls", title, started, BASE, plan), missing
    finally:
        bench.stop()


def owners(bench, recipes, plan, counts=(10, 50, 200)):
    found = []
    for count in counts:
        some = {n: r for n, r in recipes.items() if n in BESIDE_OWNERS}
        started, _ = bench.start(some, count)
        try:
            started = warm(bench, started, plan.warm_up)
            found.append(scenario(bench, f"owners_{count}", f"{count} owners", started, BASE, plan))
        finally:
            bench.stop()
    return found
