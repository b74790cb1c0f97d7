"""Random edits, corrections, confirmations, imports, releases and undos, against a simple model of what each text was
made from. After every step the status of each text is what the model says, drafted and live, and so are the counts.

The model keeps, by part, the text of one place, its key and its stamp, in what is drafted and in what is live.
"""

import os
from collections import Counter
from dataclasses import dataclass, replace

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from cms.content.snapshots import snapshot
from cms.content.substance import key_of
from cms.publishing import actions
from cms.publishing.actions.imports import ImportRecorder
from cms.publishing.drafts import drafted, drafts_of
from cms.publishing.models import Release
from cms.translations.models import TextCount
from cms.translations.texts import states_of_rows
from regions.models import Office
from tests.factories import OfficeFactory

CAMPAIGN = os.environ.get("HYPOTHESIS_PROFILE") == "campaign"
LANGUAGES = ("es", "fr")  # translated from English
WORDS = st.sampled_from(["", "alpha", "beta", "gamma", "“alpha”", '"alpha"'])


@dataclass(frozen=True)
class Said:
    """One text: what it says, its own key where it is a source, the key that it was made from, and when."""

    text: str = ""
    key: str = ""
    made_from: str | None = None
    made_at: int = 0  # number of the save of the source

    number: int = 0  # of the save that it stood in


class Machine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.point = transaction.atomic()
        self.point.__enter__()
        self.office = OfficeFactory(name_en="Name", short_name_en="alpha", short_name_es="alpha")
        actions.save_draft(item=self.office, data=snapshot(self.office), user=None, opened_on=None)
        self.number = 1
        key = key_of("alpha")
        self.live = {
            "en": Said("alpha", key, number=1),
            "es": Said("alpha", made_from=key, made_at=1, number=1),
            "fr": Said(number=0),
        }
        self.open: dict[str, Said] = {}
        self.history = [dict(self.live)]
        self.release = None

    def teardown(self):
        transaction.set_rollback(True)
        self.point.__exit__(None, None, None)

    @property
    def working(self) -> dict[str, Said]:
        return {**self.live, **self.open}

    # --- The model of one save ---

    def made(self, part: str, text: str, carried: list[Said], source: Said, *, correction: bool) -> Said:
        """Return what a text is once it is saved; ``carried`` are those that it may be the same as."""
        if not text:
            return Said()
        same = next((old for old in carried if old.text and key_of(old.text) == key_of(text)), None)
        before = carried[0] if carried and carried[0].text else None
        kept = same or (before if correction else None)
        if part == "en":
            waits = any(self.working[other].made_from == "" for other in LANGUAGES)
            is_first = not any(old.text for old in carried)
            return Said(text, kept.key if kept else "" if waits and is_first else key_of(text))
        if kept and kept.made_from is not None:
            return Said(text, made_from=kept.made_from, made_at=kept.made_at)
        return Said(text, made_from=source.key if source.text else "", made_at=source.number if source.text else 0)

    def keep(self, part: str, said: Said) -> None:
        """Store what a part says now as its draft; what is live as it is is none."""
        live = self.live[part]
        self.number += 1
        if said.text == live.text and (said.key, said.made_from) == (live.key, live.made_from):
            self.open.pop(part, None)
        else:
            self.open[part] = replace(said, number=self.number)
        self.history.append(dict(self.working))

    # --- What people do ---

    @rule(part=st.sampled_from(["en", *LANGUAGES]), text=WORDS, correction=st.booleans())
    def save(self, part, text, correction):
        if text == self.working[part].text:
            return
        data = drafted(self.office)
        data["fields"][f"short_name_{part}"] = text
        actions.save_draft(item=self.office, data=data, user=None, opened_on=None, correction_only=correction)
        carried = [self.working[part], self.live[part]]
        self.keep(part, self.made(part, text, carried, self.working["en"], correction=correction))

    @rule(part=st.sampled_from(LANGUAGES))
    def confirm(self, part):
        said, source = self.working[part], self.working["en"]
        if not said.text:
            return
        actions.confirm(item=self.office, language=part, places=["short_name"], user=None)
        key = source.key if source.text else ""
        if said.made_from != key:
            self.keep(part, replace(said, made_from=key, made_at=source.number if source.text else 0))

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def publish(self, data):
        parts = data.draw(st.sets(st.sampled_from(sorted(self.open)), min_size=1))
        actions.publish(item=self.office, user=None, parts=parts, drop_pins=True)
        self.live |= {part: self.open.pop(part) for part in parts}
        self.release = None

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def discard(self, data):
        parts = data.draw(st.sets(st.sampled_from(sorted(self.open)), min_size=1))
        actions.discard(item=self.office, user=None, parts=parts)
        for part in parts:
            del self.open[part]

    @rule(data=st.data())
    def restore(self, data):
        number = data.draw(st.integers(1, self.number))
        part = data.draw(st.sampled_from(["en", *LANGUAGES]))
        old = self.history[number - 1][part]
        if old.text == self.working[part].text:
            return
        actions.restore(item=self.office, number=number, user=None, parts=[part])
        self.keep(part, old)

    @rule(part=st.sampled_from(["en", *LANGUAGES]), text=WORDS)
    def import_draft(self, part, text):
        if text == self.working[part].text:
            return
        data = drafted(self.office)
        data["fields"][f"short_name_{part}"] = text
        recorder = ImportRecorder(user=None)
        recorder.drafted(Office, {self.office.pk: data})
        recorder.finish()
        carried = [self.working[part], self.live[part]]
        said = self.made(part, text, carried, self.working["en"], correction=False)
        self.number += 1  # an import keeps a draft also where it says what is live
        self.open[part] = replace(said, number=self.number)
        self.history.append(dict(self.working))

    @precondition(lambda self: self.open and self.release is None)
    @rule()
    def publish_release(self):
        release = Release.objects.create(title="Release")
        actions.add_to_release(release=release, items=[self.office], user=None)
        actions.publish_release(release=release, user=None)
        self.release = (release, {part: (self.live[part], said) for part, said in self.open.items()})
        self.live |= self.open
        self.open = {}

    @precondition(lambda self: self.release is not None)
    @rule()
    def undo_release(self):
        release, changed = self.release
        self.release = None
        actions.undo_release(release=release, user=None)
        self.number += 1
        for part, (before, _said) in changed.items():
            self.live[part] = replace(before, number=self.number)
        again = {part: said for part, (_before, said) in changed.items() if part not in self.open}
        self.history.append(dict(self.working))
        if again:
            self.number += 1
            self.open |= {part: replace(said, number=self.number) for part, said in again.items()}
            self.history.append(dict(self.working))

    # --- What holds after every step ---

    def status(self, said: dict[str, Said], part: str, *, is_live: bool) -> str:
        own, source = said[part], said["en"]
        if not own.text:
            return "missing"
        key = source.key if source.text else ""
        if part == "en" or own.made_from in (None, key):
            return "current"
        return "ahead" if is_live and own.made_at > source.number else "outdated"

    @invariant()
    def statuses_and_counts_are_what_the_model_says(self):
        [(working, live)] = states_of_rows(Office, [self.office.pk]).values()
        counts = {row.language: row for row in TextCount.objects.filter(object_id=self.office.pk)}
        for part in ("en", *LANGUAGES):
            for texts, said, is_live in ((working, self.working, False), (live, self.live, True)):
                found = {text.place: text for text in texts.texts(part)}
                if any(each.text for each in said.values()):
                    expected = self.status(said, part, is_live=is_live)
                    assert str(found["short_name"].status) == expected, (part, is_live, said)
                    assert found["short_name"].target == said[part].text
                statuses = Counter(str(text.status) for text in found.values())
                state = "live" if is_live else "working"
                for status in ("missing", "outdated", "current"):
                    assert getattr(counts[part], f"{state}_{status}") == statuses[status], (part, status)

    @invariant()
    def drafts_are_those_of_the_model(self):
        assert set(drafts_of(self.office).open) == set(self.open)


@pytest.mark.django_db
def test_status_is_that_of_a_simple_model():
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=200 if CAMPAIGN else 8,
            stateful_step_count=40 if CAMPAIGN else 15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
