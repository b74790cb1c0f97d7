"""The processes that mutants run in: one each, so that no fault outlives its mutant.

Starting Django, collecting tests and making a database takes longer than most mutants live. So a mutant in the body of
a function is put into a process forked from one session of pytest that has done all that (:func:`judged_in_session`).
One in what runs at import gets a process that imports the site anew with the fault in it (:func:`judged_anew`), forked
from one that has imported everything but the site.
"""

import functools
import gc
import importlib
import importlib.abc
import importlib.util
import multiprocessing
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from tests.campaigns.core import ROOT, place_of
from tests.campaigns.mutations import Mutant

PATIENCE = 60  # seconds of a processor that a mutant has before it counts as one that does not end
LONGEST_WAIT = 300.0  # seconds for one that waits instead
CUT_OFF, BROKEN = -signal.SIGXCPU, 70  # exit codes: of one that does not end, and of one that ran no test to its end
READY = "tests/campaigns/ready.py"
PYTEST = ["-x", "-q", "-p", "no:schemathesis", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly"]
REWRITTEN = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
# What a process that imports the site anew need not import again; nothing here reads settings.
COMMON = (
    "_pytest.config", "django.db.models", "django.http", "django.template", "django.test.client", "django.urls",
    "factory", "faker", "hypothesis.extra", "hypothesis.internal.conjecture.engine", "hypothesis.strategies",
    "lxml.html", "PIL.Image", "pytest", "pytest_django.plugin", "rest_framework.exceptions", "sqlite3",
)  # fmt: skip


Functions = dict[tuple[str, str, int], list[FunctionType]]  # by module, name and line
at_work: dict[str, Any] = {}  # of a process that judges: its jobs, and how it runs them


@dataclass(frozen=True)
class Job:
    """A mutant and the tests that may kill it; without a mutant they all have to pass."""

    mutant: Mutant | None
    name: str
    tests: list[str]


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: killed, endless, lived, or broken, which says nothing of it."""

    name: str
    outcome: str
    seconds: float
    tests: int
    said: str = ""


# --- One process a mutant ---------------------------------------------------------


def judge(job: Job, run: Callable[[Job, Path], int]) -> Verdict:
    """Run the tests of a mutant in a process forked from this one; ``run`` does it and returns the exit code."""
    if not job.tests:
        return Verdict(job.name, "lived", 0.0, 0, "no test runs it")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        printed = Path(folder, "printed")
        child = os.fork()
        if child == 0:
            try:
                alone(printed)
                os._exit(run(job, Path(folder)))
            finally:
                os._exit(BROKEN)
        code = waited(child, began + LONGEST_WAIT)
        said = printed.read_text(errors="replace")[-4000:]
    outcome = {None: "endless", CUT_OFF: "endless", 0: "lived", BROKEN: "broken"}.get(code, "killed")
    return Verdict(job.name, outcome, time.monotonic() - began, len(job.tests), said)


def alone(printed: Path) -> None:
    """Make this a process whose children end with it, that prints to a file, and that cannot run for ever."""
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE + 5))
    with printed.open("w") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)


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


def side_by_side(jobs: list[Job], run: Callable[[Job, Path], int], processes: int) -> list[Verdict]:
    """Judge mutants in several processes at once, each forked from what this one is now, telling each as it ends."""
    found = []
    with multiprocessing.get_context("fork").Pool(processes, begin, (jobs, run)) as pool:
        for verdict in pool.imap_unordered(judge_number, range(len(jobs))):
            found.append(verdict)
            print(f"{len(found)}/{len(jobs)} {verdict.outcome} {verdict.seconds:.1f} s {verdict.name}", flush=True)
        pool.close()
        pool.join()  # whose processes then count as ours
    return found


def begin(jobs: list[Job], run: Callable[[Job, Path], int]) -> None:
    """Make this a process that judges ``jobs``, which it has by the fork; its end is that of the mutant it is at."""
    at_work.update(jobs=jobs, run=run)
    signal.signal(signal.SIGTERM, lambda *args: sys.exit(143))


def judge_number(number: int) -> Verdict:
    return judge(at_work["jobs"][number], at_work["run"])


# --- What runs at import ----------------------------------------------------------


def judged_anew(jobs: list[Job], processes: int) -> list[Verdict]:
    """Judge mutants in processes that import the site with the fault in it."""
    for name in COMMON if jobs else ():
        importlib.import_module(name)
    return side_by_side(jobs, run_anew, processes) if jobs else []


def run_anew(job: Job, folder: Path) -> int:
    set_environment(folder)
    if job.mutant is not None:
        sys.meta_path.insert(0, Mutated(job.mutant))
    import pytest

    try:
        return int(pytest.main([*PYTEST, *REWRITTEN, f"--basetemp={folder / 'tests'}", *job.tests]))
    except Exception:  # the site does not even start with the fault
        traceback.print_exc()
        return 1


def set_environment(folder: Path) -> None:
    os.environ.update(VAR_DIR=str(folder), DATABASE_URL="", HYPOTHESIS_PROFILE="default", CAMPAIGN="")


class Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module with the fault in it."""

    def __init__(self, mutant: Mutant):
        self.mutant = mutant
        self.module = module_name(mutant.path)

    def find_spec(self, name, path=None, target=None):
        if name != self.module:
            return None
        file = ROOT / self.mutant.path
        places = [str(file.parent)] if file.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(name, file, loader=self, submodule_search_locations=places)

    def exec_module(self, module):
        exec(self.mutant.compiled(), module.__dict__)  # noqa: S102 - our own code


def module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


# --- What runs in a test ----------------------------------------------------------


def judged_in_session(jobs: list[Job], processes: int) -> list[Verdict]:
    """Judge mutants in processes forked from a session of pytest that is ready to run any of their tests."""
    if not jobs:
        return []
    import pytest

    files = sorted({test.partition("::")[0] for job in jobs for test in job.tests})
    with tempfile.TemporaryDirectory() as folder:
        set_environment(Path(folder))
        session = Session(jobs, processes)
        options = [*PYTEST, *REWRITTEN, "--capture=no", f"--basetemp={folder}/tests"]
        code = pytest.main([*options, READY, *files], plugins=[session])
    if len(session.verdicts) < len(jobs):
        raise RuntimeError(f"pytest ended with {code!s} before all mutants were judged")
    return session.verdicts


@dataclass(eq=False)  # pytest keeps plugins in sets
class Session:
    """A plugin of pytest that judges mutants instead of running what was collected."""

    jobs: list[Job]
    processes: int
    verdicts: list[Verdict] = field(default_factory=list)

    def pytest_runtestloop(self, session) -> bool:
        self.items = {item.nodeid: item for item in session.items}
        self.ready = next(item for item in session.items if item.nodeid.startswith(READY))
        self.run_items([self.ready], before=session.items[-1])  # makes the database
        for path in {job.mutant.path for job in self.jobs if job.mutant}:
            importlib.import_module(module_name(path))  # those of commands are not yet
        gc.unfreeze()  # what tests/conftest.py froze would not be found
        self.functions, self.caches = core_functions(), core_caches()
        gc.freeze()
        self.verdicts = side_by_side(self.jobs, self.run, self.processes)
        return True

    def run(self, job: Job, folder: Path) -> int:
        """Run the tests of a mutant here; return 1 for one that fails, the last that is run."""
        self.ready.config._tmp_path_factory._basetemp = folder  # that of the session is shared
        if job.mutant is not None:
            put_in(job.mutant, self.functions)
        for cached in self.caches:
            cached.cache_clear()
        return self.run_items([self.items[test] for test in job.tests], before=self.ready)

    def run_items(self, items: list, *, before) -> int:
        """Run tests up to the first that fails; what only they needed is torn down, not what ``before`` needs too."""
        for item, following in zip(items, [*items[1:], before], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if item.session.testsfailed:
                return 1
        return 0

    def pytest_runtest_logreport(self, report) -> None:
        if report.failed:
            print(report.longreprtext)


def core_functions() -> Functions:
    """Return the functions of the core's modules as they are in this process, wrapped ones too, by name and line."""
    found = defaultdict(list)
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and (path := core_path(each.__code__)):
            found[path, *name_and_line(each.__code__)].append(each)
    return found


def core_caches() -> list[functools._lru_cache_wrapper]:
    """Return what remembers answers of the core's functions."""
    found = [each for each in gc.get_objects() if isinstance(each, functools._lru_cache_wrapper)]
    return [
        each for each in found if isinstance(each.__wrapped__, FunctionType) and core_path(each.__wrapped__.__code__)
    ]


def core_path(code: CodeType) -> str | None:
    path = code.co_filename.removeprefix(f"{ROOT}/")
    return path if place_of(path) else None


def put_in(mutant: Mutant, functions: Functions) -> None:
    """Give the functions of a module the code that they have with the fault; raise ``LookupError`` where none is."""
    there = [(code, functions.get((mutant.path, *name_and_line(code)), ())) for code in outer_codes(mutant.compiled())]
    if not any(found for _code, found in there):
        raise LookupError(mutant.name)
    for code, found in there:
        for function in found:
            function.__code__ = code


def can_be_put_in(mutant: Mutant) -> bool:
    """Say whether the functions of a module can take the code with the fault: they keep what they close over."""
    codes = [outer_codes(code) for code in (compile(mutant.tree, mutant.path, "exec"), mutant.compiled())]
    before, after = ({name_and_line(code): code.co_freevars for code in found} for found in codes)
    return before == after


def outer_codes(code: CodeType) -> Iterator[CodeType]:
    """Yield the code of the functions and methods that a module makes when it is imported."""
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from [inner] if inner.co_flags & CO_OPTIMIZED else outer_codes(inner)  # else it is of a class


def name_and_line(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno
