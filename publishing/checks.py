"""System checks: a content model that is declared wrongly is named at start, not found by a reader."""

from django.apps import apps
from django.core import checks
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from publishing.languages import translated_fields
from publishing.models import Child, ContentModel, Publishable


def field_or_none(model, name):
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


@checks.register(checks.Tags.models)
def check_content_models(app_configs, **kwargs) -> list[checks.CheckMessage]:
    """Hold the class attributes of every content model against its fields."""
    found: list[checks.CheckMessage] = []
    for model in apps.get_models():
        if not issubclass(model, ContentModel):
            continue
        if not issubclass(model, Child) and not model.collection:
            found.append(
                checks.Error(
                    f"{model.__name__} has no 'collection'.",
                    hint="Set it to the plural name used in content packages and the API.",
                    obj=model,
                    id="publishing.E001",
                )
            )
        for name in model.required_texts:
            if name not in translated_fields(model):
                found.append(
                    checks.Error(
                        f"{model.__name__}.required_texts names {name!r}, which is not a translated field.",
                        hint="Register the field in the app's translation.py.",
                        obj=model,
                        id="publishing.E002",
                    )
                )
        if issubclass(model, Publishable):
            found += check_live_through(model)
        if issubclass(model, Child):
            parent = field_or_none(model, model.parent_field) if model.parent_field else None
            if not isinstance(parent, models.ForeignKey):
                found.append(
                    checks.Error(
                        f"{model.__name__}.parent_field must name the foreign key to its item.",
                        obj=model,
                        id="publishing.E003",
                    )
                )
    return found


def check_live_through(model: type[Publishable]) -> list[checks.CheckMessage]:
    """Return an error for each name in ``live_through`` that is not a required key to a publishable item."""
    found: list[checks.CheckMessage] = []
    for name in model.live_through:
        field = field_or_none(model, name)
        if not isinstance(field, models.ForeignKey) or field.null or not issubclass(field.related_model, Publishable):
            found.append(
                checks.Error(
                    f"{model.__name__}.live_through names {name!r}, which is not a required foreign key to a "
                    "publishable model.",
                    hint="Optional relations are filtered where they are shown, with live().",
                    obj=model,
                    id="publishing.E004",
                )
            )
    return found
