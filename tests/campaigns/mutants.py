"""``make mutants``: put faults into the core, one at a time, and see that the nearest tests notice.

A sample of all that ``mutations.py`` can put wrong, drawn with a seed. Each mutant runs in a process of its own that
imports the site anew with the fault in it, so it holds for what runs at import too; the processes are forked from one
that has imported everything but the site. Its tests are those that ran the line, as the last ``make coverage`` saw
them: of each file the handful that run least else, the same app's first, as many as take ``SECONDS_OF_TESTS``.

Mutants that no test can kill stand in ``survivors.txt``, each with its reason. Others that live are printed. The
exit code is 1 where less than 90 % are killed or a survivor has no reason.
"""

import argparse
import importlib
import importlib.abc
import importlib.util
import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import coverage

from tests.campaigns.core import DATA, ROOT, TIMES, core_files
from tests.campaigns.mutations import Mutant, mutants_of

REASONS = Path(__file__).with_name("survivors.txt")
SAMPLE, SEED, LEAST = 500, 2026, 0.9
SECONDS_OF_TESTS = 10.0  # for one mutant, as they took under coverage.py
HANDFUL = 5  # tests of one file
PATIENCE = 60.0  # seconds that a mutant has before it counts as one that does not end
AGREEING = "tests/test_migrations.py::test_models_and_migrations_agree"  # no line tells that it asks for declarations
PYTEST = ["-x", "-q", "-p", "no:schemathesis", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly"]
# What a process for a mutant need not import again; nothing here reads settings.
COMMON = (
    "_pytest.config", "django.db.models", "django.http", "django.template", "django.test.client", "django.urls",
    "factory", "faker", "hypothesis.extra", "hypothesis.internal.conjecture.engine", "hypothesis.strategies",
    "lxml.html", "PIL.Image", "pytest", "pytest_django.plugin", "rest_framework.exceptions", "sqlite3",
)  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: killed, lived, or nothing asked."""

    name: str
    outcome: str
    seconds: float
    tests: int
    said: str = ""


class Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module with the fault in it."""

    def __init__(self, mutant: Mutant):
        self.mutant = mutant
        self.module = mutant.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def find_spec(self, name, path=None, target=None):
        if name != self.module:
            return None
        file = ROOT / self.mutant.path
        places = [str(file.parent)] if file.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(name, file, loader=self, submodule_search_locations=places)

    def exec_module(self, module):
        exec(self.mutant.compiled(), module.__dict__)  # noqa: S102 - our own code


def all_mutants() -> list[Mutant]:
    return [mutant for path in core_files() for mutant in mutants_of(path, (ROOT / path).read_text())]


class Nearest:
    """Chooses the tests of a mutant."""

    def __init__(self, data: coverage.CoverageData, times: dict[str, float]):
        self.times = times
        self.tests_of = {path: self.tests_by_line(data, path) for path in core_files()}
        self.spread = Counter(test for lines in self.tests_of.values() for tests in lines.values() for test in tests)

    def tests_by_line(self, data: coverage.CoverageData, path: str) -> dict[int, set[str]]:
        by_line = data.contexts_by_lineno(str(ROOT / path))
        return {line: self.times.keys() & set(tests) for line, tests in by_line.items()}

    def tests(self, mutant: Mutant) -> list[str]:
        """Return what to run, in this order."""
        by_line = self.tests_of[mutant.path]
        able = set().union(*(by_line.get(line, set()) for line in mutant.lines))
        if not able:  # it runs at import, so all that use the module may notice
            able = set().union(*by_line.values())
        declared = [AGREEING] if "/models" in mutant.path and not mutant.in_function else []
        chosen, seconds = declared, 0.0
        for test in self.by_nearness(mutant, able):
            if seconds + self.times[test] <= SECONDS_OF_TESTS:
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


def judge(job: tuple[Mutant | None, str, list[str]]) -> Verdict:
    """Run the tests of one mutant in a process of its own."""
    mutant, name, tests = job
    if not tests:
        return Verdict(name, "lived", 0.0, 0, "no test runs it")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        printed = Path(folder) / "printed"
        child = os.fork()
        if child == 0:
            try:
                os._exit(run_tests(mutant, tests, Path(folder), printed))
            finally:
                os._exit(70)
        code = waited(child, began + PATIENCE)
        said = printed.read_text(errors="replace")[-4000:]
    outcome = {None: "endless", 0: "lived"}.get(code, "killed")
    return Verdict(name, outcome, time.monotonic() - began, len(tests), said)


def run_tests(mutant: Mutant | None, tests: list[str], folder: Path, printed: Path) -> int:
    """Run tests with the fault, here; return pytest's exit code."""
    os.setsid()  # so that what it starts ends with it
    with printed.open("w") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    os.environ.update(VAR_DIR=str(folder), DATABASE_URL="", HYPOTHESIS_PROFILE="default", CAMPAIGN="")
    if mutant is not None:
        sys.meta_path.insert(0, Mutated(mutant))
    import pytest

    options = [f"--basetemp={folder / 'tests'}", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    return int(pytest.main([*PYTEST, *options, *tests]))


def waited(child: int, until: float) -> int | None:
    """Return the exit code of a process, or ``None`` for one that had to be ended; nothing it started stays."""
    try:
        while time.monotonic() < until:
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        return None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(child, 0)


def prepare():
    """Import in this process what all mutants need; who ends it ends the mutant that it is at."""
    signal.signal(signal.SIGTERM, lambda *args: sys.exit(143))
    os.chdir(ROOT)
    for name in COMMON:
        importlib.import_module(name)


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


def controls(jobs: list[tuple[Mutant, str, list[str]]]) -> list[tuple[None, str, list[str]]]:
    """Return for each module the longest list of tests of its mutants, to be run without a fault: all have to pass."""
    longest: dict[str, list[str]] = defaultdict(list)
    for mutant, _, tests in jobs:
        longest[mutant.path] = max(longest[mutant.path], tests, key=len)
    return [(None, f"{path} without a fault", tests) for path, tests in sorted(longest.items()) if tests]


def judged(jobs: list, processes: int) -> list[Verdict]:
    """Judge mutants side by side, telling each as it ends."""
    found = []
    with multiprocessing.get_context("fork").Pool(processes, prepare) as pool:
        for verdict in pool.imap_unordered(judge, jobs):
            found.append(verdict)
            print(f"{len(found)}/{len(jobs)} {verdict.outcome} {verdict.seconds:.1f} s {verdict.name}", flush=True)
    return found


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
    """Draw the sample and judge it; return what became of each and the minutes it took."""
    began = time.monotonic()
    data = coverage.CoverageData(str(DATA))
    data.read()
    nearest = Nearest(data, json.loads(TIMES.read_text()))
    mutants = [mutant for mutant in all_mutants() if options.only in mutant.name]
    drawn = random.Random(options.seed).sample(mutants, min(options.sample, len(mutants)))  # noqa: S311 - no secret
    print(f"{len(drawn)} of {len(mutants)} mutants, seed {options.seed}")
    jobs = [(mutant, mutant.name, nearest.tests(mutant)) for mutant in drawn]
    if not options.no_controls:
        check_controls(judged(controls(jobs), options.processes))
    return judged(jobs, options.processes), (time.monotonic() - began) / 60


def check_controls(verdicts: list[Verdict]) -> None:
    """Stop where tests fail without a fault: they would kill every mutant."""
    for verdict in verdicts:
        if verdict.outcome != "lived":
            sys.exit(f"{verdict.name}, the tests fail:\n{verdict.said}")


def report(verdicts: list[Verdict], minutes: float) -> int:
    """Print what lived and the figures; return the exit code."""
    known = reasons(REASONS.read_text())
    lived = sorted(verdict.name for verdict in verdicts if verdict.outcome == "lived")
    new = [name for name in lived if name not in known]
    killed = len(verdicts) - len(lived)
    for name in lived:
        print(f"lived: {name}" + (f"\n    {known[name]}" if name in known else ""))
    outcomes = dict(Counter(verdict.outcome for verdict in verdicts))
    print(f"{killed} of {len(verdicts)} killed ({killed / len(verdicts):.1%}) in {minutes:.1f} minutes: {outcomes}")
    if new:
        print(f"{len(new)} lived without a reason in {REASONS.name}: write a test each, or the reason.")
    return int(bool(new) or killed < LEAST * len(verdicts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
