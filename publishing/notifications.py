"""E-mail to the people who wait for something. What is said here also stands on their admin home page."""

import logging

from django.contrib.auth.models import AbstractBaseUser
from django.core.mail import send_mail
from django.template.loader import render_to_string

from publishing.models import Publishable, Revision

logger = logging.getLogger(__name__)


def notify_of_review(item: Publishable, revision: Revision) -> None:
    """Tell who submitted ``revision`` what the publishers decided. A mail server that is away costs no edit."""
    recipient: AbstractBaseUser | None = revision.submitted_by or revision.created_by
    if recipient is None or not recipient.email or recipient == revision.reviewed_by:
        return
    context = {"item": item, "revision": revision, "recipient": recipient}
    subject = " ".join(render_to_string("publishing/mail/review_subject.txt", context).split())
    body = render_to_string("publishing/mail/review.txt", context)
    try:
        send_mail(subject, body, None, [recipient.email])
    except OSError:
        logger.exception("The mail about revision %s could not be sent.", revision.pk)
