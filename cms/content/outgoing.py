"""Sending a request to an address that somebody typed, without becoming a door into our own network.

The host's name is looked up once, every address it has must be public, and the connection goes to one of those very
addresses: a name that points elsewhere at the second look ("DNS rebinding") gains nothing. Redirects are not followed.
Rules: OWASP, Server-Side Request Forgery Prevention; IANA's special-purpose address registries (RFC 6890).
"""

import http.client
import socket
import ssl
import threading
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult

from django.conf import settings

CONNECT_SECONDS = 5
ANSWER_SECONDS = 15  # from the first byte sent to the status line, however slowly it drips
PORTS = {"http": 80, "https": 443}
GLOBAL_UNICAST = ip_network("2000::/3")  # all of IPv6 that is given out to the Internet (RFC 4291, 2.4)
# What the registries name besides and Python takes for public: relays of 6to4 (RFC 7526), documentation (RFC 9637).
SPECIAL = [ip_network("192.88.99.0/24"), ip_network("3fff::/20")]


class Undeliverable(Exception):  # noqa: N818 - said to people as it is
    """That a request could not be sent or got no answer; the text is for administrators and partners."""


@dataclass(frozen=True)
class Answer:
    """What the other side answered: the status code, and its ``Retry-After`` where that is in seconds."""

    status: int
    retry_after: int | None


def may_be_called(address: str) -> bool:
    """Say whether an IP address is one of the public Internet, or private ones are allowed by the settings."""
    if settings.WEBHOOKS_TO_PRIVATE_ADDRESSES:
        return True
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address) and (ip not in GLOBAL_UNICAST or ip.sixtofour or ip.teredo):
        return False  # not of the Internet, or an IPv4 address of the sender's choice in disguise
    return ip.is_global and not (ip.is_multicast or ip.is_reserved) and not any(ip in network for network in SPECIAL)


def addresses_of(host: str, port: int) -> list[str]:
    """Return the IP addresses of ``host``; raise :class:`Undeliverable` when it has none or one may not be called."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Undeliverable(f"The name {host} could not be looked up.") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not all(may_be_called(address) for address in addresses):
        raise Undeliverable(f"The name {host} points to a private or local address.")
    return addresses


def connect(host: str, port: int) -> socket.socket:
    """Return a connection to the first address of ``host`` that takes one."""
    failure: OSError | None = None
    for address in addresses_of(host, port):
        try:
            return socket.create_connection((address, port), timeout=CONNECT_SECONDS)
        except OSError as error:
            failure = error
    raise Undeliverable(f"No connection to {host}, port {port}: {reason_of(failure)}.") from failure


def reason_of(error: OSError | None) -> str:
    return (error and error.strerror) or ("it took too long" if isinstance(error, TimeoutError) else "it was refused")


def request(method: str, parts: SplitResult, body: bytes | None, headers: dict[str, str]) -> Answer:
    """Send a request to the http or https address ``parts`` and return the answer's status; its content is not read.

    Raises :class:`Undeliverable` when nothing was sent or no answer came.
    """
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    raw = connect(host, port)
    # Timeouts of a socket count from byte to byte; this one counts for the whole.
    line = raw.dup()  # which stays when TLS takes the connection over
    clock = threading.Timer(ANSWER_SECONDS, hang_up, [line])
    clock.daemon = True
    clock.start()
    try:
        raw.settimeout(ANSWER_SECONDS)
        if parts.scheme == "https":
            raw = ssl.create_default_context().wrap_socket(raw, server_hostname=host)
        connection = http.client.HTTPConnection(host, port)  # never connects by itself: it has a socket
        connection.auto_open = 0
        connection.sock = raw
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        authority = parts.netloc
        connection.request(method, target, body, {**headers, "Host": authority, "Connection": "close"})
        response = connection.getresponse()
        return Answer(response.status, seconds_of(response.headers.get("Retry-After", "")))
    except ssl.SSLCertVerificationError as error:
        raise Undeliverable(f"The certificate of {host} is not valid: {error.verify_message}.") from error
    except ssl.SSLError as error:
        raise Undeliverable(f"No secure connection to {host}.") from error
    except TimeoutError as error:
        raise Undeliverable(f"{host} did not answer in time.") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Undeliverable(f"{host} broke the connection off or gave no HTTP answer.") from error
    finally:
        clock.cancel()
        line.close()
        raw.close()


def hang_up(connection: socket.socket) -> None:
    """End a connection that another thread waits on."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it has ended already


def seconds_of(retry_after: str) -> int | None:
    """Return the seconds that a ``Retry-After`` header asks for (RFC 9110, section 10.2.3), ``None`` for a date."""
    return int(retry_after) if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 9 else None
