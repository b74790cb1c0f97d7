"""The features matrix, ``docs/models.md``: what each content model and each field of it is for.

Made of the models' schemas, so it is never out of date: ``python -m tests.models`` writes it, a test compares it.
"""

import os
from collections.abc import Iterator

HEAD = """# The content models and their fields

Made by `make models` from the schemas of the models ([what that is](developers.md#the-content-schema)); do not edit
it.

**public**: everybody may read the field as soon as its item is live, in pages, API, exports and search. **internal**:
for staff, in form, history and content packages, and never outside. **machine**: the code fills it in.
"""
FEATURES = """| model | collection | drafts | page | children | public through |
|---|---|---|---|---|---|"""
FIELDS = """| field | what it is for | kind | |
|---|---|---|---|"""


def page_path():
    from django.conf import settings

    return settings.BASE_DIR / "docs" / "models.md"


def page() -> str:
    """Return the page as the models are declared now."""
    from cms.content.registry import child_models, content_models

    models = content_models()
    rows = [model for item in models for model in (item, *child_models(item))]
    lines = [HEAD, "## Features", "", FEATURES, *(features(model) for model in models), ""]
    for model in rows:
        lines += [f"## {model.__name__}", "", *about(model), "", FIELDS, *fields(model), ""]
    return "\n".join(lines)


def features(model) -> str:
    """Return the row of an item's model in the table of features."""
    from cms.content.models import Publishable
    from cms.content.registry import child_models

    publishable = issubclass(model, Publishable)
    cells = (
        f"[{model.__name__}](#{model.__name__.lower()})",
        f"`{model.collection}`",
        "yes" if publishable else "no",
        "yes" if model.has_page else "no",
        ", ".join(f"[{child.__name__}](#{child.__name__.lower()})" for child in child_models(model)),
        ", ".join(f"`{name}`" for name in model.live_through) if publishable else "",
    )
    return f"| {' | '.join(cells)} |"


def about(model) -> Iterator[str]:
    """Yield the first line of what the model says of itself, and how its rows are named."""
    from cms.content.models import Child

    yield (model.__doc__ or "").strip().splitlines()[0]
    key = ", ".join(f"`{name}`" for name in model.natural_key_fields) or "none: there is one row, or their order"
    place = (
        f" Part of [{model.parent_model.__name__}](#{model.parent_model.__name__.lower()})."
        if issubclass(model, Child)
        else ""
    )
    yield ""
    yield f"Natural key: {key}.{place}"


def fields(model) -> Iterator[str]:
    """Yield a row for each field, in the order of the schema."""
    for group in model.schema.groups:
        for name in group.names:
            field = model._meta.get_field(name)
            kind = type(field).__name__
            if field.is_relation:
                kind += f" to {field.related_model.__name__}"
            marks = ("translated", "required", "searched", "page_only")
            notes = [mark.replace("_", " ") for mark in marks if name in getattr(model.schema, mark)]
            yield f"| `{name}` | {type(group).__name__.lower()} | {kind} | {', '.join(notes)} |"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "strategy_site.settings")
    import django

    django.setup()
    page_path().write_text(page(), encoding="utf-8")
    print("docs/models.md says now what the models declare.")


if __name__ == "__main__":
    main()
