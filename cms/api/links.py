"""``Link`` headers (RFC 8288): the next page, the licence, the public page, the description."""

from django.conf import settings
from django.urls import reverse
from django.utils.encoding import iri_to_uri


def link(address: str, rel: str, **attributes: str) -> str:
    """Return one member of the header; ``attributes`` are target attributes such as ``hreflang``."""
    more = "".join(f'; {name}="{value}"' for name, value in attributes.items())
    return f'<{iri_to_uri(address)}>; rel="{rel}"{more}'


def link_header(links: list[str]) -> str:
    return ", ".join(links)


def licence_url() -> str:
    """Return where the licence of the content stands: the setting's, else what the documentation says of it."""
    return settings.CONTENT_LICENCE_URL or f"{settings.SITE_URL}{reverse('api:docs')}#licence"


def usual_links() -> list[str]:
    """Return the links of every answer."""
    return [
        link(licence_url(), "license"),
        link(f"{settings.SITE_URL}{reverse('api:openapi')}", "service-desc", type="application/json"),
        link(f"{settings.SITE_URL}{reverse('api:docs')}", "service-doc", type="text/html"),
    ]


def alternate_links(base_url: str, addresses: dict[str, str]) -> list[str]:
    """Return links to a public page, whose path in each of its languages is given."""
    return [
        link(f"{base_url}{path}", "alternate", type="text/html", hreflang=language)
        for language, path in addresses.items()
    ]
