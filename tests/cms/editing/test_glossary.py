"""The glossary in the admin: who changes it, and the whole of it as CSV, out and in."""

import io

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from cms.publishing.models import AuditEntry, RoleAssignment
from cms.translations.glossary import terms_in
from cms.translations.models import Concept, Term
from tests.factories import OfficeFactory

pytestmark = pytest.mark.django_db

TABLE = """slug,note,en,en-forbidden,es,es-forbidden
irregular-migrant,Nobody is illegal.,irregular migrant,illegal migrant,migrante irregular,migrante ilegal | ilegales
formula,,'=SUM(A1),,suma,
"""
IMPORT = "admin:translations_concept_import"


@pytest.fixture
def publisher(client):
    return log_in(client, "publisher")


def log_in(client, role, scope=None):
    user = User.objects.create(username=role, is_staff=True)
    RoleAssignment.objects.create(user=user, role=role, scope=scope, languages=["es"] if role == "translator" else [])
    client.force_login(user)
    return client


def send(client, table: str | bytes):
    content = table.encode() if isinstance(table, str) else table
    return client.post(reverse(IMPORT), {"file": io.BytesIO(content)})


def everything() -> list:
    return list(Concept.objects.values_list("slug", "note")) + list(
        Term.objects.order_by("concept__slug", "language").values_list("language", "text", "forbidden")
    )


def problems(response) -> list[tuple[int, str]]:
    return [(problem.line, problem.column) for problem in response.context["problems"]]


def test_import_stores_concepts_with_their_terms(publisher):
    assert send(publisher, TABLE).status_code == 302
    term = Term.objects.get(concept__slug="irregular-migrant", language="es")
    assert (term.text, term.forbidden_forms) == ("migrante irregular", ["migrante ilegal", "ilegales"])
    assert Term.objects.get(concept__slug="formula", language="en").text == "=SUM(A1)"
    assert AuditEntry.objects.get(action="import").detail == {"what": "glossary", "added": 2, "changed": 0}


def test_same_table_twice_changes_nothing(publisher):
    send(publisher, TABLE)
    before, entries = everything(), AuditEntry.objects.count()
    send(publisher, TABLE)
    assert (everything(), AuditEntry.objects.count()) == (before, entries)


def test_export_comes_in_again_as_it_was(publisher):
    send(publisher, TABLE)
    before = everything()
    exported = publisher.get(reverse("admin:translations_concept_export")).content
    assert b"'=SUM(A1)" in exported  # a spreadsheet does not calculate it
    Concept.objects.all().delete()
    send(publisher, exported)
    assert everything() == before


def test_table_saved_by_a_spreadsheet_of_another_country_is_read(publisher):
    send(publisher, "\ufeffslug;en;es\r\nreturn;return;retorno\r\n")
    assert Term.objects.get(language="es").text == "retorno"


def test_import_leaves_what_the_table_does_not_have(publisher):
    send(publisher, TABLE)
    send(publisher, "slug,es\nirregular-migrant,\n")
    concept = Concept.objects.get(slug="irregular-migrant")
    assert concept.note == "Nobody is illegal."
    assert [term.language for term in concept.terms.all()] == ["en"]
    assert Concept.objects.count() == 2


def test_all_problems_of_a_table_are_told_with_their_lines(publisher):
    table = (
        "slug,en,es,es-forbidden\n"
        "Not a slug,a,,\n"
        f"long,{'x' * 201},,\n"
        "same,a,b,\n"
        "same,a,b,\n"
        "own,a,b,B\n"
        "bare,a,,c\n"
        "more,a,b,c,d\n"
        "control,\x01,,\n"
    )
    response = send(publisher, table)
    assert problems(response) == [
        (2, "slug"), (3, "en"), (5, "slug"), (6, "es-forbidden"), (7, "es"), (8, ""), (9, "en"),
    ]  # fmt: skip
    assert not Concept.objects.exists()


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("term\na\n", [(1, "slug"), (1, "term")]),
        ("slug,en,en\na,b,c\n", [(1, "en")]),
        ("slug,es-forbidden\na,b\n", [(1, "es-forbidden")]),
        ("\n", [(1, "slug")]),
        (b"slug,en\na,caf\xe9\n", [(0, "")]),
        ('slug,en\na,"open\n', [(0, "")]),
        ("slug,en\na," + "x" * 200_000, [(0, "")]),
    ],
    ids=["unknown", "twice", "bare", "empty", "latin-1", "quote", "huge cell"],
)
def test_table_that_is_none_is_refused_in_words(publisher, table, expected):
    assert problems(send(publisher, table)) == expected


def test_file_that_is_too_large_is_refused(publisher, monkeypatch):
    monkeypatch.setattr("cms.editing.glossary.MOST_BYTES", 10)
    assert send(publisher, TABLE).context["form"].errors


@pytest.mark.parametrize("role", ["translator", "editor", "publisher", "administrator"])
def test_all_staff_read_the_glossary_and_publishers_of_everything_change_it(client, role):
    log_in(client, role)
    may_change = role in ("publisher", "administrator")
    concept = Concept.objects.create(slug="a")
    listed = client.get(reverse("admin:translations_concept_changelist"))
    assert (reverse(IMPORT) in listed.text) == may_change
    assert client.get(reverse("admin:translations_concept_change", args=[concept.pk])).status_code == 200
    assert client.get(reverse("admin:translations_concept_export")).status_code == 200
    assert client.get(reverse("admin:translations_concept_add")).status_code == (200 if may_change else 403)
    assert send(client, TABLE).status_code == (302 if may_change else 403)
    assert (Concept.objects.count() > 1) == may_change


def test_publisher_of_an_office_does_not_change_the_glossary(client):
    log_in(client, "publisher", OfficeFactory())
    assert send(client, TABLE).status_code == 403


def test_form_refuses_a_term_that_is_forbidden(publisher):
    data = {
        "slug": "a", "note": "", "terms-TOTAL_FORMS": "1", "terms-INITIAL_FORMS": "0",
        "terms-0-language": "es", "terms-0-text": "uno", "terms-0-forbidden": "dos\nUno",
    }  # fmt: skip
    response = publisher.post(reverse("admin:translations_concept_add"), data)
    assert response.status_code == 200
    assert not Concept.objects.exists()
    publisher.post(reverse("admin:translations_concept_add"), data | {"terms-0-forbidden": "dos"})
    assert AuditEntry.objects.filter(action="add", object_name="a").exists()


def test_terms_of_a_text_in_one_query(publisher, django_assert_num_queries):
    send(publisher, TABLE)
    with django_assert_num_queries(1):
        (found,) = terms_in("<p>All irregular migrants</p>", "en", "es")
    assert (found.text, found.term) == ("irregular migrants", "migrante irregular")
    assert (found.start, found.note) == (7, "Nobody is illegal.")
