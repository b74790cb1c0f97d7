"""Uploaded files, for staff: also those of items that are not live, and of drafts."""

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.db.models import FileField
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.views.generic import View

from cms.content.models import Child, ContentModel, Publishable
from cms.content.snapshots import snapshot
from cms.content.validators import DOCUMENT_TYPES, IMAGE_TYPES, extension
from cms.pages.views import file_response
from cms.publishing.drafts import Drafts, composed, drafts_of
from cms.publishing.exceptions import DraftClash
from cms.publishing.overlay import overlay, without_clash


class UploadedFileView(View):
    """Download of the file in one field of a content row, for those who may see the item it belongs to.

    The file is the one that the form shows: the draft's, where there is a draft. A row that only the draft has is
    found through its item, which ``?of=`` names.
    """

    admin_site = None

    def get(self, request, label, pk, field_name):
        try:
            model = apps.get_model(label)
            field = model._meta.get_field(field_name)
        except (LookupError, ValueError, FieldDoesNotExist):
            raise Http404 from None
        if not (issubclass(model, ContentModel) and isinstance(field, FileField)):
            raise Http404
        item = item_of(model, pk, request.GET.get("of"))
        if not self.admin_site.get_model_admin(type(item)).has_view_permission(request, item):
            raise PermissionDenied
        row = row_in_draft(model, pk, item)
        file = getattr(row, field_name) if row else None
        if not file:
            raise Http404
        return file_response(
            request,
            file,
            media_type={**DOCUMENT_TYPES, **IMAGE_TYPES}.get(extension(file), "application/octet-stream"),
            filename=file.name.rsplit("/", 1)[-1],
            as_attachment=True,
        )


def item_of(model: type[ContentModel], pk, item_pk: str | None) -> ContentModel:
    """Return the item that a row is part of; raises ``Http404`` where there is none."""
    if not issubclass(model, Child):
        return get_object_or_404(model._base_manager, pk=pk)
    if item_pk is None:
        return getattr(get_object_or_404(model._base_manager, pk=pk), model.parent_field)
    try:
        return get_object_or_404(model.parent_model._base_manager, pk=item_pk)
    except (ValueError, ValidationError):
        raise Http404 from None


def row_in_draft(model: type[ContentModel], pk, item: ContentModel) -> ContentModel | None:
    """Return the row as the form of ``item`` shows it, or ``None`` when the item has no such row."""
    rows = model._base_manager.filter(pk=pk)
    if issubclass(model, Child):
        rows = rows.filter(**{model.parent_field: item.pk})
    drafts = drafts_of(item) if isinstance(item, Publishable) else Drafts()
    if not isinstance(item, Publishable) or not drafts.open:
        return rows.first()
    data = composed(item, drafts.working)
    try:
        with overlay([(type(item), item.pk, data)]):
            return rows.first()
    except DraftClash:
        data = without_clash(type(item), data, snapshot(item))
        with overlay([(type(item), item.pk, data)]):
            return rows.first()
