"""``make bench``: two sites, one a hundred times the other, measured by turns on the same machine."""

import argparse
import statistics
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.site import (
    API_LIST,
    DEEP_PAGE,
    FIRST_PAGE,
    NOT_MODIFIED,
    STOCK_LIST,
    BenchmarkError,
    Site,
    Target,
    running_site,
)

LARGEST_P50_RATIO = 1.5  # of a page at the large scale to the same page at scale 1


@dataclass
class Figures:
    """What was measured of one target on one site; times in seconds."""

    rate: float
    p50: float
    p95: float
    queries: int
    rates: list[float]
    p50s: list[float]


def measure(sites: list[Site], options: argparse.Namespace) -> list[tuple[Target, Figures, Figures]]:
    """Measure every target on both sites, each once a round, so that what else the machine does hits all alike."""
    pairs = list(zip(*(site.targets for site in sites), strict=True))
    queries = [[site.count_queries(target) for site, target in zip(sites, pair, strict=True)] for pair in pairs]
    rounds: list[list[list[list[float]]]] = [[[] for _ in sites] for _ in pairs]
    for number in range(options.rounds):
        print(f"Measuring, round {number + 1} of {options.rounds}.", flush=True)
        for pair, results in zip(pairs, rounds, strict=True):
            for site, target, found in zip(sites, pair, results, strict=True):
                found.append(site.latencies(target, connections=options.connections, seconds=options.seconds))
    return [
        (pair[0], *(figures(*found, options.seconds) for found in zip(results, counts, strict=True)))
        for pair, results, counts in zip(pairs, rounds, queries, strict=True)
    ]


def figures(rounds: list[list[float]], queries: int, seconds: float) -> Figures:
    """Return the median over the rounds of each figure, and those that are compared for each round."""
    rates = [len(latencies) / seconds for latencies in rounds]
    p50s = [latencies[len(latencies) // 2] for latencies in rounds]
    return Figures(
        rate=statistics.median(rates),
        p50=statistics.median(p50s),
        p95=statistics.median(latencies[len(latencies) * 95 // 100] for latencies in rounds),
        queries=queries,
        rates=rates,
        p50s=p50s,
    )


def ratio(upper: list[float], lower: list[float]) -> float:
    """Return the median over the rounds of one figure divided by another of the same round."""
    return statistics.median(first / second for first, second in zip(upper, lower, strict=True))


def missed(target: Target, small: Figures, large: Figures) -> list[str]:
    """Return the budgets that a target breaks."""
    found = []
    if target.queries and max(small.queries, large.queries) > target.queries:
        found.append(f"more than {target.queries} queries")
    if large.queries > small.queries:
        found.append("queries grow with the scale")
    if target.queries and ratio(large.p50s, small.p50s) > LARGEST_P50_RATIO:
        found.append(f"p50 grows more than {LARGEST_P50_RATIO} times")
    return found


def report(rows: list[tuple[Target, Figures, Figures]], scale: int) -> bool:
    """Print the table and return whether every budget was kept."""
    print(f"\n{'':31}|{'scale 1':^44}|{f'scale {scale}':^38}|")
    print(
        f"{'':31}|{'req/s':>8} {'p50 ms':>8} {'p95 ms':>8} {'of bare':>8} {'queries':>7} "
        f"|{'req/s':>8} {'p50 ms':>8} {'p50 ratio':>10} {'queries':>8} |"
    )
    bare = rows[0][1]
    kept = True
    for target, small, large in rows:
        breaks = missed(target, small, large)
        verdict = "MISSED: " + ", ".join(breaks) if breaks else "kept"
        kept = kept and not breaks
        print(
            f"{target.label:31}|{small.rate:8,.0f} {small.p50 * 1000:8.2f} {small.p95 * 1000:8.2f} "
            f"{small.rate / bare.rate:8.3f} {small.queries:7} |{large.rate:8,.0f} {large.p50 * 1000:8.2f} "
            f"{ratio(large.p50s, small.p50s):10.2f} {large.queries:8} | {verdict}"
        )
    return kept


def compare(rows: list[tuple[Target, Figures, Figures]]) -> bool:
    """Print how the API does against what it is compared with, and return whether every figure was reached."""
    small = {target.label: figures for target, figures, _large in rows}
    large = {target.label: figures for target, _small, figures in rows}
    listed = small[API_LIST].rates
    comparisons = [
        ("rate of the API's list to the stock one's", ratio(listed, small[STOCK_LIST].rates), 1.5, True),
        ("the same at the large scale", ratio(large[API_LIST].rates, large[STOCK_LIST].rates), 1.5, True),
        ("rate of 304 to that of the 200", ratio(small[NOT_MODIFIED].rates, listed), 5.0, True),
        ("p50 of page 1,000 to page 1", ratio(large[DEEP_PAGE].p50s, large[FIRST_PAGE].p50s), 1.2, False),
    ]
    kept = True
    print()
    for label, found, budget, at_least in comparisons:
        right = found >= budget if at_least else found <= budget
        kept = kept and right
        bound = f"at {'least' if at_least else 'most'} {budget:g}"
        print(f"{label:45} {found:6.2f}  {bound:12} {'kept' if right else 'MISSED'}")
    return kept


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--scale", type=int, default=100, help="of the large site; default: 100")
    parser.add_argument("--seconds", type=float, default=1.5, help="of each measurement; default: 1.5")
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each target; default: 5")
    parser.add_argument("--connections", type=int, default=4, help="at a time; default: 4")
    options = parser.parse_args()
    with ExitStack() as stack:
        sites = []
        for scale in (1, options.scale):
            print(f"Making a site of scale {scale}.", flush=True)
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
            sites.append(stack.enter_context(running_site(folder, scale)))
        rows = measure(sites, options)
    kept = report(rows, options.scale)
    return 0 if compare(rows) and kept else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchmarkError as error:
        sys.exit(f"Not measured: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
