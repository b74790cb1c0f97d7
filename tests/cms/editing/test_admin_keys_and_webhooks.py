"""Keys and webhook endpoints in the admin: for administrators, with secrets that are shown once."""

import re

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from cms.api.models import ApiKey, ApiUsage
from cms.publishing.models import RoleAssignment
from cms.webhooks.models import WebhookDelivery, WebhookEndpoint
from tests.factories import OfficeFactory

pytestmark = pytest.mark.django_db

SECRET = re.compile(r'id="secret"[^>]* value="([^"]+)"')


@pytest.fixture
def key(db):
    row = ApiKey(name="Partner")
    row.renew()
    row.save()
    return row


@pytest.fixture
def endpoint(db):
    return WebhookEndpoint.objects.create(name="Partner", url="https://partner.example.org/", secret="whsec_AAAA")


def log_in(client, role: str, scope=None) -> None:
    user = User.objects.create(username=role, is_staff=True)
    RoleAssignment.objects.create(user=user, role=role, scope=scope)
    client.force_login(user)


def add_key(admin_client, **values):
    return admin_client.post(reverse("admin:api_apikey_add"), {"name": "Forum", **values})


def test_new_key_is_shown_once(admin_client):
    response = add_key(admin_client)
    key = SECRET.search(response.content.decode())[1]
    assert ApiKey.objects.get().digest == ApiKey.digest_of(key)
    assert "no-store" in response["Cache-Control"]
    later = admin_client.get(reverse("admin:api_apikey_change", args=[ApiKey.objects.get().pk]))
    assert key not in later.content.decode()


def test_new_secret_is_in_no_cookie(admin_client):
    response = add_key(admin_client)
    key = SECRET.search(response.content.decode())[1]
    assert not any(key in morsel.value for morsel in response.cookies.values())


def test_limit_of_nothing_is_refused(admin_client):
    response = add_key(admin_client, quota="0")
    assert response.status_code == 200
    assert not ApiKey.objects.exists()


def test_key_is_revoked_by_its_button(admin_client, key):
    admin_client.post(reverse("admin:api_apikey_command", args=[key.pk, "revoke"]))
    assert not ApiKey.objects.usable().exists()


def test_button_needs_post(admin_client, key):
    response = admin_client.get(reverse("admin:api_apikey_command", args=[key.pk, "revoke"]))
    assert response.status_code == 405
    assert ApiKey.objects.usable().exists()


def test_unknown_command_is_not_found(admin_client, key):
    assert admin_client.post(reverse("admin:api_apikey_command", args=[key.pk, "x"])).status_code == 404


def test_use_of_a_key_is_shown_by_day(admin_client, key):
    ApiUsage.add(key.pk, requests=3, refused=0)
    ApiUsage.add(key.pk, requests=1, refused=1)
    response = admin_client.get(reverse("admin:api_apikey_usage", args=[key.pk]))
    today = response.context["days"][-1]
    assert (today["requests"], today["refused"]) == (4, 1)
    assert "<svg" in response.content.decode()


def test_list_of_keys_costs_the_same_for_many(admin_client, key, django_assert_max_num_queries):
    for number in range(10):
        row = ApiKey(name=str(number))
        row.renew()
        row.save()
    with django_assert_max_num_queries(8):
        admin_client.get(reverse("admin:api_apikey_changelist"))


def test_new_endpoint_shows_its_secret_and_hears_of_what_comes(admin_client):
    values = {"name": "Forum", "url": "https://forum.example.org/hook", "is_active": "on"}
    response = admin_client.post(reverse("admin:webhooks_webhookendpoint_add"), values)
    assert SECRET.search(response.content.decode())[1] == WebhookEndpoint.objects.get().secret


def test_endpoint_inside_our_network_is_refused(admin_client):
    values = {"name": "Forum", "url": "https://169.254.169.254/latest", "is_active": "on"}
    response = admin_client.post(reverse("admin:webhooks_webhookendpoint_add"), values)
    assert "private or local" in response.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_renewed_secret_leaves_the_former_one_for_a_day(admin_client, endpoint):
    admin_client.post(reverse("admin:webhooks_webhookendpoint_command", args=[endpoint.pk, "secret"]))
    endpoint.refresh_from_db()
    assert endpoint.secrets_now()[1] == "whsec_AAAA"


def test_test_message_is_queued(admin_client, endpoint):
    admin_client.post(reverse("admin:webhooks_webhookendpoint_command", args=[endpoint.pk, "test"]))
    assert WebhookDelivery.objects.get().event == WebhookDelivery.Event.ENDPOINT_TEST


def test_deliveries_can_be_read(admin_client, endpoint):
    admin_client.post(reverse("admin:webhooks_webhookendpoint_command", args=[endpoint.pk, "test"]))
    delivery = WebhookDelivery.objects.get()
    response = admin_client.get(reverse("admin:webhooks_webhookdelivery_change", args=[delivery.pk]))
    assert delivery.message_id in response.content.decode()


PAGES = [
    "api_apikey_changelist",
    "api_apikey_add",
    "webhooks_webhookendpoint_changelist",
    "webhooks_webhookendpoint_add",
    "webhooks_webhookdelivery_changelist",
]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", ["translator", "editor", "publisher"])
def test_only_administrators_see_keys_and_webhooks(client, page, role):
    log_in(client, role)
    assert client.get(reverse(f"admin:{page}")).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_administrator_of_one_office_sees_none(client, page):
    log_in(client, "administrator", OfficeFactory())
    assert client.get(reverse(f"admin:{page}")).status_code == 403


@pytest.mark.parametrize("command", ["revoke"])
def test_request_made_by_hand_revokes_nothing(client, key, command):
    log_in(client, "publisher")
    response = client.post(reverse("admin:api_apikey_command", args=[key.pk, command]))
    assert response.status_code == 403
    assert ApiKey.objects.usable().exists()
