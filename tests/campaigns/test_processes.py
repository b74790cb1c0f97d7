"""Several processes on one database, and one that is killed.

``make test`` runs a short version; ``make campaign`` sets ``CAMPAIGN=1`` and runs the whole.
"""

import json
import os
import random
import time

import pytest

from tests.campaigns.database import database_of_its_own, run, start

WHOLE = bool(os.environ.get("CAMPAIGN"))
EDITORS = 8
ITEMS = 20
SECONDS = 60 if WHOLE else 4
KILLS = 100 if WHOLE else 4
RELEASE_ITEMS = 50

pytestmark = pytest.mark.django_db  # only to know which database is under test


def task(environment, *arguments):
    return json.loads(run(environment, "-m", "tests.campaigns.editors", *arguments).splitlines()[-1])


def test_processes_that_edit_and_publish_the_same_items_lose_nothing(tmp_path):
    with database_of_its_own(tmp_path) as environment:
        task(environment, "prepare", str(ITEMS))
        processes = [
            start(environment, "-m", "tests.campaigns.editors", "edit", str(seed), str(SECONDS))
            for seed in range(EDITORS)
        ]
        outputs = [process.communicate() for process in processes]
        results = [json.loads(out.splitlines()[-1]) for out, err in outputs if out]
        found = task(environment, "report")
    assert len(results) == EDITORS, [err[-2000:] for out, err in outputs]
    assert [error for result in results for error in result["errors"]] == []
    lost = [text for result in results for pk, text in result["saved"] if found["revisions"].get(str(pk)) != text]
    assert lost == []
    assert sum(result["gaps"] for result in results) == 0
    assert found["sequences"] == list(range(1, len(found["sequences"]) + 1))
    assert found["differing"] == []
    assert found["twice_open"] == []
    assert found["in_time"]
    assert sum(len(result["saved"]) for result in results) > 0
    print({"actions": sum(result["done"] for result in results), "changes": len(found["sequences"])})


def test_release_whose_process_is_killed_is_live_whole_or_not_at_all(tmp_path):
    chance = random.Random(7)  # noqa: S311 - not for secrets
    whole = []
    with database_of_its_own(tmp_path) as environment:
        task(environment, "prepare", str(RELEASE_ITEMS))
        longest = seconds_of_a_release(environment)
        for number in range(KILLS):
            before = task(environment, "live")
            process = start(environment, "-m", "tests.campaigns.editors", "release", f"round {number}")
            assert process.stdout.readline() == "ready\n", process.stderr.read()
            time.sleep(chance.uniform(0, longest))
            process.kill()
            process.communicate()
            after = task(environment, "live")
            whole.append(after != before)
            if whole[-1]:
                assert after == {
                    "names": {f"round {number}": RELEASE_ITEMS},
                    "published": before["published"] + RELEASE_ITEMS,
                    "changes": before["changes"] + RELEASE_ITEMS,
                    "releases": before["releases"] + 1,
                }
    print({"whole": sum(whole), "not at all": KILLS - sum(whole)})


def seconds_of_a_release(environment) -> float:
    """Return how long the publication alone takes, so that the kills fall into it."""
    process = start(environment, "-m", "tests.campaigns.editors", "release", "first")
    process.stdout.readline()
    since = time.monotonic()
    process.communicate()
    return time.monotonic() - since
