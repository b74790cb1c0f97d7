"""What is asked of a log-in before it is tried, what is kept of one that fails, and the answer after too many."""

import math

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.validators import MaxLengthValidator
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

LONGEST_PASSWORD = 4_096  # characters; hashing longer ones is work for an attacker's sake (CVE-2013-1443)


class LogInForm(AdminAuthenticationForm):
    """Refuses what no name or password can be before it is looked up, hashed or counted.

    Django's own form says the length of a name to the browser alone.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        longest = {"username": self.fields["username"].max_length, "password": LONGEST_PASSWORD}
        for name, most in longest.items():
            self.fields[name].validators.append(MaxLengthValidator(most))


@receiver(pre_save, sender=AccessAttempt, dispatch_uid="strategy_site.lockout")
def keep_nothing_posted(instance: AccessAttempt, **kwargs) -> None:
    """Keep who tried and how often: django-axes adds what was posted, drafts too, with every attempt."""
    instance.get_data = instance.post_data = ""


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
