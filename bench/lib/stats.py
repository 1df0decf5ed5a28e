"""Numbers over rounds."""

import statistics


def spread(values):
    """As in results.json."""
    return {"min": min(values), "median": statistics.median(values), "max": max(values)}


def ratios(rounds, name, other, key="cpu_us_per_span"):
    """name over other, each made within one round."""
    return [r[name][key] / r[other][key] for r in rounds if name in r and other in r and r[other][key]]


def differences(rounds, name, other, key="cpu_us_per_span"):
    """name less other, each made within one round."""
    return [r[name][key] - r[other][key] for r in rounds if name in r and other in r]


def column(rounds, name, key):
    return [r[name][key] for r in rounds if name in r]
