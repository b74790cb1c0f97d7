"""``/exports/``: complete copies of the content to start from, and the files that records speak of."""

from functools import cached_property
from pathlib import PurePath
from typing import ClassVar
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from cms.api.bulk import CSV, JSON, JSON_LINES, ZIP, exporting, holds_withdrawn, is_current, latest_export, make_export
from cms.api.changes import ChangeSerializer
from cms.api.fields import Moment
from cms.api.models import ContentExport
from cms.api.openapi_parameters import path_parameter
from cms.api.problems import ProblemError
from cms.api.records import RecordSchema, schema_of
from cms.api.views import ReadOnlyView
from cms.content.models import ContentModel
from cms.content.registry import public_rows
from cms.content.validators import DOCUMENT_TYPES, IMAGE_TYPES
from cms.pages.files import file_part_response, upload_etag
from cms.pages.stored.views import PublicOnlyMixin
from cms.publishing.tokens import FORM


class ExportFileSerializer(serializers.Serializer):
    """One file of an export."""

    name = serializers.CharField(help_text=gettext_lazy("Name of the file."))
    collection = serializers.CharField(
        allow_null=True,
        help_text=gettext_lazy(
            "The collection that it is of; null for the description of the tables and the zip of all."
        ),
    )
    media_type = serializers.CharField(help_text=gettext_lazy("JSON Lines, CSV (RFC 4180), JSON or zip."))
    size = serializers.IntegerField(help_text=gettext_lazy("Size in bytes."))
    sha256 = serializers.CharField(help_text=gettext_lazy("SHA-256 of the file, in hexadecimal digits."))
    url = serializers.URLField(help_text=gettext_lazy("Where it is downloaded, in parts too (Range)."))

    class Meta:
        description = gettext_lazy("One file of an export.")
        examples = {
            "name": "offices.jsonl",
            "collection": "offices",
            "media_type": "application/x-ndjson",
            "size": 18231,
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "url": f"{settings.SITE_URL}{settings.API_PATH}v1/exports/5f0c1d9a27be-1041/offices.jsonl",
        }


class ExportSerializer(serializers.Serializer):
    """An export."""

    token = serializers.CharField(
        help_text=gettext_lazy("The change token at which all these files stand: the first “since” of a copy.")
    )
    made_at = Moment(help_text=gettext_lazy("When it was made (ISO 8601, UTC)."))
    changes = serializers.URLField(help_text=gettext_lazy("Address of the changes since then."))
    files = ExportFileSerializer(many=True, help_text=gettext_lazy("The files, the zip of all of them last."))

    class Meta:
        description = gettext_lazy("Complete, consistent copies of every collection, all at one change token.")
        examples = {
            "token": "5f0c1d9a27be-1041",
            "made_at": "2026-03-05T09:00:00Z",
            "changes": f"{settings.SITE_URL}{settings.API_PATH}v1/changes/?since=5f0c1d9a27be-1041",
            "files": [ExportFileSerializer.Meta.examples],
        }


class ExportsView(PublicOnlyMixin, ReadOnlyView):
    """The newest export. One that is behind is given all the same, since the changes lead on from it, while a new
    one is made beside."""

    detail_summary = gettext_lazy("Find the bulk export")
    is_conditional = False  # a newer export of the same content may be ready
    stored_parameters = False

    def get_serializer_class(self):
        return ExportSerializer

    def get(self, request: Request) -> Response:
        export = latest_export() or make_export()
        if not is_current(export):
            exporting.start()
        return Response(
            {
                "token": export.token,
                "made_at": Moment().to_representation(export.made_at),
                "changes": f"{reverse('api:changes', request=request)}?since={export.token}",
                "files": [
                    {
                        **{name: file[name] for name in ("name", "media_type", "size", "sha256")},
                        "collection": file["collection"] or None,
                        "url": reverse("api:export-file", args=[export.token, file["name"]], request=request),
                    }
                    for file in export.files
                ],
            }
        )


class FileView(PublicOnlyMixin, ReadOnlyView):
    """A file: never changed under its address, and given in parts.

    Subclasses say by ``media_types`` and ``detail_description`` what it may be, for the description.
    """

    parameters = ()
    is_conditional = False  # a file has validators of its own
    stored_parameters = False
    problems = ("not-found", "range-not-satisfiable")
    media_types: ClassVar[tuple[str, ...]]
    detail_description: ClassVar[str | Promise]
    operation_id: ClassVar[str]

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        if response.status_code in (200, 206, 304):  # a file is the same whatever language the reader likes
            response.depends_on = "Accept-Encoding"
        return response


class ExportFileView(FileView):
    """One file of an export."""

    operation_id = "exports_download"
    problems = (*FileView.problems, "expired-token")  # type: ignore[assignment] # as many as there are
    detail_summary = gettext_lazy("Download a file of an export")
    detail_description = gettext_lazy(
        "JSON Lines (one record a line), CSV, what describes the tables, or all as zip. “exports” has the addresses."
    )
    media_types = (JSON_LINES, CSV.partition(";")[0], JSON, ZIP)
    described_parameters = (
        path_parameter("token", gettext_lazy("Token of the export."), ExportSerializer.Meta.examples["token"]),
        path_parameter("name", gettext_lazy("Name of the file."), ExportFileSerializer.Meta.examples["name"]),
    )

    def get(self, request: Request, token: str, name: str) -> HttpResponseBase:
        export = ContentExport.objects.filter(token=token).first()
        if (export is None and FORM.fullmatch(token)) or (export and holds_withdrawn(export)):
            raise self.expired(request)
        file = next((file for file in export.files if file["name"] == name), None) if export else None
        if file is None:
            raise Http404
        try:
            content = default_storage.open(file["path"])
        except FileNotFoundError:
            raise Http404 from None
        response = file_part_response(request, content, size=file["size"], etag=f'"{file["sha256"]}"')
        response["Content-Type"] = file["media_type"]
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def expired(self, request: Request) -> ProblemError:
        exports = reverse("api:exports", request=request)
        detail = _(
            "This export is not kept any more: it is old, or holds what was withdrawn. Take the one at %(exports)s."
        )
        return ProblemError("expired-token", detail % {"exports": exports}, exports=exports)


class RecordFileView(FileView):
    """An uploaded file of a public item or of a part of it, at the address that records give."""

    operation_id = "files_download"
    detail_summary = gettext_lazy("Download an uploaded file")
    detail_description = gettext_lazy(
        "A document or picture of a public item or of a part of it. Records have the addresses."
    )
    media_types = tuple(sorted({*DOCUMENT_TYPES.values(), *IMAGE_TYPES.values()}))
    described_parameters = (
        path_parameter("type", gettext_lazy("Kind of what the file belongs to."), "document"),
        path_parameter(
            "key",
            gettext_lazy("Identifier of what the file belongs to."),
            ChangeSerializer.Meta.examples["id"],
            "uuid",
        ),
        path_parameter("field", gettext_lazy("Name of the field."), "file"),
    )

    def get(self, request: Request, type: str, key: UUID, field: str) -> HttpResponseBase:
        file = self.public_file(type, key, field)
        extension = PurePath(file.name).suffix.lower() if file else ""  # type: ignore[arg-type] # a stored file has a name
        media_type = (DOCUMENT_TYPES | IMAGE_TYPES).get(extension)
        if media_type is None:
            raise Http404
        try:
            content, size = file.open("rb"), file.size  # type: ignore[union-attr] # a stored file has a name
        except FileNotFoundError:
            raise Http404 from None
        response = file_part_response(request, content, size=size, etag=upload_etag(file.name, size))  # type: ignore[arg-type, union-attr] # a stored file has a name
        response["Content-Type"] = media_type
        response["Content-Disposition"] = f'attachment; filename="{key}{extension}"'
        return response

    def public_file(self, type: str, key: UUID, name: str) -> File | None:
        """Return the file in the field ``name`` of a public row, or ``None``."""
        schema = next((each for each in self.schemas if each.model._meta.model_name == type), None)
        if schema is None or name not in {member.name for member in schema.fields if member.kind == "file"}:
            return None
        model = schema.model
        rows = public_rows(model)
        if schema.is_child:
            rows = rows.filter(**{f"{model.parent_field}__in": public_rows(model.parent_model)})  # type: ignore[attr-defined] # of children
        row = rows.filter(pk=key).first()
        return getattr(row, name) if row else None

    @cached_property
    def schemas(self) -> list[RecordSchema]:
        return [schema_of(model) for model in apps.get_models() if issubclass(model, ContentModel)]
