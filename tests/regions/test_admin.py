"""The admin of the organization and of offices, their tree and their rows."""

import pytest
from django.urls import reverse

from regions.models import Office, Organization
from regions.tree import tree_order
from tests.admin_forms import drafted, form_data
from tests.factories import CountryFactory, OfficeFactory, OrganizationFactory, QuotationFactory, SectionFactory

pytestmark = pytest.mark.django_db

# The smallest picture that there is: one transparent pixel.
GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,"
GIF += b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x01D\x00;"
OFFICES = "admin:regions_office_changelist"


def change_url(office) -> str:
    return reverse("admin:regions_office_change", args=[office.pk])


def listed(client, **query) -> list[tuple[str, int]]:
    response = client.get(reverse(OFFICES), query)
    return [(office.slug, getattr(office, "depth", 0)) for office in response.context["cl"].result_list]


def new_section(number=0, **values) -> dict:
    texts = {
        f"sections-{number}-{name}_{code}": "" for name in ("heading", "body") for code in ("en", "es", "fr", "pt")
    }
    return {**texts, **{f"sections-{number}-{name}": value for name, value in values.items()}}


def test_there_is_one_organization_at_most(admin_client):
    url = reverse("admin:regions_organization_add")
    assert admin_client.get(url).status_code == 200
    OrganizationFactory()
    assert admin_client.get(url).status_code == 403
    assert Organization.objects.count() == 1


@pytest.fixture
def tree():
    """Two regional offices, one with a country office that has a liaison office."""
    africa = OfficeFactory(slug="africa", position=2)
    OfficeFactory(slug="americas", position=1, name_es="Américas")
    kenya = OfficeFactory(slug="kenya", position=9, parent=africa)
    OfficeFactory(slug="nairobi", position=0, parent=kenya)


def test_offices_are_listed_as_a_tree(admin_client, tree):
    assert listed(admin_client) == [("americas", 0), ("africa", 0), ("kenya", 1), ("nairobi", 2)]


def test_filtered_offices_whose_parent_is_not_listed_stand_at_the_top(admin_client, tree):
    Office.objects.filter(slug__in=["kenya", "nairobi"]).update(kind="country")
    assert listed(admin_client, kind__exact="country") == [("kenya", 0), ("nairobi", 1)]


def test_tree_is_left_when_the_list_is_sorted_by_a_column(admin_client, tree):
    assert [slug for slug, depth in listed(admin_client, o="1")] == ["africa", "americas", "kenya", "nairobi"]


def test_tree_goes_on_over_pages(admin_client, tree, monkeypatch):
    monkeypatch.setattr("regions.admin.OfficeAdmin.list_per_page", 3)
    assert listed(admin_client, p=2) == [("nairobi", 2)]


def test_tree_order_keeps_offices_in_a_circle(tree):
    Office.objects.filter(slug="africa").update(parent=Office.objects.get(slug="nairobi"))
    assert len(tree_order(Office.objects.all())) == 4


@pytest.mark.parametrize("below", ["africa", "nairobi"], ids=["itself", "an office below it"])
def test_office_cannot_be_put_under_itself(admin_client, tree, below):
    url = change_url(Office.objects.get(slug="africa"))
    parent = Office.objects.get(slug=below)
    response = admin_client.post(url, form_data(admin_client, url, parent=parent.pk))
    assert response.context["adminform"].form.errors == {"parent": ["An office cannot be above itself."]}


def test_form_saves_what_it_shows(admin_client):
    office = OfficeFactory(introduction_en="<p>Text</p>", seat_country=CountryFactory())
    office.countries.set(CountryFactory.create_batch(2))
    SectionFactory.create_batch(2, office=office)
    QuotationFactory(office=office)
    url = change_url(office)
    response = admin_client.post(url, form_data(admin_client, url))
    assert response.status_code == 302
    with drafted(office) as draft:
        assert (draft.sections.count(), draft.quotations.count(), draft.countries.count()) == (2, 1, 2)


@pytest.mark.parametrize(
    ("headings", "anchors"),
    [
        (["Our partners"], ["our-partners"]),
        (["Our partners", "Our Partners"], ["our-partners", "our-partners-2"]),
        (["Present"], ["present-2"]),
    ],
    ids=["from the heading", "two alike", "taken by a saved row"],
)
def test_blank_anchors_are_made_from_the_heading(admin_client, headings, anchors):
    office = OfficeFactory()
    SectionFactory(office=office, anchor="present", position=3)
    url = change_url(office)
    data = form_data(admin_client, url, **{"sections-TOTAL_FORMS": len(headings) + 1})
    for number, heading in enumerate(headings, start=1):
        data |= new_section(number, heading_es=heading, anchor="", position="")
    admin_client.post(url, data)
    with drafted(office) as draft:
        assert list(draft.sections.values_list("anchor", flat=True)) == ["present", *anchors]


def test_anchor_of_a_saved_row_stays_when_it_is_blanked(admin_client):
    section = SectionFactory(anchor="kept")
    url = change_url(section.office)
    admin_client.post(url, form_data(admin_client, url, **{"sections-0-anchor": "", "sections-0-heading_en": "New"}))
    with drafted(section.office):
        section.refresh_from_db()
    assert (section.anchor, section.heading_en) == ("kept", "New")


def test_new_row_without_content_is_not_saved(admin_client):
    office = OfficeFactory()
    url = change_url(office)
    data = form_data(admin_client, url, **{"sections-TOTAL_FORMS": 1}) | new_section(0, anchor="", position="0")
    assert admin_client.post(url, data).status_code == 302
    with drafted(office) as draft:
        assert not draft.sections.exists()


def test_positions_can_be_typed_in(admin_client):
    office = OfficeFactory()
    SectionFactory(office=office, anchor="first", position=0)
    SectionFactory(office=office, anchor="second", position=1)
    url = change_url(office)
    admin_client.post(url, form_data(admin_client, url, **{"sections-0-position": "5"}))
    with drafted(office) as draft:
        assert list(draft.sections.values_list("anchor", flat=True)) == ["second", "first"]


def test_typed_text_is_kept_when_the_form_is_refused(admin_client):
    office = OfficeFactory()
    url = change_url(office)
    data = form_data(admin_client, url, email="not an address", introduction_fr="<p>Long travail</p>")
    page = admin_client.post(url, data)
    assert page.context["adminform"].form.errors.keys() == {"email"}
    assert page.context["adminform"].form["introduction_fr"].value() == "<p>Long travail</p>"


def test_hostile_rich_text_is_cleaned_on_saving(admin_client):
    office = OfficeFactory()
    url = change_url(office)
    hostile = '<p onclick="x()">Hello<script>x()</script> <a onclick="x()" href="https://example.org/">you</a></p>'
    admin_client.post(url, form_data(admin_client, url, introduction_en=hostile))
    with drafted(office) as draft:
        assert draft.introduction_en == '<p>Hello <a href="https://example.org/">you</a></p>'


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("cover.gif", GIF, "Upload a JPEG, PNG or WebP picture."),
        ("cover.png", b"not a picture", "Upload a valid image"),
    ],
    ids=["kind", "content"],
)
def test_bad_picture_is_an_error_at_the_field(admin_client, name, content, message):
    from django.core.files.uploadedfile import SimpleUploadedFile

    url = change_url(OfficeFactory())
    data = form_data(admin_client, url, cover_image=SimpleUploadedFile(name, content))
    errors = admin_client.post(url, data).context["adminform"].form.errors
    assert message in errors["cover_image"][0]
