"""Pages for what went wrong."""

import pytest
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.test import Client, RequestFactory

from strategy_site import errors

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_in_spanish():
    return RequestFactory().get("/es/regions/")


def test_bad_request_repeats_what_our_views_say(request_in_spanish):
    response = errors.bad_request(request_in_spanish, BadRequest("Pillar: <b>no</b>"))
    assert response.status_code == 400
    assert "Pillar: &lt;b&gt;no&lt;/b&gt;" in response.text


def test_bad_request_keeps_other_reasons_to_itself(request_in_spanish):
    assert "secret" not in errors.bad_request(request_in_spanish, SuspiciousOperation("secret")).text


@pytest.mark.parametrize(
    ("view", "status"),
    [
        (lambda request: errors.bad_request(request, BadRequest()), 400),
        (lambda request: errors.permission_denied(request, PermissionDenied()), 403),
        (errors.csrf_failure, 403),
        (lambda request: errors.page_not_found(request, Exception()), 404),
        (errors.server_error, 500),
    ],
    ids=["400", "403", "csrf", "404", "500"],
)
def test_error_page_is_in_the_language_of_the_address(request_in_spanish, view, status):
    response = view(request_in_spanish)
    assert response.status_code == status
    assert response.headers["Content-Language"] == "es"
    assert '<html lang="es"' in response.text


def test_server_error_asks_the_database_nothing(request_in_spanish, django_assert_num_queries):
    with django_assert_num_queries(0):
        errors.server_error(request_in_spanish)


def test_server_error_is_plain_text_when_even_its_template_fails(request_in_spanish, monkeypatch):
    def fail(*args):
        raise ValueError("no manifest")

    monkeypatch.setattr(errors, "render_to_string", fail)
    response = errors.server_error(request_in_spanish)
    assert response.status_code == 500
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_error_in_a_view_shows_the_page_and_no_traceback(monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("inner detail")

    monkeypatch.setattr("strategy_site.views.count_live_items", fail)
    response = Client(raise_request_exception=False).get("/en/")
    assert response.status_code == 500
    assert "inner detail" not in response.text
    assert "<h1>" in response.text


def test_unknown_host_gets_a_page(client):
    response = client.get("/en/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert "evil.example" not in response.text


def test_form_without_its_token_gets_a_page():
    client = Client(enforce_csrf_checks=True)
    response = client.post("/admin/login/", {"username": "a", "password": "b"})
    assert response.status_code == 403
    assert "The form was not accepted" in response.text


# --- Addresses whose language is written otherwise ---


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("/ES/", "/es/"),
        ("/pt-BR/regions/?kind=a%20b&page=2", "/pt/regions/?kind=a%20b&page=2"),
        ("/Fr/regions/caf%C3%A9/", "/fr/regions/caf%C3%A9/"),
        ("/es-MX//evil.example/", "/es//evil.example/"),
    ],
)
def test_language_in_another_spelling_leads_to_the_page(client, address, leads_to):
    response = client.get(address)
    assert (response.status_code, response.headers["Location"]) == (308, leads_to)


@pytest.mark.parametrize("address", ["/xx-YY/", "/nothing/", "/es/no-such-page/"])
def test_address_without_another_spelling_is_not_found(client, address):
    assert client.get(address).status_code == 404


def test_language_in_capitals_leads_to_a_regional_form(client, settings):
    settings.LANGUAGES = [*settings.LANGUAGES, ("pt-br", "Brazilian Portuguese"), ("zh-hans", "Chinese")]
    assert client.get("/pt-BR/regions/?page=2").headers["Location"] == "/pt-br/regions/?page=2"
    assert client.get("/zh-CN/").headers["Location"] == "/zh-hans/"
