"""What the editor of a text asks of the server when something is pasted: the one cleaner, for whoever may edit."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cms.content.pasting.cleaning import MOST_BYTES, pasted
from cms.content.runner import Busy, Refused
from cms.publishing.permissions import Action, grants_of

FRAME = 64 * 1024  # bytes of a request that are not what was pasted


@require_POST
def paste_view(request: HttpRequest) -> JsonResponse:
    """Answer the HTML of a clipboard (``html``; ``slice``, where Google Docs copied it) with what it means as a text.

    JSON: ``html``, and ``dropped``, a list of what was left out, in words. Where it cannot be read in time, or is too
    large, the status says so (422, 413, 503), and the editor pastes plain text. Raises ``PermissionDenied``.
    """
    if not grants_of(request.user).anywhere(Action.SAVE):  # type: ignore[arg-type] # the admin asked for a log-in
        raise PermissionDenied
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES + FRAME:
        return JsonResponse({"error": _("What is pasted is too large.")}, status=413)
    try:
        html, dropped = pasted(request.POST.get("html", ""), request.POST.get("slice", ""))
    except Busy:
        return JsonResponse({"error": _("Too much is being pasted at this moment.")}, status=503)
    except Refused as refused:
        status = 413 if refused.reason == "size" else 422
        return JsonResponse({"error": _("What is pasted could not be read.")}, status=status)
    return JsonResponse({"html": html, "dropped": dropped})
