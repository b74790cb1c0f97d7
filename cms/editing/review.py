"""What the page of review shows of each part: what it changes, who wrote it, what was said about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import Http404, QueryDict
from django.utils.text import capfirst

from cms.content.comparison import Comparison, RelatedNames, compare
from cms.content.merging import MINE, THEIRS, choices, merged
from cms.content.models import Publishable
from cms.content.parts import SHARED, Parts, compose, languages_in, part_names
from cms.content.snapshots import Snapshot, child_relations, snapshot_fields
from cms.editing.access import NamesFor, languages_for
from cms.publishing.actions.choosing import is_waiting_for_time, may_where_drafted
from cms.publishing.actions.publication import REVIEWED
from cms.publishing.actions.review import TO_SUBMIT, needs_another_person
from cms.publishing.drafts import Drafts, contents, correction_of, pins_of, versions_in
from cms.publishing.models import Comment, PartVersion, Pin, Revision
from cms.publishing.permissions import Action, may

# The decisions that are about parts: what is asked for each, and in which states a part can be decided on.
PARTS_OF: dict[Any, tuple[Action, tuple[str, ...]]] = {
    "submit": (Action.SUBMIT, TO_SUBMIT),
    "request-changes": (Action.REVIEW, REVIEWED),
    "approve": (Action.REVIEW, (PartVersion.State.SUBMITTED,)),
    "publish": (Action.PUBLISH, PartVersion.OPEN_STATES),
    "schedule": (Action.PUBLISH, PartVersion.OPEN_STATES),
    "discard": (Action.SAVE, PartVersion.OPEN_STATES),
}
NOT_OF_WHAT_WAITS = ("request-changes", "discard")

CORRECT = "correct"  # in the address of the form: what is saved there is a correction of what is live
NOTHING: Snapshot = {"fields": {}, "relations": {}, "children": {}}


@dataclass
class Reviewable:
    """An open version as one person sees it."""

    item: Publishable
    version: PartVersion
    user: Any
    pin: Pin | None = None  # what waits of the part, in a release or a schedule

    @property
    def waits(self) -> bool:
        """Whether this version goes live by itself: what would take it back is refused until that is cancelled."""
        return self.pin is not None and self.pin.version_id == self.version.pk and is_waiting_for_time(self.pin)

    def takes(self, decision: str) -> bool:
        """Say whether the part stands so that ``decision`` can be made about it."""
        if self.version.state not in PARTS_OF[decision][1]:
            return False
        return not (decision in NOT_OF_WHAT_WAITS and self.waits or decision == "schedule" and self.pin)

    def may(self, action: Action) -> bool:
        """Say whether the person may do ``action`` to this part where the item is."""
        return may(self.user, action, self.item, languages=languages_in([self.version.part]))

    def may_let_pass(self, action: Action) -> bool:
        """Say whether the person may do ``action`` to this part also where it puts the item, and did not write it."""
        in_place = may_where_drafted(self.user, action, self.item, {self.version.part: self.version})
        return in_place and not self.is_own

    @cached_property
    def is_own(self) -> bool:
        """Whether somebody else must approve it."""
        return needs_another_person({self.version.part: self.version}, self.user)


def reviewables(item: Publishable, drafts: Drafts, user) -> list[Reviewable]:
    """Return the open versions of ``item`` as ``user`` sees them."""
    pins = pins_of(item) if drafts.open else {}
    return [Reviewable(item, version, user, pins.get(part)) for part, version in drafts.open.items()]


@dataclass
class ReviewedPart:
    """One part on the page of review. ``is_behind``: what is live changed since the draft was begun; ``places`` are
    what a comment can be about; ``removes_texts_of`` are open parts with texts of rows that this one removes."""

    version: PartVersion
    comparison: Comparison
    changed_since: Comparison | None
    comments: list[Comment]
    places: dict[str, str]
    is_new: bool
    is_behind: bool
    removes_texts_of: list[PartVersion]
    may_comment: bool


def reviewed_parts(item: Publishable, drafts: Drafts, user) -> list[ReviewedPart]:
    """Return the open parts of ``item`` for the page of review, ``shared`` first."""
    comments: list[Any] = conversation(item)
    may_comment = may(user, Action.COMMENT, item)
    names = NamesFor(user)
    found = []
    for version in sorted(drafts.open.values(), key=lambda version: part_names().index(version.part)):
        of_part = [comment for comment in comments if comment.part == version.part]
        comparison = part_comparison(item, drafts, version, drafts.live.get(version.part), names)
        places = dict(places_in(comparison))
        for comment in of_part:
            if comment.place in places:
                comment.about = places[comment.place]
        found.append(
            ReviewedPart(
                version,
                comparison,
                changed_since(item, drafts, version, of_part, names),
                of_part,
                places,
                is_new=version.part not in drafts.live,
                is_behind=version.part in drafts.live and drafts.live[version.part].pk > version.pk,
                removes_texts_of=texts_removed(drafts, version),
                may_comment=may_comment,
            )
        )
    return found


def texts_removed(drafts: Drafts, version: PartVersion) -> list[PartVersion]:
    """Return the open parts of languages that have texts of rows which ``version``, of what is shared, removes."""
    if version.part != SHARED or SHARED not in drafts.live:
        return []
    before, after = (
        {row["id"] for rows in each.content["children"].values() for row in rows}
        for each in (drafts.live[SHARED], version)
    )
    gone = before - after
    return [
        each
        for each in drafts.open.values()
        if each.part != SHARED and any(gone & rows.keys() for rows in each.content["children"].values())
    ]


def part_comparison(
    item: Publishable, drafts: Drafts, version: PartVersion, before: PartVersion | None, names: RelatedNames
) -> Comparison:
    """Return what differs in one part between ``before`` (``None``: nothing) and ``version``, in the rows that
    editors see."""
    model, part = type(item), version.part
    if part == SHARED:
        texts = {name: content for name, content in contents(drafts.live).items() if name != SHARED}
        old = compose(model, {**texts, SHARED: before.content}) if before else NOTHING
        return compare(model, old, compose(model, {**texts, SHARED: version.content}), names=names)
    shared = {SHARED: contents(drafts.working)[SHARED]}
    old = compose(model, {**shared, part: before.content} if before else shared)
    return compare(model, old, compose(model, {**shared, part: version.content}), languages=[part], names=names)


def changed_since(
    item: Publishable, drafts: Drafts, version: PartVersion, comments: list[Comment], names: NamesFor
) -> Comparison | None:
    """Return what changed in a part since the reader last said something about it; ``None`` where nothing did."""
    said = [comment.version for comment in comments if comment.author_id == names.user.pk and comment.version]
    if not said or said[-1].pk == version.pk:
        return None
    return part_comparison(item, drafts, version, said[-1], names)


def places_in(comparison: Comparison) -> Iterator[tuple[str, str]]:
    """Yield the places that differ, as a comment names them, with what people call them."""
    for difference in comparison.fields:
        yield f"fields/{difference.name}", difference.label
    for child in comparison.children:
        for difference in child.fields:
            place = f"children/{child.accessor}/{child.key}/{difference.name}"
            yield place, f"{child.label} “{child.name[:60]}”: {difference.label}"


def conversation(item: Publishable) -> list[Comment]:
    """Return what was said about all parts of ``item``, the first first, with what it is ``about`` in words."""
    comments = list(Comment.objects.of(item).select_related("author", "version__revision", "answers__author"))
    for comment in comments:
        comment.about = place_label(type(item), comment.place)
    return comments


def place_label(model: type[Publishable], place: str) -> str:
    """Return what people call a place that was commented on, though it does not differ any more."""
    kind, *path = place.split("/")
    row: Any = child_relations(model).get(path[0]) if kind == "children" and path else model
    columns: Any = {column.name: column for column in snapshot_fields(row)} if row else {}
    column = columns.get(path[-1]) if path else None
    return capfirst(str(getattr(column, "translated_field", column).verbose_name)) if column else place


def may_correct(user, item: Publishable) -> bool:
    """Say whether ``user`` may correct what is live beside the drafts; what waits for approval is decided on first."""
    return item.is_live and may_publish_some(user, item)


def may_publish_some(user, item: Publishable) -> bool:
    """Say whether ``user`` may publish texts of ``item`` in some language at least."""
    return any(may(user, Action.PUBLISH, item, languages=languages_in([part])) for part in part_names())


@dataclass
class WaitingCorrection:
    """A correction of what is live that waits for approval, as one person sees it."""

    number: int
    author: Any
    saved_at: datetime
    parts: list[str]
    comparison: Comparison
    may_publish: bool
    may_decline: bool
    is_own: bool


def shown_correction(item: Publishable, drafts: Drafts, user) -> WaitingCorrection | None:
    """Return what of ``item`` waits as a correction of what is live for ``user``."""
    waiting = correction_of(item)
    if not waiting:
        return None
    live = contents(drafts.live)
    before, after = (compose(type(item), parts) for parts in (live, {**live, **contents(waiting)}))
    reviewed = [Reviewable(item, version, user) for version in waiting.values()]
    first = reviewed[0].version
    is_author = all(part.version.author_id == user.pk for part in reviewed)
    return WaitingCorrection(
        first.revision.number,
        first.author,
        first.revision.created_at,
        [version.label for version in waiting.values()],
        compare(type(item), before, after, names=NamesFor(user)),
        may_publish=all(part.may_let_pass(Action.PUBLISH) for part in reviewed),
        may_decline=all(part.may(Action.SAVE if is_author else Action.REVIEW) for part in reviewed),
        is_own=any(part.is_own for part in reviewed),
    )


class Merge:
    """A revision that was set aside, beside what editors see now, and what can be chosen of both."""

    def __init__(self, item: Publishable, mine: Revision, now: Parts, user):
        model = type(item)
        aside = {version.part: version.content for version in mine.versions.all()}
        self.parts = set(aside)
        self.theirs = compose(model, now)
        self.mine = compose(model, {**now, **aside})
        base = compose(model, {**now, **contents(versions_in(item, mine.manifest))})
        found = choices(model, base, self.mine, self.theirs, names=NamesFor(user))
        self.languages = languages = languages_for(user, item)
        # All else is as the others have it.
        self.choices = found if languages is None else [each for each in found if each.language in languages]

    def chosen(self, data: QueryDict) -> Snapshot:
        """Return what was made of both; raises ``Http404`` for a choice that there is not."""
        known = {choice.path: choice.preselected for choice in self.choices}
        picked = {path: data.get(path, preselected) for path, preselected in known.items()}
        if data.get("decision") == "mine":
            picked = dict.fromkeys(known, MINE)
        if set(picked.values()) - {MINE, THEIRS}:
            raise Http404
        if self.languages is None:
            return merged(self.mine, self.theirs, picked)
        return merged(self.theirs, self.mine, {path: THEIRS for path, whose in picked.items() if whose == MINE})
