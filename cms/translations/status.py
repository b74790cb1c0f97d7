"""Which texts are missing in which language. Computed from the columns, never ticked by hand.

A text is *missing* in a language when the field has a text in another of the site's languages but none in this one.
A field that is empty everywhere is not missing: nobody has written it. The texts of an item are its own and those
of its children (sections, outline entries ...), which are published with it. The texts that count are those that
editors see: an item's open draft where it has one, else what is stored.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from cms.content.languages import column, site_languages, texts, translated_fields
from cms.content.models import Child, Publishable
from cms.content.parts import compose
from cms.content.snapshots import Snapshot, child_relations
from cms.publishing.drafts import Drafts, contents
from cms.publishing.models import PartVersion

DraftedTexts = dict[Any, list[set[str]]]  # by key of an item, the languages that each of its texts has


@cache
def translated_children(model: type[models.Model]) -> tuple[type[Child], ...]:
    """Return the models whose rows are parts of ``model`` and have texts of their own."""
    return tuple(
        child
        for child in apps.get_models()
        if issubclass(child, Child) and child.parent_model is model and translated_fields(child)
    )


def has_text(field_name: str, language: str) -> Q:
    """Return the condition that the field has a text in ``language``: neither NULL nor empty."""
    return Q(**{f"{column(field_name, language)}__gt": ""})


def has_any_text(field_name: str) -> Q:
    """Return the condition that the field has a text in any of the site's languages."""
    return reduce(or_, (has_text(field_name, language) for language in site_languages()))


def lacks_text(field_name: str, language: str) -> Q:
    """Return the condition that the text is missing in ``language`` while another language has it."""
    name = column(field_name, language)
    return has_any_text(field_name) & (Q(**{f"{name}__isnull": True}) | Q(**{name: ""}))


def lacks_own_text(model: type[models.Model], language: str) -> Q:
    """Return the condition that any text of a row itself is missing in ``language``."""
    return reduce(or_, (lacks_text(name, language) for name in translated_fields(model)), Q(pk__in=[]))


def incomplete(model: type[models.Model], language: str, drafted: DraftedTexts | None = None) -> Q:
    """Return the condition that an item, its children included, misses a text in ``language``: of what editors see,
    where something of it is drafted, else as it is stored. ``drafted`` is what :func:`drafted_texts` gives, where that
    was read before."""
    condition = lacks_own_text(model, language)
    for child in translated_children(model):
        rows = child._base_manager.filter(lacks_own_text(child, language), **{child.parent_field: OuterRef("pk")})
        condition |= Q(Exists(rows))
    if not issubclass(model, Publishable):
        return condition
    drafted = drafted_texts(model) if drafted is None else drafted
    lacking = [key for key, found in drafted.items() if any(texts and language not in texts for texts in found)]
    return Q(pk__in=lacking) | condition & ~Q(pk__in=list(drafted))


def drafted_texts(model: Any, keys: Iterable | None = None) -> DraftedTexts:
    """Return the languages of each translated text of the items of ``model`` (those with ``keys``, where given) of
    which something is drafted, as editors see them, by key. One query."""
    versions = PartVersion.objects.filter(content_type=ContentType.objects.get_for_model(model))
    return texts_in(versions if keys is None else versions.filter(object_id__in=list(keys)))[model]


def texts_in(versions: Any) -> Mapping[Any, DraftedTexts]:
    """Return what :func:`drafted_texts` does, by model, of all items that ``versions`` are of. One query."""
    working = versions.working().filter(object_id__in=versions.open().values("object_id"))
    drafts: dict[Any, Drafts] = defaultdict(Drafts)
    for version in working.only("content_type", "object_id", "part", "state", "content"):
        drafts[version.model, version.object_id].add(version)
    found: dict[Any, DraftedTexts] = defaultdict(dict)
    for (model, key), each in drafts.items():
        found[model][key] = list(draft_texts(model, compose(model, contents(each.working))))
    return found


def incomplete_in(queryset: QuerySet, language: str) -> QuerySet:
    """Return the items of ``queryset`` that miss a text in ``language``."""
    return queryset.filter(incomplete(queryset.model, language))


@dataclass(frozen=True)
class Completeness:
    """How much of an item there is in one language: ``present`` of ``total`` texts."""

    language: str
    present: int
    total: int

    @property
    def missing(self) -> int:
        """The number of texts that other languages have and this one has not."""
        return self.total - self.present

    @property
    def state(self) -> str:
        """``"complete"``, ``"partial"`` or ``"empty"``; an item without any text is empty in every language."""
        if not self.present:
            return "empty"
        return "partial" if self.missing else "complete"


def completeness(
    items: Iterable[models.Model], *, drafts: bool = False, drafted: DraftedTexts | None = None
) -> dict[object, list[Completeness]]:
    """Return the completeness of ``items`` of one model, by primary key, in the order of the site's languages.

    With ``drafts``, of what editors see of them. Makes one query for each kind of children, one for the drafts, unless
    ``drafted`` are they, and none for the items themselves.
    """
    items = list(items)
    if not items:
        return {}
    total: dict = defaultdict(int)
    present: dict = defaultdict(int)
    model = type(items[0])
    if drafted is None:
        of_items = drafts and issubclass(model, Publishable)
        drafted = drafted_texts(model, [item.pk for item in items]) if of_items else {}
    stored = [item for item in items if item.pk not in drafted]
    for item in items:
        for found in drafted.get(item.pk) or own_texts(item):
            total[item.pk] += bool(found)
            for language in found:
                present[item.pk, language] += 1
    for child in translated_children(model):
        for row in count_texts(child, stored):
            parent = row[child.parent_field]
            total[parent] += row["total"]
            for index, language in enumerate(site_languages()):
                present[parent, language] += row[f"present_{index}"]
    return {
        item.pk: [Completeness(language, present[item.pk, language], total[item.pk]) for language in site_languages()]
        for item in items
    }


def own_texts(item: models.Model) -> Iterator[set[str]]:
    """Yield the languages of each translated text of ``item`` itself, as it is stored."""
    for name in translated_fields(type(item)):
        yield set(texts(item, name))


def draft_texts(model: type[Any], data: Snapshot) -> Iterator[set[str]]:
    """Yield the languages of each translated text in a snapshot, children included."""
    rows: list[tuple[type[Any], list]] = [(model, [data["fields"]])]
    rows += [(child, data["children"].get(name, [])) for name, child in child_relations(model).items()]  # type: ignore[arg-type] # a model
    for row_model, found in rows:
        for row in found:
            for name in translated_fields(row_model):
                yield {code for code in site_languages() if row.get(column(name, code))}


def count_texts(child: type[Child], parents: list[models.Model]) -> QuerySet:
    """Return one row a parent: ``total`` texts of its children, and ``present_<n>`` in the n-th language."""
    names = translated_fields(child)

    def count(condition):
        return sum(
            (Count("pk", filter=condition(name)) for name in names[1:]), Count("pk", filter=condition(names[0]))
        )

    return (
        child._base_manager.filter(**{f"{child.parent_field}__in": [parent.pk for parent in parents]})
        .order_by()
        .values(child.parent_field)
        .annotate(
            total=count(has_any_text),
            **{
                f"present_{index}": count(lambda name, language=language: has_text(name, language))
                for index, language in enumerate(site_languages())
            },
        )
    )


@dataclass(frozen=True)
class Overview:
    """How many items of a model there are, by status, and how many miss a text, by language."""

    model: type[models.Model]
    total: int
    by_status: dict[str, int]
    incomplete: dict[str, int]


def overview(
    model: type[models.Model], items: QuerySet | None = None, drafted: DraftedTexts | None = None
) -> Overview:
    """Count the items of ``model``, or those of them in ``items``, in one query, and one for what is ``drafted``,
    where that was not read before.

    ``by_status`` is empty for models that are not published.
    """
    statuses = Publishable.Status.values if issubclass(model, Publishable) else []
    languages = site_languages() if translated_fields(model) else []
    if drafted is None:
        drafted = drafted_texts(model) if statuses and languages else {}
    counts = (model._base_manager.all() if items is None else items).aggregate(
        total=Count("pk"),
        **{f"status_{status}": Count("pk", filter=Q(status=status)) for status in statuses},
        **{
            f"incomplete_{index}": Count("pk", filter=incomplete(model, language, drafted))
            for index, language in enumerate(languages)
        },
    )
    return Overview(
        model=model,
        total=counts["total"],
        by_status={status: counts[f"status_{status}"] for status in statuses},
        incomplete={language: counts[f"incomplete_{index}"] for index, language in enumerate(languages)},
    )
