"""What waits for one person, for the front page of the admin. One query a content type, however much waits."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import User as Person
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from cms.content.models import Publishable
from cms.editing.access import releases_for
from cms.publishing.models import Release, Revision, ScheduledChange
from cms.publishing.permissions import Action, grants_of

SHOWN = 20  # revisions a list
TOLD_FOR = timedelta(days=14)  # how long people are told that their draft was published, or a schedule failed


@dataclass(frozen=True)
class Task:
    """A draft that waits for somebody, with the page where it is dealt with."""

    revision: Revision
    item: Publishable
    url: str


def worklist(user: Person) -> dict[str, list]:
    """Return what waits for ``user``, and what became of what they wrote: drafts to review, drafts sent back, own
    drafts, own drafts in review, approved or published since, and what is scheduled or failed."""
    states, grants = Revision.State, grants_of(user)
    revisions = Revision.objects.defer("snapshot").select_related(
        "created_by", "submitted_by", "reviewed_by", "published_by", "content_type"
    )
    told = Q(published_at__gt=timezone.now() - TOLD_FOR, reviewed_by__isnull=False) & ~Q(published_by=user)
    mine = revisions.filter(Q(created_by=user) | Q(submitted_by=user))
    mine = mine.filter(Q(state__in=Revision.OPEN_STATES) | Q(told, state=states.PUBLISHED))
    own = tasks(mine, grants.scopes(Action.VIEW))
    waiting = revisions.filter(state__in=[states.SUBMITTED, states.APPROVED])
    return {
        "to_review": tasks(waiting, grants.scopes(Action.REVIEW))[:SHOWN],
        "sent_back": in_state(own, states.CHANGES_REQUESTED),
        "own_drafts": in_state(own, states.DRAFT),
        "in_review": in_state(own, states.SUBMITTED),
        "decided": in_state(own, states.APPROVED, states.PUBLISHED),
        **scheduled(user),
    }


def in_state(found: list[Task], *states: str) -> list[Task]:
    return [task for task in found if task.revision.state in states][:SHOWN]


def tasks(revisions, scopes) -> list[Task]:
    """Return those of ``revisions`` whose items are in ``scopes`` (``None``: everywhere), the oldest first.

    A draft leads to its form, everything else to the page of review and publication. An item has one task at most.
    """
    if scopes == set():
        return []
    by_model: dict[type[Publishable], dict] = {}
    for revision in revisions:
        by_model.setdefault(revision.model, {})[revision.object_id] = revision
    found = []
    for model, waiting in by_model.items():
        items = model._base_manager.filter(pk__in=waiting)
        if scopes is not None:
            if model.scope_path is None:
                continue
            items = items.filter(**{f"{model.scope_path or 'pk'}__in": scopes})
        found += [Task(waiting[item.pk], item, page_of(item, waiting[item.pk])) for item in items]
    return sorted(found, key=lambda task: task.revision.created_at)


def page_of(item: Publishable, revision: Revision) -> str:
    """Return the address of the page on which ``revision`` is dealt with."""
    page = "change" if revision.state == Revision.State.DRAFT else "review"
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_{page}", args=[item.pk])


def scheduled(user: Person) -> dict[str, list[dict]]:
    """Return what will happen by itself, the next first, and what failed lately and still waits for somebody, of what
    ``user`` publishes. Each entry has the change, and name and page of its item or release."""
    scopes = grants_of(user).scopes(Action.PUBLISH)
    found: dict[str, list[dict]] = {"scheduled": [], "failed": []}
    if scopes == set():
        return found
    states = ScheduledChange.State
    waits_for_somebody = (
        Q(operation=ScheduledChange.Operation.WITHDRAW)
        | Q(revision__state__in=Revision.OPEN_STATES)
        | Q(release__state=Release.State.OPEN)
    )
    waiting = ScheduledChange.objects.filter(
        Q(state=states.PENDING)
        | Q(waits_for_somebody, state=states.FAILED, finished_at__gte=timezone.now() - TOLD_FOR)
    )
    related = waiting.select_related("revision__content_type", "release", "created_by").defer("revision__snapshot")
    changes = list(related.order_by("due_at", "pk"))
    revisions = [change.revision for change in changes if change.revision]
    by_item = {(task.revision.content_type_id, task.revision.object_id): task for task in tasks(revisions, scopes)}
    with_release = any(change.release_id for change in changes)
    releases = set(releases_for(user).values_list("pk", flat=True)) if with_release else set()
    for change in changes:
        listed = found["scheduled" if change.state == states.PENDING else "failed"]
        if change.release_id in releases:
            url = reverse("admin:publishing_release_review", args=[change.release_id])
            listed.append({"change": change, "name": str(change.release), "url": url})
        elif change.revision:
            task = by_item.get((change.revision.content_type_id, change.revision.object_id))
            if task:
                listed.append({"change": change, "name": str(task.item), "url": task.url})
    return {name: listed[:SHOWN] for name, listed in found.items()}
