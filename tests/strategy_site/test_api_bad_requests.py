"""Bad requests of forty kinds, generated: every answer is a problem, none is a fault of the site, none takes long.

``make test`` tries a few of each kind, ``make campaign`` 10,000 in all.
"""

import os
import random
import string
import time
from collections.abc import Callable
from operator import itemgetter
from urllib.parse import quote, urlencode

import pytest

from strategy_site.api import router
from tests.strategy_site.test_api import fill_every_collection

pytestmark = pytest.mark.django_db

WHOLE = bool(os.environ.get("CAMPAIGN"))
TIMES = 250 if WHOLE else 2
LONGEST = 1.0  # seconds of one answer
REFUSALS = {400, 404, 405, 406, 410, 414}

chance = random.Random(9457)  # noqa: S311 - not for secrets
Request = tuple[str, str, dict[str, str]]  # method, address, headers


def collection() -> str:
    return f"/api/v1/{chance.choice([prefix for prefix, viewset, basename in router.registry])}/"


def word(least: int = 1, most: int = 12, letters: str = string.ascii_lowercase) -> str:
    return "".join(chance.choices(letters, k=chance.randint(least, most)))


def asking(**parameters: str) -> Request:
    """Return a GET of some list with ``parameters``; two underscores stand for themselves."""
    return "GET", f"{collection()}?{urlencode(parameters)}", {}


def unicode_text(most: int = 40) -> str:
    ranges = [(0x80, 0x2FF), (0x300, 0x36F), (0x590, 0x6FF), (0x4E00, 0x4FFF), (0x1F300, 0x1F6FF), (0x200B, 0x202E)]
    return "".join(chr(chance.randint(*chance.choice(ranges))) for _ in range(chance.randint(1, most)))


def cursor() -> str:
    return f".{word(20, 300, string.ascii_letters + string.digits + '-_')}:{word(6, 6)}:{word(43, 43)}"


def moment() -> str:
    return chance.choice(
        [
            "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00Z", "2026-13-01T00:00:00Z",
            "2026-02-30T00:00:00Z", "2026-01-01T24:00:01Z", "2026-01-01T00:00:60Z", "2026-01-01", "2026-01-01T00:00Z",
            "2026-01-01T00:00:00+99:99", "٢٠٢٦-01-01T00:00:00Z", "-2026-01-01T00:00:00Z", "now", "1e9",
        ]
    )  # fmt: skip


def number() -> str:
    return chance.choice(
        ["1e3", "0x10", "1.5", "٣", "9" * chance.randint(10, 400), "--1", "NaN", "inf", "1_0", " ", "½"]
    )


def path(key: str) -> Request:
    return "GET", f"{collection()}{quote(key, safe='')}/", {}


KINDS: dict[str, Callable[[], Request]] = {
    "unknown parameter": lambda: asking(**{f"x{word()}": word()}),
    "misspelt parameter": lambda: asking(**{chance.choice(["serch", "limits", "cursr", "langs", "field"]): word()}),
    "parameter with a null": lambda: asking(search=f"{word()}\x00{word()}"),
    "null in a name": lambda: asking(**{f"search\x00{word()}": "x"}),
    "empty parameter": lambda: asking(**{chance.choice(["search", "limit", "lang", "sort", "fields"]): ""}),
    "same parameter twice": lambda: ("GET", f"{collection()}?lang=es&lang={word(2, 2)}", {}),
    "unknown language": lambda: asking(lang=f"q{word(1, 7)}"),
    "malformed language": lambda: asking(lang=chance.choice(["e_s", "-", "es-", "es--mx", "**", "es,fr", "es;q=1"])),
    "language of many characters": lambda: asking(lang=f"q{word(5_000, 7_000)}"),
    "language of 10,000 characters": lambda: asking(lang="q" * 10_000),
    "unknown fallback": lambda: asking(fallback=f"q{word()}"),
    "limit that is no number": lambda: asking(limit=number()),
    "limit out of range": lambda: asking(limit=str(chance.choice([0, 201, 10**8, -1, -200]))),
    "page": lambda: asking(page=str(chance.randint(1, 100))),
    "forged cursor": lambda: asking(cursor=cursor()),
    "cursor of another kind": lambda: asking(cursor=chance.choice([word(), unicode_text(), "cD0x", "a:b:c", ":" * 9])),
    "overlong cursor": lambda: asking(cursor=word(4_001, 7_000)),
    "unknown field": lambda: asking(fields=f"q{word()}"),
    "deep field": lambda: asking(fields=".".join(chance.choices(["office", "parent", "strategy"], k=90)) + ".q"),
    "too many fields": lambda: asking(fields=",".join(f"q{n}" for n in range(chance.randint(51, 600)))),
    "unknown relation": lambda: asking(expand=f"q{word()}"),
    "deep expand": lambda: asking(expand=".".join(chance.choices(["office", "parent", "strategy", "pillar"], k=400))),
    "too many relations": lambda: asking(expand=",".join(f"office{n}" for n in range(chance.randint(51, 500)))),
    "unknown sort": lambda: asking(sort=f"q{word()}"),
    "sort by too much": lambda: asking(sort=",".join(["slug", "-slug"] * chance.randint(1, 200))),
    "order by relation": lambda: asking(sort=f"office__{word()}"),
    "filter by lookup": lambda: asking(**{f"slug__{chance.choice(['regex', 'in', 'icontains', 'gt'])}": ".*"}),
    "number that is none": lambda: asking(**{chance.choice(["position__gte", "period_to"]): number()}),
    "time that is none": lambda: asking(last_published_at__gte=moment() + "x"),
    "time at the end of time": lambda: asking(
        last_published_at__lte=chance.choice(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
    ),
    "choice that is none": lambda: ("GET", f"/api/v1/offices/?kind={quote(unicode_text())}", {}),
    "too many choices": lambda: ("GET", f"/api/v1/offices/?kind=main{',main' * chance.randint(50, 700)}", {}),
    "search of 5,000 terms": lambda: asking(search="a " * chance.choice([201, 1_000, 5_000])),
    "over 1,000 parameters": lambda: (
        "GET", f"{collection()}?" + "&".join(f"{word(1, 2)}{n}=1" for n in range(chance.randint(1_001, 3_000))), {}
    ),
    "item that is not there": lambda: path(
        chance.choice([word(), unicode_text(), "a" * 5_000, "' OR 1=1 --", "%s", ".."])
    ),
    "identifier that is none": lambda: path(
        f"{word(8, 8, '0123456789abcdefg')}-1234-1234-1234-{word(12, 12, 'abcz')}"
    ),
    "address outside everything": lambda: ("GET", f"/api/{quote(unicode_text())}/{word()}", {}),
    "other method": lambda: (chance.choice(["POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY"]), collection(), {}),
    "other format": lambda: (
        "GET", collection(), {"Accept": chance.choice(["text/html", "application/xml", "image/*"])}
    ),
    "broken encoding": lambda: ("GET", f"{collection()}?search%ff={word()}&%C3=%28", {}),
}  # fmt: skip


def test_there_are_forty_kinds():
    assert len(KINDS) == 40


@pytest.mark.parametrize("kind", KINDS)
def test_bad_requests_are_problems(client, kind):
    chance.seed(kind)
    fill_every_collection(times=1)
    client.raise_request_exception = False
    for _ in range(TIMES):
        method, address, headers = KINDS[kind]()
        seconds, answer = answered(client, method, address, headers)
        if seconds >= LONGEST:  # once more: what else the machine does is no fault of the answer
            seconds, answer = min((answered(client, method, address, headers) for _ in range(5)), key=itemgetter(0))
        assert seconds < LONGEST, address
        assert answer.status_code in REFUSALS, (method, address)
        assert answer["Content-Type"] == "application/problem+json", address
        assert {"type", "title", "status", "detail", "instance"} <= set(answer.json()), address
        assert len(answer.content) < 30_000, address


def answered(client, method: str, address: str, headers: dict) -> tuple:
    """Return how many seconds an answer took, and the answer."""
    since = time.perf_counter()
    answer = client.generic(method, address, headers=headers)
    return time.perf_counter() - since, answer
