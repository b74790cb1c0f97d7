"""A site of each released version comes to this one with its content, its drafts and its history."""

import json
from pathlib import Path

import pytest

from tests.campaigns.database import database_of_its_own, run

VERSIONS = sorted(Path(__file__).parent.glob("*.zip"))
DESCRIBE = """
import json
from tests.upgrades.description import description
print(json.dumps(description()))
"""

pytestmark = pytest.mark.django_db  # only to know which database is under test


def test_there_is_a_site_to_upgrade():
    assert [path.name for path in VERSIONS][:1] == ["1.0.0.zip"]


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_upgrade_keeps_content_drafts_and_history(path, tmp_path):
    with database_of_its_own(tmp_path) as environment:
        run(environment, "manage.py", "restore", str(path))
        found = json.loads(run(environment, "manage.py", "shell", "--verbosity=0", "--command", DESCRIBE))
    then = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    for what in then:
        assert found[what] == then[what], what
