"""The words of a rich text with the formatting that each has: links, emphasis, and the block that it stands in."""

from dataclasses import dataclass
from html.parser import HTMLParser

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

Format = str | Promise

# What the words inside an element have, by its tag; a paragraph has nothing.
FORMATS: dict[str, Format] = {
    "strong": _("Bold"),
    "b": _("Bold"),
    "em": _("Italic"),
    "i": _("Italic"),
    "sub": _("Subscript"),
    "sup": _("Superscript"),
    "h3": _("Heading"),
    "h4": _("Subheading"),
    "blockquote": _("Quotation"),
    "ul": _("List"),
    "ol": _("Numbered list"),
    "th": _("Header cell"),
    "table": _("Table"),
}
VOID = {"br", "hr", "img", "col"}
LINES = {"p", "h3", "h4", "li", "blockquote", "tr", "td", "th", "br"}  # where a line starts
LINE_START = _("Start of a paragraph or line")


@dataclass(frozen=True)
class FormattedWord:
    """A word or sign, what it has, and which of that it has of links."""

    text: str
    spaced: bool  # whether white space stands before it
    formats: tuple[Format, ...]
    links: tuple[Format, ...]


def formats_of(tag: str, attributes: dict[str, str | None]) -> list[Format]:
    """Return what the words inside an element have."""
    formats = [FORMATS[tag]] if tag in FORMATS else []
    if tag == "ol" and attributes.get("start", "1") != "1":
        formats.append(format_lazy("{}: {}", _("First number"), attributes["start"]))
    if tag in ("td", "th") and {attributes.get("colspan", "1"), attributes.get("rowspan", "1")} != {"1"}:
        formats.append(_("Merged cell"))
    return formats


def links_of(tag: str, attributes: dict[str, str | None]) -> list[Format]:
    """Return the address of a link, and what it says when it is pointed at."""
    if tag != "a":
        return []
    named = ((_("Link"), attributes.get("href")), (_("Title"), attributes.get("title")))
    return [format_lazy("{}: {}", name, value) for name, value in named if value]


class Reader(HTMLParser):
    """Collects the words of sanitised HTML as :class:`FormattedWord`."""

    def __init__(self, split):
        super().__init__()
        self.split, self.words = split, []
        self.open: list[tuple[str, list[Format], list[Format]]] = []
        self.starts_line, self.spaced = True, False

    def handle_starttag(self, tag, attrs):
        if tag in LINES:
            self.starts_line = True
        if tag not in VOID:
            attributes = dict(attrs)
            self.open.append((tag, formats_of(tag, attributes), links_of(tag, attributes)))

    def handle_endtag(self, tag):
        if tag in LINES:
            self.starts_line = True
        opened = [number for number, entry in enumerate(self.open) if entry[0] == tag]
        if opened:
            del self.open[opened[-1] :]

    def handle_data(self, data):
        for text in self.split(data):
            if not text.isspace():
                self.words.append(self.word(text))
            self.starts_line, self.spaced = self.starts_line and text.isspace(), text.isspace()

    def word(self, text: str) -> FormattedWord:
        formats = [name for _tag, found, _links in self.open for name in found]
        links = [name for _tag, _formats, found in self.open for name in found]
        if self.starts_line:
            formats.append(LINE_START)
        return FormattedWord(text, self.spaced or self.starts_line, tuple(formats), tuple(links))


def formatted_words(markup: str, split) -> list[FormattedWord]:
    """Return the words of ``markup``, which ``split`` cuts from a text, in their order."""
    reader = Reader(split)
    reader.feed(markup)
    reader.close()
    return reader.words
