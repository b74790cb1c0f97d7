"""What the admin says when something cannot be deleted."""

from django.contrib import messages
from django.http import HttpResponseRedirect

from publishing.exceptions import PublishingError


class ExplainedDeletionMixin:
    """Turns a deletion that an action refuses into words on the page."""

    def delete_view(self, request, object_id, extra_context=None):
        try:
            return super().delete_view(request, object_id, extra_context)
        except PublishingError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
