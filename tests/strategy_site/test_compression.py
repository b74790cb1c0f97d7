"""Public pages go out compressed; what may hold a secret does not."""

import gzip

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from cms.publishing.preview import preview_url
from strategy_site.compression import is_public_text
from tests.content import make_content
from tests.factories import OfficeFactory

pytestmark = pytest.mark.django_db

ACCEPT = {"Accept-Encoding": "gzip, deflate, br"}


def test_page_is_compressed_and_the_same_every_time(client):
    make_content()
    plain = client.get("/en/")
    first, second = (client.get("/en/", headers=ACCEPT) for _time in range(2))
    assert first.headers["Content-Encoding"] == "gzip"
    assert first.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(first.content) == plain.content
    assert first.content == second.content


def test_page_is_not_compressed_for_those_who_cannot_read_it(client):
    make_content()
    assert "Content-Encoding" not in client.get("/en/").headers


@pytest.mark.parametrize("path", ["/admin/", "/admin/regions/office/add/"])
def test_page_of_the_admin_is_not_compressed(admin_client, path):
    assert "Content-Encoding" not in admin_client.get(path, headers=ACCEPT).headers


def test_preview_is_not_compressed(admin_client):
    office = OfficeFactory(live=False)
    response = admin_client.get(preview_url(office), headers=ACCEPT)
    assert response.status_code == 200
    assert "Content-Encoding" not in response.headers


@pytest.mark.parametrize(
    ("media_type", "cookie", "expected"),
    [
        ("text/css; charset=utf-8", False, True),
        ("image/svg+xml", False, True),
        ("text/html", True, False),
        ("application/pdf", False, False),
        ("image/png", False, False),
    ],
)
def test_only_text_without_a_cookie_is_compressed(media_type, cookie, expected):
    response = HttpResponse("x", content_type=media_type)
    if cookie:
        response.set_cookie("name", "value")
    assert is_public_text(RequestFactory().get("/en/"), response) is expected
