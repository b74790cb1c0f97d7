"""The address of a reader behind proxies that are ours."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """Return the address that the outermost proxy of ours saw, to tell log-in attempts apart.

    Each of the ``TRUSTED_PROXY_COUNT`` proxies appends to ``X-Forwarded-For`` the address it was called from, so
    the entry that many from the right is the reader; whatever stands left of it the reader can invent. Without
    proxies, or when the header is not what they write, it is the address of the connection.
    """
    direct = request.META.get("REMOTE_ADDR") or None
    count = settings.TRUSTED_PROXY_COUNT
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if not count or len(forwarded) < count:
        return direct
    try:
        return str(ip_address(forwarded[-count].strip()))
    except ValueError:
        return direct
