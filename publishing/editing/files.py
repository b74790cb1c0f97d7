"""Uploaded files, for staff: also those of items that are not live."""

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db.models import FileField
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.views.generic import View

from publishing.models import Child, ContentModel
from publishing.validators import DOCUMENT_TYPES, IMAGE_TYPES, extension
from publishing.views import file_response


class UploadedFileView(View):
    """Download of the file in one field of a content row, for those who may see the item it belongs to."""

    admin_site = None

    def get(self, request, label, pk, field_name):
        try:
            model = apps.get_model(label)
            field = model._meta.get_field(field_name)
        except (LookupError, ValueError, FieldDoesNotExist):
            raise Http404 from None
        if not (issubclass(model, ContentModel) and isinstance(field, FileField)):
            raise Http404
        row = get_object_or_404(model._base_manager, pk=pk)
        item = getattr(row, model.parent_field) if isinstance(row, Child) else row
        if not self.admin_site.get_model_admin(type(item)).has_view_permission(request, item):
            raise PermissionDenied
        file = getattr(row, field_name)
        if not file:
            raise Http404
        return file_response(
            file,
            media_type={**DOCUMENT_TYPES, **IMAGE_TYPES}.get(extension(file), "application/octet-stream"),
            filename=file.name.rsplit("/", 1)[-1],
            as_attachment=True,
        )
