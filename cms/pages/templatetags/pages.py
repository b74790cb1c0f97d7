"""What every page needs around its content: addresses in each language, icons, years and file sizes."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django import template
from django.conf import settings
from django.core.files import File
from django.template.defaultfilters import filesizeformat
from django.template.loader import get_template
from django.urls import get_script_prefix
from django.utils.encoding import escape_uri_path
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_from_path
from django.utils.translation import gettext as _

from cms.content.languages import active_language, interface_language, is_right_to_left, site_languages
from cms.pages.colours import site_colours
from cms.pages.slots import SLOTS

register = template.Library()

# Drawn for this project on a grid of 24: templates/icons/<name>.svg.
ICONS = {
    *("shield", "route", "compass", "people", "globe", "scales", "leaf", "heart", "data", "handshake"),
    *("arrow", "download", "external", "close", "search"),
}
FILE_TYPES = {"pdf": "PDF", "docx": "Word", "odt": "OpenDocument"}


@dataclass(frozen=True)
class PageLink:
    """The address of the present page in one language; ``is_available`` says whether it really is in that language."""

    language: str
    path: str
    is_current: bool
    is_available: bool = True

    @property
    def direction(self) -> str:
        """The direction of the language: ``ltr`` or ``rtl``."""
        return "rtl" if is_right_to_left(self.language) else "ltr"

    @property
    def url(self) -> str:
        """The absolute address, on the site's public name."""
        return settings.SITE_URL + self.path


@dataclass(frozen=True)
class PageLinks:
    """The addresses of the present page.

    ``switch`` has one link for each of the site's languages; ``alternates`` only those in which the page really has
    its texts, for ``hreflang``; ``default`` is the one for readers of any other language; ``canonical`` the one
    under which search engines should file what is shown.
    """

    switch: list[PageLink]
    alternates: list[PageLink]
    default: PageLink | None
    canonical: PageLink | None

    @property
    def markdown(self) -> str:
        """The absolute address of this page as Markdown, in the language that is shown."""
        path, _question, query = next(link for link in self.switch if link.is_current).path.partition("?")
        name = path.rstrip("/") if path.strip("/").count("/") else f"{path}index"
        return f"{settings.SITE_URL}{name}.md" + (f"?{query}" if query else "")


@register.simple_tag(takes_context=True)
def page_links(context) -> PageLinks:
    """Return the :class:`PageLinks` of the present page; an error page links to the home pages and has no others.

    Reads from the context what the views of ``cms.pages.views`` put there: ``page_languages`` and ``page_query``,
    the valid part of the query string.
    """
    request = context.get("request")
    languages = context.get("page_languages")
    in_path = get_language_from_path(request.path_info) if request else None
    rest = request.path_info[len(in_path) + 1 :] if in_path and languages is not None else "/"
    query = context.get("page_query")
    current = active_language()
    links = {
        code: PageLink(
            code,
            escape_uri_path(f"{get_script_prefix()}{code}{rest}") + (f"?{query}" if query else ""),
            is_current=code == current,
            is_available=languages is None or code in languages,
        )
        for code in site_languages()
    }
    alternates = [links[code] for code in languages or []]
    default = alternates[0] if alternates else None
    return PageLinks(
        switch=list(links.values()),
        alternates=alternates,
        default=default,
        canonical=links[current] if current in (languages or []) else default,
    )


@register.simple_tag
def page_language() -> str:
    """Return the language of the page around its texts, for ``lang``: that of the interface."""
    return interface_language(active_language())


@register.simple_tag
def text_direction() -> str:
    """Return the direction of the page's language: ``ltr`` or ``rtl``."""
    return "rtl" if is_right_to_left(active_language()) else "ltr"


@register.simple_tag
def site_colour(name: str) -> str:
    """Return a colour of the style sheet by its name there."""
    return site_colours()[name]


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return the inline SVG of an icon, hidden from assistive technology; nothing for a name that is not known."""
    return icon_svg(name) if name in ICONS else mark_safe("")


@cache
def icon_svg(name: str) -> SafeString:
    return mark_safe(get_template(f"icons/{name}.svg").render().strip())  # noqa: S308 - our own file


@register.simple_tag
def years(first: int | None, last: int | None) -> str:
    """Return a period as text: "2020–2024", "since 2020", "until 2024" or nothing."""
    if first and last:
        return str(first) if first == last else f"{first}–{last}"
    if first:
        return _("since %(year)s") % {"year": first}
    return _("until %(year)s") % {"year": last} if last else ""


@register.filter
def grouped(value: int) -> str:
    """Return a number as the reader's language groups its digits: "1,234", "1 234", "1.234"."""
    return number_format(value, use_l10n=True, force_grouping=True)


@register.filter
def web_address(value: str) -> str:
    """Return ``value`` if it is an address of the web, else nothing: no row leads to ``javascript:``."""
    value = str(value or "")
    return value if value.startswith(("https://", "http://")) else ""


@register.simple_tag
def website(address: str) -> SafeString:
    """Return a link to a website under its own address, without what every address has."""
    name = address.partition("://")[2].removeprefix("www.").rstrip("/")
    return format_html('<a href="{}" dir="ltr">{}</a>', address, name) if web_address(address) else mark_safe("")


@register.simple_tag
def public_address(path: str) -> str:
    """Return the absolute address of a path of this site, on the site's public name."""
    return settings.SITE_URL + path


@register.filter
def file_type(filename: str) -> str:
    """Return the name that people know a format by: ``"PDF"`` for ``strategy.pdf``."""
    extension = filename.rsplit(".", 1)[-1].lower()
    return FILE_TYPES.get(extension, extension.upper())


@register.filter
def file_size(file: File) -> str:
    """Return the size of an uploaded file in words, or nothing where the storage does not have it."""
    try:
        return filesizeformat(file.size)
    except OSError:
        return ""


@register.tag
def capture(parser, token):
    """``{% capture name %}...{% endcapture %}``: keep a piece of the page, blocks included, to use it twice."""
    try:
        _tag, name = token.split_contents()
    except ValueError:
        raise template.TemplateSyntaxError("capture takes one argument: the name to keep its content under") from None
    nodelist = parser.parse(("endcapture",))
    parser.delete_first_token()
    return CaptureNode(nodelist, name)


class CaptureNode(template.Node):
    """Renders nothing; sets a variable to its content in one line."""

    def __init__(self, nodelist, name):
        self.nodelist = nodelist
        self.name = name

    def render(self, context):
        context[self.name] = mark_safe(" ".join(self.nodelist.render(context).split()))  # noqa: S308 - rendered
        return ""


@register.simple_tag(takes_context=True)
def slot(context: template.Context, name: str) -> SafeString:
    """Show what apps of higher floors have put into the room ``name`` (:mod:`cms.pages.slots`)."""
    with context.push():
        engine: Any = context.template and context.template.engine
        parts = [engine.get_template(each).render(context) for each in SLOTS.get(name, ())]
    return mark_safe("".join(parts))  # noqa: S308 - templates of ours, which escape what they show
