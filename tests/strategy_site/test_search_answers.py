"""The right answer comes first: 200 searches on the first content (``searches.yaml``), on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from django.utils.translation import override

from cms.search.queries import parse
from cms.search.results import Filters, search

SEARCHES = yaml.safe_load((Path(__file__).parent / "searches.yaml").read_text(encoding="utf-8"))
FIRST, FIRST_THREE = 0.95, 0.99  # of the searches, whose answer has to come first, or among the first three
Search = tuple[str, str, str]


def searches(language: str) -> Iterator[Search]:
    """Yield each search of ``language`` with the address of the right answer."""
    for kind in SEARCHES[language].values():
        for text, answer in kind.items():
            yield language, str(text), f"/{language}/{answer}"


@pytest.fixture(scope="module")
def first_content(django_db_setup, django_db_blocker, tmp_path_factory):
    """Import the first content once for all tests here, which only read."""
    media = tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=media), transaction.atomic():
        call_command("import_content", str(settings.BASE_DIR / "fixtures" / "americas"), publish=True, verbosity=0)
        yield
        transaction.set_rollback(True)


def place(language: str, text: str, answer: str) -> int:
    """Return at which place of the results of ``text`` the ``answer`` stands; 0 where it is not on the first page."""
    with override(language):
        urls = [result.url for result in search(parse(text, language), Filters()).results]
    return urls.index(answer) + 1 if answer in urls else 0


@pytest.mark.parametrize("language", SEARCHES)
def test_there_are_fifty_searches_a_language(language):
    assert len(list(searches(language))) == 50


def test_right_answer_comes_first(first_content, db):
    places = {each: place(*each) for language in SEARCHES for each in searches(language)}
    missed = [f"{found or '-':>3}  {each}" for each, found in places.items() if found != 1]
    first = 1 - len(missed) / len(places)
    first_three = sum(0 < found <= 3 for found in places.values()) / len(places)
    print("\n".join([f"first {first:.1%}, in the first three {first_three:.1%}", *missed]))
    assert first >= FIRST
    assert first_three >= FIRST_THREE
