"""What waits for one person, for the front page of the admin. One query a content type, however much waits."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from publishing.models import Publishable, Release, Revision, ScheduledChange
from publishing.permissions import Action, grants_of

SHOWN = 20  # revisions a list
FAILURES_SHOWN_DAYS = 14


@dataclass(frozen=True)
class Task:
    """A draft that waits for somebody, with the page where it is dealt with."""

    revision: Revision
    item: Publishable
    url: str


def worklist(user: AbstractBaseUser) -> dict[str, list]:
    """Return what waits for ``user``: drafts to review or sent back, own drafts, what is scheduled or failed."""
    states = Revision.State
    grants = grants_of(user)
    opened = Revision.objects.open().defer("snapshot").select_related("created_by", "submitted_by", "content_type")
    mine = Q(created_by=user) | Q(submitted_by=user)
    return {
        "to_review": tasks(opened.filter(state__in=[states.SUBMITTED, states.APPROVED]), grants.scopes(Action.REVIEW)),
        "sent_back": tasks(opened.filter(mine, state=states.CHANGES_REQUESTED), grants.scopes(Action.VIEW)),
        "own_drafts": tasks(opened.filter(mine, state=states.DRAFT), grants.scopes(Action.VIEW), page="change"),
        "scheduled": scheduled(grants.scopes(Action.PUBLISH)),
        "failed": failed(grants.scopes(Action.PUBLISH)),
    }


def tasks(revisions, scopes, *, page: str = "review", shown: int | None = SHOWN) -> list[Task]:
    """Return those of ``revisions`` whose items are in ``scopes`` (``None``: everywhere), the oldest first."""
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
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
        found += [Task(waiting[item.pk], item, reverse(name, args=[item.pk])) for item in items]
    return sorted(found, key=lambda task: task.revision.created_at)[:shown]


def scheduled(scopes) -> list[dict]:
    """Return what will happen by itself, the next first; releases only to those who publish everywhere."""
    pending = ScheduledChange.objects.filter(state=ScheduledChange.State.PENDING)
    return entries(pending.order_by("due_at", "pk"), scopes)


def failed(scopes) -> list[dict]:
    """Return what was scheduled for the last days and could not be done, as long as it still waits for somebody."""
    recent = ScheduledChange.objects.filter(
        Q(operation=ScheduledChange.Operation.WITHDRAW)
        | Q(revision__state__in=Revision.OPEN_STATES)
        | Q(release__state=Release.State.OPEN),
        state=ScheduledChange.State.FAILED,
        finished_at__gte=timezone.now() - timedelta(days=FAILURES_SHOWN_DAYS),
    )
    return entries(recent.order_by("-finished_at", "-pk"), scopes)


def entries(changes, scopes) -> list[dict]:
    """Return scheduled ``changes`` of what is in ``scopes``, each with name and page of its item or release."""
    revisions = Revision.objects.filter(schedules__in=changes.order_by()).defer("snapshot")
    listed = tasks(revisions.select_related("content_type"), scopes, shown=None)
    by_item = {(task.revision.content_type_id, task.revision.object_id): task for task in listed}
    found = []
    for change in changes.select_related("revision", "release", "created_by").defer("revision__snapshot"):
        if change.release and scopes is None:
            url = reverse("admin:publishing_release_review", args=[change.release_id])
            found.append({"change": change, "name": str(change.release), "url": url})
        elif change.revision:
            task = by_item.get((change.revision.content_type_id, change.revision.object_id))
            if task:
                found.append({"change": change, "name": str(task.item), "url": task.url})
    return found[:SHOWN]
