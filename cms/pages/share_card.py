"""The picture that stands for a page where it is shared (Open Graph): its title in the colours of the site.

The address of a picture holds the hash of what is on it, so it may be kept for long and changes with the title.
"""

from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from io import BytesIO

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.encoding import escape_uri_path
from PIL import Image, ImageDraw, ImageFont

from cms.content.characters import without_forbidden
from cms.pages.colours import site_colours
from cms.pages.inside import page_inside
from cms.pages.stored.views import StoredView

LOOKS = 1  # to be counted up when the drawing changes
SIZE = (1200, 630)  # pixels: 1.91 to 1, which the services that show such pictures ask for
MARGIN, STRIPE = 80, 28
PAPER, INK, SOFT = (site_colours()[name] for name in ("brand", "on-brand", "on-brand-soft"))
TITLE_SIZES = (76, 66, 58, 50, 44)
TITLE_HEIGHT = 330
FONT = settings.BASE_DIR / "static" / "fonts" / "hanken-grotesk.woff2"
# The characters that the font has; a text with any other is left out of the picture.
COVERED = (
    *((0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0xFF), (0x131, 0x131), (0x152, 0x153), (0x2013, 0x2014), (0x2018, 0x201A)),
    *((0x201C, 0x201E), (0x2022, 0x2022), (0x2026, 0x2026), (0x2039, 0x203A), (0x20AC, 0x20AC), (0x2122, 0x2122)),
)
# Spaces and hyphens that only say where a line may break.
PLAIN = str.maketrans(
    {"\xad": "", "\u202f": "\xa0", "\u2009": " ", "\u2010": "-", "\u2011": "-", "\u200e": "", "\u200f": ""}
)
MAX_AGE = 7 * 24 * 60 * 60  # seconds


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
        return draw(card)


def plain(text: str) -> str:
    """Return ``text`` without what is not drawn."""
    return without_forbidden(text).translate(PLAIN)


def is_covered(text: str) -> bool:
    """Say whether the font has every character of ``text``."""
    return all(any(first <= ord(character) <= last for first, last in COVERED) for character in text)


@cache
def font(size: int, weight: int) -> ImageFont.FreeTypeFont | None:
    """Return the site's font; ``None`` where the system's FreeType cannot read it (WOFF2 needs Brotli)."""
    try:
        found = ImageFont.truetype(FONT, size)
        found.set_variation_by_axes([weight])
    except (OSError, NotImplementedError):
        return None
    return found


def wrapped(text: str, face: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Return the lines of ``text`` that fit into ``width`` pixels; a word that is too long is cut."""
    lines, line = [], ""
    for word in text.split():
        while face.getlength(word) > width:
            cut = next(n for n in range(len(word) - 1, 0, -1) if face.getlength(word[:n]) <= width)
            lines += [line] if line else []
            lines, line, word = [*lines, word[:cut]], "", word[cut:]
        longer = f"{line} {word}".strip()
        if line and face.getlength(longer) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line] if line else lines


def fitted(text: str, width: int) -> tuple[int, list[str]]:
    """Return the largest size in which ``text`` fits, and its lines; at the smallest, what fits of it."""
    for size in TITLE_SIZES:
        lines = wrapped(text, font(size, 700), width)  # type: ignore[arg-type] # the font can be read here
        most = int(TITLE_HEIGHT / (size * 1.16))
        if len(lines) <= most:
            return size, lines
    return size, [*lines[: most - 1], lines[most - 1].rstrip(" ,;:") + " …"]


def draw(card: ShareCard) -> bytes:
    """Return the picture as PNG."""
    width, height = SIZE
    picture = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(picture)
    colours = card.colours or (SOFT,)
    for number, colour in enumerate(colours):
        left, right = (round(width * n / len(colours)) for n in (number, number + 1))
        pen.rectangle((left, height - STRIPE, right, height), fill=colour)
    pen.rectangle((MARGIN, MARGIN, MARGIN + 72, MARGIN + 10), fill=colours[0])
    if font(30, 600) is not None:
        host = settings.SITE_URL.partition("://")[2]
        for named, top, weight in ((card.site_name, MARGIN + 34, 600), (host, height - STRIPE - 70, 400)):
            text = plain(named)
            if is_covered(text):
                line = wrapped(text, font(30, weight), width - 2 * MARGIN)[:1]  # type: ignore[arg-type] # the font can be read here
                pen.text((MARGIN, top), "".join(line), fill=SOFT, font=font(30, weight))
        title = plain(card.title)
        if title and is_covered(title):
            size, lines = fitted(title, width - 2 * MARGIN)
            for number, part in enumerate(lines):
                place = (MARGIN, MARGIN + 100 + number * round(size * 1.16))
                pen.text(place, part, fill=INK, font=font(size, 700))
    output = BytesIO()
    picture.quantize(64).save(output, "PNG", optimize=True)
    return output.getvalue()
