"""What is wrong with a package: every problem has a file, a line and a name for what it is about."""

from dataclasses import dataclass
from difflib import get_close_matches

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MAX_KEPT = 5_000  # beyond this, problems are only counted
MAX_SHOWN = 200
MAX_CANDIDATES = 5_000  # names among which a similar one is looked for


@dataclass(frozen=True, order=True, slots=True)
class Location:
    """A line of a package: the number of the file among its files, and the line from 1."""

    file: int
    line: int


class Problems:
    """The problems of one import, in the order in which a reader of the files meets them."""

    def __init__(self):
        self.files: list[str] = []
        self.count = 0
        self._found: set[tuple[Location, str]] = set()

    def add(self, location: Location, *parts: str) -> None:
        """Note a problem; ``parts`` are what it is about, from the item to the field, and last what is wrong."""
        entry = (location, ": ".join(part for part in parts if part))
        if entry in self._found:
            return
        self.count += 1
        if len(self._found) < MAX_KEPT:
            self._found.add(entry)

    def __bool__(self) -> bool:
        return self.count > 0

    def lines(self) -> list[str]:
        """Return one line a problem, ``file:line: what: what is wrong``, by file and line; at most 200."""
        shown = sorted(self._found)[:MAX_SHOWN]
        lines = [f"{self.files[place.file]}:{place.line}: {text}" for place, text in shown]
        if more := self.count - len(shown):
            lines.append(self.further(more))
        return lines

    def further(self, count: int) -> str:
        """Return the line that stands for the ``count`` that are not shown."""
        return ngettext("and %(count)d more error.", "and %(count)d more errors.", count) % {"count": count}


class LeftOut(Problems):
    """What texts of another site had that those of this one cannot have: said once they are imported."""

    def further(self, count: int) -> str:
        return ngettext("and %(count)d more text.", "and %(count)d more texts.", count) % {"count": count}


class PackageError(Exception):
    """A package that cannot be imported, or content that cannot be exported; the text is meant for people."""


class InvalidPackage(PackageError):
    """A package with problems. Nothing of it was written."""

    def __init__(self, problems: Problems):
        self.problems = problems
        count = problems.count
        heading = ngettext(
            "The package has %(count)d error; nothing was imported.",
            "The package has %(count)d errors; nothing was imported.",
            count,
        ) % {"count": count}
        super().__init__("\n".join([*problems.lines(), heading]))


def similar(name: str, candidates) -> str:
    """Return the end of a sentence that offers the candidate most like ``name``, or ``""``."""
    candidates = list(candidates)
    matches = get_close_matches(name, candidates, n=1) if len(candidates) <= MAX_CANDIDATES else []
    return " " + _("Did you mean “%(name)s”?") % {"name": matches[0]} if matches else ""
