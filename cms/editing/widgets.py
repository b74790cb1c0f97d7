"""Form widgets of the admin. Each is a plain input that a small script of ours makes more comfortable."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import (
    AdminFileWidget,
    AdminSplitDateTime,
    AdminTextInputWidget,
    AutocompleteSelect,
    AutocompleteSelectMultiple,
)
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_prose_editor.config import expand_extensions
from django_prose_editor.widgets import AdminProseEditorWidget, importmap
from js_asset import ImportMap, Media, Script

from cms.content.fields import RICH_TEXT_EXTENSIONS

# The toolbar in groups of buttons; the editor's own default hides block types in a list that no keyboard reaches.
MENU_GROUPS = ("blockType -lists", "lists", "nodes -blockType -lists", "marks", "link", "table", "history")

OWN_MODULES = {f"admin-site/{name}": f"admin_site/{name}.js" for name in ("links", "paste", "table_heads")}

# What the editor says in English, by the word it uses.
EDITOR_TEXTS = {
    "bold": _("Bold"),
    "italic": _("Italic"),
    "subscript": _("Subscript"),
    "superscript": _("Superscript"),
    "paragraph": _("Paragraph"),
    "heading 3": _("Heading"),
    "heading 4": _("Subheading"),
    "blockquote": _("Quotation"),
    "bullet list": _("List"),
    "ordered list": _("Numbered list"),
    "unordered list": _("List"),
    "insert link": _("Link"),
    "remove link": _("Remove link"),
    "Insert table": _("Insert table"),
    "Add column": _("Add column"),
    "Delete column": _("Delete column"),
    "Add row": _("Add row"),
    "Delete row": _("Delete row"),
    "Merge cells": _("Merge cells"),
    "Split cell": _("Split cell"),
    "Toggle header cell": _("Header cell on or off"),
    "toggleHeaderRow": _("Header row on or off"),
    "toggleHeaderColumn": _("Header column on or off"),
    "Delete table": _("Delete table"),
    "undo": _("Undo"),
    "redo": _("Redo"),
    "Update": _("Apply"),
    "Cancel": _("Cancel"),
    "Title": _("Title"),
    "Table Properties": _("New table"),
    "Insert Table": _("Insert table"),
    "Rows": _("Rows"),
    "Columns": _("Columns"),
    "Include header row": _("With a header row"),
    "Toolbar": _("Text formatting"),
    "List properties": _("Numbering of the list"),
    "Start at": _("Start at"),
    "List type": _("Numbers or letters"),
    "Yes": _("Yes"),
    "No": _("No"),
    "pasted": _("Pasted."),
    "leftOut": _("Pasted, but not: %(what)s."),
    "plain": _("Pasted as plain text: its formatting could not be read, or it is too large."),
    "onlyFiles": _("Pictures and files cannot be pasted into a text."),
    "undoPaste": _("Undo the paste"),
    "undone": _("The paste was undone."),
    "link": _("Link"),
    "linkTo": _("Link to"),
    "linkHelp": _("Type the name of an item or a document, or an address: https://…, name@example.org."),
    "linkTitle": _("Title, shown when the link is pointed at (optional)"),
    "linkFound": _("%(count)s found"),
    "linkNone": _("Nothing found."),
    "linkFailed": _("That could not be looked up. Try again."),
    "linkChoose": _("Choose what the link leads to."),
}


def rich_text_config() -> dict:
    """Return what ``rich_text.js`` needs to open an editor: the extensions and the texts of the interface."""
    extensions = {
        **RICH_TEXT_EXTENSIONS,
        "Menu": {"groups": [{"group": group} for group in MENU_GROUPS]},
        "TableHeads": True,
        "NoSpellCheck": False,  # each text carries its language, so the browser's spelling check is of use
    }
    return {
        "extensions": expand_extensions(extensions),
        "modules": ["admin-site/table_heads", "admin-site/links"],
        "pasteUrl": reverse("admin:paste"),
        "choices": reverse("admin:link_choices"),
        "texts": {word: str(text) for word, text in EDITOR_TEXTS.items()},
    }


class RichTextInput(AdminProseEditorWidget):
    """A textarea that becomes a rich text editor when it comes into view.

    A form may have a hundred of them, most of them in closed tabs; the editor is loaded and started only for
    those that are looked at. Its configuration stands once in the page (``rich_text_config``).
    """

    @property
    def media(self):
        return Media(
            importmap=importmap | ImportMap(OWN_MODULES),
            css={
                "all": [
                    "django_prose_editor/material-icons.css",
                    "django_prose_editor/editor.css",
                    "django_prose_editor/overrides.css",
                    "admin_site/rich_text.css",
                ]
            },
            js=[Script("admin_site/rich_text.js", type="module")],
        )

    def get_context(self, name, value, attrs):
        context = forms.Textarea.get_context(self, name, value, attrs)
        context["widget"]["attrs"]["data-rich-text"] = True
        return context


class ColourInput(AdminTextInputWidget):
    """A text field for ``#rrggbb``, with the browser's colour picker beside it."""

    def __init__(self, attrs=None):
        super().__init__({"class": "vTextField colour-field", "size": 9, "spellcheck": "false", **(attrs or {})})


class UploadedFileInput(AdminFileWidget):
    """Django's file input, whose link to the present file leads to a view for staff: files have no address of their
    own, and those of unpublished items are nobody else's business."""

    template_name = "admin/widgets/uploaded_file.html"

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        if context["widget"]["is_initial"]:
            item = value.instance
            context["widget"]["file_url"] = reverse(
                "admin:uploaded_file", args=[item._meta.label_lower, item.pk, value.field.name]
            )
            if parent := getattr(item, "parent_field", ""):  # the row may be in the draft only
                context["widget"]["file_url"] += f"?of={getattr(item, f'{parent}_id')}"
        return context


class LoadedAutocompleteSelect(AutocompleteSelect):
    """Django's autocomplete select, which asks the database for its chosen option only when it must.

    ``loaded`` holds objects that the form has at hand, by primary key as text: rows of an inline are read with
    what they point to, so that a form's queries do not grow with its rows.
    """

    loaded: dict[str, Any] = {}

    def optgroups(self, name, value, attr=None):
        chosen = [str(key) for key in value if key not in self.choices.field.empty_values]
        if not all(key in self.loaded for key in chosen):
            return super().optgroups(name, value, attr)
        options = [] if self.is_required else [self.create_option(name, "", "", False, 0)]  # noqa: FBT003 - Django's signature
        for index, key in enumerate(chosen, start=1):
            label = self.choices.field.label_from_instance(self.loaded[key])
            options.append(self.create_option(name, key, label, True, index))  # noqa: FBT003 - Django's signature
        return [(None, options, 0)]


class PlainAutocompleteSelectMultiple(AutocompleteSelectMultiple):
    """Django's autocomplete for several items, without the cross that clears all of them in one slip."""

    def build_attrs(self, base_attrs, extra_attrs=None):
        return {**super().build_attrs(base_attrs, extra_attrs), "data-allow-clear": "false"}


class LabelledSplitDateTime(AdminSplitDateTime):
    """Date and time, each with a label (WCAG 2.2, 4.1.2): Django only writes the words beside the inputs."""

    def __init__(self, attrs=None):
        super().__init__(attrs)
        for widget, label in zip(self.widgets, (_("Date"), _("Time")), strict=True):
            widget.attrs["aria-label"] = label
