"""The files of a package: which they are, and their text, checked while it is read."""

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from cms.packages.problems import PackageError

YAML_SUFFIXES = {".yaml", ".yml"}
JSON_SUFFIXES = {".json"}
SUFFIXES = YAML_SUFFIXES | JSON_SUFFIXES
MAX_TEXT = 1_000_000  # characters of one value; also the most that is read before a value must end

# What YAML allows in a file (YAML 1.2.2, section 5.1).
NOT_PRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A JSON escape; two that stand for one character beyond U+FFFF are taken together (RFC 8259, section 7).
JSON_ESCAPE = re.compile(r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|.)", re.DOTALL)
LONGEST_ESCAPE = 12
# What JSON has in its texts as it is (RFC 8259, section 7), and YAML not or for the end of a line.
NOT_IN_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Source:
    """A file of a package. ``name`` is how messages call it; paths in it start from ``folder``."""

    path: Path
    name: str

    @property
    def folder(self) -> Path:
        return self.path.parent


class UnreadableText(Exception):
    """The text of a file cannot be read any further; ``line`` is where."""

    def __init__(self, line: int, message: str):
        self.line = line
        super().__init__(message)


def find_sources(paths: Iterable[str | Path]) -> list[Source]:
    """Return the files of the package that ``paths`` name: files, and folders for the files right in them.

    Raises ``PackageError`` when there is nothing to read.
    """
    found: dict[Path, Source] = {}
    for path in map(Path, paths):
        if path.is_dir():
            try:
                files = sorted(each for each in path.iterdir() if each.suffix.lower() in SUFFIXES and each.is_file())
            except OSError as error:
                raise PackageError(f"{path}: {error.strerror}") from error
            if not files:
                raise PackageError(_("%(path)s has no .yaml, .yml or .json file in it.") % {"path": path})
        elif not path.exists():
            raise PackageError(_("%(path)s: there is no such file or folder.") % {"path": path})
        elif path.suffix.lower() not in SUFFIXES:
            raise PackageError(_("%(path)s: a package is a .yaml, .yml or .json file.") % {"path": path})
        else:
            files = [path]
        for each in files:
            found.setdefault(each.resolve(), Source(each, str(each)))
    return list(found.values())


class PackageStream:
    """The text of a file for the YAML parser: UTF-8, printable, and no value longer than ``MAX_TEXT``.

    The parser calls :meth:`read`; whoever takes its events sets ``unfinished``, the characters since the last one,
    back to 0, so that one endless value is refused before it fills the memory.
    """

    def __init__(self, source: Source):
        self.name = source.name
        self._file = source.path.open("rb")
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._is_json = source.path.suffix.lower() in JSON_SUFFIXES
        self._held = ""
        self._lines = 0
        self.unfinished = 0
        self._at_end = False

    def close(self) -> None:
        self._file.close()

    def read(self, size: int) -> str:
        """Return about ``size`` characters, ``""`` at the end."""
        text = ""
        while not text and not self._at_end:
            data = self._file.read(size)
            self._at_end = not data
            text = self._decoded(data)
            if self._is_json:
                text = NOT_IN_YAML.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
            text = self._checked(text)
            if self._is_json:
                text = self._without_surrogates(text)
        self.unfinished += len(text)
        if self.unfinished > MAX_TEXT + size:
            raise UnreadableText(
                self._lines + 1,
                _("a value or comment ends here that has more than %(limit)d characters.") % {"limit": MAX_TEXT},
            )
        return text

    def _decoded(self, data: bytes) -> str:
        try:
            return self._decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            raise UnreadableText(
                self._lines + data[: error.start].count(b"\n") + 1,
                _("the file is not UTF-8 text. Save it as UTF-8."),
            ) from None

    def _checked(self, text: str) -> str:
        if match := NOT_PRINTABLE.search(text):
            raise UnreadableText(
                self._lines + text.count("\n", 0, match.start()) + 1,
                _("the character %(code)s is not allowed in a text file.") % {"code": f"U+{ord(match[0]):04X}"},
            )
        self._lines += text.count("\n")
        return text

    def _without_surrogates(self, text: str) -> str:
        """Write JSON as the YAML that it nearly is: no pairs of escapes for one character, no tabs."""
        text = self._held + text.replace("\t", " ")
        end = len(text)
        if not self._at_end:
            end = max(0, end - LONGEST_ESCAPE)
            for match in JSON_ESCAPE.finditer(text):
                if match.start() >= end:
                    break
                end = max(end, match.end())
        self._held = text[end:]
        return JSON_ESCAPE.sub(joined_surrogates, text[:end])


def joined_surrogates(match: re.Match) -> str:
    """Return the character that two escapes stand for, or another escape as it is."""
    if not match[1]:
        return match[0]
    return chr(0x10000 + ((int(match[1], 16) - 0xD800) << 10) + int(match[2], 16) - 0xDC00)
