"""Places on the globe: latitude and longitude in degrees of WGS 84, as GPS gives them."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def validate_latitude(value: float) -> None:
    """Raise ``ValidationError`` unless ``value`` is a number of degrees from -90 to 90."""
    if not -90 <= value <= 90:  # "not a number" fails every comparison, so it is refused too
        raise ValidationError(_("A latitude lies between -90 and 90 degrees."), code="latitude")


def validate_longitude(value: float) -> None:
    """Raise ``ValidationError`` unless ``value`` is a number of degrees from -180 to 180."""
    if not -180 <= value <= 180:
        raise ValidationError(_("A longitude lies between -180 and 180 degrees."), code="longitude")
