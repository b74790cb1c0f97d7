"""How items get into a release: chosen in a list, with all that belongs to them, with what they refer to."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.db import transaction
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cms.content.models import Publishable
from cms.editing.access import releases_for
from cms.editing.decisions import line
from cms.editing.impact import SHOWN, kinds_of, rows_of
from cms.publishing import actions
from cms.publishing.drafts import Drafts, drafts_by_key, items_of, key_of
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import Release
from cms.publishing.permissions import Action, may
from cms.publishing.visibility import Row, dependents

if TYPE_CHECKING:
    _Admin = ModelAdmin  # what it is mixed into
else:
    _Admin = object

WITH_ALL = "with_all"  # what the page sends for: with all that belongs to it
IN_RELEASE = "in_release"  # what it is asked with: the release that the item is in already


def has_something_to_publish(item: Publishable, drafts: Drafts) -> bool:
    """Say whether publication would change what is live of ``item``, or make it live."""
    return item.status == Publishable.Status.UNPUBLISHED or item.is_live and bool(drafts.open)


def belonging_to(items: Iterable[Publishable], user: Any) -> list[Publishable]:
    """Return what is public only through ``items`` of one model, at any depth, as far as there is something to publish
    of it and ``user`` may see it. The number of queries depends on the kinds."""
    items = list(items)
    given: list[Row] = [(type(item), item.pk) for item in items]
    below = dependents(type(items[0]), [item.pk for item in items])
    found: Any = rows_of(each for each in below if each not in set(given))
    drafts = drafts_by_key(found)
    return [
        item
        for item in found
        if has_something_to_publish(item, drafts.get(key_of(item), Drafts())) and may(user, Action.VIEW, item)
    ]


def add_and_say(request, release: Release, items: Iterable[Publishable]) -> None:
    """Put those of ``items`` into ``release`` that the person may put there; say how many, and which not and why."""
    added, refused = actions.add_what_fits(release=release, items=items, user=request.user)
    if added:
        text = ngettext("%(count)d more item was added.", "%(count)d more items were added.", len(added))
        messages.success(request, text % {"count": len(added)})
    elif not refused:
        messages.warning(request, _("There is nothing else to add."))
    for item, reason in refused[:SHOWN]:
        messages.warning(request, _("Not added: “%(item)s”. %(reason)s") % {"item": item, "reason": reason})
    if (others := len(refused) - SHOWN) > 0:
        text = ngettext("%(count)d more was not added.", "%(count)d more were not added.", others)
        messages.warning(request, text % {"count": others})


class AddToReleaseMixin(_Admin):
    """The action of lists that puts items into a release."""

    @admin.action(description=_("Add selected items to a release"), permissions=["publish"])
    def add_to_release_selected(self, request, queryset):
        """Ask for the release, then put the items into it and, where that is wanted, all that belongs to them."""
        items = list(queryset)
        if not items:  # none that the person may see
            self.message_user(request, _("There is nothing to add."), messages.ERROR)
            return None
        releases = releases_for(request.user).filter(state=Release.State.OPEN)
        if not {"release", "release_title"} & set(request.POST):
            return self.ask_for_release(request, items, releases)
        try:
            with transaction.atomic():
                release = self.chosen_release(request, releases)
                actions.add_to_release(release=release, items=items, user=request.user)
                if WITH_ALL in request.POST:
                    present = set(items_of(release))
                    below = [item for item in belonging_to(items, request.user) if item not in present]
                    add_and_say(request, release, below)
        except PublishingError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return self.ask_for_release(request, items, releases)
        return HttpResponseRedirect(reverse(f"{self.admin_site.name}:publishing_release_review", args=[release.pk]))

    def chosen_release(self, request, releases) -> Release:
        """Return the release that the page names, or a new one with the title that it gives."""
        chosen, title = request.POST.get("release"), line(request.POST.get("release_title", ""))
        release = next((release for release in releases if str(release.pk) == chosen), None)
        if release is None and not title:
            raise PublishingError(_("Choose a release or give a new one a title."), code="release")
        return release or Release.objects.create(title=title[:200], created_by=request.user)

    def ask_for_release(self, request, items, releases) -> TemplateResponse:
        """Return the page that asks which release ``items`` go into, with what was typed there."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Add to a release"),
            "items": items,
            "belonging": kinds_of(belonging_to(items, request.user)),
            "with_all": WITH_ALL in request.POST,
            "releases": releases,
            "chosen": request.POST.get("release", request.POST.get(IN_RELEASE, "")),
            "release_title": request.POST.get("release_title", ""),
        }
        return TemplateResponse(request, "admin/publishing/add_to_release.html", context)
