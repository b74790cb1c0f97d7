"""The preview beside the form: the public page with what is being typed, made from what was kept of it last.

What is typed goes through the form's own checks inside an overlay, which is rolled back; the snapshot that it would
save is kept beside it, and shown by the same view as every preview, to its author alone.
"""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.admin import AdminSite, ModelAdmin
from django.http import Http404, HttpRequest, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cms.content.languages import site_languages
from cms.content.models import Publishable
from cms.editing.autosave import as_typed, form_key
from cms.editing.models import UnsavedForm
from cms.publishing.exceptions import DraftClash
from cms.publishing.overlay import Draft
from cms.publishing.permissions import Action, require
from cms.publishing.preview import Preview, address_of, edited_at, opened_besides, parents_of, preview_url

KIND = "typed"  # of the previews that show what is being typed


if TYPE_CHECKING:
    _Admin = ModelAdmin  # what it is mixed into
else:
    _Admin = object


class PreviewPaneMixin(_Admin):
    """Says what the pane beside a form shows now."""

    admin_site: AdminSite
    opts: Any
    item_or_404: Any
    typed_snapshot: Any

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_pane"
        return [
            path("<path:object_id>/pane/", self.admin_site.admin_view(self.pane_view), name=name),
            *super().get_urls(),
        ]

    def pane_view(self, request, object_id):
        """Answer with the address of the preview, in the language asked for, or with what stands in its way (JSON).

        Where nothing is typed that was not saved, it is the preview of the drafts.
        """
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        item, language = self.item_or_404(request, object_id), language_for(request)
        unsaved = UnsavedForm.objects.filter(user=request.user, form_key=form_key(request), object_id=item.pk).first()
        if unsaved is None:
            return JsonResponse({"url": preview_url(item, language=language)})
        if problem := self.make_preview(request, item, unsaved):
            return JsonResponse({"problem": problem})
        return JsonResponse({"url": address_of(KIND, unsaved.form_key, item, language)})

    def make_preview(self, request, item: Publishable, unsaved: UnsavedForm) -> str:
        """Keep the snapshot that ``unsaved`` would save; return what is wrong where it would not be saved."""
        try:
            data, errors = self.typed_snapshot(as_typed(request, unsaved), item)
        except DraftClash as error:
            data, errors = None, error.messages
        if data is None:
            return _("The preview waits for this: %(errors)s") % {"errors": " ".join(dict.fromkeys(errors))}
        UnsavedForm.objects.filter(pk=unsaved.pk).update(shown=data)
        return ""


def language_for(request: HttpRequest) -> str | None:
    """Return the language of the site that a preview is asked for in; else that of the person's own pages."""
    asked = (request.POST.get("language"), request.GET.get("language"), get_language())
    return next((code for code in asked if code in site_languages()), None)


def typed_preview(key: UUID, request: HttpRequest) -> tuple[Preview, list[Draft]]:
    """Return what the preview of what is typed into the form ``key`` shows, to who types it."""
    unsaved = get_object_or_404(UnsavedForm, user=request.user, form_key=key, shown__isnull=False)
    item = unsaved.item
    if item is None:
        raise Http404
    require(request.user, Action.VIEW, [item])  # type: ignore[arg-type] # who is not logged in was refused
    shown = Preview(str(item), None, opened_besides(item), back=edited_at(item))
    return shown, [*parents_of(item), (type(item), item.pk, unsaved.shown)]
