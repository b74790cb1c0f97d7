"""Bases of the public views. A public view starts from ``live()`` and keeps nothing about its reader."""

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import FileResponse, Http404
from django.views.generic import DetailView, ListView


class LiveDetailView(DetailView):
    """The page of one live item; anything else is 404, whether it exists or not."""

    def get_queryset(self) -> QuerySet:
        return self.model.objects.live()


class LiveListView(ListView):
    """A filtered, paged list of live items. A filter with a bad value answers 400, a page out of range 404."""

    filterset_class = None
    paginate_by = 50

    def get_queryset(self) -> QuerySet:
        queryset = self.model.objects.live()
        if self.filterset_class is None:
            return queryset
        self.filterset = self.filterset_class(self.request.GET, queryset=queryset, request=self.request)
        if not self.filterset.is_valid():
            raise BadRequest("; ".join(message for messages in self.filterset.errors.values() for message in messages))
        return self.filterset.qs.distinct()

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(filterset=getattr(self, "filterset", None), **kwargs)


def file_response(file, *, media_type: str, filename: str, as_attachment: bool) -> FileResponse:
    """Return an uploaded file under the media type and name that we chose, or 404 when it is not in the storage."""
    try:
        content = file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(content, as_attachment=as_attachment, filename=filename, content_type=media_type)
