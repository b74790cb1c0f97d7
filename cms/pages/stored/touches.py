"""What each entry of the change log touches, written with it; and, in each process, which tag was touched last."""

from collections import OrderedDict
from collections.abc import Iterable
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import transaction
from django.db.models import F, Max

from cms.content.models import ContentModel
from cms.content.noting import ANY, pointing, row
from cms.content.snapshots import child_relations, snapshots_of
from cms.pages.models import StoreMark, Touch
from cms.pages.stored.version import Version
from cms.publishing.models import Change

BATCH = 500
WRITTEN = ["label", "object_id", "tags"]
WINDOW = 2_000  # entries of the log that a process reads when it starts
MOST_TAGS = 200_000  # a process knows; older ones are forgotten, and with them what older copies are worth


@transaction.atomic
def forget_all() -> None:
    """Have every stored page made anew: something shows that the change log does not tell of."""
    StoreMark.objects.get_or_create(pk=StoreMark.KEY)
    StoreMark.objects.update(number=F("number") + 1)


def touch(items: list[tuple[type[ContentModel], UUID]], latest: int) -> None:
    """Write the tags of ``items``, one for each entry of the change log up to ``latest``. Subscribes to the log."""
    first = latest - len(items) + 1
    for start in range(0, len(items), BATCH):
        part = items[start : start + BATCH]
        after = tags_after(part)
        rows = [
            Touch(
                sequence=number,
                label=model._meta.label_lower,
                object_id=key,
                tags=sorted(after.get((model, key), ())),
            )
            for number, (model, key) in enumerate(part, first + start)
        ]
        # A log that went back gives its numbers anew.
        Touch.objects.bulk_create(rows, update_conflicts=True, unique_fields=["sequence"], update_fields=WRITTEN)


def tags_before(keys: set[UUID], first: int) -> dict[UUID, list[str]]:
    """Return the tags that items had when they changed last before ``first``; nothing for those that are not known.

    What was in no entry before was not public, and showed nowhere.
    """
    latest = Touch.objects.filter(object_id__in=keys, sequence__lt=first).order_by().values("object_id")
    rows = Touch.objects.filter(sequence__in=latest.annotate(last=Max("sequence")).values("last")).order_by()
    found = dict(rows.values_list("object_id", "tags"))
    if unknown := keys - set(found):
        logged = Change.objects.filter(object_id__in=unknown, sequence__lt=first).values_list("object_id", flat=True)
        found |= {key: [] for key in unknown - set(logged)}
    return found


def tags_after(items: Iterable[tuple[type[ContentModel], UUID]]) -> dict[tuple[type[ContentModel], UUID], set[str]]:
    """Return the tags of items as they are stored now; nothing for those that are not there."""
    by_model: dict[type[ContentModel], list[UUID]] = {}
    for model, key in items:
        by_model.setdefault(model, []).append(key)
    found = {}
    for model, keys in by_model.items():
        for key, data in snapshots_of(model, keys).items():  # type: ignore[arg-type] # reference data has no children
            found[model, key] = tags_of(model, key, data)
    return found


def tags_of(model: type[ContentModel], key: UUID, data: dict[str, Any]) -> set[str]:
    """Return the tags of an item: its row, its children's, and what each of them points to or is called by."""
    found = row_tags(model, {"id": str(key), **data["fields"]})
    for name, others in data["relations"].items():
        found |= {pointing(model, name, other) for other in others}
    for name, child in child_relations(model).items():
        for each in data["children"].get(name, []):
            found |= row_tags(child, {**each, child.parent_field: str(key)})
    return found


def row_tags(model: type[ContentModel], values: dict[str, Any]) -> set[str]:
    named = {field.name for field in model._meta.concrete_fields if field.many_to_one} | set(model.natural_key_fields)
    found = {pointing(model, name, values[name]) for name in named if values.get(name) is not None}
    return {model._meta.label_lower, row(model, values["id"]), *found}


@cache
def family(label: str) -> frozenset[str]:
    """Return the labels of a model and of its children."""
    model: Any = apps.get_model(label)
    return frozenset(each._meta.label_lower for each in (model, *child_relations(model).values()))


class Tail:
    """Which tag the change log touched last, as far as this process has read it.

    Of one change log; :meth:`follow` reads what is new. Before ``start`` nothing is known.
    """

    def __init__(self):
        self.log, self.start, self.end = "", 0, 0
        self.last: OrderedDict[str, int] = OrderedDict()
        self.wide: dict[str, int] = {}

    def follow(self, version: Version) -> None:
        """Read the log up to ``version``, and its last :data:`WINDOW` entries where it is another one or went back."""
        if version.log != self.log or version.sequence < self.end:
            self.log, self.start = version.log, max(0, version.sequence - WINDOW)
            self.end = self.start
            self.last.clear()
            self.wide.clear()
        if version.sequence == self.end:
            return
        rows = Touch.objects.filter(sequence__gt=self.end, sequence__lte=version.sequence)
        missing = version.sequence - self.end
        if missing > 2 * WINDOW or rows.count() != missing:
            self.start = version.sequence  # entries that say nothing, or too many: all before is old
        else:
            for start in range(self.end, version.sequence, BATCH):
                self.add(list(rows.filter(sequence__gt=start, sequence__lte=start + BATCH)))
        self.end = version.sequence

    def add(self, touches: list[Touch]) -> None:
        """Learn from entries that follow each other: an item touches the tags that it had and those that it has."""
        before = tags_before({each.object_id for each in touches}, touches[0].sequence)
        for each in touches:
            for tag in (*before.get(each.object_id, ()), *each.tags, each.label):
                self.last[tag] = each.sequence
                self.last.move_to_end(tag)
            if each.object_id not in before:  # not known what it had: it touches whatever names its model
                self.wide |= dict.fromkeys(family(each.label), each.sequence)
            before[each.object_id] = each.tags
        while len(self.last) > MOST_TAGS:
            self.start = max(self.start, self.last.popitem(last=False)[1])

    def touched(self, tags: frozenset[str], labels: frozenset[str], since: int) -> bool:
        """Say whether one of ``tags``, of models with ``labels``, was touched after ``since``, or may have been."""
        if since < self.start or ANY in tags and since < self.end:
            return True
        last, wide = self.last, self.wide
        return any(last.get(tag, 0) > since for tag in tags) or any(wide.get(label, 0) > since for label in labels)


def labels_of(tags: Iterable[str]) -> frozenset[str]:
    """Return the labels of the models that ``tags`` are of."""
    return frozenset(tag.partition(":")[0] for tag in tags)
