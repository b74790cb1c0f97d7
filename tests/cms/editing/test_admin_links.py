"""Links in the admin: what the dialog offers, what links to an item, and warnings of links that are dead."""

import pytest
from django.urls import reverse

from cms.content.links import Reference
from cms.content.snapshots import snapshot
from cms.publishing import actions
from regions.models import Office
from tests.admin_forms import drafted, form_data
from tests.factories import (
    CountryFactory,
    DocumentFactory,
    FrameworkGoalFactory,
    OfficeFactory,
    PartnerFactory,
    SectionFactory,
    StrategyFactory,
)

pytestmark = pytest.mark.django_db


def change_url(item) -> str:
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_change", args=[item.pk])


def offered(client, typed: str) -> dict:
    return client.get(reverse("admin:link_choices"), {"q": typed}).json()


def names(client, typed: str) -> list[str]:
    return [choice["name"] for choice in offered(client, typed)["choices"]]


def to(row, anchor="") -> str:
    return str(Reference(type(row), row.pk, anchor))


def test_items_of_any_kind_are_found_in_any_language_without_accents(admin_client):
    office = OfficeFactory(name_en="South", name_es="Región del Sur")
    goal = FrameworkGoalFactory(title_fr="Régions sûres", code="9", framework__acronym_en="WG")
    document = DocumentFactory(title="Plan of the region", strategy__title_en="Old plan")
    country = CountryFactory(name_en="Regionia")
    PartnerFactory(name_en="Nobody")
    found = offered(admin_client, "REGION")["choices"]
    assert {choice["href"] for choice in found} == {to(office), to(goal), to(document), to(country)}
    assert ("Document", "Old plan") in [(choice["kind"], choice["note"]) for choice in found]


def test_all_words_are_looked_for_and_what_begins_so_comes_first(admin_client):
    OfficeFactory(name_en="Office of the North and the Sea")
    OfficeFactory(name_en="North Sea")
    OfficeFactory(name_en="North")
    assert names(admin_client, "north sea") == ["North Sea", "Office of the North and the Sea"]


def test_twelve_at_most_are_offered(admin_client):
    OfficeFactory.create_batch(20, name_en="North")
    assert len(offered(admin_client, "north")["choices"]) == 12


def test_what_is_not_public_is_offered_to_whom_may_see_it_and_says_so(admin_client, client, log_in):
    hidden = StrategyFactory(title_en="Secret plan", live=False)
    DocumentFactory(strategy=hidden, title="Secret file")
    found = offered(admin_client, "secret")["choices"]
    assert all("not public" in choice["note"] for choice in found)
    assert len(found) == 2
    log_in("editor", OfficeFactory())
    for typed in ("secret", to(hidden), hidden.get_absolute_url()):
        assert "Secret" not in str(offered(client, typed)["choices"])


@pytest.mark.parametrize(
    ("typed", "href", "kind"),
    [
        ("https://example.org/x", "https://example.org/x", "Web address"),
        ("www.example.org", "https://www.example.org", "Web address"),
        ("jo@example.org", "mailto:jo@example.org", "E-mail address"),
        ("tel:+541140001234", "tel:+541140001234", "Telephone"),
        ("/en/regions/", "/en/regions/", "Page of this site"),
        ("#contents", "#contents", "Place on the same page"),
    ],
)
def test_address_is_offered_whole(admin_client, typed, href, kind):
    found = offered(admin_client, typed)
    assert [(choice["href"], choice["kind"]) for choice in found["choices"]] == [(href, kind)]
    assert found["href"] == (href if typed == href else "")


@pytest.mark.parametrize("address", ["/es/regions/south/#x", "http://127.0.0.1:8000/en/regions/south/#x", "former"])
def test_address_of_a_page_of_this_site_is_offered_as_its_item(admin_client, address):
    office = OfficeFactory(slug="south", name_en="South")
    if address == "former":
        data = snapshot(office)
        data["fields"]["slug"] = "deep-south"
        actions.save_draft(item=office, data=data, user=None, opened_on=None)
        actions.publish(item=office, user=None)
        address = "/en/regions/south/#x"
    assert offered(admin_client, address)["choices"][0]["href"] == to(office, "#x")


@pytest.mark.parametrize("typed", ["hola mundo", "http://", "javascript:alert(1)", "/en/nowhere/", "item:x.y/1"])
def test_what_is_no_address_is_refused_in_words(admin_client, typed):
    found = offered(admin_client, typed)
    assert (found["choices"], found["href"]) == ([], "")
    assert f"“{typed}”" in found["error"]


@pytest.mark.parametrize("typed", ["", "\x00", "a" * 5_000, "%_\\'\"", "item:", "/" * 600])
def test_nothing_that_can_be_typed_is_an_error(admin_client, typed):
    assert isinstance(offered(admin_client, typed)["choices"], list)


def test_choices_are_for_staff(client):
    assert client.get(reverse("admin:link_choices"), {"q": "a"}).status_code == 302


def test_queries_do_not_grow_with_what_is_found(admin_client, django_assert_max_num_queries):
    for _round in range(2):
        OfficeFactory.create_batch(3, name_en="North")
        with django_assert_max_num_queries(20):
            assert offered(admin_client, "north")["choices"]


@pytest.mark.parametrize("href", ["hola mundo", "http://", "javascript:x()", "/en/nowhere/"])
def test_form_refuses_a_wrong_link_at_its_field_and_keeps_the_text(admin_client, href):
    url = change_url(OfficeFactory())
    text = f'<p><a href="{href}">words</a></p>'
    form = admin_client.post(url, form_data(admin_client, url, introduction_fr=text)).context["adminform"].form
    assert f"“{href}”" in form.errors["introduction_fr"][0]
    assert form["introduction_fr"].value() == text


def test_form_refuses_a_wrong_link_in_a_row(admin_client):
    office = OfficeFactory()
    SectionFactory(office=office, body_en="<p>words</p>")
    url = change_url(office)
    data = form_data(admin_client, url, **{"sections-0-body_en": '<p><a href="hola mundo">words</a></p>'})
    formset = admin_client.post(url, data).context["inline_admin_formsets"][0].formset
    assert "“hola mundo”" in formset.forms[0].errors["body_en"][0]


def test_wrong_link_that_was_there_does_not_keep_another_text_from_being_saved(admin_client):
    office = OfficeFactory(introduction_fr='<p><a href="hola mundo">words</a></p>')
    url = change_url(office)
    admin_client.post(url, form_data(admin_client, url, introduction_es="<p>Texto</p>"))
    with drafted(office) as draft:
        assert draft.introduction_es == "<p>Texto</p>"


def test_page_of_an_item_says_what_links_to_it(admin_client):
    document = DocumentFactory(strategy__title_en="Plan")
    office = OfficeFactory(name_en="North", introduction_es=f'<a href="{to(document)}">a</a>')
    PartnerFactory(name_en="Forum", description_en='<a href="/en/strategies/nothing/">a</a>')
    url = reverse("admin:priorities_strategy_links", args=[document.strategy.pk])
    assert url in admin_client.get(change_url(document.strategy)).text
    page = admin_client.get(url)
    assert [(link.item, link.language) for link in page.context["links"]] == [("North", "es")]
    assert change_url(office) in page.text
    assert "Forum" not in page.text


def test_page_of_a_country_says_what_links_to_it(admin_client):
    country = CountryFactory(code="AR")
    OfficeFactory(name_en="North", introduction_en='<a href="/en/countries/AR/">a</a>')
    page = admin_client.get(reverse("admin:regions_country_links", args=[country.pk]))
    assert [link.item for link in page.context["links"]] == ["North"]


def test_impact_of_a_withdrawal_names_references(admin_client):
    south = OfficeFactory(name_en="South")
    OfficeFactory(name_en="North", introduction_en=f'<a href="{to(south, "#x")}">a</a>')
    data = {"decision": "withdraw"}
    page = admin_client.post(reverse("admin:regions_office_review", args=[south.pk]), data)
    assert [(link.item, link.target) for link in page.context["impact"].links] == [("North", "South")]


@pytest.fixture
def linking():
    """An office whose draft links to what is not public, and to what was deleted."""
    office, hidden, gone = OfficeFactory(name_en="North"), OfficeFactory(name_en="Hidden", live=False), OfficeFactory()
    data = snapshot(office)
    data["fields"]["introduction_en"] = f'<a href="{to(hidden)}">a</a><a href="{to(gone)}">a</a>'
    gone.delete()
    actions.save_draft(item=office, data=data, user=None, opened_on=None)
    return office


def test_review_warns_of_links_to_what_is_not_public(admin_client, linking):
    page = admin_client.get(reverse("admin:regions_office_review", args=[linking.pk]))
    assert page.context["dead_links"] == ["Hidden", "something that was deleted"]
    assert "Its texts link to what is not public" in page.text


def test_publication_warns_of_links_to_what_is_not_public_and_is_done(admin_client, linking):
    url = reverse("admin:regions_office_review", args=[linking.pk])
    page = admin_client.post(url, {"decision": "publish"}, follow=True)
    assert "Texts link to what is not public; readers see the words without a link: Hidden" in page.text
    assert "item:" in Office.objects.get(pk=linking.pk).introduction_en


def test_names_of_what_may_not_be_seen_are_not_told(client, log_in, linking):
    hidden = DocumentFactory(title="Secret file", strategy__live=False)
    data = snapshot(linking)
    data["fields"]["introduction_en"] = f'<a href="{to(hidden)}">a</a>'
    actions.save_draft(item=linking, data=data, user=None, opened_on=None)
    log_in("editor", linking)
    page = client.get(reverse("admin:regions_office_review", args=[linking.pk]))
    assert page.context["dead_links"] == ["an item that you may not see"]
    assert "Secret" not in page.text
