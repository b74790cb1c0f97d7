"""What comes from other programs: their clipboards, and the HTML of old sites. The cases are data: pastes.yaml."""

import json
import re
from pathlib import Path

import pytest
import yaml
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from cms.content.fields import sanitize_html
from cms.content.pasting import cleaning
from cms.content.pasting.cleaning import pasted, tidied
from cms.content.pasting.contained import TooDeep, written_anew
from cms.content.runner import Refused
from regions.models import Office
from tests.cms.packages.package_tools import run_import
from tests.factories import OfficeFactory

PROGRAMS = yaml.safe_load(Path(__file__).with_name("pastes.yaml").read_text())
CASES = [
    pytest.param(case, id=f"{program}: {name}") for program, cases in PROGRAMS.items() for name, case in cases.items()
]


def test_there_are_sixty_cases():
    assert len(CASES) >= 60


@pytest.mark.parametrize("case", CASES)
def test_clipboard_means_what_it_meant_there(case):
    html, dropped = written_anew(case["html"])
    assert (sanitize_html(html), dropped) == (case["kept"], case.get("dropped", {}))


@pytest.mark.parametrize("case", CASES)
def test_what_was_cleaned_stays_as_it_is(case):
    assert sanitize_html(written_anew(case["kept"])[0]) == case["kept"]


# --- What holds for any text ---------------------------------------------------------------------------------------

WORDS = st.sampled_from(["one", "two", "three"])
INLINE = ("b", "i", "span", "font", "u", "a", "sup")
BLOCK = ("p", "div", "ul", "ol", "li", "td", "table", "blockquote", "h1", "h5", "section", "pre", "tr", "center")


def nested(inner):
    return st.tuples(st.sampled_from(INLINE + BLOCK), st.lists(inner, max_size=4)).map(
        lambda pair: f"<{pair[0]}>{' '.join(pair[1])}</{pair[0]}>"
    )


@given(st.lists(st.recursive(WORDS, nested, max_leaves=20), max_size=5).map(" ".join))
def test_no_word_is_lost_and_none_are_glued(html):
    shown = re.sub(r"<[^>]*>", " ", sanitize_html(written_anew(html)[0]))
    assert sorted(shown.split()) == sorted(re.sub(r"<[^>]*>", " ", html).split())


# --- Limits --------------------------------------------------------------------------------------------------------


def test_text_in_too_many_elements_is_refused():
    with pytest.raises(TooDeep):
        written_anew("<div>" * 200 + "word")


@pytest.mark.parametrize("html", ["", " ", "<p></p>", "<!-- only a note -->", "\0", "\ud800", "<", "<![if"])
def test_nothing_comes_of_nothing(html):
    assert written_anew(html)[0] in ("", "<p>&lt;</p>", "<p>?</p>")


def test_paste_of_more_than_two_megabytes_is_refused():
    with pytest.raises(Refused, match="size"):
        pasted("a" * (2 * 1024 * 1024 + 1))


def test_paste_that_takes_longer_than_its_time_is_given_up(monkeypatch):
    pasted("<p>warm</p>")
    monkeypatch.setattr(cleaning.pastes, "seconds", 0.05)
    with pytest.raises(Refused, match="time"):
        pasted("<b>a</b>" * 100_000)


# --- The address that the editor asks ------------------------------------------------------------------------------


def send(client, **data):
    return client.post(reverse("admin:paste"), data)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["editor", "translator", "publisher", "administrator"])
def test_whoever_may_edit_gets_what_was_pasted_cleaned(client, log_in, role):
    log_in(role, OfficeFactory(), languages=["es"] if role == "translator" else [])
    answer = send(client, html="<h1>Title</h1><p onclick='x()'>Text<img src='a.png'></p>")
    assert answer.json() == {"html": "<h3>Title</h3><p>Text</p>", "dropped": ["1 picture"]}


@pytest.mark.django_db
def test_staff_without_a_role_are_refused(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("ana", is_staff=True))
    assert send(client, html="<p>Text</p>").status_code == 403


@pytest.mark.django_db
def test_who_is_not_logged_in_gets_no_text_cleaned(client):
    assert send(client, html="<p>Text</p>").status_code == 401


@pytest.mark.django_db
def test_paste_of_another_site_is_refused(admin_user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    assert send(client, html="<p>Text</p>").status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("html", "status"),
    [("<div>" * 200, 422), ("a" * 2_100_000, 413), ("a" * 2_300_000, 413)],
    ids=["deep", "large", "larger"],
)
def test_what_cannot_be_cleaned_is_answered_with_a_reason(admin_client, html, status):
    answer = send(admin_client, html=html)
    assert answer.status_code == status
    assert answer.json()["error"]


@pytest.mark.django_db
def test_question_without_a_text_is_no_paste(admin_client):
    assert admin_client.get(reverse("admin:paste")).status_code == 405


# --- Packages ------------------------------------------------------------------------------------------------------


def package(folder, html: str):
    path = folder / "old.yaml"
    path.write_text(
        f"format: 1\noffices:\n  - slug: a\n    name: {{en: A}}\n    introduction:\n      en: {json.dumps(html)}\n"
    )
    return path


@pytest.mark.django_db
def test_html_of_an_old_site_is_cleaned_and_what_is_dropped_is_said_with_its_line(tmp_path):
    output = run_import(package(tmp_path, "<div class=a><h2>Title</h2>One<br><br>two<img src=a.png></div>"))
    assert Office.objects.get().introduction_en == "<h3>Title</h3><p>One</p><p>two</p>"
    assert "old.yaml:6: offices “a”: introduction.en: left out: 1 picture." in output


@pytest.mark.django_db
@pytest.mark.parametrize("html", ["<h4>A</h4>", "<p>a&nbsp;b</p><p></p><p>c</p>", "<ul><li>a</li></ul>", "Plain"])
def test_text_of_this_site_is_imported_to_the_letter(tmp_path, html):
    run_import(package(tmp_path, html))
    assert Office.objects.get().introduction_en == html


def test_package_with_a_text_in_too_many_elements_keeps_its_words():
    assert "word" in tidied("<div>" * 200 + "word")[0]
