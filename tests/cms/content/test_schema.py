"""The content schema: what is public is decided field by field, and nothing is forgotten."""

import pytest
from django.db import models
from django.test.utils import isolate_apps

from cms.content.checks import check_pages, check_schema
from cms.content.models import Publishable
from cms.content.registry import child_models, content_models
from cms.content.schema import Internal, Machine, Public, Schema, columns_of
from cms.content.snapshots import public_part
from regions.models import Office
from tests.models import page, page_path

ROWS = [row for model in content_models() for row in (model, *child_models(model))]


def declared(schema: Schema, **attributes) -> type[Publishable]:
    """Return a model with the fields ``name`` and ``notes`` and a schema."""
    fields = {"name": models.CharField("name", max_length=10), "notes": models.TextField("notes")}
    meta = type("Meta", (), {"app_label": "regions", "constraints": []})
    body = {"__module__": "regions.models", "Meta": meta, "collection": "things", "schema": schema}
    body["natural_key_fields"] = ("name",)
    return type("Thing", (Publishable,), {**body, **fields, **attributes})


def problems(schema: Schema) -> list[str]:
    """Return the identifiers of what the check says of a model with this schema."""
    with isolate_apps("regions"):
        return [error.id for error in check_schema(declared(schema))]


def test_decided_fields_are_no_problem():
    assert problems(Schema(Public(None, "name"), Internal("For staff", "notes"))) == []


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        pytest.param(Schema(Public(None, "name")), "content.E005", id="forgotten"),
        pytest.param(Schema(Public(None, "name", "notes", "x")), "content.E006", id="not-there"),
        pytest.param(Schema(Public(None, "name", "notes"), Machine("name")), "content.E007", id="twice"),
        pytest.param(Schema(Public(None, "name", "notes"), translated=("x",)), "content.E008", id="translated"),
        pytest.param(Schema(Public(None, "name", "notes"), page_only=("x",)), "content.E008", id="page-only"),
        pytest.param(Schema(Public(None, "name", "notes"), required=("name",)), "content.E002", id="required"),
        pytest.param(
            Schema(Public(None, "name"), Internal("", "notes"), searched=("notes",)), "content.E009", id="searched"
        ),
    ],
)
def test_wrong_schema_is_named(schema, expected):
    assert problems(schema) == [expected]


def test_wrong_names_are_told_in_their_order():
    names = tuple("zyxwvutsrq")
    with isolate_apps("regions"):
        found = [
            error.msg for error in check_schema(declared(Schema(Public(None, "name", "notes"), translated=names)))
        ]
    assert (len(found), found) == (10, sorted(found))


def test_page_without_a_route_is_named(monkeypatch):
    with isolate_apps("regions") as registry:
        model = declared(Schema(Public(None, "name", "notes")))
        monkeypatch.setattr("cms.content.checks.apps", registry)
        assert [error.id for error in check_pages(None)] == ["content.E010"]
        model.has_page = False
        assert check_pages(None) == []


def test_address_that_is_not_public_is_named():
    with isolate_apps("regions"):
        model = declared(Schema(Public(None, "name"), Internal("", "notes")), natural_key_fields=("notes",))
        assert [error.id for error in check_schema(model)] == ["content.E009"]


def test_snapshot_of_the_public_holds_what_is_public():
    data = {"fields": {"slug": "a", "kind": "regional"}, "relations": {"countries": []}, "children": {"sections": []}}
    assert public_part(Office, data) == data | {"children": {"sections": [], "quotations": []}}


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model.__name__)
def test_columns_of_public_fields_hold_no_other(model):
    columns = columns_of(model, model.schema.public)
    assert not {field.name for field in columns} & {*model.schema.machine, *model.BASE_FIELDS, model.parent_field}


def test_features_matrix_is_as_the_models_are():
    assert page_path().read_text(encoding="utf-8") == page(), "Run: make models"
