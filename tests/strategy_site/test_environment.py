"""Environment variables are read strictly, and what is wrong is named."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from strategy_site.environment import Environment


@pytest.fixture
def value(monkeypatch):
    """Set the variable ``NAME`` that the tests read."""
    return lambda text: monkeypatch.setenv("NAME", text)


@pytest.mark.parametrize(("text", "expected"), [("1", True), ("Yes", True), ("off", False), ("false", False)])
def test_boolean_understands_common_words(value, text, expected):
    value(text)
    assert Environment().boolean("NAME", default=not expected) is expected


def test_empty_variable_counts_as_not_set(value):
    value("")
    assert Environment().boolean("NAME", default=True) is True


def test_words_are_separated_by_commas(value):
    value(" en, es ,,fr")
    assert Environment().words("NAME") == ["en", "es", "fr"]


@pytest.mark.parametrize("text", ["https://a.example.org", "http://127.0.0.1:8000/", "https://[::1]:8443"])
def test_site_url_is_kept_without_a_slash(value, text):
    value(text)
    assert Environment().site_url("NAME", "") == text.rstrip("/")


@pytest.mark.parametrize(
    ("method", "text", "hint"),
    [
        ("boolean", "flase", "'true' or 'false'"),
        ("integer", "-1", "whole number"),
        ("integer", "٣", "whole number"),
        ("integer", "8000x", "whole number"),
        ("site_url", "strategy.example.org", "https://strategy.example.org"),
        ("site_url", "ftp://a.example.org", "https://strategy.example.org"),
        ("site_url", "https://a.example.org/path", "https://strategy.example.org"),
        ("site_url", "https://user@a.example.org", "https://strategy.example.org"),
        ("site_url", "https://a.example.org:99999", "https://strategy.example.org"),
        ("database", "postgres://host:port/name", "postgres://user:password@host:5432/database"),
        ("database", "no-address", "postgres://user:password@host:5432/database"),
        ("command", "no-such-program --x", "a program of this machine"),
        ("command", "'", "a program of this machine"),
        ("mail", "carrier-pigeon://loft", "smtp+tls://user:password@host:587"),
    ],
)
def test_bad_value_is_refused_with_name_and_hint(value, method, text, hint):
    value(text)
    default = {"boolean": {"default": False}, "command": {}}.get(method, {"default": 0})
    with pytest.raises(ImproperlyConfigured) as caught:
        getattr(Environment(), method)("NAME", **default)
    assert "NAME" in str(caught.value)
    assert hint in str(caught.value)


@pytest.mark.parametrize("method", ["database", "mail"])
def test_password_in_a_bad_address_is_not_shown(value, method):
    value("gopher://user:se-cr-et@host:port/name")
    with pytest.raises(ImproperlyConfigured) as caught:
        getattr(Environment(), method)("NAME", "")
    assert "se-cr-et" not in str(caught.value)


def test_command_is_divided_as_a_shell_does(value):
    value("sh -c 'exit 1'")
    assert Environment().command("NAME") == ["sh", "-c", "exit 1"]
