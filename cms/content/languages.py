"""Which language a text is shown in: the one rule that pages, API, admin and queries share.

A translated field has one column a language (django-modeltranslation). A reader is shown the text in the
language asked for and, where that is empty, in the one that it is a form of (Brazilian Portuguese: Portuguese), else
in the first of the site's languages that has one, always with the language it really is in, so that it can be
labelled (WCAG 2.2, criterion 3.1.2 Language of Parts).

``None`` and ``""`` both mean "no text in this language".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.core.signals import setting_changed
from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Coalesce, NullIf
from django.dispatch import receiver
from django.utils.translation import get_language, to_locale
from modeltranslation.translator import NotRegistered, translator
from modeltranslation.utils import build_localized_fieldname

from cms.content.directions import is_right_to_left

SOURCE_LANGUAGE = "en"  # of the interface's texts in the code


def site_languages() -> list[str]:
    """Return the codes of the site's languages in their order; the first is the default."""
    return list(chain_of())


def stored_languages() -> list[str]:
    """Return the codes of the languages that the database has columns for: the site's, then any others."""
    return list(settings.MODELTRANSLATION_LANGUAGES)


def active_language() -> str:
    """Return the reader's language: the active one where the site has it, else the default."""
    return offered(get_language() or "")


def fallback_chain(language: str | None = None) -> list[str]:
    """Return the languages in which a text is looked for: ``language`` (default: active), those that it is a form of
    (Brazilian Portuguese: Portuguese), then the site's order."""
    return list(chain_of(language or active_language()))


# A page asks for these a thousand times, so they are worked out once for each language.


@cache
def offered(language: str) -> str:
    """Return ``language`` where the site has it, else the one that :func:`lookup` finds for it, else the default."""
    return language if language in chain_of() else lookup(language) or chain_of()[0]


def lookup(language_range: str) -> str | None:
    """Return the site's language for one BCP 47 language range, or ``None``: ``"es-MX"`` gives ``"es"``.

    Subtags are taken from the end until a language of the site is left, and a single letter that would then
    stand last goes too (RFC 4647, section 3.4 Lookup). Capitals do not count (RFC 5646, section 2.1.1). A region that
    implies a script names the language in that script: ``"zh-CN"`` gives ``"zh-hans"``.
    """
    by_tag = {code.lower(): code for code in site_languages()}
    for tag in forms_of(language_range.lower()):
        for each in (tag, *LANG_INFO.get(tag, {}).get("fallback", ())):
            if found := by_tag.get(each):
                return found
    return None


def forms_of(tag: str) -> Iterator[str]:
    """Yield a language tag, then what it is a form of, the nearest first: ``"zh-hant"``, ``"zh"``."""
    subtags = tag.split("-")
    while subtags:
        yield "-".join(subtags)
        subtags.pop()
        if subtags and len(subtags[-1]) == 1:
            subtags.pop()


@cache
def chain_of(language: str = "") -> tuple[str, ...]:
    """Return ``language``, those of the site that it is a form of, then the others of the site in their order; without
    it the site's languages alone."""
    codes = [code for code, _ in settings.LANGUAGES]
    family = [form for form in forms_of(language) if form in codes] if language else []
    return tuple(dict.fromkeys([*filter(None, [language]), *family, *codes]))


@cache
def columns_of_chain(field_name: str, language: str) -> tuple[tuple[str, str], ...]:
    """Return pairs of a language and the column of ``field_name`` in it, in the order in which they are looked in."""
    return tuple((code, column(field_name, code)) for code in chain_of(language))


@receiver(setting_changed)
def forget_languages(*, setting: str, **kwargs) -> None:
    """Work the languages out anew after a test gave the site others, as Django does with its own."""
    if setting == "LANGUAGES":
        for kept in (offered, chain_of, columns_of_chain):
            kept.cache_clear()


@cache
def interface_language(language: str) -> str:
    """Return the language that the interface speaks to a reader of ``language``.

    That is ``language`` itself, or what it is a form of, where the site has a catalogue of its texts in it
    (``locale/<language>/``), else the language that they are written in. A page is in the language of its interface;
    its texts say their own.
    """
    if language.split("-")[0] == SOURCE_LANGUAGE:
        return language
    return next(filter(has_catalogue, forms_of(language)), SOURCE_LANGUAGE)


def has_catalogue(language: str) -> bool:
    """Say whether the interface's texts are translated into ``language``."""
    catalogue = Path(to_locale(language), "LC_MESSAGES", "django.po")
    return any(Path(folder, catalogue).exists() for folder in settings.LOCALE_PATHS)


@cache
def column(field_name: str, language: str) -> str:
    """Return the name of the column that holds ``field_name`` in ``language``: ``column("title", "es")`` is
    ``"title_es"``."""
    return build_localized_fieldname(field_name, language)


def translated_fields(model: type[models.Model]) -> list[str]:
    """Return the names of the translated fields of ``model`` in the order of their declaration; often none."""
    try:
        return list(translator.get_options_for_model(model).all_fields)
    except NotRegistered:
        return []


def is_translated(model: type[models.Model], field_name: str) -> bool:
    """Say whether ``field_name`` has a column for each language."""
    return field_name in translated_fields(model)


@dataclass(frozen=True)
class LocalizedText:
    """A text as a reader gets it: the text, the language it is in, and the language asked for."""

    value: str
    language: str
    requested: str

    @property
    def is_fallback(self) -> bool:
        """Whether the text is in another language than the one asked for."""
        return bool(self.value) and self.language != self.requested

    @property
    def is_foreign(self) -> bool:
        """Whether the text is in another language than the one asked for or the page around it: it needs ``lang``."""
        return self.is_fallback or (bool(self.value) and self.language != interface_language(self.requested))

    @property
    def direction(self) -> str:
        """The value of HTML's ``dir`` for this text: ``"ltr"`` or ``"rtl"``."""
        return "rtl" if is_right_to_left(self.language) else "ltr"

    def __str__(self) -> str:
        return self.value

    def __bool__(self) -> bool:
        return bool(self.value)


def localized(item: models.Model, field_name: str, language: str | None = None) -> LocalizedText:
    """Return the text of a translated field as it is shown to a reader of ``language`` (default: the active one).

    Reads only the columns of the item that is given; no query is made unless they were deferred.
    """
    requested = language or active_language()
    for code, name in columns_of_chain(field_name, requested):
        if text := getattr(item, name):
            return LocalizedText(text, code, requested)
    return LocalizedText("", requested, requested)


def localized_first(item: models.Model, field_names: Iterable[str], language: str | None = None) -> LocalizedText:
    """Return the text of the first of several translated fields that has one: the short name, else the name.

    A later field in the reader's language goes before an earlier one in another.
    """
    first = None
    language = language or active_language()
    for name in field_names:
        text = localized(item, name, language)
        if text and not text.is_fallback:
            return text
        first = first if first or not text else text
    return first or LocalizedText("", language, language)


def texts(item: models.Model, field_name: str) -> dict[str, str]:
    """Return the texts of a translated field by language, without the empty ones, in the site's order."""
    columns = columns_of_chain(field_name, chain_of()[0])
    return {code: text for code, name in columns if (text := getattr(item, name))}


def displayed(
    field_name: str, language: str | None = None, *, chain: Iterable[str] | None = None
) -> models.Expression:
    """Return the SQL expression of the text that :func:`localized` shows, for filters and ordering.

    ``field_name`` may go through relations: ``displayed("strategy__title")``. ``chain`` names the languages to look
    in where they are others than those of :func:`fallback_chain`.
    """
    columns = [NullIf(F(column(field_name, code)), Value("")) for code in chain or fallback_chain(language)]
    return Coalesce(*columns, Value(""), output_field=models.TextField())
