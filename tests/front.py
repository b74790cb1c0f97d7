"""A test client whose requests go through the site's front, as those of readers do."""

from contextlib import contextmanager

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.http import HttpResponse
from django.test import Client
from django.test.client import ClientHandler

from cms.pages.stored.front import Front
from strategy_site.front import front


@contextmanager
def connection_stays():
    """Let no request close the connection of the test, as Django's own client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


class FrontHandler(ClientHandler):
    """Calls a front as a WSGI server does, and gives back what it sent."""

    def __init__(self, site: Front):
        super().__init__(enforce_csrf_checks=False)
        self.site = site

    def __call__(self, environ):
        sent = {}

        def start(status, headers, exc_info=None):
            sent.update(status=status, headers=headers)

        with connection_stays():
            result = self.site(dict(environ), start)  # Django writes into it
            body = b"".join(result)
            if hasattr(result, "close"):
                result.close()
        code, _, reason = sent["status"].partition(" ")
        response = HttpResponse(body, status=int(code), reason=reason)
        del response["Content-Type"]
        for name, value in sent["headers"]:
            if name == "Set-Cookie":
                response.cookies.load(value)
            else:
                response[name] = value
        response.wsgi_request = WSGIRequest(environ)
        return response


class Reader(Client):
    """Asks through a front of its own, which keeps what it stored."""

    def __init__(self, site: Front | None = None, **defaults):
        super().__init__(**defaults)
        self.site = site or front(WSGIHandler())
        self.handler = FrontHandler(self.site)

    def make_stale_pages(self) -> None:
        """Make anew what is stale, as the background does."""
        with connection_stays():
            self.site.maker.work()
