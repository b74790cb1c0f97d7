"""``make mutants``: put faults into the core, one at a time, and see that the nearest tests notice.

A sample of all that ``mutations.py`` can put wrong, drawn with a seed, each in a process of its own, as
``processes.py`` makes them. The tests of a mutant are those that ran the line, as the last ``make coverage`` saw them:
of each file the handful that run least else, the same app's first, as many as take ``SECONDS_OF_TESTS``. The first
that fails ends it.

Mutants that no test can kill stand in ``survivors.txt``, each with its reason. Others that live are printed. The
exit code is 1 where less than 90 % are killed or a survivor has no reason.
"""

import argparse
import json
import os
import random
import resource
import signal
import sys
import time
from collections import Counter
from pathlib import Path

import coverage

from tests.campaigns.core import DATA, NO_TEST, ROOT, TIMES, core_files
from tests.campaigns.mutations import Mutant, mutants_of
from tests.campaigns.processes import Job, Verdict, can_be_put_in, judged_anew, judged_in_session

REASONS = Path(__file__).with_name("survivors.txt")
SAMPLE, SEED, LEAST = 500, 2026, 0.9
SECONDS_OF_TESTS = 10.0  # of a processor, for one mutant, as they took under coverage.py
FAULTLESS = "without a fault"
HANDFUL = 5  # tests of one file
AGREEING = "tests/test_migrations.py::test_models_and_migrations_agree"  # no line tells that it asks for declarations


def all_mutants() -> list[Mutant]:
    return [mutant for path in core_files() for mutant in mutants_of(path, (ROOT / path).read_text())]


class Nearest:
    """Chooses the tests of a mutant."""

    def __init__(self, data: coverage.CoverageData, times: dict[str, float]):
        self.times = times
        self.by_line = {path: data.contexts_by_lineno(str(ROOT / path)) for path in core_files()}
        self.tests_of = {path: self.tests_by_line(path) for path in self.by_line}
        self.spread = Counter(test for lines in self.tests_of.values() for tests in lines.values() for test in tests)

    def tests_by_line(self, path: str) -> dict[int, set[str]]:
        return {line: self.times.keys() & set(tests) for line, tests in self.by_line[path].items()}

    def runs_at_import(self, mutant: Mutant) -> bool:
        """Say whether the place of a mutant is run before any test."""
        by_line = self.by_line[mutant.path]
        return not mutant.in_function or any(NO_TEST in by_line.get(line, ()) for line in mutant.lines)

    def tests(self, mutant: Mutant) -> list[str]:
        """Return what to run, in this order."""
        by_line = self.tests_of[mutant.path]
        able = set().union(*(by_line.get(line, set()) for line in mutant.lines))
        if not able:  # it runs at import, so all that use the module may notice
            able = set().union(*by_line.values())
        declared = [AGREEING] if "/models" in mutant.path and not mutant.in_function else []
        chosen, seconds = declared, 0.0
        for test in self.by_nearness(mutant, able):
            if chosen == declared or seconds + self.times[test] <= SECONDS_OF_TESTS:  # the nearest in any case
                chosen, seconds = [*chosen, test], seconds + self.times[test]
        return chosen

    def by_nearness(self, mutant: Mutant, tests: set[str]) -> list[str]:
        """Return the tests in the order in which to try them: a handful of each file before more of any."""
        home = "/".join(["tests", *mutant.path.split("/")[:2], ""])  # of the app
        place: Counter = Counter()
        ranked = []
        for test in sorted(tests, key=lambda test: (self.spread[test], test)):
            file = test.partition("::")[0]
            ranked.append((place[file] // HANDFUL, not test.startswith(home), len(ranked), test))
            place[file] += 1
        return [test for *_, test in sorted(ranked)]


def reasons(text: str) -> dict[str, str]:
    """Return the reason of each mutant that may live: the indented lines below its name, or below several names."""
    found: dict[str, str] = {}
    names: list[str] = []
    before = ""
    for line in filter(None, text.splitlines()):
        if line.startswith(" "):
            found |= {name: f"{found.get(name, '')} {line.strip()}".strip() for name in names}
        elif not line.startswith("#"):
            names = [*([] if before.startswith(" ") else names), line]
        before = line
    return found


def control(nearest: Nearest, mutants: list[Mutant]) -> list[Job]:
    """Return the tests of all ``mutants``, to be run without a fault, as one job a file: they have to pass."""
    tests = dict.fromkeys(test for mutant in mutants for test in nearest.tests(mutant))
    files = dict.fromkeys(test.partition("::")[0] for test in tests)
    return [Job(None, f"{file} {FAULTLESS}", [test for test in tests if test.startswith(file)]) for file in files]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Put faults into the core and see that tests notice.")
    parser.add_argument("--sample", type=int, default=SAMPLE, help=f"how many mutants, {SAMPLE}")
    parser.add_argument("--seed", type=int, default=SEED, help=f"which sample, {SEED}")
    parser.add_argument("--only", default="", help="only mutants whose name contains this")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--no-controls", action="store_true", help="do not run the tests without a fault first")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *args: sys.exit(143))  # so that the mutants end too
    if not TIMES.exists():
        print("Run `make coverage` first: it tells which tests run which line.")
        return 2
    return report(*run_sample(options))


def run_sample(options: argparse.Namespace) -> tuple[list[Verdict], float]:
    """Draw the sample and judge it; return what became of each and the seconds it took."""
    began = time.monotonic()
    data = coverage.CoverageData(str(DATA))
    data.read()
    nearest = Nearest(data, json.loads(TIMES.read_text()))
    mutants = [mutant for mutant in all_mutants() if options.only in mutant.name]
    drawn = random.Random(options.seed).sample(mutants, min(options.sample, len(mutants)))  # noqa: S311 - no secret
    print(f"{len(drawn)} of {len(mutants)} mutants, seed {options.seed}")
    anew, here = [], [] if options.no_controls else control(nearest, drawn)
    for mutant in drawn:
        jobs = anew if nearest.runs_at_import(mutant) or not can_be_put_in(mutant) else here
        jobs.append(Job(mutant, mutant.name, nearest.tests(mutant)))
    verdicts = judged_anew(anew, options.processes) + judged_in_session(here, options.processes)
    return without_control(verdicts), time.monotonic() - began


def without_control(verdicts: list[Verdict]) -> list[Verdict]:
    """Return the verdicts on mutants; stop where tests fail without a fault: they would kill every mutant."""
    for verdict in verdicts:
        if verdict.name.endswith(FAULTLESS) and verdict.outcome != "lived":
            sys.exit(f"{verdict.name}, the tests fail:\n{verdict.said}")
    return [verdict for verdict in verdicts if not verdict.name.endswith(FAULTLESS)]


def report(verdicts: list[Verdict], seconds: float) -> int:
    """Print what lived and the figures; return the exit code."""
    known = reasons(REASONS.read_text())
    lived = sorted(verdict.name for verdict in verdicts if verdict.outcome in ("lived", "broken"))
    new = [name for name in lived if name not in known]
    killed = len(verdicts) - len(lived)
    for name in lived:
        print(f"lived: {name}" + (f"\n    {known[name]}" if name in known else ""))
    outcomes = dict(Counter(verdict.outcome for verdict in verdicts))
    time_taken = f"{seconds / 60:.1f} minutes, {processor_seconds() / 60:.1f} of a processor"
    print(f"{killed} of {len(verdicts)} killed ({killed / len(verdicts):.1%}) in {time_taken}: {outcomes}")
    if new:
        print(f"{len(new)} lived without a reason in {REASONS.name}: write a test each, or the reason.")
    return int(bool(new) or killed < LEAST * len(verdicts))


def processor_seconds() -> float:
    """Return the time of a processor that this process and those that it ended used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
