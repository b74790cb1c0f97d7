"""Links in rich text, and references to items among them.

A link to an item of this site is stored as a reference: ``item:<app.model>/<uuid>``, where need be with the anchor of
a place on its page, ``item:regions.office/<uuid>#partners``. It says which item is meant, and neither where that is
nor in which language, so it holds when a slug changes. No reader ever gets it: pages show :func:`resolved` text
(``{% item_links %}`` in templates), the API :func:`permanent` addresses.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from html import escape, unescape
from html.parser import HTMLParser
from itertools import chain
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from cms.content.addresses import address
from cms.content.models import Child, ContentModel, ContentQuerySet, Publishable

SCHEME = "item"
MARK = f'href="{SCHEME}:'
UUID_FORM = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
REFERENCE = re.compile(rf"{SCHEME}:([a-z0-9_]+\.[a-z0-9_]+)/({UUID_FORM})(#[\w.-]+)?")
# A link as the sanitiser writes it: < and > in attributes are escaped, and no link is in another.
HREF = re.compile(r'<a\b[^>]*?\shref="([^"]*)"')
TO_ITEM = re.compile(rf'<a\b([^>]*?\shref=")({SCHEME}:[^"]*)("[^>]*)>(.*?)</a>', re.DOTALL)
URL_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)  # RFC 3986, section 3.1
HOST = re.compile(r"(?:[\w-]+\.)+[^\W\d_]{2,}(?::[0-9]+)?(?:[/?#]\S*)?")
PHONE = re.compile(r"\+?[0-9(][0-9 ().;=a-z-]{1,60}", re.IGNORECASE)
MOST_REPORTED = 5  # of one text
QUOTED = 80  # characters of an address that a message repeats


class Reference(NamedTuple):
    """Which item a link means, and the place on its page (``"#anchor"``) or nothing."""

    model: type[ContentModel]
    key: UUID
    anchor: str = ""

    def __str__(self) -> str:
        return f"{SCHEME}:{self.model._meta.label_lower}/{self.key}{self.anchor}"


@cache
def targets() -> dict[str, type[ContentModel]]:
    """Return by label the models whose rows have an address that a text may link to: items, and parts of them."""
    found = [model for model in apps.get_models() if issubclass(model, ContentModel)]
    return {model._meta.label_lower: model for model in found if hasattr(model, "get_absolute_url")}


def parsed(href: str) -> Reference | None:
    """Return the reference that an address is; ``None`` for any other one."""
    match = REFERENCE.fullmatch(href)
    model = targets().get(match[1]) if match else None
    return Reference(model, UUID(match[2]), match[3] or "") if match and model else None


def hrefs_in(html: str | None) -> list[str]:
    """Return the addresses of the links in sanitised ``html``, in their order."""
    return [unescape(href) for href in HREF.findall(html or "")]


def references_in(html: str | None) -> list[Reference]:
    """Return the references in sanitised ``html``, in their order."""
    if not html or MARK not in html:
        return []
    return [reference for href in hrefs_in(html) if (reference := parsed(href))]


def references_in_snapshots(snapshots: Iterable[Mapping[str, Any]]) -> list[Reference]:
    """Return the references in all texts of snapshots of items, each once."""
    rows = (row for data in snapshots for row in (data["fields"], *chain.from_iterable(data["children"].values())))
    texts = (value for row in rows for value in row.values() if isinstance(value, str))
    return list(dict.fromkeys(reference for text in texts for reference in references_in(text)))


# --- Where references lead ---


def shown_rows(model: type[ContentModel], keys: Iterable[UUID]) -> models.QuerySet:
    """Return the public ones of the rows ``keys``, with what their addresses are made of."""
    rows: models.QuerySet = ContentQuerySet(model).filter(pk__in=set(keys))
    if issubclass(model, Publishable):
        rows = rows.filter(model.live_condition())
    elif issubclass(model, Child):
        rows = rows.filter(model.parent_model.live_condition(f"{model.parent_field}__"))
    return with_addresses(rows)


def with_addresses(rows: models.QuerySet) -> models.QuerySet:
    """Return ``rows`` with the rows that their names and addresses are made of besides."""
    model: Any = rows.model
    names = [*([model.parent_field] if model.parent_field else []), *model.natural_key_fields]
    named = [name for name in names if model._meta.get_field(name).is_relation]
    return rows.select_related(*named) if named else rows


def address_of(row: ContentModel) -> str:
    """Return the path of the page or file that a link to ``row`` opens, in the active language."""
    return getattr(row, row.search_url or "get_absolute_url")()


def addresses_of(references: Iterable[Reference]) -> dict[Reference, str]:
    """Return the path that each of ``references`` leads to in the active language; nothing for what is not public.

    One query for each kind of item, however many there are.
    """
    wanted: dict[type[ContentModel], set[UUID]] = {}
    references = set(references)
    for reference in references:
        wanted.setdefault(reference.model, set()).add(reference.key)
    paths = {(model, row.pk): address_of(row) for model, keys in wanted.items() for row in shown_rows(model, keys)}
    return {each: with_anchor(path, each.anchor) for each in references if (path := paths.get((each.model, each.key)))}


def with_anchor(path: str, anchor: str) -> str:
    return path.partition("#")[0] + anchor if anchor else path


def resolved(html: str, *, missing: Callable[[str], str] = str, base: str = "") -> str:
    """Return ``html``, a text or a page of many, with the addresses of items in the place of references; ``base`` goes
    before each.

    A link to what is not public is its words alone, as ``missing`` gives them. Costs no query without references.
    """
    if MARK not in html:
        return html
    addresses = {each: base + path for each, path in addresses_of(references_in(html)).items()}
    return replaced(html, addresses, missing=missing)


def replaced(html: str, addresses: Mapping[Reference, str], *, missing: Callable[[str], str] = str) -> str:
    """Return ``html`` with ``addresses`` in the place of references; what has none is its words alone."""

    def link(match: re.Match) -> str:
        reference = parsed(unescape(match[2]))
        found = addresses.get(reference) if reference else None
        if found is None:
            return missing(match[4])
        return f"<a{match[1]}{escape(found)}{match[3]}>{match[4]}</a>"

    return TO_ITEM.sub(link, html)


def permanent(html: str, language: str) -> str:
    """Return ``html`` with addresses for who keeps a copy of it in the place of references: whole ones, which depend
    on nothing but the item and the language of the text, and lead to wherever its page is."""
    if MARK not in html:
        return html
    with override(language):
        addresses = {each: permanent_address(each) for each in references_in(html)}
    return replaced(html, addresses)


def permanent_address(reference: Reference) -> str:
    """Return the address that leads to an item in the active language, whatever its slug is by then."""
    return settings.SITE_URL + address("item", reference.model._meta.label_lower, reference.key) + reference.anchor


# --- What a link may be ---

# Called with a path of this site: says whether it leads to a page, or did. Filled by the app that has the pages.
REACHED: list[Callable[[str], bool]] = []


class Links(HTMLParser):
    """Collects the addresses of links in HTML as somebody wrote it."""

    def __init__(self):
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        href = dict(attrs).get("href") if tag == "a" else None
        if href is not None:
            self.found.append(href)


def written_links(html: str) -> Iterator[str]:
    """Yield the addresses of the links in ``html``, which need not be sanitised, each once."""
    if "href" not in html.lower():
        return
    links = Links()
    links.feed(html)
    links.close()
    yield from dict.fromkeys(links.found)


def validate_links(html: str) -> None:
    """Raise ``ValidationError`` with what is wrong with the addresses of links in ``html``, in words."""
    errors = []
    for href in written_links(html):
        try:
            validate_link(href)
        except ValidationError as error:
            errors.append(error)
    if errors:
        raise ValidationError(errors[:MOST_REPORTED])


def validate_link(href: str) -> None:
    """Raise ``ValidationError`` unless ``href`` may be the address of a link: of an item, a web page, an e-mail
    address, a telephone, a place on the same page, or a page of this site by its path."""
    scheme = URL_SCHEME.match(href)
    if href.startswith("#") and len(href) > 1:
        return
    if href.startswith("/") and not href.startswith("//"):
        if not all(reached(href) for reached in REACHED):
            raise refused(_("The link “%(address)s” leads to no page of this site."), href)
    elif scheme and not HOST.fullmatch(href):
        check = CHECKS.get(scheme[1].lower())
        if check is None:
            raise refused(
                _(
                    "The link “%(address)s” begins with what no link may; it can lead to an item, a web address"
                    " (https://…), an e-mail address (mailto:…) or a telephone (tel:…)."
                ),
                href,
            )
        check(href)
    else:
        raise without_scheme(href)


def without_scheme(href: str) -> ValidationError:
    """Return what is said of an address that does not say what kind of address it is."""
    text = href.strip()
    if suggestion := completed(text):
        message = _("The link “%(address)s” is not a whole address. Is “%(suggestion)s” meant?")
        return refused(message, href, suggestion=suggestion)
    return refused(_("The link “%(address)s” is not an address. A web address begins with https://."), href)


def completed(text: str) -> str:
    """Return the whole address that somebody means who typed ``text``: ``www.example.org``, ``jo@example.org``; or
    nothing."""
    text = text.removeprefix("//")
    if HOST.fullmatch(text):
        return f"https://{text}"
    return f"mailto:{text}" if is_email(text) else ""


def is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def refused(message: Any, href: str, **params: str) -> ValidationError:
    shown = href if len(href) <= QUOTED else f"{href[:QUOTED]}…"
    return ValidationError(message, code="link", params={"address": shown, **params})


def validate_web_address(href: str) -> None:
    try:
        parts = urlsplit(href)
        is_whole = bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_whole = False
    if not is_whole or re.search(r"\s", href) or not href.isprintable():
        raise refused(_("The link “%(address)s” is not a whole web address, such as https://example.org/page."), href)


def validate_mail_address(href: str) -> None:
    names = href.partition(":")[2].partition("?")[0].split(",")
    if not all(is_email(name.strip()) for name in names):
        raise refused(_("The link “%(address)s” holds no e-mail address."), href)


def validate_telephone(href: str) -> None:
    if not PHONE.fullmatch(href.partition(":")[2]):
        raise refused(_("The link “%(address)s” holds no telephone number."), href)


def validate_reference(href: str) -> None:
    if parsed(href) is None:
        raise refused(_("The link “%(address)s” names no item of this site: choose one in the link’s window."), href)


CHECKS: dict[str, Callable[[str], None]] = {
    "http": validate_web_address,
    "https": validate_web_address,
    "mailto": validate_mail_address,
    "tel": validate_telephone,
    SCHEME: validate_reference,
}
