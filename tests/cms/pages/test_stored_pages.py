"""Stored pages: answered in front of Django as long as nothing that they show has changed."""

import gzip
import inspect
import re

import brotli
import pytest
from django.urls import get_resolver

from cms.publishing import actions
from priorities.models import Strategy
from tests.content import make_content
from tests.factories import OfficeFactory, PartnerFactory

pytestmark = pytest.mark.django_db

BR = {"Accept-Encoding": "gzip, deflate, br"}
ADDRESS = "/en/partners/"


def status_of(response) -> str:
    return response.headers["Cache-Status"]


def test_page_is_rendered_once(reader, django_assert_num_queries):
    first = reader.get(ADDRESS)
    assert status_of(first) == "site; fwd=miss; stored"
    with django_assert_num_queries(1):  # of the version
        second = reader.get(ADDRESS)
    assert status_of(second) == "site; hit"
    assert second.content == first.content


def test_every_header_is_as_a_render_gives_it(reader, client):
    rendered = client.get(ADDRESS)
    for _time in range(2):
        stored = reader.get(ADDRESS)
        for name, value in rendered.items():
            if name != "Content-Length":
                assert stored.headers[name] == value, name
        assert stored.content == rendered.content
        assert stored.headers["Cache-Control"] == "no-cache"


def test_page_that_a_reader_has_is_not_sent_again(reader):
    tag = reader.get(ADDRESS).headers["ETag"]
    again = reader.get(ADDRESS, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert again.headers["Vary"] == "Accept-Encoding"
    assert again.headers["Cache-Control"] == "no-cache"
    assert again.headers["Content-Language"] == "en"


def test_each_coding_has_a_tag_of_its_own(reader):
    plain = reader.get(ADDRESS)
    coded = {coding: reader.get(ADDRESS, headers={"Accept-Encoding": coding}) for coding in ("br", "gzip")}
    assert brotli.decompress(coded["br"].content) == gzip.decompress(coded["gzip"].content) == plain.content
    assert len({answer.headers["ETag"] for answer in (plain, *coded.values())}) == 3
    assert coded["br"].headers["Content-Encoding"] == "br"
    assert reader.get(ADDRESS, headers={**BR, "If-None-Match": plain.headers["ETag"]}).status_code == 200


def test_head_has_the_headers_of_get(reader):
    whole, head = reader.get(ADDRESS), reader.head(ADDRESS)
    assert head.content == b""
    assert head.headers["Content-Length"] == str(len(whole.content))
    assert head.headers["ETag"] == whole.headers["ETag"]


def test_request_after_a_publication_shows_it(reader):
    reader.get(ADDRESS)
    partner = PartnerFactory(live=False)
    name = str(partner)
    assert name not in reader.get(ADDRESS).text
    actions.publish(item=partner, user=None)
    assert name in reader.get(ADDRESS).text
    actions.unpublish(item=partner, user=None)
    assert name not in reader.get(ADDRESS).text


def test_unknown_parameters_make_no_second_copy(reader):
    first = reader.get(ADDRESS)
    other = reader.get(f"{ADDRESS}?utm_source=mail&x=1")
    assert status_of(other) == "site; hit"
    assert other.content == first.content


def test_known_parameters_count_in_whatever_order(reader):
    make_content()
    assert status_of(reader.get(f"{ADDRESS}?kind=government&page=1")) == "site; fwd=miss; stored"
    assert status_of(reader.get(f"{ADDRESS}?page=1&kind=government")) == "site; hit"
    assert status_of(reader.get(ADDRESS)) == "site; fwd=miss; stored"


def stored_views() -> dict[type, tuple[str, ...]]:
    """Return the views of the site that name the parameters which they know, with those."""
    found, waiting = {}, [get_resolver()]
    while waiting:
        for pattern in waiting.pop().url_patterns:
            if hasattr(pattern, "url_patterns"):
                waiting.append(pattern)
                continue
            view = getattr(pattern.callback, "view_class", None)
            known = getattr(view, "stored_parameters", None)
            known = known() if callable(known) else known
            if view and isinstance(known, tuple):
                found[view] = known
    return found


def test_views_name_every_parameter_that_they_read():
    """A stored page is rendered without the others."""
    views = stored_views()
    assert len(views) > 20
    for view, known in views.items():
        for each in view.__mro__:
            if each.__module__.startswith(("django.", "builtins")):
                continue
            read = re.findall(r"""\bGET(?:\.get|\.getlist)?[\[(]["'](\w+)["']""", inspect.getsource(each))
            assert set(read) <= set(known), view


def test_part_of_a_comparison_is_a_page_of_its_own(reader):
    make_content()
    chosen = "&".join(f"s={strategy.slug}" for strategy in Strategy.objects.live()[:2])
    whole = reader.get(f"/en/compare/?{chosen}")
    part = reader.get(f"/en/compare/?{chosen}&part=whole")
    assert (whole.status_code, part.status_code) == (200, 200)
    assert part.content != whole.content


def test_cookies_neither_bypass_nor_vary(reader):
    first = reader.get(ADDRESS)
    reader.cookies["sessionid"] = "x"
    reader.cookies["django_language"] = "fr"
    assert reader.get(ADDRESS).content == first.content
    assert status_of(reader.get(ADDRESS)) == "site; hit"


@pytest.mark.parametrize("address", ["/admin/login/", "/healthz", "/static/img/favicon.ico", "/en/nothing/here/"])
def test_what_is_not_for_everybody_is_not_stored(reader, address):
    for _time in range(2):
        assert "Cache-Status" not in reader.get(address).headers


def test_host_that_is_not_ours_is_refused_though_the_page_is_stored(reader):
    reader.get(ADDRESS)
    assert reader.get(ADDRESS, headers={"Host": "evil.example"}).status_code == 400


def test_page_is_not_given_past_the_redirect_to_https(reader, settings):
    from tests.front import Reader

    reader.get(ADDRESS)
    settings.SECURE_SSL_REDIRECT = True
    assert Reader().get(ADDRESS).status_code == 301


def test_root_leads_to_the_language_of_each_reader(reader):
    for language in ("es", "fr", "es"):
        assert reader.get("/", headers={"Accept-Language": language}).headers["Location"] == f"/{language}/"


def test_page_that_is_not_there_appears_when_it_is_published(reader):
    office = OfficeFactory(live=False)
    address = office.get_absolute_url()
    assert reader.get(address).status_code == 404
    assert status_of(reader.get(address)) == "site; hit"
    actions.publish(item=office, user=None)
    assert reader.get(address).status_code == 200


def test_copies_survive_a_restart(reader):
    from tests.front import Reader

    first = reader.get(ADDRESS)
    again = Reader().get(ADDRESS)  # another process has a memory of its own
    assert status_of(again) == "site; hit"
    assert again.content == first.content


def test_copy_that_was_spoiled_is_made_anew(reader):
    from tests.front import Reader

    reader.get(ADDRESS)
    for path in reader.site.disk.folder.glob("*/*"):
        path.write_bytes(path.read_bytes()[:-20])
    assert status_of(Reader().get(ADDRESS)) == "site; fwd=miss; stored"
