"""Errors from outside the API's views, answered as the API answers."""

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import override

from publishing.api.negotiation import accepted_language
from publishing.api.problems import CACHE_CONTROL, MEDIA_TYPE, PROBLEM_OF_STATUS, problem


class ProblemMiddleware:
    """Turns every error under ``settings.API_PATH`` that is not a problem yet into one.

    Outermost in ``MIDDLEWARE``, so that addresses outside all views, refused hosts and unexpected faults are
    answered as the API answers, never with a page of HTML. Django has recorded a fault before it comes here.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            response.status_code < 400
            or not request.path_info.startswith(settings.API_PATH)
            or response.get("Content-Type", "").startswith(MEDIA_TYPE)
        ):
            return response
        return self.as_problem(request, response)

    def as_problem(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        status = response.status_code
        name = PROBLEM_OF_STATUS.get(status, "error" if status >= 500 else "bad-request")
        language = accepted_language(request.headers.get("Accept-Language", ""))
        with override(language):
            body = problem(request, name, status=status)
        response.content = json.dumps(body, ensure_ascii=False).encode()
        response["Content-Type"] = MEDIA_TYPE
        response["Content-Length"] = str(len(response.content))
        response["Content-Language"] = language
        response["Cache-Control"] = CACHE_CONTROL
        patch_vary_headers(response, ["Accept-Language"])
        return response
