"""What the public reads about changes, and what it never reads."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cms.content.snapshots import snapshot
from cms.publishing import actions
from cms.publishing.models import Change, PreviewLink
from cms.publishing.preview import link_url
from tests.factories import CountryFactory, OfficeFactory, PartnershipFactory, StrategyFactory

pytestmark = pytest.mark.django_db

SECRET = "Zebra-draft-text"


@pytest.fixture
def office():
    """An office that was published through the actions, with a public note."""
    office = OfficeFactory(slug="north", name_en="North", live=False)
    actions.publish(item=office, user=None, note={"en": "New page.", "es": "Página nueva."})
    return office


def draft_of(item, **fields):
    data = snapshot(item)
    data["fields"] |= fields
    return actions.save_draft(item=item, data=data, user=None, opened_on=None)


def updates_page(client, item, language="en"):
    return client.get(f"/{language}/updates/{item.pk}/")


def test_page_of_an_item_ends_with_its_updates_and_notes(client, office):
    page = client.get("/en/regions/north/").text
    assert "Updates to this page" in page
    assert "New page." in page
    assert f'href="/en/updates/{office.pk}/"' in page


def test_note_is_in_the_language_of_the_reader(client, office):
    page = client.get("/es/regions/north/").text
    assert "Página nueva." in page
    assert "New page." not in page


def test_note_in_another_language_is_labelled(client, office):
    page = client.get("/fr/regions/north/").text
    assert '<span lang="en" dir="ltr">New page.</span> <span class="language-label">' in page


def test_note_is_escaped(client):
    office = OfficeFactory(live=False)
    actions.publish(item=office, user=None, note={"en": "<script>x()</script>"})
    assert "&lt;script&gt;x()" in updates_page(client, office).text


def test_updates_are_the_newest_first_and_at_most_ten_on_the_page(client, office):
    for number in range(12):
        draft_of(office, name_en=f"North {number}")
        actions.publish(item=office, user=None, note={"en": f"Note {number}."})
    updates = client.get("/en/regions/north/").context["updates"]
    assert [update.note.value for update in updates] == [f"Note {number}." for number in reversed(range(2, 12))]
    assert len(updates_page(client, office).context["updates"]) == 13


def test_updates_of_other_items_are_not_shown(client, office):
    other = OfficeFactory(slug="south", live=False)
    actions.publish(item=other, user=None, note={"en": "About the south."})
    assert "About the south." not in client.get("/en/regions/north/").text


def test_item_without_updates_has_no_such_section(client):
    OfficeFactory(slug="north")
    assert "Updates to this page" not in client.get("/en/regions/north/").text


def test_country_has_updates_too(client):
    country = CountryFactory(code="AR")
    actions.save_reference(item=country, user=None)
    assert "Updates to this page" in client.get("/en/countries/AR/").text
    assert updates_page(client, country).status_code == 200


def test_partnership_which_has_no_page_of_its_own_has_updates(client):
    partnership = PartnershipFactory(live=False)
    actions.publish(item=partnership, user=None)
    assert updates_page(client, partnership).status_code == 200


@pytest.mark.parametrize("end", ["unpublish", "delete"])
def test_item_that_is_gone_keeps_its_dates_and_loses_its_name(client, office, end):
    key = office.pk
    draft_of(office, name_en=SECRET)
    getattr(actions, end)(item=office, user=None)
    page = client.get(f"/en/updates/{key}/")
    assert [update.is_withdrawal for update in page.context["updates"]] == [True, False]
    assert "Withdrawn." in page.text
    assert "New page." in page.text
    assert SECRET not in page.text
    assert "North" not in page.text


def test_item_under_a_withdrawn_parent_loses_its_name_too(client):
    strategy = StrategyFactory(title_en="The plan", live=False)
    actions.publish(item=strategy, user=None)
    actions.unpublish(item=strategy.office, user=None)
    page = updates_page(client, strategy).text
    assert "Withdrawn." in page
    assert "The plan" not in page


def test_draft_of_a_live_item_is_not_in_its_updates(client, office):
    draft_of(office, name_en=SECRET)
    assert SECRET not in updates_page(client, office).text


def test_item_that_was_never_published_has_no_updates(client):
    office = OfficeFactory(live=False, name_en=SECRET)
    draft_of(office, name_en=SECRET)
    assert updates_page(client, office).status_code == 404


@pytest.mark.parametrize("path", ["00000000-0000-0000-0000-000000000000", "x", "%00"])
def test_unknown_identifier_is_404(client, path):
    assert client.get(f"/en/updates/{path}/").status_code == 404


def test_updates_page_costs_the_same_few_queries_at_any_length(client, office, django_assert_max_num_queries):
    updates_page(client, office)
    for number in range(20):
        draft_of(office, name_en=f"North {number}")
        actions.publish(item=office, user=None)
    assert Change.objects.count() > 20
    with django_assert_max_num_queries(8):
        updates_page(client, office)


# --- Previews ---------------------------------------------------------------


def test_preview_says_what_it_is_and_until_when(client, admin_user):
    office = OfficeFactory(slug="north", name_en="North")
    draft_of(office, name_en="New north")
    link = actions.share(item=office, user=admin_user)
    page = client.get(link_url(link)).text
    head, _, body = page.partition("<body")
    assert '<meta name="robots" content="noindex, nofollow">' in head
    assert "canonical" not in head
    assert "hreflang" not in head
    assert "preview-banner" in body
    assert "It is not public." in body
    assert "This link works until" in body


def test_preview_of_staff_does_not_expire(admin_client):
    office = OfficeFactory(slug="north", name_en="North")
    draft_of(office, name_en="New north")
    page = admin_client.get(f"/admin/regions/office/{office.pk}/preview/", follow=True).text
    assert "preview-banner" in page
    assert "This link works until" not in page


def test_public_page_has_no_banner(client, office):
    page = client.get("/en/regions/north/").text
    assert "preview-banner" not in page
    assert "noindex" not in page


def test_expired_preview_is_404(client, admin_user):
    office = OfficeFactory()
    link = actions.share(item=office, user=admin_user)
    address = link_url(link)
    PreviewLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(address).status_code == 404
