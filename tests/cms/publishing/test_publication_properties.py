"""Random sequences of all actions by all roles against a simple model of what is public.

After every step the live querysets, and the pages and API answers about what the step touched, show what the model
says. At the end of each sequence every address of the public site is asked for, searches for words of drafts
included. No text that is only in a draft is in any answer, fresh or cached, nor in a log or a mail. `make campaign`
tries many more and longer sequences, and asks for more after every step.
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
from cms.content.snapshots import snapshots_of
from cms.packages.importing import import_package
from cms.publishing import actions
from cms.publishing.drafts import drafted
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import Change, ChangeLogHead, Release, Revision, RoleAssignment, ScheduledChange
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


@dataclass(eq=False)
class Item:
    """One item as the model knows it: what its live row says, and what its draft does."""

    kind: str
    slug: str
    row: Publishable
    parent: "Item | None" = None
    status: str = "unpublished"
    live: dict[str, str] = field(default_factory=dict)
    draft: dict[str, str] | None = None
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
        return self.live if self.draft is None else self.draft


@dataclass(eq=False)
class Waiting:
    """A scheduled change."""

    change: ScheduledChange
    item: Item
    texts: dict[str, str] | None  # of a publication

    @property
    def due_at(self):
        return self.change.due_at


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
        self.items.append(Item(kind, slug, row, parent, row.status, texts))


class Publication(RuleBasedStateMachine):
    world: World
    offset = timedelta(0)

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        cache.clear()
        mail.outbox.clear()
        Publication.offset = timedelta(0)
        self.items: list[Item] = copy.deepcopy(self.world.items)
        self.people, self.texts = self.world.people, count(self.world.planted)
        self.waiting, self.in_release, self.release = [], [], None
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
            item.draft = {**item.shown, **texts}
            if item.status == "unpublished":
                item.live = item.draft

    def changed(self, item):
        return [code for code in LANGUAGES if item.draft and item.draft[code] != item.live[code]]

    @rule(number=items, role=roles)
    def submit(self, number, role):
        item = self.pick(number)
        self.attempt(
            role,
            item,
            lambda: self.may(role, "submit", item, []),  # whoever may write any of it
            lambda user: actions.submit(item=item.row, user=user, comment=self.new_texts(["en"])["en"]),
        )

    @rule(number=items, role=publishers, approves=st.booleans())
    def review(self, number, role, approves):
        item = self.pick(number)

        def act(user):
            if approves:
                actions.approve(item=item.row, user=user)
            else:
                actions.request_changes(item=item.row, user=user, comment="Shorter, please.")

        self.attempt(role, item, lambda: self.may(role, "review", item), act)

    @rule(number=items, role=roles)
    def discard(self, number, role):
        item = self.pick(number)
        if self.attempt(
            role,
            item,
            lambda: self.may(role, "save", item, self.changed(item)),
            lambda user: actions.discard(item=item.row, user=user),
        ):
            item.draft = None

    @rule(number=items, role=roles, back=st.integers(0, 3))
    def restore(self, number, role, back):
        item = self.pick(number)
        if item.gone:
            return
        revisions = list(Revision.objects.of(item.row))
        if not revisions:
            return
        old = revisions[min(back, len(revisions) - 1)]
        if self.attempt(
            role,
            item,
            lambda: self.may(role, "restore", item),
            lambda user: actions.restore(item=item.row, number=old.number, user=user),
        ):
            fields = old.snapshot["fields"]
            item.draft = {code: fields[f"{COLUMNS[item.kind]}_{code}"] for code in LANGUAGES}
            if item.status == "unpublished":
                item.live = item.draft

    # --- What the public sees ---

    def go_live(self, item, texts, codes=None):
        item.live = {**item.live, **{code: text for code, text in texts.items() if codes is None or code in codes}}
        item.status = "live"

    @rule(number=items, role=publishers, codes=st.sampled_from([None, None, ("en",), ("es",)]))
    def publish(self, number, role, codes):
        item = self.pick(number)
        if self.attempt(
            role,
            item,
            lambda: self.may(role, "publish", item),
            lambda user: actions.publish(item=item.row, user=user, languages=codes),
        ):
            self.go_live(item, item.shown, codes)
            if codes is None:
                item.draft = None

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
    def delete(self, number, role):
        item = self.pick(number)
        if self.attempt(
            role, item, lambda: self.may(role, "delete", item), lambda user: actions.delete(item=item.row, user=user)
        ):
            item.gone, item.draft = True, None
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
            self.waiting.append(Waiting(made[0], item, dict(item.shown) if operation == "publish" else None))
            if operation == "publish":
                item.draft = None

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
            self.reopen(waiting)

    def reopen(self, waiting):
        if waiting.texts is not None and waiting.item.draft is None:
            waiting.item.draft = waiting.texts

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
            if waiting.texts is not None:
                self.go_live(item, waiting.texts)
            elif item.status == "live":
                item.status = "withdrawn"

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
            self.in_release.append(item)

    @precondition(lambda self: self.in_release)
    @rule(role=publishers)
    def publish_release(self, role):
        present = [item for item in dict.fromkeys(self.in_release) if not item.gone]
        if self.attempt(
            role,
            None,
            lambda: all(self.may(role, "publish", item) for item in present),
            lambda user: actions.publish_release(release=self.release, user=user),
        ):
            for item in present:
                self.go_live(item, item.shown)
                item.draft = None
            self.release, self.in_release = None, []

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
            self.go_live(item, texts)
        else:
            item.draft = texts
            if item.status == "unpublished":
                item.live = texts

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
        self.advance()
        actions.publish_due()
        public, allowed = self.public()
        drafts = {revision.object_id: revision.snapshot for revision in Revision.objects.open()}
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
                    shown = drafts.get(item.row.pk, stored)
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

    def mails_know_no_draft(self):
        for message in mail.outbox:
            words = set(PLANTED.findall(message.subject + message.body))
            assert not words or words <= self.names_known_to_staff()

    def once_published(self):
        """The words of everything that was ever published."""
        published = Revision.objects.filter(state=Revision.State.PUBLISHED).values_list("snapshot", flat=True)
        return {word for data in published for word in PLANTED.findall(json.dumps(data))}

    def names_known_to_staff(self):
        """A mail to the author of a draft names the item as it is live."""
        published = Revision.objects.filter(state=Revision.State.PUBLISHED).values_list("snapshot", flat=True)
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
    run_state_machine_as_test(
        Publication if CAMPAIGN else seed(part)(Publication),  # each part has histories of its own
        settings=settings(
            max_examples=50 if CAMPAIGN else 4,
            stateful_step_count=50 if CAMPAIGN else 30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert not PLANTED.search(caplog.text)
