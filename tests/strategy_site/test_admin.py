"""The admin as a whole: its front page, the interface language, the policy, the login."""

import re

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms.content.models import ContentModel
from cms.publishing.actions import unpublish
from cms.publishing.models import RoleAssignment
from cms.translations.counts import recount_all
from tests.factories import (
    AlignmentFactory,
    ObjectiveFactory,
    OfficeFactory,
    OrganizationFactory,
    OutlineEntryFactory,
    PartnershipFactory,
    SectionFactory,
)

pytestmark = pytest.mark.django_db

CONTENT_ADMINS = {
    model._meta.label_lower: model
    for model in admin.site._registry
    if issubclass(model, ContentModel) and model._meta.model_name != "frameworkgoal"
}


def fill(number: int):
    for office in OfficeFactory.create_batch(number):
        SectionFactory.create_batch(2, office=office)
        PartnershipFactory(office=office)
        PartnershipFactory(office=office, live=False)
        objective = ObjectiveFactory(strategy__office=office)
        AlignmentFactory(objective=objective)
        OutlineEntryFactory.create_batch(2, strategy=objective.strategy)
    unpublish(item=office, user=None)


def row_of(response, name) -> dict:
    return next(
        row for group in response.context["content_groups"] for row in group["rows"] if row["name"].lower() == name
    )


def test_queries_of_the_front_page_do_not_grow(admin_client):
    OrganizationFactory()
    counts = []
    for number in (2, 15):
        fill(number)
        admin_client.get(reverse("admin:index"))
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(reverse("admin:index"))
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 35


def test_front_page_counts_lead_to_the_items_they_count(admin_client):
    fill(3)
    recount_all()
    row = row_of(admin_client.get(reverse("admin:index")), "offices")
    assert [figure["count"] for figure in row["statuses"]] == [0, 2, 1]
    assert [figure["count"] for figure in row["missing"]] == [0, 3, 3, 3]
    for figure in [*row["statuses"], *row["missing"]]:
        if figure["count"]:
            listed = admin_client.get(figure["url"]).context["cl"].result_list
            assert len(listed) == figure["count"]


def test_front_page_names_what_was_never_published(admin_client):
    office = OfficeFactory(live=False, name_en="New office")
    page = admin_client.get(reverse("admin:index"))
    assert [item["name"] for group in page.context["unpublished"] for item in group["items"]] == [str(office)]


def test_front_page_shows_only_what_the_user_may_see(client, django_user_model):
    own = OfficeFactory(name_en="Own office")
    user = django_user_model.objects.create_user("editor", is_staff=True)
    RoleAssignment.objects.create(user=user, role="editor", scope=own)
    client.force_login(user)
    OfficeFactory(live=False, name_en="Secret office")
    page = client.get(reverse("admin:index"))
    assert "Own office" in page.text
    assert "Secret office" not in page.text


def test_front_page_of_staff_without_a_role_names_no_draft(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("nobody", is_staff=True))
    OfficeFactory(live=False, name_en="Secret office")
    assert "Secret office" not in client.get(reverse("admin:index")).text


def test_front_page_of_an_empty_site(admin_client):
    assert admin_client.get(reverse("admin:index")).status_code == 200


def test_content_comes_before_accounts(admin_client):
    apps = admin_client.get(reverse("admin:index")).context["app_list"]
    assert [app["app_label"] for app in apps] == [
        "regions",
        "priorities",
        "partners",
        "search",
        "auth",
        "publishing",
        "translations",
        "api",
        "webhooks",
    ]


@pytest.mark.parametrize("view", ["changelist", "add"])
@pytest.mark.parametrize("label", CONTENT_ADMINS)
def test_every_page_of_content_opens(admin_client, label, view):
    name = label.replace(".", "_")
    assert admin_client.get(reverse(f"admin:{name}_{view}")).status_code == 200


@pytest.mark.parametrize("pk", ["x", "1", "00000000-0000-0000-0000-000000000000"])
def test_item_that_is_not_there_leads_to_the_front_page(admin_client, pk):
    response = admin_client.get(f"/admin/regions/office/{pk}/change/")
    assert (response.status_code, response["Location"]) == (302, "/admin/")


def test_scripts_of_a_form_carry_the_nonce_of_its_policy(admin_client):
    response = admin_client.get(reverse("admin:regions_office_add"))
    nonce = re.search(r"'nonce-([^']+)'", response["Content-Security-Policy"]).group(1)
    assert f'<script type="importmap" nonce="{nonce}">' in response.text
    assert "unsafe" not in response["Content-Security-Policy"]


@pytest.mark.parametrize("url", ["/admin/login/", "/admin/"])
def test_pages_without_editor_have_no_nonce(admin_client, client, url):
    response = (client if "login" in url else admin_client).get(url)
    assert "nonce" not in response["Content-Security-Policy"]


@pytest.mark.parametrize("url", ["/admin/", "/admin/regions/office/add/", "/admin/password_change/"])
def test_pages_have_nothing_inline(admin_client, url):
    text = admin_client.get(url).text
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style", text)
    for attributes in re.findall(r"<script([^>]*)>", text):
        assert re.search(r'src=|application/json|importmap|type="module"', attributes), attributes


@pytest.mark.parametrize(("code", "word"), [("es", "Cerrar sesión"), ("fr", "Déconnexion"), ("pt", "Sair")])
def test_interface_speaks_the_chosen_language(admin_client, code, word):
    admin_client.post(reverse("set_language"), {"language": code, "next": "/admin/"})
    page = admin_client.get("/admin/")
    assert f'<html lang="{code}"' in page.text
    assert word in page.text


def test_login_page_offers_the_languages_by_their_own_names(client):
    page = client.get(reverse("admin:login"))
    assert [name for name in ("English", "Español", "Français", "Português") if name not in page.text] == []


def lock_out(client, **headers):
    for _ in range(5):
        response = client.post(reverse("admin:login"), {"username": "admin", "password": "wrong"}, **headers)
    return response


def test_too_many_wrong_passwords_say_when_to_come_back(client, admin_user):
    response = lock_out(client)
    assert (response.status_code, response["Retry-After"]) == (429, "900")
    assert "closed from your address for 15 minutes" in response.text
    assert "Content-Security-Policy" in response


def test_right_password_does_not_open_a_closed_login(client, admin_user):
    lock_out(client)
    response = client.post(reverse("admin:login"), {"username": "admin", "password": "password"})
    assert response.status_code == 429


def test_another_name_is_not_locked_out(client, admin_user, django_user_model):
    django_user_model.objects.create_user("other", password="a good password", is_staff=True)
    lock_out(client)
    response = client.post(reverse("admin:login"), {"username": "other", "password": "a good password"})
    assert response.status_code == 302
