"""The pages beside an item's form: review, history, comparison, conflict, preview."""

import json
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.content.comparison import compare
from cms.content.languages import site_languages
from cms.content.merging import MINE, THEIRS, choices, merged
from cms.content.models import Publishable
from cms.content.snapshots import changed_languages, snapshot
from cms.editing.access import NamesFor, languages_for, releases_for
from cms.editing.confirmation import ConfirmationMixin
from cms.editing.decisions import PublicationForm, number
from cms.editing.kept import kept_data
from cms.editing.models import EditingSession
from cms.publishing import actions
from cms.publishing.actions.drafts import may_where_drafted, needs_another_person
from cms.publishing.drafts import drafted, edit_token, latest_revision
from cms.publishing.exceptions import EditConflict, PublishingError
from cms.publishing.models import PreviewLink, ReleaseItem, Revision, ScheduledChange
from cms.publishing.models.revisions import refers_to
from cms.publishing.permissions import Action, may, require
from cms.publishing.preview import link_url, opened_besides, preview_url

OPENED_ON = "opened_on"  # the page's hidden field: the edit token of the draft that it shows
ON_DRAFT = {"submit", "request-changes", "approve", "publish", "schedule", "discard"}


class DraftPagesMixin(ConfirmationMixin):
    """Adds the pages to a model admin, at ``<item>/<page>/``."""

    admin_site: AdminSite
    opts: Any
    get_object: Any
    warn_of_hidden: Any

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

    # --- Review and publication ---

    def review_view(self, request, object_id):
        """What the draft changes, and everything that can be done with it."""
        item = self.item_or_404(request, object_id)
        form = PublicationForm(request.POST or None)
        if request.method == "POST":
            if not form.is_valid():
                messages.error(request, _("Please correct what is marked below."))
            elif self.asks_first(request, item, form):
                return self.ask_to_withdraw(request, [item], kept_data(request))
            elif self.decide(request, item, form):
                return HttpResponseRedirect(self.page_url(item, "review"))
            item = self.item_or_404(request, object_id)  # as it is stored; what was typed stays in the form
        revision = latest_revision(item)
        live = snapshot(item)
        draft = revision.snapshot if revision and revision.is_open else None
        own = (
            bool(draft) and revision.state != Revision.State.APPROVED and needs_another_person(revision, request.user)
        )
        links = PreviewLink.objects.filter(revision__in=Revision.objects.of(item)).select_related("created_by")
        return self.page(
            request,
            item,
            "review",
            _("Review and publish"),
            form=form,
            revision=revision,
            opened_on=edit_token(revision),
            comparison=compare(type(item), live, draft, names=NamesFor(request.user))
            if draft and item.first_published_at
            else None,
            scheduled=pending_changes(item),
            links=[(link, request.build_absolute_uri(link_url(link))) for link in links if link.is_valid],
            may_publish=may(request.user, Action.PUBLISH, item),
            may_put_live=may_where_drafted(request.user, Action.PUBLISH, item, revision) and not own,
            may_approve=may_where_drafted(request.user, Action.REVIEW, item, revision) and not own,
            may_review=may(request.user, Action.REVIEW, item),
            is_own=own,
            may_discard=bool(draft and item.first_published_at)
            and may(request.user, Action.SAVE, item, languages=changed_languages(type(item), live, draft)),
            may_share=may(request.user, Action.SHARE, item),
            opened=opened_besides(item),
            may_save=self.has_change_permission(request, item),
            publication=self.get_publication(item),
            preview_url=self.page_url(item, "preview"),
            release=releases_for(request.user)
            .filter(items__in=ReleaseItem.objects.filter(refers_to(item)), state__in=["open", "scheduled"])
            .first(),
            time_zone=timezone.get_current_timezone_name(),
        )

    def decide(self, request, item: Publishable, form: PublicationForm) -> bool:
        """Do what the pressed button of the review page asks for; say what came of it, and whether it was done."""
        data, user = form.cleaned_data, request.user
        languages = data["languages"] or None
        due_at = data["due_at"]
        publication = {"user": user, "languages": languages, "note": form.note}
        decision = request.POST.get("decision", "")
        steps = {
            "submit": (
                lambda: actions.submit(item=item, user=user, comment=data["comment"]),
                _("Submitted: the publishers find it on their front page."),
            ),
            "request-changes": (
                lambda: actions.request_changes(item=item, user=user, comment=data["comment"]),
                _("The author has been asked for changes."),
            ),
            "approve": (
                lambda: actions.approve(item=item, user=user, comment=data["comment"]),
                _("Approved; it is not public yet."),
            ),
            "publish": (
                lambda: actions.publish(item=item, comment=data["comment"], **publication),
                _("Published: the public sees it now."),
            ),
            "schedule": (
                lambda: actions.schedule(target=item, operation="publish", due_at=self.needed(due_at), **publication),
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
            "discard": (lambda: actions.discard(item=item, user=user), _("The draft was discarded.")),
            "cancel": (lambda: self.cancel(request, item), _("The scheduled change was cancelled.")),
            "share": (lambda: actions.share(item=item, user=user), _("A preview link was made.")),
            "revoke": (lambda: self.revoke(request, item), _("The preview link was revoked.")),
        }
        if decision not in steps:
            raise Http404
        step, message = steps[decision]
        try:
            self.require_as_seen(request, item, decision)
            step()
        except PublishingError as error:
            messages.error(request, " ".join(error.messages))
            return False
        messages.success(request, message)
        item.refresh_from_db()
        if decision == "publish":
            self.warn_of_hidden(request, [item])
        return True

    def require_as_seen(self, request, item: Publishable, decision: str) -> None:
        """Raise ``PublishingError`` when ``decision`` is on a draft and the page showed another one than there is."""
        shown = request.POST.get(OPENED_ON)
        if decision in ON_DRAFT and shown is not None and shown != edit_token(latest_revision(item)):
            raise PublishingError(
                _("Somebody saved, published or discarded the draft since you opened this page: see what it is now."),
                code="conflict",
            )

    def needed(self, due_at: datetime | None) -> datetime:
        if due_at is None:
            raise PublishingError(_("Choose date and time first."), code="due")
        return due_at

    def cancel(self, request, item: Publishable) -> None:
        require(request.user, Action.PUBLISH, [item])
        change = ScheduledChange.objects.filter(  # type: ignore[misc] # None finds nothing
            pk=number(request.POST.get("scheduled")), revision__in=Revision.objects.of(item)
        ).first()
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
        revisions = Revision.objects.of(item).defer("snapshot").select_related("created_by", "published_by")
        return self.page(
            request,
            item,
            "history",
            _("History"),
            revisions=revisions,
            may_restore=may(request.user, Action.RESTORE, item),
        )

    def compare_view(self, request, object_id):
        """Any two revisions side by side: ``?from=1&to=4``."""
        item = self.item_or_404(request, object_id)
        pair = [number(request.GET.get(name)) for name in ("from", "to")]
        found = {revision.number: revision for revision in Revision.objects.of(item).filter(number__in=pair)}
        if set(pair) - set(found):
            messages.error(request, _("Choose two revisions to compare."))
            return HttpResponseRedirect(self.page_url(item, "history"))
        before, after = (found[key] for key in pair)
        return self.page(
            request,
            item,
            "compare",
            _("Comparison"),
            before=before,
            after=after,
            comparison=compare(type(item), before.snapshot, after.snapshot, names=NamesFor(request.user)),
        )

    # --- Conflict ---

    def conflict_view(self, request, object_id, revision):
        """Both versions, field by field; the user takes either or makes one of both."""
        item = self.item_or_404(request, object_id, Action.VIEW)
        mine = Revision.objects.of(item).filter(number=revision, state=Revision.State.SET_ASIDE).first()
        if mine is None or (mine.created_by_id != request.user.pk and not may(request.user, Action.RESTORE, item)):
            raise Http404
        current = latest_revision(item)
        theirs = drafted(item)
        base = Revision.objects.of(item).filter(number=mine.base_number or 1).first()
        names = NamesFor(request.user)
        found = choices(type(item), base.snapshot if base else theirs, mine.snapshot, theirs, names=names)
        languages = languages_for(request.user, item)
        if languages is not None:  # all else is as the others have it
            found = [choice for choice in found if choice.language in languages]
        if request.method == "POST":
            if request.POST.get("decision") == "theirs":
                messages.success(request, _("Nothing was changed; what you typed is in the history."))
                return HttpResponseRedirect(self.page_url(item, "change"))
            known = {choice.path: choice.preselected for choice in found}
            picked = {path: request.POST.get(path, preselected) for path, preselected in known.items()}
            if request.POST.get("decision") == "mine":
                picked = dict.fromkeys(known, MINE)
            if set(picked.values()) - {MINE, THEIRS}:
                raise Http404
            if languages is None:
                data = merged(mine.snapshot, theirs, picked)
            else:
                taken = {path: THEIRS for path, whose in picked.items() if whose == MINE}
                data = merged(theirs, mine.snapshot, taken)
            try:
                actions.save_draft(
                    item=item, data=data, user=request.user, opened_on=request.POST.get("opened_on", "")
                )
            except EditConflict:
                messages.error(request, _("Somebody saved again meanwhile; please look once more."))
                return HttpResponseRedirect(self.page_url(item, "conflict", mine.number))
            except PublishingError as error:
                messages.error(request, " ".join(error.messages))
                return HttpResponseRedirect(self.page_url(item, "conflict", mine.number))
            messages.success(request, _("The draft was saved."))
            return HttpResponseRedirect(self.page_url(item, "change"))
        return self.page(
            request,
            item,
            "conflict",
            _("Somebody else saved first"),
            mine=mine,
            current=current,
            choices=found,
            opened_on=edit_token(current),
        )

    # --- Preview and presence ---

    def preview_view(self, request, object_id):
        """Lead to the preview of the draft in the language asked for."""
        item = self.item_or_404(request, object_id)
        language = request.GET.get("language")
        if language not in site_languages():
            language = None
        return HttpResponseRedirect(preview_url(item, language=language))

    def editing_view(self, request, object_id):
        """Answer the form's heartbeat: note that the person is still here, and say who else is (JSON)."""
        item = self.item_or_404(request, object_id)
        if request.method == "POST":
            EditingSession.note(item, request.user)
        names = [session.user.get_username() for session in EditingSession.of_others(item, request.user)]
        current = edit_token(latest_revision(item))
        return HttpResponse(json.dumps({"others": names, "current": current}), content_type="application/json")


def pending_changes(item: Publishable):
    """Return what is scheduled for ``item``, the next first."""
    pending = ScheduledChange.objects.filter(
        state=ScheduledChange.State.PENDING, revision__in=Revision.objects.of(item).order_by().values("pk")
    )
    return pending.defer("revision__snapshot").select_related("revision", "created_by")
