"""Requests made by hand that go round the forms: rows of others by their keys, lookups that ask, odd methods."""

import pytest
from django.urls import reverse

from cms.publishing import actions
from cms.publishing.models import Release, Revision
from cms.publishing.preview import link_url, preview_url
from tests.admin_forms import page_data
from tests.cms.publishing.permission_world import draft, everything
from tests.drafts import drafted, put_aside
from tests.factories import (
    FrameworkFactory,
    ObjectiveFactory,
    OfficeFactory,
    OutlineEntryFactory,
    StrategyFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def own():
    return StrategyFactory(slug="own", office=OfficeFactory(slug="own"))


@pytest.fixture
def other():
    office = OfficeFactory(slug="other", live=False)
    return StrategyFactory(slug="other", office=office, live=False, title_en="hidden-title")


@pytest.fixture
def editor(log_in, own):
    return log_in("editor", own.office)


def page(item, name="change", *args):
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_{name}", args=[item.pk, *args])


def listed(item):
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_changelist")


@pytest.mark.parametrize("initial", ["0", "1"], ids=["as a new row", "as a row that is there"])
def test_row_of_another_item_is_not_taken_over_by_its_key(client, own, other, editor, initial):
    row = OutlineEntryFactory(strategy=other, title_en="hidden-entry")
    data = page_data(client.get(page(own)))
    data |= {
        "outline-TOTAL_FORMS": ["1"],
        "outline-INITIAL_FORMS": [initial],
        "outline-0-id": [str(row.pk)],
        "outline-0-strategy": [str(own.pk)],
        "outline-0-level": ["1"],
        "outline-0-title_en": ["Taken"],
    }
    response = client.post(page(own), data, follow=True)
    assert "hidden-entry" not in response.text
    row.refresh_from_db()
    assert (row.strategy, row.title_en) == (other, "hidden-entry")
    assert not any(str(row.pk) == kept["id"] for kept in drafted(own)["children"]["outline"])


def test_row_is_not_moved_to_another_item(client, own, other, editor):
    row = OutlineEntryFactory(strategy=own, title_en="Mine")
    data = page_data(client.get(page(own)))
    data["outline-0-strategy"] = [str(other.pk)]
    rows = everything()
    client.post(page(own), data)
    row.refresh_from_db()
    assert row.strategy == own
    assert not Revision.objects.of(other).exists()
    assert everything()["priorities.OutlineEntry"] == rows["priorities.OutlineEntry"]


@pytest.mark.parametrize(
    "query",
    [
        "predecessor__title_en__startswith={}",
        "predecessor__office__slug__startswith={}",
        "office__strategies__title_en__startswith={}",
        "successors__title_en__startswith={}",
        "predecessor__slug={}",
        "q={}",
    ],
)
def test_lists_answer_no_question_about_what_is_hidden(client, own, other, editor, query):
    type(own).objects.filter(pk=own.pk).update(predecessor=other)
    answers = set()
    for word in ("hidden", "other", "zzz"):
        response = client.get(f"{listed(own)}?{query.format(word)}")
        shown = response.context["cl"].result_count if response.status_code == 200 else None
        answers.add((response.status_code, shown))
    assert len(answers) == 1


@pytest.mark.parametrize("query", ["strategies__title_en__startswith={}", "strategies__office__slug={}"])
def test_lists_of_the_whole_organization_answer_none_either(client, other, editor, query):
    framework = FrameworkFactory()
    other.frameworks.add(framework)
    url = listed(framework)
    statuses = {client.get(f"{url}?{query.format(word)}").status_code for word in ("hidden", "other", "zzz")}
    assert statuses == {400}


@pytest.mark.parametrize("name", ["title_en", "status", "office__slug", "x"])
def test_no_other_field_is_given_out_as_a_key(client, own, editor, name):
    assert client.get(f"{listed(own)}?_to_field={name}&_popup=1").status_code == 400
    assert client.get(f"{page(own)}?_to_field={name}&_popup=1").status_code == 400


@pytest.mark.parametrize("query", ["o=99", "o=-1.x", "o=x", "p=999", "p=x", "all=1", "e=1", "state=%00", "q=%00"])
def test_odd_parameters_of_lists_are_no_errors(client, own, editor, query):
    assert client.get(f"{listed(own)}?{query}").status_code in {200, 302}


@pytest.mark.parametrize("method", ["head", "options", "put", "patch", "delete", "trace"])
@pytest.mark.parametrize("name", ["change", "review", "history", "compare", "preview", "editing", "delete"])
def test_odd_methods_change_nothing_and_show_nothing_of_others(client, own, other, editor, method, name):
    rows = everything()
    for item in (own, other):
        response = getattr(client, method)(page(item, name))
        assert response.status_code < 500
        assert "hidden-title" not in response.text
    after = everything()
    after["editing.EditingSession"] = rows["editing.EditingSession"]
    assert after == rows


@pytest.mark.parametrize("number", ["0", "-1", "99", "1e3", "x", "\0", "9" * 30, ""])
def test_revision_that_is_not_there_is_neither_compared_nor_restored(client, own, editor, number):
    draft(own, title_en="Draft")
    rows = everything()
    assert client.get(page(own, "compare"), {"from": number, "to": "1"}).status_code == 302
    assert client.post(page(own, "history"), {"restore": number}).status_code == 302
    assert everything() == rows


@pytest.mark.parametrize("role", ["editor", "publisher", "administrator"])
def test_kept_version_of_another_office_is_closed(client, log_in, own, role):
    theirs = StrategyFactory()
    draft(theirs, title_en="hidden-title")
    kept = put_aside(theirs)
    log_in(role, own.office)
    for method in (client.get, client.post):
        response = method(page(theirs, "conflict", kept.number), {"decision": "mine"})
        assert response.status_code in {403, 404}
        assert "hidden-title" not in response.text


# --- What a preview shows beside what it is of -----------------------------------------


@pytest.fixture
def objective():
    """An objective with a draft, in a strategy whose own draft is nobody else's business."""
    objective = ObjectiveFactory(statement_en="Live statement.", strategy__title_en="Live strategy")
    draft(objective, statement_en="Drafted statement.")
    draft(objective.strategy, title_en="Unrelated draft")
    return objective


@pytest.mark.parametrize("shared", [True, False], ids=["link", "staff"])
@pytest.mark.parametrize("of", ["item", "release"])
def test_preview_shows_no_draft_of_what_is_only_above(admin_client, client, admin_user, objective, of, shared):
    target = objective
    if of == "release":
        target = Release.objects.create(title="One objective")
        actions.add_to_release(release=target, items=[objective], user=None)
    if shared:
        url = link_url(actions.share(item=target, user=admin_user))
    else:
        url = preview_url(target)
    inside = url.split("/en/")[0]
    reader = client if shared else admin_client
    text = reader.get(inside + objective.get_absolute_url()).text
    assert "Drafted statement." in text
    assert "Live strategy" in text
    assert "Unrelated draft" not in text


def test_log_quotes_nothing_that_a_database_refused():
    import sys

    from django.db import IntegrityError

    from strategy_site.error_reports import QuietFormatter

    try:
        try:
            raise IntegrityError("DETAIL: Failing row contains (secret draft text).")
        except IntegrityError as error:
            raise RuntimeError("wrapped") from error
    except RuntimeError:
        text = QuietFormatter().formatException(sys.exc_info())
    assert "secret draft text" not in text
    assert "test_admin_attacks" in text
