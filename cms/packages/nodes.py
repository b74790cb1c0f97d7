"""YAML as plain values with their lines, one item of a package at a time.

Only the parser's events are used: no value is turned into anything but text, so ``NO`` stays a country and
``2.10`` a chapter until the field that they are meant for reads them. JSON is read as the YAML that it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import yaml
from django.utils.translation import gettext as _

from cms.packages.layout import FORMAT
from cms.packages.problems import Location, Problems, similar
from cms.packages.sources import MAX_TEXT, PackageStream, Source, UnreadableText

MAX_DEPTH = 20
MAX_NODES = 100_000  # values of one item
NULLS = {"", "~", "null", "Null", "NULL"}
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # only its parser is used; C where PyYAML was built with it


@dataclass(slots=True)
class Scalar:
    """A text, number or date, as it is written. ``style`` is YAML's: ``""`` for plain, quote, ``|`` or ``>``."""

    text: str
    style: str
    line: int

    @property
    def is_null(self) -> bool:
        return not self.style and self.text in NULLS


@dataclass(slots=True)
class Sequence:
    """A list."""

    items: list
    line: int


@dataclass(slots=True)
class Mapping:
    """Keys with their values. ``lines`` are those of the keys."""

    entries: dict
    lines: dict[str, int]
    line: int


@dataclass(slots=True)
class Refused:
    """A value that was refused and noted as a problem."""

    line: int


Node = Scalar | Sequence | Mapping | Refused


class PackageReader:
    """Reads the files of a package item by item and notes what is not a package in them."""

    def __init__(self, collections: list[str], problems: Problems):
        self.collections = collections
        self.problems = problems
        self.is_complete = True  # whether every file could be read to its end

    def read(self, number: int, source: Source) -> Iterator[tuple[str, Node]]:
        """Yield the items of a file, the ``number``-th of the package, each with the name of its collection."""
        self.file = number
        self._nodes = 0
        try:
            self.stream = PackageStream(source)
        except OSError as error:
            self._fail(1, _("the file cannot be read: %(reason)s.") % {"reason": error.strerror})
            return
        try:
            self.events = yaml.parse(self.stream, Loader=Loader)  # type: ignore[arg-type] # it has the read() that the parser calls
            yield from self._document()
        except UnreadableText as error:
            self._fail(error.line, str(error))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            problem = "; ".join(filter(None, [error.context, error.problem]))
            self._fail(mark.line + 1 if mark else 1, _("not valid YAML: %(problem)s.") % {"problem": problem})
        except yaml.YAMLError as error:
            self._fail(1, _("not valid YAML: %(problem)s.") % {"problem": error})
        finally:
            self.stream.close()

    def _fail(self, line: int, message: str) -> None:
        self.is_complete = False
        self._problem(line, message)

    def _problem(self, line: int, message: str) -> None:
        self.problems.add(Location(self.file, line), message)

    def _next(self) -> yaml.Event:
        event = next(self.events)
        self.stream.unfinished = 0
        return event

    def _document(self) -> Iterator[tuple[str, Node]]:
        self._next()  # the start of the stream
        event = self._next()
        has_format = False
        if isinstance(event, yaml.DocumentStartEvent):
            event = self._next()
            if not isinstance(event, yaml.MappingStartEvent):
                raise UnreadableText(line_of(event), _("a package starts with “format: 1” and then its collections."))
            self._is_allowed(event)
            seen: set[str] = set()
            while not isinstance(event := self._next(), yaml.MappingEndEvent):
                name, line = self._key(event, seen), line_of(event)
                if name == "format":
                    has_format = True
                    self._check_format(self._node(self._next()))
                elif name in self.collections:
                    yield from self._collection(name)
                else:
                    if name is not None:
                        self._problem(
                            line,
                            _("there is no collection “%(name)s”.") % {"name": name[:80]}
                            + similar(name, self.collections),
                        )
                    self._skip(self._next())
            self._next()  # the end of the document
            event = self._next()
        if not has_format:
            self._problem(1, _("the key “format: 1” is missing."))
        if isinstance(event, yaml.DocumentStartEvent):
            raise UnreadableText(line_of(event), _("a second document starts; put each into a file of its own."))

    def _check_format(self, node: Node) -> None:
        if not (isinstance(node, Scalar) and node.text == str(FORMAT)):
            found = node.text if isinstance(node, Scalar) else "…"
            raise UnreadableText(
                node.line,
                _("format “%(found)s” is not known here; this site reads format %(format)d.")
                % {"found": found[:20], "format": FORMAT},
            )

    def _collection(self, name: str) -> Iterator[tuple[str, Node]]:
        event = self._next()
        if isinstance(event, yaml.ScalarEvent) and not event.style and event.value in NULLS:
            return
        if not isinstance(event, yaml.SequenceStartEvent):
            self._problem(line_of(event), f"{name}: " + _("expects a list of items, each with a dash before it."))
            self._skip(event)
            return
        self._is_allowed(event)
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            self._nodes = 0
            node = self._node(event)
            if isinstance(node, Mapping):
                yield name, node
            elif not isinstance(node, Refused):
                self._problem(node.line, f"{name}: " + _("expects items with keys such as “slug: …”."))

    def _node(self, event: yaml.Event, depth: int = 3) -> Node:
        """Build the value that starts with ``event``."""
        line = event.start_mark.line + 1  # type: ignore[union-attr] # the parser gives every event a mark
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise UnreadableText(line, _("this item has more than %(limit)d values.") % {"limit": MAX_NODES})
        if type(event) is yaml.ScalarEvent and not event.anchor and not event.tag and len(event.value) <= MAX_TEXT:
            return Scalar(event.value, event.style or "", line)  # nearly all of them, so first and quickly
        allowed = self._is_allowed(event)
        if isinstance(event, yaml.ScalarEvent):
            if len(event.value) > MAX_TEXT:
                self._problem(line, _("this text has more than %(limit)d characters.") % {"limit": MAX_TEXT})
            return Refused(line)
        if isinstance(event, yaml.AliasEvent):
            return Refused(line)
        if depth >= MAX_DEPTH:
            raise UnreadableText(line, _("lists and keys are nested more than %(limit)d deep.") % {"limit": MAX_DEPTH})
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(event := self._next(), yaml.SequenceEndEvent):
                items.append(self._node(event, depth + 1))
            return Sequence(items, line) if allowed else Refused(line)
        entries: dict = {}
        lines: dict[str, int] = {}
        seen: set[str] = set()
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            name, key_line = self._key(event, seen), line_of(event)
            node = self._node(self._next(), depth + 1)
            if name is not None:
                entries[name], lines[name] = node, key_line
        return Mapping(entries, lines, line) if allowed else Refused(line)

    def _key(self, event: yaml.Event, seen: set[str]) -> str | None:
        """Return the key that ``event`` is, or ``None`` with a problem noted; ``seen`` gets it."""
        if not isinstance(event, yaml.ScalarEvent):
            self._problem(line_of(event), _("a list or mapping cannot be a key."))
            self._skip(event)
            return None
        if not self._is_allowed(event):
            return None
        if event.value == "<<" and not event.style:
            self._problem(line_of(event), _("merge keys (<<) are not allowed in packages; write the values out."))
            return None
        if event.value in seen:
            self._problem(line_of(event), _("the key “%(key)s” is here twice.") % {"key": event.value[:80]})
            return None
        seen.add(event.value)
        return event.value

    def _skip(self, event: yaml.Event) -> None:
        """Pass over the value that starts with ``event``; what is refused everywhere is refused in it too."""
        depth = 0
        while True:
            self._is_allowed(event)
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth == 0:
                return
            event = self._next()

    def _is_allowed(self, event: yaml.Event) -> bool:
        """Note anchors, aliases and tags as problems and return whether there were none."""
        if isinstance(event, yaml.AliasEvent):
            message = _("aliases (*%(name)s) are not allowed in packages; write the value out.")
        elif getattr(event, "anchor", None):
            message = _("anchors (&%(name)s) are not allowed in packages; write each value out.")
        elif getattr(event, "tag", None):
            message = _("tags (%(name)s) are not allowed in packages; leave the tag out.")
        else:
            return True
        name = getattr(event, "anchor", None) or event.tag  # type: ignore[attr-defined] # else it has a tag
        self._problem(line_of(event), message % {"name": name[:80]})
        return False


def line_of(event: yaml.Event) -> int:
    """Return the line of an event, from 1."""
    return event.start_mark.line + 1  # type: ignore[union-attr] # the parser gives every event a mark
