"""Translated texts in templates: shown in the reader's language or, visibly, in the one they exist in.

No template reads a translated field itself, since it would not know which language came out. A text in another
language than the page's carries ``lang`` and ``dir`` (WCAG 2.2, criterion 3.1.2) and the name of its language, and
the page says so once at its top: :class:`FallbackNoticeNode`.
"""

import html
import re
from collections.abc import Iterable
from typing import Any

from django import template
from django.db import models
from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html, format_html_join, linebreaks, strip_tags
from django.utils.safestring import SafeData, SafeString, mark_safe
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from cms.content.languages import LocalizedText, columns_of_chain, localized_first, site_languages

register = template.Library()

TABLE_START = re.compile(r"<table\b")
ROW = re.compile(r"<tr>.*?</tr>", re.DOTALL)


@register.filter
def text(item: models.Model, fields: str) -> LocalizedText:
    """``{{ office|text:"name" }}``: the bare text, for conditions and for places that take no markup.

    ``fields`` are names separated by commas; the first that has a text counts.
    """
    return localized_first(item, fields.split(","))


@register.filter
def language_name(code: str) -> str:
    """Return the name of a language in the language of the page; the code itself where Django knows no name."""
    try:
        name = get_language_info(code)["name_translated"]
    except KeyError:
        return code
    return name[:1].upper() + name[1:]


@register.filter
def native_name(code: str) -> str:
    """Return the name of a language in that language."""
    try:
        name = get_language_info(code)["name_local"]
    except KeyError:
        return code
    return name[:1].upper() + name[1:]


@register.filter
def excerpt(value: LocalizedText | str, length: int = 160) -> str:
    """Return the first ``length`` characters or fewer of rich or plain text, in whole words and without markup."""
    plain = html.unescape(strip_tags(str(value).replace("</p>", "</p> ")))
    plain = " ".join(plain.split())
    if len(plain) <= length:
        return plain
    cut = plain[:length].rpartition(" ")[0] or plain[: length - 1]
    return cut.rstrip(" ,;:–-") + "…"


@register.simple_tag(takes_context=True)
def localized(context, item: Any, *fields: str) -> SafeString:
    """``{% localized office "short_name" "name" %}``: one line of text; without fields, the item's label."""
    if fields:
        record(context, item, fields)
        return inline(context, localized_first(item, fields))
    record(context, item, dict.fromkeys((*item.label_fields, item.name_field)))
    return inline(context, item.label)


@register.simple_tag(takes_context=True)
def localized_text(context, value: LocalizedText | str) -> SafeString:
    """Show a text that was already chosen; a plain string is only escaped."""
    return inline(context, value) if isinstance(value, LocalizedText) else conditional_escape(value)


@register.simple_tag
def localized_acronym(item: models.Model) -> SafeString:
    """The acronym, or nothing. As a name that people know in other languages too, it gets ``lang`` and a tooltip
    instead of a label, and no notice (WCAG 2.2, 3.1.2 exempts proper names)."""
    found = localized_first(item, ["acronym"])
    if not found.is_foreign:
        return conditional_escape(found.value)
    return format_html(
        '<abbr lang="{}" dir="{}" title="{}">{}</abbr>',
        found.language,
        found.direction,
        language_name(found.language),
        found.value,
    )


@register.simple_tag(takes_context=True)
def checkboxes(context, name: str, choices: list) -> SafeString:
    """The choices of a filter (``cms.pages.filter_panel.Choice``) as checkboxes; there may be hundreds."""
    return format_html_join(
        "",
        '<label class="choice"><input type="checkbox" name="{}" value="{}"{}> <span>{}</span></label>',
        (
            (
                name,
                choice.value,
                mark_safe(" checked") if choice.is_chosen else "",  # noqa: S308 - a constant
                localized_text(context, choice.label),
            )
            for choice in choices
        ),
    )


@register.simple_tag(takes_context=True)
def localized_lines(context, item: models.Model, field: str) -> SafeString:
    """Plain text of several lines as paragraphs."""
    record(context, item, [field])
    found = localized_first(item, [field])
    return block(context, found, paragraphs(found.value), "plain-text")


def paragraphs(value: str) -> SafeString:
    """Return plain text as paragraphs, mostly one."""
    if "\n" in value or "\r" in value:
        return mark_safe(linebreaks(value, autoescape=True))  # noqa: S308 - escaped there
    return mark_safe(f"<p>{html.escape(value)}</p>")  # noqa: S308 - escaped


@register.simple_tag(takes_context=True)
def localized_html(context, item: models.Model, field: str) -> SafeString:
    """Rich text, which was sanitised on its way into the database, with tables that scroll on their own."""
    record(context, item, [field])
    found = localized_first(item, [field])
    return block(context, found, mark_safe(scrolling_tables(found.value)), "rich-text")  # noqa: S308 - sanitised


@register.simple_tag(takes_context=True)
def localized_excerpt(context, item: models.Model, field: str, length: int = 160) -> SafeString:
    """The beginning of a rich or plain text, in one line."""
    record(context, item, [field])
    found = localized_first(item, [field])
    return inline(context, LocalizedText(excerpt(found, length), found.language, found.requested))


def inline(context, found: LocalizedText) -> SafeString:
    # What the search marked is safe; of all other texts this is what conditional_escape() does.
    text = found.value if isinstance(found.value, SafeData) else html.escape(found.value)
    if found.is_foreign:
        text = f'<span lang="{html.escape(found.language)}" dir="{found.direction}">{text}</span>'
    if found.is_fallback:
        text = f"{text} {label(context, found)}"
    return mark_safe(text)  # noqa: S308 - escaped pieces


def block(context, found: LocalizedText, content: SafeString, css_class: str) -> SafeString:
    if not found:
        return mark_safe("")
    language = f' lang="{html.escape(found.language)}" dir="{found.direction}"' if found.is_foreign else ""
    text = f'<div class="{css_class}"{language}>{content}</div>'
    if found.is_fallback:
        text = f'<p class="language-line">{label(context, found)}</p>{text}'
    return mark_safe(text)  # noqa: S308 - escaped pieces


def label(context, found: LocalizedText) -> SafeString:
    """Return the visible name of the language of a fallback, and remember it for the notice of the page."""
    if (fallbacks := context.get("fallbacks")) is not None:
        fallbacks.add(found.language)
    if (complete := context.get("complete")) is not None:
        complete.discard(found.requested)
    return format_html('<span class="language-label">{}</span>', language_name(found.language))


def record(context, item: models.Model, fields: Iterable[str]) -> None:
    """Strike the languages in which none of ``fields`` has a text from those that the page is complete in.

    A field that is empty in every language is missing in none. Reads only columns that are loaded.
    """
    complete = context.get("complete")
    if not complete:
        return
    loaded, default = item.__dict__, site_languages()[0]
    there = {code for name in fields for code, column in columns_of_chain(name, default) if loaded.get(column)}
    if there:
        complete &= there


def scrolling_tables(value: str) -> str:
    """Return rich text with each table in a region that scrolls sideways and takes the focus (WCAG 2.1.1), and with
    the scope of each head (WCAG 1.3.1, technique H63)."""
    count = 0

    def start(match: re.Match) -> str:
        nonlocal count
        count += 1
        name = html.escape(_("Table %(number)s") % {"number": count})
        return f'<div class="table-scroll" role="group" tabindex="0" aria-label="{name}">{match.group()}'

    if "<table" not in value:
        return value
    return ROW.sub(scoped, TABLE_START.sub(start, value)).replace("</table>", "</table></div>")


def scoped(row: re.Match) -> str:
    """Return a row of a table with the scope of its heads: their columns in a row of heads alone, else the row."""
    scope = "row" if "<td" in row[0] else "col"
    return row[0].replace("<th", f'<th scope="{scope}"')


@register.tag
def fallback_notice(parser, token):
    """``{% fallback_notice %}...{% endfallback_notice %}``: put a line before content that has fallbacks in it."""
    nodelist = parser.parse(("endfallback_notice",))
    parser.delete_first_token()
    return FallbackNoticeNode(nodelist)


class FallbackNoticeNode(template.Node):
    """Renders its content first, then says above it, in one line, in which languages the page is complete, where it is
    not in all.

    Complete means that each translated text that the page shows exists in that language: its own texts and those of
    what it lists. Where other languages came out, the line says so too.
    """

    def __init__(self, nodelist):
        self.nodelist = nodelist

    def render(self, context):
        fallbacks, complete = set(), set(site_languages())
        with context.push(fallbacks=fallbacks, complete=complete, written={}):
            content = self.nodelist.render(context)
        languages = [code for code in site_languages() if code in complete]
        is_error = context.get("page_languages") is None
        if not fallbacks and (is_error or languages == site_languages()):
            return content  # there is nothing that the header does not say
        with context.push(has_fallbacks=bool(fallbacks), complete_languages=languages):
            notice = render_to_string("includes/_fallback_notice.html", context.flatten())
        return notice + content
