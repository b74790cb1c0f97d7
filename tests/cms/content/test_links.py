"""References to items in rich texts, and which addresses a link may have."""

from uuid import uuid4

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError

from cms.content.comparison import compare
from cms.content.fields import sanitize_html
from cms.content.links import (
    Reference,
    addresses_of,
    completed,
    hrefs_in,
    parsed,
    permanent,
    references_in,
    resolved,
    validate_links,
)
from cms.content.snapshots import snapshot
from partners.models import Partner
from regions.models import Office
from tests.factories import FrameworkGoalFactory, OfficeFactory, PartnershipFactory, SectionFactory


def link(row, anchor: str = "", words: str = "words", title: str = "") -> str:
    said = f' title="{title}"' if title else ""
    return f'<a{said} href="{Reference(type(row), row.pk, anchor)}">{words}</a>'


def test_reference_reads_back():
    reference = Reference(Office, uuid4(), "#partners")
    assert parsed(str(reference)) == reference


@pytest.mark.parametrize(
    "href",
    [
        "item:regions.office/1",
        "item:regions.section/8dbd2b42-ed2d-42d7-8f84-0f83530faf30",  # has no address
        "item:auth.user/8dbd2b42-ed2d-42d7-8f84-0f83530faf30",
        "item:regions.office/8dbd2b42-ed2d-42d7-8f84-0f83530faf30/x",
        'item:regions.office/8dbd2b42-ed2d-42d7-8f84-0f83530faf30#"x',
        "ITEM:regions.office/1",
    ],
)
def test_what_names_no_item_is_no_reference_and_is_not_kept(href):
    assert parsed(href) is None
    assert "item:" not in sanitize_html(f"<p><a href='{href}'>words</a></p>").lower()


@pytest.mark.django_db
def test_reference_survives_the_sanitiser_in_any_form_of_the_tag():
    office = OfficeFactory.build()
    href = str(Reference(Office, office.pk))
    clean = sanitize_html(f"<p><A TITLE='a>b' HREF='{href}' class=x>wo<strong>rd</strong></A></p>")
    assert references_in(clean) == [Reference(Office, office.pk)]
    assert resolved(clean) == "<p>wo<strong>rd</strong></p>"  # it is not there


@pytest.mark.django_db
def test_each_kind_of_item_has_its_address():
    goal = FrameworkGoalFactory(framework__slug="agenda", code="10")
    partnership = PartnershipFactory(office__slug="north", partner__slug="forum", role="member")
    html = resolved(f"<p>{link(goal)}{link(partnership)}{link(partnership.office, '#x', title='T')}</p>")
    partner = "/en/partners/forum/#north-member"
    assert hrefs_in(html) == ["/en/frameworks/agenda/goals/10/", partner, "/en/regions/north/#x"]
    assert 'title="T"' in html


@pytest.mark.django_db
def test_queries_do_not_grow_with_the_links(django_assert_num_queries):
    offices, goals = OfficeFactory.create_batch(5), FrameworkGoalFactory.create_batch(5)
    with django_assert_num_queries(2):
        html = resolved("".join(link(row) for row in [*offices, *goals]))
    assert html.count("href=") == 10


@pytest.mark.django_db
def test_text_without_references_costs_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert resolved('<p><a href="https://example.org/">a</a></p>') == '<p><a href="https://example.org/">a</a></p>'


@pytest.mark.django_db
def test_what_is_not_public_has_no_address():
    hidden = PartnershipFactory(office=OfficeFactory(live=False))
    goal = FrameworkGoalFactory(framework__live=False)
    references = [Reference(type(row), row.pk) for row in (hidden, goal, hidden.office)]
    assert addresses_of(references) == {}


def test_permanent_address_is_whole_and_in_the_language_of_the_text():
    key = uuid4()
    html = permanent(f'<a href="{Reference(Partner, key)}">a</a>', "es")
    assert hrefs_in(html) == [f"{settings.SITE_URL}/es/item/partners.partner/{key}/"]


@pytest.mark.parametrize(
    "href",
    [
        "https://example.org",
        "http://localhost:8000/x?y=1#z",
        "https://español.example/á",
        "mailto:jo@example.org",
        "mailto:jo@example.org?subject=Hello%20you",
        "tel:+54 11 4000-1234",
        "#contents",
        "item:regions.office/8dbd2b42-ed2d-42d7-8f84-0f83530faf30",
    ],
)
def test_right_address_is_taken(href):
    validate_links(f'<p><a href="{href}">a</a></p>')


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("href", "message"),
    [
        ("www.example.org", "Is “https://www.example.org” meant?"),
        ("example.org/page", "Is “https://example.org/page” meant?"),
        ("//example.org/page", "Is “https://example.org/page” meant?"),
        ("jo@example.org", "Is “mailto:jo@example.org” meant?"),
        ("hola mundo", "“hola mundo” is not an address"),
        ("", "“” is not an address"),
        ("page.html?x", "is not a"),
        ("http://", "is not a whole web address"),
        ("http:///x", "is not a whole web address"),
        ("https://exa mple.org", "is not a whole web address"),
        ("https://[::1", "is not a whole web address"),
        ("https://example.org:99999/", "is not a whole web address"),
        ("javascript:alert(1)", "begins with what no link may"),
        ("JavaScript:alert(1)", "begins with what no link may"),
        ("data:text/html,x", "begins with what no link may"),
        ("file:///c:/x.docx", "begins with what no link may"),
        ("mailto:jo", "holds no e-mail address"),
        ("tel:me", "holds no telephone number"),
        ("item:regions.office/1", "names no item of this site"),
        ("/en/nowhere/", "leads to no page of this site"),
        ("/en/regions/nowhere/", "leads to no page of this site"),
        ("/en/frameworks/nowhere/goals/1/", "leads to no page of this site"),
        ("/documents/x", "leads to no page of this site"),
        ("/en/regions/%00/", "leads to no page of this site"),
    ],
)
def test_wrong_address_is_refused_in_words(href, message):
    with pytest.raises(ValidationError) as refused:
        validate_links(f'<p><a href="{href}">a</a></p>')
    assert message in " ".join(refused.value.messages)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "href", ["/en/regions/north/", "/regions/north/#partners", "/es/regions/north", "/en/regions/", "/"]
)
def test_path_of_a_page_of_this_site_is_taken(href):
    OfficeFactory(slug="north")
    validate_links(f'<a href="{href}">a</a>')


@pytest.mark.django_db
def test_path_of_what_is_not_public_now_is_taken():
    goal = FrameworkGoalFactory(framework__slug="agenda", framework__live=False, code="1")
    OfficeFactory(slug="north", live=False)
    validate_links(f'<a href="/en/regions/north/">a</a><a href="/en/frameworks/agenda/goals/{goal.code}/">a</a>')


def test_all_wrong_links_of_a_text_are_named_up_to_five():
    with pytest.raises(ValidationError) as refused:
        validate_links("".join(f'<a href="wrong {number}">a</a>' for number in range(9)))
    assert len(refused.value.messages) == 5


@pytest.mark.parametrize(
    ("typed", "whole"), [("example", ""), ("a b.org", ""), ("x.org", "https://x.org"), ("a@b.org", "mailto:a@b.org")]
)
def test_beginning_is_offered_to_what_looks_like_an_address(typed, whole):
    assert completed(typed) == whole


@pytest.mark.django_db
def test_comparison_names_the_item():
    north, south = OfficeFactory(name_en="North"), OfficeFactory(name_en="South")
    section = SectionFactory(body_en=f"<p>{link(north)}</p>")
    before = snapshot(section.office)
    section.body_en = f"<p>{link(south)}</p>"
    section.save()
    [child] = compare(Office, before, snapshot(section.office)).children
    [change] = child.fields[0].formatting
    assert [str(each) for each in change.lost] == ["Link: North"]
    assert [str(each) for each in change.gained] == ["Link: South"]
