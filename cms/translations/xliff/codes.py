"""Rich text as text and inline codes: each element has a number, and what a translator sends back must have the same
ones, in one another as an element may be."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from html import escape, unescape

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

TEXT, OPEN, CLOSE, EMPTY = "text", "open", "close", "empty"
TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)\b[^<>]*>")  # as the sanitiser writes it
INLINE = {"a", "em", "strong", "sub", "sup", "br"}
VOID = {"br"}


@dataclass(frozen=True)
class Token:
    """A run of text, or one end of an element: ``code`` is the number that both ends of it have."""

    kind: str
    text: str  # of a text as it reads, of a code its markup
    code: str = ""

    @property
    def is_inline(self) -> bool:
        match = TAG.match(self.text) if self.kind != TEXT else None
        return match is None or match[2] in INLINE


def tokens_of(text: str, *, is_rich: bool) -> list[Token]:
    """Return a text as tokens; the elements of a rich one are numbered in the order in which they begin."""
    if not is_rich:
        return [Token(TEXT, text)]
    found: list[Token] = []
    opened: list[str] = []
    end = number = 0
    for tag in TAG.finditer(text):
        if tag.start() > end:
            found.append(Token(TEXT, unescape(text[end : tag.start()])))
        end = tag.end()
        if tag[1]:
            found.append(Token(CLOSE, tag[0], opened.pop() if opened else ""))
            continue
        number += 1
        found.append(Token(EMPTY if tag[2] in VOID else OPEN, tag[0], str(number)))
        if tag[2] not in VOID:
            opened.append(str(number))
    return [*found, *([Token(TEXT, unescape(text[end:]))] if text[end:] else [])]


def text_of(tokens: Iterable[Token], *, is_rich: bool) -> str:
    """Return the text that tokens make."""
    return "".join(
        escape(token.text, quote=False) if is_rich and token.kind == TEXT else token.text for token in tokens
    )


def segments(tokens: Iterable[Token]) -> Iterator[tuple[bool, list[Token]]]:
    """Yield the tokens in runs, each with whether it is a passage to be translated: what stands inside a block."""
    run: list[Token] = []
    is_passage = True
    for token in tokens:
        if run and token.is_inline != is_passage:
            yield is_passage and has_text(run), run
            run = []
        is_passage = token.is_inline
        run.append(token)
    if run:
        yield is_passage and has_text(run), run


def has_text(tokens: Iterable[Token]) -> bool:
    return any(token.kind == TEXT and token.text.strip() for token in tokens)


def renumbered(target: list[Token], source: list[Token]) -> list[Token] | None:
    """Return a translation with the numbers that the same elements have in its source; ``None`` where it has not the
    same elements."""
    free: dict[tuple[str, str], list[str]] = {}
    for token in source:
        if token.kind in (OPEN, EMPTY):
            free.setdefault((token.kind, token.text), []).append(token.code)
    numbers: dict[str, str] = {}
    for token in target:
        if token.kind in (OPEN, EMPTY):
            if not (left := free.get((token.kind, token.text))):
                return None
            numbers[token.code] = left.pop(0)
    if any(free.values()):
        return None
    return [replace(token, code=numbers.get(token.code, "")) if token.kind != TEXT else token for token in target]


def restored(target: list[Token], source: list[Token]) -> list[Token]:
    """Return what came back with the markup of its source, which the numbers stand for.

    Raises ``ValidationError`` naming the first code that is missing, unknown, there twice, or not closed where it is.
    """
    markup = {(token.kind, token.code): token.text for token in source if token.kind != TEXT}
    opened: list[str] = []
    found, seen = [], set()
    for token in target:
        if token.kind == TEXT:
            found.append(token)
            continue
        key = token.kind, token.code
        if key not in markup or key in seen:
            raise broken(_("Code %(code)s is not in the source, or is there twice."), token.code)
        seen.add(key)
        if token.kind == OPEN:
            opened.append(token.code)
        elif token.kind == CLOSE and (not opened or opened.pop() != token.code):
            raise broken(_("Code %(code)s is not closed where it should be."), token.code)
        found.append(replace(token, text=markup[key]))
    for kind, code in markup:
        if (kind, code) not in seen:
            raise broken(_("Code %(code)s is missing: %(markup)s."), code, markup[kind, code])
    return found


def broken(message, code: str, markup: str = "") -> ValidationError:
    return ValidationError(message, code="codes", params={"code": code, "markup": markup[:80]})
