"""What is shown before something is taken back: what it is about, and what leaves the public site with it."""

from collections.abc import Callable, Iterable

from django.forms import Form
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cms.content.models import Publishable
from cms.publishing.permissions import Action, require
from cms.publishing.visibility import parent_paths, public_dependents

CONFIRMED = ("post", "yes")  # the field by which Django's own pages of confirmation say yes


def is_confirmed(request: HttpRequest) -> bool:
    """Say whether the person was asked and said yes."""
    name, value = CONFIRMED
    return request.POST.get(name) == value


def leaving_with(items: Iterable[Publishable]) -> list[dict]:
    """Return what is public only through ``items`` of one model, by kind: ``label`` and ``items``, with their names at
    hand. The number of queries depends on the kinds."""
    items = list(items)
    model, keys = type(items[0]), {item.pk for item in items}
    found: dict[type[Publishable], list] = {}
    for dependent, key in public_dependents(model, keys):
        if dependent is not model or key not in keys:
            found.setdefault(dependent, []).append(key)
    return [
        {
            "label": kind._meta.verbose_name if len(below) == 1 else kind._meta.verbose_name_plural,
            "items": kind._base_manager.filter(pk__in=below).select_related(*parent_paths(kind)),
        }
        for kind, below in found.items()
    ]


class ConfirmationMixin:
    """For the admin of publishable items: pages that ask once."""

    page_url: Callable[..., str]
    page: Callable[..., TemplateResponse]

    def asks_first(self, request, item: Publishable, form: Form) -> bool:
        """Say whether the pressed button withdraws ``item`` and nobody has yet been shown what goes with it."""
        decision = request.POST.get("decision")
        withdraws = decision == "withdraw" or (decision == "schedule-withdrawal" and form.cleaned_data["due_at"])
        if not withdraws or not item.is_live or is_confirmed(request):
            return False
        require(request.user, Action.PUBLISH, [item])
        return True

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
            leaving=leaving_with(items),
        )

    def ask(self, request, items: list[Publishable], pairs: list, *, title, **context) -> TemplateResponse:
        """Return a page that asks for one confirmation; ``pairs`` are what was sent, and are sent again with it."""
        item = items[0] if len(items) == 1 else None
        back = self.page_url(item, "review") if "decision" in request.POST else request.get_full_path()
        context |= {"items": items, "pairs": pairs, "back": back, "confirmed": CONFIRMED}
        return self.page(request, item, "confirm", title, **context)
