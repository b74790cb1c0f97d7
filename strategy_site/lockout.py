"""The answer to somebody who gave a wrong password too often."""

import math

from axes.helpers import get_cool_off
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _


def lockout_response(request: HttpRequest, *args) -> HttpResponse:
    """Answer 429 (RFC 6585, section 4) with a page and a ``Retry-After`` header that say when to come back.

    Named in ``AXES_LOCKOUT_CALLABLE``; the other arguments of django-axes are not needed.
    """
    wait = get_cool_off(request)
    context = {
        **admin.site.each_context(request),
        "title": _("Too many attempts"),
        "minutes": math.ceil(wait.total_seconds() / 60),
        "until": timezone.localtime(timezone.now() + wait),
    }
    response = render(request, "admin/lockout.html", context, status=429)
    response["Retry-After"] = str(math.ceil(wait.total_seconds()))
    return response
