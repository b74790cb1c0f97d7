"""Items as records: what an item says about each column, as plain data that fits on a line of a temporary file.

What is wrong with an item by itself is found here; what depends on other rows is found later.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cms.content.fields import is_rich
from cms.content.links import targets, validate_links
from cms.packages.files import checked_digest, find_file
from cms.packages.layout import SEPARATOR, Key, Kind, PackageSchema, RowSchema, name_paths
from cms.packages.links import read_names
from cms.packages.nodes import Mapping, Node, Refused, Scalar, Sequence
from cms.packages.problems import LeftOut, Location, Problems, similar
from cms.packages.values import check_choice, clean, shortened, text_of

Record = dict[str, Any]
Teller = Callable[[list[str]], None]


class RecordReader:
    """Turns the items of one file into records.

    A record has ``at`` (file and line), ``about`` (what messages call it), ``name`` (its natural key, joined by
    ``/``; empty where rows have none, ``None`` where it is wrong), ``lines`` (of the keys), ``bad`` (the keys that
    have problems), and what the item says: ``id``, ``status``, ``values`` by column, ``files``, ``references`` and
    ``related`` by field, ``links`` by column (see :func:`read_names`), ``children`` by key. Keys that the item does
    not have are in none of them.
    """

    def __init__(self, schema: PackageSchema, problems: Problems, file: int, folder: Path, dropped: LeftOut):
        self.schema = schema
        self.problems = problems
        self.dropped = dropped
        self.file = file
        self.folder = folder
        self.wanted: dict[type, set[str]] = {}
        self.readers = {
            Kind.ID: self._read_id,
            Kind.STATUS: self._read_status,
            Kind.VALUE: self._read_value,
            Kind.TRANSLATED: self._read_translated,
            Kind.FILE: self._read_file,
            Kind.REFERENCE: self._read_reference,
            Kind.RELATED: self._read_related,
            Kind.CHILDREN: self._read_children,
        }

    def read(self, rows: RowSchema, node: Mapping, above: Record | None = None, number: int = 0) -> Record:
        """Return the record of an item or, with ``above``, of the ``number``-th child in a list of that item."""
        record: Record = {
            "at": (self.file, node.line),
            "about": "",
            "name": None,
            "bad": [],
            "lines": node.lines,
            "values": {},
            "files": {},
            "references": {},
            "links": {},
            "related": {},
            "children": {},
        }
        label = shortened(self._label(rows, node), 200)
        about = f"{rows.name} {number}" if number and not label else f"{rows.name} “{label}”" if label else rows.name
        record["about"] = f"{above['about']}: {about}" if above else about
        for name, value in node.entries.items():
            key = rows.keys.get(name)
            if key is None:
                self._refuse(
                    record,
                    name,
                    _("there is no key “%(key)s” here.") % {"key": shortened(name)} + similar(name, rows.keys),
                )
            elif isinstance(value, Refused):
                record["bad"].append(name)
            else:
                self.readers[key.kind](record, key, value)
        record["name"] = self._name(rows, record)
        return record

    def _label(self, rows: RowSchema, node: Mapping) -> str:
        parts = [node.entries.get(name) for name in rows.natural_key]
        return SEPARATOR.join(part.text for part in parts if isinstance(part, Scalar))

    def _name(self, rows: RowSchema, record: Record) -> str | None:
        parts = []
        for name in rows.natural_key:
            part = record["values"].get(name, record["references"].get(name))
            if part is None or part == "":
                if name not in record["bad"]:
                    self._refuse(record, name, _("is required: it names the item."))
                return None
            parts.append(str(part))
        return SEPARATOR.join(parts)

    def _refuse(self, record: Record, key: str, message: str, *, within: str = "", line: int | None = None) -> None:
        record["bad"].append(key)
        line = line or record["lines"].get(key) or record["at"][1]
        shown = f"{key}.{within}" if within else key
        self.problems.add(Location(self.file, line), record["about"], shown, message)

    def _teller(self, record: Record, key: str, *, within: str = "", line: int | None = None) -> Teller:
        """Return what notes the things that were left out of a text, with its line."""
        place = Location(self.file, line or record["lines"].get(key) or record["at"][1])
        shown = f"{key}.{within}" if within else key

        def tell(dropped: list[str]) -> None:
            if dropped:
                message = _("left out: %(what)s.") % {"what": ", ".join(dropped)}
                self.dropped.add(place, record["about"], shown, message)

        return tell

    def _refuse_all(self, record: Record, key: str, error: ValidationError, **where: Any) -> None:
        for message in error.messages:
            self._refuse(record, key, message, **where)

    def _scalar(self, record: Record, key: Key, node: Node, expected: str) -> str | None:
        """Return the text of a scalar that is not null, or ``None`` with a problem noted."""
        if not isinstance(node, Scalar) or node.is_null:
            self._refuse(record, key.name, expected)
            return None
        try:
            return text_of(node)
        except ValidationError as error:
            self._refuse_all(record, key.name, error)
            return None

    def _read_id(self, record: Record, key: Key, node: Node) -> None:
        expected = _("expects a UUID such as 123e4567-e89b-12d3-a456-426614174000.")
        if text := self._scalar(record, key, node, expected):
            try:
                record["id"] = str(UUID(text))
            except ValueError:
                self._refuse(record, key.name, expected)

    def _read_status(self, record: Record, key: Key, node: Node) -> None:
        names = ", ".join(name for name, _label in key.field.flatchoices)
        text = self._scalar(record, key, node, _("expects one of: %(choices)s.") % {"choices": names})
        if text is not None:
            try:
                check_choice(key.field, text)
                record["status"] = text
            except ValidationError as error:
                self._refuse_all(record, key.name, error)

    def _read_value(self, record: Record, key: Key, node: Node) -> None:
        if not isinstance(node, Scalar):
            message = _("expects one value, not a list or a mapping.")
            if isinstance(node, Mapping):
                message = _("expects one value: this field is not translated.")
            self._refuse(record, key.name, message)
            return
        try:
            tell = self._teller(record, key.name)
            record["values"][key.field.name] = self._value(record, key.field, node, tell)
        except ValidationError as error:
            self._refuse_all(record, key.name, error)

    def _value(self, record: Record, field: Any, node: Scalar, tell: Teller) -> Any:
        """Return the value that ``node`` gives to ``field``, and remember the items that it links to by name. ``tell``
        is called with what was left out of a rich text."""
        if not is_rich(field):
            return clean(field, node)
        text, named = read_names(node.text, self.schema)
        validate_links(text)
        if named:
            record["links"][field.name] = named
            for label, name in named.values():
                self.wanted.setdefault(targets()[label], set()).add(name)
        return clean(field, replace(node, text=text), tell)

    def _read_translated(self, record: Record, key: Key, node: Node) -> None:
        if isinstance(node, Scalar) and node.is_null:
            record["values"].update({each.name: "" for each in key.columns.values()})
            return
        if not isinstance(node, Mapping):
            self._refuse(record, key.name, _("expects a text for each language, as in {en: …, es: …}."))
            return
        for language, value in node.entries.items():
            where: dict[str, Any] = {"within": shortened(language), "line": node.lines[language]}
            column = key.columns.get(language)
            if column is None:
                known = ", ".join(key.columns)
                self._refuse(
                    record,
                    key.name,
                    _("“%(language)s” is not a language of this site; it has: %(known)s.")
                    % {"language": shortened(language), "known": known},
                    **where,
                )
            elif isinstance(value, Refused):
                record["bad"].append(key.name)
            elif not isinstance(value, Scalar):
                self._refuse(record, key.name, _("expects a text."), **where)
            else:
                try:
                    tell = self._teller(record, key.name, **where)
                    record["values"][column.name] = self._value(record, column, value, tell)
                except ValidationError as error:
                    self._refuse_all(record, key.name, error, **where)

    def _read_file(self, record: Record, key: Key, node: Node) -> None:
        if isinstance(node, Scalar) and node.is_null:
            if key.field.blank:
                record["files"][key.name] = None
            else:
                self._refuse(record, key.name, _("cannot be empty."))
            return
        text = self._scalar(record, key, node, _("expects the path of a file beside the package."))
        if text is not None:
            try:
                path = find_file(self.folder, text)
                record["files"][key.name] = [str(path), checked_digest(key.field, path)]
            except ValidationError as error:
                self._refuse_all(record, key.name, error)

    def _reference(self, record: Record, key: Key, node: Node, line: int | None = None) -> str | None:
        """Return the name of another row, and remember that it is asked for."""
        parts = name_paths(key.target)
        form = SEPARATOR.join(path.replace("__", "-") for path in parts)
        if isinstance(node, Scalar) and not node.is_null:
            try:
                text = text_of(node)
            except ValidationError as error:
                self._refuse_all(record, key.name, error, line=line)
                return None
            if text.count(SEPARATOR) >= len(parts) - 1 and text:
                self.wanted.setdefault(key.target, set()).add(text)
                return text
        if not isinstance(node, Refused):
            self._refuse(
                record,
                key.name,
                _("expects the name of one of the %(rows)s: %(form)s.")
                % {"rows": self.schema.by_model[key.target].name, "form": form},
                line=line,
            )
        return None

    def _read_reference(self, record: Record, key: Key, node: Node) -> None:
        if isinstance(node, Scalar) and node.is_null:
            if key.field.null:
                record["references"][key.name] = None
            else:
                self._refuse(record, key.name, _("cannot be empty."))
        elif (name := self._reference(record, key, node)) is not None:
            record["references"][key.name] = name

    def _items(self, record: Record, key: Key, node: Node) -> list[Node] | None:
        if isinstance(node, Scalar) and node.is_null:
            return []
        if isinstance(node, Sequence):
            return node.items
        self._refuse(record, key.name, _("expects a list."))
        return None

    def _read_related(self, record: Record, key: Key, node: Node) -> None:
        items = self._items(record, key, node)
        if items is None:
            return
        found: dict[str, int] = {}
        for item in items:
            name = self._reference(record, key, item, item.line)
            if name in found:
                self._refuse(record, key.name, _("“%(name)s” is here twice.") % {"name": name}, line=item.line)
            elif name is not None:
                found[name] = item.line
        record["related"][key.name] = list(found.items())

    def _read_children(self, record: Record, key: Key, node: Node) -> None:
        items = self._items(record, key, node)
        if items is None:
            return
        children: list[Record] = []
        lines: dict[str, int] = {}
        for number, item in enumerate(items, 1):
            if isinstance(item, Refused):
                record["bad"].append(key.name)
            elif not isinstance(item, Mapping):
                keys = ", ".join(name for name, each in key.rows.keys.items() if each.kind is not Kind.ID)
                message = _("expects items with the keys %(keys)s.") % {"keys": keys}
                self._refuse(record, key.name, message, line=item.line)
            else:
                child = self.read(key.rows, item, record, number)
                if child["name"] and child["name"] in lines:
                    self._refuse(
                        child,
                        key.rows.natural_key[-1],
                        _("“%(name)s” is in this list twice, first in line %(line)d.")
                        % {"name": shortened(child["name"]), "line": lines[child["name"]]},
                    )
                    continue
                lines[child["name"]] = item.line
                children.append(child)
        record["children"][key.name] = children
