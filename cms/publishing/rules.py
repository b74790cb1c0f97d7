"""The gate before every publication: what must be right of an item, in the state that it ends in, before the public
sees it."""

from collections.abc import Container, Iterator
from itertools import chain
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cms.content.characters import validate_characters
from cms.content.models import ContentModel
from cms.content.snapshots import Snapshot, child_relations
from cms.content.substance import places_in
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import PartVersion
from cms.publishing.models.versions import part_label
from cms.publishing.overlay import columns_of
from cms.publishing.stamps import Provenance, Versions


def require_right(item: ContentModel, live: Snapshot | None = None, *, before: Snapshot | None = None) -> None:
    """Raise ``PublishingError`` unless ``item``, as it is stored now, follows the rules of its model.

    A draft was checked beside what was live when it was saved; two of them can be wrong together, and parts that were
    right by themselves. ``live`` is the snapshot of a publishable item, ``before`` what was stored of it: what was
    public before without a text that it needs, or with a character that no text may have, is not refused for it.
    """
    broken = broken_rules(item, live)
    if live and before:
        broken += [*lacking(item, live, before), *unreadable(item, live, before)]
    if broken:
        raise PublishingError(
            _("“%(item)s” cannot be published: %(reasons)s"),
            code="rules",
            params={"item": item, "reasons": " ".join(broken)},
        )


def require_reviewed(item: Any, chosen: Versions, live: Versions) -> None:
    """Raise ``PublishingError`` where ``chosen`` would make a text of ``item`` public that a machine made and nobody
    has reviewed, unless ``PUBLISH_MACHINE_TRANSLATION`` allows it; what is ``live`` already is not refused again."""
    if settings.PUBLISH_MACHINE_TRANSLATION:
        return
    for part, version in chosen.items():
        known = machine_made(live[part]) if part in live else set()
        if machine_made(version) - known:
            raise PublishingError(
                _(
                    "“%(item)s” (%(part)s) has texts that a machine made: change them, or confirm that they are "
                    "right, before they are published."
                ),
                code="machine",
                params={"item": item, "part": part_label(part)},
            )


def machine_made(version: PartVersion) -> set[tuple[str, str]]:
    """Return place and text of what a machine made in ``version`` and nobody has reviewed."""
    places = [place for place, how in version.provenance.items() if how == Provenance.MACHINE]
    texts = places_in(version.part, version.content) if places else {}
    return {(place, texts.get(place, "")) for place in places}


def broken_rules(item: ContentModel, live: Snapshot | None = None) -> list[str]:
    """Return what the ``clean()`` of ``item`` and of its children in ``live`` says against them."""
    found = []
    for row in [item, *(children_in(item, live) if live else [])]:
        try:
            row.clean()
        except ValidationError as error:
            found += error.messages
    return found


def children_in(item: Any, live: Snapshot, *, but: Container[str] = ()) -> list[ContentModel]:
    """Return the children of a publishable item that a snapshot describes, unsaved, ``but`` those with some keys."""
    rows: list[ContentModel] = []
    publishable: Any = type(item)
    for name, model in child_relations(publishable).items():
        shown = [row for row in live["children"][name] if row["id"] not in but]
        rows += [model(**{model.parent_field: item}, **columns_of(model, row)) for row in shown]
    return rows


def lacking(item: ContentModel, live: Snapshot, before: Snapshot) -> list[str]:
    """Return, in words, the required texts that rows have in no language that is public, unless they lacked them
    before."""
    known = {row["id"] for rows in before["children"].values() for row in rows}
    rows = [*([] if was_public(item) else [item]), *children_in(item, live, but=known)]
    return [
        str(_("“%(field)s” has no text in a language that is published.") % {"field": label(row, name)})
        for row in rows
        for name in row.missing_texts()
    ]


def unreadable(item: ContentModel, live: Snapshot, before: Snapshot) -> Iterator[str]:
    """Yield, in words, the characters that XML cannot hold in the texts of ``live``, but for those that were public
    before."""
    known = set(texts_of(before)) if was_public(item) else set()
    for text in texts_of(live):
        try:
            if text not in known:
                validate_characters(text)
        except ValidationError as error:
            yield from error.messages


def texts_of(data: Snapshot) -> Iterator[str]:
    for row in [data["fields"], *chain.from_iterable(data["children"].values())]:
        yield from (value for value in row.values() if isinstance(value, str))


def was_public(item: ContentModel) -> bool:
    """Say whether an item that is being published was so before."""
    return getattr(item, "first_published_at", None) != getattr(item, "last_published_at", None)


def label(row: Model, field_name: str) -> str:
    field: Any = row._meta.get_field(field_name)
    return capfirst(str(field.verbose_name))
