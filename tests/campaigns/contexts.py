"""A plugin of pytest for runs under coverage.py: keep with each line which tests ran it, and the time of each test.

``KEEP_TIMES`` names the file for the times: seconds of a processor, which do not depend on what else it is at.
"""

import json
import os
import time
from pathlib import Path

import coverage
import pytest

from tests.campaigns.core import NO_TEST

if measuring := coverage.Coverage.current():  # before anything of the core is imported
    measuring.switch_context(NO_TEST)


def pytest_configure(config):
    if "KEEP_TIMES" in os.environ and "PYTEST_XDIST_WORKER" not in os.environ:  # workers report to their starter
        config.pluginmanager.register(Times())


class Times:
    """Keeps how long each test took, fixtures included, without those that failed or were skipped."""

    def __init__(self):
        self.seconds = {}
        self.not_passed = set()

    def pytest_runtest_logreport(self, report):
        self.seconds[report.nodeid] = report.processor_seconds
        if not report.passed:
            self.not_passed.add(report.nodeid)

    def pytest_sessionfinish(self):
        passed = {test: round(time, 3) for test, time in self.seconds.items() if test not in self.not_passed}
        Path(os.environ["KEEP_TIMES"]).write_text(json.dumps(passed))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Count what a test and its fixtures run as its own."""
    item.began = time.process_time()
    measuring = coverage.Coverage.current()
    if measuring:
        measuring.switch_context(item.nodeid)
    try:
        return (yield)
    finally:
        if measuring:
            measuring.switch_context(NO_TEST)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef, request):
    """Count what is made once for all tests, as the database, as no test's own."""
    measuring = coverage.Coverage.current()
    if not measuring or fixturedef.scope != "session":
        return (yield)
    measuring.switch_context(NO_TEST)
    try:
        return (yield)
    finally:
        measuring.switch_context(os.environ["PYTEST_CURRENT_TEST"].rpartition(" (")[0])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    report.processor_seconds = time.process_time() - item.began
    return report
