"""Several processes on one database, and one that is killed.

``make test`` runs a short version; ``make campaign`` sets ``CAMPAIGN=1`` and runs the whole.
"""

import json
import os

import pytest

from tests.campaigns.database import database_of_its_own, run

WHOLE = bool(os.environ.get("CAMPAIGN"))
EDITORS = 8
ITEMS = 20
SECONDS = 60 if WHOLE else 2
RELEASE_ITEMS = 50 if WHOLE else 15
KILLS = 100 if WHOLE else 4

pytestmark = pytest.mark.django_db  # only to know which database is under test


def campaign(folder, *arguments: object) -> dict:
    with database_of_its_own(folder) as environment:
        printed = run(environment, "-m", "tests.campaigns.editors", *map(str, arguments))
    return json.loads(printed.splitlines()[-1])


def test_processes_that_edit_and_publish_the_same_items_lose_nothing(tmp_path):
    result = campaign(tmp_path, "editors", EDITORS, ITEMS, SECONDS)
    editors, found = result["editors"], result["found"]
    saved = [entry for editor in editors for entry in editor["saved"]]
    lost = set(saved) - set(found["versions"])
    print(
        {
            "actions": sum(editor["done"] for editor in editors),
            "refused": sum(editor["refused"] for editor in editors),
            "errors": sum(len(editor["errors"]) for editor in editors),
            "saved": len(saved),
            "lost": len(lost),
            "changes": len(found["sequences"]),
        }
    )
    assert len(editors) == EDITORS
    assert [error for editor in editors for error in editor["errors"]] == []
    assert not lost
    assert sum(editor["gaps"] for editor in editors) == 0
    assert found["sequences"] == list(range(1, len(found["sequences"]) + 1))
    assert found["differing"] == []
    assert found["twice_open"] == []
    assert found["in_time"]
    assert saved


def test_what_is_due_is_applied_once_by_processes_that_all_find_it_due(tmp_path):
    found = campaign(tmp_path, "due", 4, 10)
    assert sum(found.pop("applied")) == 10
    assert found == {"pending": 0, "names": {"after": 10}, "published": 20, "changes": 10, "releases": 0, "undone": 0}


def test_release_whose_process_is_killed_is_live_whole_or_not_at_all(tmp_path):
    rounds = campaign(tmp_path, "kills", RELEASE_ITEMS, KILLS, "release")["rounds"]
    whole = [number for number, found in enumerate(rounds) if found["after"] != found["before"]]
    print({"whole": len(whole), "not at all": len(rounds) - len(whole)})
    assert len(rounds) == KILLS
    for number in whole:
        before, after = rounds[number]["before"], rounds[number]["after"]
        assert after == {
            "names": {f"round {number}": RELEASE_ITEMS},
            "published": before["published"] + RELEASE_ITEMS,
            "changes": before["changes"] + RELEASE_ITEMS,
            "releases": before["releases"] + 1,
            "undone": 0,
        }


def test_undo_whose_process_is_killed_is_done_whole_or_not_at_all(tmp_path):
    rounds = campaign(tmp_path, "kills", RELEASE_ITEMS, KILLS, "undo")["rounds"]
    undone = [number for number, found in enumerate(rounds) if found["after"]["undone"] > found["before"]["undone"]]
    print({"undone": len(undone), "not at all": len(rounds) - len(undone)})
    for number, found in enumerate(rounds):
        before, after = found["before"], found["after"]
        times = 2 if number in undone else 1
        assert after == {
            "names": before["names"] if number in undone else {f"round {number}": RELEASE_ITEMS},
            "published": before["published"] + times * RELEASE_ITEMS,
            "changes": before["changes"] + times * RELEASE_ITEMS,
            "releases": before["releases"] + (number not in undone),
            "undone": before["undone"] + (number in undone),
        }
