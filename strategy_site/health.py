"""``/healthz``: whether this process can answer, for load balancers and monitoring."""

import logging

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.generic import View

logger = logging.getLogger(__name__)


class HealthView(View):
    """Answer 200 when the database answers, 503 when it does not (RFC 9110, section 15.6.4); never stored."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            response = HttpResponse("ok\n", content_type="text/plain")
        except DatabaseError:
            logger.exception("The database does not answer.")
            response = HttpResponse("database unavailable\n", content_type="text/plain", status=503)
        response["Cache-Control"] = "no-store"
        return response
