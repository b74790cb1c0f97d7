"""What of the API will go, declared in one table.

Answers say so by ``Deprecation`` (RFC 9745) and ``Sunset`` (RFC 8594).
A part of the API that is to go gets an entry in :data:`DEPRECATIONS`; its answers and the OpenAPI description then
tell, with a link to what to use instead.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date


@dataclass(frozen=True)
class Deprecation:
    """A part of the API that is to go.

    ``path`` is a regular expression of whole paths (``r"/api/v1/offices/.*"``), ``parameter`` the name of a query
    parameter where only that goes. ``since`` and ``sunset`` are aware times; ``link`` explains.
    """

    path: str
    since: datetime
    link: str
    sunset: datetime | None = None
    parameter: str = ""

    def __post_init__(self):
        if self.sunset and self.sunset < self.since:
            raise ValueError("The sunset must not be before the deprecation (RFC 9745, section 4).")

    def applies(self, path: str, parameters) -> bool:
        """Say whether a request for ``path`` with these query ``parameters`` uses what is to go."""
        return bool(re.fullmatch(self.path, path)) and (not self.parameter or self.parameter in parameters)


DEPRECATIONS: list[Deprecation] = []


def announce(request: HttpRequest, response: HttpResponse) -> None:
    """Tell in the headers of ``response`` what of the request is to go; of several the one that ends first counts."""
    found = [entry for entry in DEPRECATIONS if entry.applies(request.path_info, request.GET)]
    if not found:
        return
    first = min(found, key=lambda entry: (entry.sunset is None, entry.sunset or entry.since))
    response["Deprecation"] = f"@{int(first.since.timestamp())}"
    links = [f'<{first.link}>; rel="deprecation"; type="text/html"']
    if first.sunset:
        response["Sunset"] = http_date(first.sunset.timestamp())
        links.append(f'<{first.link}>; rel="sunset"; type="text/html"')
    response["Link"] = ", ".join([*filter(None, [response.get("Link")]), *links])
