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


def measure(sites: list[Site], number: int, options: argparse.Namespace) -> list[Figures]:
    """Measure one target on each site, by turns so that what else the machine does hits both alike."""
    queries = [site.count_queries(site.targets[number]) for site in sites]
    rounds: list[list[list[float]]] = [[] for _ in sites]
    for _ in range(options.rounds):
        for site, results in zip(sites, rounds, strict=True):
            target = site.targets[number]
            results.append(site.latencies(target, connections=options.connections, seconds=options.seconds))
    return [figures(results, count, options.seconds) for results, count in zip(rounds, queries, strict=True)]


def figures(rounds: list[list[float]], queries: int, seconds: float) -> Figures:
    """Return the median over the rounds of each figure."""
    return Figures(
        rate=statistics.median(len(latencies) / seconds for latencies in rounds),
        p50=statistics.median(latencies[len(latencies) // 2] for latencies in rounds),
        p95=statistics.median(latencies[len(latencies) * 95 // 100] for latencies in rounds),
        queries=queries,
    )


def missed(target: Target, small: Figures, large: Figures) -> list[str]:
    """Return the budgets that a target breaks."""
    found = []
    if target.queries and max(small.queries, large.queries) > target.queries:
        found.append(f"more than {target.queries} queries")
    if large.queries > small.queries:
        found.append("queries grow with the scale")
    if target.queries and large.p50 > LARGEST_P50_RATIO * small.p50:
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
        kept = kept and not breaks
        print(
            f"{target.label:31}|{small.rate:8,.0f} {small.p50 * 1000:8.2f} {small.p95 * 1000:8.2f} "
            f"{small.rate / bare.rate:8.3f} {small.queries:7} |{large.rate:8,.0f} {large.p50 * 1000:8.2f} "
            f"{large.p50 / small.p50:10.2f} {large.queries:8} | {'MISSED: ' + ', '.join(breaks) if breaks else 'kept'}"
        )
    return kept


def compare(rows: list[tuple[Target, Figures, Figures]]) -> bool:
    """Print how the API does against what it is compared with, and return whether every figure was reached."""
    small = {target.label: figures for target, figures, _large in rows}
    large = {target.label: figures for target, _small, figures in rows}
    comparisons = [
        ("rate of the API's list to the stock one's", small[API_LIST].rate / small[STOCK_LIST].rate, 1.0, True),
        ("the same at the large scale", large[API_LIST].rate / large[STOCK_LIST].rate, 1.0, True),
        ("rate of 304 to that of the 200", small[NOT_MODIFIED].rate / small[API_LIST].rate, 5.0, True),
        ("p50 of page 1,000 to page 1", large[DEEP_PAGE].p50 / large[FIRST_PAGE].p50, 1.2, False),
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
    parser.add_argument("--seconds", type=float, default=2, help="of each measurement; default: 2")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each target; default: 3")
    parser.add_argument("--connections", type=int, default=4, help="at a time; default: 4")
    options = parser.parse_args()
    with ExitStack() as stack:
        sites = []
        for scale in (1, options.scale):
            print(f"Making a site of scale {scale}.", flush=True)
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
            sites.append(stack.enter_context(running_site(folder, scale)))
        rows = []
        for number, target in enumerate(sites[0].targets):
            print(f"Measuring: {target.label}.", flush=True)
            small, large = measure(sites, number, options)
            rows.append((target, small, large))
    kept = report(rows, options.scale)
    return 0 if compare(rows) and kept else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchmarkError as error:
        sys.exit(f"Not measured: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
