"""System checks: a content model that is declared wrongly is named at start, not found by a reader."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core import checks
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db import models
from django.urls import NoReverseMatch

from cms.content.models import Child, ContentModel, LocalizedName, Publishable
from cms.content.schema import decided_fields


def field_or_none(model, name):
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def error(number: str, model: type[ContentModel], message: str, hint: str = "") -> checks.Error:
    return checks.Error(f"{model.__name__} {message}", hint=hint or None, obj=model, id=f"content.{number}")


@checks.register(checks.Tags.models)
def check_content_models(app_configs, **kwargs) -> list[checks.CheckMessage]:
    """Hold schema and class attributes of every content model against its fields."""
    found: list[checks.CheckMessage] = []
    for model in apps.get_models():
        if not issubclass(model, ContentModel):
            continue
        found += check_schema(model)
        if not issubclass(model, Child) and not model.collection:
            hint = "Set it to the plural name used in content packages and the API."
            found.append(error("E001", model, "has no 'collection'.", hint))
        if issubclass(model, Publishable):
            found += check_live_through(model)
        if issubclass(model, Child):
            parent = field_or_none(model, model.parent_field) if model.parent_field else None
            if not isinstance(parent, models.ForeignKey):
                found.append(error("E003", model, "must name the foreign key to its item in 'parent_field'."))
    return found


def check_schema(model: type[ContentModel]) -> Iterator[checks.CheckMessage]:
    """Yield what the schema of ``model`` forgets, names twice or names although it is not there."""
    schema, there = model.schema, [field.name for field in decided_fields(model)]
    decided = [*schema.written, *schema.machine]
    for name in sorted(set(there) - set(decided)):
        hint = "Put it into a group: Public, Internal (for staff alone) or Machine (filled in by the code)."
        yield error("E005", model, f"has a field {name!r} that its schema does not decide on.", hint)
    for name in sorted(set(decided) - set(there)):
        yield error("E006", model, f"has no field {name!r}, which its schema names.")
    for name in sorted({name for name in decided if decided.count(name) > 1}):
        yield error("E007", model, f"has {name!r} in more than one group of its schema.")
    used = {*schema.translated, *schema.page_only, *filter(None, [schema.source_language])}
    for name in sorted(used - set(schema.written)):
        yield error("E008", model, f"has {name!r} among the fields that its schema uses, but in no group.")
    for name in sorted(set(schema.required) - set(schema.translated)):
        yield error("E002", model, f"requires a text in {name!r}, which is not a translated field.")
    for path in (*schema.searched, *model.search_title):
        yield from check_shown(model, path, "lets the search find")
    for name in model.natural_key_fields:
        yield from check_shown(model, name, "is addressed by")
    if issubclass(model, LocalizedName):
        for name in (model.name_field, *model.label_fields):
            yield from check_shown(model, name, "is called by")


def check_shown(model: type[ContentModel], path: str, use: str) -> Iterator[checks.CheckMessage]:
    """Yield an error where what ``use`` shows to everybody is not public, or is not there."""
    row: Any = model
    for name in path.split("__"):
        if row is None or name not in row.schema.public:
            yield error("E009", model, f"{use} {path!r}, of which {name!r} is no public field.")
            return
        row = row._meta.get_field(name).related_model


def check_live_through(model: type[Publishable]) -> Iterator[checks.CheckMessage]:
    """Yield an error for each name in ``live_through`` that is not a required key to a publishable item."""
    for name in model.live_through:
        field = field_or_none(model, name)
        if not isinstance(field, models.ForeignKey) or field.null or not issubclass(field.related_model, Publishable):
            message = f"is public through {name!r}, which is not a required foreign key to a publishable model."
            yield error("E004", model, message, "Optional relations are filtered where they are shown, with live().")


@checks.register(checks.Tags.urls)
def check_pages(app_configs, **kwargs) -> list[checks.CheckMessage]:
    """Name the content models that say that each row has a page, and have none."""
    found: list[checks.CheckMessage] = []
    for model in apps.get_models():
        if issubclass(model, ContentModel) and model.has_page and not has_route(model):
            hint = "Give it get_absolute_url() and a route, or set has_page = False."
            found.append(error("E010", model, "has no page at its get_absolute_url().", hint))
    return found


def has_route(model: type[ContentModel]) -> bool:
    """Say whether a row of ``model`` has an address; one that is made of other rows is taken at its word."""
    if not hasattr(model, "get_absolute_url"):
        return False
    keys = [name for name in model.natural_key_fields if not model._meta.get_field(name).is_relation]
    try:
        model(**dict.fromkeys(keys, "x")).get_absolute_url()
    except NoReverseMatch:
        return False
    except (ObjectDoesNotExist, AttributeError):
        return True
    return True
