"""Filters by numbers, days and times: exactly, from (``__gte``) and up to (``__lte``)."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

WHOLE_NUMBER = re.compile(r"-?[0-9]{1,9}", re.ASCII)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
# RFC 3339, section 5.6: date-time, whose fraction has any number of digits; what is finer than a microsecond is cut
# off, as no time here is. Leap seconds are no time that Python knows.
MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)


FINER = re.compile(r"(\.[0-9]{6})[0-9]+", re.ASCII)


class WholeNumberField(forms.Field):
    """A number of at most nine ASCII digits, so one that every database can compare."""

    most: ClassVar[int] = 999_999_999
    schema: ClassVar[dict] = {"type": "integer", "minimum": -most, "maximum": most}

    def to_python(self, value: str | None) -> int | None:
        if not value:
            return None
        if not WHOLE_NUMBER.fullmatch(value):
            message = _("Give a whole number from %(least)d to %(most)d.")
            raise ValidationError(message, code="invalid", params={"least": -self.most, "most": self.most})
        return int(value)


class DayField(forms.Field):
    """A day in the form of ISO 8601: ``2026-01-31``."""

    schema: ClassVar[dict] = {"type": "string", "format": "date", "examples": ["2026-01-31"]}

    def to_python(self, value: str | None) -> date | None:
        if not value:
            return None
        try:
            return date.fromisoformat(value if DAY.fullmatch(value) else "")
        except ValueError:
            raise ValidationError(_("Give a day as in 2026-01-31."), code="invalid") from None


class MomentField(forms.Field):
    """A time with its offset (RFC 3339); ``+`` that was not encoded as ``%2B`` arrives as a space and is meant."""

    schema: ClassVar[dict] = {"type": "string", "format": "date-time", "examples": ["2026-01-31T09:30:00Z"]}

    def to_python(self, value: str | None) -> datetime | None:
        if not value:
            return None
        text = value.replace(" ", "+")
        try:
            if not MOMENT.fullmatch(text):
                raise ValueError(text)
            found = datetime.fromisoformat(FINER.sub(r"\1", text.upper())).astimezone(UTC)
            # What a database of another time zone can hold: no day at either end of the calendar.
            found - timedelta(days=2), found + timedelta(days=2)
        except (ValueError, OverflowError):
            raise ValidationError(_("Give a time as in 2026-01-31T09:30:00Z."), code="invalid") from None
        return found


class RangeFilter(django_filters.Filter):
    """Compares one column with one value; what has no value is in no range."""

    def filter(self, qs, value):
        # Said, since for a value out of the column's range Django leaves the comparison out.
        return qs if value is None else super().filter(qs, value).filter(**{f"{self.field_name}__isnull": False})


class NumberFilter(RangeFilter):
    field_class = WholeNumberField


class DayFilter(RangeFilter):
    field_class = DayField


class MomentFilter(RangeFilter):
    field_class = MomentField
