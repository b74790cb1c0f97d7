"""The text of one value and the field that it is meant for, in both directions."""

import datetime
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from cms.content.characters import looks_blank, validate_characters, without_forbidden
from cms.content.fields import is_rich
from cms.content.pasting.cleaning import tidied
from cms.packages.nodes import Scalar
from cms.packages.problems import similar

TEXT_FIELDS = (models.CharField, models.TextField, models.FileField)
BLOCK_STYLES = {"|", ">"}
WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")


def normalized(text: str) -> str:
    """Return ``text`` as packages have it: Unicode NFC (UAX #15), with U+000A alone at the ends of lines, and without
    what they refuse."""
    text = without_forbidden(text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def text_of(node: Scalar) -> str:
    """Return the text that a scalar means; a block's last line end belongs to its form and not to its text.

    Raises ``ValidationError`` for characters that XML 1.0 cannot hold.
    """
    text = node.text.rstrip("\n") if node.style in BLOCK_STYLES else node.text
    validate_characters(text)
    return normalized(text)


def empty_value(field: models.Field) -> Any:
    """Return what a cleared ``field`` holds: its own emptiness, or else its default.

    Raises ``ValidationError`` when the field cannot be without a value.
    """
    if isinstance(field, TEXT_FIELDS) and (field.blank or field.null):
        return ""
    if field.null:
        return None
    if field.has_default():
        return field.get_default()
    raise ValidationError(_("cannot be empty."))


def clean(field: models.Field, node: Scalar, tell: Callable[[list[str]], None] = lambda _dropped: None) -> Any:
    """Return the value that ``node`` gives to ``field``, in a form that JSON can hold.

    :func:`python_value` makes the field's own value of it. ``tell`` is called with what the HTML of another site had
    that a rich text has not, in words. Raises ``ValidationError`` saying what would be right.
    """
    text = text_of(node)
    text = "" if looks_blank(text) else text
    if node.is_null or (text == "" and not isinstance(field, TEXT_FIELDS)):
        return stored_form(empty_value(field))
    if text == "":
        return empty_value(field)
    if isinstance(field, models.BooleanField):
        if text.lower() not in {"true", "false"}:
            raise ValidationError(_("expects true or false, not “%(value)s”.") % {"value": shortened(text)})
        return text.lower() == "true"
    if isinstance(field, models.IntegerField) and not WHOLE_NUMBER.fullmatch(text):
        raise ValidationError(_("expects a whole number, not “%(value)s”.") % {"value": shortened(text)})
    if field.choices:
        check_choice(field, field.to_python(text))
    if is_rich(field):
        text, dropped = tidied(text)
        tell(dropped)
    value = field.clean(text, None)
    return field.get_prep_value(value) if isinstance(value, str) else stored_form(value)


def check_choice(field: models.Field, value: Any) -> None:
    """Raise ``ValidationError`` with the choices there are unless ``value`` is one of them."""
    names = [str(name) for name, _label in field.flatchoices]
    if str(value) not in names:
        raise ValidationError(
            _("“%(value)s” is not one of: %(choices)s.")
            % {"value": shortened(str(value)), "choices": ", ".join(names)}
            + similar(str(value), names)
        )


def stored_form(value: Any) -> Any:
    """Return ``value`` as JSON can hold it, and as it is written in packages."""
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def python_value(field: models.Field, stored: Any) -> Any:
    """Return the field's own value of what :func:`clean` or :func:`stored_form` returned."""
    value = field.to_python(stored)
    if isinstance(value, datetime.datetime) and timezone.is_naive(value):
        return timezone.make_aware(value)
    return value


def differs(field: models.Field, old: Any, new: Any) -> bool:
    """Say whether a row that holds ``old`` in ``field`` would be changed by ``new``."""
    if isinstance(field, TEXT_FIELDS):
        return normalized(old or "") != (new or "")
    return old != new


def shortened(text: str, length: int = 60) -> str:
    """Return a text in at most ``length`` characters, for messages."""
    return text if len(text) <= length else text[: length - 1] + "…"
