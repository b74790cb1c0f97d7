"""The OpenAPI document changes only on purpose, and is well made."""

import json
import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.utils.translation import override

from cms.api import openapi as schema
from cms.api.filters import api_filterset
from regions.api import OfficeViewSet
from tests.openapi import accepted_path, described, differences

LINTER = settings.BASE_DIR / "node_modules" / ".bin" / "redocly"


def test_openapi_is_as_accepted():
    found = list(differences(json.loads(accepted_path().read_text(encoding="utf-8")), described()))
    assert not found, "\n".join(["The API changed. If that is meant, run `make openapi`:", *found])


def test_filters_speak_the_language_asked_for_whoever_asked_first():
    api_filterset.cache_clear()
    with override("fr"):
        api_filterset(OfficeViewSet.filterset_class, OfficeViewSet.serializer_class)
    assert str(OfficeViewSet(action="list").filters["first_published_at"].label) == "First published"


FIELD = {"type": "string"}
PARAMETER = {"name": "limit", "in": "query", "schema": {"maximum": 200}}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param({"a": FIELD}, {"a": FIELD, "b": FIELD}, ["added: b"], id="field-added"),
        pytest.param({"a": {"b": FIELD}}, {"a": {}}, ["removed: a > b"], id="field-removed"),
        pytest.param(
            {"a": FIELD}, {"a": {"type": "integer"}}, ["changed: a > type: 'string' is now 'integer'"], id="type"
        ),
        pytest.param(
            {"enum": ["a", "b"]}, {"enum": ["b", "c"]}, ['removed: enum > "a"', 'added: enum > "c"'], id="enum"
        ),
        pytest.param([PARAMETER], [], ["removed: limit (query)"], id="parameter"),
        pytest.param(
            [PARAMETER],
            [PARAMETER | {"schema": {"maximum": 100}}],
            ["changed: limit (query) > schema > maximum: 200 is now 100"],
            id="limit",
        ),
        pytest.param({"enum": ["a", "b"]}, {"enum": ["b", "a"]}, [], id="order-alone"),
    ],
)
def test_differences_name_each_part(before, after, expected):
    assert list(differences(before, after)) == expected


@pytest.mark.skipif(not LINTER.exists(), reason="redocly is not installed: npm ci")
def test_linter_finds_nothing(tmp_path):
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(described()), encoding="utf-8")
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    found = subprocess.run(  # noqa: S603 - arguments of our own
        [str(LINTER), "lint", str(path), "--config", str(settings.BASE_DIR / "redocly.yaml")],
        env=os.environ | quiet,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr


def test_one_description_is_made_at_a_time(monkeypatch):
    """drf-spectacular imports parts of itself while it makes the first, which fails in two threads at once."""
    making, most = [], []

    class Generator:
        def get_schema(self, **options):
            making.append(self)
            time.sleep(0.02)
            most.append(len(making))
            making.remove(self)
            return {}

    monkeypatch.setattr(schema, "SchemaGenerator", Generator)
    schema.rendered_openapi.cache_clear()
    try:
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(schema.openapi, ["en", "es", "fr", "pt"]))
    finally:
        schema.rendered_openapi.cache_clear()
    assert most == [1, 1, 1, 1]
