"""What the admin says when something cannot be deleted."""

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from cms.publishing.exceptions import PublishingError

IN_THE_WAY = _(
    "Somebody saved something at the same moment that stands in the way. Nothing was changed: look at it again."
)


class ExplainedDeletionMixin:
    """Turns a deletion that an action, or in the end the database, refuses into words on the page."""

    def delete_view(self, request, object_id, extra_context=None):
        return self.explained(request, super().delete_view, request, object_id, extra_context)

    def response_action(self, request, queryset, *args, **kwargs):  # newer Djangos say from where it was chosen
        return self.explained(request, super().response_action, request, queryset, *args, **kwargs)

    def explained(self, request, view, *args, **kwargs):
        """Return the answer of ``view``, or to the same page with the reason why nothing was done."""
        try:
            return view(*args, **kwargs)
        except PublishingError as error:
            reason = " ".join(error.messages)
        except IntegrityError:
            reason = IN_THE_WAY
        self.message_user(request, reason, messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())
