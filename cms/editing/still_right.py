"""The boxes *Still right* beside outdated translations: to confirm a text without typing it anew."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _

from cms.content.languages import column, site_languages
from cms.content.models import Child, Publishable
from cms.content.snapshots import child_relations
from cms.publishing import actions
from cms.publishing.drafts import Versions
from cms.publishing.permissions import Action, may
from cms.translations.texts import ItemTexts, Status, Text

STILL_RIGHT = "_still_right"  # its values: language, key of the source that is looked at, place


@dataclass(frozen=True)
class Outdated:
    """The outdated texts of an item that a form is opened on, by language and place."""

    model: type[Publishable]
    texts: dict[tuple[str, str], Text]

    def of_row(self, row: Any) -> dict[str, Text]:
        """Return those of ``row``, the item or one of its children, by column."""
        kind, key = (self.kind_of(row), str(row.pk)) if isinstance(row, Child) else ("", "")
        return {
            column(text.field.name, language): text
            for (language, _place), text in self.texts.items()
            if (text.kind, text.row) == (kind, key)
        }

    def kind_of(self, row: Child) -> str:
        return next(name for name, child in child_relations(self.model).items() if child is type(row))


def outdated_texts(model: type[Publishable], versions: Versions, languages: set[str] | None) -> Outdated:
    """Return the texts of ``versions``, what a form of an item of ``model`` shows, that are outdated: those in
    ``languages``, which are all where it is ``None``."""
    texts = ItemTexts(model, versions, {}, is_live=False)
    written = [code for code in site_languages() if versions and (languages is None or code in languages)]
    found = [text for language in written for text in texts.texts(language)]
    return Outdated(model, {(text.language, text.place): text for text in found if text.status == Status.OUTDATED})


def offer(form: forms.ModelForm, outdated: Outdated) -> None:
    """Put a box below each field of ``form`` whose text is outdated."""
    for name, text in outdated.of_row(form.instance).items():
        if field := form.fields.get(name):
            field.help_text = format_html("{} {}", field.help_text, box(text)) if field.help_text else box(text)


def box(text: Text) -> str:
    value = f"{text.language}/{text.source_key}/{text.place}"
    return format_html(
        '<span class="outdated">{}</span> <label class="still-right"><input type="checkbox" name="{}" value="{}"> {}'
        "</label>",
        _("The text that this was translated from has changed."),
        STILL_RIGHT,
        value,
        _("Still right"),
    )


def confirm_ticked(request, item: Publishable) -> bool:
    """Confirm what was ticked in the form, and say whether there was anything.

    Raises ``PublishingError`` where a source has changed since the form was opened, or a text is not there any more.
    """
    ticked: dict[str, dict[str, str]] = defaultdict(dict)
    for value in request.POST.getlist(STILL_RIGHT):
        language, _slash, rest = value.partition("/")
        key, _slash, place = rest.partition("/")
        ticked[language][place] = key
    for language, seen in ticked.items():
        if may(request.user, Action.SAVE, item, languages=[language]):
            actions.confirm(item=item, language=language, places=seen, user=request.user, seen=seen)
    return bool(ticked)
