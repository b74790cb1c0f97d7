"""Every kind of error, in every coding that a client may accept, is a body that its headers describe."""

import gzip
import json
from collections.abc import Callable

import brotli
import pytest
from django.http import HttpResponse
from django.urls import reverse

from cms.publishing.actions import publish, unpublish
from priorities.models import Document
from tests.content import make_content
from tests.factories import OfficeFactory
from tests.front import Reader

pytestmark = pytest.mark.django_db

DECODE = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}
ACCEPTED = ["", "gzip", "br, gzip"]
OFFICES = "/api/v1/offices/"
# Headers of a body that an error has in its place (RFC 9110, sections 8 and 14).
OF_THE_REPLACED = ("ETag", "Last-Modified", "Content-Disposition", "Content-Location", "Accept-Ranges")


def gone_page(ask: Callable) -> HttpResponse:
    office = OfficeFactory(slug="gone", live=False)
    publish(item=office, user=None)
    unpublish(item=office, user=None)
    return ask("GET", "/fr/regions/gone/")


def locked_out(ask: Callable) -> HttpResponse:
    token = ask("GET", "/admin/login/").cookies["csrftoken"].value
    form = f"csrfmiddlewaretoken={token}&username=a&password=b"
    return [ask("POST", "/admin/login/", form, "application/x-www-form-urlencoded") for _ in range(5)][-1]


def over_the_quota(ask: Callable) -> HttpResponse:
    from django.conf import settings

    settings.API_ANONYMOUS_QUOTA = 1  # the test's own, taken back after it
    return [ask("GET", OFFICES) for _ in range(2)][-1]


def broken(target: str) -> Callable:
    """Return what asks for an address whose view fails."""

    def asking(ask: Callable, monkeypatch) -> HttpResponse:
        def fail(*args, **kwargs):
            raise RuntimeError("particulars")

        monkeypatch.setattr(target, fail)
        return ask("GET", OFFICES if ".api." in target else "/fr/")

    return asking


def missing_part(ask: Callable) -> HttpResponse:
    make_content()
    document = Document.objects.first()
    return ask("GET", reverse("document", args=[document.pk, document.filename]), Range="bytes=999999999-")


PROBLEMS = {
    "address outside all views": (404, lambda ask: ask("GET", "/api/v1/nothing/here/")),
    "address below the API": (404, lambda ask: ask("GET", "/api/v7/")),
    "item that is not there": (404, lambda ask: ask("GET", f"{OFFICES}nothing/")),
    "wrong host": (400, lambda ask: ask("GET", OFFICES, Host="elsewhere.example")),
    "wrong parameter": (400, lambda ask: ask("GET", f"{OFFICES}?x=1")),
    "post to a list": (405, lambda ask: ask("POST", OFFICES)),
    "post to the docs": (403, lambda ask: ask("POST", "/api/v1/docs/")),
    "put to a problem": (403, lambda ask: ask("PUT", "/api/v1/problems/")),
    "problem that is none": (404, lambda ask: ask("GET", "/api/v1/problems/none/")),
    "try what is none": (404, lambda ask: ask("GET", "/api/v1/docs/try/?operation=none")),
    "other format": (406, lambda ask: ask("GET", OFFICES, Accept="text/html")),
    "large body": (413, lambda ask: ask("POST", OFFICES, "a" * 70_000)),
    "long address": (414, lambda ask: ask("GET", f"{OFFICES}{'a' * 9_000}/")),
    "key that is none": (401, lambda ask: ask("GET", OFFICES, Authorization="Bearer none")),
    "too many requests": (429, over_the_quota),
    "fault": (500, broken("cms.api.views.public_rows")),
    "catalog, wrong host": (400, lambda ask: ask("GET", "/.well-known/api-catalog", Host="elsewhere.example")),
}
PAGES = {
    "page that is not there": (404, lambda ask: ask("GET", "/fr/regions/nothing/")),
    "page that is gone": (410, gone_page),
    "page, wrong host": (400, lambda ask: ask("GET", "/fr/", Host="elsewhere.example")),
    "page, wrong filter": (400, lambda ask: ask("GET", "/fr/objectives/?kind=none")),
    "page, wrong method": (403, lambda ask: ask("POST", "/fr/regions/")),
    "page in Markdown that is not there": (404, lambda ask: ask("GET", "/fr/regions/nothing.md")),
    "preview that is none": (404, lambda ask: ask("GET", "/preview/none/fr/")),
    "large form": (413, lambda ask: ask("POST", "/admin/login/", "a" * 70_000)),
    "form without its token": (403, lambda ask: ask("POST", "/admin/login/")),
    "admin without a session": (403, lambda ask: ask("POST", "/admin/regions/office/add/")),
    "too many log-ins": (429, locked_out),
    "part that a file has not": (416, missing_part),
    "page, fault": (500, broken("strategy_site.views.count_live_items")),
}


def answer_to(kind: Callable, accepted: str, monkeypatch) -> HttpResponse:
    client = Reader(raise_request_exception=False)  # whose answers are coded

    def ask(method: str, address: str, body: str = "", media_type: str = "text/plain", **headers) -> HttpResponse:
        usual = {"Accept-Encoding": accepted, "Accept-Language": "fr"}
        return client.generic(method, address, body, media_type, headers={**usual, **headers})

    return kind(ask, monkeypatch) if kind.__name__ == "asking" else kind(ask)


def body_of(answer: HttpResponse, accepted: str) -> bytes:
    """Return the body of ``answer`` as a client reads it, after looking at the headers that describe it."""
    coding = answer.get("Content-Encoding", "")
    assert coding in ("", *accepted.split(", "))
    assert answer.get("Content-Length", str(len(answer.content))) == str(len(answer.content))
    assert not [name for name in OF_THE_REPLACED if name in answer.headers]
    assert not coding or "Accept-Encoding" in answer["Vary"]
    return DECODE[coding](answer.content)


@pytest.mark.parametrize("accepted", ACCEPTED)
@pytest.mark.parametrize("kind", PROBLEMS)
def test_problem_can_be_read_in_every_coding(kind, accepted, monkeypatch, settings):
    status, asking = PROBLEMS[kind]
    answer = answer_to(asking, accepted, monkeypatch)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    problem = json.loads(body_of(answer, accepted))
    assert problem["status"] == status
    assert answer["Content-Language"] == "fr"
    assert "Accept-Language" in answer["Vary"]
    assert "X-Request-ID" in answer.headers


@pytest.mark.parametrize("accepted", ACCEPTED)
@pytest.mark.parametrize("kind", PAGES)
def test_error_page_can_be_read_in_every_coding(kind, accepted, monkeypatch):
    status, asking = PAGES[kind]
    answer = answer_to(asking, accepted, monkeypatch)
    assert answer.status_code == status
    body_of(answer, accepted).decode()
