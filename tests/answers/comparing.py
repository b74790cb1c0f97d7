"""Two folders of answers compared: which are gone, which are new, which differ and how, by kind of address."""

import difflib
import os
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LINE = 160  # characters of a line that are shown
# The app of a model stands in the admin's addresses and pages; a model that moves to another app is the same.
APP = [
    (re.compile(r"([/!]admin[/!])[a-z_]+(?=[/!][a-z]+(?:[/!?\s]|$))"), r"\1-"),
    (re.compile(r"(/admin/r/)\d+/"), r"\1-/"),  # the number of a type of content
    (re.compile(r'(href="/admin/)[a-z_]+(?=/")'), r"\1-"),
    (re.compile(r"\b(app-)[a-z_]+(?= mod(?:el-|ule\b))"), r"\1-"),
    (re.compile(r"(app_label=|data-app-label=\")[a-z_]+"), r"\1-"),
]


@dataclass
class Difference:
    """What differs at one address: ``what`` is "gone", "new" or "changed", with the changed lines."""

    name: str
    what: str
    lines: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """What the address is of: the first folders of its file."""
        return "/".join(self.name.split("/")[:-1][:2])


def even_names(text: str, renamed: dict[str, str]) -> str:
    """Return ``text`` with the names of the second folder, and without those of apps in the admin."""
    for old, new in renamed.items():
        text = re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", lambda match, new=new: new, text)
    for pattern, replacement in APP:
        text = pattern.sub(replacement, text)
    return text


def read_folder(folder: Path, renamed: dict[str, str]) -> dict[str, Path]:
    """Return the files of ``folder`` by the name under which they are compared."""
    return {
        even_names("/" + path.relative_to(folder).as_posix(), renamed).lstrip("/"): path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def compare(before: Path, after: Path, *, renamed: dict[str, str] | None = None) -> list[Difference]:
    """Return what differs between two folders of answers. ``renamed``: names in the first to those in the second."""
    renamed = renamed or {}
    old, new = read_folder(before, renamed), read_folder(after, {})
    found = [Difference(name, "gone") for name in old.keys() - new.keys()]
    found += [Difference(name, "new") for name in new.keys() - old.keys()]
    for name in old.keys() & new.keys():
        if lines := tuple(changed_lines(old[name], new[name], renamed)):
            found.append(Difference(name, "changed", lines))
    return sorted(found, key=lambda difference: difference.name)


def changed_lines(before: Path, after: Path, renamed: dict[str, str]) -> Iterator[str]:
    """Yield the lines that differ, as a unified diff without context."""
    old, new = before.read_text(encoding="utf-8"), after.read_text(encoding="utf-8")
    if old == new:
        return
    old, new = even_names(old, renamed).split("\n"), even_names(new, {}).split("\n")
    yield from (line for line in list(difflib.unified_diff(old, new, lineterm="", n=0))[2:])


def report(found: list[Difference], *, lines: int) -> Iterator[str]:
    """Yield what to print: each kind with its number, each change once with all that have it."""
    kinds = defaultdict(list)
    for difference in found:
        kinds[difference.kind].append(difference)
    for kind, differences in kinds.items():
        yield f"\n== {kind}: {len(differences)}"
        same = defaultdict(list)
        for difference in differences:
            same[difference.what, without_places(difference.lines)].append(difference)
        for (what, _changed), alike in same.items():
            more = f" and {len(alike) - 1} more alike" if len(alike) > 1 else ""
            yield f"{what}: {alike[0].name}{more}"
            yield from (f"    {line}" for line in shortened(alike[0].lines[:lines]))
            if len(alike[0].lines) > lines:
                yield f"    ({len(alike[0].lines) - lines} more lines)"
    yield f"\n{len(found)} answers differ." if found else "No answer differs."


def without_places(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return the lines of a diff without where they stand, by which the same change elsewhere is known."""
    return tuple(line for line in lines if not line.startswith("@@"))


def shortened(lines: tuple[str, ...]) -> Iterator[str]:
    """Yield ``lines`` cut to what fits, those that were changed from where the old line and the new part."""
    removed = ""
    for line in lines:
        start = 1
        if line.startswith("+") and removed:
            start = max(1, len(os.path.commonprefix([removed[1:], line[1:]])) - LINE // 4)
        removed = line if line.startswith("-") else ""
        text = line if start == 1 else f"{line[0]}…{line[start:]}"
        yield text if len(text) <= LINE else f"{text[:LINE]}…"
