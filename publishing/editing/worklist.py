"""What waits for one person, for the front page of the admin. One query a content type, however much waits."""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q
from django.urls import reverse

from publishing.models import Publishable, Revision, ScheduledChange
from publishing.permissions import Action, grants_of

SHOWN = 20  # revisions a list


@dataclass(frozen=True)
class Task:
    """A draft that waits for somebody, with the page where it is dealt with."""

    revision: Revision
    item: Publishable
    url: str


def worklist(user: AbstractBaseUser) -> dict[str, list]:
    """Return what waits for ``user``: drafts to review, drafts sent back, own drafts, and what is scheduled."""
    states = Revision.State
    grants = grants_of(user)
    opened = Revision.objects.open().defer("snapshot").select_related("created_by", "submitted_by", "content_type")
    mine = Q(created_by=user) | Q(submitted_by=user)
    return {
        "to_review": tasks(opened.filter(state__in=[states.SUBMITTED, states.APPROVED]), grants.scopes(Action.REVIEW)),
        "sent_back": tasks(opened.filter(mine, state=states.CHANGES_REQUESTED), grants.scopes(Action.VIEW)),
        "own_drafts": tasks(opened.filter(mine, state=states.DRAFT), grants.scopes(Action.VIEW), page="change"),
        "scheduled": scheduled(grants.scopes(Action.PUBLISH)),
    }


def tasks(revisions, scopes, *, page: str = "review") -> list[Task]:
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
    return sorted(found, key=lambda task: task.revision.created_at)[:SHOWN]


def scheduled(scopes) -> list[dict]:
    """Return what will happen by itself, the next first; releases only for those who publish everywhere."""
    pending = ScheduledChange.objects.filter(state=ScheduledChange.State.PENDING).order_by("due_at")
    items = tasks(
        Revision.objects.filter(schedules__in=pending).defer("snapshot").select_related("content_type"), scopes
    )
    by_revision = {task.revision.pk: task for task in items}
    found = []
    for change in pending.select_related("release", "created_by"):
        if change.release and scopes is None:
            url = reverse("admin:publishing_release_review", args=[change.release_id])
            found.append({"change": change, "name": str(change.release), "url": url})
        elif task := by_revision.get(change.revision_id):
            found.append({"change": change, "name": str(task.item), "url": task.url})
    return found[:SHOWN]
