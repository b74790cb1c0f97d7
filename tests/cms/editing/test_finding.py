"""Small things that help to find and to go on: addresses, the order of what is found, the way back, dates."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils.translation import override

from cms.editing.forms import slug_of
from cms.publishing import audit
from cms.publishing.models import AuditEntry, RoleAssignment, ScheduledChange
from priorities.models import Objective
from tests.admin_forms import page_data
from tests.factories import OfficeFactory, PartnerFactory, PillarFactory, StrategyFactory

MOMENT = datetime(2026, 11, 25, 0, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Strategy 2027–2030", "strategy-2027-2030"),
        ("2027—2030", "2027-2030"),
        ("2027/28", "2027-28"),
        ("Goal 1.2", "goal-1-2"),
        ("North‑South − East", "north-south-east"),
        ("U.S. Niño", "us-nino"),
        ("–", ""),
    ],
)
def test_slug_keeps_words_and_numbers_apart(name, slug):
    assert slug_of(name) == slug


@pytest.fixture
def partners(db):
    for slug, name in [("a-fund", "Refund Club"), ("b", "World Fund"), ("c", "The Fúnd: Peru"), ("d", "Zoo")]:
        PartnerFactory(slug=slug, name_en=name)


def found(client, **query) -> list[str]:
    response = client.get(reverse("admin:partners_partner_changelist"), query)
    return [partner.slug for partner in response.context["cl"].result_list]


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("fund", ["b", "c", "a-fund"]),
        ("FÚND", ["b", "c", "a-fund"]),
        ("fund peru", ["c"]),
        ("un", ["a-fund", "b", "c"]),
        ("world fund", ["b"]),
        (".*", []),
        ("(", []),
    ],
)
def test_whole_words_come_before_parts_of_words_and_slugs(admin_client, partners, query, slugs):
    assert found(admin_client, q=query) == slugs


def test_order_that_somebody_chose_holds_in_what_is_found(admin_client, partners):
    assert found(admin_client, q="fund", o="1") == ["a-fund", "c", "b"]


def test_choices_that_are_offered_come_whole_words_first(admin_client, partners):
    address = reverse("admin:autocomplete")
    field = {"app_label": "partners", "model_name": "partnership", "field_name": "partner"}
    answer = admin_client.get(address, {**field, "term": "fund"}).json()
    assert answer["results"][-1]["text"].startswith("Refund")


@pytest.mark.django_db
def test_objective_that_is_added_from_its_strategy_leads_back_there(admin_client):
    strategy, pillar = StrategyFactory(), PillarFactory()
    back = reverse("admin:priorities_strategy_change", args=[strategy.pk])
    lists = admin_client.get(back).context["related_lists"]
    address = next(each["add_url"] for each in lists if "objective/add" in each["add_url"])
    data = page_data(
        admin_client.get(address), statement_en="Safe routes.", pillar=str(pillar.pk), code="9.9", _save="1"
    )
    response = admin_client.post(address, data)
    assert Objective.objects.get(strategy=strategy).statement_en == "Safe routes."
    assert response.url == back


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "_back_to=slug", "_back_to=nothing", "_back_to=countries", "_back_to=parent"])
def test_other_new_items_lead_to_the_list(admin_client, key):
    address = f"{reverse('admin:regions_office_add')}?{key}"
    data = page_data(admin_client.get(address), name_en="New", slug="new", _save="1")
    assert admin_client.post(address, data).url == reverse("admin:regions_office_changelist")


@pytest.mark.django_db
def test_dates_are_written_alike(admin_user, settings):
    settings.TIME_ZONE = "UTC"
    change = ScheduledChange(operation="publish", due_at=MOMENT)
    entry = AuditEntry(at=MOMENT, action=audit.Action.PUBLISH, object_name="Office")
    assert "25 November 2026, 00:02" in str(change)
    assert str(entry).startswith("25 November 2026, 00:02 ")
    with override("es"):
        assert "25 de noviembre de 2026" in str(change)


def test_templates_of_the_admin_have_one_form_of_dates():
    pages = [*Path("templates/admin").rglob("*.html"), *Path("templates/publishing").rglob("*")]
    assert [page for page in pages if page.is_file() and "SHORT_DATE" in page.read_text()] == []


# --- Whom to ask ---------------------------------------------------------------------------------------------------


@pytest.fixture
def newcomer(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("new", is_staff=True))
    return client


def test_who_has_no_role_is_told_the_administrators_to_ask(newcomer, admin_user, log_in, django_user_model):
    ana = django_user_model.objects.create_user("ana", is_staff=True, first_name="Ana", last_name="Paz")
    RoleAssignment.objects.create(user=ana, role=RoleAssignment.Role.ADMINISTRATOR)
    gone = django_user_model.objects.create_user("gone", is_staff=True, is_active=False)
    RoleAssignment.objects.create(user=gone, role=RoleAssignment.Role.ADMINISTRATOR)
    RoleAssignment.objects.create(user=admin_user, role=RoleAssignment.Role.EDITOR)
    assert "You have no role yet: ask Ana Paz." in newcomer.get("/admin/").text


def test_who_has_no_role_asks_a_superuser_where_nobody_has_one(newcomer, admin_user):
    assert f"You have no role yet: ask {admin_user.username}." in newcomer.get("/admin/").text


def test_who_has_a_role_is_not_told_to_ask(client, log_in, admin_user):
    log_in("translator", OfficeFactory(), languages=["es"])
    assert "You have no role" not in client.get("/admin/").text
