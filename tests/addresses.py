"""Every address of the public site, found in the URLconf: a page that comes later is covered without a word here.

What a pattern takes is filled from the items that are given (their slug, their key). A pattern that takes anything
else fails the tests that ask, until it is named in :data:`FILLED` or, with its reason, in :data:`LEFT_OUT`.
"""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import LocalePrefixPattern
from django.utils.translation import override

from cms.api.bulk import make_export
from cms.api.problems import PROBLEMS
from cms.content.links import targets
from cms.content.models import ContentModel
from cms.content.registry import page_models
from priorities.models import Document, FrameworkGoal, OutlineEntry, Strategy
from regions.models import Country

LEFT_OUT = {
    "admin": "for staff; its permissions have tests of their own",
    "preview": "shows drafts to whoever may see them; has tests of its own",
    "set_language": "Django's own; it answers posts only",
    "share-card": "a picture under the digest of what stands on the page that names it",
    "api:hyphen": "leads to another address",
    "rendition": "takes a second a file; test_renditions.py asks for drafts in it",
}
# Patterns whose arguments are not those of an item.
FILLED = {
    "document": lambda: [{"pk": row.pk, "filename": row.filename} for row in Document.objects.all()],
    "priorities:goal": lambda: [
        {"slug": row.framework.slug, "code": row.code} for row in FrameworkGoal.objects.select_related("framework")
    ],
    "api:export-file": lambda: export_files(),
    "api:file": lambda: [{"type": "document", "key": row.pk, "field": "file"} for row in Document.objects.all()],
    "api:problem": lambda: [{"name": name} for name in PROBLEMS],
    "markdown": lambda: [
        {"page": item.get_absolute_url().strip("/").partition("/")[2]}
        for model in page_models()
        for item in model.objects.all()
        if item.get_absolute_url().strip("/").count("/")
    ],
    "priorities:chapter": lambda: [
        {"slug": row.strategy.slug, "anchor": row.anchor} for row in OutlineEntry.objects.select_related("strategy")
    ],
    "priorities:cite": lambda: [{**version, "extension": "bib"} for version in versions()],
    "priorities:strategy-changes": lambda: versions(),
    "priorities:strategy-version": lambda: versions(),
    "sitemap": lambda: [{"section": model.collection, "number": 1} for model in page_models()],
    "item": lambda: [
        {"label": row._meta.label_lower, "pk": row.pk} for model in targets().values() for row in model.objects.all()
    ],
    "regions:country": lambda: [{"code": row.code.lower()} for row in Country.objects.all()],
}


def export_files() -> list[dict]:
    """Return the arguments of the files of an export of what is public now, but for the one of all."""
    export = make_export()
    return [{"token": export.token, "name": file["name"]} for file in export.files if file["collection"]]


def versions() -> list[dict]:
    """Return the arguments of the first versions of every strategy."""
    return [{"slug": row.slug, "number": number} for row in Strategy.objects.all() for number in (1, 2, 3)]


def patterns(found=None, names=(), *, translated=False) -> Iterator[tuple[str, URLPattern, bool]]:
    """Yield name, pattern and whether it has one address a language, of all that is public."""
    for entry in get_resolver().url_patterns if found is None else found:
        if isinstance(entry, URLPattern):
            name = ":".join([*names, entry.name or ""])
            if name not in LEFT_OUT:
                yield name, entry, translated
        elif isinstance(entry, URLResolver) and entry.namespace not in LEFT_OUT:
            inside = [*names, entry.namespace] if entry.namespace else names
            by_language = translated or isinstance(entry.pattern, LocalePrefixPattern)
            yield from patterns(entry.url_patterns, inside, translated=by_language)


def arguments(name: str, pattern: URLPattern, items: Iterable[ContentModel]) -> list[dict]:
    """Return what to fill ``pattern`` with so that it leads to each of ``items``, as far as it is about one."""
    wanted = {*pattern.pattern.converters, *getattr(getattr(pattern.pattern, "regex", None), "groupindex", ())}
    if not wanted:
        return [{}]
    if name in FILLED:
        return FILLED[name]()
    # A view of one model finds nothing but its rows; one that names no model is asked for every item.
    view = getattr(pattern.callback, "view_class", None) or getattr(pattern.callback, "cls", None)
    model = getattr(view, "model", None) or getattr(getattr(view, "serializer_class", None), "Meta", None)
    model = getattr(model, "model", model)
    values = []
    for item in items:
        if isinstance(model, type) and issubclass(model, ContentModel) and not isinstance(item, model):
            continue
        known = {"slug": getattr(item, "slug", None), "pk": item.pk, "key": item.pk}
        missing = wanted - set(known)
        assert not missing, f"{name} takes {missing}: name it in FILLED or LEFT_OUT of {__name__}"
        if all(known[key] for key in wanted):
            values.append({key: known[key] for key in wanted})
    return values


def public_addresses(items: Iterable[ContentModel], languages: Iterable[str] | None = None) -> list[str]:
    """Return the addresses of all public pages, files and answers, of ``items`` where they are about one."""
    items, found = list(items), []
    for name, pattern, translated in patterns():
        filled = arguments(name, pattern, items)
        for code in (languages or dict(settings.LANGUAGES)) if translated else [settings.LANGUAGE_CODE]:
            with override(code):
                found += [reverse(name, kwargs=values) for values in filled]
    return list(dict.fromkeys(found))
