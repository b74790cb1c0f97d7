"""What waits for one person, for the front page of the admin. One query a content type, however much waits."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from publishing.editing.access import releases_for
from publishing.models import Publishable, Revision, ScheduledChange
from publishing.permissions import Action, grants_of

SHOWN = 20  # revisions a list
TOLD_FOR = timedelta(days=14)  # how long authors are told that their draft was published


@dataclass(frozen=True)
class Task:
    """A draft that waits for somebody, with the page where it is dealt with."""

    revision: Revision
    item: Publishable
    url: str


def worklist(user: AbstractBaseUser) -> dict[str, list]:
    """Return what waits for ``user``, and what became of what they wrote: drafts to review, drafts sent back, own
    drafts, own drafts in review, approved or published since, and what is scheduled."""
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
        "scheduled": scheduled(user),
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
    for revision in revisions.order_by("created_at"):
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


def scheduled(user: AbstractBaseUser) -> list[dict]:
    """Return what will happen by itself, the next first, of what ``user`` publishes."""
    scopes = grants_of(user).scopes(Action.PUBLISH)
    if scopes == set():
        return []
    pending = ScheduledChange.objects.filter(state=ScheduledChange.State.PENDING).order_by("due_at")
    items = tasks(
        Revision.objects.filter(schedules__in=pending).defer("snapshot").select_related("content_type"), scopes
    )
    by_revision = {task.revision.pk: task for task in items}
    changes = list(pending.select_related("release", "created_by"))
    with_release = any(change.release_id for change in changes)
    releases = set(releases_for(user).values_list("pk", flat=True)) if with_release else set()
    found = []
    for change in changes:
        if change.release_id in releases:
            url = reverse("admin:publishing_release_review", args=[change.release_id])
            found.append({"change": change, "name": str(change.release), "url": url})
        elif task := by_revision.get(change.revision_id):
            found.append({"change": change, "name": str(task.item), "url": task.url})
    return found[:SHOWN]
