"""The text of a strategy, chapter by chapter, with headings of the level that their place asks for."""

import re

from django import template
from django.template.base import token_kwargs
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from cms.content.languages import localized_first
from cms.pages.templatetags.localized import block, scrolling_tables
from priorities.models import OutlineEntry

register = template.Library()

HEADING = re.compile(r"<(/?)h([1-6])>")
DEEPEST = 6  # HTML has no deeper heading


def shifted(markup: str, by: int) -> str:
    """Return rich text with its headings ``by`` levels deeper, so that no level is left out above them."""

    def tag(match: re.Match) -> str:
        return f"<{match[1]}h{min(max(int(match[2]) + by, 1), DEEPEST)}>"

    return HEADING.sub(tag, markup) if by else markup


@register.simple_tag(takes_context=True)
def chapter_text(context, entry: OutlineEntry, shift: int | str = 0) -> SafeString:
    """The text of an entry; its headings start at h3, plus ``shift``."""
    found = localized_first(entry, ["body"])
    content = mark_safe(scrolling_tables(shifted(found.value, int(shift))))  # noqa: S308 - sanitised
    return block(context, found, content, "rich-text")


@register.tag
def heading(parser, token):
    """``{% heading entry.level 1 id=... %}...{% endheading %}``: a heading of an entry's level plus a number."""
    _name, level, offset, *bits = token.split_contents()
    nodelist = parser.parse(("endheading",))
    parser.delete_first_token()
    return HeadingNode(
        nodelist, parser.compile_filter(level), parser.compile_filter(offset), token_kwargs(bits, parser)
    )


class HeadingNode(template.Node):
    """A heading whose level is known only when the page is made."""

    def __init__(self, nodelist, level, offset, attributes):
        self.nodelist, self.level, self.offset, self.attributes = nodelist, level, offset, attributes

    def render(self, context):
        level = min(int(self.level.resolve(context)) + int(self.offset.resolve(context)), DEEPEST)
        key = self.attributes["id"].resolve(context)
        return format_html('<h{} id="{}">{}</h{}>', level, key, mark_safe(self.nodelist.render(context)), level)  # noqa: S308 - rendered
