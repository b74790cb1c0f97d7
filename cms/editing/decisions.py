"""What a page that decides on a draft or a release sends: a time, languages, a public note."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from cms.content.characters import looks_blank, validate_characters
from cms.content.languages import site_languages
from cms.editing.widgets import LabelledSplitDateTime
from cms.publishing.models import PartVersion


def language_names() -> list[tuple[str, str]]:
    """Return the site's languages with their native names."""
    return [(code, get_language_info(code)["name_local"].capitalize()) for code in site_languages()]


class PublicationForm(forms.Form):
    """What goes with a publication: which languages, when, and what the public reads about it."""

    parts = forms.MultipleChoiceField(
        label=_("Which parts"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "The buttons act on what is chosen; none chosen: on all that they are for, and to publish, on what is in "
            "review or approved alone, where there is such a part. All else stays as it is."
        ),
    )
    drop_pins = forms.BooleanField(
        label=_("Take other versions of it out of releases and schedules"),
        required=False,
    )
    due_at = forms.SplitDateTimeField(
        label=_("At a set time"),
        required=False,
        widget=LabelledSplitDateTime,
        help_text=_("For the buttons that name a set time; the others act now."),
    )
    comment = forms.CharField(
        label=_("Comment for colleagues"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args, versions: Iterable[PartVersion] = (), **kwargs):
        super().__init__(*args, **kwargs)
        if "parts" in self.fields:
            parts: Any = self.fields["parts"]
            parts.choices = [(each.part, f"{each.label}: {each.get_state_display()}") for each in versions]
        for code, name in language_names():
            self.fields[f"note_{code}"] = forms.CharField(
                label=_("Public note (%(language)s)") % {"language": name},
                required=False,
                max_length=500,
                validators=[validate_characters],
                widget=forms.Textarea(attrs={"rows": 2, "lang": code}),
            )

    def note_fields(self) -> list:
        """Return the fields of the public note, one a language."""
        return [self[f"note_{code}"] for code in site_languages()]

    @property
    def note(self) -> dict[str, str]:
        found = {code: self.cleaned_data[f"note_{code}"].strip() for code in site_languages()}
        return {code: text for code, text in found.items() if not looks_blank(text)}


def line(text: str) -> str:
    """Return a text that came with a request and has no form to check it: PostgreSQL keeps no null characters."""
    return text.replace("\x00", "").strip()


def number(text: str | None) -> int | None:
    """Return a whole number that came with a request, or ``None``."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
