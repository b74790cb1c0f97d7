"""Two hundred hostile documents asked for at once: what other readers get meanwhile, and what it takes of memory.

``make campaign`` runs it. What a single one does is tested in ``tests/renditions``.
"""

import os
import subprocess
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cms.content import runner
from tests.browser.quality.site import run_manage, served

pytestmark = pytest.mark.skipif(not os.environ.get("CAMPAIGN"), reason="`make campaign` runs it")

HOSTILE, OTHERS, WORKERS = 200, 20, 2
IN_TIME = 10  # seconds, on two processors that are busy with two hostile documents
# Strategies whose texts went round the sanitiser, as somebody with the database's password could have them.
PLANT = """
from django.db import connection
from django.utils import timezone
from priorities.models import OutlineEntry, Strategy
from regions.models import Office

now, office = timezone.now(), Office.objects.live().first()
for number in range(MOST):
    strategy = Strategy.objects.create(
        office=office, slug=f"planted-{number}", title_en=f"Planted {number}", status="live",
        first_published_at=now, last_published_at=now,
    )
    anchor = "hostile" if number < HOSTILE else "a"
    OutlineEntry.objects.create(strategy=strategy, anchor=anchor, title_en="A", body_en="<p>text</p>", position=0)
with connection.cursor() as cursor:
    cursor.execute(
        "UPDATE priorities_outlineentry SET body_en = %s WHERE anchor = 'hostile'",
        ["<table><tr><td colspan=1000000>x</td></tr></table>"],
    )
""".replace("MOST", str(HOSTILE + OTHERS)).replace("HOSTILE", str(HOSTILE))


def ask(address: str) -> tuple[int, float, str | None]:
    """Return status, seconds and ``Retry-After`` of an answer."""
    began = time.monotonic()
    try:
        with urllib.request.urlopen(address, timeout=120) as answer:  # noqa: S310 - our own server
            answer.read()
            return answer.status, time.monotonic() - began, None
    except urllib.error.HTTPError as error:
        error.read()
        return error.code, time.monotonic() - began, error.headers["Retry-After"]


def document(number: int) -> str:
    return f"planted-{number}/planted-{number}-en.pdf"


def children_of_the_runner() -> list[int]:
    """Return the bytes of memory that each child of the runner holds."""
    found = subprocess.run(["ps", "-A", "-ww", "-o", "rss=,command="], capture_output=True, text=True).stdout  # noqa: S607
    lines = [line.split(maxsplit=1) for line in found.splitlines()]
    return [int(line[0]) * 1024 for line in lines if "cms.content.contained" in line[1] and "renditions" in line[1]]


def test_hostile_documents_hold_up_no_other_reader(tmp_path: Path):
    run_manage(tmp_path, "setup_site")
    run_manage(tmp_path, "shell", "--command", PLANT)
    before, memory, others, ended = len(children_of_the_runner()), [], [], threading.Event()

    def watch() -> None:
        while not ended.wait(0.5):
            memory.append(children_of_the_runner())

    def read(site: str) -> None:
        number = HOSTILE
        while not ended.wait(0.5):
            for path in (
                f"planted-{HOSTILE}/planted-{HOSTILE}-en.pdf",
                "",
                f"planted-{number}/planted-{number}-en.pdf",
            ):
                others.append((path, *ask(f"{site}/en/strategies/{path}")))
            number = HOSTILE + (number + 1 - HOSTILE) % 20

    with served(tmp_path, workers=WORKERS) as site:
        assert ask(f"{site}/en/strategies/{document(HOSTILE)}")[0] == 200  # it is made and stored
        beside = [threading.Thread(target=watch), threading.Thread(target=read, args=[site])]
        for thread in beside:
            thread.start()
        with ThreadPoolExecutor(HOSTILE) as pool:
            hostile = list(pool.map(ask, (f"{site}/en/strategies/{document(number)}" for number in range(HOSTILE))))
        ended.set()
        for thread in beside:
            thread.join()
    stored = [answer for answer in others if answer[0] == document(HOSTILE)]
    result = {
        "hostile": {str(status): sum(answer[0] == status for answer in hostile) for status in {a[0] for a in hostile}},
        "slowest hostile": max(answer[1] for answer in hostile),
        "others": {str(status): sum(answer[1] == status for answer in others) for status in {a[1] for a in others}},
        "slowest stored": max(answer[2] for answer in stored),
        "slowest other": max(answer[2] for answer in others if answer[0] == ""),
        "slowest of all": max(answer[2] for answer in others),
        "memory of a child, MB": max(max(found, default=0) for found in memory) // 2**20,
        "children": max(len(found) for found in memory) - before,
    }
    print(result, flush=True)
    assert {status for status, _seconds, _retry in hostile} == {503}
    assert all(retry for _status, _seconds, retry in hostile)
    assert {status for _path, status, _seconds, _retry in others} <= {200, 503}
    assert all(retry for _path, status, _seconds, retry in others if status == 503)
    assert max(seconds for _path, status, seconds, _retry in stored) < IN_TIME
    assert result["memory of a child, MB"] <= runner.MEMORY // 2**20
    assert result["children"] <= WORKERS
