"""The change form as a place to write drafts: what is saved there becomes a revision, and the live rows stay.

The whole of Django's change view runs inside the overlay of the item's draft, so the stock form, its inlines and
its validation see the draft as if it were stored. What a valid form wrote is captured, rolled back with the rest,
and stored as the next revision.
"""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from cms.content.models import Publishable
from cms.content.snapshots import Snapshot, snapshot
from cms.editing.decisions import line, number
from cms.editing.models import EditingSession
from cms.editing.refusals import refusal
from cms.publishing import actions
from cms.publishing.actions.drafts import may_where_drafted
from cms.publishing.drafts import edit_token, latest_revision
from cms.publishing.exceptions import DraftClash, EditConflict, PublishingError
from cms.publishing.models import Revision
from cms.publishing.overlay import overlay, without_clash
from cms.publishing.permissions import Action, forget_grants, require_place

OPENED_ON = "_opened_on"  # the form's hidden field: the edit token of the state it was opened on
COMMENT = "_comment"


if TYPE_CHECKING:
    _Admin = ModelAdmin  # what it is mixed into
else:
    _Admin = object


class DraftAdminMixin(_Admin):
    """Saves are drafts; who may save what is asked from the permission table."""

    page_url: Any
    warn_of_hidden: Any

    # --- The form ---

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        item = self.get_object(request, unquote(object_id)) if object_id else None
        if item is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        current = latest_revision(item)
        request.captured_draft = None
        context = {
            **(extra_context or {}),
            "opened_on": request.POST.get(OPENED_ON) or edit_token(current),
            "revision": current,
            "others_editing": EditingSession.of_others(item, request.user),
            "may_publish": may_where_drafted(request.user, Action.PUBLISH, item, current)
            and not settings.REVIEW_BY_ANOTHER_PERSON,  # who saves has written it
        }
        data = current.snapshot if current and current.is_open else None
        try:
            response = self.form_on_draft(request, item, data, form_url, context)
        except DraftClash as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            data = without_clash(type(item), data, snapshot(item))
            response = self.form_on_draft(request, item, data, form_url, context)
        if request.captured_draft is not None:
            return self.save_captured(request, item, request.captured_draft)
        if request.method == "GET":
            EditingSession.note(item, request.user)
        return response

    def form_on_draft(self, request, item, data: Snapshot | None, form_url, context) -> HttpResponse:
        """Return the answer of Django's change view with ``data`` in the place of the stored row."""
        with overlay([(type(item), item.pk, data)]):
            response = super().changeform_view(request, str(item.pk), form_url, context)
            if hasattr(response, "render"):
                response.render()
        return response

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
        opened_on = request.POST.get(OPENED_ON, "")
        comment = comment_of(request)
        before = latest_revision(item)
        base = number(opened_on.partition(":")[0])
        try:
            actions.save_draft(item=item, data=data, user=request.user, opened_on=opened_on, comment=comment)
        except EditConflict:
            kept = actions.set_aside(item=item, data=data, user=request.user, base_number=base)
            return HttpResponseRedirect(self.page_url(item, "conflict", kept.number))
        except PublishingError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            actions.set_aside(item=item, data=data, user=request.user, base_number=base)
            if error.code == "deleted":
                return self.response_post_save_change(request, item)
            return HttpResponseRedirect(self.page_url(item, "history"))
        EditingSession.forget(item, request.user)
        item.refresh_from_db()
        if "_publish" in request.POST:
            return self.perform(request, item, lambda: actions.publish(item=item, user=request.user), PUBLISHED)
        if "_submit_for_review" in request.POST:
            return self.perform(
                request, item, lambda: actions.submit(item=item, user=request.user, comment=comment), SUBMITTED
            )
        if "_preview" in request.POST:
            return HttpResponseRedirect(self.page_url(item, "preview"))
        if IS_POPUP_VAR in request.POST:
            return super().response_change(request, item)
        self.message_user(request, _("The draft of “%(name)s” was saved.") % {"name": item}, messages.SUCCESS)
        if before and before.state in (Revision.State.SUBMITTED, Revision.State.APPROVED):
            self.message_user(
                request, _("It was in review before: submit it again when it is ready."), messages.WARNING
            )
        if "_continue" in request.POST or "_addanother" not in request.POST and "_save" not in request.POST:
            return HttpResponseRedirect(self.page_url(item, "change"))
        return self.response_post_save_change(request, item)

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
        if "_publish" in request.POST:
            return self.perform(request, obj, lambda: actions.publish(item=obj, user=request.user), PUBLISHED)
        if "_submit_for_review" in request.POST:
            return self.perform(
                request, obj, lambda: actions.submit(item=obj, user=request.user, comment=comment), SUBMITTED
            )
        if "_preview" in request.POST:
            return HttpResponseRedirect(self.page_url(obj, "preview"))
        return super().response_add(request, obj, post_url_continue)


def comment_of(request) -> str:
    """Return why something is saved, as the form says it; the page has the field above and below."""
    return next(filter(None, (line(text) for text in request.POST.getlist(COMMENT))), "")


PUBLISHED = _("“%(name)s” is live.")
SUBMITTED = _("“%(name)s” was submitted for review.")
