"""The translators' desk: the texts of an item, or of all items of a release, in one language, beside their sources.

What is typed there is saved text by text, as the draft of the language's part. Two people may work on one part: only
who wrote the same text meets the page of conflicts.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.contrib.admin.options import FORMFIELD_FOR_DBFIELD_DEFAULTS
from django.db import models
from django.utils.text import Truncator

from cms.content.comparison import FieldDifference, readable
from cms.content.languages import column, is_right_to_left, site_languages
from cms.content.models import ContentModel, Publishable
from cms.content.parts import Content, Parts, blank, compose
from cms.content.snapshots import Snapshot, child_relations
from cms.editing.content import ContentFieldsMixin
from cms.editing.findings import Accepted, Asked, accepted_of, asked_about
from cms.publishing import actions
from cms.publishing.actions.review import TO_SUBMIT
from cms.publishing.drafts import Drafts, Versions, drafts_by_key, edit_token, key_of, opened_versions, stored_parts
from cms.publishing.exceptions import EditConflict
from cms.publishing.models import PartVersion, Revision
from cms.publishing.permissions import Action, may
from cms.publishing.stamps import Provenance
from cms.translations import glossary
from cms.translations.checks import Finding
from cms.translations.glossary import Glossary
from cms.translations.texts import Status, Text, texts_of_items

WORK, ALL = "work", "all"  # what a desk lists: texts that need work, or all of them
EXCERPT_WORDS = 30  # of a text that is not being worked on


def row_of(content: Content, place: str) -> dict[str, str]:
    """Return the texts of the row that ``place`` is in, of the part ``content`` of a language."""
    *row, _name = place.split(":")
    return content["children"].get(row[0], {}).get(row[1], {}) if row else content["fields"]


def text_at(parts: Parts, place: str, language: str) -> str:
    """Return the text at ``place`` in ``language``; nothing where there is none."""
    return row_of(parts.get(language, blank()), place).get(column(place.rpartition(":")[2], language), "")


def with_text(content: Content, place: str, language: str, value: str) -> Content:
    """Return the part ``content`` of ``language`` with ``value`` as the text at ``place``."""
    *row, name = place.split(":")
    texts = {**row_of(content, place), column(name, language): value}
    if not row:
        return {**content, "fields": texts}
    kind, key = row
    rows = {**content["children"].get(kind, {}), key: texts}
    return {**content, "children": {**content["children"], kind: rows}}


@dataclass(frozen=True)
class Row:
    """One text on the desk, and its item."""

    item: Publishable
    text: Text

    @property
    def key(self) -> str:
        """What tells the text from all others on the site, in one language."""
        return f"{self.item.pk}/{self.text.place}"

    @property
    def needs_work(self) -> bool:
        """Whether it is missing or outdated, or a machine made it and nobody looked at it."""
        return self.text.needs_work or self.is_machine_made

    @property
    def is_machine_made(self) -> bool:
        return self.text.provenance == Provenance.MACHINE

    @property
    def may_be_right(self) -> bool:
        """Whether somebody may say that it is right as it is."""
        return self.text.status == Status.OUTDATED or self.is_machine_made

    @property
    def status_label(self) -> str:
        return str(Status(self.text.status).label)

    @property
    def model(self) -> type[ContentModel]:
        """The model of the row that the text is in."""
        kind, *row = self.text.place.split(":")
        return child_relations(type(self.item))[kind] if row else type(self.item)

    @cached_property
    def column(self) -> Any:
        """The column that the text is in."""
        return self.model._meta.get_field(column(self.text.field.name, self.text.language))

    @property
    def source_excerpt(self) -> str:
        return self.excerpt(self.text.source)

    @property
    def target_excerpt(self) -> str:
        return self.excerpt(self.text.target)

    def excerpt(self, text: str) -> str:
        return Truncator(readable(text) if self.text.is_rich else text).words(EXCERPT_WORDS)

    @property
    def source_direction(self) -> str:
        return direction(self.text.source_language)

    @property
    def target_direction(self) -> str:
        return direction(self.text.language)

    @property
    def difference(self) -> FieldDifference | None:
        """What became of the source since the text was made from it; nothing where that is not known."""
        text = self.text
        if not text.source_then or text.source_then == text.source:
            return None
        before, after = (readable(each) if text.is_rich else each for each in (text.source_then, text.source))
        return FieldDifference(
            name=text.place,
            label=text.label,
            language=text.source_language,
            before=before,
            after=after,
            is_text=True,
            markup_only=before == after,
            markup=(text.source_then, text.source) if text.is_rich else ("", ""),
        )


def direction(language: str) -> str:
    """Return the value of HTML's ``dir`` for ``language``."""
    return "rtl" if is_right_to_left(language) else "ltr"


@dataclass(frozen=True)
class OtherText:
    """A text in another language than those of the desk."""

    language: str
    value: str
    is_draft: bool

    @property
    def direction(self) -> str:
        return direction(self.language)


class Desk:
    """The texts of ``items`` in ``language`` as ``user`` works on them, in reading order."""

    def __init__(self, items: Iterable[Publishable], language: str, user, *, shown: str = WORK):
        self.items = {str(item.pk): item for item in items}
        self.language, self.user = language, user
        self.shown = shown if shown in (WORK, ALL) else WORK

    @cached_property
    def rows(self) -> list[Row]:
        """All texts."""
        texts = texts_of_items(self.items.values(), self.language)
        return [Row(item, text) for item in self.items.values() for text in texts[key_of(item)]]

    @property
    def listed(self) -> list[Row]:
        """The texts that are shown."""
        return [row for row in self.rows if self.shown == ALL or row.needs_work]

    @cached_property
    def drafts(self) -> dict:
        return drafts_by_key(self.items.values())

    def drafts_of(self, item: Publishable) -> Drafts:
        """Return the versions of one of the items that count now."""
        return self.drafts.get(key_of(item), Drafts())

    def may_write(self, item: Publishable) -> bool:
        return may(self.user, Action.SAVE, item, languages=[self.language])

    @cached_property
    def is_writable(self) -> bool:
        """Whether the person may write some of the texts."""
        return any(self.may_write(item) for item in self.items.values())

    def row(self, key: str) -> Row | None:
        return next((row for row in self.rows if row.key == key), None)

    def first(self) -> Row | None:
        """The text to begin with: the first one that needs work."""
        return next((row for row in self.listed if row.needs_work), next(iter(self.listed), None))

    def after(self, row: Row) -> Row | None:
        """Return the text to go on with after ``row``: the next one that is shown, from the first one again where it
        was the last."""
        place = self.rows.index(row)
        return next((each for each in [*self.rows[place + 1 :], *self.rows[:place]] if self.is_listed(each)), None)

    def before(self, row: Row) -> Row | None:
        """Return the text before ``row`` that is shown."""
        place = self.rows.index(row)
        return next((each for each in reversed(self.rows[:place]) if self.is_listed(each)), None)

    def is_listed(self, row: Row) -> bool:
        return self.shown == ALL or row.needs_work

    @cached_property
    def counts(self) -> list[tuple[Status, int]]:
        """How many texts are in each status."""
        found = Counter(row.text.status for row in self.rows)
        return [(status, found[status]) for status in Status if found[status]]

    @property
    def to_do(self) -> int:
        return sum(row.needs_work for row in self.rows)

    @property
    def done(self) -> int:
        return len(self.rows) - self.to_do

    def to_submit(self) -> list[PartVersion]:
        """Return the drafts of the language that the person may hand to the publishers."""
        found = []
        for item in self.items.values():
            version = self.drafts_of(item).open.get(self.language)
            may_submit = may(self.user, Action.SUBMIT, item, languages=[self.language])
            if version and version.state in TO_SUBMIT and may_submit:
                found.append(version)
        return found

    def opened_on(self, item: Publishable) -> str:
        """Return what a form about a text of ``item`` carries."""
        return edit_token(self.drafts_of(item).working)

    @cached_property
    def glossary(self) -> Glossary:
        return glossary.current()

    @cached_property
    def accepted(self) -> Accepted:
        return accepted_of(self.items.values(), self.language)

    def asked(self, row: Row, target: str) -> list[Asked]:
        """Return what the checks ask about ``target`` as the text of ``row``."""
        return asked_about(row.item, row.text, target, terms=self.glossary, accepted=self.accepted)

    def open_to_doubt(self, row: Row, target: str) -> list[Finding]:
        """Return those of what is asked that nobody has said to be right."""
        return [each.finding for each in self.asked(row, target) if each.accepted is None]

    def in_doubt(self) -> list[Row]:
        """Return the texts that would be submitted, are not as they are live, and about which something is asked."""
        drafted = {str(version.object_id) for version in self.to_submit()}
        return [row for row in self.rows if str(row.item.pk) in drafted and self.is_changed_in_doubt(row)]

    def is_changed_in_doubt(self, row: Row) -> bool:
        target = row.text.target
        live = {part: version.content for part, version in self.drafts_of(row.item).live.items()}
        is_changed = target and target != text_at(live, row.text.place, self.language)
        return bool(is_changed and self.open_to_doubt(row, target))

    def others(self, row: Row) -> Iterator[OtherText]:
        """Yield the text of ``row`` in the languages that are neither its own nor its source: as it is live, else as
        it is drafted."""
        drafts = self.drafts_of(row.item)
        live = {part: version.content for part, version in drafts.live.items()}
        working = stored_parts(row.item, drafts.working)
        for language in site_languages():
            if language in (self.language, row.text.source_language):
                continue
            value = text_at(live, row.text.place, language)
            if text := value or text_at(working, row.text.place, language):
                shown = readable(text) if row.text.is_rich else text
                yield OtherText(language, shown, is_draft=not value)


class TextForm(forms.Form):
    """One text in one language, in the editor that the form of its item has for it."""

    def __init__(self, row: Row, data=None, *, is_disabled: bool = False):
        super().__init__(data, initial={"target": row.text.target}, auto_id="id_%s")
        self.row = row
        field = formfield_of(row.column)
        field.label, field.required, field.disabled, field.help_text = row.text.label, False, is_disabled, ""
        field.widget.is_required = False
        field.widget.attrs |= {"lang": row.text.language, "dir": row.target_direction, "autofocus": True}
        self.fields["target"] = field

    def clean_target(self) -> str:
        """Return the text as it is stored; raises ``ValidationError`` with the reasons of its column."""
        value = self.cleaned_data["target"] or ""
        return self.row.column.clean(value, None) if value else ""


def formfield_of(text_column: models.Field) -> Any:
    """Return the form field that the form of an item has for a column."""
    overrides = {**FORMFIELD_FOR_DBFIELD_DEFAULTS, **ContentFieldsMixin.formfield_overrides}
    kind = next((kind for kind in type(text_column).__mro__ if kind in overrides), None)
    return text_column.formfield(**(overrides[kind] if kind else {}))


class TextConflict(Exception):
    """Somebody else wrote the same text. What was typed is kept as ``revision``, which was set aside."""

    def __init__(self, revision: Revision):
        super().__init__(str(revision))
        self.revision = revision


def save_text(row: Row, value: str, *, user, opened_on: str) -> Revision:
    """Save ``value`` as the text of ``row``, in the draft of its language, and return the revision.

    ``opened_on`` is the edit token of the state that the work began from. What others saved of the same part since is
    left alone; raises :class:`TextConflict` where it was this text, ``PermissionDenied`` and ``PublishingError``.
    """
    item, language, place = row.item, row.text.language, row.text.place
    now, token = seen_now(item)
    opened = stored_parts(item, opened_versions(item, opened_on)) if opened_on != token else now
    is_same = text_at(opened, place, language) == text_at(now, place, language)
    begun = now.get(language, blank()) if is_same else opened.get(language, blank())
    data: Snapshot = compose(type(item), {**now, language: with_text(begun, place, language, value)})
    kept = {"item": item, "data": data, "user": user, "opened_on": token if is_same else opened_on}
    try:
        return actions.save_draft(**kept)
    except EditConflict as error:
        raise TextConflict(actions.set_aside(**kept, parts=error.parts)) from error


def seen_now(item: Publishable) -> tuple[Parts, str]:
    """Return the parts that editors see of ``item``, and the edit token of that state."""
    working: Versions = drafts_by_key([item]).get(key_of(item), Drafts()).working
    return stored_parts(item, working), edit_token(working)
