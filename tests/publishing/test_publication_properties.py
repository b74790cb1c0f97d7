"""Random sequences of all actions by all roles against a simple model of what is public.

After every step the live querysets, the API and the public pages show what the model says, in two languages, and no
text that is only in a draft is in any of them, nor in a log or a mail. `make campaign` tries longer sequences.
"""

import logging
import os
import re
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
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from publishing import actions
from publishing.actions.drafts import drafted
from publishing.exceptions import PublishingError
from publishing.models import Change, Publishable, Release, Revision, RoleAssignment, ScheduledChange
from publishing.packages.importing import import_package
from publishing.snapshots import snapshot
from tests.factories import ObjectiveFactory, OfficeFactory, PillarFactory, StrategyFactory

CAMPAIGN = os.environ.get("HYPOTHESIS_PROFILE") == "campaign"
LANGUAGES = ("en", "es")
PLANTED = re.compile(r"zq\d+zq")
COLUMNS = {"office": "name", "strategy": "title", "objective": "statement"}
COLLECTIONS = {"office": "offices", "strategy": "strategies", "objective": "objectives"}
PAGES = {"office": "regions", "strategy": "strategies", "objective": "objectives"}
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


class Publication(RuleBasedStateMachine):
    offset = timedelta(0)

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        cache.clear()
        mail.outbox.clear()
        Publication.offset = timedelta(0)
        self.texts, self.waiting, self.in_release, self.release = count(1), [], [], None
        self.step, self.touched = 0, 0
        self.client = Client()
        self.items: list[Item] = []
        PillarFactory(slug="pillar")
        for number in range(2):
            self.make("office", OfficeFactory, None, number)
        for number in range(2):
            office = self.items[number]
            self.make("strategy", StrategyFactory, office, number, office=office.row)
        from priorities.models import Pillar

        for number in range(3):
            strategy = self.items[2 + number % 2]
            self.make(
                "objective", ObjectiveFactory, strategy, number, strategy=strategy.row, pillar=Pillar.objects.get()
            )
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

    def teardown(self):
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)
        Publication.offset = timedelta(0)

    def make(self, kind, factory, parent, number, **values):
        texts = self.new_texts(LANGUAGES)
        slug = f"{kind}-{number}"
        values |= {f"{COLUMNS[kind]}_{code}": text for code, text in texts.items()}
        row = factory(slug=slug, live=number != 1 or kind != "strategy", **values)
        self.items.append(Item(kind, slug, row, parent, row.status, texts))

    def new_texts(self, codes):
        return {code: f"zq{next(self.texts)}zq" for code in codes}

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
            lambda: self.may(role, "submit", item, self.changed(item)),
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

    def look(self, path, expected_status, allowed) -> str:
        response = self.client.get(path, headers={"accept-language": "en"})
        assert response.status_code == expected_status, path
        text = response.content.decode()
        leaked = set(PLANTED.findall(text)) - allowed
        assert leaked == set(), path
        return text

    @invariant()
    def public_view_is_that_of_the_model(self):
        self.step += 1
        self.advance()
        actions.publish_due()
        public = [item for item in self.items if item.is_public]
        allowed = {text for item in public for text in item.live.values()}
        for kind, column in COLUMNS.items():
            model = type(next(item.row for item in self.items if item.kind == kind))
            names = [f"{column}_{code}" for code in LANGUAGES]
            found = set(model.objects.live().values_list("slug", *names))
            assert found == {(item.slug, *item.live.values()) for item in public if item.kind == kind}
        for item in self.items:
            if not item.gone:
                stored = snapshot(item.row)["fields"]
                shown = drafted(item.row)["fields"]
                for code in LANGUAGES:
                    assert stored[f"{COLUMNS[item.kind]}_{code}"] == item.live[code], item
                    assert shown[f"{COLUMNS[item.kind]}_{code}"] == item.shown[code], item
        language = LANGUAGES[self.step % 2]
        for kind in COLUMNS:
            for code in LANGUAGES if CAMPAIGN else [language]:
                answer = self.client.get(f"/api/v1/{COLLECTIONS[kind]}/?lang={code}").json()
                rows = answer.get("results", answer.get("items", answer.get("data")))
                assert set(PLANTED.findall(str(rows))) <= allowed
                assert {row["slug"] for row in rows} == {item.slug for item in public if item.kind == kind}
                assert all(item.live[code] in str(rows) for item in public if item.kind == kind), (kind, code)
        for code in LANGUAGES if CAMPAIGN else [language]:
            for path in ("", "regions/", "strategies/", "objectives/"):
                self.look(f"/{code}/{path}", 200, allowed)
        for item in self.items if CAMPAIGN else [self.items[self.touched]]:
            status = 200 if item.is_public else 404
            for code in LANGUAGES:
                text = self.look(f"/{code}/{PAGES[item.kind]}/{item.slug}/", status, allowed)
                assert not item.is_public or item.live[code] in text
                self.look(f"/api/v1/{COLLECTIONS[item.kind]}/{item.row.pk}/?lang={code}", status, allowed)
        sequences = list(Change.objects.values_list("sequence", flat=True))
        assert sequences == list(range(1, len(sequences) + 1))
        for message in mail.outbox:
            assert (
                not PLANTED.search(message.subject + message.body)
                or set(PLANTED.findall(message.subject + message.body)) <= self.names_known_to_staff()
            )

    def names_known_to_staff(self):
        """A mail to the author of a draft names the item as it is live."""
        return {text for item in self.items for text in item.live.values()} | {
            revision["fields"].get(name)
            for revision in Revision.objects.filter(state=Revision.State.PUBLISHED).values_list("snapshot", flat=True)
            for name in ("name_en", "title_en", "statement_en")
        }


@pytest.mark.django_db
def test_public_view_equals_the_model(monkeypatch, caplog):
    monkeypatch.setattr(timezone, "now", lambda: real_now() + Publication.offset)
    monkeypatch.setattr(transaction, "on_commit", lambda function, **options: function())
    caplog.set_level(logging.DEBUG)
    for name in ("django.db.backends", "factory"):  # what they say at this level, no installation logs
        monkeypatch.setattr(logging.getLogger(name), "level", logging.INFO)
    run_state_machine_as_test(
        Publication,
        settings=settings(
            max_examples=150 if CAMPAIGN else 15,
            stateful_step_count=50 if CAMPAIGN else 25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert not PLANTED.search(caplog.text)
