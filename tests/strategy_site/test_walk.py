"""A walk by every address with what none of them means: it is refused, and nothing breaks, on either database.

They differ here: PostgreSQL takes no null character, not even to compare, and neither of them every number or year.
``make test`` takes what broke once, ``make campaign`` all of it.
"""

import json
import os
import re
from collections.abc import Iterator
from urllib.parse import quote, urlencode
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import models, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.urls.resolvers import RegexPattern

from cms.publishing.models import Release
from regions.models import Office
from tests.admin_forms import form_data
from tests.factories import OfficeFactory

pytestmark = pytest.mark.django_db

WHOLE = bool(os.environ.get("CAMPAIGN"))
VALUES = {"null": "a\x00b", "digits": "9" * 40}
if WHOLE:
    VALUES |= {"long": "a" * 3_000, "signs": "☃'\"%_\\", "negative": "-1", "list": "1,,2", "brackets": "([{"}
CONVERTED = {"int": "9" * 30, "uuid": str(UUID(int=0x1234)), "slug": "a" * 3_000}
PLACE = re.compile(r"<(?:(\w+):)?(\w+)>")
GROUP = re.compile(r"\(\?P<(\w+)>(?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")
LOOKUPS = ("", "__year", *(("__in", "__exact", "__range", "__gte", "__isnull", "__regex") if WHOLE else ()))


def routes(found=None, before: str = "/") -> Iterator[str]:
    """Yield every route of the site, its arguments as ``<converter:name>`` or ``<name>``."""
    for entry in get_resolver().url_patterns if found is None else found:
        text = str(entry.pattern)
        if isinstance(entry.pattern, RegexPattern):
            text = re.sub(r"\\Z|[\\^$]", "", GROUP.sub(r"<\1>", text))
        if isinstance(entry, URLPattern):
            yield before + text
        else:
            yield from routes(entry.url_patterns, before + text)


def filled(route: str, value: str) -> str:
    """Return an address of ``route`` with ``value`` wherever it takes a text."""
    return PLACE.sub(lambda place: CONVERTED.get(place[1]) or quote(value, safe=""), route)


def takes_text(route: str) -> bool:
    return any(converter not in CONVERTED for converter, _name in PLACE.findall(route))


def list_parameters(model: type[models.Model]) -> Iterator[str]:
    """Yield the parameters of a list of the admin, and the look-ups by its columns that Django takes besides."""
    yield from ("q", "p", "o", "e", "all", "_facets", "_popup", "_to_field")
    model_admin = admin.site.get_model_admin(model)
    for entry in model_admin.list_filter:
        name = entry[0] if isinstance(entry, tuple) else getattr(entry, "parameter_name", entry)
        yield from (f"{name}{lookup}" for lookup in ("", "__exact", "__id__exact", "__isnull"))
    columns = [field.name for field in model._meta.concrete_fields]
    for name in columns if WHOLE else {model_admin.date_hierarchy, "position", "id"} & set(columns):
        yield from (f"{name}{lookup}" for lookup in LOOKUPS)


def answer(client: Client, address: str, data: dict | None = None) -> HttpResponse:
    """Return an answer; what it changed in the database, and a transaction that it broke, is undone."""
    client.raise_request_exception = False
    with transaction.atomic():
        response = client.get(address) if data is None else client.post(address, data)
        transaction.set_rollback(True)
    return response


def broken(client: Client, addresses: list[str]) -> list[str]:
    assert addresses
    return [address[:200] for address in addresses if answer(client, address).status_code >= 500]


@pytest.mark.parametrize("value", VALUES)
def test_no_address_breaks(admin_client, value):
    addresses = [filled(route, VALUES[value]) for route in routes() if takes_text(route)]
    assert len(addresses) > 50
    assert broken(admin_client, addresses) == []


@pytest.mark.parametrize("value", VALUES if WHOLE else ["digits"])  # null characters do not come so far
def test_no_list_of_the_admin_breaks(admin_client, value):
    OfficeFactory()
    assert not broken(
        admin_client,
        [
            f"{reverse(f'admin:{model._meta.app_label}_{model._meta.model_name}_changelist')}?{urlencode(asked)}"
            for model in admin.site._registry
            for asked in ({name: VALUES[value]} for name in dict.fromkeys(list_parameters(model)))
        ],
    )


def api_questions(value: str) -> Iterator[str]:
    """Yield every address of the API that takes parameters, with each of them as ``value``."""
    document = json.loads((settings.BASE_DIR / "docs" / "openapi.json").read_text())
    for path, operations in document["paths"].items():
        for parameter in operations.get("get", {}).get("parameters", ()):
            name = parameter.get("$ref", "").split("/")[-1]
            found = document["components"]["parameters"][name] if name else parameter
            if found["in"] == "query":
                yield f"{re.sub('{[^}]*}', str(UUID(int=1)), path)}?{urlencode({found['name']: value})}"


@pytest.mark.parametrize("value", VALUES)
def test_no_parameter_of_the_api_breaks(client, settings, value):
    settings.API_ANONYMOUS_QUOTA = 0
    asked = list(api_questions(VALUES[value]))
    assert len(asked) > 100
    assert broken(client, asked) == []


PAGES = ("", "regions/", "strategies/", "objectives/", "partners/", "partnerships/", "search/", "compare/", "updates/")


@pytest.mark.parametrize("value", VALUES)
def test_no_parameter_of_a_page_breaks(client, value):
    page = client.get("/en/objectives/").text + client.get("/en/search/?q=a").text + client.get("/en/partners/").text
    names = {"page", "search", "q", "framework", "strategies", "lang", *re.findall(r'name="([a-z_]+)"', page)}
    asked = [f"/en/{path}?{urlencode({name: VALUES[value]})}" for path in PAGES for name in sorted(names)]
    assert len(asked) > 50
    assert broken(client, asked) == []


def test_wrong_filter_of_a_list_gives_the_list_without_it(admin_client):
    address = reverse("admin:publishing_auditentry_changelist")
    assert admin_client.get(f"{address}?at__year=999999999999").headers["Location"] == f"{address}?e=1"


def test_fault_of_a_list_is_not_taken_for_a_wrong_filter(admin_client, monkeypatch):
    monkeypatch.setattr("cms.editing.trail.AuditEntryAdmin.get_queryset", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        admin_client.get(reverse("admin:publishing_auditentry_changelist"))


@pytest.mark.parametrize("name", ["app_label", "model_name", "field_name", "term", "page"])
@pytest.mark.parametrize("value", VALUES)
def test_no_choice_by_typing_breaks(admin_client, name, value):
    asked = {"app_label": "priorities", "model_name": "objective", "field_name": "strategy", "term": "x"}
    assert not broken(admin_client, [f"/admin/autocomplete/?{urlencode({**asked, name: VALUES[value]})}"])


@pytest.mark.parametrize(
    "address",
    [
        "/en/?x=%00",
        "/en/search/?q=%00",
        "/en/objectives/?%00=1",
        "/admin/regions/office/?kind__exact=%00",
        "/admin/login/?next=%00",
    ],
)
def test_null_in_a_parameter_is_no_value(admin_client, address):
    assert admin_client.get(address).status_code in (200, 302)


@pytest.mark.parametrize(
    "address", ["/en/%00/", "/%00", "/static/%00.css", "/admin/regions/office/%00/change/", "/preview/x%00/en/"]
)
def test_null_in_a_path_is_nothing(client, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "messages", "django_language"])
def test_null_in_a_cookie_is_no_value(client, name):
    client.cookies[name] = "a" * 31 + "\x00"
    assert [answer(client, address).status_code for address in ("/admin/", "/en/")] == [302, 200]


SENT = ("_comment", "comment", "_opened_on", "opened_on", "restore", "scheduled", "link", "at")  # beside the forms
DECISIONS = ("submit", "approve", "request-changes", "publish", "schedule", "share", "revoke", "cancel", "discard")


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("page", ["change", "add"])
def test_no_form_of_an_item_breaks(admin_client, page, value):
    address = reverse(f"admin:regions_office_{page}", args=[] if page == "add" else [OfficeFactory().pk])
    data = {**form_data(admin_client, address, slug="new"), **dict.fromkeys(SENT, VALUES[value])}
    assert answer(admin_client, address, data).status_code < 500


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(("page", "decisions"), [("review", DECISIONS), ("history", ("restore",))])
def test_no_button_of_an_item_breaks(admin_client, page, decisions, value):
    address = reverse(f"admin:regions_office_{page}", args=[OfficeFactory().pk])
    for decision in decisions:
        data = {**dict.fromkeys(SENT, VALUES[value]), "decision": decision}
        assert answer(admin_client, address, data).status_code < 500, decision


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("model", [Office, Release, User])
def test_no_bulk_action_breaks(admin_client, model, value):
    office, address = OfficeFactory(), reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    page = admin.site.get_model_admin(model)
    request = admin_client.get(address).wsgi_request
    for action in [*page.get_actions(request), VALUES[value]]:
        for sent in ({}, {"_selected_action": str(office.pk), "confirmed": "1"}):
            names = ("_selected_action", "release", "release_title", "index", "select_across", "note", "post")
            data = {**dict.fromkeys(names, VALUES[value]), "index": "0", "select_across": "", "action": action, **sent}
            assert answer(admin_client, address, data).status_code < 500, (action, sent)
