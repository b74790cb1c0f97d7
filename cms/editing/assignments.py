"""Who translates what, until when: giving it to somebody, and telling them."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib.auth.models import User as Person
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from cms.content.models import Publishable
from cms.editing.models import TranslationAssignment
from cms.publishing import digests
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import MailSettings, Notice, RoleAssignment
from cms.publishing.models.items import reference, refers_to_any
from cms.publishing.notifications import ASSIGNED, language_of, name_of, send, wants, written
from cms.publishing.permissions import Action, may, people_with, require

Frequency = MailSettings.Frequency


def translators_of(items: Iterable[Publishable], language: str) -> list[Person]:
    """Return who may write all of ``items`` in ``language`` by a role, by name. Two queries."""
    items = list(items)
    assignments = RoleAssignment.objects.filter(user__is_active=True, user__is_staff=True).select_related("user")
    people = [
        person
        for person in people_with(assignments)
        if all(may(person, Action.SAVE, item, languages=[language]) for item in items)
    ]
    return sorted(people, key=lambda person: person.get_username())


@transaction.atomic
def assign(
    *, items: Iterable[Publishable], language: str, person: Person | None, due_on: date | None, user: Person
) -> None:
    """Give the translation of ``items`` into ``language`` to ``person``, by ``due_on``; ``None``: to nobody.

    Who reviews a language gives it to anybody; others take what they may write themselves, and give it back. Raises
    ``PermissionDenied``, and ``PublishingError`` where ``person`` may not write one of them.
    """
    items = list(items)
    present = TranslationAssignment.objects.filter(refers_to_any(items), language=language)
    is_own = person in (user, None) and not present.exclude(person=user).exists()
    require(user, Action.SAVE if is_own else Action.REVIEW, items, languages=[language])
    for item in items:
        if person is not None and not may(person, Action.SAVE, item, languages=[language]):
            raise PublishingError(
                _("%(person)s may not write “%(item)s” in this language."),
                code="person",
                params={"person": person, "item": item},
            )
    present.delete()
    if person is None:
        return
    given = {"language": language, "person": person, "due_on": due_on, "assigned_by": user}
    TranslationAssignment.objects.bulk_create(
        TranslationAssignment(**reference(item), **given, assigned_at=timezone.now()) for item in items
    )
    if person != user:
        tell(items, person, language, due_on=due_on, by=user)


def tell(items: list[Publishable], person: Person, language: str, *, due_on: date | None, by: Person) -> None:
    """Tell ``person`` what they are to translate, as they want mail about their work: in one mail, however much."""
    day = due_on.isoformat() if due_on else ""
    notices = [
        Notice(**reference(item), recipient=person, event=ASSIGNED, parts=[language], actor=name_of(by), comment=day)
        for item in items
    ]
    if wants(person, Frequency.DAILY):
        Notice.objects.bulk_create(notices)
    elif wants(person, Frequency.AT_ONCE):
        transaction.on_commit(lambda: send_at_once(person, list(zip(notices, items, strict=True))))


def send_at_once(person: Person, told: list[tuple[Notice, Any]]) -> None:
    with override(language_of(person)):
        mails = [written(notice, item) for notice, item in told]
        send(person, *(mails[0] if len(mails) == 1 else digests.together(mails)))
