"""Rules that hold in the source of every public template."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from cms.content.languages import translated_fields

FOLDER = Path(settings.BASE_DIR) / "templates"
TEMPLATES = [
    path for path in sorted(FOLDER.rglob("*.html")) if path.relative_to(FOLDER).parts[0] not in {"admin", "api"}
]
TRANSLATED = sorted({name for model in apps.get_models() for name in translated_fields(model)})
BARE_FIELD = re.compile(rf"\b\w+(?:\.\w+)*\.(?:{'|'.join(TRANSLATED)})\b")
# The title of a file is in the language of the file; the name of a group of filters stands in addresses; a
# preview's title and an update's note are no columns; results of a search and comparisons hold chosen texts.
NOT_TRANSLATED = {
    "child.name",
    "each.note",
    "next_version.note",
    "objective.name",
    "result.title",
    "segment.text",
    "sought.text",
    "document.title",
    "group.name",
    "request.preview.title",
    "update.note",
    "event.update.note",
    "head.title",
    "head.description",
}

every_template = pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(FOLDER)))


@every_template
def test_template_reads_no_translated_field_itself(path):
    tags = re.findall(r"{[{%].*?[%}]}", path.read_text(), re.DOTALL)
    assert {name for tag in tags for name in BARE_FIELD.findall(tag)} <= NOT_TRANSLATED


@every_template
def test_template_has_no_inline_script_or_style(path):
    if path.relative_to(FOLDER).parts[0] == "renditions":
        return  # made into files by the server, and sent to no browser
    source = path.read_text()
    assert not re.search(r"<script(?! src=\"{% static )|<style|\sstyle=|\son\w+=", source)


@every_template
def test_template_names_no_foreign_host(path):
    assert not re.search(r"(?:src|href)=[\"'](?:https?:)?//", path.read_text())
