"""Links to the sections of a page, to be copied: one at the end of each heading that can be linked to."""

import html
import re

from django import template
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from cms.content.languages import LocalizedText

register = template.Library()

# Our own templates write these: a section that its heading names, and headings with an address of their own. (In
# rich text no element has an id.)
SECTION = re.compile(r'<section\b[^>]*?\sid="(?P<id>[^"]+)"[^>]*?\saria-labelledby="(?P<heading>[^"]+)"')
CHAPTER = re.compile(
    r'<section\b[^>]*?\sid="(?P<id>[^"]+)"[^>]*>\s*<(?P<name>h[34])>(?P<text>.*?)</(?P=name)>', re.DOTALL
)
HEADING = re.compile(
    r'<(?P<name>h[234])(?P<before>[^>]*?)\sid="(?P<id>[^"]+)"(?P<after>[^>]*)>(?P<text>.*?)</(?P=name)>', re.DOTALL
)
LABEL = re.compile(r'<span class="language-label">.*?</span>', re.DOTALL)
MOST_CHARACTERS = 80  # of what a link leads to, in its name
NOT_LINKED = ("visually-hidden", "page.contents", "page.updates")


@register.simple_tag
def anchor_link(target: str, text: LocalizedText | str) -> SafeString:
    """``{% anchor_link "objective.a" text %}``: the link to the element ``target``, named after plain ``text``."""
    name = str(text)
    label = _("Link to “%(heading)s”") % {
        "heading": name if len(name) <= MOST_CHARACTERS else f"{name[:MOST_CHARACTERS]}…"
    }
    return mark_safe(  # noqa: S308 - escaped pieces
        f'<a class="anchor" href="#{html.escape(target)}" aria-label="{html.escape(label)}" '
        f'data-copied="{html.escape(_("Copied"))}"></a>'
    )


def heading_link(target: str, markup: str) -> SafeString:
    """Return the link to ``target``, named after the text of a heading's ``markup``."""
    return anchor_link(target, html.unescape(" ".join(strip_tags(LABEL.sub("", markup)).split())))


@register.tag
def linked_sections(parser, token):
    """``{% linked_sections %}...{% endlinked_sections %}``: give the headings in it their links."""
    nodelist = parser.parse(("endlinked_sections",))
    parser.delete_first_token()
    return LinkedSectionsNode(nodelist)


class LinkedSectionsNode(template.Node):
    """Renders its content and adds the links, so that no template has to think of them."""

    def __init__(self, nodelist):
        self.nodelist = nodelist

    def render(self, context):
        content = self.nodelist.render(context)
        if context.get("page_languages") is None:
            return content
        sections = {match["heading"]: match["id"] for match in SECTION.finditer(content)}

        def linked(match: re.Match) -> str:
            tag = match.group()
            if any(word in tag.partition(">")[0] for word in NOT_LINKED):
                return tag
            # The text keeps the id, so that the section is named by it alone and not by the link too.
            link = heading_link(sections.get(match["id"], match["id"]), match["text"])
            return (
                f"<{match['name']}{match['before']}{match['after']}>"
                f'<span class="heading-text" id="{match["id"]}">{match["text"]}</span> {link}</{match["name"]}>'
            )

        def linked_chapter(match: re.Match) -> str:
            end = f"</{match['name']}>"
            return f"{match.group().removesuffix(end)} {heading_link(match['id'], match['text'])}{end}"

        return mark_safe(HEADING.sub(linked, CHAPTER.sub(linked_chapter, content)))  # noqa: S308 - rendered
