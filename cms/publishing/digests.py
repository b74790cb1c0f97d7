"""The mail of the day: what waits for the people who want one mail a day about their work.

A person's mail is sent by whoever first writes the day into their settings, so several processes may try at once. No
transaction is open while the mail server is talked to. What it took is deleted; when it fails, the day is taken out
again and the next run tries again.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.contrib.auth.models import User as Person
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from cms.content.models import Publishable
from cms.publishing.models import MailSettings, Notice
from cms.publishing.notifications import language_of, may_have, rendered, wants, written

logger = logging.getLogger(__name__)


def send_digests() -> int:
    """Send each person what waits for them, at most one mail a day (of the site's time zone), and return how many
    mails were sent. One that fails is logged and holds up no other."""
    today = timezone.localdate()
    waiting = Notice.objects.order_by().values("recipient")
    people = Person.objects.filter(pk__in=waiting).exclude(mail_settings__digest_on=today)
    return sum(send_digest(person, today) for person in people.select_related("mail_settings").order_by("pk"))


def send_digest(person: Person, today: date) -> bool:
    """Send ``person`` what waits, unless another process does or did so ``today``. Return whether a mail was sent."""
    own, before = MailSettings.objects.filter(user=person), MailSettings.of(person).digest_on
    if not own.exclude(digest_on=today).update(digest_on=today):
        return False
    try:
        notices = list(Notice.objects.filter(recipient=person).select_related("content_type"))
        is_sent = send_together(person, notices)
    except Exception:
        own.update(digest_on=before)
        logger.exception("The mail of the day could not be sent to user %s; the next run tries again.", person.pk)
        return False
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).delete()
    return is_sent


def send_together(person: Person, notices: list[Notice]) -> bool:
    """Send those of ``notices`` that ``person`` may still have as one mail, in their language; say whether there was
    one to send. Raises ``OSError`` where the mail server does not take it."""
    with override(language_of(person)):
        mails = [written(notice, item) for notice, item in with_items(person, notices)]
        if not mails or not person.email or wants(person, MailSettings.Frequency.NEVER):
            return False
        send_mail(*together(mails), None, [person.email])
    return True


def together(mails: list[tuple[str, str]]) -> tuple[str, str]:
    """Return subject and body of one mail that holds what ``mails`` say, each with the same words as by itself."""
    own_settings = f"{settings.SITE_URL}{reverse('admin:own_settings')}"
    return rendered("digest", count=len(mails), bodies=[body for _subject, body in mails], url=own_settings)


def with_items(person: Person, notices: Iterable[Notice]) -> list[tuple[Notice, Publishable]]:
    """Return ``notices`` with the items they are about, one query a model; without items that were deleted, and what
    ``person`` may not see or review any more."""
    keys: dict[type[Publishable], list] = defaultdict(list)
    for notice in notices:
        notice.recipient = person  # whose roles are read once
        keys[notice.model].append(notice.object_id)
    items = {item.pk: item for model, found in keys.items() for item in model._base_manager.filter(pk__in=found)}
    known = [(notice, items[notice.object_id]) for notice in notices if notice.object_id in items]
    return [(notice, item) for notice, item in known if may_have(notice, item)]
