"""The interface is translated whole: no text of the code is missing, fuzzy or changed since, in any language."""

import re
import shutil
import string

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command

LANGUAGES = [code for code in settings.BASE_LANGUAGES if code != "en"]
# Those of languages that a site may add need not be whole: what they lack is shown in English.
CATALOGUES = sorted(path.parent.parent.name for path in (settings.BASE_DIR / "locale").glob("*/*/django.po"))


def catalogue(language, root=settings.BASE_DIR):
    with (root / "locale" / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def ids(message) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple) else (message.id,)


def texts(message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def placeholders(text: str) -> set[str]:
    """Return the named placeholders of a text, in the old style of the code and in the new one."""
    old = {part.split(")")[0] for part in text.split("%(")[1:]}
    return old | {name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language):
    missing = [message.id for message in catalogue(language) if message.id and not all(texts(message))]
    assert missing == []


@pytest.mark.parametrize("language", CATALOGUES)
def test_no_translation_is_fuzzy(language):
    assert [message.id for message in catalogue(language) if message.id and message.fuzzy] == []


@pytest.mark.parametrize("language", CATALOGUES)
def test_translations_keep_the_placeholders(language):
    wrong = []
    for message in catalogue(language):
        if not message.id or not message.python_format:
            continue
        known = set().union(*map(placeholders, ids(message)))
        wrong += [text for text in texts(message) if not placeholders(text) <= known]
    assert wrong == []


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="GNU gettext is not installed: texts cannot be collected")
def test_catalogues_hold_the_texts_of_the_code(tmp_path, monkeypatch):
    ignored = shutil.ignore_patterns(".git", ".venv", "var", "tests", "fixtures", "docs", "vendor", "__pycache__")
    copy = tmp_path / "site"
    shutil.copytree(settings.BASE_DIR, copy, ignore=ignored)
    monkeypatch.chdir(copy)
    call_command("makemessages", verbosity=0)
    for language in LANGUAGES:
        collected = {message.id for message in catalogue(language, copy)}
        kept = {message.id for message in catalogue(language)}
        assert collected - kept == set(), f"run make messages and translate into {language}"
        assert kept - collected == set(), f"run make messages: {language} holds texts that are gone"


SCRIPTS = [path for path in sorted((settings.BASE_DIR / "static").rglob("*.js")) if "vendor" not in path.parts]
QUOTED = re.compile(r"""(["'`])((?:(?!\1)[^\\\n]|\\.)*)\1""")
WORDS = re.compile(r"[A-Z][a-z]+ [a-z]+")  # how a text for people begins, and no selector or name does


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_script_holds_no_text_of_its_own(path):
    """Scripts show only what a template, which is translated, gave them."""
    source = re.sub(r"//[^\n]*|/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    assert [text for _quote, text in QUOTED.findall(source) if WORDS.search(text)] == []


def test_texts_of_templates_are_collected():
    sources = {name for message in catalogue("es") for name, _line in message.locations}
    templates = {name for name in sources if name.startswith("templates/")}
    assert {"templates/base.html", "templates/admin/dashboard.html", "templates/api/docs.html"} <= templates
