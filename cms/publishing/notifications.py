"""E-mail to the people who wait for something. What is said here also stands on their admin home page."""

import logging

from django.conf import settings
from django.contrib.auth.models import User as Person
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from cms.content.languages import site_languages
from cms.content.models import Publishable
from cms.publishing.models import AuditEntry, Revision, ScheduledChange

logger = logging.getLogger(__name__)


def language_of(person: Person) -> str:
    """Return the language in which ``person`` last submitted a draft, else the site's first one."""
    entries = AuditEntry.objects.filter(user=person, action=AuditEntry.Action.SUBMIT)
    detail = entries.order_by("-pk").values_list("detail", flat=True).first() or {}
    language = detail.get("language")
    return language if language in site_languages() else site_languages()[0]


def notify_of_review(item: Publishable, revision: Revision, *, decision: str, by: Person | None) -> None:
    """Tell who submitted ``revision`` what the publishers decided: the state that they gave it."""
    recipient: Person | None = revision.submitted_by or revision.created_by
    if recipient == by:
        return
    address = reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_review", args=[item.pk])
    send(
        "review",
        recipient,
        item=item,
        kind=item._meta.verbose_name,
        decision=decision,
        reviewer=(by.get_full_name() or by.get_username()) if by else _("The site"),
        comment=revision.review_comment,
        url=f"{settings.SITE_URL}{address}",
    )


def notify_of_failure(change: ScheduledChange) -> None:
    """Tell who scheduled ``change`` that it could not be done, and why."""
    send("failure", change.created_by, item=change.release or change.revision.item, change=change)  # type: ignore[union-attr] # a constraint: release or revision


def send(template: str, recipient: Person | None, **context) -> None:
    """Send the mail ``template`` to ``recipient``, if there is one, in the recipient's language.

    A mail server that is away costs no edit.
    """
    if recipient is None or not recipient.email:
        return
    with override(language_of(recipient)):
        subject = " ".join(render_to_string(f"publishing/mail/{template}_subject.txt", context).split())
        body = render_to_string(f"publishing/mail/{template}.txt", context)
    try:
        send_mail(subject, body, None, [recipient.email])
    except OSError:
        logger.exception("The mail “%s” could not be sent to user %s.", template, recipient.pk)
