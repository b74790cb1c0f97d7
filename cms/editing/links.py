"""Links in the admin: what the link dialog offers, what links to an item, and which of its own links are dead."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import reduce
from operator import and_, or_
from typing import Any
from uuid import UUID

from django.contrib.admin import AdminSite
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from cms.content.characters import without_forbidden
from cms.content.languages import column, is_translated, site_languages
from cms.content.links import (
    URL_SCHEME,
    Reference,
    completed,
    parsed,
    references_in_snapshots,
    shown_rows,
    targets,
    validate_link,
    with_addresses,
)
from cms.content.lookups import fold
from cms.content.models import ContentModel, LocalizedName, Publishable
from cms.editing.access import NamesFor, within_reach
from cms.editing.impact import by_model, shown_links
from cms.pages.reached import own_path, reached
from cms.publishing.drafts import composed, drafts_of
from cms.publishing.links import links_to

MOST_OFFERED = 12
MOST_LISTED = 200  # links to one item
LONGEST_QUERY = 500  # characters: of an address, too
MOST_TERMS = 8  # words of a query
DELETED = _("something that was deleted")
KINDS = {"http": _("Web address"), "https": _("Web address"), "mailto": _("E-mail address"), "tel": _("Telephone")}


@dataclass(frozen=True)
class Choice:
    """What a link may lead to: the address as it is stored, and in words what that is. ``note`` says what there is
    to know of it before it is chosen."""

    href: str
    name: str
    kind: str
    note: str = ""


class LinkChoicesView(View):
    """What the link dialog offers for what was typed (``?q=``): items by their names, in any language and without
    accents, and addresses. ``href`` is where a link leads that is made of what was typed as it is; ``error`` says why
    it cannot be."""

    def get(self, request: HttpRequest) -> JsonResponse:
        typed = without_forbidden(request.GET.get("q", ""))[:LONGEST_QUERY].strip()
        meant = self.meant(typed, request.user) if typed else []
        error = "" if not typed or meant else self.refusal(typed)
        found = {choice.href: choice for choice in [*meant, *by_name(typed, request.user)]}
        return JsonResponse(
            {
                "choices": [asdict(choice) for choice in list(found.values())[:MOST_OFFERED]],
                "href": meant[0].href if meant and meant[0].href == typed else "",
                "error": error,
            }
        )

    def meant(self, typed: str, user: Any) -> list[Choice]:
        """Return what ``typed`` is as an address: the item that it leads to, itself, or itself with a beginning."""
        if reference := parsed(typed):
            return described([reference], user)
        if own_path(typed) and (item := (place := reached(typed)).item):
            if found := described([Reference(type(item), item.pk, place.anchor)], user):
                return found
        for href in dict.fromkeys((typed, completed(typed))):
            if href and not self.refusal(href):
                return [Choice(href, href, kind_of(href))]
        return []

    def refusal(self, href: str) -> str:
        try:
            validate_link(href)
        except ValidationError as error:
            return " ".join(error.messages)
        return ""


def kind_of(href: str) -> str:
    """Return what a right address is the address of."""
    scheme = URL_SCHEME.match(href)
    if scheme:
        return str(KINDS[scheme[1].lower()])
    return str(_("Place on the same page") if href.startswith("#") else _("Page of this site"))


def is_name(typed: str) -> bool:
    """Say whether what was typed may as well be a name: it has no scheme and is no path."""
    return not URL_SCHEME.match(typed) and not typed.startswith(("/", "#"))


def by_name(typed: str, user: Any) -> list[Choice]:
    """Return the items whose name, in some language, has all words of ``typed``; those that begin so first."""
    terms = typed.split()[:MOST_TERMS]
    if not terms or not is_name(typed):
        return []
    found: list[Any] = [row for model in targets().values() for row in named_so(model, terms, user)]
    first = fold(typed) or ""
    found.sort(key=lambda row: (not begins_so(row, first), len(str(row)), str(row)))
    return with_state(found[:MOST_OFFERED], user)


def named_so(model: type[ContentModel], terms: list[str], user: Any) -> Iterable[ContentModel]:
    columns = name_columns(model)
    if not columns:
        return []
    words = (reduce(or_, (Q(**{f"{name}__folded_contains": term}) for name in columns)) for term in terms)
    return with_addresses(within_reach(model, user).filter(reduce(and_, words))).order_by("pk")[:MOST_OFFERED]


def name_columns(model: type[ContentModel]) -> list[str]:
    """Return the columns that rows of ``model`` are called by, in every language."""
    names = (model.name_field, *model.label_fields) if issubclass(model, LocalizedName) else model.search_title
    own = [name for name in names if "__" not in name]
    return [each for name in own for each in columns_of(model, name)]


def columns_of(model: type[ContentModel], name: str) -> list[str]:
    return [column(name, code) for code in site_languages()] if is_translated(model, name) else [name]


def begins_so(row: ContentModel, first: str) -> bool:
    return any((fold(getattr(row, name)) or "").startswith(first) for name in name_columns(type(row)))


def described(references: Iterable[Reference], user: Any) -> list[Choice]:
    """Return references as choices, those that ``user`` may see."""
    found = []
    for reference in references:
        rows = with_addresses(within_reach(reference.model, user).filter(pk=reference.key))
        found += [with_anchor(choice, reference.anchor) for choice in with_state(list(rows), user)]
    return found


def with_anchor(choice: Choice, anchor: str) -> Choice:
    return Choice(choice.href + anchor, f"{choice.name} {anchor}".strip(), choice.kind, choice.note)


def with_state(rows: list[Any], user: Any) -> list[Choice]:
    """Return ``rows`` as choices that say which of them are not public; one query a kind."""
    public: set[UUID] = set()
    for model, keys in by_model((type(row), row.pk) for row in rows).items():
        public |= set(shown_rows(model, keys).values_list("pk", flat=True))
    return [choice_of(row, is_public=row.pk in public) for row in rows]


def choice_of(row: Any, *, is_public: bool) -> Choice:
    within = str(getattr(row, row.parent_field)) if row.parent_field else ""
    hidden = "" if is_public else str(_("not public: readers see the words without a link"))
    note = " – ".join(filter(None, (within, hidden)))
    return Choice(str(Reference(type(row), row.pk)), str(row), capfirst(str(row._meta.verbose_name)), note)


def unpublished_targets(item: Publishable, user: Any) -> list[str]:
    """Return the names, as ``user`` may read them, of what the texts of ``item`` link to, as they are drafted, and
    the public does not see."""
    found = references_in_snapshots([composed(item, drafts_of(item).working)])
    names, dead = NamesFor(user), []
    for model, keys in by_model((reference.model, reference.key) for reference in found).items():
        public = set(shown_rows(model, keys).values_list("pk", flat=True))
        hidden = [str(key) for key in dict.fromkeys(keys) if key not in public]
        names.joined(model, hidden)
        dead += [(names.name(model, key), key) for key in hidden]
    return [str(DELETED) if name == key else name for name, key in dead]


class LinksPageMixin:
    """Adds to a model admin the page of the links to an item and of its own that are dead, at ``<item>/links/``."""

    admin_site: AdminSite
    opts: Any
    get_object: Any
    has_view_permission: Any

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_links"
        view = self.admin_site.admin_view(self.links_view)
        return [path("<path:object_id>/links/", view, name=name), *super().get_urls()]

    def links_url(self, item: ContentModel) -> str:
        return reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_links", args=[item.pk])

    def links_view(self, request: HttpRequest, object_id: str) -> TemplateResponse:
        """What links to an item, and which links of its texts lead to what is not public."""
        item = self.get_object(request, unquote(object_id))
        if item is None:
            raise Http404
        if not self.has_view_permission(request, item):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "item": item,
            "original": item,
            "title": _("What links here"),
            "subtitle": str(item),
            "links": shown_links(links_to([item]), NamesFor(request.user), most=MOST_LISTED),
            "dead": unpublished_targets(item, request.user) if isinstance(item, Publishable) else [],
        }
        return TemplateResponse(request, "admin/publishing/links.html", context)
