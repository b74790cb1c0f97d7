"""The address of a reader behind proxies that are ours."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

from cms.api.limits import network_of


def client_address(request: HttpRequest) -> str | None:
    """Return the address that the outermost proxy of ours saw, to tell readers apart.

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


def client_network(request: HttpRequest) -> str | None:
    """Return the address by which log-in attempts are counted: of IPv6 the first one of its network of 64 bits.

    ``None`` for what is no address, such as the name of a socket. Named in ``AXES_CLIENT_IP_CALLABLE``.
    """
    try:
        return str(ip_address(network_of(client_address(request) or "").partition("/")[0]))
    except ValueError:
        return None
