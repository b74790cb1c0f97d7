"""Which content models the site has, found by their base classes: nothing here knows one by name."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models

from cms.content.models import Child, ContentModel, Publishable


def content_models() -> list[type[ContentModel]]:
    """Return the models of content items, each after the models that it or its children point to.

    Otherwise the order is that of the installed apps and of the declarations. Where models point to each other
    in a circle, the one declared first comes last.
    """
    ordered: list[type[ContentModel]] = []

    def visit(model, path):
        if model in ordered or model in path:
            return
        for target in referenced_items(model):
            visit(target, [*path, model])
        ordered.append(model)

    for model in apps.get_models():
        if issubclass(model, ContentModel) and not issubclass(model, Child) and not model._meta.proxy:
            visit(model, [])
    return ordered


def child_models(model: type[ContentModel]) -> list[type[Child]]:
    """Return the models of the rows that are part of an item of ``model``, in the order of their declaration."""
    return [
        child
        for child in apps.get_models()
        if issubclass(child, Child) and not child._meta.proxy and child.parent_model is model
    ]


def reference_fields(model: type[ContentModel]) -> list[models.Field]:
    """Return the foreign keys and many-to-many fields of ``model`` that point to content."""
    return [
        field
        for field in [*model._meta.concrete_fields, *model._meta.many_to_many]
        if isinstance(field.related_model, type) and issubclass(field.related_model, ContentModel)
    ]


def referenced_items(model: type[ContentModel]) -> list[type[ContentModel]]:
    """Return the models of the items that an item of ``model`` points to, itself or through its children."""
    found: list[type[ContentModel]] = []
    for row_model in [model, *child_models(model)]:
        for field in reference_fields(row_model):
            target: Any = field.related_model
            while issubclass(target, Child):
                target = target.parent_model
            if target is not model and target not in found:
                found.append(target)
    return found


def scope_model() -> type[Any]:
    """Return the model of the parts of the organization, for whose tree of rows roles are given."""
    return apps.get_model(settings.PUBLISHING_SCOPE_MODEL)


def public_rows(model: type[ContentModel]) -> models.QuerySet:
    """Return the rows of ``model`` that the public sees: the live ones, or all reference data."""
    return model.objects.live() if issubclass(model, Publishable) else model.objects.all()


def page_models() -> list[type[ContentModel]]:
    """Return the models of items that have a page of their own."""
    return [model for model in content_models() if model.has_page]
