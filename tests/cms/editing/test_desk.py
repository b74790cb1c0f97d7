"""The translators' desk: what is on it, saving text by text, and who may."""

from urllib.parse import unquote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms.content.snapshots import snapshot
from cms.publishing import actions
from cms.publishing.models import PartVersion, Release
from cms.translations import memory
from cms.translations.models import Concept, Term
from tests.drafts import aside_of, drafted, states_of
from tests.factories import OfficeFactory, OutlineEntryFactory, SectionFactory, StrategyFactory

pytestmark = pytest.mark.django_db


def desk_url(item, language="es"):
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_desk", args=[item.pk, language])


def save(client, item, name, text, *, decision="next", opened_on=None, language="es", **query):
    """Send a text as its form on the desk does; return the answer."""
    key = f"{item.pk}/{name}"
    page = client.get(desk_url(item, language), {"text": key, **query})
    data = {"text": key, "target": text, "decision": decision, "opened_on": opened_on or page.context["opened_on"]}
    return client.post(f"{desk_url(item, language)}?show={query.get('show', 'work')}", data)


@pytest.fixture
def office():
    """An office with a name and two sections, of which only the name is translated."""
    office = OfficeFactory(name_en="Office", name_es="Oficina", introduction_en="<p>Intro.</p>")
    for number, name in enumerate(("first", "second")):
        SectionFactory(office=office, heading_en=f"The {name} one", body_en="<p>Body.</p>", position=number)
    return office


@pytest.fixture
def translator(log_in):
    return log_in("translator", languages=["es"])


def labels(response):
    return [row.text.label for row in response.context["desk"].listed]


def test_desk_lists_texts_of_children_in_reading_order(client, translator, office):
    response = client.get(desk_url(office), {"show": "all"})
    places = [row.text.place.split(":") for row in response.context["desk"].listed]
    sections = [str(section.pk) for section in office.sections.order_by("position")]
    assert [path[1] for path in places if path[0] == "sections"] == [
        key for key in sections for _field in ("heading", "body")
    ]


def test_desk_begins_with_what_needs_work(client, translator, office):
    response = client.get(desk_url(office))
    assert "name" not in [row.text.place for row in response.context["desk"].listed]
    assert response.context["row"] == response.context["desk"].listed[0]


def test_save_and_next_saves_a_draft_of_the_language_and_leads_on(client, translator, office):
    rows = client.get(desk_url(office)).context["desk"].listed
    response = save(client, office, rows[0].text.place, "<p>Introducción.</p>")
    assert rows[1].key in unquote(response.headers["Location"])
    assert states_of(office) == {"es": "draft"}
    assert drafted(office)["fields"]["introduction_es"] == "<p>Introducción.</p>"


def test_text_of_a_child_is_saved_in_its_row(client, translator, office):
    first, second = office.sections.order_by("position")
    save(client, office, f"sections:{second.pk}:heading", "Título")
    rows = drafted(office)["children"]["sections"]
    assert [row["heading_es"] for row in rows] == ["", "Título"]


def test_save_and_stay_leads_back_to_the_text(client, translator, office):
    response = save(client, office, "introduction", "<p>Ya.</p>", decision="stay")
    assert "introduction" in response.headers["Location"]


def test_last_text_leads_to_submitting_all(client, translator, office):
    for row in client.get(desk_url(office)).context["desk"].listed:
        response = save(client, office, row.text.place, "Texto")
    assert response.headers["Location"].endswith("#submit")
    client.post(desk_url(office), {"decision": "submit", "comment": "Ready."})
    assert states_of(office) == {"es": "submitted"}


def test_two_translators_of_one_part_do_not_meet_unless_they_write_one_text(client, translator, office):
    opened_on = client.get(desk_url(office)).context["opened_on"]
    save(client, office, "introduction", "<p>Otro.</p>")
    response = save(client, office, "name", "La oficina", opened_on=opened_on, show="all")
    assert "conflict" not in response.headers["Location"]
    assert drafted(office)["fields"]["introduction_es"] == "<p>Otro.</p>"
    assert drafted(office)["fields"]["name_es"] == "La oficina"


def test_text_that_somebody_else_wrote_meanwhile_is_merged_on_the_page_of_conflicts(client, translator, office):
    opened_on = client.get(desk_url(office)).context["opened_on"]
    save(client, office, "name", "De ellos", show="all")
    response = save(client, office, "name", "De mí", opened_on=opened_on, show="all")
    assert drafted(office)["fields"]["name_es"] == "De ellos"
    assert aside_of(office).versions.get().content["fields"]["name_es"] == "De mí"
    page = client.get(response.headers["Location"])
    assert "De mí" in page.text
    back = client.post(response.headers["Location"], {"decision": "mine", "opened_on": page.context["opened_on"]})
    assert back.headers["Location"] == desk_url(office)
    assert drafted(office)["fields"]["name_es"] == "De mí"


def test_page_of_conflicts_leads_nowhere_else(client, translator, office):
    opened_on = client.get(desk_url(office)).context["opened_on"]
    save(client, office, "name", "De ellos", show="all")
    url = save(client, office, "name", "De mí", opened_on=opened_on, show="all").headers["Location"]
    address = url.partition("?")[0]
    back = client.post(f"{address}?back=https://example.org/admin/", {"decision": "theirs"})
    assert back.headers["Location"] == reverse("admin:regions_office_change", args=[office.pk])


def test_text_that_its_column_refuses_comes_back_as_typed(client, translator, office):
    response = save(client, office, "name", "x" * 2000, show="all")
    assert response.status_code == 200
    assert "x" * 2000 in response.text
    assert response.context["form"].errors["target"]
    assert states_of(office) == {}


def test_markup_that_texts_do_not_have_is_cleaned_away(client, translator, office):
    save(client, office, "introduction", "<p>Hola<script>alert(1)</script></p>")
    assert "script" not in drafted(office)["fields"]["introduction_es"]


def test_other_languages_are_there_to_read(client, translator, office):
    data = snapshot(office)
    data["fields"]["introduction_fr"] = "<p>En français.</p>"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    response = client.get(desk_url(office))
    assert [(other.language, other.value, other.is_draft) for other in response.context["others"]] == [
        ("fr", "En français.", True)
    ]


def test_translator_of_another_language_reads_and_does_not_write(client, log_in, office):
    log_in("translator", languages=["fr"])
    response = client.get(desk_url(office))
    assert response.context["form"].fields["target"].disabled
    assert "button" not in response.text.split('id="target-heading"')[1].split("</section>")[0]
    assert save(client, office, "introduction", "<p>No.</p>").status_code == 403
    assert states_of(office) == {}


@pytest.mark.parametrize(
    ("language", "data", "status"),
    [
        ("xx", {}, 404),
        ("es", {"text": "nothing", "decision": "next"}, 404),
        ("es", {"text": "", "decision": "dance"}, 404),
    ],
    ids=["language", "text", "decision"],
)
def test_desk_refuses_what_there_is_not(client, translator, office, language, data, status):
    assert client.post(desk_url(office, language), data).status_code == status


def test_desk_of_a_release_has_the_texts_of_all_its_items(client, log_in, office):
    strategy = StrategyFactory(office=office, title_en="Plan")
    OutlineEntryFactory(strategy=strategy, title_en="Chapter")
    release = Release.objects.create(title="Spring")
    for item, name in ((office, "introduction_fr"), (strategy, "summary_fr")):
        data = snapshot(item)
        data["fields"][name] = "<p>Texte.</p>"
        actions.save_draft(item=item, data=data, user=None, opened_on=None)
    actions.add_to_release(release=release, items=[office, strategy], user=None)
    log_in("translator", languages=["es"])
    url = reverse("admin:publishing_release_desk", args=[release.pk, "es"])
    page = client.get(url, {"show": "all"})
    assert {row.item for row in page.context["desk"].listed} == {office, strategy}
    for item, place in ((office, "introduction"), (strategy, "title")):
        token = client.get(url, {"text": f"{item.pk}/{place}"}).context["opened_on"]
        data = {"text": f"{item.pk}/{place}", "target": "Texto", "decision": "next", "opened_on": token}
        assert client.post(url, data).status_code == 302
    client.post(url, {"decision": "submit"})
    submitted = PartVersion.objects.filter(part="es", state=PartVersion.State.SUBMITTED)
    assert {version.object_id for version in submitted} == {office.pk, strategy.pk}


# --- What the checks ask ----------------------------------------------------------


@pytest.fixture
def numbered(translator):
    """An office whose introduction has a number, on the desk of a translator into Spanish."""
    return OfficeFactory(name_en="Office", name_es="Oficina", introduction_en="<p>We work in 14 countries.</p>")


def introduction(client, office, text, **data):
    key = f"{office.pk}/introduction"
    opened_on = client.get(desk_url(office), {"text": key}).context["opened_on"]
    return client.post(
        desk_url(office), {"text": key, "target": text, "decision": "next", "opened_on": opened_on, **data}
    )


def asked_after(client, response) -> list[str]:
    """Return the keys of what is asked on the page that a save leads to."""
    return [each.finding.key for each in client.get(response.headers["Location"]).context["asked"]]


def test_text_that_the_checks_ask_about_is_saved_and_shown_with_what_they_ask(client, numbered):
    response = introduction(client, numbered, "<p>Trabajamos en 15 países.</p>")
    assert "introduction" in response.headers["Location"]
    page = client.get(response.headers["Location"])
    assert "The number 14 is missing" in page.text
    assert drafted(numbered)["fields"]["introduction_es"] == "<p>Trabajamos en 15 países.</p>"


def test_who_has_seen_what_the_checks_ask_goes_on(client, numbered):
    text = "<p>Trabajamos en catorce países.</p>"
    keys = asked_after(client, introduction(client, numbered, text))
    response = introduction(client, numbered, text, seen=keys)
    assert response.headers["Location"].endswith("#submit")


def test_what_the_checks_ask_is_answered_before_submission(client, numbered):
    text = "<p>Trabajamos en catorce países.</p>"
    keys = asked_after(client, introduction(client, numbered, text))
    client.post(desk_url(numbered), {"decision": "submit"})
    assert states_of(numbered) == {"es": "draft"}
    introduction(client, numbered, text, finding=keys, reason=["Written out."] * len(keys))
    client.post(desk_url(numbered), {"decision": "submit"})
    assert states_of(numbered) == {"es": "submitted"}
    assert "Written out." in client.get(reverse("admin:regions_office_review", args=[numbered.pk])).text


def test_reason_stays_with_the_text(client, numbered):
    text = "<p>Trabajamos en catorce países.</p>"
    keys = asked_after(client, introduction(client, numbered, text))
    introduction(client, numbered, text, finding=keys, reason=["Written out."] * len(keys))
    introduction(client, numbered, "<p>Estamos en catorce países.</p>")
    asked = client.get(desk_url(numbered), {"text": f"{numbered.pk}/introduction"}).context["asked"]
    assert [each.accepted.reason for each in asked] == ["Written out."] * len(keys)


def test_submission_does_not_ask_about_texts_that_are_live(client, numbered):
    data = snapshot(numbered)
    data["fields"]["introduction_es"] = "<p>Trabajamos en 15 países.</p>"
    actions.save_draft(item=numbered, data=data, user=None, opened_on=None)
    actions.publish(item=numbered, user=None)
    save(client, numbered, "name", "La oficina", show="all")
    client.post(desk_url(numbered), {"decision": "submit"})
    assert states_of(numbered) == {"es": "submitted"}


def test_checks_answer_while_typing(client, numbered):
    data = {"text": f"{numbered.pk}/introduction", "target": "<p>Nada.</p>", "decision": "check"}
    response = client.post(desk_url(numbered), data)
    assert "The number 14 is missing" in response.text
    assert "<html" not in response.text
    assert states_of(numbered) == {}


def test_terms_are_marked_in_the_source(client, translator):
    concept = Concept.objects.create(slug="return")
    Term.objects.create(concept=concept, language="en", text="voluntary return")
    Term.objects.create(concept=concept, language="es", text="retorno voluntario", forbidden="repatriación")
    office = OfficeFactory(name_en="On voluntary return <b>", introduction_en="<p>A voluntary return <em>now</em></p>")
    page = client.get(desk_url(office), {"text": f"{office.pk}/name"})
    assert '<mark title="retorno voluntario">voluntary return</mark> &lt;b&gt;' in page.text
    assert "repatriación" in page.text
    page = client.get(desk_url(office), {"text": f"{office.pk}/introduction"})
    assert '<p>A <mark title="retorno voluntario">voluntary return</mark> <em>now</em></p>' in page.text


# --- What a machine wrote ------------------------------------------------------------


class Backwards:
    """A stand-in for a service: it turns words round."""

    def translate(self, texts, source, target):
        return [text[::-1] for text in texts]


def test_text_that_a_machine_wrote_needs_work_until_somebody_says_that_it_is_right(client, translator, settings):
    settings.MACHINE_TRANSLATION = f"{__name__}.Backwards"
    office = OfficeFactory(name_en="Office")
    save(client, office, "name", "", decision="machine")
    row = client.get(desk_url(office)).context["row"]
    assert (row.text.target, row.is_machine_made) == ("eciffO", True)
    work = client.get(reverse("admin:worklist", args=["es"]), {"status": "machine"}).context["works"]
    assert [each.counts.machine for each in work] == [1]
    matrix = client.get(reverse("admin:translation_matrix")).context["rows"]
    assert [cell.words for cell in matrix[0].cells if cell.language == "es"] == ["machine-made: 1"]
    save(client, office, "name", "eciffO", decision="confirm")
    assert client.get(desk_url(office)).context["desk"].listed == []


def test_machine_does_not_write_over_what_is_typed(client, translator, settings):
    settings.MACHINE_TRANSLATION = f"{__name__}.Backwards"
    office = OfficeFactory(name_en="Office")
    response = save(client, office, "name", "Oficina", decision="machine")
    assert response.context["form"].errors["target"]
    assert "Oficina" in response.text
    assert states_of(office) == {}


# --- What was translated before -----------------------------------------------------


def test_published_passage_is_offered_with_where_it_stands_and_never_filled_in(client, translator):
    known = OfficeFactory(name_en="Known", introduction_en="<p>We work with partners.</p>")
    data = snapshot(known)
    data["fields"]["introduction_es"] = "<p>Trabajamos con <strong>socios</strong>.</p>"
    actions.save_draft(item=known, data=data, user=None, opened_on=None)
    actions.publish(item=known, user=None)
    memory.rebuild()
    office = OfficeFactory(name_en="New", introduction_en="<p>We work with partners.</p>")
    page = client.get(desk_url(office), {"text": f"{office.pk}/introduction"})
    offers = page.context["offers"]
    assert [(offer.match.score, offer.shown, offer.name) for offer in offers] == [
        (100, "Trabajamos con socios.", "Known")
    ]
    assert page.context["form"]["target"].value() == ""
    own = client.get(desk_url(known), {"text": f"{known.pk}/introduction"})
    assert own.context["offers"] == []


# --- What became of the source -------------------------------------------------------


@pytest.fixture
def outdated(translator):
    """An office whose introduction was rewritten since it was translated."""
    office = OfficeFactory(
        name_en="Office", name_es="Oficina", introduction_en="<p>Old words.</p>", introduction_es="<p>Palabras.</p>"
    )
    data = snapshot(office)
    data["fields"]["introduction_en"] = "<p>New words.</p>"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    return office


def statuses(client, office):
    response = client.get(desk_url(office), {"show": "all"})
    return {row.text.place: str(row.text.status) for row in response.context["desk"].listed}


def test_desk_shows_what_became_of_the_source_word_by_word(client, outdated):
    response = client.get(desk_url(outdated))
    assert response.context["row"].text.place == "introduction"
    assert "<del>Old</del><ins>New</ins> words." in response.text


def test_still_right_needs_no_retyping_and_leads_on(client, outdated):
    response = introduction(client, outdated, "<p>Palabras.</p>", decision="confirm")
    assert statuses(client, outdated) == {"name": "current", "introduction": "current"}
    assert response.headers["Location"].endswith("#submit")
    assert states_of(outdated)["es"] == "draft"


def test_still_right_keeps_what_was_typed_as_well(client, outdated):
    introduction(client, outdated, "<p>Palabras nuevas.</p>", decision="confirm")
    assert drafted(outdated)["fields"]["introduction_es"] == "<p>Palabras nuevas.</p>"
    assert statuses(client, outdated)["introduction"] == "current"


def test_text_that_is_written_again_is_current(client, outdated):
    introduction(client, outdated, "<p>Palabras nuevas.</p>")
    assert statuses(client, outdated)["introduction"] == "current"


def test_queries_of_a_desk_are_few_whatever_is_on_it(client, translator):
    counts = []
    for number in (2, 2, 150):  # the first time fills what is read once a process
        strategy = StrategyFactory(title_en="Plan", summary_en="<p>First.</p><p>Second.</p><p>Third.</p><p>Last.</p>")
        OutlineEntryFactory.create_batch(number, strategy=strategy, title_en="Title", body_en="<p>Text</p>")
        data = snapshot(strategy)
        data["fields"]["title_en"] = "Another plan"
        actions.save_draft(item=strategy, data=data, user=None, opened_on=None)
        with CaptureQueriesContext(connection) as queries:
            response = client.get(desk_url(strategy), {"show": "all", "text": f"{strategy.pk}/summary"})
        assert len(response.context["desk"].rows) >= 2 * number
        counts.append(len(queries))
    assert counts[1] == counts[2] <= 20
