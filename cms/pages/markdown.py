"""Every public page as Markdown (RFC 7763) at its own address with ``.md``, for tools that read text.

Made from the rendered page, so it shows what the page shows, and only that: the content of ``<main>`` without what
is there to be clicked.
"""

from http import HTTPStatus
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag
from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _
from markdownify import ATX, MarkdownConverter

from cms.content.characters import without_forbidden
from cms.content.languages import active_language
from cms.pages.inside import page_inside
from cms.pages.stored.views import StoredView

HOME = "index"  # the name of the page that has none: /en/index.md
# What a page has for its readers on a screen, and no text of its own.
LEFT_OUT = (
    "nav, form, svg, img, button, input, [aria-hidden=true], "
    ".notice, .page-languages, .anchor, .side--filters, .active-filters, .page-head__actions, .embed, .page-updates a"
)


class Converter(MarkdownConverter):
    """Markdown of our pages: terms and their values in lists, the language of a fallback in brackets."""

    def convert_dt(self, el, text, parent_tags):
        return f"\n- {text.strip()}: " if text.strip() else ""

    def convert_dd(self, el, text, parent_tags):
        return " ".join(text.split())

    def convert_div(self, el, text, parent_tags):
        return text if "_inline" in parent_tags or el.find_parent("dl") else f"\n\n{text.strip()}\n\n"

    def convert_section(self, el, text, parent_tags):
        return f"\n\n{text.strip()}\n\n"

    def convert_span(self, el, text, parent_tags):
        if "language-label" in el.get("class", []):
            return f"[{text.strip()}]"
        return text

    def convert_time(self, el, text, parent_tags):
        return f"{text} "


def markdown_of(page: str, *, address: str) -> str:
    """Return the content of a rendered page as Markdown; links become absolute, from ``address``."""
    main = BeautifulSoup(without_forbidden(page), "html.parser").find("main")
    if not isinstance(main, Tag):
        return ""
    for element in main.select(LEFT_OUT):
        element.decompose()
    for link in main.select("a[href]"):
        link["href"] = urljoin(address, str(link["href"]))
    for element in main.select(".meta > *, .eyebrow > *, .objective__code"):
        element.append(" ")
    text = Converter(heading_style=ATX, bullets="-", escape_misc=False).convert_soup(main)
    lines = [line.rstrip() for line in text.splitlines()]
    kept = [line for number, line in enumerate(lines) if line.strip() or (number and lines[number - 1].strip())]
    return "\n".join(kept).strip() + "\n"


class MarkdownView(StoredView):
    """``/<language>/<page>.md``; what the page answers otherwise (404, 410, a redirect) it answers too."""

    content_type = "text/markdown; charset=utf-8"
    stored_parameters = None  # those of the page
    is_indexed = False  # the page itself is what is to be found

    @property
    def page_path(self) -> str:
        """The path of the page that is asked for."""
        page = self.kwargs["page"]
        return f"/{active_language()}/" if page == HOME else f"/{active_language()}/{page}/"

    def headers(self) -> dict[str, str]:
        return {"Link": f'<{settings.SITE_URL}{escape_uri_path(self.page_path)}>; rel="canonical"'}

    def make(self) -> bytes | HttpResponse:
        inner, response = page_inside(self.request, self.page_path)
        if response.status_code != HTTPStatus.OK:
            moved = response.headers.get("Location", "").partition("?")[0]
            if not moved:
                raise Http404
            return HttpResponsePermanentRedirect(f"{moved.rstrip('/')}.md", headers={"Cache-Control": "no-cache"})
        query = self.request.META.get("QUERY_STRING", "")
        address = settings.SITE_URL + escape_uri_path(inner.path) + (f"?{query}" if query else "")
        source = _("Source: %(address)s") % {"address": f"<{address}>"}
        return f"{markdown_of(response.text, address=address)}\n---\n\n{source}\n".encode()
