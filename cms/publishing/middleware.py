"""What happens before any page is answered."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from cms.publishing.actions import publish_due

logger = logging.getLogger(__name__)


class PublishDueMiddleware:
    """Applies scheduled changes that are due before a page is made, so that none is seen too late or too early.

    One query a request when nothing is due. ``manage.py publish_due`` does the same for a clock. The API's views ask
    for themselves, with the query that reads the content version (:mod:`cms.api.caching`), and whether
    we answer at all must be said at once.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(settings.API_PATH) or request.path_info == settings.HEALTH_PATH:
            return self.get_response(request)
        try:
            publish_due()
        except DatabaseError:
            logger.exception("Scheduled changes could not be looked for.")  # the page says the rest
        return self.get_response(request)
