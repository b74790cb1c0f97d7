"""The picture that stands for a page where it is shared (Open Graph): its title in the colours of the site.

The address of a picture holds the hash of what is on it, so it may be kept for long and changes with the title. It is
drawn by a child process (:mod:`cms.pages.share_drawing`).
"""

from dataclasses import asdict, dataclass, field
from functools import cache
from hashlib import sha256

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext_lazy as _

from cms.content.runner import Busy, Refused, Runner
from cms.pages.colours import site_colours
from cms.pages.inside import page_inside
from cms.pages.later import come_back
from cms.pages.stored.views import StoredView

LOOKS = 1  # to be counted up when the drawing changes
PAPER, INK, SOFT = (site_colours()[name] for name in ("brand", "on-brand", "on-brand-soft"))
FONT = settings.BASE_DIR / "static" / "fonts" / "hanken-grotesk.woff2"
MAX_AGE = 7 * 24 * 60 * 60  # seconds

cards = Runner("pictures of pages", "cms.pages.share_drawing", "PIL.PngImagePlugin")


@dataclass(frozen=True)
class ShareCard:
    """What is on a picture: the title of the page, whose site it is, and the colours of the stripe below."""

    title: str
    site_name: str
    colours: tuple[str, ...] = field(default=())

    @property
    def digest(self) -> str:
        """The part of the address that changes with what is on the picture."""
        return sha256(repr((LOOKS, settings.SITE_URL, self)).encode()).hexdigest()[:16]

    def url(self, path: str) -> str:
        """Return the path of the picture for the page at ``path``."""
        return reverse("share-card", args=[self.digest, path.strip("/")])


class ShareCardView(StoredView):
    """``/share/<hash>/<language>/<page>.png``; an old hash leads to the picture as it is now."""

    content_type = "image/png"
    cache_control = f"public, max-age={MAX_AGE}"
    is_indexed = False

    def make(self) -> bytes | HttpResponse:
        path = f"/{self.kwargs['page']}/"
        page, response = page_inside(self.request, path)
        card = getattr(page, "share_card", None)
        if response.status_code != 200 or card is None:
            raise Http404
        if card.digest != self.kwargs["digest"]:
            return HttpResponseRedirect(escape_uri_path(card.url(path)), headers={"Cache-Control": "no-cache"})
        try:
            return drawn(card)
        except (Busy, Refused):
            return come_back(_("Many pictures are being made. Try again in a few seconds."))


@cache
def font_file() -> bytes:
    return FONT.read_bytes()


def drawn(card: ShareCard) -> bytes:
    """Return the picture as PNG; raises :class:`Busy` and :class:`Refused`."""
    host = settings.SITE_URL.partition("://")[2]
    looks = {"paper": PAPER, "ink": INK, "soft": SOFT}
    return cards.run("cms.pages.share_drawing:draw", {**asdict(card), "host": host, **looks}, {"font": font_file()})
