"""The translation memory: what the site has published before, and where."""

import pytest

from cms.publishing import actions
from cms.translations import memory
from cms.translations.apps import fill_tables
from cms.translations.memory import matches, passages
from cms.translations.models import Passage
from tests.drafts import drafted
from tests.factories import OfficeFactory, PillarFactory, SectionFactory, StrategyFactory

pytestmark = pytest.mark.django_db

ENGLISH = "We work with people on the move in every region."
SPANISH = "Trabajamos con las personas en movimiento en cada región."


def asked(text=ENGLISH, target="es", **kwargs):
    return matches(text, source_language="en", target_language=target, **kwargs)


@pytest.fixture
def pillar():
    item = PillarFactory(name_en="Protection", summary_en=ENGLISH, summary_es=SPANISH)
    memory.rebuild()
    return item


def test_same_passage_is_found_with_where_it_stands(pillar):
    (match,) = asked()
    assert (match.score, match.is_exact, match.target) == (100, True, SPANISH)
    assert (match.model, match.item_id, match.place) == (type(pillar), pillar.pk, "summary")


def test_close_passage_is_found_below_the_same_one(pillar):
    (match,) = asked("We work with all people on the move in every region")
    assert 80 <= match.score < 100
    assert match.source == ENGLISH


def test_nothing_is_offered_that_is_not_close_or_not_translated(pillar):
    assert asked("Partnerships carry the objectives of the strategy.") == []
    assert asked(target="fr") == []
    assert matches(ENGLISH, source_language="fr", target_language="es") == []


def test_passages_of_a_rich_text_are_found_one_by_one():
    office = OfficeFactory()
    SectionFactory(
        office=office,
        body_en=f"<p>First <strong>things</strong> first.</p><ul><li><p>{ENGLISH}</p></li></ul>",
        body_es=f"<p>Lo <strong>primero</strong> es lo primero.</p><ul><li><p>{SPANISH}</p></li></ul>",
    )
    memory.rebuild()
    found = asked(f"<p>New.</p><p>{ENGLISH}</p><p>First things first.</p>", is_rich=True)
    assert [(match.number, match.target) for match in found] == [
        (1, SPANISH),
        (2, "Lo <strong>primero</strong> es lo primero."),
    ]
    assert {match.item_id for match in found} == {office.pk}


def test_translation_with_other_blocks_is_not_offered():
    SectionFactory(body_en=f"<p>{ENGLISH}</p>", body_es=f"<p>{SPANISH}</p><p>Más.</p>")
    memory.rebuild()
    assert asked(is_rich=True) == []


def test_each_translation_is_offered_once(pillar):
    PillarFactory(summary_en=ENGLISH, summary_es=SPANISH)
    PillarFactory(summary_en=ENGLISH, summary_es="Otra traducción.")
    memory.rebuild()
    assert sorted(match.target for match in asked()) == ["Otra traducción.", SPANISH]


def test_source_is_the_original_language_of_a_strategy():
    StrategyFactory(original_language="es", title_es="Estrategia regional", title_en="Regional strategy", title_fr="")
    memory.rebuild()
    assert asked("Regional strategy") == []
    (match,) = matches("Estrategia regional", source_language="es", target_language="en")
    assert match.target == "Regional strategy"


def test_memory_follows_what_is_published_and_not_what_is_drafted(admin_user, django_capture_on_commit_callbacks):
    office = OfficeFactory(name_en="Regional office of the north", name_es="Oficina regional del norte")
    name = "Regional office of the north"
    memory.rebuild()
    data = drafted(office)
    data["fields"]["name_es"] = "Oficina del norte"
    actions.save_draft(item=office, data=data, user=admin_user, opened_on=None)
    assert [match.target for match in asked(name)] == ["Oficina regional del norte"]
    with django_capture_on_commit_callbacks(execute=True):
        actions.publish(item=office, user=admin_user)
    assert [match.target for match in asked(name)] == ["Oficina del norte"]
    with django_capture_on_commit_callbacks(execute=True):
        actions.unpublish(item=office, user=admin_user)
    assert asked(name) == []


def test_migrate_fills_the_memory_of_a_site_that_had_content(pillar):
    Passage.objects.all().delete()
    fill_tables(plan=[])
    assert len(asked()) == 1


def test_queries_do_not_depend_on_the_text(pillar, django_assert_max_num_queries):
    text = "".join(f"<p>Passage number {number}, of {'many ' * number}passages.</p>" for number in range(60))
    with django_assert_max_num_queries(2 + 2 * memory.MOST_CLOSE):
        asked(text, is_rich=True)


@pytest.mark.parametrize("text", ["x" * 5_000, "", "<p></p>", "a", "<" * 1_000])
def test_any_text_can_be_asked_for(pillar, text):
    assert asked(text) == []
    assert asked(text, is_rich=True) == []


def test_passages_are_blocks():
    html = "<h3>One</h3><ul><li><p>Two <em>more</em></p></li></ul><table><tr><td><p>3</p></td></tr></table>"
    assert passages(html, is_rich=True) == ["One", "Two <em>more</em>", "3"]
