"""Numbers in a text as its language writes them: 1,000.5 in English is 1.000,5 in Spanish and 1 000,5 in French."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.numbers import get_decimal_symbol, get_group_symbol
from django.utils.translation import to_locale

SPACES = " \u00a0\u2009\u202f"  # group digits in every language (ISO 80000-1, 7.3.1)
SEPARATORS = r"[.,'’٫٬\u00a0\u2009\u202f]"
# Groups with plain spaces first; they may also stand between two numbers.
NUMBER = re.compile(rf"(?<!\d)\d{{1,3}}(?: \d{{3}})+(?!\d)(?:[.,]\d+)?|\d+(?:{SEPARATORS}\d+)*")
CODE = re.compile(r"\d{1,3}(?:\.\d{1,3})+")
QUANTITY = re.compile(r"\s?[%‰€$£¥°]")
CURRENCY = re.compile(r"[€$£¥]\s?\Z")
ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
MOST_ROMAN = 39  # centuries, chapters; nobody writes more so
ROMAN_NUMERAL = re.compile(r"\b[IVX]{1,7}(?=\b|e\b|er\b|ème\b|º|ª)")


@dataclass(frozen=True)
class Number:
    """A number as it is written, and its value; none where the language does not write numbers so: a code.

    ``is_quantity``: it has a sign of percent or money, so it is no code of a goal.
    """

    text: str
    value: str
    is_quantity: bool = False

    @property
    def parts(self) -> list[str]:
        """The two or more numbers that it is, should its plain spaces stand between numbers."""
        return self.text.split(" ") if " " in self.text else []


@cache
def separators(language: str) -> tuple[str, str]:
    """Return the signs that a language puts before decimals and between groups of digits."""
    try:
        locale = Locale.parse(to_locale(language))
    except (UnknownLocaleError, ValueError):
        return ".", ","
    return get_decimal_symbol(locale), get_group_symbol(locale)


def ascii_digits(text: str) -> str:
    """Return ``text`` with the digits of all scripts as 0 to 9."""
    return text if text.isascii() else "".join(str(unicodedata.decimal(sign, sign)) for sign in text)


def value_of(text: str, language: str) -> str:
    """Return the value of a number, with a point before decimals; ``""`` for what ``language`` does not write so."""
    decimal, group = separators(language)
    plain = text.replace("٫", decimal).replace("٬", group).replace("’", "'")
    whole, _point, decimals = plain.partition(decimal)
    between = f"[{re.escape(group)}{SPACES}]"
    if not re.fullmatch(rf"\d+|\d{{1,3}}(?:{between}\d{{3}})+", whole) or not re.fullmatch(r"\d*", decimals):
        return ""
    whole = re.sub(between, "", whole).lstrip("0") or "0"
    return f"{whole}.{decimals}".rstrip("0").rstrip(".") if decimals else whole


def numbers_in(text: str, language: str) -> Iterator[Number]:
    """Yield the numbers in a text without markup."""
    text = ascii_digits(text)
    for match in NUMBER.finditer(text):
        before = text[max(match.start() - 2, 0) : match.start()]
        is_quantity = bool(QUANTITY.match(text, match.end()) or CURRENCY.search(before))
        yield Number(match[0], value_of(match[0], language), is_quantity)


def missing_numbers(source: str, source_language: str, target: str, language: str) -> list[str]:
    """Return the numbers of ``source``, as they are written, that ``target`` has not as ``language`` writes them.

    A code such as 10.7 may also stand as it is, a small number in Roman numerals (21st century: siglo XXI).
    """
    there = list(numbers_in(target, language))
    values = {number.value for number in there} | roman_numerals_in(target)
    values.update(part for number in there for part in number.parts)
    written = {number.text for number in there}
    missing = [number for number in numbers_in(source, source_language) if not is_there(number, values, written)]
    return list(dict.fromkeys(number.text for number in missing))


def is_there(number: Number, values: set[str], written: set[str]) -> bool:
    """Say whether a number is among the ``values`` of a target, or may stand in it as it is ``written`` there."""
    if number.value in values and number.value:
        return True
    may_stand = not number.value or (CODE.fullmatch(number.text) and not number.is_quantity)
    return bool(may_stand and number.text in written) or (bool(number.parts) and values.issuperset(number.parts))


def roman_numerals_in(text: str) -> set[str]:
    """Return the values of the Roman numerals in ``text``."""
    romans = {match[0] for match in ROMAN_NUMERAL.finditer(text)}
    return {str(number) for number in range(1, MOST_ROMAN + 1) if roman(number) in romans} if romans else set()


def roman(number: int) -> str:
    """Return a small number in Roman numerals."""
    found = ""
    for value, sign in ROMAN:
        count, number = divmod(number, value)
        found += sign * count
    return found
