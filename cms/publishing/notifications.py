"""E-mail to the people who wait for something. What is said here also stands on their admin home page."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User as Person
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from cms.content.languages import site_languages
from cms.content.models import Publishable
from cms.content.parts import languages_in
from cms.publishing.drafts import Versions
from cms.publishing.models import AuditEntry, MailSettings, Notice, PartVersion, RoleAssignment, ScheduledChange
from cms.publishing.models.items import reference
from cms.publishing.models.versions import part_label
from cms.publishing.permissions import PERMISSIONS, Action, grants_of, may, people_with

logger = logging.getLogger(__name__)
State = PartVersion.State
Frequency = MailSettings.Frequency
ASSIGNED = "assigned"  # the event of a notice that somebody is to translate an item; its comment is the day, or none
TEMPLATES = {State.SUBMITTED: "submission", ASSIGNED: "assignment"}  # by event; else it is a decision of review


def language_of(person: Person) -> str:
    """Return the language that ``person`` chose for mail, else the one in which they last submitted a draft, else the
    site's first one."""
    chosen = MailSettings.of(person).language
    language = chosen if chosen in site_languages() else language_of_submissions(person)
    return language if language in site_languages() else site_languages()[0]


def language_of_submissions(person: Person) -> str | None:
    entries = AuditEntry.objects.filter(user=person, action=AuditEntry.Action.SUBMIT)
    detail = entries.order_by("-pk").values_list("detail", flat=True).first() or {}
    return detail.get("language")


def notify_of_review(
    item: Publishable, versions: Versions, *, decision: str, by: Person | None, comment: str = ""
) -> None:
    """Tell who submitted or wrote ``versions`` what the publishers decided: the state that they gave them."""
    parts = parts_by_recipient(versions)
    people = Person.objects.filter(pk__in=parts).select_related("mail_settings")
    tell(item, {person: parts[person.pk] for person in people}, event=decision, by=by, comment=comment)


def notify_of_submission(item: Publishable, versions: Versions, *, by: Person | None, comment: str = "") -> None:
    """Tell those who review ``item`` that ``versions`` of it wait for them."""
    reviewers = reviewers_of(item, versions)
    tell(item, dict.fromkeys(reviewers, list(versions)), event=State.SUBMITTED, by=by, comment=comment)


def parts_by_recipient(versions: Versions) -> dict[int, list[str]]:
    """Return the parts of ``versions`` by the key of who is told what becomes of them."""
    found: dict[int, list[str]] = {}
    for part, version in versions.items():
        if recipient := version.submitted_by_id or version.author_id:
            found.setdefault(recipient, []).append(part)
    return found


def reviewers_of(item: Publishable, versions: Versions) -> list[Person]:
    """Return who may review all of ``versions`` of ``item`` by a role for it."""
    wanted = languages_in(versions)
    assignments = RoleAssignment.objects.filter(user__is_active=True, user__is_staff=True)
    people = people_with(assignments.select_related("user__mail_settings"))
    reviewing = [person for person in people if has_role_to_review(person)]
    return sorted(
        (person for person in reviewing if may(person, Action.REVIEW, item, languages=wanted)),
        key=lambda person: person.pk,
    )


def has_role_to_review(person: Person) -> bool:
    """Say whether ``person`` reviews by a role: a superuser without one may, but is not told."""
    return any(Action.REVIEW in PERMISSIONS[assignment.role] for assignment in grants_of(person).assignments)


def tell(item: Publishable, told: Mapping[Person, list[str]], *, event: str, by: Person | None, comment: str) -> None:
    """Tell people about parts of ``item``, all but who did it: by mail once the transaction is committed or, who want
    one mail a day, by a notice that is written in it."""
    notices = [
        Notice(
            **reference(item), recipient=person, event=event, parts=parts, actor=name_of(by), comment=comment.strip()
        )
        for person, parts in told.items()
        if person != by and person.email
    ]
    Notice.objects.bulk_create(notice for notice in notices if wants(notice.recipient, Frequency.DAILY))
    at_once = [notice for notice in notices if wants(notice.recipient, Frequency.AT_ONCE)]
    transaction.on_commit(lambda: send_at_once(item, at_once))


def wants(person: Person, frequency: str) -> bool:
    return MailSettings.of(person).frequency == frequency


def name_of(person: Person | None) -> str:
    return (person.get_full_name() or person.get_username()) if person else ""


def send_at_once(item: Publishable, notices: Iterable[Notice]) -> None:
    """Send a mail for each of ``notices`` about ``item`` that its recipient may have."""
    for notice in notices:
        if may_have(notice, item):
            with override(language_of(notice.recipient)):
                send(notice.recipient, *written(notice, item))


def may_have(notice: Notice, item: Publishable) -> bool:
    """Say whether the recipient may see ``item`` and, where they are asked to review it, do so."""
    action = Action.REVIEW if notice.event == State.SUBMITTED else Action.VIEW
    return may(notice.recipient, action, item, languages=languages_in(notice.parts))


def written(notice: Notice, item: Publishable) -> tuple[str, str]:
    """Return subject and body of the mail about ``notice`` in the language that is active."""
    page, args = ("desk", [item.pk, *notice.parts]) if notice.event == ASSIGNED else ("review", [item.pk])
    address = reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_{page}", args=args)
    return rendered(
        TEMPLATES.get(notice.event, "review"),
        item=item,
        kind=item._meta.verbose_name,
        parts=", ".join(part_label(part) for part in notice.parts),
        url=f"{settings.SITE_URL}{address}",
        decision=notice.event,
        actor=notice.actor or _("The site"),
        comment=notice.comment,
    )


def rendered(template: str, **context: Any) -> tuple[str, str]:
    """Return subject and body of the mail ``template`` in the language that is active."""
    subject = render_to_string(f"publishing/mail/{template}_subject.txt", context)
    return " ".join(subject.split()), render_to_string(f"publishing/mail/{template}.txt", context)


def notify_of_failure(change: ScheduledChange) -> None:
    """Tell who scheduled ``change`` that it could not be done, and why: at once, whatever they chose."""
    if person := change.created_by:
        with override(language_of(person)):
            send(person, *rendered("failure", item=change.release or change.item, change=change))


def send(recipient: Person, subject: str, body: str) -> None:
    """Send a mail to ``recipient``, if they have an address. A mail server that is away costs no edit."""
    if not recipient.email:
        return
    try:
        send_mail(subject, body, None, [recipient.email])
    except OSError:
        logger.exception("A mail could not be sent to user %s.", recipient.pk)
