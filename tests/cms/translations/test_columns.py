"""A language is added by a setting and ``migrate``: no text is lost, then or at a later migration."""

import json

import pytest
from django.conf import settings
from django.db import models

from cms.translations.columns import added_languages, language_fields
from tests.campaigns.database import database_of_its_own, run

SCRIPT = ("-m", "tests.cms.translations.added_language")
ADDED = ",".join([*settings.BASE_LANGUAGES, "ar"])


@pytest.mark.django_db  # only to know which database is under test
def test_language_is_added_to_a_site_with_content(tmp_path):
    base = ",".join(settings.BASE_LANGUAGES)
    with database_of_its_own(tmp_path) as environment:
        run(environment | {"LANGUAGES": base}, *SCRIPT, "begin")
        found = result(run(environment | {"LANGUAGES": ADDED}, *SCRIPT, "add"))
    assert found == {"texts": ["Office", "Oficina", "مكتب"]}


@pytest.mark.django_db
def test_new_site_has_the_columns_and_nothing_to_migrate(tmp_path):
    with database_of_its_own(tmp_path) as environment:
        found = result(run(environment | {"LANGUAGES": "ar,en,zh-hans"}, *SCRIPT, "new"))
    assert found == {"texts": ["مكتب", "办公室"]}


def result(printed: str) -> dict:
    return json.loads(printed.splitlines()[-1])


def fields(*names: str) -> dict[str, models.Field]:
    return {name: models.CharField(max_length=9, null=True) for name in names}


def test_field_of_each_base_language_gets_one_of_the_added(settings):
    settings.MODELTRANSLATION_LANGUAGES = ["en", "ar", "es", "fr", "pt"]
    found = dict(language_fields(fields("name", "name_en", "name_es", "name_fr", "name_pt", "slug")))
    assert list(found) == ["name_ar"]
    assert (found["name_ar"].max_length, found["name_ar"].null) == (9, True)


@pytest.mark.parametrize(
    "names",
    [
        ("name", "name_en", "name_es", "name_fr", "name_pt", "name_ar"),
        ("kind", "kind_en"),
        ("name_en", "name_es", "name_fr", "name_pt"),
    ],
    ids=["has it", "not translated", "columns of nothing"],
)
def test_other_fields_get_none(settings, names):
    settings.MODELTRANSLATION_LANGUAGES = ["en", "ar", "es", "fr", "pt"]
    assert dict(language_fields(fields(*names))) == {}


def test_base_languages_need_nothing(settings):
    settings.MODELTRANSLATION_LANGUAGES = list(settings.BASE_LANGUAGES)
    assert added_languages() == []
