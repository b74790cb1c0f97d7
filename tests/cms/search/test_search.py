"""What is found, in which order, and that it is what the public sees."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from cms.content.snapshots import snapshot
from cms.publishing import actions
from cms.search import index
from cms.search.models import SearchEntry, SearchWord, Synonyms
from cms.search.queries import parse
from cms.search.results import Filters, UnknownChoiceError, search, suggest
from tests.factories import (
    CountryFactory,
    DocumentFactory,
    FrameworkFactory,
    FrameworkGoalFactory,
    ObjectiveFactory,
    OfficeFactory,
    PartnerFactory,
    PartnershipFactory,
    PillarFactory,
    SectionFactory,
    StrategyFactory,
    ThematicAreaFactory,
)

pytestmark = pytest.mark.django_db


def results(text, language="en", **filters):
    return search(parse(text, language), Filters(**filters))


def titles(text, language="en", **filters):
    found = results(text, language, **filters).results
    return [str(result.title).replace("<mark>", "").replace("</mark>", "") for result in found]


def publish(item, **columns):
    """Change a live item as an editor does."""
    data = snapshot(item)
    data["fields"].update(columns)
    actions.save_draft(item=item, data=data, user=None, opened_on=None)
    actions.publish(item=item, user=None)


@pytest.mark.parametrize(
    ("language", "text", "query"),
    [
        ("es", "La educación de calidad", "educaciones"),
        ("es", "La educación de calidad", "EDUCACION"),
        ("en", "Strengthening communities", "strengthen community"),
        ("fr", "Les catastrophes naturelles", "catastrophe naturel"),
        ("pt", "As ações de cooperação", "acoes cooperacoes"),
        ("en", "The quality and use of data", '"use of data"'),
        ("en", "The quality and use of data", '"DATA"'),
        ("en", "Governance of migration", "govern*"),
        ("en", "Governance of migration", "gov* migr*"),
        ("en", "Words in 移民与发展 here", "移民"),
        ("en", "Under the sea", "the under"),
    ],
    ids=[
        "es-plural", "es-no-accents", "en", "fr", "pt", "phrase", "phrase-of-one", "prefix", "prefixes", "chinese",
        "stop-words",
    ],
)  # fmt: skip
def test_text_is_found(language, text, query):
    ThematicAreaFactory(**{"name_en": "Area", f"description_{language}": text})
    index.rebuild()
    assert len(titles(query, language)) == 1


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Data of good use", '"use of data"'),
        ("Governance", "migration"),
        ("Governance", "vern*"),
    ],
    ids=["order of a phrase", "another word", "middle of a word"],
)
def test_text_is_not_found(text, query):
    ThematicAreaFactory(name_en="Area", description_en=text)
    index.rebuild()
    assert titles(query) == []


def test_fallback_text_is_found_by_the_forms_of_its_own_language():
    ThematicAreaFactory(name_en="Strategies of cities")
    index.rebuild()
    (found,) = results("strategy city", "es").results
    assert found.title.language == "en"
    assert found.title.is_fallback
    assert found.url.startswith("/es/")


def test_text_is_not_found_in_a_language_that_shows_another():
    ThematicAreaFactory(name_es="Área", description_en="Rivers", description_es="Ríos")
    index.rebuild()
    assert titles("river", "es") == []
    assert titles("rio", "es") == ["Área"]


def test_name_and_acronym_are_found_in_every_language():
    PartnerFactory(name_en="Economic Commission", acronym_en="ECX", name_es="Comisión Económica", acronym_es="CEX")
    index.rebuild()
    assert titles("cex") == titles("comision economica") == ["Economic Commission"]
    assert titles("ECX", "es") == titles("economic commission", "es") == ["Comisión Económica"]


@pytest.mark.parametrize("typed", ["ABC 10", "abc10", "ABC-10", "abc 10.7", "goal 10 ABC", "Ten Goals 10", "XYZ 10"])
def test_goal_is_found_by_its_code_in_any_writing(typed):
    framework = FrameworkFactory(name_en="Ten Goals", acronym_en="ABC", acronym_es="XYZ")
    FrameworkGoalFactory(framework=framework, code="1", title_en="First")
    goal = FrameworkGoalFactory(framework=framework, code="10", title_en="Last")
    index.rebuild()
    assert results(typed).results[0].url == f"/en{goal.get_page_url().removeprefix('/en')}"


def test_goal_comes_and_goes_with_its_framework():
    framework = FrameworkFactory(name_en="Ten Goals", live=False)
    FrameworkGoalFactory(framework=framework, code="10", title_en="Rivers")
    actions.publish(item=framework, user=None)
    assert titles("rivers") == ["10. Rivers", "Ten Goals"]
    actions.unpublish(item=framework, user=None)
    assert titles("rivers") == []


def test_document_is_a_result():
    strategy = StrategyFactory(title_en="Strategy")
    document = DocumentFactory(strategy=strategy, title="Rivers and lakes")
    index.rebuild()
    (found,) = results("rivers pdf").results
    assert found.url == document.get_absolute_url()


def test_country_leads_to_its_office_and_strategy():
    office = OfficeFactory(name_en="North")
    office.countries.add(CountryFactory(code="NO", name_en="Norway"))
    StrategyFactory(office=office, title_en="Strategy of the North")
    index.rebuild()
    assert titles("norway") == ["Norway", "North", "Strategy of the North"]


def test_what_is_not_public_is_no_name_of_another():
    objective = ObjectiveFactory(statement_en="Words")
    objective.thematic_areas.add(ThematicAreaFactory(name_en="Secret", live=False))
    index.rebuild()
    assert titles("secret") == []


def test_word_as_it_is_typed_goes_before_others_of_its_stem():
    ThematicAreaFactory(name_en="Governance")
    ThematicAreaFactory(name_en="Governments")
    index.rebuild()
    assert titles("government") == ["Governments", "Governance"]
    assert titles("governance") == ["Governance", "Governments"]


def test_results_that_have_the_most_words_say_which_are_missing():
    ThematicAreaFactory(name_en="Rivers and lakes")
    ThematicAreaFactory(name_en="Rivers")
    index.rebuild()
    found = results("rivers lakes xyz")
    assert found.is_partial
    assert [(result.url.partition("=")[0], result.missing) for result in found.results] == [
        ("/en/objectives/?thematic_area", ("xyz",))
    ]


def test_words_that_mean_the_same_find_each_other():
    ThematicAreaFactory(name_en="Sending of remittances")
    ThematicAreaFactory(name_en="Money")
    actions.save_reference(item=Synonyms(slug="a", words_en="remittances\nmoney transfers", words_es="ZZZ"), user=None)
    index.rebuild()
    assert titles("money transfer") == titles("zzz") == ["Sending of remittances"]
    assert titles("money") == ["Money"]


@pytest.mark.django_db(transaction=True)
def test_synonyms_count_as_soon_as_they_are_saved():
    ThematicAreaFactory(name_en="Remittances")
    index.rebuild()
    assert titles("zzzzzz") == []
    actions.save_reference(item=Synonyms(slug="a", words_en="remittances\nzzzzzz"), user=None)
    assert titles("zzzzzz") == ["Remittances"]


@pytest.mark.parametrize("typed", ["Main d'oeuvre", "main d’œuvre"])
def test_ligatures_and_apostrophes_do_not_matter(typed):
    ThematicAreaFactory(name_fr="Migration de main-d’œuvre")
    index.rebuild()
    assert titles(typed, "fr") == ["Migration de main-d’œuvre"]


def test_title_goes_before_text():
    ThematicAreaFactory(name_en="Other", description_en="Migration, migration and migration.")
    ThematicAreaFactory(name_en="Migration and a few other words that make it long")
    index.rebuild()
    assert titles("migration")[1] == "Other"


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_pages_hold_each_result_once_and_titles_first(size):
    by_title = {str(OfficeFactory(name_en=f"Bridges {number}", introduction_en="Text").pk) for number in range(3)}
    by_text = {str(OfficeFactory(name_en=f"Office {number}", introduction_en="Bridges").pk) for number in range(2)}
    index.rebuild()
    query = parse("bridges", "en")

    pages = [search(query, Filters(), start=start, stop=start + size).results for start in range(0, 6, size)]

    urls = [result.url for page in pages for result in page]
    offices = {str(pk): url for pk, url in SearchEntry.objects.filter(language="en").values_list("object_id", "path")}
    assert {*urls[:3]} == {offices[pk] for pk in by_title}
    assert sorted(urls[3:]) == sorted(offices[pk] for pk in by_text)


def test_acronym_counts_as_title():
    PartnerFactory(name_en="First", description_en="<p>ABC</p>")
    PartnerFactory(name_en="Second", acronym_en="ABC")
    index.rebuild()
    assert titles("abc") == ["Second", "First"]


def test_text_of_a_child_leads_to_its_anchor():
    SectionFactory(
        office=OfficeFactory(slug="north"), anchor="work", body_en="<p>About <b>fisheries</b> &amp; more.</p>"
    )
    index.rebuild()
    (found,) = results("fishery").results
    assert found.passage_url == "/en/regions/north/#work"
    assert str(found.passage) == "About <mark>fisheries</mark> &amp; more."


def test_highlights_are_on_the_text_as_written_and_escaped():
    ThematicAreaFactory(name_en="<script> Educación & más", name_es="<script> Educación & más")
    index.rebuild()
    (found,) = results("educaciones", "es").results
    assert str(found.title) == "&lt;script&gt; <mark>Educación</mark> &amp; más"


def test_phrase_is_highlighted_as_one():
    ThematicAreaFactory(name_en="The use of data for data")
    index.rebuild()
    (found,) = results('"use of data"').results
    assert str(found.title) == "The <mark>use of data</mark> for data"


def test_results_are_counted_and_filtered_by_type_region_and_pillar():
    pillar = PillarFactory(slug="pillar", name_en="Pillar")
    strategies = [StrategyFactory(office=OfficeFactory(slug=f"office-{n}", name_en=f"Office {n}")) for n in (1, 2)]
    for strategy in strategies:
        ObjectiveFactory(strategy=strategy, pillar=pillar, statement_en="Words of one")
    ObjectiveFactory(strategy=strategies[0], statement_en="Words of another")
    ThematicAreaFactory(name_en="Words")
    index.rebuild()
    everything = results("words")
    assert [(choice.value, choice.count) for choice in everything.types] == [("thematic_areas", 1), ("objectives", 3)]
    assert [(choice.value, choice.count) for choice in everything.scopes] == [("office-1", 2), ("office-2", 1)]
    assert {choice.value: choice.count for choice in everything.topics}["pillar"] == 2
    some = results("words", types=("objectives",), scopes=("office-1",), topics=("pillar",))
    assert (some.total, some.unfiltered) == (1, 4)
    assert [str(result.scope) for result in some.results] == ["Office 1"]
    assert {choice.value: choice.count for choice in some.scopes} == {"office-1": 1, "office-2": 1}


@pytest.mark.parametrize("filters", [{"types": ("no",)}, {"scopes": ("no",)}, {"topics": ("no",)}])
def test_filter_that_names_nothing_is_refused(filters):
    with pytest.raises(UnknownChoiceError, match="no"):
        results("words", **filters)


# --- In step with what is public -----------------------------------------------------


def test_publication_brings_the_index_in_step():
    office = OfficeFactory(live=False, name_en="Before")
    actions.publish(item=office, user=None)
    assert titles("before") == ["Before"]
    publish(office, name_en="After")
    assert (titles("before"), titles("after")) == ([], ["After"])
    actions.unpublish(item=office, user=None)
    assert titles("after") == []
    assert list(index.differences()) == []


def test_draft_is_not_found():
    office = OfficeFactory(name_en="Public")
    index.rebuild()
    data = snapshot(office)
    data["fields"]["name_en"] = "Secret"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    assert titles("secret") == []


def test_what_is_public_through_an_item_comes_and_goes_with_it():
    office = OfficeFactory(live=False)
    StrategyFactory(office=office, title_en="Below")
    actions.publish(item=office, user=None)
    assert titles("below") == ["Below"]
    actions.unpublish(item=office, user=None)
    assert titles("below") == []


def test_name_of_another_item_in_an_entry_is_kept_in_step():
    partner = PartnerFactory(name_en="Before", slug="before")
    PartnershipFactory(partner=partner, office=OfficeFactory(name_en="Office"))
    index.rebuild()
    publish(partner, name_en="After", slug="after")
    assert titles("after") == ["After", "After – Office"]
    assert list(index.differences()) == []


def test_region_of_objectives_follows_their_strategy():
    one, other = OfficeFactory(slug="one"), OfficeFactory(slug="other")
    strategy = StrategyFactory(office=one)
    ObjectiveFactory(strategy=strategy, statement_en="Statement")
    index.rebuild()
    publish(strategy, office=str(other.pk))
    assert len(titles("statement", scopes=("other",), types=("objectives",))) == 1


def test_reference_data_is_kept_in_step():
    country = CountryFactory.build(code="ZZ", name_en="Before")
    actions.save_reference(item=country, user=None)
    assert titles("before") == ["Before"]
    actions.delete_reference(item=country, user=None)
    assert titles("before") == []


def test_transaction_that_is_rolled_back_leaves_the_index():
    office = OfficeFactory(name_en="Before")
    index.rebuild()
    with transaction.atomic():
        publish(office, name_en="After")
        transaction.set_rollback(True)
    assert (titles("before"), titles("after")) == (["Before"], [])
    assert list(index.differences()) == []


def test_rebuild_mends_what_is_missing_outdated_and_superfluous():
    kept, gone = OfficeFactory(name_en="Kept"), OfficeFactory(name_en="Gone")
    index.rebuild()
    OfficeFactory(name_en="Missing")
    type(kept).objects.filter(pk=kept.pk).update(name_en="Changed")
    type(gone).objects.filter(pk=gone.pk).delete()
    SearchWord.objects.all().delete()
    assert {(kind, language) for kind, _model, _key, language in index.differences()} == {
        (kind, language) for kind in ("missing", "outdated", "superfluous") for language in ("en", "es", "fr", "pt")
    }
    index.rebuild()
    assert list(index.differences()) == []
    assert [titles(word) for word in ("changed", "gone", "missing")] == [["Changed"], [], ["Missing"]]
    assert SearchWord.objects.filter(word="changed").exists()


def test_words_that_are_gone_leave_the_vocabulary():
    office = OfficeFactory(name_en="Vanishing")
    index.rebuild()
    publish(office, name_en="Other")
    index.rebuild()
    assert not SearchWord.objects.filter(word="vanishing").exists()


def test_publication_that_changes_no_text_writes_no_entry():
    office = OfficeFactory(name_en="Name")
    index.rebuild()
    pks = set(SearchEntry.objects.values_list("pk", flat=True))
    assert index.update([(type(office), office.pk)]) == 0
    assert set(SearchEntry.objects.values_list("pk", flat=True)) == pks


def test_item_of_very_many_different_words_is_indexed():
    text = " ".join(f"{number:x}{'z' * 20}" for number in range(15_000))
    ThematicAreaFactory(name_en="Long", description_en=text)
    index.rebuild()
    assert titles("long") == ["Long"]


# --- Helping on ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("migartion", "migration"),
        ("govrnance", "governance"),
        ("xigration", "migration"),
        ("igration", "migration"),
        ("migratio governanse", "migration governance"),
        ("education", "educación"),
        ("zzzzzzzz", ""),
        ("mig", ""),
    ],
    ids=["swapped", "left out", "first wrong", "first missing", "two words", "accent", "far", "short"],
)
def test_misspelt_word_is_corrected_from_the_words_of_the_site(typed, meant):
    ThematicAreaFactory(name_en="Migration governance", description_en="Educación")
    index.rebuild()
    assert results(typed).correction == meant


def test_words_that_no_item_has_together_are_not_put_right():
    ThematicAreaFactory(name_en="Migration")
    ThematicAreaFactory(name_en="Governance")
    index.rebuild()
    found = results("migartion governance")
    assert (found.correction, found.is_partial) == ("", True)


def test_two_words_that_were_typed_as_one_are_found():
    ThematicAreaFactory(name_en="Well-being")
    index.rebuild()
    assert titles("wellbeing") == ["Well-being"]


def test_suggestions_are_titles_that_begin_to_be_typed():
    FrameworkGoalFactory(framework=FrameworkFactory(name_en="Global framework"), title_en="Goal")
    ThematicAreaFactory(name_en="Good governance")
    ThematicAreaFactory(name_en="Governance")
    index.rebuild()
    found = suggest(parse("gov", "en", completing=True))
    assert [str(suggestion.title) for suggestion in found] == ["Governance", "Good governance"]
    assert suggest(parse("g", "en", completing=True)) == []


class AnyQueryTest(TestCase):
    """A property, with one rollback an example: no text fails, on either database."""

    @classmethod
    def setUpTestData(cls):
        StrategyFactory(title_en="Strategy of \"quoted\" 'words' & 移民", summary_en="<p>Climate 😀 change</p>")
        index.rebuild()

    @settings(suppress_health_check=list(HealthCheck))
    @given(
        st.one_of(
            st.text(),
            st.text(alphabet="ab\"'*():^-+&|!<>\\%_\x00 ANDORNEAR{}[]~,.:t"),
            st.text(alphabet=st.characters(categories=("L", "M", "So", "Cf", "Cc", "Zs"))),
        ),
        st.sampled_from(["en", "es", "fr", "pt"]),
    )
    def test_any_text_can_be_looked_for(self, text, language):
        found = search(parse(text, language), Filters())
        assert found.total >= 0
        suggest(parse(text, language, completing=True))
