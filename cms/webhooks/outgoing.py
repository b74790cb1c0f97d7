"""Where deliveries may be sent, and the sending: by :mod:`cms.content.outgoing`, which no address leads inside by."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cms.content.outgoing import Answer, Undeliverable, may_be_called, request


def split_url(url: str) -> SplitResult:
    """Return the parts of an address that deliveries may be sent to, or raise ``ValidationError``."""
    schemes = ["https", "http"] if settings.WEBHOOKS_TO_PRIVATE_ADDRESSES else ["https"]
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = None, 0
    if not host or port == 0 or url != url.strip() or not url.isascii() or not url.isprintable():
        raise ValidationError(_("Enter a whole address, such as https://partner.example.org/webhooks."), code="url")
    if parts.scheme not in schemes:
        raise ValidationError(_("The address must begin with https://."), code="scheme")
    if "@" in parts.netloc:
        raise ValidationError(_("The address must not hold a user name or password."), code="credentials")
    return parts


def validate_url(url: str) -> None:
    """Raise ``ValidationError`` unless deliveries may be sent to ``url``, as far as the address itself tells."""
    host = split_url(url).hostname or ""
    try:
        address = ip_address(host)
    except ValueError:
        return  # a name: what it points to is asked at each delivery
    if not may_be_called(str(address)):
        raise ValidationError(_("Deliveries are not sent to private or local addresses."), code="private")


def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """Send ``body`` to ``url`` and return the answer's status.

    Raises :class:`Undeliverable` when nothing was sent or no answer came.
    """
    try:
        parts = split_url(url)
    except ValidationError as error:
        raise Undeliverable(" ".join(error.messages)) from error
    return request("POST", parts, body, headers)
