"""What a release is told about missing translations."""

import pytest

from cms.content.snapshots import snapshot
from cms.publishing import actions
from cms.publishing.models import Release
from cms.publishing.readiness import problems_of
from cms.translations.readiness import missing_translations
from tests.factories import OfficeFactory, PillarFactory, SectionFactory

pytestmark = pytest.mark.django_db

ALL = {"name_en": "A", "name_es": "B", "name_fr": "C", "name_pt": "D"}


def texts_of(*items) -> list[tuple]:
    return [(problem.item, problem.text) for problem in missing_translations(list(items))]


def test_complete_item_is_ready():
    assert texts_of(PillarFactory(**ALL)) == []


def test_languages_with_missing_texts_are_named_with_their_number():
    pillar = PillarFactory(name_en="A", name_es="B", summary_en="C")
    text = "Texts are missing in 3 languages: Español (1), Français (2), Português (2)."
    assert texts_of(pillar) == [(pillar, text)]


def test_texts_of_children_count():
    office = OfficeFactory(**ALL)
    SectionFactory(office=office, heading_en="A", heading_es="B", heading_fr="C", heading_pt="D", body_en="")
    assert texts_of(office) == []
    office.sections.update(heading_fr="")
    assert texts_of(office) == [(office, "Texts are missing in one language: Français (1).")]


def test_items_of_several_models_are_told_apart():
    office, pillar = OfficeFactory(**{**ALL, "name_pt": ""}), PillarFactory(**{**ALL, "name_fr": ""})
    assert [(item, text[-14:]) for item, text in texts_of(office, pillar)] == [
        (office, "Português (1)."),
        (pillar, " Français (1)."),
    ]


def test_release_is_judged_by_its_drafts():
    pillar = PillarFactory(**ALL)
    data = snapshot(pillar)
    data["fields"]["name_es"] = ""
    actions.save_draft(item=pillar, data=data, user=None, opened_on=None)
    release = Release.objects.create(title="R")
    actions.add_to_release(release=release, items=[pillar], user=None)
    assert "Texts are missing in one language: Español (1)." in [problem.text for problem in problems_of(release)]
