"""Lists and forms of translated content."""

import pytest
from django.urls import reverse

from cms.content.snapshots import snapshot
from cms.publishing.actions import save_draft
from cms.translations.counts import recount_all
from regions.models import Country, Office
from tests.factories import CountryFactory, OfficeFactory, SectionFactory

pytestmark = pytest.mark.django_db

OFFICES = "admin:regions_office_changelist"


def listed(client, **query) -> list[str]:
    response = client.get(reverse("admin:regions_country_changelist"), query)
    return [country.code for country in response.context["cl"].result_list]


@pytest.mark.parametrize(
    "term",
    ["peru", "PÉRU", "perú", "pérou", "PE"],
    ids=["no accent", "other capitals", "Spanish", "French", "code"],
)
def test_search_finds_a_name_in_any_language_without_accents(admin_client, term):
    CountryFactory(code="PE", name_en="Peru", name_es="Perú", name_fr="Pérou")
    CountryFactory(code="CL", name_en="Chile")
    assert listed(admin_client, q=term) == ["PE"]


@pytest.mark.parametrize("term", ["x" * 100_000, "a " * 5_000, "%", "\\", "'"], ids=len)
def test_search_for_anything_answers(admin_client, term):
    CountryFactory()
    assert admin_client.get(reverse("admin:regions_country_changelist"), {"q": term}).status_code == 200


def test_filter_finds_what_is_missing_in_a_language(admin_client):
    CountryFactory(code="PE", name_en="Peru", name_es="Perú")
    CountryFactory(code="CL", name_en="Chile")
    recount_all()
    assert listed(admin_client, missing="es") == ["CL"]


def test_filter_by_an_unknown_language_is_refused(admin_client):
    response = admin_client.get(reverse("admin:regions_country_changelist"), {"missing": "xx"})
    assert (response.status_code, response["Location"]) == (302, "/admin/regions/country/?e=1")


def test_list_is_sorted_by_the_name_that_is_shown(admin_client):
    CountryFactory(code="DE", name_en="Germany", name_es="Alemania")
    CountryFactory(code="AR", name_en="Argentina")
    admin_client.cookies["django_language"] = "es"
    assert listed(admin_client, o="2") == ["DE", "AR"]


def test_list_labels_a_name_in_another_language(admin_client):
    CountryFactory(code="PE", name_en="", name_es="Perú")
    page = admin_client.get(reverse("admin:regions_country_changelist"))
    assert '<span lang="es" dir="ltr">Perú</span> <span class="fallback" title="Español">es</span>' in page.text


def test_list_says_how_complete_each_language_is(admin_client):
    CountryFactory(code="PE", name_en="Peru", name_es="Perú")
    recount_all()
    page = admin_client.get(reverse("admin:regions_country_changelist"))
    assert "Español: complete" in page.text
    assert "Français: nothing yet" in page.text


def test_list_leads_to_the_desk_of_each_language(admin_client):
    office = OfficeFactory()
    page = admin_client.get(reverse(OFFICES))
    assert f'<a href="/admin/regions/office/{office.pk}/desk/fr/" class="language language-empty"' in page.text


@pytest.mark.parametrize("number", [2, 12])
def test_queries_of_a_list_do_not_grow(admin_client, number, django_assert_max_num_queries):
    for office in OfficeFactory.create_batch(number):
        SectionFactory.create_batch(number, office=office)
    with django_assert_max_num_queries(13):
        admin_client.get(reverse(OFFICES))


def country_form(**texts) -> dict:
    return {"code": "PE", "name_en": "", "name_es": "", "name_fr": "", "name_pt": "", **texts}


@pytest.mark.parametrize("language", ["en", "es", "fr", "pt"])
def test_a_text_in_any_one_language_is_enough(admin_client, language):
    admin_client.post(reverse("admin:regions_country_add"), country_form(**{f"name_{language}": "Peru"}))
    assert Country.objects.get().code == "PE"


def test_a_name_in_no_language_is_an_error_at_the_field(admin_client):
    response = admin_client.post(reverse("admin:regions_country_add"), country_form())
    assert response.context["adminform"].form.errors == {"name_en": ["Fill in “Name” in at least one language."]}


def test_no_language_is_required(admin_client):
    fields = admin_client.get(reverse("admin:regions_office_add")).context["adminform"].form.fields
    assert [name for name, field in fields.items() if name.startswith("name_") and field.required] == []


def test_inputs_carry_their_language(admin_client):
    page = admin_client.get(reverse("admin:regions_country_add"))
    assert 'lang="fr"' in str(page.context["adminform"].form["name_fr"])


@pytest.mark.parametrize("languages", [["es", "en"], ["en", "es", "fr", "pt"]], ids=",".join)
def test_forms_have_the_languages_of_the_site_only(admin_client, settings, languages):
    settings.LANGUAGES = [(code, name) for code, name in settings.LANGUAGES if code in languages]
    office = OfficeFactory()
    SectionFactory(office=office)
    context = admin_client.get(reverse("admin:regions_office_change", args=[office.pk])).context
    for form in (context["adminform"].form, context["inline_admin_formsets"][0].formset.forms[0]):
        shown = {field.rsplit("_", 1)[1] for field in form.fields if field.startswith(("name_", "heading_"))}
        assert shown == set(languages)


def test_what_is_translated_in_a_draft_is_done_in_lists_and_on_the_front_page(admin_client):
    drafted, other = OfficeFactory(name_en="Office"), OfficeFactory(name_en="Other")
    data = snapshot(drafted)
    data["fields"]["name_es"] = "Oficina"
    save_draft(item=drafted, data=data, user=None, opened_on=None)
    recount_all(missing_only=True)
    page = admin_client.get(reverse(OFFICES), {"missing": "es"})
    assert list(page.context["cl"].result_list) == [other]
    assert admin_client.get(reverse(OFFICES)).text.count("Español: complete") == 2  # said, and as a tooltip
    front = admin_client.get(reverse("admin:index"))
    [row] = [row for group in front.context["content_groups"] for row in group["rows"] if row["model"] is Office]
    assert [figure["count"] for figure in row["missing"]] == [0, 1, 2, 2]
    assert front.text.count("Español: complete") == 2


def test_filter_of_a_list_goes_with_search_and_other_filters(admin_client):
    OfficeFactory(name_en="Office", kind="country")
    recount_all()
    query = {"missing": "es", "q": "office", "kind__exact": "country", "state": "live"}
    assert len(admin_client.get(reverse(OFFICES), query).context["cl"].result_list) == 1
