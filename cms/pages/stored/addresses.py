"""Which requests are answered from the store, and which of them are the same.

A view is stored when it has ``stored_parameters``: the parameters of the query string that it knows (``None``: all
count). It is rendered with those alone, in one order, without cookies and conditions, so that a copy shows nothing of
whoever asked first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import unquote_plus

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.wsgi import WSGIRequest
from django.urls import Resolver404, resolve
from django.utils.translation import get_language_from_path, override

Environ = dict[str, Any]

# What of a request does not reach the view whose answer is stored.
LEFT_OUT = (
    *("HTTP_COOKIE", "HTTP_AUTHORIZATION", "HTTP_ACCEPT_ENCODING", "HTTP_ACCEPT_LANGUAGE", "HTTP_RANGE"),
    *("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_IF_RANGE"),
    *("HTTP_REFERER", "HTTP_USER_AGENT", "CONTENT_LENGTH", "CONTENT_TYPE"),
)
MOST_QUERY = 1_000  # characters; a longer query string is rendered and not stored


@dataclass(frozen=True)
class Address:
    """What a stored answer is an answer to: two requests of one address get the same bytes."""

    key: str
    path: str
    query: str
    language: str  # negotiated, where the path does not begin with one

    @property
    def full(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path

    @classmethod
    def from_key(cls, key: str) -> "Address":
        """Return the address that has ``key``."""
        *_before, path, query, language = key.split("\n")
        return cls(key, path, query, language)

    def environ(self, environ: Environ) -> Environ:
        """Return the request that is rendered for everybody who asks for this address."""
        kept = {name: value for name, value in environ.items() if name not in LEFT_OUT}
        language = {"HTTP_ACCEPT_LANGUAGE": self.language} if self.language else {}
        return {**kept, **language, "REQUEST_METHOD": "GET", "QUERY_STRING": self.query, "wsgi.input": BytesIO()}


class Addresses:
    """Tells the address of a request, or that it is none; remembered for as long as the process lives.

    ``accepted_language`` negotiates the language where the path names none. ``by_host`` are the beginnings of paths
    whose answers name the host that was asked.
    """

    def __init__(self, accepted_language: Callable[[str], str], by_host: tuple[str, ...] = ()):
        self.accepted_language, self.by_host = lru_cache(maxsize=1_000)(accepted_language), by_host
        self.known = lru_cache(maxsize=20_000)(self.find)
        self.parameters = lru_cache(maxsize=20_000)(self.parameters_of)
        self.forwarded, self.secure = settings.SECURE_PROXY_SSL_HEADER or ("", "")

    def of(self, environ: Environ) -> Address | None:
        """Return the address of a request; ``None`` where the answer is not for everybody."""
        path = environ.get("PATH_INFO", "")
        language = ""
        if get_language_from_path(path) is None:
            language = self.accepted_language(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
        return self.known(
            path,
            environ.get("QUERY_STRING", ""),
            environ.get("SCRIPT_NAME", ""),
            environ.get("HTTP_HOST", ""),
            environ.get("SERVER_NAME", ""),
            environ.get("SERVER_PORT", ""),
            environ.get("wsgi.url_scheme", ""),
            environ.get(self.forwarded, ""),
            language,
        )

    def find(
        self, path: str, query: str, script: str, host: str, name: str, port: str, scheme: str, forwarded: str,
        language: str,
    ) -> Address | None:  # fmt: skip
        parameters = self.parameters(path)
        if parameters is False or len(query := canonical(query, parameters)) > MOST_QUERY:
            return None
        request = WSGIRequest(
            {
                "REQUEST_METHOD": "GET", "PATH_INFO": path, "SCRIPT_NAME": script, "wsgi.input": BytesIO(),
                "SERVER_NAME": name, "SERVER_PORT": port, "wsgi.url_scheme": scheme,
                **({"HTTP_HOST": host} if host else {}), **({self.forwarded: forwarded} if forwarded else {}),
            }
        )  # fmt: skip
        try:  # both are asked first of all, as Django does: a copy goes round neither
            host = request.get_host()
        except DisallowedHost:
            return None
        if settings.SECURE_SSL_REDIRECT and not request.is_secure():
            return None
        shown = host if self.by_host_path(path) else ""
        return Address("\n".join((str(request.scheme), shown, script, path, query, language)), path, query, language)

    def by_host_path(self, path: str) -> bool:
        return bool(self.by_host) and path.startswith(self.by_host)

    def parameters_of(self, path: str) -> tuple[str, ...] | None | bool:
        """Return the parameters that the view at ``path`` knows, ``None`` for all; ``False`` if it is not stored."""
        path = path.encode("latin-1", "replace").decode("utf-8", "replace")  # as WSGI has it (PEP 3333)
        try:
            with override(get_language_from_path(path) or settings.LANGUAGE_CODE):
                function = resolve(path).func
        except Resolver404:
            return False
        view: Any = getattr(function, "view_class", None) or getattr(function, "cls", None)
        known = getattr(view, "stored_parameters", False)
        return known() if callable(known) else known


def canonical(query: str, parameters: Any) -> str:
    """Return a query string with the known parameters alone (all for ``None``), ordered by name; values stay."""
    pairs = [(unquote_plus(part.partition("=")[0]), part) for part in query.split("&") if part]
    kept = [(name, part) for name, part in pairs if parameters is None or name in parameters]
    return "&".join(part for _name, part in sorted(kept, key=lambda pair: pair[0]))
