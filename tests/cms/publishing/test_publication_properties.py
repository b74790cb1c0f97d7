"""Random sequences of all actions by all roles against a simple model of what is public.

The model knows parts: of each item what all languages share and the texts of two languages, each with what is live of
it, what is drafted and where that stands, and what is pinned. After every step the live querysets, and the pages and
API answers about what the step touched, show what the model says, and the live rows are what the live versions make.
At the end of each sequence every address of the public site is asked for, searches for words of drafts included. No
text that is only in a draft is in any answer, fresh or cached, nor in a log or a mail. `make campaign` tries many more
and longer sequences, and asks for more after every step.
"""

import copy
import json
import logging
import os
import re
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from cms.content.models import Publishable
from cms.content.parts import compose
from cms.content.snapshots import snapshot, snapshots_of
from cms.packages.importing import import_package
from cms.publishing import actions
from cms.publishing.actions.storing import begin_history
from cms.publishing.drafts import contents, drafted, drafts_of
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import (
    Change,
    ChangeLogHead,
    Comment,
    PartVersion,
    Release,
    Revision,
    RoleAssignment,
    ScheduledChange,
)
from cms.publishing.tokens import change_token
from tests.addresses import public_addresses
from tests.factories import ObjectiveFactory, OfficeFactory, PillarFactory, StrategyFactory
from tests.front import Reader

CAMPAIGN = os.environ.get("HYPOTHESIS_PROFILE") == "campaign"
LANGUAGES = ("en", "es")
# Each text has a second word to search for: what is searched for may stand in the answer, its neighbour not.
PLANTED = re.compile(r"zq\d+zq")
COLUMNS = {"office": "name", "strategy": "title", "objective": "statement"}
COLLECTIONS = {"office": "offices", "strategy": "strategies", "objective": "objectives"}
PAGES = {"office": "regions", "strategy": "strategies", "objective": "objectives"}
STATIC = {"/api/v1/docs/", "/api/v1/docs/try/", "/api/v1/openapi.json", "/favicon.ico", "/healthz"}
real_now = timezone.now


PARTS = ("shared", *LANGUAGES)


@dataclass(eq=False)
class Item:
    """One item as the model knows it: what its live row says, and by part what its drafts do and where they stand."""

    kind: str
    slug: str
    row: Publishable
    parent: "Item | None" = None
    status: str = "unpublished"
    live: dict[str, str] = field(default_factory=dict)
    open: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    history: dict[int, dict[str, str]] = field(default_factory=dict)  # what editors saw after each revision
    publications: int = 0
    gone: bool = False

    @property
    def is_public(self) -> bool:
        return not self.gone and self.status == "live" and (self.parent is None or self.parent.is_public)

    @property
    def office(self) -> "Item":
        return self.parent.office if self.parent else self

    @property
    def shown(self) -> dict[str, str]:
        """What editors see."""
        return {code: self.open.get(code, self.live[code]) for code in LANGUAGES}

    @property
    def base(self) -> dict[str, str] | None:
        """What a pin is put upon."""
        return None if self.status == "unpublished" else dict(self.live)

    def draft(self, texts: dict[str, str]) -> None:
        """Let ``texts`` be drafted, or live already."""
        for code, text in texts.items():
            self.open.pop(code, None)
            if self.status == "unpublished" or text != self.live[code]:
                self.open[code], self.states[code] = text, "draft"
        if self.status == "unpublished":
            self.live = self.shown

    def go_live(self, texts: dict[str, str]) -> None:
        """Let ``texts``, by part, be public; of what was never public nothing else."""
        first = self.status == "unpublished"
        self.live = {code: texts.get(code, "" if first else self.live[code]) for code in LANGUAGES}
        self.open = {part: text for part, text in self.open.items() if texts.get(part) != text}
        self.status, self.publications = "live", self.publications + 1


@dataclass(eq=False)
class Waiting:
    """A scheduled change: the texts that are pinned, by part, on what was live then; ``None`` for a withdrawal,
    nothing where a withdrawn item is published again."""

    change: ScheduledChange
    item: Item
    texts: dict[str, str] | None
    base: dict[str, str] | None

    @property
    def due_at(self):
        return self.change.due_at


@dataclass(eq=False)
class Pinned:
    """What a release holds of an item, by part: the text, whether it is approved, and what was live then."""

    texts: dict[str, str] = field(default_factory=dict)
    approved: set[str] = field(default_factory=set)
    base: dict[str, dict | None] = field(default_factory=dict)


def stands_on(item: Item, part: str, base: dict[str, str] | None) -> bool:
    """Say whether what is live of a part is what was live when it was pinned on ``base``."""
    if part == "shared":
        return (item.base is None) == (base is None)
    # A language that the first publication left out was never live, as before it.
    return (base or {}).get(part, "") == (item.base or {}).get(part, "")


ROLES = {"nobody": None, "system": None, "editor": 0, "translator": 0, "publisher": 0, "central publisher": None}
MAY = {
    "nobody": "",
    "editor": "save submit restore",
    "translator": "save submit",
    "publisher": "save submit review publish restore delete",
    "central publisher": "save submit review publish restore delete",
}

items = st.integers(0, 6)
roles = st.sampled_from(list(ROLES))
publishers = st.sampled_from(["system", "publisher", "publisher", "central publisher", "editor"])
languages = st.sampled_from([("en",), ("es",), LANGUAGES])


def planted(number: int) -> str:
    return f"zq{number}zq wq{number}wq"


class World:
    """Items and people as every sequence finds them; made once."""

    def __init__(self):
        self.texts, self.items = count(1), []
        pillar = PillarFactory(slug="pillar")
        for number in range(2):
            self.make("office", OfficeFactory, None, number)
        for number in range(2):
            office = self.items[number]
            self.make("strategy", StrategyFactory, office, number, office=office.row)
        for number in range(3):
            strategy = self.items[2 + number % 2]
            self.make("objective", ObjectiveFactory, strategy, number, strategy=strategy.row, pillar=pillar)
        self.planted = next(self.texts)
        self.people = {"system": None}
        for name, scope in ROLES.items():
            if name != "system":
                person = User.objects.create_user(name, f"{name.split()[0]}@example.org", is_staff=True)
                if name != "nobody":
                    RoleAssignment.objects.create(
                        user=person,
                        role=name.split()[-1],
                        scope=None if scope is None else self.items[scope].row,
                        languages=["es"] if name == "translator" else [],
                    )
                self.people[name] = person

    def make(self, kind, factory, parent, number, **values):
        texts = {code: planted(next(self.texts)) for code in LANGUAGES}
        slug = f"{kind}-{number}"
        values |= {f"{COLUMNS[kind]}_{code}": text for code, text in texts.items()}
        row = factory(slug=slug, live=number != 1 or kind != "strategy", **values)
        begin_history(row)
        item = Item(
            kind, slug, row, parent, row.status, texts, publications=int(row.is_live), history={1: dict(texts)}
        )
        if not row.is_live:
            item.open, item.states = {"shared": "", **texts}, dict.fromkeys(PARTS, "draft")
        self.items.append(item)


class Publication(RuleBasedStateMachine):
    world: World
    offset = timedelta(0)
    steps = 0  # of all examples together

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        cache.clear()
        mail.outbox.clear()
        Publication.offset = timedelta(0)
        self.items: list[Item] = copy.deepcopy(self.world.items)
        self.people, self.texts = self.world.people, count(self.world.planted)
        self.waiting, self.in_release, self.release = [], {}, None
        self.released = None  # the last release that went out: what it made live of each item, and what that replaced
        self.step, self.touched = 0, 0
        self.client, self.stored = Reader(), {}
        self.client.site.disk.most_bytes, self.client.site.disk.is_writable = 0, False  # the world goes back after it

    def teardown(self):
        try:
            if sys.exc_info()[0] is None:
                self.every_address_shows_what_is_public_and_no_more()
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)
            Publication.offset = timedelta(0)

    def new_texts(self, codes):
        return {code: planted(next(self.texts)) for code in codes}

    def may(self, role, action, item, codes=None):
        if role == "system":
            return True
        in_scope = ROLES[role] is None or item.office is self.items[ROLES[role]]
        in_languages = role != "translator" or (codes is not None and set(codes) <= {"es"})
        return action in MAY[role].split() and in_scope and in_languages

    def attempt(self, role, item, allowed, act) -> bool:
        """Do ``act``; say whether it was done. It must be refused exactly where the model says so."""
        if item is not None:
            self.touched = self.items.index(item)
            if item.gone:
                return False
            item.row.refresh_from_db()
        self.advance()  # what is due comes first, whoever asks
        person = self.people[role] and User.objects.get(pk=self.people[role].pk)
        try:
            with transaction.atomic():
                act(person)
        except PermissionDenied:
            assert not allowed()
            return False
        except PublishingError:
            return False
        assert allowed()
        return True

    def pick(self, number) -> Item:
        return self.items[number]

    # --- Drafts and review ---

    @rule(number=items, role=roles, codes=languages)
    def save_draft(self, number, role, codes):
        item = self.pick(number)
        if item.gone:
            return
        data, texts = drafted(item.row), self.new_texts(codes)
        data["fields"].update({f"{COLUMNS[item.kind]}_{code}": text for code, text in texts.items()})
        if self.attempt(
            role,
            item,
            lambda: self.may(role, "save", item, codes),
            lambda user: actions.save_draft(item=item.row, data=data, user=user, opened_on=None),
        ):
            self.draft(item, texts)

    def draft(self, item, texts):
        item.draft(texts)
        pinned = self.in_release.get(item, Pinned())
        for code in set(texts) & set(item.open) & set(pinned.texts) - pinned.approved:
            pinned.texts[code] = item.open[code]  # a release in preparation follows what nobody has approved

    def in_state(self, item, *states):
        return [part for part in item.open if item.states[part] in states]

    def waits_for_time(self, item, parts):
        """Say whether a draft of one of ``parts`` is pinned in a schedule just as it is."""
        pins = [waiting.texts for waiting in self.waiting if waiting.item is item and waiting.texts]
        return any(texts.get(part) == item.open[part] for texts in pins for part in parts)

    @rule(number=items, role=roles)
    def submit(self, number, role):
        item = self.pick(number)
        parts = self.in_state(item, "draft", "changes-requested")
        if role == "translator":
            parts = [part for part in parts if part == "es"] or parts
        if self.attempt(
            role,
            item,
            lambda: self.may(role, "submit", item, parts),
            lambda user: actions.submit(item=item.row, user=user, comment=self.new_texts(["en"])["en"]),
        ):
            item.states |= dict.fromkeys(parts, "submitted")

    @rule(number=items, role=publishers, approves=st.booleans())
    def review(self, number, role, approves):
        item = self.pick(number)
        parts = self.in_state(item, *(["submitted"] if approves else ["submitted", "approved"]))

        def act(user):
            if approves:
                actions.approve(item=item.row, user=user)
            else:
                actions.request_changes(item=item.row, user=user, comment="Shorter, please.")

        if self.attempt(role, item, lambda: self.may(role, "review", item), act):
            assert approves or not self.waits_for_time(item, parts)
            item.states |= dict.fromkeys(parts, "approved" if approves else "changes-requested")
            pinned = self.in_release.get(item, Pinned())
            as_it_is = {part for part in parts if pinned.texts.get(part) == item.open[part]}
            pinned.approved = pinned.approved | as_it_is if approves else pinned.approved - as_it_is

    @rule(number=items, role=roles)
    def discard(self, number, role):
        item = self.pick(number)
        if self.attempt(
            role,
            item,
            lambda: self.may(role, "save", item, list(item.open)),
            lambda user: actions.discard(item=item.row, user=user),
        ):
            assert item.status != "unpublished"
            pinned = self.in_release.get(item, Pinned())
            pinned.texts = {part: text for part, text in pinned.texts.items() if item.open.get(part) != text}
            item.open = {}

    @rule(number=items, role=roles, back=st.integers(0, 3))
    def restore(self, number, role, back):
        item = self.pick(number)
        if item.gone:
            return
        old = sorted(item.history)[-1 - min(back, len(item.history) - 1)]
        if self.attempt(
            role,
            item,
            lambda: self.may(role, "restore", item),
            lambda user: actions.restore(item=item.row, number=old, user=user),
        ):
            then = item.history[old]
            self.draft(item, {code: text for code, text in then.items() if text != item.shown[code]})

    # --- What the public sees ---

    @rule(number=items, role=publishers, codes=st.sampled_from([None, None, ("en",), ("es",)]))
    def publish(self, number, role, codes):
        item = self.pick(number)
        first = item.status == "unpublished"
        chosen = {part for part in item.open if codes is None or part in codes or (first and part == "shared")}
        if self.attempt(
            role,
            item,
            lambda: self.may(role, "publish", item),
            lambda user: actions.publish(item=item.row, user=user, parts=codes),
        ):
            assert chosen
            assert item.status != "withdrawn"
            texts = {part: item.open[part] for part in chosen}
            self.unpin(item, chosen)
            item.go_live(texts)

    def unpin(self, item, parts):
        """Take the parts that go live out of releases and schedules, which must hold just what does."""
        for waiting in [waiting for waiting in self.waiting if waiting.item is item and waiting.texts]:
            for part in set(waiting.texts) & set(parts):
                assert waiting.texts.pop(part) == item.open[part]
            if not waiting.texts:
                self.waiting.remove(waiting)
        if item in self.in_release:
            for part in set(self.in_release[item].texts) & set(parts):
                assert self.in_release[item].texts.pop(part) == item.open[part]

    @rule(number=items, role=publishers)
    def unpublish(self, number, role):
        item = self.pick(number)
        if self.attempt(
            role,
            item,
            lambda: self.may(role, "publish", item),
            lambda user: actions.unpublish(item=item.row, user=user),
        ):
            item.status = "withdrawn"

    @rule(number=items, role=publishers)
    def publish_again(self, number, role):
        item = self.pick(number)
        if self.attempt(
            role,
            item,
            lambda: self.may(role, "publish", item),
            lambda user: actions.publish_again(item=item.row, user=user),
        ):
            assert item.status == "withdrawn"
            item.status = "live"

    @rule(number=items, role=publishers, code=st.sampled_from(LANGUAGES))
    def correct_live(self, number, role, code):
        item = self.pick(number)
        if item.gone:
            return
        data, [text] = snapshot(item.row), self.new_texts([code]).values()
        data["fields"][f"{COLUMNS[item.kind]}_{code}"] = text
        if self.attempt(
            role,
            item,
            lambda: self.may(role, "publish", item) and self.may(role, "save", item, [code]),
            lambda user: actions.correct_live(item=item.row, data=data, user=user),
        ):
            assert item.status == "live"
            item.live[code], item.publications = text, item.publications + 1
            pinned = self.in_release.get(item, Pinned())
            if code in item.open:  # what was drafted at the same place stays, and has to be approved again
                item.states[code] = "draft"
                if code in pinned.texts:
                    pinned.texts[code], pinned.base[code] = item.open[code], item.base
                    pinned.approved.discard(code)

    @rule(number=items, role=publishers)
    def delete(self, number, role):
        item = self.pick(number)
        if self.attempt(
            role, item, lambda: self.may(role, "delete", item), lambda user: actions.delete(item=item.row, user=user)
        ):
            item.gone, item.open = True, {}
            self.in_release.pop(item, None)
            self.waiting = [waiting for waiting in self.waiting if waiting.item is not item]

    # --- Schedules ---

    @rule(
        number=items,
        role=publishers,
        hours=st.integers(1, 5),
        operation=st.sampled_from(["publish", "publish", "withdraw"]),
    )
    def schedule(self, number, role, hours, operation):
        item = self.pick(number)
        made = []
        if self.attempt(
            role,
            item,
            lambda: self.may(role, "publish", item),
            lambda user: made.append(
                actions.schedule(
                    target=item.row, operation=operation, due_at=timezone.now() + timedelta(hours=hours), user=user
                )
            ),
        ):
            again = item.status == "withdrawn"
            texts = None if operation == "withdraw" else {} if again else dict(item.open)
            self.waiting.append(Waiting(made[0], item, texts, item.base))
            item.states |= dict.fromkeys(texts or (), "approved")

    @precondition(lambda self: self.waiting)
    @rule(role=publishers, data=st.data())
    def cancel(self, role, data):
        waiting = data.draw(st.sampled_from(self.waiting))
        if self.attempt(
            role,
            waiting.item,
            lambda: self.may(role, "publish", waiting.item),
            lambda user: actions.cancel_schedule(change=waiting.change, user=user),
        ):
            self.waiting.remove(waiting)

    @rule(hours=st.integers(0, 6), command=st.booleans())
    def wait(self, hours, command):
        Publication.offset += timedelta(hours=hours)
        if command:
            actions.publish_due(now=timezone.now())
        # else the next request, or the next action, applies what is due
        self.advance()

    def advance(self):
        """Let the model do what is due."""
        due = [waiting for waiting in self.waiting if waiting.due_at <= timezone.now()]
        for waiting in sorted(due, key=lambda waiting: (waiting.due_at, waiting.change.pk)):
            self.waiting.remove(waiting)
            item = waiting.item
            if waiting.texts is None:
                item.status = "withdrawn" if item.status == "live" else item.status
            elif not waiting.texts:
                item.status = "live" if item.status == "withdrawn" else item.status
            elif item.status != "withdrawn" and all(stands_on(item, part, waiting.base) for part in waiting.texts):
                item.go_live(waiting.texts)

    # --- Releases and imports ---

    @rule(number=items, role=publishers)
    def add_to_release(self, number, role):
        item = self.pick(number)
        if self.release is None:
            self.release = Release.objects.create(title="Release")
        if self.attempt(
            role,
            item,
            lambda: self.may(role, "publish", item),
            lambda user: actions.add_to_release(release=self.release, items=[item.row], user=user),
        ):
            pinned = self.in_release.setdefault(item, Pinned())
            pinned.texts |= item.open
            pinned.base |= dict.fromkeys(item.open, item.base)
            pinned.approved -= set(item.open)
            pinned.approved |= set(self.in_state(item, "approved"))

    @precondition(lambda self: self.in_release)
    @rule(role=publishers)
    def publish_release(self, role):
        present = {item: pinned for item, pinned in self.in_release.items() if pinned.texts}
        if self.attempt(
            role,
            None,
            lambda: all(self.may(role, "publish", item) for item in present),
            lambda user: actions.publish_release(release=self.release, user=user),
        ):
            done = {}
            for item, pinned in present.items():
                assert item.status != "withdrawn"
                assert all(stands_on(item, part, pinned.base[part]) for part in pinned.texts)
                done[item] = (dict(pinned.texts), item.base)
                item.go_live(pinned.texts)
            self.released = (self.release, done)
            self.release, self.in_release = None, {}

    @precondition(lambda self: self.released)
    @rule(role=publishers)
    def undo_release(self, role):
        release, done = self.released
        taken_back = {}
        for item, (texts, base) in done.items():
            parts = {part: text for part, text in texts.items() if part == "shared" or item.live[part] == text}
            stays = base is None and item.publications > 1  # it is new by the release, and was published since
            if not item.gone and parts and not stays:
                taken_back[item] = (parts, base)
        if self.attempt(
            role,
            None,
            lambda: all(self.may(role, "publish", item) for item in taken_back),
            lambda user: actions.undo_release(release=release, user=user),
        ):
            for item, (parts, base) in taken_back.items():
                if base is None:
                    item.status = "withdrawn" if item.status == "live" else item.status
                elif item.status == "live":
                    self.take_back(item, parts, base)
            self.released = None

    def take_back(self, item, parts, base):
        item.publications += 1
        for code in set(parts) & set(LANGUAGES):
            item.live[code] = base[code]
            if code not in item.open and parts[code] != item.live[code]:
                item.open[code], item.states[code] = parts[code], "draft"

    @rule(number=st.integers(2, 3), publish=st.booleans())
    def import_strategy(self, number, publish):
        item = self.pick(number)
        if item.gone or item.office.gone:
            return
        self.touched, texts = number, self.new_texts(LANGUAGES)
        self.advance()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "package.yaml"
            path.write_text(
                f"format: 1\nstrategies:\n  - slug: {item.slug}\n    office: {item.office.slug}\n"
                f"    title: {{en: {texts['en']}, es: {texts['es']}}}\n" + ("    status: live\n" if publish else "")
            )
            import_package([path], publish=publish)
        if publish:
            item.live, item.status, item.publications = texts, "live", item.publications + 1
        else:
            item.draft(texts)

    # --- What must hold after every step ---

    def look(self, path, expected, allowed) -> str:
        """Return the text of an answer, which must have one of the ``expected`` statuses and no text but ``allowed``.

        Asked as by a cache: what it stored is shown for as long as the site says that it is current.
        """
        known, stored = self.stored.get(path, (None, ""))
        headers = {"if-none-match": known} if known else {}
        response = self.client.get(path, headers={"accept-language": "en", **headers})
        if response.status_code == 304:
            status, text = 200, stored
        else:
            status, text = response.status_code, response.getvalue().decode(errors="replace")
            self.stored[path] = (response.headers.get("ETag"), text)
        assert status in expected, path
        assert set(PLANTED.findall(text)) <= allowed, path
        return text

    def public(self) -> tuple[list[Item], set[str]]:
        """Return the public items and the words of theirs that may be read anywhere."""
        items = [item for item in self.items if item.is_public]
        return items, {word for item in items for text in item.live.values() for word in PLANTED.findall(text)}

    @invariant()
    def public_view_is_that_of_the_model(self):
        self.step += 1
        Publication.steps += 1
        self.advance()
        actions.publish_due()
        public, allowed = self.public()
        self.remember_what_was_seen()
        for kind, column in COLUMNS.items():
            of_kind = [item for item in self.items if item.kind == kind]
            model, names = type(of_kind[0].row), [f"{column}_{code}" for code in LANGUAGES]
            found = set(model.objects.live().values_list("slug", *names))
            assert found == {(item.slug, *item.live.values()) for item in public if item.kind == kind}
            rows = snapshots_of(model, [item.row.pk for item in of_kind])
            assert set(rows) == {item.row.pk for item in of_kind if not item.gone}
            for item in of_kind:
                if not item.gone:
                    stored = rows[item.row.pk]
                    versions = drafts_of(item.row)
                    if item.status != "unpublished":
                        assert stored == compose(model, contents(versions.live)), item
                    shown = compose(model, contents(versions.working))
                    for code, name in zip(LANGUAGES, names, strict=True):
                        assert stored["fields"][name] == item.live[code], item
                        assert shown["fields"][name] == item.shown[code], item
        sequences = list(Change.objects.values_list("sequence", flat=True))
        assert sequences == list(range(1, len(sequences) + 1))
        for item in self.items if CAMPAIGN else [self.items[self.touched]]:
            for code in LANGUAGES if CAMPAIGN else [LANGUAGES[self.step % 2]]:
                self.pages_of(item, code, allowed)
        if CAMPAIGN or self.step % 4 == 0:
            self.list_of(list(COLUMNS)[self.step // 4 % 3], LANGUAGES[self.step % 2], public, allowed)
        self.mails_know_no_draft()

    def remember_what_was_seen(self):
        for item in self.items:
            if not item.gone:
                newest = Revision.objects.of(item.row).first().number
                for number in range(len(item.history) + 1, newest + 1):
                    item.history[number] = item.shown

    def pages_of(self, item, code, allowed):
        """Page and API answer of one item: there exactly when the model says so, with its texts."""
        expected = {200} if item.is_public else {404, 410}
        for path in (
            f"/{code}/{PAGES[item.kind]}/{item.slug}/",
            f"/api/v1/{COLLECTIONS[item.kind]}/{item.row.pk}/?lang={code}",
        ):
            text = self.look(path, expected, allowed)
            assert not item.is_public or item.live[code] in text, path

    def list_of(self, kind, code, public, allowed):
        """List page and API list of one kind of item: the public ones, with their texts."""
        items = [item for item in public if item.kind == kind]
        text = self.look(f"/{code}/{PAGES[kind]}/", {200}, allowed)
        assert all(item.live[code] in text for item in items)
        answer = json.loads(self.look(f"/api/v1/{COLLECTIONS[kind]}/?lang={code}", {200}, allowed))
        assert {row["slug"] for row in answer["results"]} == {item.slug for item in items}
        assert all(item.live[code] in str(answer["results"]) for item in items)

    def every_address_shows_what_is_public_and_no_more(self):
        self.advance()
        public, allowed = self.public()
        hidden = {str(number) for number in range(1, next(self.texts))} - {word.strip("zq") for word in allowed}
        word = f"wq{max(hidden, key=int, default=0)}wq"  # of the newest text that is not public
        codes = LANGUAGES if CAMPAIGN else [LANGUAGES[self.step % 2]]
        lists = public_addresses([], codes)
        for path in public_addresses([item.row for item in self.items], codes):
            if path in STATIC and not CAMPAIGN:
                continue
            # A version shows what was public then, for ever.
            once = self.once_published() if "/versions/" in path else set()
            self.look(path, {200, 301, 302, 400, 404, 410}, allowed | once)
            if path in lists:
                self.look(f"{path}?search={word}", {200, 301, 302, 400, 404, 410}, allowed | once)
        self.look(f"/api/v1/changes/?since={change_token(ChangeLogHead.current(), 0)}&include=records", {200}, allowed)
        for item in self.items:
            for code in codes:
                self.pages_of(item, code, allowed)
        for kind in COLUMNS:
            self.list_of(kind, codes[0], public, allowed)

    @property
    def said(self) -> set[str]:
        """The words of what people wrote to those who review."""
        return {word for text in Comment.objects.values_list("text", flat=True) for word in PLANTED.findall(text)}

    def mails_know_no_draft(self):
        for message in mail.outbox:
            words = set(PLANTED.findall(message.subject + message.body))
            assert not words or words <= self.names_known_to_staff() | self.said

    def once_published(self):
        """The words of everything that was ever published."""
        published = PartVersion.objects.published().values_list("content", flat=True)
        return {word for data in published for word in PLANTED.findall(json.dumps(data))}

    def names_known_to_staff(self):
        """A mail to the author of a draft names the item as it is live."""
        published = PartVersion.objects.published().values_list("content", flat=True)
        texts = [text for item in self.items for text in item.live.values()]
        texts += [data["fields"].get(f"{column}_en") or "" for data in published for column in COLUMNS.values()]
        return {word for text in texts for word in PLANTED.findall(text)}


@pytest.mark.parametrize("part", range(3))  # so that workers share them
@pytest.mark.django_db
def test_public_view_equals_the_model(part, monkeypatch, caplog):
    monkeypatch.setattr(timezone, "now", lambda: real_now() + Publication.offset)
    monkeypatch.setattr(transaction, "on_commit", lambda function, **options: function())
    caplog.set_level(logging.DEBUG)
    for name in ("django.db.backends", "factory"):  # what they say at this level, no installation logs
        monkeypatch.setattr(logging.getLogger(name), "level", logging.INFO)
    monkeypatch.setattr(Publication, "world", World(), raising=False)
    monkeypatch.setattr(Publication, "steps", 0)
    run_state_machine_as_test(
        Publication if CAMPAIGN else seed(part)(Publication),  # each part has histories of its own
        settings=settings(
            max_examples=134 if CAMPAIGN else 4,  # three parts of 50 steps an example: 20,000 steps and a few
            stateful_step_count=50 if CAMPAIGN else 30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print({"part": part, "steps": Publication.steps})
    assert not PLANTED.search(caplog.text)
