"""Previews: who sees them, for how long, what is in them, and that nothing of them stays or leads out."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.urls import get_script_prefix, reverse
from django.utils import timezone
from lxml import html

from cms.content.models import Publishable
from cms.content.snapshots import snapshot
from cms.publishing import actions
from cms.publishing.models import PreviewLink, Release, Revision, content_version
from cms.publishing.preview import SALT, link_url, preview_url
from regions.models import Office
from tests.cms.publishing.permission_world import everything
from tests.factories import (
    DocumentFactory,
    ObjectiveFactory,
    OfficeFactory,
    OrganizationFactory,
    PillarFactory,
    StrategyFactory,
)

pytestmark = pytest.mark.django_db

LANGUAGES = ("en", "es", "fr", "pt")


def draft(item, **columns):
    data = snapshot(item)
    data["fields"].update(columns)
    return actions.save_draft(item=item, data=data, user=None, opened_on=None)


@pytest.fixture
def owner(django_user_model):
    return django_user_model.objects.create_superuser("owner")


@pytest.fixture
def office():
    office = OfficeFactory(slug="north", name_en="Live name")
    draft(office, **{f"name_{code}": f"Draft name {code}" for code in LANGUAGES})
    return office


@pytest.fixture
def link(office, owner):
    return actions.share(item=office, user=owner)


# --- What it opens besides ---


def test_link_to_an_objective_says_that_it_opens_a_strategy_that_is_not_public(client, admin_client, owner):
    strategy = StrategyFactory(live=False, title_en="The hidden plan")
    objective = ObjectiveFactory(strategy=strategy, live=False)
    said = "It opens this as well, which is not public either: The hidden plan."
    review = reverse("admin:priorities_objective_review", args=[objective.pk])
    assert said in html.fromstring(admin_client.get(review).text).text_content().replace("\n", " ")
    for address in (link_url(actions.share(item=objective, user=owner)), preview_url(objective)):
        page = html.fromstring(admin_client.get(address).text).find_class("preview-banner")[0]
        assert said in " ".join(page.text_content().split())


def test_link_whose_item_belongs_to_what_is_public_says_nothing_more(client, owner):
    objective = ObjectiveFactory(live=False)
    assert "opens this as well" not in client.get(link_url(actions.share(item=objective, user=owner))).text


# --- Who, and for how long ----------------------------------------------------------


def test_link_opens_without_an_account(client, link):
    response = client.get(link_url(link))
    assert response.status_code == 200
    assert "Draft name en" in response.content.decode()


def test_link_shows_the_draft_as_it_was_when_it_was_made(client, office, link):
    draft(office, name_en="Later draft")
    text = client.get(link_url(link)).content.decode()
    assert "Draft name en" in text
    assert "Later draft" not in text


def test_each_link_shows_its_own_item(client, office, link, owner):
    other = OfficeFactory(slug="south")
    draft(other, name_en="Other draft")
    text = client.get(link_url(actions.share(item=other, user=owner))).content.decode()
    assert "Other draft" in text
    assert "Draft name en" in client.get(link_url(link)).content.decode()


def test_link_to_what_was_published_shares_its_revision_and_one_after_a_discarded_draft_a_new_one(owner):
    office = OfficeFactory(live=False)
    actions.publish(item=office, user=None)
    assert actions.share(item=office, user=owner).revision == Revision.objects.of(office).get()
    draft(office, name_en="Changed")
    actions.discard(item=office, user=None)
    again = actions.share(item=office, user=owner).revision
    assert again not in Revision.objects.of(office).filter(number__lte=2)
    assert again.manifest["en"] == 1


def test_link_that_expired_is_404(client, link):
    url = link_url(link)
    PreviewLink.objects.update(expires_at=timezone.now())
    assert client.get(url).status_code == 404


def test_link_lasts_seven_days(link):
    assert timedelta(days=6, hours=23) < link.expires_at - timezone.now() <= timedelta(days=7)


def test_link_that_was_revoked_is_404(client, link, owner):
    url = link_url(link)
    actions.revoke(link=link, user=owner)
    assert client.get(url).status_code == 404


def test_link_of_a_deleted_item_is_404(client, office, link):
    url = link_url(link)
    actions.delete(item=office, user=None)
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    "token",
    [
        lambda link: str(link.pk),
        lambda link: "x",
        lambda link: signing.Signer(salt="another").sign_object(["link", str(link.pk)]),
        lambda link: signing.Signer(salt=SALT).sign_object(["link", str(link.pk)])[:-1] + "~",
        lambda link: signing.Signer(salt=SALT, key="another key").sign_object(["link", str(link.pk)]),
        lambda link: signing.Signer(salt=SALT).sign_object("text"),
        lambda link: signing.Signer(salt=SALT).sign_object({"a": 1}),
        lambda link: signing.Signer(salt=SALT).sign_object(["link", "no uuid"]),
        lambda link: signing.Signer(salt=SALT).sign_object(["regions.office", "no uuid"]),
        lambda link: signing.Signer(salt=SALT).sign_object(["regions.unknown", str(link.pk)]),
        lambda link: signing.Signer(salt=SALT).sign_object(["auth.user", "1"]),
        lambda link: signing.Signer(salt=SALT).sign_object(["link", None]),
    ],
    ids=[
        "unsigned", "rubbish", "another salt", "changed", "another key", "no pair", "no list", "no identifier",
        "no identifier of an item", "no model", "no content", "nothing",
    ],
)  # fmt: skip
def test_forged_token_is_404(admin_client, link, token):
    url = reverse("preview", args=[token(link), "en/regions/north/"])
    assert admin_client.get(url).status_code == 404


def test_staff_address_is_nothing_without_a_session(client, office):
    response = client.get(preview_url(office))
    assert response.status_code == 403
    assert "Draft name" not in response.content.decode()


@pytest.mark.parametrize(
    ("role", "where", "status"),
    [
        ("translator", "own", 200),
        ("editor", "own", 200),
        ("publisher", "own", 200),
        ("editor", "another", 403),
        ("administrator", "another", 403),
        (None, "own", 403),
    ],
)
def test_staff_address_asks_for_the_role(client, log_in, office, role, where, status):
    scope = office if where == "own" else OfficeFactory()
    log_in(role, scope, ["es"] if role == "translator" else [])
    response = client.get(preview_url(office))
    assert response.status_code == status
    assert ("Draft name" in response.content.decode()) == (status == 200)


def test_release_with_an_item_of_another_office_is_closed(client, log_in, office):
    release = release_with(office)
    log_in("publisher", OfficeFactory())
    assert client.get(preview_url(release)).status_code == 403


# --- What answers say -----------------------------------------------------------------


def test_preview_is_never_kept_or_found(client, link):
    response = client.get(link_url(link))
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "noindex" in response.headers["X-Robots-Tag"]
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert "ETag" not in response.headers
    assert "Last-Modified" not in response.headers
    assert response.cookies == {}


def test_public_page_stays_the_same_beside_its_preview(client, office, link):
    public = client.get("/en/regions/north/").content
    client.get(link_url(link))
    assert client.get("/en/regions/north/").content == public
    assert b"Draft name" not in public


def test_nobody_is_signed_in_inside(admin_client, office):
    response = admin_client.get(preview_url(office))
    assert isinstance(response.context["request"].user, AnonymousUser)
    back = reverse("admin:regions_office_change", args=[office.pk])  # the one thing that staff are told as such
    assert "admin" not in response.content.decode().replace("/static/admin", "").replace(back, "", 1)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_sent(client, link, method):
    rows = everything()
    assert getattr(client, method)(link_url(link)).status_code == 405
    assert everything() == rows


@pytest.mark.parametrize("language", LANGUAGES)
def test_preview_in_every_language(client, link, language):
    response = client.get(link_url(link, language=language))
    text = response.content.decode()
    assert f"Draft name {language}" in text
    assert f'lang="{language}"' in text
    assert response.headers["Content-Language"] == language


# --- What is in it ----------------------------------------------------------------------


def addresses(response) -> set[str]:
    """Return the addresses that a page leads to, but for fragments and the site's own static files."""
    page = html.fromstring(response.content.decode())
    found = {value for element in page.iter() for name in ("href", "src", "action") if (value := element.get(name))}
    return {value for value in found if not value.startswith(("#", "/static/", "mailto:", "data:"))}


def test_links_stay_inside_the_preview(client, office, owner):
    OrganizationFactory()
    objective = ObjectiveFactory(strategy__office=office, strategy__live=False)
    DocumentFactory(strategy=objective.strategy)
    actions.publish(item=objective.strategy, user=owner)
    link = actions.share(item=objective.strategy, user=owner)
    response = client.get(link_url(link))
    inside = link_url(link).split("/en/")[0]
    local = {url for url in addresses(response) if not urlsplit(url).netloc}
    assert any("/documents/" in url for url in local)
    assert any("theme.css" in url for url in local)
    assert {url for url in local if not url.startswith((inside, "?", "/api/"))} == set()
    for url in local:
        if url.startswith(inside):
            answer = client.get(url)
            assert answer.status_code == 200, url
            assert answer.getvalue(), url


def test_style_sheet_and_documents_are_those_of_the_draft(client, owner):
    pillar = PillarFactory(slug="green", colour="#1f4e79")
    strategy = StrategyFactory(live=False)
    document = DocumentFactory(strategy=strategy)
    draft(pillar, colour="#7a1f4e")
    release = release_with(pillar, strategy)
    inside = link_url(actions.share(item=release, user=owner)).split("/en/")[0]
    assert b"#7a1f4e" in client.get(f"{inside}/theme.css").content
    assert b"#7a1f4e" not in client.get("/theme.css").content
    path = document.get_absolute_url()
    assert client.get(path).status_code == 404
    assert client.get(f"{inside}{path}").getvalue().startswith(b"%PDF")


@pytest.mark.parametrize(
    "path",
    [
        "admin/",
        "admin/regions/office/",
        "api/v1/docs/",
        "api/v1/problems/",
        "i18n/setlang/",
        "healthz",
        "favicon.ico",
        "preview/x/en/",
        "en/preview/",
        "xx/",
        "media/x",
        "//evil.example/",
        "en/../admin/",
        "en/\0/",
    ],
)
def test_other_addresses_are_not_reached_through_it(admin_client, link, path):
    token = link_url(link).split("/")[2]
    response = admin_client.get(reverse("preview", args=[token, "x"])[:-1] + path)
    assert response.status_code == 404


# --- What it leaves ------------------------------------------------------------------------


def test_nothing_stays(client, office, link):
    rows, version = everything(), content_version()
    for language in LANGUAGES:
        client.get(link_url(link, language=language))
    assert everything() == rows
    assert content_version() == version
    assert "Live name" in client.get("/en/regions/north/").content.decode()


@pytest.mark.parametrize("path", ["en/regions/nowhere/", "nowhere", "en/strategies/?page=99"])
def test_script_prefix_is_put_back_after_a_page_that_is_not_there(client, link, path):
    token = link_url(link).split("/")[2]
    rows = everything()
    assert client.get(f"/preview/{token}/{path}").status_code == 404
    assert get_script_prefix() == "/"
    assert everything() == rows


def test_script_prefix_and_rows_are_put_back_after_an_error(client, link, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("broken")

    rows = everything()
    monkeypatch.setattr("regions.views.OfficeDetailView.get_context_data", fail)
    with pytest.raises(RuntimeError):
        client.get(link_url(link))
    assert get_script_prefix() == "/"
    assert everything() == rows


def test_language_is_put_back(client, link):
    from django.utils.translation import get_language, override

    with override("pt"):
        client.get(link_url(link, language="es"))
        client.get("/en/")
    assert get_language() == "en"


# --- What never was public, releases, drafts that clash ---------------------------------------


def test_item_in_parents_that_were_never_public(client, owner):
    office = OfficeFactory(live=False, name_en="New office")
    strategy = StrategyFactory(live=False, office=office, title_en="New strategy")
    objective = ObjectiveFactory(live=False, strategy=strategy, statement_en="New objective.", pillar__live=False)
    draft(objective, statement_en="Drafted objective.")
    url = link_url(actions.share(item=objective, user=owner))
    text = client.get(url).content.decode()
    assert "Drafted objective." in text
    assert "New strategy" in text
    assert client.get(url.split("/en/")[0] + strategy.get_absolute_url()).status_code == 200
    assert not Office.objects.live().exists()
    assert Publishable.Status.UNPUBLISHED == Office.objects.get().status


def release_with(*items):
    release = Release.objects.create(title="Everything new")
    actions.add_to_release(release=release, items=items, user=None)
    return release


def test_release_shows_the_whole_site_as_it_will_be(admin_client, client, office):
    strategy = StrategyFactory(live=False, office=office, title_en="New strategy")
    objective = ObjectiveFactory(live=False, strategy=strategy, statement_en="New objective.")
    other = OfficeFactory(name_en="Another office")
    draft(other, name_en="Draft that is not in the release")
    release = release_with(office, strategy, objective)
    inside = preview_url(release).split("/en/")[0]
    expected = {
        "/en/": "Draft name en",
        "/en/regions/": "Draft name en",
        "/en/regions/north/": "New strategy",
        strategy.get_absolute_url(): "New objective.",
        "/en/objectives/": "New objective.",
    }
    for path, words in expected.items():
        text = admin_client.get(inside + path).content.decode()
        assert words in text, path
        assert "not in the release" not in text, path
    assert client.get(strategy.get_absolute_url()).status_code == 404


def test_pages_are_told_that_they_are_a_preview(admin_client, office):
    release = release_with(office)
    shown = admin_client.get(preview_url(release)).context["request"].preview
    assert (shown.title, shown.expires_at) == ("Everything new", None)


def test_draft_whose_name_was_taken_meanwhile_is_told_and_not_an_error(admin_client, owner):
    office = OfficeFactory(slug="mine", name_en="Live name")
    draft(office, slug="taken", name_en="Draft name")
    OfficeFactory(slug="taken")
    link = actions.share(item=office, user=owner)
    rows = everything()
    for url in (preview_url(office), link_url(link)):
        response = admin_client.get(url)
        assert response.status_code == 400
    assert everything() == rows
