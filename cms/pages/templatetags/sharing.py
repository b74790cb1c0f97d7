"""How a page is found and shared: its title and description with the filters in force, its data and its picture."""

import html
from dataclasses import dataclass

from babel.core import Locale, UnknownLocaleError, get_global
from django import template
from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from cms.content.languages import active_language, localized
from cms.pages.filter_panel import FilterPanel
from cms.pages.share_card import ShareCard
from cms.pages.structured_data import absolute, breadcrumbs, json_ld, links_in, publisher_id

register = template.Library()

MOST_FILTERS = 4  # that a title or a description names


@dataclass(frozen=True)
class PageHead:
    """The title and the description of a page as search engines and link previews show them, escaped."""

    title: SafeString
    description: SafeString


@register.simple_tag(takes_context=True)
def page_head(context, title: str, description: str) -> PageHead:
    """Return the :class:`PageHead` of a page: a list says what it is filtered by, and which page of it this is."""
    panel, page = context.get("panel"), context.get("page_obj")
    active = panel.active[:MOST_FILTERS] if isinstance(panel, FilterPanel) else []
    if active:
        values = format_html_join(", ", "{}", ((str(choice.value),) for choice in active))
        title = format_html("{}: {}", title, values)
        named = format_html_join("; ", "{}: {}", ((choice.label, str(choice.value)) for choice in active))
        description = format_html("{}. {}", named, description)
    number = page.number if page else context.get("number", 1)
    if number > 1:
        title = format_html("{} – {}", title, _("page %(number)s") % {"number": number})
    return PageHead(conditional_escape(title), conditional_escape(description))


def is_public_page(context) -> bool:
    """Say whether the page that is rendered has an address that may be spread: no error page and no preview."""
    request = context.get("request")
    return bool(request) and context.get("page_languages") is not None and not getattr(request, "preview", None)


@register.simple_tag(takes_context=True)
def share_card(context, title: str, organization, pillars) -> str:
    """Return the address of the picture of the page, and leave what is on it with the request, for its view."""
    if not is_public_page(context):
        return ""
    request = context["request"]
    name = str(organization.label) if organization else str(_("Regional strategies"))
    colours = tuple(pillar.colour for pillar in pillars if pillar.colour)
    request.share_card = ShareCard(html.unescape(str(title)), name, colours)
    return settings.SITE_URL + request.share_card.url(request.path_info)


@register.filter
def open_graph_locale(language: str) -> str:
    """Return a language as the Open Graph protocol names it: ``language_TERRITORY`` (ogp.me, "Optional Metadata").

    A language without a territory of its own gets the one in which it is most likely met (Unicode CLDR, UTS 35,
    "Likely Subtags"), as ``ar`` gets ``ar_EG``; one that CLDR does not know gets none, and the text is empty.
    """
    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return ""
    written = f"{locale.language}_{locale.script}" if locale.script else locale.language
    territory = locale.territory or get_global("likely_subtags").get(written, "").rpartition("_")[2]
    return f"{locale.language}_{territory}" if territory.isalpha() else ""


@register.simple_tag(takes_context=True)
def structured_data(context, organization) -> SafeString:
    """The publisher, on the home page the site, and what the view says of its item (``structured_data``)."""
    if not is_public_page(context):
        return mark_safe("")
    nodes = []
    if organization:
        nodes.append(
            {
                "@type": "Organization",
                "@id": publisher_id(),
                "name": str(localized(organization, "name")),
                "alternateName": str(localized(organization, "acronym")),
                "url": organization.website or settings.SITE_URL,
                "logo": absolute(static("img/apple-touch-icon.png")),
            }
        )
    if context["request"].path_info == f"/{active_language()}/":
        nodes.append(
            {
                "@type": "WebSite",
                "@id": f"{settings.SITE_URL}/#website",
                "name": str(organization.label) if organization else _("Regional strategies"),
                "url": settings.SITE_URL + reverse("home"),
                "inLanguage": context["page_languages"],
                "publisher": {"@id": publisher_id()} if organization else None,
            }
        )
    return json_ld(*nodes, *context.get("structured_data", []))


@register.simple_tag(takes_context=True)
def breadcrumb_list(context, crumbs: str, title: str) -> SafeString:
    """The breadcrumb of the page as data: the links in ``crumbs``, which is a piece of the page, and the page."""
    if not is_public_page(context):
        return mark_safe("")
    return json_ld(breadcrumbs(links_in(crumbs), html.unescape(str(title))))
