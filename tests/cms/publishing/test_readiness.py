"""What stands in the way of a release."""

import pytest

from cms.content.links import Reference
from cms.publishing import actions
from cms.publishing.models import Release
from cms.publishing.readiness import problems_of, references
from regions.models import Office
from tests.factories import (
    DocumentFactory,
    ObjectiveFactory,
    OfficeFactory,
    PartnershipFactory,
    PillarFactory,
    SectionFactory,
    StrategyFactory,
    StrategyThematicAreaFactory,
    ThematicAreaFactory,
)

pytestmark = pytest.mark.django_db


def release_of(*items) -> Release:
    release = Release.objects.create(title="Release")
    actions.add_to_release(release=release, items=items, user=None)
    return release


def told(release) -> list[tuple]:
    """Return the problems of a release, but for those of review, and of languages, which are another app's."""
    found = [(problem.item, str(problem.text)) for problem in problems_of(release)]
    others = ("Texts are missing", "The draft (")
    return [(item, text) for item, text in found if not text.startswith(others)]


def test_item_that_refers_to_what_is_public_or_goes_live_with_it_is_ready():
    strategy = StrategyFactory(live=False, office=OfficeFactory(live=False))
    assert told(release_of(strategy, strategy.office)) == []


def test_item_whose_parent_is_not_live_is_not_ready():
    strategy = StrategyFactory(live=False, office=OfficeFactory(live=False, name_en="North"))
    assert told(release_of(strategy)) == [
        (strategy, "It refers to “North”, which is not live and not in this release.")
    ]


def test_reference_of_a_child_to_what_is_not_live_is_named():
    area = ThematicAreaFactory(live=False, name_en="Health")
    strategy = StrategyFactory(live=False)
    StrategyThematicAreaFactory(strategy=strategy, thematic_area=area)
    ((item, text),) = told(release_of(strategy))
    assert (item, "“Health”" in text) == (strategy, True)


def test_related_item_that_is_not_live_is_named():
    partnership = PartnershipFactory(live=False)
    partnership.pillars.set([PillarFactory(name_en="Public"), PillarFactory(live=False, name_en="Hidden")])
    ((item, text),) = told(release_of(partnership))
    assert (item, "“Hidden”" in text) == (partnership, True)


def test_text_that_links_to_what_is_not_live_is_named():
    hidden, going = OfficeFactory(live=False, name_en="Hidden"), OfficeFactory(live=False, name_en="Going")
    document = DocumentFactory(strategy__title_en="Old plan", strategy__live=False)
    links = "".join(f'<a href="{Reference(type(row), row.pk)}">a</a>' for row in (hidden, going, document, hidden))
    office = OfficeFactory(live=False)
    SectionFactory(office=office, body_es=f"<p>{links}</p>")
    assert told(release_of(office, going)) == [
        (office, "It refers to “Hidden”, which is not live and not in this release."),
        (office, "It refers to “Old plan”, which is not live and not in this release."),
    ]


def test_text_that_links_to_what_was_deleted_is_named():
    gone = OfficeFactory()
    office = OfficeFactory(live=False, introduction_en=f'<p><a href="{Reference(Office, gone.pk)}">a</a></p>')
    gone.delete()
    assert told(release_of(office)) == [(office, "A text links to something that was deleted.")]


def test_references_are_named_once_and_not_the_item_itself():
    area = ThematicAreaFactory()
    strategy = StrategyFactory()
    for kind in ("priority", "cross_cutting"):
        StrategyThematicAreaFactory(strategy=strategy, thematic_area=area, kind=kind)
    objective = ObjectiveFactory(strategy=strategy)
    assert references(strategy) == [strategy.office, area]
    assert set(references(objective)) == {strategy, objective.pillar}


def test_live_item_without_a_draft_has_nothing_to_publish():
    office, strategy = OfficeFactory(), StrategyFactory(live=False, office=OfficeFactory())
    assert told(release_of(office, strategy)) == [(office, "It has no draft: there is nothing to publish.")]
