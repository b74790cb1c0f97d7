"""What is to be translated: My Spanish, the matrix, both as CSV, and giving work to somebody."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cms.content.snapshots import snapshot
from cms.editing.models import TranslationAssignment
from cms.publishing import actions
from cms.publishing.models import MailSettings, Notice, Release
from cms.publishing.models.items import reference
from tests.factories import ObjectiveFactory, OfficeFactory, SectionFactory, StrategyFactory

pytestmark = pytest.mark.django_db

Frequency = MailSettings.Frequency


def save_draft(item, **fields):
    data = snapshot(item)
    data["fields"] |= fields
    actions.save_draft(item=item, data=data, user=None, opened_on=None)


def worklist(client, language="es", **query):
    return client.get(reverse("admin:worklist", args=[language]), query)


def names(response) -> list[str]:
    return [work.name for work in response.context["works"]]


@pytest.fixture
def offices():
    """An office with two texts to translate, one with one, and one that is done."""
    north = OfficeFactory(slug="north", name_en="North", introduction_en="<p>Two words.</p>")
    south = OfficeFactory(slug="south", name_en="South")
    done = OfficeFactory(slug="done", name_en="Done", name_es="Hecho")
    for office in (north, south, done):
        save_draft(office, director_name="Somebody")
    return {"north": north, "south": south, "done": done}


@pytest.fixture
def translator(log_in):
    return log_in("translator", languages=["es"], name="translator")


def give(office, person, due_on=None, language="es"):
    return TranslationAssignment.objects.create(
        **reference(office), language=language, person=person, due_on=due_on, assigned_by=None
    )


# --- My Spanish ------------------------------------------------------------------


def test_worklist_lists_what_needs_work_with_texts_and_words(client, translator, offices):
    response = worklist(client)
    assert names(response) == ["North", "South"]
    totals = response.context["totals"]
    assert (totals.items, totals.missing, totals.words) == (2, 3, 4)
    assert response.context["title"] == "My Español"


def test_drafts_count_as_done(client, translator, offices):
    save_draft(offices["south"], name_es="Sur")
    assert names(worklist(client)) == ["North"]


def test_what_is_due_first_stands_first(client, translator, offices):
    give(offices["south"], translator, date(2020, 1, 1))
    response = worklist(client)
    assert names(response) == ["South", "North"]
    assert response.context["works"][0].is_overdue
    assert response.context["works"][0].person == "translator"


def test_worklist_says_what_is_in_review_and_what_was_sent_back(client, translator, offices):
    for name in ("north", "south"):
        save_draft(offices[name], name_es="Escrito")
        actions.submit(item=offices[name], user=None, parts=["es"])
    actions.request_changes(item=offices["south"], user=None, comment="No.", parts=["es"])
    response = worklist(client)
    assert {work.name: work.state for work in response.context["works"]} == {
        "North": "submitted",
        "South": "changes-requested",
    }
    assert names(worklist(client, status="in-review")) == ["North"]
    assert names(worklist(client, status="sent-back")) == ["South"]


def test_worklist_is_narrowed_to_what_was_given_to_me(client, translator, offices, member):
    give(offices["north"], translator)
    give(offices["south"], member("translator", languages=["es"], name="other"))
    assert names(worklist(client, status="mine")) == ["North"]


def test_worklist_is_narrowed_to_an_office_with_all_below_it_and_to_a_strategy(client, translator, offices):
    below = OfficeFactory(name_en="Below", parent=offices["north"])
    strategy = StrategyFactory(office=below, title_en="Plan")
    objective = ObjectiveFactory(strategy=strategy, statement_en="Aim")
    for item in (below, strategy, objective):
        save_draft(item, slug=f"{item.slug}-1")
    assert set(names(worklist(client, office=str(offices["north"].pk)))) == {"North", "Below", "Plan", "Aim"}
    assert set(names(worklist(client, strategy=str(strategy.pk)))) == {"Plan", "Aim"}
    assert names(worklist(client, kind="priorities.objective")) == ["Aim"]


def test_worklist_is_narrowed_to_a_release(client, translator, offices):
    release = Release.objects.create(title="Spring")
    actions.add_to_release(release=release, items=[offices["south"]], user=None)
    response = worklist(client, release=str(release.pk))
    assert names(response) == ["South"]
    assert reverse("admin:publishing_release_desk", args=[release.pk, "es"]) in response.text


def test_filter_that_cannot_be_is_said(client, translator, offices):
    response = worklist(client, office="not-a-key", status="dance")
    assert response.status_code == 200
    assert set(response.context["form"].errors) == {"office", "status"}


def test_worklist_of_an_unknown_language_is_not_there(client, translator):
    assert worklist(client, "xx").status_code == 404


def test_front_page_of_a_translator_begins_with_their_language(client, translator, offices):
    page = client.get(reverse("admin:index"))
    own = page.context["own_work"]
    assert [(each["language"], each["totals"].items) for each in own] == [("es", 2)]
    assert page.text.index("My Español") < page.text.index('<table class="overview"')


# --- The matrix -------------------------------------------------------------------


def test_matrix_says_in_words_where_each_item_stands_in_each_language(client, translator, offices):
    response = client.get(reverse("admin:translation_matrix"))
    cells = {row.name: {cell.language: cell.words for cell in row.cells} for row in response.context["rows"]}
    assert cells["North"]["en"] == "current"
    assert cells["North"]["es"] == "missing: 2"
    assert cells["Done"]["es"] == "current"
    assert reverse("admin:regions_office_desk", args=[offices["north"].pk, "fr"]) in response.text


def test_matrix_shows_nothing_of_another_office(client, log_in, offices):
    log_in("translator", scope=offices["south"], languages=["es"])
    response = client.get(reverse("admin:translation_matrix"))
    assert [row.name for row in response.context["rows"]] == ["South"]


def test_pages_are_for_who_may_see_drafts(client, log_in):
    log_in(None)
    for url in (reverse("admin:translation_matrix"), reverse("admin:worklist", args=["es"])):
        assert client.get(url).status_code == 403


# --- CSV --------------------------------------------------------------------------


def rows_of(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_worklist_as_csv(client, translator, offices):
    OfficeFactory(slug="formula", name_en="=1+1")
    give(offices["north"], translator, date(2030, 1, 2))
    rows = rows_of(worklist(client, format="csv"))
    assert rows[0][0] == "Item"
    assert rows[1][:6] == ["North", "office", "", "0", "2", "3"]
    assert rows[1][7:9] == ["translator", "2030-01-02"]
    assert rows[1][9].startswith("http://testserver/admin/regions/office/")
    assert all(not row[0].startswith("=") for row in rows)


def test_matrix_as_csv(client, translator, offices):
    rows = rows_of(client.get(reverse("admin:translation_matrix"), {"format": "csv"}))
    assert rows[0] == ["Item", "Content", "Belongs to", "en", "es", "fr", "pt"]
    assert ["South", "office", "", "current", "missing: 1", "missing: 1", "missing: 1"] in rows


# --- Giving work to somebody --------------------------------------------------------


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """A function that sends a form as if it was committed, so that mail goes out."""

    def committed(client, url, data):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(url, data)

    return committed


def assign_url(*offices, language="es"):
    items = "&".join(f"item={reference(office)['content_type'].pk}:{office.pk}" for office in offices)
    return f"{reverse('admin:assign_translations', args=[language])}?{items}"


def test_publisher_gives_items_to_a_translator_who_is_told_in_one_mail(
    client, log_in, member, offices, committed, mailoutbox
):
    log_in("publisher")
    person = member("translator", languages=["es"], name="translator")
    url = assign_url(offices["north"], offices["south"])
    committed(client, url, {"person": person.pk, "due_on": "2030-01-02"})
    given = TranslationAssignment.objects.values_list("object_id", "person", "due_on")
    assert set(given) == {(offices[name].pk, person.pk, date(2030, 1, 2)) for name in ("north", "south")}
    assert [mail.to for mail in mailoutbox] == [["translator@example.org"]]
    assert "North" in mailoutbox[0].body
    assert "South" in mailoutbox[0].body
    assert "2030-01-02" in mailoutbox[0].body
    assert f"/admin/regions/office/{offices['north'].pk}/desk/es/" in mailoutbox[0].body


def test_who_wants_one_mail_a_day_finds_it_there(client, log_in, member, offices, committed, mailoutbox):
    log_in("publisher")
    person = member("translator", languages=["es"], name="translator")
    MailSettings.objects.create(user=person, frequency=Frequency.DAILY)
    committed(client, assign_url(offices["north"]), {"person": person.pk, "due_on": ""})
    assert mailoutbox == []
    call_command("send_digests")
    assert "North" in mailoutbox[0].body
    assert not Notice.objects.exists()


def test_translator_takes_work_and_gives_it_back_and_takes_none_from_others(client, translator, offices, member):
    url = assign_url(offices["north"])
    assert list(client.get(url).context["assign_form"].fields["person"].queryset) == [translator]
    client.post(url, {"person": translator.pk, "due_on": ""})
    assert TranslationAssignment.objects.get().person == translator
    client.post(url, {"person": "", "due_on": ""})
    assert not TranslationAssignment.objects.exists()
    give(offices["north"], member("translator", languages=["es"], name="other"))
    assert client.post(url, {"person": translator.pk, "due_on": ""}).status_code == 403
    assert TranslationAssignment.objects.get().person.username == "other"


def test_nobody_is_given_what_they_may_not_write(client, log_in, member, offices):
    log_in("publisher")
    person = member("translator", languages=["fr"], name="translator")
    response = client.post(assign_url(offices["north"]), {"person": person.pk, "due_on": ""})
    assert response.context["assign_form"].errors["person"]
    assert not TranslationAssignment.objects.exists()


@pytest.mark.parametrize("item", ["", "x:y", "1:not-a-key", "99999:0e1d6f0a-0000-4000-8000-000000000000"])
def test_giving_what_there_is_not_is_refused(client, translator, item):
    url = f"{reverse('admin:assign_translations', args=['es'])}?item={item}"
    assert client.get(url).status_code == 404


def test_giving_nothing_leads_back(client, translator):
    url = reverse("admin:assign_translations", args=["es"])
    assert client.get(url).headers["Location"] == reverse("admin:worklist", args=["es"])


# --- Queries ----------------------------------------------------------------------

MOST_QUERIES = 8


def test_queries_are_few_whatever_there_is(client, log_in, member):
    person = log_in("publisher", name="publisher")
    addresses = {
        "worklist": reverse("admin:worklist", args=["es"]),
        "matrix": reverse("admin:translation_matrix"),
        "given": f"{reverse('admin:worklist', args=['es'])}?status=mine",
    }
    counts = []
    for number in (1, 1, 5):  # the first time fills what is read once a process
        for office in OfficeFactory.create_batch(number, introduction_en="<p>Text</p>"):
            SectionFactory.create_batch(2, office=office)
            objective = ObjectiveFactory(strategy__office=office)
            for item in (office, objective, objective.strategy):
                save_draft(item, slug=f"{item.slug}-1")
                give(item, person, timezone.localdate() + timedelta(days=number))
        found = {}
        for name, url in addresses.items():
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url).status_code == 200
            found[name] = len(queries)
        counts.append(found)
    assert counts[1] == counts[2]
    assert {name: count for name, count in counts[2].items() if count > MOST_QUERIES} == {}
