"""The admin as an editor uses it: saves are drafts, and nothing of them is public before it is published."""

import pytest
from django.urls import reverse

from cms.content.snapshots import snapshot
from cms.editing.models import EditingSession
from cms.publishing import actions
from cms.publishing.models import Change, Revision, ScheduledChange
from regions.models import Office
from tests.admin_forms import page_data
from tests.drafts import aside_of, drafted, has_draft, states_of
from tests.factories import CountryFactory, OfficeFactory, PillarFactory, SectionFactory, StrategyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    office = OfficeFactory(slug="north", name_en="Live name", name_es="Nombre público")
    SectionFactory(office=office, anchor="a", heading_en="First")
    SectionFactory(office=office, anchor="b", heading_en="Second")
    return office


def page(item, name="change", *args):
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_{name}", args=[item.pk, *args])


def save(client, item, **changes):
    return client.post(page(item), page_data(client.get(page(item)), **changes), follow=True)


def messages_of(response):
    return " ".join(str(message) for message in response.context["messages"])


def test_save_is_a_draft_that_the_form_shows_and_the_public_does_not(admin_client, office):
    country = CountryFactory(code="AA")
    response = save(
        admin_client, office, name_en="Draft name", countries=[str(country.pk)], **{"sections-0-heading_en": "New"}
    )
    assert response.status_code == 200
    assert b"Draft name" in response.content
    office.refresh_from_db()
    assert office.name_en == "Live name"
    assert not office.countries.exists()
    assert office.sections.first().heading_en == "First"
    draft = drafted(office)
    assert draft["relations"]["countries"] == [str(country.pk)]
    assert draft["children"]["sections"][0]["heading_en"] == "New"


def test_second_save_goes_on_from_the_draft(admin_client, office):
    save(admin_client, office, name_en="First draft")
    save(admin_client, office, name_es="Borrador")
    fields = drafted(office)["fields"]
    assert (fields["name_en"], fields["name_es"]) == ("First draft", "Borrador")


def test_rows_can_be_reordered_and_removed_in_a_draft(admin_client, office):
    save(admin_client, office, **{"sections-0-position": "99999"})  # after the other, wherever that stands
    save(admin_client, office, **{"sections-0-DELETE": "on"})
    rows = drafted(office)["children"]["sections"]
    assert [row["anchor"] for row in rows] == ["a"]
    assert office.sections.count() == 2


def test_save_and_publish_makes_it_public(admin_client, office):
    response = save(admin_client, office, name_en="New name", _publish="1")
    office.refresh_from_db()
    assert office.name_en == "New name"
    assert Change.objects.count() == 1
    assert "is live" in messages_of(response)


def test_new_item_is_invisible_until_it_is_published(admin_client):
    response = admin_client.get(reverse("admin:regions_office_add"))
    response = admin_client.post(
        reverse("admin:regions_office_add"), page_data(response, name_en="New office", slug="new"), follow=True
    )
    office = Office.objects.get()
    assert not Office.objects.live().exists()
    assert states_of(office) == {"shared": "draft", "en": "draft"}
    admin_client.post(page(office, "review"), {"decision": "publish"})
    assert Office.objects.live().exists()


def test_validation_error_keeps_the_typed_text_and_saves_nothing(admin_client, office):
    OfficeFactory(slug="taken")
    response = save(admin_client, office, name_en="Typed name", slug="taken")
    assert b"Typed name" in response.content
    assert not Revision.objects.exists()


def test_discard_goes_back_to_what_is_live(admin_client, office):
    save(admin_client, office, name_en="Draft name")
    admin_client.post(page(office, "review"), {"decision": "discard"})
    assert b"Draft name" not in admin_client.get(page(office)).content


# --- Conflicts ----------------------------------------------------------------


def test_save_over_a_newer_draft_shows_both_and_merges(admin_client, office):
    opened = admin_client.get(page(office))
    theirs = snapshot(office)
    theirs["fields"] |= {"name_es": "Suyo", "name_en": "Theirs"}
    actions.save_draft(item=office, data=theirs, user=None, opened_on=None)
    response = admin_client.post(page(office), page_data(opened, name_en="Mine"), follow=True)
    kept = aside_of(office)
    assert response.redirect_chain[-1][0] == page(office, "conflict", kept.number)
    text = response.content.decode()
    assert "Mine" in text
    assert "Theirs" in text
    response = admin_client.post(
        page(office, "conflict", kept.number),
        form_data_of_conflict(response),
        follow=True,
    )
    fields = drafted(office)["fields"]
    assert (fields["name_en"], fields["name_es"]) == ("Mine", "Suyo")


def test_saves_of_different_parts_never_meet(admin_client, office):
    opened = admin_client.get(page(office))
    theirs = snapshot(office)
    theirs["fields"] |= {"name_es": "Suyo", "email": "office@example.org"}
    actions.save_draft(item=office, data=theirs, user=None, opened_on=None)
    response = admin_client.post(page(office), page_data(opened, name_en="Mine", _continue="1"))
    assert response.headers["Location"] == page(office)
    fields = drafted(office)["fields"]
    assert (fields["name_en"], fields["name_es"], fields["email"]) == ("Mine", "Suyo", "office@example.org")


def test_intention_is_carried_through_the_conflict(admin_client, office):
    opened = admin_client.get(page(office))
    theirs = snapshot(office)
    theirs["fields"]["name_en"] = "Theirs"
    actions.save_draft(item=office, data=theirs, user=None, opened_on=None)
    data = page_data(opened, name_en="Mine", _submit_for_review="1")
    response = admin_client.post(page(office), data, follow=True)
    address = response.redirect_chain[-1][0]
    admin_client.post(address, {**form_data_of_conflict(response), "decision": "mine"})
    assert states_of(office) == {"en": "submitted"}
    assert drafted(office)["fields"]["name_en"] == "Mine"


def test_submission_from_the_form_is_of_what_is_not_in_review_yet(admin_client, office):
    save(admin_client, office, name_en="Draft", _submit_for_review="1")
    save(admin_client, office, name_fr="Brouillon", _submit_for_review="1")
    assert states_of(office) == {"en": "submitted", "fr": "submitted"}


def test_correction_is_live_and_the_draft_stays(admin_client, office):
    save(admin_client, office, name_en="Draft name")
    address = f"{page(office)}?correct=1"
    admin_client.post(address, page_data(admin_client.get(address), name_es="Corregido"))
    office.refresh_from_db()
    assert (office.name_en, office.name_es) == ("Live name", "Corregido")
    assert (states_of(office), drafted(office)["fields"]["name_en"]) == ({"en": "draft"}, "Draft name")


def test_correction_of_nothing_leaves_nothing_in_the_history(admin_client, office):
    address = f"{page(office)}?correct=1"
    response = admin_client.post(address, page_data(admin_client.get(address)), follow=True)
    assert messages_of(response) == "Nothing was corrected."
    assert not Revision.objects.exists()


def test_what_can_be_saved_beside_a_conflict_is_saved(admin_client, office):
    opened = admin_client.get(page(office))
    theirs = snapshot(office)
    theirs["fields"]["name_en"] = "Theirs"
    actions.save_draft(item=office, data=theirs, user=None, opened_on=None)
    admin_client.post(page(office), page_data(opened, name_en="Mine", name_fr="Le mien"))
    fields = drafted(office)["fields"]
    assert (fields["name_en"], fields["name_fr"]) == ("Theirs", "Le mien")
    assert [version.part for version in aside_of(office).versions.all()] == ["en"]


def form_data_of_conflict(response):
    from lxml import html

    (form,) = [
        form for form in html.fromstring(response.content.decode()).forms if "conflict" in form.get("class", "")
    ]
    return {**dict(form.form_values()), "decision": "merge"}


def test_save_over_a_draft_that_somebody_published_goes_on_from_it(admin_client, office):
    save(admin_client, office, name_en="Draft")
    opened = admin_client.get(page(office))
    actions.publish(item=office, user=None)
    admin_client.post(page(office), page_data(opened, name_en="Mine", _continue="1"))
    assert drafted(office)["fields"]["name_en"] == "Mine"


def test_save_over_a_draft_that_somebody_discarded_is_a_conflict(admin_client, office):
    save(admin_client, office, name_en="Draft")
    opened = admin_client.get(page(office))
    actions.discard(item=office, user=None)
    admin_client.post(page(office), page_data(opened, name_en="Mine"))
    assert aside_of(office)
    assert not has_draft(office)


def test_form_says_who_else_has_it_open(admin_client, office, django_user_model):
    other = django_user_model.objects.create_user("colleague", is_staff=True)
    EditingSession.note(office, other)
    assert b"colleague" in admin_client.get(page(office)).content


# --- Review, history, schedule, preview links -----------------------------------


def test_review_page_shows_the_words_that_changed(admin_client, office):
    save(admin_client, office, name_en="Live new name")
    text = admin_client.get(page(office, "review")).content.decode()
    assert "<ins>new </ins>" in text


def test_publish_of_some_languages_from_the_review_page(admin_client, office):
    save(admin_client, office, name_en="English", name_es="Español")
    admin_client.post(page(office, "review"), {"decision": "publish", "parts": ["es"]})
    office.refresh_from_db()
    assert (office.name_en, office.name_es) == ("Live name", "Español")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"decision": "schedule"}, "Choose date and time"),
        ({"decision": "schedule", "due_at_0": "2001-01-01", "due_at_1": "00:00"}, "future"),
        ({"decision": "schedule", "due_at_0": "soon", "due_at_1": "now"}, "Enter a valid"),
        ({"decision": "publish", "parts": ["xx"]}, "Select a valid choice"),
        ({"decision": "request-changes"}, "no draft"),
        ({"decision": "cancel", "scheduled": "77"}, "no such scheduled"),
        ({"decision": "revoke", "link": "x\0"}, "no such preview"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_review_page_says_what_is_wrong(admin_client, office, data, words):
    response = admin_client.post(page(office, "review"), data, follow=True)
    assert response.status_code == 200
    assert words in response.content.decode()
    assert not Change.objects.exists()


def test_unknown_decision_is_404(admin_client, office):
    assert admin_client.post(page(office, "review"), {"decision": "explode"}).status_code == 404


def test_schedule_and_cancel_from_the_review_page(admin_client, office):
    save(admin_client, office, name_en="Later")
    admin_client.post(page(office, "review"), {"decision": "schedule", "due_at_0": "2099-01-01", "due_at_1": "12:00"})
    text = admin_client.get(page(office, "review")).content.decode()
    assert "2099" in text
    admin_client.post(
        page(office, "review"),
        {"decision": "cancel", "scheduled": str(ScheduledChange.objects.get().pk)},
    )
    assert "2099" not in admin_client.get(page(office, "review")).content.decode()


def test_history_lists_compares_and_restores(admin_client, office):
    save(admin_client, office, name_en="One")
    save(admin_client, office, name_en="Two")
    text = admin_client.get(page(office, "history")).content.decode()
    assert text.count('name="from"') == 3
    assert "<del>One</del>" in admin_client.get(page(office, "compare") + "?from=2&to=3").content.decode()
    admin_client.post(page(office, "history"), {"restore": "2"})
    assert drafted(office)["fields"]["name_en"] == "One"


@pytest.mark.parametrize("query", ["", "?from=1", "?from=1&to=99999999999999999999", "?from=x&to=\0"])
def test_compare_of_revisions_that_are_not_there_leads_back(admin_client, office, query):
    response = admin_client.get(page(office, "compare") + query)
    assert response.headers["Location"] == page(office, "history")


def test_deleting_a_live_item_withdraws_it_and_tells_partners(admin_client, office):
    key = office.pk
    response = admin_client.post(page(office, "delete"), {"post": "yes"}, follow=True)
    assert response.status_code == 200
    assert Change.objects.get(operation="delete").object_id == key


# --- Who may --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["change", "review", "history", "compare", "preview", "delete"])
def test_item_of_another_office_is_not_there(client, log_in, office, name):
    log_in("publisher", OfficeFactory())
    response = client.get(page(office, name))
    assert response.status_code in {302, 403, 404}
    assert b"Live name" not in response.content


def test_list_and_autocomplete_leave_out_other_offices(client, log_in, office):
    own = OfficeFactory(name_en="Own office")
    log_in("editor", own)
    text = client.get(reverse("admin:regions_office_changelist")).content.decode()
    assert "Own office" in text
    assert "Live name" not in text
    answer = client.get(
        reverse("admin:autocomplete"),
        {"app_label": "priorities", "model_name": "strategy", "field_name": "office", "term": ""},
    )
    assert "Live name" not in answer.content.decode()


def test_editor_may_save_and_submit_but_not_publish(client, log_in, office):
    log_in("editor", office)
    response = save(client, office, name_en="Draft", _submit_for_review="1")
    assert states_of(office) == {"en": "submitted"}
    assert b'name="_publish"' not in response.content
    assert client.post(page(office, "review"), {"decision": "publish"}).status_code == 403
    assert client.post(page(office), page_data(client.get(page(office)), _publish="1")).status_code == 403
    office.refresh_from_db()
    assert office.name_en == "Live name"


def test_translator_writes_only_their_language(client, log_in, office):
    log_in("translator", office, ["es"])
    response = client.get(page(office))
    data = page_data(response, _continue="1")
    data.update({"name_es": ["Nuevo"], "name_en": ["Forged"], "slug": ["forged"], "sections-0-heading_es": ["Título"]})
    data.update({"sections-0-heading_en": ["Forged"], "sections-0-DELETE": ["on"]})
    client.post(page(office), data)
    draft = drafted(office)
    assert (draft["fields"]["name_es"], draft["fields"]["name_en"], draft["fields"]["slug"]) == (
        "Nuevo",
        "Live name",
        "north",
    )
    assert [row["heading_en"] for row in draft["children"]["sections"]] == ["First", "Second"]
    assert draft["children"]["sections"][0]["heading_es"] == "Título"


def test_translator_saves_a_form_that_was_opened_before_an_editor_saved(client, log_in, office):
    log_in("translator", office, ["es"])
    opened = client.get(page(office))
    theirs = snapshot(office)
    theirs["fields"] |= {"name_en": "Theirs", "email": "office@example.org"}
    actions.save_draft(item=office, data=theirs, user=None, opened_on=None)
    assert client.post(page(office), page_data(opened, name_es="Mío", _continue="1")).status_code == 302
    fields = drafted(office)["fields"]
    assert (fields["name_en"], fields["name_es"], fields["email"]) == ("Theirs", "Mío", "office@example.org")


def test_translator_s_conflict_keeps_what_they_typed_beside_what_an_editor_saved(client, log_in, office):
    log_in("translator", office, ["es"])
    opened = client.get(page(office))
    theirs = snapshot(office)
    theirs["fields"] |= {"name_en": "Theirs", "name_es": "Suyo"}
    actions.save_draft(item=office, data=theirs, user=None, opened_on=None)
    response = client.post(page(office), page_data(opened, name_es="Mío"))
    kept = aside_of(office)
    assert response.headers["Location"] == page(office, "conflict", kept.number)
    assert {version.part: version.content["fields"]["name_es"] for version in kept.versions.all()} == {"es": "Mío"}


def test_editor_cannot_move_an_item_to_another_office(client, log_in, office):
    strategy = StrategyFactory(office=office)
    other = OfficeFactory()
    log_in("editor", office)
    data = page_data(client.get(page(strategy)), _continue="1")
    data["office"] = [str(other.pk)]
    response = client.post(page(strategy), data)
    assert response.status_code in {200, 403}
    assert not has_draft(strategy)


def test_what_belongs_to_the_whole_organization_is_read_only_for_an_office(client, log_in, office):
    pillar = PillarFactory()
    log_in("publisher", office)
    assert client.get(page(pillar)).status_code == 200
    assert client.post(page(pillar), {"name_en": "Forged", "_continue": "1"}).status_code == 403
    assert client.post(page(pillar, "review"), {"decision": "withdraw"}).status_code == 403
    pillar.refresh_from_db()
    assert pillar.is_live


def test_bulk_action_on_an_item_without_rights_changes_nothing(client, log_in, office):
    log_in("editor", office)
    response = client.post(
        reverse("admin:regions_office_changelist"),
        {"action": "withdraw_selected", "_selected_action": [str(office.pk)]},
    )
    assert response.status_code == 403
    assert Office.objects.live().exists()
