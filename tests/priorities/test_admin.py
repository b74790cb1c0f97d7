"""The admin of strategies, objectives and frameworks."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms.publishing.actions import unpublish
from priorities.models import Objective
from tests.admin_forms import drafted, form_data
from tests.factories import (
    AlignmentFactory,
    DocumentFactory,
    FrameworkFactory,
    FrameworkGoalFactory,
    ObjectiveFactory,
    OfficeFactory,
    OutlineEntryFactory,
    PillarFactory,
    StrategyFactory,
    StrategyThematicAreaFactory,
    ThematicAreaFactory,
)
from tests.files import pdf

pytestmark = pytest.mark.django_db

MAX_STRATEGY_FORM_QUERIES = 40


def change_url(item) -> str:
    return reverse(f"admin:priorities_{item._meta.model_name}_change", args=[item.pk])


def queries(client, url) -> int:
    client.get(url)  # content types are read once a process
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def full_strategy(rows: int):
    strategy = StrategyFactory(predecessor=StrategyFactory())
    strategy.frameworks.set(FrameworkFactory.create_batch(rows))
    StrategyThematicAreaFactory.create_batch(rows, strategy=strategy)
    OutlineEntryFactory.create_batch(rows, strategy=strategy, body_en="<p>Text</p>")
    for number in range(rows):
        DocumentFactory(strategy=strategy, title=f"File {number}")
    return strategy


def test_queries_of_the_strategy_form_grow_with_nothing(admin_client):
    small = queries(admin_client, change_url(full_strategy(2)))
    for _ in range(4):
        ObjectiveFactory.create_batch(5, strategy=full_strategy(3))
    large = queries(admin_client, change_url(full_strategy(15)))
    assert small == large <= MAX_STRATEGY_FORM_QUERIES


def test_queries_of_the_objective_form_do_not_grow_with_its_rows(admin_client):
    small, large = ObjectiveFactory(), ObjectiveFactory()
    AlignmentFactory.create_batch(2, objective=small)
    AlignmentFactory.create_batch(12, objective=large)
    assert queries(admin_client, change_url(small)) == queries(admin_client, change_url(large))


@pytest.mark.parametrize("name", ["strategy", "objective", "pillar", "framework", "thematicarea"])
def test_queries_of_a_list_do_not_grow(admin_client, name):
    url = reverse(f"admin:priorities_{name}_changelist")
    AlignmentFactory.create_batch(2, objective__strategy=full_strategy(2))
    small = queries(admin_client, url)
    for objective in ObjectiveFactory.create_batch(8):
        AlignmentFactory(objective=objective, goal__framework=FrameworkFactory())
        full_strategy(1)
    assert queries(admin_client, url) == small


def test_strategy_form_saves_what_it_shows(admin_client):
    strategy = full_strategy(3)
    url = change_url(strategy)
    assert admin_client.post(url, form_data(admin_client, url)).status_code == 302
    with drafted(strategy) as draft:
        assert draft.frameworks.count() == draft.outline.count() == draft.documents.count() == 3
        assert draft.area_links.count() == 3


def test_strategy_form_leads_to_its_objectives(admin_client):
    objective = ObjectiveFactory()
    ObjectiveFactory()
    (objectives,) = [
        entry
        for entry in admin_client.get(change_url(objective.strategy)).context["related_lists"]
        if entry["label"] == "objectives"
    ]
    assert objectives["count"] == 1
    assert list(admin_client.get(objectives["url"]).context["cl"].result_list) == [objective]
    form = admin_client.get(objectives["add_url"]).context["adminform"].form
    assert form["strategy"].value() == str(objective.strategy.pk)


def objective_form(**values) -> dict:
    texts = {f"{name}_{code}": "" for name in ("statement", "context") for code in ("en", "es", "fr", "pt")}
    return {
        **texts,
        "statement_en": "Do it.",
        "strategy": StrategyFactory(slug="plan").pk,
        "pillar": PillarFactory(slug="mobility").pk,
        "kind": "priority",
        "code": "",
        "position": "0",
        "slug": "",
        "alignments-TOTAL_FORMS": "0",
        "alignments-INITIAL_FORMS": "0",
        **values,
    }


@pytest.mark.parametrize(
    ("values", "slug"),
    [
        ({"code": "a"}, "plan-mobility-a"),
        ({"code": "1.2"}, "plan-mobility-12"),
        ({"kind": "main"}, "plan-mobility-main"),
        ({}, "plan-mobility"),
    ],
    ids=["code", "code with a point", "main objective", "no code"],
)
def test_objective_address_is_made_from_strategy_pillar_and_code(admin_client, values, slug):
    admin_client.post(reverse("admin:priorities_objective_add"), objective_form(**values))
    assert Objective.objects.get().slug == slug


def test_second_main_objective_of_a_pillar_is_refused_in_words(admin_client):
    data = objective_form(kind="main")
    admin_client.post(reverse("admin:priorities_objective_add"), data)
    response = admin_client.post(reverse("admin:priorities_objective_add"), data)
    assert response.context["adminform"].form.non_field_errors() == [
        "This strategy already has a main objective for this pillar."
    ]


def autocomplete(client, term, model="alignment", field="goal") -> list[str]:
    response = client.get(
        reverse("admin:autocomplete"),
        {"term": term, "app_label": "priorities", "model_name": model, "field_name": field},
    )
    assert response.status_code == 200
    return [result["text"] for result in response.json()["results"]]


@pytest.fixture
def goals():
    agenda = FrameworkFactory(name_en="Agenda", acronym_en="SDGs", position=1)
    compact = FrameworkFactory(name_en="Compact", name_fr="Pacte", position=2)
    FrameworkGoalFactory(framework=agenda, code="10", title_en="Inequalities", title_es="Reducción")
    FrameworkGoalFactory(framework=compact, code="10", title_en="Trafficking")


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("10", ["SDGs 10. Inequalities", "Compact 10. Trafficking"]),
        ("sdgs 10", ["SDGs 10. Inequalities"]),
        ("reduccion", ["SDGs 10. Inequalities"]),
        ("pacte", ["Compact 10. Trafficking"]),
        ("\0", []),
    ],
    ids=["code", "acronym and code", "other language, no accent", "name of the framework", "null character"],
)
def test_goals_are_found_with_their_framework(admin_client, goals, term, found):
    assert autocomplete(admin_client, term) == found


def test_queries_of_autocomplete_do_not_grow(admin_client, django_assert_max_num_queries):
    for _ in range(8):
        FrameworkGoalFactory(framework=FrameworkFactory())
    with django_assert_max_num_queries(5):
        assert len(autocomplete(admin_client, "")) == 8


def test_overlong_autocomplete_term_answers(admin_client):
    assert autocomplete(admin_client, "x" * 60_000) == []


def test_goals_are_edited_with_their_framework_only(admin_client):
    goal = FrameworkGoalFactory()
    response = admin_client.post(reverse("admin:priorities_frameworkgoal_change", args=[goal.pk]), {})
    assert response.status_code == 403
    assert "frameworkgoal" not in admin_client.get(reverse("admin:index")).text


@pytest.mark.parametrize("value", ["not-a-key", "00000000-0000-0000-0000-000000000000"])
def test_filter_by_an_item_that_is_not_there_answers(admin_client, value):
    url = reverse("admin:priorities_strategy_changelist")
    assert admin_client.get(url, {"office__id__exact": value}, follow=True).status_code == 200


def test_filter_keeps_the_other_filters(admin_client):
    office = OfficeFactory()
    StrategyFactory(office=office)
    url = reverse("admin:priorities_strategy_changelist")
    page = admin_client.get(url, {"office__id__exact": office.pk, "status__exact": "live", "q": "Title"})
    assert '<input type="hidden" name="status__exact" value="live">' in page.text
    assert f'<option value="{office.pk}" selected>{office}</option>' in page.text


def new_document(**values) -> dict:
    rows = {"language": "en", "title": "Plan", "position": "", **values}
    return {"documents-TOTAL_FORMS": "1", **{f"documents-0-{name}": value for name, value in rows.items()}}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("plan.exe", b"MZ", "Upload a PDF, Word (.docx) or OpenDocument (.odt) file."),
        ("plan.pdf", b"<html>", "The content of this file is not what its name says. Save it again as .pdf"),
        ("plan.pdf", b"", "The submitted file is empty."),
    ],
    ids=["kind", "content", "empty"],
)
def test_bad_file_is_an_error_at_the_field(admin_client, name, content, message):
    url = change_url(StrategyFactory())
    data = form_data(admin_client, url, **new_document(file=SimpleUploadedFile(name, content)))
    response = admin_client.post(url, data)
    formset = next(
        inline.formset for inline in response.context["inline_admin_formsets"] if inline.formset.prefix == "documents"
    )
    assert message in formset.errors[0]["file"][0]


def test_file_is_uploaded_and_staff_can_download_it_before_it_is_public(admin_client, client):
    strategy = StrategyFactory(live=False)
    url = change_url(strategy)
    upload = SimpleUploadedFile("plan.pdf", pdf())
    admin_client.post(url, form_data(admin_client, url, **new_document(file=upload)))
    document = strategy.documents.get()
    link = reverse("admin:uploaded_file", args=["priorities.document", document.pk, "file"])
    assert link in admin_client.get(url).text
    response = admin_client.get(link)
    assert (response["Content-Type"], b"".join(response.streaming_content)) == ("application/pdf", pdf())
    assert client.get(link).status_code == 302
    assert client.get(document.get_absolute_url()).status_code == 404


def test_strategy_whose_file_was_lost_can_still_be_edited(admin_client):
    document = DocumentFactory()
    document.file.storage.delete(document.file.name)
    url = change_url(document.strategy)
    assert admin_client.post(url, form_data(admin_client, url, title_fr="Plan")).status_code == 302
    link = reverse("admin:uploaded_file", args=["priorities.document", document.pk, "file"])
    assert admin_client.get(link).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["auth.user/{pk}/password", "priorities.document/{pk}/title", "nothing.here/{pk}/file", "x/{pk}/file"],
)
def test_file_view_gives_nothing_but_files_of_content(admin_client, path):
    document = DocumentFactory()
    assert admin_client.get("/admin/files/" + path.format(pk=document.pk) + "/").status_code == 404


def test_strategy_with_objectives_cannot_be_deleted_by_accident(admin_client):
    objective = ObjectiveFactory()
    unpublish(item=objective.strategy, user=None)
    url = reverse("admin:priorities_strategy_delete", args=[objective.strategy.pk])
    admin_client.post(url, {"post": "yes"})
    assert Objective.objects.exists()


def test_thematic_areas_of_a_strategy_are_offered_by_name(admin_client):
    ThematicAreaFactory(name_pt="Saúde")
    assert len(autocomplete(admin_client, "saude", "strategythematicarea", "thematic_area")) == 1
