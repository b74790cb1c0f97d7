"""What a text may not hold is refused wherever it comes in and harmless where it was stored before; what looks blank
is no text."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from lxml import etree

from cms.content.characters import FORBIDDEN, looks_blank, validate_characters
from cms.content.fields import sanitize_html
from cms.content.languages import localized
from cms.pages.spreadsheets import csv_lines
from cms.publishing import actions
from cms.publishing.exceptions import PublishingError
from cms.publishing.overlay import columns_of
from cms.translations.status import completeness
from regions.models import Office, Quotation
from tests.admin_forms import form_data
from tests.cms.packages.package_tools import import_errors, run_export, run_import
from tests.drafts import drafted, has_draft
from tests.factories import OfficeFactory, OrganizationFactory, SectionFactory, StrategyFactory

BLANKS = {
    "spaces": "  \t ",
    "zero-width": "\u200b\u2060\ufeff",
    "hangul-filler": "\u3164",
    "empty-paragraphs": "<p></p><p></p>",
    "no-break-space": "<p>&nbsp;</p>",
    "entity-alone": "&nbsp;",
    "line-ends": "<p><br><br></p>",
    "empty-table": "<table><tbody><tr><td colspan='2'></td></tr></tbody></table>",
}
VISIBLE = ("a", "<p>a</p>", "0", "—", "🙂", "<Name>", "&nbsp;a", "ा")
# XML 1.0, production 2 (Char), by another road than the code's.
ALLOWED = {0x9, 0xA, 0xD, *range(0x20, 0xD800), *range(0xE000, 0xFFFE), *range(0x10000, 0x110000)}


def test_forbidden_is_what_xml_does_not_allow():
    assert {code for code in range(0x110000) if FORBIDDEN.match(chr(code))} == set(range(0x110000)) - ALLOWED


def test_message_names_the_character_and_its_place():
    with pytest.raises(ValidationError, match="U\\+000B .* number 9 .*“Regional▯office▯”"):
        validate_characters("Regional\x0boffice\ud800")


@pytest.mark.parametrize("name", BLANKS)
def test_text_without_a_visible_sign_looks_blank(name):
    assert looks_blank(BLANKS[name])


@pytest.mark.parametrize("text", VISIBLE)
def test_text_with_a_visible_sign_does_not_look_blank(text):
    assert not looks_blank(text)


# --- Forms -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["name_en", "name_es", "introduction_en", "director_name", "phone"])
@pytest.mark.parametrize("code", [0x0B, 0x1F, 0xFFFE])
def test_form_refuses_a_character_and_names_it(admin_client, field, code):
    office = OfficeFactory()
    url = reverse("admin:regions_office_change", args=[office.pk])
    data = form_data(admin_client, url, **{field: f"Regional{chr(code)}office"})
    response = admin_client.post(url, data)
    assert response.status_code == 200
    assert f"U+{code:04X}" in response.context["adminform"].form.errors[field][0]
    assert not has_draft(office)


@pytest.mark.django_db
@pytest.mark.parametrize("name", BLANKS)
def test_form_takes_a_blank_text_for_none(admin_client, name):
    office = OfficeFactory(name_en="Office", introduction_en="<p>Text.</p>")
    url = reverse("admin:regions_office_change", args=[office.pk])
    data = form_data(admin_client, url, name_es=BLANKS[name], introduction_es=BLANKS[name])
    assert admin_client.post(url, data).status_code == 302
    kept = drafted(office)["fields"]
    assert (kept["name_es"], kept["introduction_es"]) == ("", "")


@pytest.mark.django_db
def test_form_with_nothing_but_a_blank_name_is_refused(admin_client):
    url = reverse("admin:regions_office_change", args=[OfficeFactory(name_en="A").pk])
    response = admin_client.post(url, form_data(admin_client, url, name_en="\u200b"))
    assert response.status_code == 200


@pytest.mark.django_db
def test_public_note_is_refused_with_a_forbidden_character(admin_client):
    office = OfficeFactory(live=False)
    url = reverse("admin:regions_office_review", args=[office.pk])
    response = admin_client.post(url, {"decision": "publish", "note_en": "New\x0bpage"})
    office.refresh_from_db()
    assert (office.is_live, "U+000B" in response.text) == (False, True)


def test_required_text_that_looks_blank_is_missing():
    with pytest.raises(ValidationError) as refused:
        Quotation(text_en="Words.", attributed_to="\u200b").clean_fields(exclude=["office"])
    assert set(refused.value.message_dict) == {"attributed_to"}


# --- Packages ----------------------------------------------------------------------------------------------------


def package_of(folder, item: str | dict):
    """Return the path of a package in JSON with one office."""
    path = folder / "package.json"
    text = item if isinstance(item, str) else json.dumps(item)
    path.write_text(f'{{"format": 1, "offices": [{text}]}}')
    return path


@pytest.mark.django_db
@pytest.mark.parametrize("escape", ["\\u000b", "\\u0000", "\\ufffe", "\\uffff"])
def test_package_refuses_a_character_and_names_it(tmp_path, escape):
    package = package_of(tmp_path, f'{{"slug": "a", "name": {{"en": "A{escape}b"}}}}')
    assert f"name.en: The character U+{escape[2:].upper()} is not allowed" in "\n".join(import_errors(package))


@pytest.mark.django_db
@pytest.mark.parametrize("name", BLANKS)
def test_package_takes_a_blank_text_for_none(tmp_path, name):
    item = {"slug": "a", "name": {"en": "A", "es": BLANKS[name]}, "introduction": {"es": BLANKS[name]}}
    run_import(package_of(tmp_path, item))
    office = Office.objects.get()
    assert not office.name_es
    assert not office.introduction_es


@pytest.mark.django_db
def test_package_of_what_was_stored_before_can_be_imported(tmp_path):
    OfficeFactory(slug="a", name_en="Regional\x0boffice")
    package = tmp_path / "package.yaml"
    package.write_text(run_export("offices"))
    Office.objects.all().delete()
    run_import(package)
    assert Office.objects.get().name_en == "Regionaloffice"


def test_draft_with_blank_texts_is_written_without_them():
    values = columns_of(Office, {"name_en": "A", "name_es": "\u200b", "introduction_es": "<p></p><p></p>"})
    assert values == {"name_en": "A", "name_es": "", "introduction_es": ""}


@pytest.mark.django_db
def test_blank_text_hides_no_other_and_is_missing(tmp_path):
    item = {"slug": "a", "name": {"en": "A", "es": "\u200b"}}
    run_import(package_of(tmp_path, item))
    office = Office.objects.get()
    assert localized(office, "name", "es").value == "A"
    spanish = next(found for found in completeness([office])[office.pk] if found.language == "es")
    assert spanish.missing == 1


# --- What was stored before --------------------------------------------------------------------------------------


@pytest.fixture
def stored(settings):
    """A site with control characters in its names, as they were taken once."""
    settings.SITE_URL = "https://example.org"
    OrganizationFactory(name_en="League\x0b of\ufffe all", acronym_en="")
    office = OfficeFactory(slug="north", name_en="North\x0boffice", director_name="Ann\x0b\uffff")
    SectionFactory(office=office, anchor="a", heading_en="Head\x0b")
    return StrategyFactory(slug="plan", title_en="The\x0bplan", office=office)


def publish_with(item, **fields):
    data = drafted(item)
    data["fields"] |= fields
    actions.save_draft(item=item, data=data, user=None, opened_on=None)
    actions.publish(item=item, user=None, note={"en": "New\x0bpage"})


@pytest.mark.django_db
def test_publication_refuses_what_it_would_bring_and_not_what_was_there(stored):
    publish_with(stored.office, name_es="Norte")
    assert Office.objects.live().get().name_es == "Norte"
    with pytest.raises(PublishingError, match="U\\+000C"):
        publish_with(stored.office, name_es="Norte\x0c")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/en/updates.atom",
        "/es/updates.atom",
        "/en/regions/north/updates.atom",
        "/sitemap.xml",
        "/sitemap-offices-1.xml",
        "/en/search/opensearch.xml",
    ],
)
def test_xml_stays_xml(client, stored, path):
    for item, name in ((stored.office, "name_es"), (stored, "title_es")):
        publish_with(item, **{name: "Nuevo"})
    response = client.get(path)
    assert response.status_code == 200
    etree.fromstring(response.content)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/en/regions/north.md", "/en/index.md", "/en/strategies/plan.md"])
def test_markdown_has_no_forbidden_character(client, stored, path):
    response = client.get(path)
    assert response.status_code == 200
    assert not FORBIDDEN.search(response.content.decode())


@pytest.mark.django_db
def test_drawings_in_pages_are_xml(client, stored):
    page = client.get("/en/regions/north/").text
    assert "North" in page
    for drawing in page.split("<svg")[1:]:
        assert not FORBIDDEN.search(drawing.partition("</svg>")[0])


def test_csv_has_no_forbidden_character():
    assert list(csv_lines([["North\x0boffice", "\x0b=1+1"]])) == ["Northoffice,'=1+1\r\n"]


# --- Limits of rich text -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ('<td colspan="1000000" rowspan="99">x</td>', '<td colspan="50" rowspan="50">x</td>'),
        ('<td colspan="50" rowspan="2">x</td>', '<td colspan="50" rowspan="2">x</td>'),
        ('<td colspan="1e9" rowspan="-1">x</td>', "<td>x</td>"),
        ('<td colspan="99999999999999999999">x</td>', "<td>x</td>"),
    ],
)
def test_cell_spans_fifty_at_most(html, kept):
    assert kept in sanitize_html(f"<table><tbody><tr>{html}</tr></tbody></table>")


def test_list_starts_at_9999_at_most():
    assert sanitize_html('<ol start="1000000"><li>a</li></ol>') == '<ol start="9999"><li>a</li></ol>'


def depth(html: str) -> int:
    return max(len(list(element.iterancestors())) for element in etree.fromstring(f"<x>{html}</x>").iter())


@pytest.mark.parametrize("start", ["<blockquote>", "<ul><li>", "<p><em><strong>", "<table><tbody><tr><td>"])
@pytest.mark.parametrize("times", [20, 3_000])
def test_nesting_ends_at_twelve_and_the_words_stay(start, times):
    kept = sanitize_html(start * times + "word")
    assert depth(kept) <= 12
    assert "word" in kept
    assert sanitize_html(kept) == kept


def test_lists_in_lists_and_tables_stay_as_they_are():
    text = "<ul><li><p>a</p>" * 4 + "</li></ul>" * 4
    assert sanitize_html(text) == text


def test_text_of_countless_elements_is_kept_as_characters():
    assert sanitize_html("<ul><li>" * 10_001).startswith("&lt;ul&gt;&lt;li&gt;")


def test_sanitiser_drops_what_a_reference_stands_for():
    assert sanitize_html("<p>a&#11;b&#xFFFE;c</p>") == "<p>abc</p>"


@pytest.mark.django_db
def test_limits_hold_for_a_package(tmp_path):
    cell = '<table><tbody><tr><td colspan="1000000">x</td></tr></tbody></table>'
    item = {"slug": "a", "name": {"en": "A"}, "introduction": {"en": cell}}
    run_import(package_of(tmp_path, item))
    assert 'colspan="50"' in Office.objects.get().introduction_en
