"""The change form as a place to write drafts: what is saved there becomes a revision, and the live rows stay.

The whole of Django's change view runs inside the overlay of the item's draft, so the stock form, its inlines and
its validation see the draft as if it were stored. What a valid form wrote is captured, rolled back with the rest,
and stored as the next revision.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import unquote
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from cms.content.models import Publishable
from cms.content.parts import SHARED
from cms.content.snapshots import Snapshot, snapshot
from cms.editing.access import languages_for
from cms.editing.autosave import is_restored
from cms.editing.confirmation import is_confirmed, moved_by, moved_to
from cms.editing.decisions import line
from cms.editing.models import EditingSession
from cms.editing.refusals import refusal
from cms.editing.review import CORRECT, may_correct, may_publish_some
from cms.editing.still_right import confirm_ticked, outdated_texts
from cms.publishing import actions
from cms.publishing.actions.publication import REVIEWED
from cms.publishing.actions.review import TO_SUBMIT
from cms.publishing.drafts import Versions, composed, drafts_of, edit_token, opened_versions
from cms.publishing.exceptions import DraftClash, EditConflict, PublishingError
from cms.publishing.models import Comment, PartVersion
from cms.publishing.overlay import overlay, without_clash
from cms.publishing.permissions import Action, forget_grants, grants_of, require_place

OPENED_ON = "_opened_on"  # the form's hidden field: the edit token of the state it was opened on
COMMENT = "_comment"
WRITTEN = "_written"  # of a page that asks about a correction: what the form wrote
CORRECTION_ONLY = "_correction_only"


if TYPE_CHECKING:
    _Admin = ModelAdmin  # what it is mixed into
else:
    _Admin = object


class DraftAdminMixin(_Admin):
    """Saves are drafts; who may save what is asked from the permission table."""

    page_url: Any
    preview_address: Any
    warn_of_hidden: Any
    ask_to_move: Any
    forget_typed: Any

    # --- The form ---

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        item = self.get_object(request, unquote(object_id)) if object_id else None
        if item is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        drafts = drafts_of(item)
        request.captured_draft = None
        corrects = is_correction(request, item)
        if corrects and is_confirmed(request):
            return self.save_correction(request, item, asked_about(request, item))
        seen = self.seen_in_form(request, item, drafts.live if corrects else drafts.working)
        languages = languages_for(request.user, item)
        request.outdated_texts = None if corrects else outdated_texts(type(item), seen, languages)
        context = {
            **(extra_context or {}),
            "opened_on": request.POST.get(OPENED_ON) or edit_token(seen),
            "corrects": corrects,
            "two_people": settings.REVIEW_BY_ANOTHER_PERSON,
            "typed_comment": comment_of(request),
            "drafts": drafts.open.values(),
            "asked_for": asked_for(drafts.open.values()),
            "others_editing": EditingSession.of_others(item, request.user),
            "may_submit": bool(grants_of(request.user).languages(item.scope_key()) != set()),
            "may_publish": may_publish_some(request.user, item)
            and item.status != Publishable.Status.WITHDRAWN  # it is published again on its page of review
            and not settings.REVIEW_BY_ANOTHER_PERSON,  # who saves has written it
        }
        data = composed(item, seen) if is_restored(request) or drafts.open and not corrects else None
        try:
            response = self.form_on_draft(request, item, data, form_url, context)
        except DraftClash as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            data = without_clash(type(item), data, snapshot(item))
            response = self.form_on_draft(request, item, data, form_url, context)
        if request.captured_draft is not None and corrects:
            return self.save_correction(request, item, request.captured_draft)
        if request.captured_draft is not None:
            return self.save_captured(request, item, request.captured_draft)
        if request.method == "GET" or is_restored(request):
            EditingSession.note(item, request.user)
        return response

    def seen_in_form(self, request, item: Publishable, now: Versions) -> Versions:
        """Return the versions that the form shows: those of ``now``, or those that a restored form was opened on."""
        return opened_versions(item, request.POST.get(OPENED_ON, "")) or now if is_restored(request) else now

    def form_on_draft(self, request, item, data: Snapshot | None, form_url, context) -> HttpResponse:
        """Return the answer of Django's change view with ``data`` in the place of the stored row."""
        with overlay([(type(item), item.pk, data)]):
            response = super().changeform_view(request, str(item.pk), form_url, context)
            if hasattr(response, "render"):
                response.render()
        return response

    def typed_snapshot(self, request, item: Publishable) -> tuple[Snapshot | None, list[str]]:
        """Return what would be saved of ``item`` if the form in ``request`` were sent, and what its checks say.

        Raises ``DraftClash`` where the drafts cannot stand beside what is stored now.
        """
        drafts, request.captured_draft = drafts_of(item), None
        data = composed(item, drafts.working) if drafts.open and not is_correction(request, item) else None
        with overlay([(type(item), item.pk, data)]):
            response = super().changeform_view(request, str(item.pk))
            context = getattr(response, "context_data", None) or {}
            errors = [str(text) for found in context.get("errors", []) for text in found]
        return request.captured_draft, errors

    def get_form(self, request, obj=None, change=False, **kwargs):  # noqa: FBT002 - Django's signature
        form = super().get_form(request, obj, change, **kwargs)
        form.outdated = getattr(request, "outdated_texts", None)
        return form

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        if change:
            request.captured_draft = snapshot(form.instance)

    def response_change(self, request, obj):
        if getattr(request, "captured_draft", None) is not None:
            return HttpResponse()  # replaced once the draft is stored
        return super().response_change(request, obj)

    def log_change(self, request, obj, message):
        """Leave it to the actions, whose audit entry outlives the roll-back."""

    def log_addition(self, request, obj, message):
        """Leave it to the actions."""

    def log_deletions(self, request, queryset):
        """Leave it to the actions."""

    def save_captured(self, request, item: Publishable, data: Snapshot) -> HttpResponse:
        """Store what the form wrote as the next revision, then do what the pressed button asks for."""
        opened_on, comment = request.POST.get(OPENED_ON, ""), comment_of(request)
        before = drafts_of(item).open
        kept = {"item": item, "data": data, "user": request.user, "opened_on": opened_on, "comment": comment}
        try:
            actions.save_draft(**kept, correction_only=CORRECTION_ONLY in request.POST)
        except EditConflict as error:
            aside = actions.set_aside(**kept, parts=error.parts)
            self.forget_typed(request)
            query = f"?{urlencode({'then': intention(request)})}" if intention(request) else ""
            return HttpResponseRedirect(self.page_url(item, "conflict", aside.number) + query)
        except PublishingError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            actions.set_aside(**kept)
            self.forget_typed(request)
            if error.code == "deleted":
                return self.response_post_save_change(request, item)
            return HttpResponseRedirect(self.page_url(item, "history"))
        EditingSession.forget(item, request.user)
        self.forget_typed(request)
        item.refresh_from_db()
        try:
            confirm_ticked(request, item)
        except PublishingError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return HttpResponseRedirect(self.page_url(item, "change"))
        if then := intention(request):
            return self.go_on(request, item, then, comment)
        if "_preview" in request.POST:
            return HttpResponseRedirect(self.preview_address(request, item))
        if IS_POPUP_VAR in request.POST:
            return super().response_change(request, item)
        self.message_user(request, _("The draft of “%(name)s” was saved.") % {"name": item}, messages.SUCCESS)
        self.warn_of_lost_review(request, before, drafts_of(item).open)
        if "_continue" in request.POST or "_addanother" not in request.POST and "_save" not in request.POST:
            return HttpResponseRedirect(self.page_url(item, "change"))
        return self.response_post_save_change(request, item)

    def save_correction(self, request, item: Publishable, data: Snapshot) -> HttpResponse:
        """Publish what the form wrote in the place of what is live; the drafts get it too. The page that asks about a
        move carries what was written along, since no page can carry files."""
        opened_on = request.POST.get(OPENED_ON)
        if not is_confirmed(request) and (moved := moved_to([(item, data["fields"])], request.user)):
            written = signing.dumps(data, salt=salt_of(request, item), compress=True)
            return self.ask_to_move(request, moved, [(OPENED_ON, opened_on), (WRITTEN, written)])
        try:
            only = CORRECTION_ONLY in request.POST
            publication = actions.correct_live(
                item=item, data=data, user=request.user, opened_on=opened_on, correction_only=only
            )
        except PublishingError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            if error.code == "unchanged":
                self.forget_typed(request)
                return HttpResponseRedirect(self.page_url(item, "review"))
            actions.set_aside(item=item, data=data, user=request.user, opened_on=opened_on or "")
            self.forget_typed(request)
            self.message_user(request, _("What you typed is in the history."), messages.WARNING)
            return HttpResponseRedirect(self.page_url(item, "history"))
        done = _("The correction of “%(name)s” is live.") if publication else WAITS
        self.forget_typed(request)
        self.message_user(request, done % {"name": item}, messages.SUCCESS)
        return HttpResponseRedirect(self.page_url(item, "review"))

    def warn_of_lost_review(self, request, before: Versions, now: Versions) -> None:
        """Say which parts were in review before they were saved again."""
        lost = [
            version.label
            for part, version in before.items()
            if version.state in REVIEWED and (part not in now or now[part] != version)
        ]
        if lost:
            text = _("In review before: %(parts)s. Submit it again when it is ready.")
            self.message_user(request, text % {"parts": ", ".join(lost)}, messages.WARNING)

    def go_on(self, request, item: Publishable, then: str, comment: str = "") -> HttpResponse:
        """Do what was meant to be done with the drafts once they are saved, with those that the person wrote."""
        user, own = request.user, own_drafts(item, request.user)
        parts = list(own) or None
        if then == "publish":
            open_now = drafts_of(item)
            shared = open_now.open.get(SHARED) if parts is None or SHARED in parts else None
            if moved := moved_by([(item, shared)], user):
                return self.ask_to_move_saved(request, moved, item, parts or [], edit_token(open_now.working))
            return self.perform(request, item, lambda: actions.publish(item=item, user=user, parts=parts), PUBLISHED)
        parts = [part for part, version in own.items() if version.state in TO_SUBMIT] or parts
        return self.perform(
            request, item, lambda: actions.submit(item=item, user=user, parts=parts, comment=comment), SUBMITTED
        )

    def ask_to_move_saved(self, request, moved, item: Publishable, parts: list[str], token: str) -> HttpResponse:
        """Return the page that asks whether to publish the draft that was just saved, which moves ``item``; what is
        answered there goes to the page of review."""
        review = self.page_url(item, "review")
        pairs = [("decision", "publish"), ("opened_on", token), *(("parts", part) for part in parts)]
        self.message_user(request, _("The draft of “%(name)s” was saved.") % {"name": item}, messages.SUCCESS)
        return self.ask_to_move(request, moved, pairs, target=review, back=self.page_url(item, "change"))

    def perform(self, request, item: Publishable, action, message) -> HttpResponse:
        """Do ``action`` with the draft that was just saved; say ``message``, or why it could not be done; come back to
        the form."""
        try:
            action()
        except PermissionDenied:
            kept = _("The draft of “%(name)s” was saved; nothing else was done.") % {"name": item}
            return refusal(request, kept=kept, back=self.page_url(item, "change"))
        except PublishingError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
        else:
            item.refresh_from_db()
            self.message_user(request, message % {"name": item}, messages.SUCCESS)
            if item.is_live:
                self.warn_of_hidden(request, [item])
        return HttpResponseRedirect(self.page_url(item, "change"))

    # --- New items and deletion ---

    def save_model(self, request, obj, form, change):
        if not change:
            require_place(request.user, Action.CREATE, obj)
        super().save_model(request, obj, form, change)
        if not change:
            forget_grants(request.user)

    def response_add(self, request, obj, post_url_continue=None):
        comment = comment_of(request)
        actions.save_draft(item=obj, data=snapshot(obj), user=request.user, opened_on=None, comment=comment)
        self.forget_typed(request)
        if then := intention(request):
            return self.go_on(request, obj, then, comment)
        if "_preview" in request.POST:
            return HttpResponseRedirect(self.preview_address(request, obj))
        return super().response_add(request, obj, post_url_continue)


def comment_of(request) -> str:
    """Return why something is saved, as the form says it; the page has the field above and below."""
    return next(filter(None, (line(text) for text in request.POST.getlist(COMMENT))), "")


def intention(request) -> str:
    """Return what shall happen to the drafts once they are saved: ``"submit"``, ``"publish"`` or nothing."""
    buttons = {"_submit_for_review": "submit", "_publish": "publish"}
    return next((then for button, then in buttons.items() if button in request.POST), "")


def is_correction(request, item: Publishable) -> bool:
    """Say whether the form is opened to correct what is live; raises ``PermissionDenied`` for who may not."""
    if CORRECT not in request.GET:
        return False
    if not may_correct(request.user, item):
        raise PermissionDenied
    return True


def salt_of(request, item: Publishable) -> str:
    """Return what ties a correction that the person was asked about to them and to ``item``."""
    return f"correction of {item.pk} by {request.user.pk}"


def asked_about(request, item: Publishable) -> Snapshot:
    """Return the correction that the person said yes to; raises ``Http404`` for one that we did not ask about."""
    try:
        written = request.POST.get(WRITTEN, "")
        return signing.loads(written, salt=salt_of(request, item))
    except signing.BadSignature:
        raise Http404 from None


def own_drafts(item: Publishable, user) -> Versions:
    """Return the open versions of ``item`` that ``user`` saved last, or that are approved: what a button of the form
    is about. What others are still writing is theirs to hand over."""
    found = drafts_of(item).open
    return {
        part: version
        for part, version in found.items()
        if version.author_id == user.pk or version.state == PartVersion.State.APPROVED
    }


def asked_for(versions: Iterable[PartVersion]) -> list[Comment]:
    """Return what reviewers want changed in those of ``versions`` that they sent back."""
    sent_back = [version for version in versions if version.state == PartVersion.State.CHANGES_REQUESTED]
    if not sent_back:
        return []
    comments = Comment.objects.filter(version__in=sent_back, kind=Comment.Kind.CHANGES_REQUESTED)
    return list(comments.select_related("author", "version"))


PUBLISHED = _("“%(name)s” is live.")
WAITS = _("The correction of “%(name)s” waits until somebody else publishes it.")
SUBMITTED = _("“%(name)s” was submitted for review.")
