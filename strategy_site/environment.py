"""Environment variables, read strictly: a value that makes no sense stops the start and is named."""

import shlex
from collections.abc import Callable, Iterable
from shutil import which
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}
DATABASE_SCHEMES = {"sqlite", "postgres", "postgresql"}
DATABASE_EXAMPLE = "postgres://user:password@host:5432/database"
MAIL_EXAMPLE = "smtp+tls://user:password@host:587"


class Environment:
    """The process's environment. Every method takes a variable's name and the value it has when it is not set.

    An empty variable counts as not set. All methods raise ``ImproperlyConfigured`` with the name of the variable,
    its value where that is no secret, and what would be right.
    """

    def __init__(self):
        self.env = environ.Env()

    def text(self, name: str, default: str = "") -> str:
        return self.env.str(name, default="").strip() or default

    def words(self, name: str, default: list[str] | None = None) -> list[str]:
        """Return a list whose members are separated by commas: ``en, es`` is ``["en", "es"]``."""
        found = [word.strip() for word in self.text(name).split(",")]
        return [word for word in found if word] or list(default or [])

    def choice(self, name: str, choices: list[str], default: str) -> str:
        value = self.text(name, default)
        if value not in choices:
            raise ImproperlyConfigured(f"{name} is {value!r}; set it to {' or '.join(map(repr, choices))}.")
        return value

    def boolean(self, name: str, *, default: bool) -> bool:
        value = self.text(name, "1" if default else "0")
        if value.lower() not in TRUE | FALSE:
            raise ImproperlyConfigured(f"{name} is {value!r}; set it to 'true' or 'false'.")
        return value.lower() in TRUE

    def integer(self, name: str, default: int) -> int:
        """Return a whole number, zero or more."""
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdigit()):
            raise ImproperlyConfigured(f"{name} is {value!r}; set it to a whole number, such as {default}.")
        return int(value)

    def command(self, name: str) -> list[str]:
        """Return a program of this machine and its arguments, divided as a shell does; empty where none is set."""
        value = self.text(name)
        try:
            words = shlex.split(value)
        except ValueError:
            words = [value]
        if words and not which(words[0]):
            raise ImproperlyConfigured(f"{name} is {value!r}; begin it with a program of this machine, or its path.")
        return words

    def seconds(self, name: str, default: float, *, most: float) -> float:
        """Return a number of seconds from 0 to ``most``, which may have a fraction."""
        value = self.text(name, str(default))
        try:
            found = float(value)
        except ValueError:
            found = -1.0
        if not 0 <= found <= most:
            raise ImproperlyConfigured(f"{name} is {value!r}; set it to seconds from 0 to {most:g}, such as 0.5.")
        return found

    def site_url(self, name: str, default: str) -> str:
        """Return an address of scheme and host alone, without the slash at its end."""
        value = self.text(name, default).rstrip("/")
        try:
            parts = urlsplit(value)
            right = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        except ValueError:
            right = False
        if not right or value != f"{parts.scheme}://{parts.netloc}" or "@" in value:
            raise ImproperlyConfigured(
                f"{name} is {value!r}; set it to an address such as https://strategy.example.org."
            )
        return value

    def database(self, name: str, default: str) -> dict:
        return self.parsed(name, default, environ.Env.db_url_config, DATABASE_SCHEMES, DATABASE_EXAMPLE)

    def mail(self, name: str, default: str) -> dict:
        return self.parsed(name, default, environ.Env.email_url_config, environ.Env.EMAIL_SCHEMES, MAIL_EXAMPLE)

    def parsed(self, name: str, default: str, parse: Callable, schemes: Iterable[str], example: str) -> dict:
        """Return what ``parse`` makes of an address with one of the ``schemes``; its value is never shown."""
        value = self.text(name, default)
        try:
            if value.partition("://")[0] in schemes:
                return parse(value)
        except (ValueError, ImproperlyConfigured):
            pass
        # Outside the handler, so that no traceback quotes the password.
        raise ImproperlyConfigured(f"{name} cannot be understood; set it to an address such as {example}.")
