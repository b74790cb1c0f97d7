"""Pages that ask once, and show before what an act takes along: withdrawal, moves, drafts that are given up."""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.admin import AdminSite
from django.forms import Form
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cms.content.models import Publishable
from cms.content.parts import SHARED
from cms.editing.access import NamesFor
from cms.editing.impact import Impact, Move, is_public_place, moved_places
from cms.publishing.actions.choosing import may_where_drafted
from cms.publishing.drafts import ReleaseDraft, drafts_of
from cms.publishing.models import PartVersion
from cms.publishing.permissions import Action, require
from cms.publishing.visibility import Row, moving_with

CONFIRMED = ("post", "yes")  # the field by which Django's own pages of confirmation say yes


def is_confirmed(request: HttpRequest) -> bool:
    """Say whether the person was asked and said yes."""
    name, value = CONFIRMED
    return request.POST.get(name) == value


@dataclass(frozen=True)
class Moved:
    """An item that a draft puts elsewhere: the name of the field, of what it belongs to and of what it shall."""

    item: Publishable
    label: str
    before: str
    after: str
    stays_public: bool


def moved_by(items: Iterable[tuple[Publishable, PartVersion | None]], user) -> list[Moved]:
    """Return what :func:`moved_to` does for versions of what all languages share; those that ``user`` may not publish
    are left for the action to refuse."""
    return moved_to(new_fields(items, user), user)


def new_fields(items: Iterable[tuple[Publishable, PartVersion | None]], user) -> list[tuple[Publishable, Any]]:
    """Return the plain fields that versions of what all languages share bring, where ``user`` may publish them."""
    return [
        (item, version.content["fields"])
        for item, version in items
        if version and may_where_drafted(user, Action.PUBLISH, item, {SHARED: version})
    ]


def moved_to(
    items: Iterable[tuple[Publishable, Mapping[str, Any]]], user, *, becoming: Container[Row] = ()
) -> list[Moved]:
    """Return the live ones of ``items`` that their new plain ``fields`` put elsewhere, where something public goes
    with them. Names are as ``user`` may read them; ``becoming`` goes live with it."""
    names, found = NamesFor(user), []
    for item, fields in items:
        places = moved_places(item, fields) if item.is_live else {}
        if places and moving_with(item):
            found += [moved(item, name, key, names, becoming) for name, key in places.items()]
    return found


def moved_by_release(drafts: Iterable[ReleaseDraft], user) -> list[Moved]:
    """Return what a release puts elsewhere as :func:`moved_by` does, and the live items that take an address at which
    readers find another item today."""
    drafts = [draft for draft in drafts if draft.pins]
    fields = new_fields([(draft.item, draft.versions.get(SHARED)) for draft in drafts], user)
    becoming = {(type(draft.item), draft.item.pk) for draft in drafts}
    return [*moved_to(fields, user, becoming=becoming), *taking_addresses(fields)]


def taking_addresses(items: Iterable[tuple[Publishable, Mapping[str, Any]]]) -> list[Moved]:
    """Return the live ones of ``items`` whose new ``fields`` give them the slug of another item, one query a model."""
    named: dict[Any, dict[str, Any]] = {}
    for item, fields in items:
        if item.is_live and fields.get("slug", getattr(item, "slug", None)) != getattr(item, "slug", None):
            named.setdefault(type(item), {})[fields["slug"]] = item
    found = []
    for model, wanted in named.items():
        label = capfirst(str(model._meta.get_field("slug").verbose_name))
        taken = model._base_manager.filter(slug__in=wanted).order_by("slug").values_list("slug", flat=True)
        found += [Moved(wanted[slug], label, wanted[slug].slug, slug, stays_public=True) for slug in taken]
    return found


def moved(item: Publishable, name: str, key: str | None, names: NamesFor, becoming: Container[Row] = ()) -> Moved:
    field: Any = item._meta.get_field(name)
    before = getattr(item, f"{name}_id")
    model = field.related_model
    return Moved(
        item,
        capfirst(str(field.verbose_name)),
        names.name(model, str(before)) if before else "",
        names.name(model, key) if key else "",
        is_public_place(item, name, key) or bool(key) and (model, UUID(key)) in becoming,
    )


class ConfirmationMixin:
    """For the admin of publishable items and of releases: pages that ask once."""

    admin_site: AdminSite
    opts: Any
    model: Any
    page_url: Callable[..., str]
    chosen_parts: Callable[..., list[str] | None]

    def asks_first(self, request, item: Publishable, form: Form) -> bool:
        """Say whether the pressed button withdraws ``item`` and nobody has yet been shown what goes with it."""
        decision = request.POST.get("decision")
        withdraws = decision == "withdraw" or (decision == "schedule-withdrawal" and form.cleaned_data["due_at"])
        if not withdraws or not item.is_live or is_confirmed(request):
            return False
        require(request.user, Action.PUBLISH, [item])
        return True

    def moved_by_decision(self, request, item: Publishable, form: Form) -> list[Moved]:
        """Return what the pressed button puts elsewhere, where nobody has yet been shown what goes with it."""
        decision, due_at = request.POST.get("decision"), form.cleaned_data["due_at"]
        if is_confirmed(request) or not (decision == "publish" or (decision == "schedule" and due_at)):
            return []
        parts = self.chosen_parts(request, item, form.cleaned_data["parts"])
        version = drafts_of(item).open.get(SHARED)
        return moved_by([(item, version)], request.user) if parts is None or SHARED in parts else []

    def ask_to_withdraw(self, request, items: list[Publishable], pairs: list) -> TemplateResponse:
        """Return the page that asks whether to withdraw ``items`` and shows what leaves the public site with them."""
        title = ngettext("Withdraw %(count)d item", "Withdraw %(count)d items", len(items)) % {"count": len(items)}
        return self.ask(
            request,
            items,
            pairs,
            title=title,
            button=_("Yes, withdraw"),
            explanation=_("The public will not see this any more. Nothing is deleted: it can be published again."),
            impact=Impact(items, request.user),
        )

    def ask_to_move(self, request, moved: list[Moved], pairs: list, **context) -> TemplateResponse:
        """Return the page that asks whether to publish what puts items elsewhere, and shows what goes with them."""
        items = list(dict.fromkeys(each.item for each in moved))
        leaves = [each.after for each in moved if not each.stays_public]
        goes = _("What is published moves these to another place, and all that belongs to them with it.")
        hidden = _("All of this leaves the public site, since where it goes is not public: %(names)s.")
        return self.ask(
            request,
            items,
            pairs,
            title=ngettext("Move %(count)d item", "Move %(count)d items", len(items)) % {"count": len(items)},
            button=_("Yes, publish and move"),
            explanation=hidden % {"names": ", ".join(dict.fromkeys(leaves))} if leaves else goes,
            moved=moved,
            moves=not leaves,
            impact=Impact(items, request.user) if leaves else Move(items, request.user),
            **context,
        )

    def ask(self, request, items: list[Publishable], pairs: list, *, title, **context) -> TemplateResponse:
        """Return a page that asks for one confirmation; ``pairs`` are what was sent, and are sent again with it."""
        item = items[0] if len(items) == 1 and isinstance(items[0], self.model) else None
        back = self.page_url(item, "review") if item and "decision" in request.POST else request.get_full_path()
        context = {"items": items, "pairs": pairs, "back": back, "confirmed": CONFIRMED, **context}
        return self.page(request, item, "confirm", title, **context)

    def page(self, request, item: Publishable | None, template: str, title, **context) -> TemplateResponse:
        """Return a page of the admin about ``item``, or about several."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "item": item,
            "original": item,
            "title": title,
            "subtitle": str(item) if item else None,
            **context,
        }
        return TemplateResponse(request, f"admin/publishing/{template}.html", context)
