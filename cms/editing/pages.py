"""The pages beside an item's form: review, history, comparison, conflict, preview."""

import json
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from cms.content.comparison import compare
from cms.content.models import Publishable
from cms.content.parts import SHARED, compose, languages_in
from cms.content.snapshots import Snapshot
from cms.editing.access import NamesFor, releases_for
from cms.editing.confirmation import ConfirmationMixin
from cms.editing.decisions import PublicationForm, language_names, line, number
from cms.editing.kept import kept_data
from cms.editing.links import unpublished_targets
from cms.editing.models import EditingSession
from cms.editing.previewing import PreviewPaneMixin, language_for
from cms.editing.review import (
    CORRECT,
    PARTS_OF,
    Merge,
    conversation,
    may_correct,
    may_publish_some,
    reviewables,
    reviewed_parts,
    shown_correction,
)
from cms.publishing import actions
from cms.publishing.actions.drafts import as_it_was
from cms.publishing.actions.publication import REVIEWED
from cms.publishing.actions.review import TO_SUBMIT
from cms.publishing.drafts import Drafts, contents, drafts_of, edit_token, opened_versions, pins_of, stored_parts
from cms.publishing.exceptions import EditConflict, PublishingError
from cms.publishing.models import PartVersion, Pin, PreviewLink, Release, ReleaseItem, Revision, ScheduledChange
from cms.publishing.models.items import refers_to
from cms.publishing.permissions import Action, may, require
from cms.publishing.preview import link_url, opened_besides, preview_url
from cms.publishing.visibility import carries_others

OPENED_ON = "opened_on"  # the page's hidden field: the edit token of the draft that it shows


class DraftPagesMixin(PreviewPaneMixin, ConfirmationMixin):
    """Adds the pages to a model admin, at ``<item>/<page>/``."""

    get_object: Any
    warn_of_hidden: Any
    has_change_permission: Any
    go_on: Any

    def get_urls(self):
        view = self.admin_site.admin_view
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("<path:object_id>/review/", view(self.review_view), name=f"{name}_review"),
            path("<path:object_id>/compare/", view(self.compare_view), name=f"{name}_compare"),
            path("<path:object_id>/conflict/<int:revision>/", view(self.conflict_view), name=f"{name}_conflict"),
            path("<path:object_id>/preview/", view(self.preview_view), name=f"{name}_preview"),
            path("<path:object_id>/editing/", view(self.editing_view), name=f"{name}_editing"),
            *super().get_urls(),
        ]

    def page_url(self, item: Publishable, page: str, *args) -> str:
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{page}"
        return reverse(name, args=[item.pk, *args])

    def item_or_404(self, request: HttpRequest, object_id: str, action: Action = Action.VIEW) -> Publishable:
        """Return the item, or raise ``Http404`` (not there, not visible) or ``PermissionDenied``."""
        item = self.get_object(request, unquote(object_id))
        if item is None:
            raise Http404
        if not may(request.user, action, item):  # type: ignore[arg-type] # the admin asked for a log-in
            raise PermissionDenied
        return item

    # --- Review and publication ---

    def review_view(self, request, object_id):
        """What the drafts change, part by part, and everything that can be done with them."""
        item = self.item_or_404(request, object_id)
        form = PublicationForm(request.POST or None, versions=drafts_of(item).open.values())
        if request.method == "POST":
            if not form.is_valid():
                messages.error(request, _("Please correct what is marked below."))
            elif self.asks_first(request, item, form):
                return self.ask_to_withdraw(request, [item], kept_data(request))
            elif moved := self.moved_by_decision(request, item, form):
                return self.ask_to_move(request, moved, kept_data(request))
            elif self.decide(request, item, form):
                return HttpResponseRedirect(self.page_url(item, "review"))
            item = self.item_or_404(request, object_id)  # as it is stored; what was typed stays in the form
        drafts = drafts_of(item)
        return self.page(
            request,
            item,
            "review",
            _("Review and publish"),
            form=form,
            opened_on=edit_token(drafts.working),
            drafts=drafts.open.values(),
            parts=reviewed_parts(item, drafts, request.user),
            correction=shown_correction(item, drafts, request.user),
            scheduled=pending_changes(item),
            links=self.preview_links(request, item),
            opened=opened_besides(item),
            publication=self.get_publication(item),
            preview_url=self.page_url(item, "preview"),
            desks=[(code, name, self.page_url(item, "desk", code)) for code, name in language_names()],
            correct_url=f"{self.page_url(item, 'change')}?{CORRECT}=1",
            pins=pins_of(item).values(),
            carries_others=carries_others(type(item)),
            dead_links=unpublished_targets(item, request.user) if drafts.open else [],
            time_zone=timezone.get_current_timezone_name(),
            **self.may_do(request, item, drafts),
        )

    def preview_links(self, request, item: Publishable) -> list[tuple[PreviewLink, str]]:
        """Return the preview links of ``item`` that still open, with their addresses."""
        links = PreviewLink.objects.filter(revision__in=Revision.objects.of(item)).select_related(
            "created_by", "revision__content_type"
        )
        return [(link, request.build_absolute_uri(link_url(link))) for link in links if link.is_valid]

    def may_do(self, request, item: Publishable, drafts: Drafts) -> dict[str, Any]:
        """Return which buttons of the review page the person is offered, those that would not be refused, and the
        release that ``item`` is in."""
        user, states = request.user, PartVersion.State
        open_parts, release = reviewables(item, drafts, user), release_of(item, user)
        to_publish = [part for part in open_parts if part.may_let_pass(Action.PUBLISH)]
        if item.first_published_at is None and SHARED not in [part.version.part for part in to_publish]:
            to_publish = []
        return {
            "release": release,
            "may_publish": may_publish_some(user, item),
            "may_withdraw": may(user, Action.PUBLISH, item),
            "may_add_to_release": may(user, Action.PUBLISH, item, languages=languages_in(drafts.open))
            and not any(is_elsewhere(part.pin, release) for part in open_parts if part.pin),
            "may_put_live": bool(to_publish) and item.status != Publishable.Status.WITHDRAWN,
            "may_schedule": any(part.takes("schedule") for part in to_publish),
            "may_publish_again": item.status == Publishable.Status.WITHDRAWN and may(user, Action.PUBLISH, item),
            "may_correct": may_correct(user, item),
            "may_submit": any(p.may(Action.SUBMIT) for p in open_parts if p.version.state in TO_SUBMIT),
            "may_approve": any(
                p.may_let_pass(Action.REVIEW) for p in open_parts if p.version.state == states.SUBMITTED
            ),
            "may_send_back": any(p.may(Action.REVIEW) for p in open_parts if p.takes("request-changes")),
            "may_discard": bool(item.first_published_at)
            and any(p.may(Action.SAVE) for p in open_parts if p.takes("discard")),
            "may_share": may(user, Action.SHARE, item),
            "may_save": self.has_change_permission(request, item),
            "is_own": any(part.is_own for part in open_parts),
            "is_submitted": any(part.version.state == states.SUBMITTED for part in open_parts),
        }

    def decide(self, request, item: Publishable, form: PublicationForm) -> bool:
        """Do what the pressed button of the review page asks for; say what came of it, and whether it was done."""
        data, user = form.cleaned_data, request.user
        due_at, comment = data["due_at"], data["comment"]
        on = {"item": item, "user": user, "parts": self.chosen_parts(request, item, data["parts"])}
        decision, correction = request.POST.get("decision", ""), number(request.POST.get("correction")) or 0
        steps = {
            "submit": (
                lambda: actions.submit(**on, comment=comment),
                _("Submitted: the publishers find it on their front page."),
            ),
            "request-changes": (
                lambda: actions.request_changes(**on, comment=comment),
                _("The author has been asked for changes."),
            ),
            "approve": (lambda: actions.approve(**on, comment=comment), _("Approved; it is not public yet.")),
            "publish": (
                lambda: actions.publish(**on, comment=comment, note=form.note, drop_pins=data["drop_pins"]),
                _("Published: the public sees it now."),
            ),
            "publish-again": (
                lambda: actions.publish_again(item=item, user=user, note=form.note),
                _("Published: the public sees it now."),
            ),
            "schedule": (
                lambda: actions.schedule(
                    target=item,
                    operation="publish",
                    due_at=self.needed(due_at),
                    user=user,
                    parts=on["parts"],
                    note=form.note,
                ),
                _("The publication is scheduled."),
            ),
            "schedule-withdrawal": (
                lambda: actions.schedule(
                    target=item, operation="withdraw", due_at=self.needed(due_at), user=user, note=form.note
                ),
                _("The withdrawal is scheduled."),
            ),
            "withdraw": (
                lambda: actions.unpublish(item=item, user=user, note=form.note),
                _("Withdrawn: the public does not see it any more."),
            ),
            "discard": (lambda: actions.discard(**on), _("The draft was discarded.")),
            "publish-correction": (
                lambda: actions.publish_correction(
                    item=item, number=correction, user=user, comment=comment, drop_pins=data["drop_pins"]
                ),
                _("Published: the public sees it now."),
            ),
            "decline-correction": (
                lambda: actions.decline_correction(item=item, number=correction, user=user, comment=comment),
                _("The correction was given up; what is live stays as it is."),
            ),
            "comment": (lambda: self.comment(request, item), _("The comment was added.")),
            "cancel": (lambda: self.cancel(request, item), _("The scheduled change was cancelled.")),
            "share": (lambda: actions.share(item=item, user=user), _("A preview link was made.")),
            "revoke": (lambda: self.revoke(request, item), _("The preview link was revoked.")),
        }
        if decision not in steps:
            raise Http404
        step, message = steps[decision]
        try:
            self.require_as_seen(request, item, decision, on["parts"])
            step()
        except PublishingError as error:
            messages.error(request, " ".join(error.messages))
            return False
        messages.success(request, message)
        item.refresh_from_db()
        if decision in ("publish", "publish-again"):
            self.warn_of_hidden(request, [item])
        return True

    def chosen_parts(self, request, item: Publishable, chosen: list[str]) -> list[str] | None:
        """Return the parts that a button acts on: those that were chosen, else all that the person may do it to. What
        nobody has submitted does not go live beside what is in review or approved."""
        decision = request.POST.get("decision")
        if chosen or decision not in PARTS_OF:
            return chosen or None
        action, found = PARTS_OF[decision][0], reviewables(item, drafts_of(item), request.user)
        able = [part.version for part in found if part.takes(decision) and part.may(action)]
        ready = [version for version in able if version.state in REVIEWED] if action == Action.PUBLISH else []
        return [version.part for version in ready or able] or None

    def comment(self, request, item: Publishable) -> None:
        actions.comment(
            item=item,
            part=request.POST.get("part", ""),
            user=request.user,
            text=line(request.POST.get("text", "")),
            place=line(request.POST.get("place", "")),
            answers=number(request.POST.get("answers")),
        )

    def require_as_seen(self, request, item: Publishable, decision: str, parts: list[str] | None) -> None:
        """Raise ``PublishingError`` when ``decision`` is on drafts and the page showed others than there are."""
        shown = request.POST.get(OPENED_ON)
        if decision not in PARTS_OF or shown is None:
            return
        then, now = opened_versions(item, shown), drafts_of(item).working
        if any(then.get(part) != now.get(part) for part in parts or {*then, *now}):
            raise PublishingError(
                _("Somebody saved, published or discarded the draft since you opened this page: see what it is now."),
                code="conflict",
            )

    def needed(self, due_at: datetime | None) -> datetime:
        if due_at is None:
            raise PublishingError(_("Choose date and time first."), code="due")
        return due_at

    def cancel(self, request, item: Publishable) -> None:
        require(request.user, Action.PUBLISH, [item], languages=[])
        change = ScheduledChange.objects.filter(refers_to(item), pk=number(request.POST.get("scheduled"))).first()  # type: ignore[misc] # None finds nothing
        if change is None:
            raise PublishingError(_("There is no such scheduled change."), code="schedule")
        actions.cancel_schedule(change=change, user=request.user)

    def revoke(self, request, item: Publishable) -> None:
        require(request.user, Action.SHARE, [item])
        links = PreviewLink.objects.filter(revision__in=Revision.objects.of(item))
        link = next((link for link in links if str(link.pk) == request.POST.get("link")), None)
        if link is None:
            raise PublishingError(_("There is no such preview link."), code="link")
        actions.revoke(link=link, user=request.user)

    # --- History ---

    def history_view(self, request, object_id, extra_context=None):
        """Every revision: who, when, why; comparison of any two; restoring one as a new draft."""
        item = self.item_or_404(request, object_id)
        if request.method == "POST":
            restored = number(request.POST.get("restore")) or 0
            try:
                actions.restore(item=item, number=restored, user=request.user)
            except PublishingError as error:
                messages.error(request, " ".join(error.messages))
                return HttpResponseRedirect(self.page_url(item, "history"))
            messages.success(request, _("Revision %(number)s is the draft now.") % {"number": restored})
            return HttpResponseRedirect(self.page_url(item, "change"))
        versions = PartVersion.objects.defer("content").select_related("publication__published_by")
        revisions = (
            Revision.objects.of(item).select_related("created_by").prefetch_related(Prefetch("versions", versions))
        )
        return self.page(
            request,
            item,
            "history",
            _("History"),
            revisions=revisions,
            may_restore=may(request.user, Action.RESTORE, item),
            comments=conversation(item),
        )

    def compare_view(self, request, object_id):
        """What editors saw after any two revisions, side by side: ``?from=1&to=4``."""
        item = self.item_or_404(request, object_id)
        pair = [number(request.GET.get(name)) for name in ("from", "to")]
        found = {revision.number: revision for revision in Revision.objects.of(item).filter(number__in=pair)}
        if set(pair) - set(found):
            messages.error(request, _("Choose two revisions to compare."))
            return HttpResponseRedirect(self.page_url(item, "history"))
        before, after = (found[key] for key in pair)
        seen = drafts_of(item).working
        now = stored_parts(item, seen)
        old, new = (compose(type(item), {**now, **contents(as_it_was(item, each, seen))}) for each in (before, after))
        return self.page(
            request,
            item,
            "compare",
            _("Comparison"),
            before=before,
            after=after,
            comparison=compare(type(item), old, new, names=NamesFor(request.user)),
        )

    # --- Conflict ---

    def conflict_view(self, request, object_id, revision):
        """Both versions, field by field; the user takes either or makes one of both."""
        item = self.item_or_404(request, object_id, Action.VIEW)
        mine = Revision.objects.of(item).filter(number=revision, versions__state=PartVersion.State.SET_ASIDE).first()
        if mine is None or (mine.created_by_id != request.user.pk and not may(request.user, Action.RESTORE, item)):
            raise Http404
        working = drafts_of(item).working
        merge = Merge(item, mine, stored_parts(item, working), request.user)
        if request.method == "POST":
            if request.POST.get("decision") == "theirs":
                messages.success(request, _("Nothing was changed; what you typed is in the history."))
                return HttpResponseRedirect(self.work_url(request, item))
            return self.save_merged(request, item, mine, merge.chosen(request.POST))
        return self.page(
            request,
            item,
            "conflict",
            _("Somebody else saved first"),
            mine=mine,
            theirs=[version for part, version in working.items() if part in merge.parts],
            choices=merge.choices,
            opened_on=edit_token(working),
            then=request.GET.get("then", ""),
        )

    def save_merged(self, request, item: Publishable, mine: Revision, data: Snapshot) -> HttpResponse:
        """Save what was made of both, and do what was meant to be done with it."""
        again = HttpResponseRedirect(request.get_full_path())  # with what it says to do then
        try:
            actions.save_draft(item=item, data=data, user=request.user, opened_on=request.POST.get("opened_on", ""))
        except EditConflict:
            messages.error(request, _("Somebody saved again meanwhile; please look once more."))
            return again
        except PublishingError as error:
            messages.error(request, " ".join(error.messages))
            return again
        if request.POST.get("then") in ("submit", "publish"):
            return self.go_on(request, item, request.POST["then"], mine.comment)
        messages.success(request, _("The draft was saved."))
        return HttpResponseRedirect(self.work_url(request, item))

    def work_url(self, request, item: Publishable) -> str:
        """Return the address of the page that a conflict came from: the form, or the desk that ``?back=`` names."""
        back = request.GET.get("back", "")
        index = reverse(f"{self.admin_site.name}:index")
        is_ours = url_has_allowed_host_and_scheme(back, None) and back.startswith(index)
        return back if is_ours else self.page_url(item, "change")

    # --- Preview and presence ---

    def preview_view(self, request, object_id):
        """Lead to the preview of the draft in the language asked for."""
        return HttpResponseRedirect(self.preview_address(request, self.item_or_404(request, object_id)))

    def preview_address(self, request, item: Publishable) -> str:
        return preview_url(item, language=language_for(request))

    def editing_view(self, request, object_id):
        """Answer the form's heartbeat: note that the person is still here, and say who else is (JSON)."""
        item = self.item_or_404(request, object_id)
        if request.method == "POST":
            EditingSession.note(item, request.user)
        names = [session.user.get_username() for session in EditingSession.of_others(item, request.user)]
        current = edit_token(drafts_of(item).working)
        return HttpResponse(json.dumps({"others": names, "current": current}), content_type="application/json")


def release_of(item: Publishable, user) -> Release | None:
    """Return the release in preparation or scheduled that ``item`` is in, where ``user`` may see all of it."""
    return releases_for(user).filter(items__in=entries_of_open_releases().filter(refers_to(item))).first()


def is_elsewhere(pin: Pin, release: Release | None) -> bool:
    """Say whether ``pin`` waits in a schedule, or in another release than ``release``."""
    return pin.release_item is None or release is None or pin.release_item.release != release


def entries_of_open_releases():
    """Return what is in releases that are being prepared or wait for their time."""
    return ReleaseItem.objects.filter(release__state__in=[Release.State.OPEN, Release.State.SCHEDULED])


def pending_changes(item: Publishable):
    """Return what is scheduled for ``item``, the next first."""
    pending = ScheduledChange.objects.filter(refers_to(item), state=ScheduledChange.State.PENDING)
    return pending.select_related("created_by", "content_type")
