"""No request of ours reaches a private or local address, whatever a name or a redirect says."""

import socket
import threading
import time
from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError

from cms.content import outgoing
from cms.content.outgoing import Undeliverable, may_be_called
from cms.webhooks.outgoing import post, validate_url
from tests.cms.webhooks.receiver import receiving

PRIVATE = [
    "127.0.0.1",
    "127.8.9.1",
    "0.0.0.0",  # noqa: S104 - an address that must be refused
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "2002:7f00:1::",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "2001:db8::1",
    "2001::1",
    "3fff::1",
    "5f00::1",
    "fec0::1",
    "::8.8.8.8",
    "192.88.99.1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_special_address_may_not_be_called(address):
    assert not may_be_called(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "193.0.6.139", "2606:4700::1111"])
def test_public_address_may_be_called(address):
    assert may_be_called(address)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://partner.example.org/hook", id="not-encrypted"),
        pytest.param("ftp://partner.example.org/hook", id="other-scheme"),
        pytest.param("https:///hook", id="no-host"),
        pytest.param("https://user:word@partner.example.org/", id="credentials"),
        pytest.param("https://partner.example.org:0/", id="port-zero"),
        pytest.param("https://partner.example.org:99999/", id="port-too-high"),
        pytest.param("https://127.0.0.1/hook", id="local-address"),
        pytest.param("https://[::1]/hook", id="local-address-6"),
        pytest.param("https://partner.example.org/\r\nX-Header: 1", id="header-injection"),
        pytest.param("https://[", id="half-an-address"),
    ],
)
def test_address_is_refused_in_the_form(url):
    with pytest.raises(ValidationError):
        validate_url(url)


def looked_up(*answers):
    """Return a stand-in for the look-up of names that gives one address after the other."""
    left = list(answers)

    def getaddrinfo(host, port, **kwargs):
        address = left.pop(0) if len(left) > 1 else left[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port))]

    return getaddrinfo


def test_name_that_points_inside_is_not_called(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", looked_up("10.0.0.5"))
    with pytest.raises(Undeliverable, match="private or local"):
        post("https://partner.example.org/hook", b"{}", {})


def test_name_that_changes_after_the_look_is_called_where_it_pointed(monkeypatch):
    """DNS rebinding: the second answer, a local address, is never asked for."""
    called = []

    def create_connection(address, timeout):
        called.append(address[0])
        raise OSError(111, "Connection refused")

    monkeypatch.setattr(socket, "getaddrinfo", looked_up("8.8.8.8", "127.0.0.1"))
    monkeypatch.setattr(socket, "create_connection", create_connection)
    with pytest.raises(Undeliverable):
        post("https://partner.example.org/hook", b"{}", {})
    assert called == ["8.8.8.8"]


def test_name_with_one_private_address_among_public_ones_is_not_called(monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("8.8.8.8", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)
    with pytest.raises(Undeliverable, match="private or local"):
        post("https://partner.example.org/hook", b"{}", {})


def test_unknown_name_is_told_in_words(monkeypatch):
    def getaddrinfo(*args, **kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(Undeliverable, match="could not be looked up"):
        post("https://partner.example.org/hook", b"{}", {})


def test_server_that_is_not_secure_is_told_in_words(settings):
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True
    with receiving() as receiver, pytest.raises(Undeliverable, match="secure connection"):
        post(receiver.url.replace("http:", "https:"), b"{}", {})


def test_server_that_never_answers_is_given_up(settings, monkeypatch):
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True
    monkeypatch.setattr(outgoing, "ANSWER_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(Undeliverable):
        post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {})


class WithoutEncryption:
    """Stands for a TLS context: as the real one does, it takes the connection away from the socket it is given."""

    def wrap_socket(self, raw, server_hostname):
        timeout = raw.gettimeout()
        wrapped = socket.socket(fileno=raw.detach())
        wrapped.settimeout(timeout)
        return wrapped


def test_secure_server_that_drips_is_given_up(settings, monkeypatch):
    """Each byte of the answer comes in time, the whole never does."""
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True
    monkeypatch.setattr(outgoing, "ANSWER_SECONDS", 0.4)
    monkeypatch.setattr(outgoing.ssl, "create_default_context", WithoutEncryption)
    ended = threading.Event()

    def drip(server):
        connection, _address = server.accept()
        with connection, suppress(OSError):
            while not ended.wait(0.1):
                connection.sendall(b"H")

    with socket.create_server(("127.0.0.1", 0)) as server:
        partner = threading.Thread(target=drip, args=[server], daemon=True)
        partner.start()
        threading.Timer(3, ended.set).start()  # so that the test ends even where nobody hangs up
        began = time.monotonic()
        with pytest.raises(Undeliverable):
            post(f"https://127.0.0.1:{server.getsockname()[1]}/", b"{}", {})
        assert time.monotonic() - began < 2
        ended.set()
        partner.join()
