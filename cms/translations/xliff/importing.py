"""Translations in: what a file would change, text by text, and doing it.

Everything is looked at before anything is stored. A text that cannot be taken is refused by itself, with its place in
the file; the others become drafts of their language under the name of whoever sent the file.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User as Person
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cms.content.characters import looks_blank, validate_characters
from cms.content.fields import sanitize_html
from cms.content.languages import column
from cms.content.models import Publishable
from cms.publishing import audit
from cms.publishing.actions import save_draft
from cms.publishing.drafts import Drafts, composed, drafts_by_key, edit_token, key_of, latest_revision
from cms.publishing.exceptions import EditConflict, PublishingError
from cms.publishing.permissions import Action, may
from cms.publishing.stamps import Stamps
from cms.translations.texts import ItemTexts, Text, stored_parts, texts_in
from cms.translations.xliff.codes import restored, text_of
from cms.translations.xliff.names import UnitName, key_or_none, read_item
from cms.translations.xliff.reading import Document, ReadFile, ReadUnit, read


@dataclass(frozen=True)
class Problem:
    """A text, or an item, that is not taken: the line of the file, what it is about, and why."""

    line: int
    about: str
    message: str


@dataclass(frozen=True)
class Change:
    """A text that comes in: ``after`` in the place of what is drafted now. ``stamp`` is what it was made from, where
    the source says something else by now: it comes in as outdated."""

    text: Text
    after: str
    stamp: list | None

    @property
    def is_outdated(self) -> bool:
        return self.stamp is not None


@dataclass
class ItemPlan:
    """What comes in of one item."""

    item: Publishable
    drafts: Drafts
    changes: list[Change] = field(default_factory=list)


@dataclass
class Plan:
    """What an import would do: items with changes, what is refused, and how many texts are as they were, or have no
    translation in the file."""

    language: str
    items: list[ItemPlan] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    same: int = 0
    empty: int = 0

    @property
    def changes(self) -> list[Change]:
        return [change for item in self.items for change in item.changes]

    @property
    def fingerprint(self) -> str:
        """What tells one plan from another: who confirms it gets what was shown."""
        found = [
            (str(plan.item.pk), change.text.place, change.text.target, change.after, change.stamp)
            for plan in self.items
            for change in plan.changes
        ]
        return hashlib.sha256(repr(found).encode()).hexdigest()


def plan_import(content: bytes, *, user: Person) -> Plan:
    """Return what the file ``content`` would change, as ``user`` may. Nothing is stored.

    Raises ``ValidationError`` for a file of which nothing can be taken.
    """
    document = read(content)
    plan = Plan(document.language)
    found = items_of(document)
    drafts = drafts_by_key(found.values())
    for file in document.files:
        item = found.get(file.name)
        if item is None or not may(user, Action.SAVE, item, languages=[document.language]):
            message = _("There is no such item, or you may not translate it into this language.")
            plan.problems.append(Problem(file.line, file.name[:100], message))
        else:
            plan_item(plan, document, file, item, drafts.get(key_of(item), Drafts()))
    return plan


def items_of(document: Document) -> dict[str, Publishable]:
    """Return the items that the files of a document name, by that name: a query a model."""
    wanted: dict[Any, dict] = {}
    for file in document.files:
        if named := read_item(file.name):
            wanted.setdefault(named[0], {})[named[1]] = file.name
    return {
        names[key]: item
        for model, names in wanted.items()
        for key, item in model._base_manager.in_bulk(list(names)).items()
    }


def plan_item(plan: Plan, document: Document, file: ReadFile, item: Publishable, drafts: Drafts) -> None:
    """Add to ``plan`` what the units of one item would change, or what is wrong with them."""
    texts = item_texts_of(item, drafts)
    by_place = {text.place: text for text in texts.texts(plan.language)}
    found = ItemPlan(item, drafts)
    taken: set[str] = set()
    for unit in file.units:
        if unit.target is None:
            plan.empty += 1
            continue
        try:
            change = change_of(unit, by_place, texts, document, taken)
        except ValidationError as error:
            name = UnitName.read(unit.name)
            label = by_place[name.place].label if name and name.place in by_place else unit.name[:100]
            plan.problems.append(Problem(unit.line, f"{item}: {label}", " ".join(error.messages)))
            continue
        if change is None:
            plan.same += 1
        else:
            found.changes.append(change)
    if found.changes:
        plan.items.append(found)


def item_texts_of(item: Publishable, drafts: Drafts) -> ItemTexts:
    return texts_in(item, drafts, {} if drafts.working else stored_parts([item]), is_live=False)


def change_of(
    unit: ReadUnit, by_place: dict[str, Text], texts: ItemTexts, document: Document, taken: set[str]
) -> Change | None:
    """Return what a unit changes; ``None`` where the text is so already. Raises ``ValidationError``."""
    name = UnitName.read(unit.name)
    if name is None:
        raise ValidationError(_("The identifier of this text was changed: it is none of this site."))
    text = by_place.get(name.place)
    if text is None:
        raise ValidationError(_("This text is not there any more."))
    if name.place in taken:
        raise ValidationError(_("This text is in the file more than once."))
    taken.add(name.place)
    if text.source_language == document.language:
        raise ValidationError(_("Other languages are translated from this text."))
    after = written(unit, text)
    if after == without_returns(text.target):
        return None
    if key_or_none(text.target) != name.target_key:
        raise ValidationError(_("Somebody changed this translation here since the file was made."))
    return Change(text, after, stamp_of(name, text, texts, document))


def written(unit: ReadUnit, text: Text) -> str:
    """Return the translation of a unit as it is stored. Raises ``ValidationError`` where that cannot be."""
    if unit.is_partial:
        raise ValidationError(_("Some passages of this text are not translated yet."))
    found = without_returns(text_of(restored(unit.target or [], unit.source), is_rich=text.is_rich))
    validate_characters(found)
    if text.is_rich:
        found = sanitize_html(found)
    elif isinstance(text.field, models.CharField):
        found = " ".join(found.split())
    else:
        found = found.strip()
    if looks_blank(found):
        raise ValidationError(_("The translation is empty."))
    if text.max_length is not None and len(found) > text.max_length:
        raise ValidationError(
            ngettext(
                "The translation is %(count)d character too long.",
                "The translation is %(count)d characters too long.",
                len(found) - text.max_length,
            )
            % {"count": len(found) - text.max_length}
        )
    return found


def without_returns(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def stamp_of(name: UnitName, text: Text, texts: ItemTexts, document: Document) -> list | None:
    """Return what a translation was made from, where its source is another by now."""
    key = texts.sources[text.source_language].key(text.place) or key_or_none(text.source)
    if (name.source_key, document.source_language) == (key, text.source_language):
        return None
    return [document.source_language, name.source_key, name.number]


@dataclass
class Outcome:
    """What an import did."""

    texts: int = 0
    outdated: int = 0
    problems: list[Problem] = field(default_factory=list)


@transaction.atomic
def import_translations(*, plan: Plan, user: Person) -> Outcome:
    """Save what ``plan`` changes as drafts of its language. An item that somebody changed since is left, and said.

    Raises ``PermissionDenied`` where ``user`` may not save one of them.
    """
    outcome = Outcome()
    for each in plan.items:
        try:
            with transaction.atomic():
                save(each, plan.language, user)
        except (PublishingError, PermissionDenied) as error:
            messages = error.messages if isinstance(error, ValidationError) else [str(error)]
            outcome.problems.append(Problem(0, str(each.item), " ".join(map(str, messages))))
            continue
        outcome.texts += len(each.changes)
        outcome.outdated += sum(change.is_outdated for change in each.changes)
    if outcome.texts:
        audit.write(audit.Action.IMPORT, user, what="xliff", language=plan.language, texts=outcome.texts)
    return outcome


def save(plan: ItemPlan, language: str, user: Person) -> None:
    """Save the changes of one item. Raises ``EditConflict`` where somebody saved it since the plan was made."""
    if not plan.drafts.working and (saved := latest_revision(plan.item)):
        raise EditConflict(saved, [language])
    data = composed(plan.item, plan.drafts.working)
    rows = {row["id"]: row for rows in data["children"].values() for row in rows}
    for change in plan.changes:
        _kind, _colon, rest = change.text.place.partition(":")
        key, _colon, _name = rest.partition(":")
        target = rows[key] if rest else data["fields"]
        target[column(change.text.field.name, language)] = change.after
    sources = {change.text.place: change.stamp for change in plan.changes if change.stamp}
    token = edit_token(plan.drafts.working) if plan.drafts.working else None
    save_draft(
        item=plan.item,
        data=data,
        user=user,
        opened_on=token,
        comment=str(_("Imported from XLIFF.")),
        stamps={language: Stamps(sources=sources)} if sources else None,
    )
