"""Draws the picture of a page (:mod:`cms.pages.share_card`), in a child process that knows no settings."""

from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from cms.content.characters import without_forbidden

SIZE = (1200, 630)  # pixels: 1.91 to 1, which the services that show such pictures ask for
MARGIN, STRIPE = 80, 28
TITLE_SIZES = (76, 66, 58, 50, 44)
TITLE_HEIGHT = 330
# The characters that the font has; a text with any other is left out of the picture.
COVERED = (
    *((0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0xFF), (0x131, 0x131), (0x152, 0x153), (0x2013, 0x2014), (0x2018, 0x201A)),
    *((0x201C, 0x201E), (0x2022, 0x2022), (0x2026, 0x2026), (0x2039, 0x203A), (0x20AC, 0x20AC), (0x2122, 0x2122)),
)
# Spaces and hyphens that only say where a line may break.
PLAIN = str.maketrans(
    {"\xad": "", "\u202f": "\xa0", "\u2009": " ", "\u2010": "-", "\u2011": "-", "\u200e": "", "\u200f": ""}
)


def plain(text: str) -> str:
    """Return ``text`` without what is not drawn."""
    return without_forbidden(text).translate(PLAIN)


def is_covered(text: str) -> bool:
    """Say whether the font has every character of ``text``."""
    return all(any(first <= ord(character) <= last for first, last in COVERED) for character in text)


@cache
def font(file: bytes, size: int, weight: int) -> ImageFont.FreeTypeFont | None:
    """Return the site's font; ``None`` where the system's FreeType cannot read it (WOFF2 needs Brotli)."""
    try:
        found = ImageFont.truetype(BytesIO(file), size)
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


def fitted(text: str, file: bytes, width: int) -> tuple[int, list[str]]:
    """Return the largest size in which ``text`` fits, and its lines; at the smallest, what fits of it."""
    for size in TITLE_SIZES:
        lines = wrapped(text, font(file, size, 700), width)  # type: ignore[arg-type] # the font can be read here
        most = int(TITLE_HEIGHT / (size * 1.16))
        if len(lines) <= most:
            return size, lines
    return size, [*lines[: most - 1], lines[most - 1].rstrip(" ,;:") + " …"]


def draw(card: dict, files: dict[str, bytes]) -> bytes:
    """Return the picture of ``card`` as PNG.

    A card has ``title``, ``site_name`` and ``host``, and the colours ``colours``, ``paper``, ``ink`` and ``soft``;
    ``files`` has the ``font``.
    """
    width, height = SIZE
    picture = Image.new("RGB", SIZE, card["paper"])
    pen = ImageDraw.Draw(picture)
    colours = card["colours"] or (card["soft"],)
    for number, colour in enumerate(colours):
        left, right = (round(width * n / len(colours)) for n in (number, number + 1))
        pen.rectangle((left, height - STRIPE, right, height), fill=colour)
    pen.rectangle((MARGIN, MARGIN, MARGIN + 72, MARGIN + 10), fill=colours[0])
    if font(files["font"], 30, 600) is not None:
        write(pen, card, files["font"])
    output = BytesIO()
    picture.quantize(64).save(output, "PNG", optimize=True)
    return output.getvalue()


def write(pen: ImageDraw.ImageDraw, card: dict, file: bytes) -> None:
    """Write whose site it is, where it is, and the title; what the font lacks is left out."""
    width, height = SIZE
    inside = width - 2 * MARGIN
    for named, top, weight in ((card["site_name"], MARGIN + 34, 600), (card["host"], height - STRIPE - 70, 400)):
        text, face = plain(named), font(file, 30, weight)
        if is_covered(text):
            line = wrapped(text, face, inside)[:1]  # type: ignore[arg-type] # the font can be read here
            pen.text((MARGIN, top), "".join(line), fill=card["soft"], font=face)
    title = plain(card["title"])
    if title and is_covered(title):
        size, lines = fitted(title, file, inside)
        for number, part in enumerate(lines):
            place = (MARGIN, MARGIN + 100 + number * round(size * 1.16))
            pen.text(place, part, fill=card["ink"], font=font(file, size, 700))
