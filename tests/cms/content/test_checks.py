"""System checks of content models, each on a model that is declared wrongly."""

import pytest
from django.db import models
from django.test.utils import isolate_apps
from django.urls import NoReverseMatch

from cms.content.checks import check_content_models, check_live_through, has_route
from cms.content.models import Child, Publishable
from cms.content.schema import Public, Schema
from priorities.models import Strategy
from regions.models import Office


def declared(base: type[models.Model] = Publishable, **attributes) -> type[models.Model]:
    """Return a model with a name, whose schema decides on its fields."""
    meta = type("Meta", (), {"app_label": "regions", "constraints": []})
    fields = {"name": models.CharField("name", max_length=10), "schema": Schema(Public(None, "name"))}
    body = {"__module__": "regions.models", "Meta": meta, "collection": "things", "natural_key_fields": ("name",)}
    return type("Thing", (base,), {**body, **fields, **attributes})


@pytest.fixture
def registry(monkeypatch):
    """A registry of models with nothing in it but what the test declares."""
    with isolate_apps("regions") as registry:
        monkeypatch.setattr("cms.content.checks.apps", registry)
        yield registry


def found() -> list[str]:
    return [error.id for error in check_content_models(None)]


def test_model_that_is_declared_rightly_is_not_named(registry):
    declared()
    assert found() == []


def test_model_without_a_collection_is_named(registry):
    model = declared(collection="")
    (problem,) = check_content_models(None)
    assert (problem.id, problem.obj, problem.msg) == ("content.E001", model, "Thing has no 'collection'.")
    assert problem.hint == "Set it to the plural name used in content packages and the API."


def test_model_that_is_no_content_is_passed_over(registry):
    type("Note", (models.Model,), {"__module__": "regions.models", "Meta": type("Meta", (), {"app_label": "regions"})})
    declared(collection="")
    assert found() == ["content.E001"]


@pytest.mark.parametrize("parent", ["", "name", "vanished"], ids=["none", "no-key", "not-there"])
def test_child_without_a_key_to_its_item_is_named(registry, parent):
    declared(Child, parent_field=parent, natural_key_fields=())
    assert "content.E003" in found()


@pytest.mark.parametrize(
    ("model", "name"),
    [
        pytest.param(Office, "vanished", id="not-there"),
        pytest.param(Office, "kind", id="no-key"),
        pytest.param(Office, "parent", id="may-be-empty"),
    ],
)
def test_what_an_item_cannot_be_public_through_is_named(monkeypatch, model, name):
    monkeypatch.setattr(model, "live_through", (name,))
    assert [error.id for error in check_live_through(model)] == ["content.E004"]


def test_required_key_to_an_item_may_be_what_another_is_public_through(monkeypatch):
    monkeypatch.setattr(Strategy, "live_through", ("office",))
    assert list(check_live_through(Strategy)) == []


@pytest.mark.parametrize(
    ("failure", "routed"), [(None, True), (NoReverseMatch, False), (Office.DoesNotExist, True), (AttributeError, True)]
)
def test_route_is_what_reverse_finds_or_other_rows_decide(monkeypatch, failure, routed):
    def address(self):
        if failure:
            raise failure
        return "/x/"

    monkeypatch.setattr(Office, "get_absolute_url", address)
    assert has_route(Office) is routed
