"""E-mail to the people who wait for something. What is said here also stands on their admin home page."""

import logging

from django.contrib.auth.models import AbstractBaseUser
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.translation import override

from publishing.languages import site_languages
from publishing.models import Publishable, Revision, ScheduledChange

logger = logging.getLogger(__name__)


def notify_of_review(item: Publishable, revision: Revision) -> None:
    """Tell who submitted ``revision`` what the publishers decided."""
    recipient = revision.submitted_by or revision.created_by
    if recipient != revision.reviewed_by:
        send("review", recipient, item=item, revision=revision)


def notify_of_failure(change: ScheduledChange) -> None:
    """Tell who scheduled ``change`` that it could not be done, and why."""
    with override(site_languages()[0]):
        send("failure", change.created_by, item=change.release or change.revision.item, change=change)


def send(template: str, recipient: AbstractBaseUser | None, **context) -> None:
    """Send the mail ``template`` to ``recipient``, if there is one. A mail server that is away costs no edit."""
    if recipient is None or not recipient.email:
        return
    subject = " ".join(render_to_string(f"publishing/mail/{template}_subject.txt", context).split())
    body = render_to_string(f"publishing/mail/{template}.txt", context)
    try:
        send_mail(subject, body, None, [recipient.email])
    except OSError:
        logger.exception("The mail “%s” could not be sent to user %s.", template, recipient.pk)
