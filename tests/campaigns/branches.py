"""``make coverage``: run the engine's tests, and fail where they take less than 95 % of the branches of the core.

On SQLite, and on PostgreSQL too where its programs are installed, since the core has lines for either. What it finds
stays in ``var/coverage`` for ``make mutants``, with the tests that ran each line.
"""

import json
import os
import subprocess
import sys
from collections import Counter

from tests.campaigns.core import CORE, DATA, ROOT, TIMES, place_of
from tests.postgresql import NoServerError, private_server

LEAST = 0.95
# The engine, and what of it is tested on pages of the site: versions and the trail of log-ins.
ON_PAGES = ("tests/priorities/test_versions.py", "tests/strategy_site/test_log_in.py")
TESTS = ("tests/cms", "tests/test_migrations.py", *ON_PAGES)
COUNTS = ("covered_branches", "num_branches", "covered_lines", "num_statements")
ON_POSTGRESQL = ("tests/cms/content", "tests/cms/publishing", "tests/cms/api/test_api_cursors.py", "--database-only")


def run(*arguments: str, **environment: str) -> None:
    """Run a program of Python's; raise ``CalledProcessError`` where it fails."""
    subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, env={**os.environ, **environment}, check=True)  # noqa: S603 - our own


def measure() -> None:
    """Run the tests under coverage.py."""
    run("coverage", "erase")
    pytest = ("coverage", "run", "-m", "pytest", "-q", "--numprocesses=auto", "-p", "tests.campaigns.contexts")
    run(*pytest, *TESTS, DATABASE_URL="", KEEP_TIMES=str(TIMES))
    try:
        with private_server() as url:
            run(*pytest, *ON_POSTGRESQL, DATABASE_URL=url)
    except NoServerError as error:
        print(f"Not run on PostgreSQL: {error}.")
    run("coverage", "combine", "--quiet")


def counted() -> dict[str, Counter]:
    """Return the counts of lines and branches of each place of the core."""
    report = DATA.with_name("report.json")
    run("coverage", "json", "--quiet", "-o", str(report))
    places = {place: Counter() for place in CORE}
    for path, file in json.loads(report.read_text())["files"].items():
        places[place_of(path)].update({name: file["summary"][name] for name in COUNTS})
    return places


def main() -> int:
    measure()
    run("coverage", "report")
    low = False
    for place, counts in counted().items():
        branches = counts["covered_branches"] / counts["num_branches"]
        lines = counts["covered_lines"] / counts["num_statements"]
        print(f"{place}: {branches:.1%} of {counts['num_branches']} branches, {lines:.1%} of the lines")
        low = low or branches < LEAST
    if low:
        print(f"At least {LEAST:.0%} of the branches of each are to be taken.")
    return int(low)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
