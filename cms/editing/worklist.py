"""What waits for one person, for the front page of the admin. One query a content type, however much waits."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User as Person
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from cms.content.models import Publishable
from cms.editing.access import releases_for
from cms.publishing.drafts import key_of
from cms.publishing.models import Comment, PartVersion, Release, ScheduledChange
from cms.publishing.permissions import Action, grants_of

SHOWN = 20  # items a list
TOLD_FOR = timedelta(days=14)  # how long people are told that their draft was published, or a schedule failed


@dataclass(frozen=True)
class Task:
    """Drafts of one item that wait for somebody in the same way, with the page where they are dealt with."""

    versions: tuple[PartVersion, ...]
    item: Publishable
    url: str
    comment: str = ""

    @property
    def version(self) -> PartVersion:
        """The version that waits longest."""
        return self.versions[0]

    @property
    def parts(self) -> str:
        """The names of the parts."""
        return ", ".join(version.label for version in self.versions)


def worklist(user: Person) -> dict[str, list]:
    """Return what waits for ``user``, and what became of what they wrote: drafts to review, drafts sent back, own
    drafts, own drafts in review, approved or published since, and what is scheduled or failed."""
    states, grants = PartVersion.State, grants_of(user)
    versions = PartVersion.objects.defer("content").select_related(
        "author", "submitted_by", "reviewed_by", "content_type", "revision", "publication"
    )
    told = Q(publication__published_at__gt=timezone.now() - TOLD_FOR, reviewed_by__isnull=False)
    mine = versions.filter(Q(author=user) | Q(submitted_by=user))
    mine = mine.filter(
        Q(state__in=[*PartVersion.OPEN_STATES, states.CORRECTION])
        | Q(told & ~Q(publication__published_by=user), state=states.LIVE)
    )
    own = list(mine)
    waiting = versions.filter(state__in=[states.SUBMITTED, states.APPROVED, states.CORRECTION])
    seen = grants.scopes(Action.VIEW)
    return {
        "to_review": tasks(waiting, grants.scopes(Action.REVIEW))[:SHOWN],
        "sent_back": tasks(in_state(own, states.CHANGES_REQUESTED), seen)[:SHOWN],
        "own_drafts": tasks(in_state(own, states.DRAFT), seen)[:SHOWN],
        "in_review": tasks(in_state(own, states.SUBMITTED, states.CORRECTION), seen)[:SHOWN],
        "decided": tasks(in_state(own, states.APPROVED, states.LIVE), seen)[:SHOWN],
        **scheduled(user),
    }


def in_state(found: Iterable[PartVersion], *states: str) -> list[PartVersion]:
    return [version for version in found if version.state in states]


def tasks(versions: Iterable[PartVersion], scopes) -> list[Task]:
    """Return a task for each item of ``versions`` in ``scopes`` (``None``: everywhere) and each state, the oldest
    first.

    A draft leads to its form, everything else to the page of review and publication.
    """
    if scopes == set():
        return []
    by_model: dict[type[Publishable], dict[Any, dict[str, list[PartVersion]]]] = {}
    for version in sorted(versions, key=lambda version: version.pk):
        by_model.setdefault(version.model, {}).setdefault(version.object_id, {}).setdefault(version.state, []).append(
            version
        )
    found = []
    for model, waiting in by_model.items():
        for item in in_scopes(model, waiting, scopes):
            found += [
                Task(tuple(of_state), item, page_of(item, state)) for state, of_state in waiting[item.pk].items()
            ]
    said = last_said([task.version for task in found])
    return [
        replace(task, comment=said.get(task.version.pk, ""))
        for task in sorted(found, key=lambda task: task.version.pk)
    ]


def last_said(versions: Iterable[PartVersion]) -> dict[int, str]:
    """Return what was said last about each of ``versions``, by key, in one query."""
    comments = Comment.objects.filter(version__in=[version.pk for version in versions]).exclude(text="")
    return dict(comments.values_list("version", "text"))


def in_scopes(model: type[Publishable], keys: Iterable, scopes) -> QuerySet:
    """Return the items ``keys`` of ``model`` that are in ``scopes`` (``None``: everywhere)."""
    items = model._base_manager.filter(pk__in=list(keys))
    if scopes is None:
        return items
    return items.none() if model.scope_path is None else items.filter(**{f"{model.scope_path or 'pk'}__in": scopes})


def page_of(item: Publishable, state: str) -> str:
    """Return the address of the page on which a draft of ``item`` in ``state`` is dealt with."""
    return address(item, "change" if state == PartVersion.State.DRAFT else "review")


def address(item: Publishable, page: str) -> str:
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_{page}", args=[item.pk])


def scheduled(user: Person) -> dict[str, list[dict]]:
    """Return what will happen by itself, the next first, and what failed lately and still waits for somebody, of what
    ``user`` publishes. Each entry has the change, and name and page of its item or release."""
    scopes = grants_of(user).scopes(Action.PUBLISH)
    found: dict[str, list[dict]] = {"scheduled": [], "failed": []}
    if scopes == set():
        return found
    states = ScheduledChange.State
    open_versions = PartVersion.objects.open().filter(
        content_type=OuterRef("content_type"), object_id=OuterRef("object_id")
    )
    waits_for_somebody = (
        Q(operation=ScheduledChange.Operation.WITHDRAW)
        | Q(Exists(open_versions))
        | Q(release__state=Release.State.OPEN)
    )
    waiting = ScheduledChange.objects.filter(
        Q(state=states.PENDING)
        | Q(waits_for_somebody, state=states.FAILED, finished_at__gte=timezone.now() - TOLD_FOR)
    )
    changes = list(waiting.select_related("content_type", "release", "created_by").order_by("due_at", "pk"))
    by_model: dict[type[Publishable], set] = {}
    for change in changes:
        if change.content_type:
            by_model.setdefault(change.model, set()).add(change.object_id)
    items = {key_of(item): item for model, keys in by_model.items() for item in in_scopes(model, keys, scopes)}
    with_release = any(change.release_id for change in changes)
    releases = set(releases_for(user).values_list("pk", flat=True)) if with_release else set()
    for change in changes:
        listed = found["scheduled" if change.state == states.PENDING else "failed"]
        if change.release_id in releases:
            url = reverse("admin:publishing_release_review", args=[change.release_id])
            listed.append({"change": change, "name": str(change.release), "url": url})
        elif item := items.get(change.key):
            listed.append({"change": change, "name": str(item), "url": address(item, "review")})
    return {name: listed[:SHOWN] for name, listed in found.items()}
