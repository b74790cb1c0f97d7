"""Setting several headers at once, which Django's responses do not offer."""

from django.http import HttpResponse


def set_headers(response: HttpResponse, headers: dict[str, str]) -> None:
    """Set ``headers`` on ``response``."""
    for name, value in headers.items():
        response[name] = value
