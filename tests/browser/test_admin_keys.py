"""The admin's pages of keys and webhooks: no barriers, on a phone in the dark and at a desk in the light."""

import pytest
from django.urls import reverse
from django.utils import timezone

from cms.api.models import ApiKey, ApiUsage
from cms.webhooks.models import WebhookDelivery, WebhookEndpoint
from tests.browser.admin import log_in
from tests.browser.test_admin_accessibility import serious_violations


@pytest.fixture
def rows(db) -> dict[str, list]:
    """Return the arguments of addresses: a key that was used, an endpoint, a delivery that was given up."""
    key = ApiKey(name="Regional forum on migration", contact="systems@example.org", quota=120)
    key.renew()
    key.save()
    ApiUsage.objects.create(key=key, hour=timezone.now(), requests=1234, refused=5)
    endpoint = WebhookEndpoint.objects.create(name="Forum", url=f"https://forum.example.org/{'x' * 90}", secret="s")
    delivery = WebhookDelivery.objects.create(
        endpoint=endpoint, event="content.changed", state="failed", body=f'{{"data": "{"x" * 300}"}}', failures=1
    )
    return {"apikey": [key.pk], "webhookendpoint": [endpoint.pk], "webhookdelivery": [delivery.pk]}


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
@pytest.mark.parametrize(
    "name",
    [
        *("api_apikey_changelist", "api_apikey_add", "api_apikey_change", "api_apikey_usage"),
        *("webhooks_webhookendpoint_changelist", "webhooks_webhookendpoint_add", "webhooks_webhookendpoint_change"),
        *("webhooks_webhookdelivery_changelist", "webhooks_webhookdelivery_change"),
    ],
)
def test_page_has_no_serious_violation(page, admin_user, live_server, rows, name, width, scheme):
    log_in(page, admin_user, live_server)
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    _app, model, kind = name.split("_")
    page.goto(reverse(f"admin:{name}", args=rows[model] if kind in {"change", "usage"} else []))
    page.wait_for_load_state("networkidle")
    assert serious_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_new_key_is_shown_on_a_page_without_barriers(page, admin_user, live_server):
    log_in(page, admin_user, live_server)
    page.set_viewport_size({"width": 360, "height": 900})
    page.goto(reverse("admin:api_apikey_add"))
    page.fill("#id_name", "Forum")
    page.locator("input[name=_save]").click()
    page.locator("#secret").wait_for()
    assert serious_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
