"""The strategy of the next period, begun from the one before."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from cms.content.models import Publishable
from cms.content.snapshots import snapshot
from cms.publishing import actions
from cms.publishing.models import AuditEntry, RoleAssignment, content_version
from priorities.models import Objective, Strategy
from priorities.next_period import start_next_period
from tests.drafts import drafted, has_draft
from tests.factories import (
    AlignmentFactory,
    DocumentFactory,
    ObjectiveFactory,
    OfficeFactory,
    OutlineEntryFactory,
    StrategyFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def strategy():
    strategy = StrategyFactory(
        slug="north-2023-2026",
        title_en="Strategy 2023–2026",
        title_es="Estrategia 2023–2026",
        period_from=2023,
        period_to=2026,
        reference_number="R/1",
    )
    OutlineEntryFactory(strategy=strategy, title_en="Chapter")
    DocumentFactory(strategy=strategy)
    AlignmentFactory(objective=ObjectiveFactory(strategy=strategy, slug="north-2023-2026-main", statement_en="Aim"))
    return strategy


def test_next_strategy_is_a_draft_copy_with_the_years_moved_and_its_predecessor_set(strategy):
    made = start_next_period(strategy=strategy, user=None)
    assert (made.status, has_draft(made)) == (Publishable.Status.UNPUBLISHED, True)
    assert (made.title_en, made.title_es) == ("Strategy 2027–2030", "Estrategia 2027–2030")
    assert (made.slug, made.period_from, made.period_to) == ("north-2027-2030", 2027, 2030)
    assert (made.predecessor, made.office) == (strategy, strategy.office)
    assert (made.reference_number, made.documents.count()) == ("", 0)
    assert [entry.title_en for entry in made.outline.all()] == ["Chapter"]


def test_objectives_and_alignments_come_along_and_the_old_ones_stay(strategy):
    before = snapshot(strategy)
    made = start_next_period(strategy=strategy, user=None)
    new, old = made.objectives.get(), strategy.objectives.get()
    assert (new.slug, new.statement_en, new.status) == ("north-2027-2030-main", "Aim", "unpublished")
    assert new.alignments.get().goal == old.alignments.get().goal
    assert new.alignments.get().pk != old.alignments.get().pk
    assert snapshot(strategy) == before


def test_copy_is_made_of_what_is_drafted_and_leaves_out_what_was_withdrawn(strategy):
    data = snapshot(strategy)
    data["fields"]["title_en"] = "Redrafted 2023–2026"
    actions.save_draft(item=strategy, data=data, user=None, opened_on=None)
    actions.unpublish(item=strategy.objectives.get(), user=None)
    made = start_next_period(strategy=strategy, user=None)
    assert made.title_en == "Redrafted 2027–2030"
    assert not made.objectives.exists()


def test_public_sees_nothing_of_it(strategy, client):
    version = content_version()
    made = start_next_period(strategy=strategy, user=None)
    assert content_version() == version
    assert client.get(made.get_absolute_url()).status_code == 404


def test_second_start_finds_free_names_and_a_strategy_without_years_too(strategy):
    start_next_period(strategy=strategy, user=None)
    assert start_next_period(strategy=strategy, user=None).slug == "north-2027-2030-2"
    Strategy.objects.filter(pk=strategy.pk).update(period_to=None)
    strategy.refresh_from_db()
    made = start_next_period(strategy=strategy, user=None)
    assert (made.slug, made.period_from) == ("north-2023-2026-2", None)


def test_copy_can_be_published(strategy):
    made = start_next_period(strategy=strategy, user=None)
    for item in (made, made.objectives.get()):
        actions.publish(item=item, user=None)
    assert drafted(made)["fields"]["title_en"] == "Strategy 2027–2030"


def test_form_asks_once_and_leads_to_the_new_draft(admin_client, strategy):
    form = admin_client.get(reverse("admin:priorities_strategy_change", args=[strategy.pk]))
    address = reverse("admin:priorities_strategy_next_period", args=[strategy.pk])
    assert address in form.text
    assert "All of it is a draft" in admin_client.get(address).text
    assert Strategy.objects.count() == 1
    response = admin_client.post(address, {"post": "yes"})
    made = Strategy.objects.exclude(pk=strategy.pk).get()
    assert response.headers["Location"] == reverse("admin:priorities_strategy_change", args=[made.pk])
    assert AuditEntry.objects.filter(object_id=made.pk).exists()


@pytest.mark.parametrize(
    ("role", "elsewhere", "status"),
    [("editor", False, 302), ("translator", False, 403), ("editor", True, 404), (None, False, 404)],
)
def test_who_may_not_create_may_not_start_it(client, django_user_model, strategy, role, elsewhere, status):
    user = django_user_model.objects.create_user("member", is_staff=True)
    if role:
        scope = OfficeFactory() if elsewhere else strategy.office
        languages = ["es"] if role == "translator" else []
        RoleAssignment.objects.create(user=user, role=role, scope=scope, languages=languages)
    client.force_login(user)
    address = reverse("admin:priorities_strategy_next_period", args=[strategy.pk])
    assert client.post(address, {"post": "yes"}).status_code == status
    assert Strategy.objects.count() == (2 if status == 302 else 1)
    assert Objective.objects.count() == Strategy.objects.count()


def test_action_asks_for_the_permission_itself(django_user_model, strategy):
    user = django_user_model.objects.create_user("member", is_staff=True)
    with pytest.raises(PermissionDenied):
        start_next_period(strategy=strategy, user=user)
    assert Strategy.objects.count() == 1
