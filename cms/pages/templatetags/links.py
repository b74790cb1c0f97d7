"""Links to items, which rich texts hold as references, on their way to a reader."""

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from cms.content.links import resolved

register = template.Library()


@register.tag
def item_links(parser, token):
    """``{% item_links %}...{% enditem_links %}``: put the addresses of items in the place of references.

    All at once, so that a page costs one query for each kind of item that its texts link to.
    """
    nodelist = parser.parse(("enditem_links",))
    parser.delete_first_token()
    return ItemLinksNode(nodelist)


class ItemLinksNode(template.Node):
    """Renders its content first, and then looks up what its links mean."""

    def __init__(self, nodelist):
        self.nodelist = nodelist

    def render(self, context):
        is_preview = bool(getattr(context.get("request"), "preview", None))
        content = self.nodelist.render(context)
        return mark_safe(resolved(content, missing=with_note if is_preview else str))  # noqa: S308 - rendered


def with_note(words: str) -> SafeString:
    """Return the words of a link as a preview shows them where it leads to what is not public."""
    note = escape(_("no link: not public"))
    return mark_safe(f"{words} <small>({note})</small>")  # noqa: S308 - sanitised words
