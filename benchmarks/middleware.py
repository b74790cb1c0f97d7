"""Counts the queries of a response for whoever asks; other requests pass untouched."""

from django.db import connection

ASK = "HTTP_X_COUNT_QUERIES"
ANSWER = "X-Queries"


class QueryCountMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if ASK not in request.META:
            return self.get_response(request)
        count = 0

        def counted(execute, sql, params, many, context):
            nonlocal count
            count += 1
            return execute(sql, params, many, context)

        with connection.execute_wrapper(counted):
            response = self.get_response(request)
        response[ANSWER] = str(count)
        return response
