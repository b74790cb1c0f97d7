"""Review as its people meet it: what they are told, where, in which language, and that nothing typed is lost."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from lxml import html

from cms.content.snapshots import snapshot
from cms.publishing import actions
from cms.publishing.drafts import drafts_of
from cms.publishing.models import Release, Revision, RoleAssignment
from priorities.models import Strategy
from strategy_site.errors import permission_denied
from tests.admin_forms import page_data
from tests.cms.publishing.permission_world import draft
from tests.drafts import drafted, put_aside, states_of
from tests.factories import OfficeFactory, SectionFactory, StrategyFactory

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def office():
    return OfficeFactory(slug="north", name_en="Live name", name_fr="Nom en ligne")


def page(item, name="review", *args):
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_{name}", args=[item.pk, *args])


def submitted(office, author, language="en"):
    data = snapshot(office)
    data["fields"]["name_en"] = "Draft name"
    actions.save_draft(item=office, data=data, user=author, opened_on=None)
    with override(language):
        actions.submit(item=office, user=author, comment="Please look")


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("fields/name_fr", "Name"),
        ("children/sections/1/heading_fr", "Heading"),
        ("children/gone/1/heading_fr", "children/gone/1/heading_fr"),
        ("children", "children"),
        ("", ""),
    ],
)
def test_comment_says_in_words_what_it_is_about_also_when_that_is_the_same_again(admin_client, office, place, shown):
    draft(office, name_en="Draft name")
    actions.comment(item=office, part="en", user=None, text="Is it right?", place=place)
    [part] = admin_client.get(page(office)).context["parts"]
    assert part.comments[0].about == shown


def test_conversation_stays_in_the_history_once_the_draft_is_public(admin_client, office):
    draft(office, name_en="Draft name")
    actions.comment(item=office, part="en", user=None, text="Is it right?", place="fields/name_en")
    actions.publish(item=office, user=None)
    response = admin_client.get(page(office, "history"))
    assert [(comment.label, comment.about) for comment in response.context["comments"]] == [("English", "Name")]
    assert "Is it right?" in response.text


def test_text_that_nobody_submitted_is_not_published_beside_what_is_in_review(admin_client, member, office):
    submitted(office, member("editor"))
    data = drafted(office)
    data["fields"]["name_es"] = "Nobody has read this"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    admin_client.post(page(office), {"decision": "publish"})
    office.refresh_from_db()
    assert (office.name_en, office.name_es) == ("Draft name", "")
    assert states_of(office) == {"es": "draft"}


def test_review_says_which_drafts_lose_texts_with_a_row_that_is_removed(admin_client, office):
    section = SectionFactory(office=office, heading_en="Contact", heading_es="Contacto")
    data = snapshot(office)
    data["children"]["sections"][0]["heading_es"] = "Contáctenos"
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    actions.submit(item=office, user=None)
    removed = drafted(office)
    removed["children"]["sections"] = [row for row in removed["children"]["sections"] if row["id"] != str(section.pk)]
    actions.save_draft(item=office, data=removed, user=None, opened_on=None)
    shown = next(part for part in admin_client.get(page(office)).context["parts"] if part.version.part == "shared")
    assert [(version.part, version.state) for version in shown.removes_texts_of] == [("es", "submitted")]


def test_form_says_in_which_release_the_item_is(admin_client, office):
    draft(office, name_en="Draft name")
    assert "It is in the release" not in admin_client.get(page(office, "change")).text
    actions.add_to_release(release=Release.objects.create(title="Spring"), items=[office], user=None)
    text = " ".join(html.fromstring(admin_client.get(page(office, "change")).text).text_content().split())
    assert "It is in the release Spring" in text


# --- What the author is told ---------------------------------------------------------


@pytest.mark.parametrize("decision", ["approve", "request-changes", "publish"])
def test_author_is_told_by_mail_in_the_language_they_work_in(
    admin_client, member, office, django_capture_on_commit_callbacks, decision
):
    submitted(office, member("editor"), "fr")
    data = {"decision": decision, "comment": "Quite so."}
    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(page(office), data, headers={"Accept-Language": "es"})
    [message] = mail.outbox
    assert message.to == ["member@example.org"]
    assert "Quite so." in message.body
    assert settings.SITE_URL + page(office) in message.body
    assert "Nom en ligne" in message.subject


def test_publication_of_a_draft_in_review_keeps_comment_and_reviewer(admin_client, member, office):
    submitted(office, member("editor"))
    admin_client.post(page(office), {"decision": "publish", "comment": "Well done"})
    version = drafts_of(office).live["en"]
    assert version.reviewed_by.get_username() == "admin"
    assert "Well done" in [comment.text for comment in version.comments.all()]


def test_nobody_is_told_of_what_they_did_themselves(
    admin_client, admin_user, office, django_capture_on_commit_callbacks
):
    submitted(office, admin_user)
    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(page(office), {"decision": "publish"})
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("decision", "heading"),
    [
        (None, "Yours, in review"),
        ("request-changes", "Sent back to you"),
        ("approve", "Yours, approved or published lately"),
        ("publish", "Yours, approved or published lately"),
    ],
    ids=str,
)
def test_author_finds_it_on_the_front_page(client, admin_client, log_in, office, decision, heading):
    submitted(office, log_in("editor"))
    if decision:
        admin_client.post(page(office), {"decision": decision, "comment": "What the publisher said"})
    text = client.get(reverse("admin:index")).text
    assert heading in text
    assert ("What the publisher said" in text) == bool(decision)


def test_save_over_a_draft_in_review_says_that_it_left_the_queue(client, log_in, office):
    submitted(office, log_in("editor"))
    response = client.post(page(office, "change"), page_data(client.get(page(office, "change")), name_en="Newer"))
    assert response.status_code == 302
    assert "In review before: English." in client.get(page(office, "change")).text


# --- Nothing typed is lost -----------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        {"decision": "schedule"},
        {"decision": "schedule", "due_at_0": "2001-01-01", "due_at_1": "00:00"},
        {"decision": "schedule", "due_at_0": "no date", "due_at_1": "00:00"},
        {"decision": "request-changes", "comment": " "},
    ],
    ids=["no time", "past", "no date", "no comment"],
)
def test_refused_decision_keeps_what_was_typed(admin_client, member, office, data):
    submitted(office, member("editor"))
    response = admin_client.post(page(office), {"note_fr": "Note que j’ai écrite", **data})
    assert response.status_code == 200
    assert "Note que j’ai écrite" in response.text
    assert states_of(office) == {"en": "submitted"}


def test_refused_publication_of_a_release_keeps_what_was_typed(admin_client, office):
    draft(office, name_en="Draft name")
    release = Release.objects.create(title="Spring")
    actions.add_to_release(release=release, items=[office], user=None)
    url = reverse("admin:publishing_release_review", args=[release.pk])
    response = admin_client.post(url, {"decision": "publish", "note_en": "A typed note"})
    assert "A typed note" in response.text
    assert "stands in the way" in response.text


@pytest.mark.parametrize("place", [0, 1], ids=["above the form", "below the form"])
def test_reason_is_kept_wherever_it_was_typed(admin_client, office, place):
    data = page_data(admin_client.get(page(office, "change")), name_en="Changed")
    data["_comment"] = ["", ""]
    data["_comment"][place] = "The reason"
    admin_client.post(page(office, "change"), data)
    assert Revision.objects.of(office).first().comment == "The reason"


@pytest.mark.parametrize("button", ["_continue", "_submit_for_review"])
def test_reason_for_a_new_item_is_kept(admin_client, button):
    url = reverse("admin:regions_office_add")
    data = page_data(admin_client.get(url), name_en="New office", kind="country", **{button: "1"})
    data["_comment"] = ["It opened"]
    admin_client.post(url, data)
    assert Revision.objects.get().comment == "It opened"


def test_save_and_preview_leads_to_the_preview_of_what_was_typed(admin_client, office):
    data = page_data(admin_client.get(page(office, "change")), name_en="Typed name", _preview="1")
    response = admin_client.post(page(office, "change"), data, follow=True)
    assert "Typed name" in response.text
    assert response.headers["Cache-Control"] == "private, no-store"


def test_form_in_a_popup_closes_after_the_save(admin_client, office):
    url = f"{page(office, 'change')}?_popup=1"
    data = page_data(admin_client.get(url), name_en="From a popup", _save="1")
    response = admin_client.post(url, data)
    assert "admin/popup_response.html" in [template.name for template in response.templates]
    assert drafted(office)["fields"]["name_en"] == "From a popup"


def test_all_of_mine_is_taken_with_one_button(admin_client, office):
    url = page(office, "change")
    data = page_data(admin_client.get(url), name_en="Mine", name_fr="Le mien")
    draft(office, name_en="Theirs", name_fr="Le leur")
    response = admin_client.post(url, data)
    conflict = response.headers["Location"]
    opened_on = admin_client.get(conflict).context["opened_on"]
    admin_client.post(conflict, {"decision": "mine", "opened_on": opened_on})
    fields = drafted(office)["fields"]
    assert (fields["name_en"], fields["name_fr"]) == ("Mine", "Le mien")


# --- A form whose token grew old -------------------------------------------------------


@pytest.fixture
def strict_client(admin_user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    return client


def test_form_with_an_old_token_is_kept_when_our_own_page_sent_it(strict_client, office):
    data = {"name_en": "Typed for an hour", "csrfmiddlewaretoken": "old", "password": "never-kept"}
    response = strict_client.post(page(office, "change"), data, headers={"Origin": "http://testserver"})
    assert "Typed for an hour" in response.text
    assert "Save it now" in response.text
    assert "never-kept" not in response.text
    assert "no-store" in response.headers["Cache-Control"]
    assert not Revision.objects.exists()


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
def test_form_of_another_site_is_only_refused(strict_client, office, origin):
    headers = {"Origin": origin} if origin else {}
    response = strict_client.post(page(office, "change"), {"name_en": "Forged text"}, headers=headers)
    assert response.status_code == 403
    assert "Forged text" not in response.text


def test_login_with_an_old_token_is_not_kept(strict_client):
    data = {"username": "ada", "password": "secret word"}
    response = strict_client.post(reverse("admin:login"), data, headers={"Origin": "http://testserver"})
    assert response.status_code == 403
    assert "secret word" not in response.text


# --- Lists, releases, deletion ---------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ("live", {"plain", "drafted", "reviewed"}),
        ("live-with-draft", {"drafted", "reviewed"}),
        ("in-review", {"reviewed"}),
        ("unpublished", {"new"}),
        ("withdrawn", {"gone"}),
        ("scheduled", set()),
        ("forged", set()),
    ],
)
def test_list_is_filtered_by_where_items_stand(admin_client, state, found):
    items = {
        name: OfficeFactory(slug=name, live=name != "new") for name in ("plain", "drafted", "reviewed", "new", "gone")
    }
    draft(items["drafted"], name_en="Draft")
    submitted(items["reviewed"], None)
    actions.unpublish(item=items["gone"], user=None)
    response = admin_client.get(reverse("admin:regions_office_changelist"), {"state": state})
    assert {office.slug for office in response.context["cl"].result_list} == found


def test_item_is_put_into_a_release_from_its_own_page(admin_client, office):
    draft(office, name_en="Draft name")
    assert "add_to_release_selected" in admin_client.get(page(office)).text
    data = {"action": "add_to_release_selected", "_selected_action": [str(office.pk)], "index": "0"}
    url = reverse("admin:regions_office_changelist")
    assert "Title of the new release" in admin_client.post(url, data).text
    again = admin_client.post(url, {**data, "release": "", "release_title": ""})
    assert "give a new one a title" in again.text
    admin_client.post(url, {**data, "release": "", "release_title": "Spring"})
    assert "Spring" in admin_client.get(page(office)).text


def test_deletion_of_a_live_item_says_so(admin_client, office):
    assert "This item is live." in admin_client.get(page(office, "delete")).text
    actions.unpublish(item=office, user=None)
    assert "This item is live." not in admin_client.get(page(office, "delete")).text


# --- What belongs to others ---------------------------------------------------------------


def test_releases_of_other_offices_are_not_listed_nor_offered(client, log_in, office):
    theirs, mine = Release.objects.create(title="Secret release"), Release.objects.create(title="My release")
    strategy = StrategyFactory()
    actions.add_to_release(release=theirs, items=[strategy], user=None)
    actions.add_to_release(release=mine, items=[office], user=None)
    log_in("publisher", office)
    text = client.get(reverse("admin:publishing_release_changelist")).text
    data = {"action": "add_to_release_selected", "_selected_action": [str(office.pk)]}
    text += client.post(reverse("admin:regions_office_changelist"), data).text
    assert "My release" in text
    assert "Secret release" not in text


def test_figures_count_only_what_the_list_behind_them_shows(client, log_in, office):
    StrategyFactory(office=office)
    StrategyFactory(live=False)
    log_in("editor", office)
    groups = client.get(reverse("admin:index")).context["content_groups"]
    [row] = [row for group in groups for row in group["rows"] if row["model"].__name__ == "Strategy"]
    assert row["total"] == 1
    assert [figure["count"] for figure in row["statuses"]] == [0, 1, 0]


def test_translator_s_form_says_what_can_be_written(client, log_in, office):
    log_in("translator", languages=["fr", "pt"])
    assert "Français, Português" in client.get(page(office, "change")).text


@pytest.mark.parametrize("name", ["change", "review"])
def test_scheduled_draft_is_named_where_no_other_draft_is(admin_client, office, name):
    draft(office, name_en="For later")
    due_at = timezone.now() + timedelta(days=3)
    actions.schedule(target=office, operation="publish", due_at=due_at, user=None)
    text = admin_client.get(page(office, name)).text
    assert "Scheduled for" in text
    assert "(UTC)" in text


# --- What is decided is about what was seen ---------------------------------------------


@pytest.mark.parametrize("decision", ["approve", "publish", "schedule", "request-changes"])
def test_decision_on_a_draft_that_was_replaced_meanwhile_is_asked_again(admin_client, member, office, decision):
    editor = member("editor")
    submitted(office, editor)
    opened_on = admin_client.get(page(office)).context["opened_on"]
    data = snapshot(office)
    data["fields"]["name_en"] = "Nobody has seen this"
    actions.save_draft(item=office, data=data, user=editor, opened_on=None)
    actions.submit(item=office, user=editor)
    sent = {"decision": decision, "opened_on": opened_on, "comment": "Fine.", "due_at_0": "2099-01-01"}
    response = admin_client.post(page(office), {**sent, "due_at_1": "00:00"})
    office.refresh_from_db()
    assert "since you opened this page" in response.content.decode()
    assert "Nobody has seen this" in response.content.decode()
    assert office.name_en == "Live name"
    assert states_of(office) == {"en": "submitted"}


def test_page_of_review_says_which_draft_it_shows(admin_client, member, office):
    submitted(office, member("editor"))
    response = admin_client.get(page(office))
    assert f'name="opened_on" value="{response.context["opened_on"]}"' in response.content.decode()
    admin_client.post(page(office), {"decision": "approve", "opened_on": response.context["opened_on"]})
    assert states_of(office) == {"en": "approved"}


# --- Nothing is offered that is refused, and a refusal says what was kept ---------------------


def buttons(response) -> set[str]:
    """Return what the page offers to do."""
    found = html.fromstring(response.text).xpath("//main//button[@name='decision'] | //main//input[@type='submit']")
    return {button.get("value") if button.tag == "button" else button.get("name") for button in found}


@pytest.fixture
def translated(client, log_in, office):
    """A draft of an editor to which a translator has added Spanish; the translator is logged in."""
    draft(office, name_en="An editor's draft")
    translator = log_in("translator", office, ["es"])
    data = page_data(client.get(page(office, "change")), name_es="Traducción", _continue="1")
    assert client.post(page(office, "change"), data).status_code == 302
    return translator


def test_translator_submits_beside_an_editor_s_draft(client, office, translated):
    response = client.get(page(office))
    assert buttons(response) == {"submit", "discard", "comment"}
    assert client.post(page(office), {"decision": "submit"}).status_code == 302
    assert states_of(office) == {"en": "draft", "es": "submitted"}
    assert drafts_of(office).open["es"].submitted_by == translated


def test_translator_submits_from_the_form_beside_an_editor_s_draft(client, log_in, office):
    draft(office, name_en="An editor's draft")
    log_in("translator", office, ["es"])
    data = page_data(client.get(page(office, "change")), name_es="Traducción", _submit_for_review="1")
    assert client.post(page(office, "change"), data).status_code == 302
    assert states_of(office) == {"en": "draft", "es": "submitted"}
    assert drafted(office)["fields"]["name_es"] == "Traducción"


def test_translator_is_offered_to_discard_what_is_in_their_languages_only(client, log_in, office):
    log_in("translator", office, ["es"])
    draft(office, name_es="Traducción")
    assert "discard" in buttons(client.get(page(office)))
    draft(office, name_es="Traducción", name_en="More")
    client.post(page(office), {"decision": "discard"})
    assert states_of(office) == {"en": "draft"}
    assert "discard" not in buttons(client.get(page(office)))


def test_translator_takes_all_of_theirs_without_touching_what_others_wrote(client, log_in, office):
    user = log_in("translator", office, ["es"])
    mine = snapshot(office)
    mine["fields"] |= {"name_es": "Mi texto", "name_en": "As it was then"}
    kept = put_aside(office, mine, user=user)
    draft(office, name_en="By an editor", name_es="Otro")
    response = client.get(page(office, "conflict", kept.number))
    assert [choice.path for choice in response.context["choices"]] == ["fields/name_es"]
    data = {"decision": "mine", "opened_on": response.context["opened_on"]}
    assert client.post(page(office, "conflict", kept.number), data).status_code == 302
    fields = drafted(office)["fields"]
    assert (fields["name_en"], fields["name_es"]) == ("By an editor", "Mi texto")


def test_who_wrote_a_draft_is_not_offered_to_publish_where_another_must(client, log_in, office, settings):
    settings.REVIEW_BY_ANOTHER_PERSON = True
    submitted(office, log_in("publisher", office))
    assert not {"approve", "publish", "schedule"} & buttons(client.get(page(office)))
    assert "_publish" not in buttons(client.get(page(office, "change")))
    client.force_login(User.objects.create_superuser("other"))
    assert {"approve", "publish", "schedule"} <= buttons(client.get(page(office)))


def schedule(office):
    due_at = timezone.now() + timedelta(days=1)
    actions.schedule(target=office, operation="publish", due_at=due_at, user=None)


def test_what_waits_for_its_time_is_not_offered_to_be_taken_back(admin_client, office):
    draft(office, name_en="Draft")
    schedule(office)
    offered = buttons(admin_client.get(page(office)))
    assert {"publish", "cancel"} <= offered
    assert not {"discard", "request-changes", "schedule"} & offered


def test_what_does_not_wait_is_taken_back_beside_what_does(admin_client, office):
    draft(office, name_en="Draft")
    schedule(office)
    draft(office, name_en="Draft", name_es="Borrador")
    assert {"discard", "schedule"} <= buttons(admin_client.get(page(office)))
    admin_client.post(page(office), {"decision": "discard"})
    assert states_of(office) == {"en": "approved"}


@pytest.mark.parametrize("place", ["a schedule", "a release of others"])
def test_what_waits_elsewhere_is_not_offered_to_a_release(client, log_in, office, place):
    draft(office, name_en="Draft")
    if place == "a schedule":
        schedule(office)
    else:
        other = OfficeFactory()
        draft(other, name_en="Draft")
        actions.add_to_release(release=Release.objects.create(title="Theirs"), items=[office, other], user=None)
    log_in("publisher", office)
    assert "Add to a release" not in client.get(page(office)).text


def test_withdrawn_item_is_not_offered_to_be_published_from_its_form(admin_client, office):
    draft(office, name_en="Draft")
    assert "_publish" in buttons(admin_client.get(page(office, "change")))
    actions.unpublish(item=office, user=None)
    assert "_publish" not in buttons(admin_client.get(page(office, "change")))


def test_publisher_is_not_offered_to_publish_to_where_the_role_ends(client, log_in, office):
    strategy = StrategyFactory(office=office)
    draft(strategy, office=str(OfficeFactory().pk))
    actions.submit(item=strategy, user=None)
    log_in("publisher", office)
    assert {"request-changes", "withdraw"} <= (offered := buttons(client.get(page(strategy))))
    assert not {"approve", "publish", "schedule"} & offered


def test_refused_publication_after_a_save_says_that_the_draft_was_saved(client, log_in, office):
    log_in("editor", office)
    data = page_data(client.get(page(office, "change")), name_en="Typed", _publish="1")
    response = client.post(page(office, "change"), data)
    assert response.status_code == 403
    assert "was saved; nothing else was done." in response.text
    assert f'href="{page(office, "change")}"' in response.text
    assert drafted(office)["fields"]["name_en"] == "Typed"


def test_refused_publication_of_a_new_item_keeps_the_item(client, log_in, office):
    """A publisher of one office who is an editor of another adds something there and presses the wrong button."""
    other = OfficeFactory()
    user = log_in("publisher", office)
    RoleAssignment.objects.create(user=user, role="editor", scope=other)
    url = reverse("admin:priorities_strategy_add")
    data = page_data(client.get(url), title_en="Typed", _publish="1")
    response = client.post(url, {**data, "office": [str(other.pk)]})
    assert response.status_code == 403
    strategy = Strategy.objects.get(title_en="Typed")
    assert (strategy.status, states_of(strategy)) == ("unpublished", {"shared": "draft", "en": "draft"})
    assert f'href="{page(strategy, "change")}"' in response.text


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    "url", ["/admin/publishing/auditentry/", "/admin/regions/office/add/", "/admin/auth/user/1/change/"]
)
def test_refusal_in_the_admin_is_a_page_of_the_admin_with_a_way_back(client, log_in, office, url, method):
    log_in("translator", office, ["es"])
    came_from = "http://testserver/admin/regions/office/"
    response = getattr(client, method)(url, headers={"Referer": came_from})
    assert response.status_code == 403
    assert "admin/publishing/refused.html" in [template.name for template in response.templates]
    assert f'href="{came_from}"' in response.text
    assert ("Nothing was saved or changed" in response.text) == (method == "post")


@pytest.mark.parametrize(
    "referer", ["https://evil.example/admin/", "http://testserver/en/", "javascript:alert(1)", ""]
)
def test_refusal_leads_nowhere_else(client, log_in, office, referer):
    log_in("translator", office, ["es"])
    response = client.get("/admin/publishing/auditentry/", headers={"Referer": referer})
    assert response.context["back"] == ""
    assert "To the front page" in response.text


def test_refusal_outside_the_admin_is_a_page_of_the_site(log_in, office, rf):
    request = rf.get("/en/")
    request.user = log_in("editor", office)
    assert "/admin/" not in permission_denied(request, PermissionDenied()).text
