"""Public pages go out compressed; what may hold a secret does not."""

import gzip

import brotli
import pytest
from django.http import HttpResponse

from cms.publishing.preview import preview_url
from tests.content import make_content
from tests.factories import OfficeFactory

pytestmark = pytest.mark.django_db

ACCEPT = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.mark.parametrize(("accepted", "decode"), [("gzip", gzip.decompress), ("gzip, deflate, br", brotli.decompress)])
def test_page_is_compressed_and_the_same_every_time(reader, accepted, decode):
    make_content()
    plain = reader.get("/en/")
    first, second = (reader.get("/en/", headers={"Accept-Encoding": accepted}) for _time in range(2))
    assert first.headers["Content-Encoding"] in ("br", "gzip")
    assert first.headers["Vary"] == "Accept-Encoding"
    assert decode(first.content) == plain.content
    assert first.content == second.content


def test_page_is_not_compressed_for_those_who_cannot_read_it(reader):
    make_content()
    assert "Content-Encoding" not in reader.get("/en/").headers


@pytest.mark.parametrize("path", ["/admin/", "/admin/regions/office/add/"])
def test_page_of_the_admin_is_not_compressed(reader, admin_user, path):
    reader.force_login(admin_user)
    assert "Content-Encoding" not in reader.get(path, headers=ACCEPT).headers


def test_preview_is_not_compressed(reader, admin_user):
    reader.force_login(admin_user)
    office = OfficeFactory(live=False)
    response = reader.get(preview_url(office), headers=ACCEPT)
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
def test_only_text_without_a_cookie_is_compressed(reader, media_type, cookie, expected):
    response = HttpResponse("x", content_type=media_type)
    if cookie:
        response.set_cookie("name", "value")
    assert reader.site.may_code({"PATH_INFO": "/en/"}, response) is expected
