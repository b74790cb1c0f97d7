"""Items as text, one after the other: YAML for people to read and compare, or JSON.

What comes out depends on nothing but the items: the same content gives the same bytes.
"""

import datetime
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from yaml import ScalarNode
from yaml.resolver import Resolver

from cms.packages.layout import FORMAT

WIDTH = 100
# Characters that a reader would not see as they are, or that YAML takes for the end of a line.
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\xa0\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe\uffff]")
SIMPLE = re.compile(r"\w[^\n\t]*")
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]*")
RESOLVER = Resolver()

Item = dict[str, Any]


def yaml_lines(collections: Iterator[tuple[str, Iterator[Item]]]) -> Iterator[str]:
    """Yield the lines of a package in YAML, each with its end."""
    yield f"format: {FORMAT}\n"
    for name, items in collections:
        has_items = False
        for item in items:
            if not has_items:
                yield f"\n{name}:\n"
                has_items = True
            else:
                yield "\n"
            yield from item_lines(item, "  ")


def item_lines(item: Item, indent: str) -> Iterator[str]:
    """Yield the lines of an item of a list."""
    start = f"{indent}- "
    for line in mapping_lines(item, indent + "  "):
        yield start + line.removeprefix(indent + "  ") if start else line
        start = ""


def mapping_lines(mapping: Item, indent: str) -> Iterator[str]:
    """Yield the lines of keys with their values."""
    for key, value in mapping.items():
        if isinstance(value, dict):
            yield f"{indent}{scalar(key)}:\n"
            yield from mapping_lines(value, indent + "  ")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield f"{indent}{scalar(key)}:\n"
            for item in value:
                yield from item_lines(item, indent + "  ")
        elif isinstance(value, list):
            yield from list_lines(key, [scalar(each) for each in value], indent)
        elif isinstance(value, str):
            yield from text_lines(key, value, indent)
        else:
            yield f"{indent}{scalar(key)}: {scalar(value)}\n"


def list_lines(key: str, words: list[str], indent: str) -> Iterator[str]:
    """Yield a list of words: in one line where they fit, else in a line each."""
    line = f"{indent}{scalar(key)}: [{', '.join(words)}]"
    if len(line) <= WIDTH:
        yield line + "\n"
    else:
        yield f"{indent}{scalar(key)}:\n"
        for word in words:
            yield f"{indent}  - {word}\n"


def text_lines(key: str, text: str, indent: str) -> Iterator[str]:
    """Yield a text in the plainest form that reads back as the same text."""
    room = WIDTH - len(indent) - len(key) - 2
    is_hidden = HIDDEN.search(text) or "\t" in text
    lines = text.split("\n")
    if len(lines) > 1 and not is_hidden and lines[0][:1].strip() and lines[-1] and not any(map(ends_in_space, lines)):
        yield f"{indent}{scalar(key)}: |-\n"
        for line in lines:
            yield f"{indent}  {line}\n" if line else "\n"
    elif len(lines) == 1 and len(text) > room and not is_hidden and "  " not in text and text == text.strip():
        yield f"{indent}{scalar(key)}: >-\n"
        for line in folded(text, WIDTH - len(indent) - 2):
            yield f"{indent}  {line}\n"
    elif is_plain(text):
        yield f"{indent}{scalar(key)}: {text}\n"
    else:
        yield f"{indent}{scalar(key)}: {quoted(text)}\n"


def ends_in_space(line: str) -> bool:
    return line[-1:] == " "


def folded(text: str, width: int) -> Iterator[str]:
    """Yield the words of ``text`` in lines of at most ``width`` characters, where words are not longer."""
    line = ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line


def is_plain(text: str) -> bool:
    """Say whether any YAML reader takes ``text``, without quotes, for just this text."""
    return bool(
        SIMPLE.fullmatch(text)
        and ": " not in text
        and " #" not in text
        and text[-1] not in ": "
        and not HIDDEN.search(text)
        and is_text_when_plain(text)
    )


def is_text_when_plain(text: str) -> bool:
    """Say whether YAML 1.1 sees a text in this word, and not a number, a date, or yes and no."""
    return RESOLVER.resolve(ScalarNode, text, (True, False)) == "tag:yaml.org,2002:str"


def quoted(text: str) -> str:
    """Return ``text`` in double quotes."""
    return with_escapes(json.dumps(text, ensure_ascii=False))


def with_escapes(text: str) -> str:
    """Return quoted text with what cannot be seen in it written as JSON and YAML escapes."""
    return HIDDEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def scalar(value: Any) -> str:
    """Return a word, number or date that may stand anywhere, in a list too."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, int | float):
        return repr(value)
    text = str(plain_value(value))
    return text if WORD.fullmatch(text) and is_text_when_plain(text) else quoted(text)


def plain_value(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def json_lines(collections: Iterator[tuple[str, Iterator[Item]]]) -> Iterator[str]:
    """Yield the text of a package in JSON in pieces, an item at a time."""
    yield f'{{\n  "format": {FORMAT}'
    for name, items in collections:
        separator = f",\n  {json.dumps(name)}: [\n"
        has_items = False
        for item in items:
            text = with_escapes(json.dumps(item, ensure_ascii=False, indent=2, default=plain_value))
            yield separator + "    " + text.replace("\n", "\n    ")
            separator, has_items = ",\n", True
        if has_items:
            yield "\n  ]"
    yield "\n}\n"
