"""Content in any quantity: whole, live, in all languages, the same every time."""

import pytest
from django.core.management import CommandError, call_command

from cms.content.languages import column, site_languages, translated_fields
from cms.publishing.models import Change
from cms.publishing.visibility import publishable_models
from partners.models import Partner, Partnership
from priorities.models import Alignment, Objective, OutlineEntry, Pillar, Strategy
from regions.models import Office, Section
from strategy_site.generated import content
from tests.factories import CountryFactory, OfficeFactory, PartnershipFactory

pytestmark = pytest.mark.django_db


def generate(scale: int) -> int:
    return content.generate(scale, lambda unit, rows: None)


def delete() -> int:
    return content.delete_generated(lambda name, rows: None)


@pytest.mark.parametrize(
    ("model", "in_one_unit"),
    [
        (Office, content.OFFICES),
        (Section, content.OFFICES * content.SECTIONS),
        (Strategy, content.STRATEGIES),
        (OutlineEntry, content.STRATEGIES * content.OUTLINE),
        (Objective, content.STRATEGIES * content.OBJECTIVES),
        (Alignment, content.STRATEGIES * content.OBJECTIVES * content.ALIGNMENTS),
        (Partner, content.PARTNERS),
        (Partnership, content.PARTNERSHIPS),
    ],
)
def test_generate_makes_as_many_units_as_asked_for(model, in_one_unit):
    generate(2)
    assert model.objects.count() == 2 * in_one_unit


def test_generated_content_is_live():
    generate(1)
    for model in (Office, Strategy, Objective, Partner, Partnership):
        assert model.objects.live().count() == model.objects.count() > 0


def test_generated_content_is_valid_and_in_every_language():
    CountryFactory()
    generate(1)
    for model in (Office, Section, Strategy, OutlineEntry, Objective, Partner, Partnership):
        item = model.objects.order_by("pk").first()
        item.full_clean()
        name = next(name for name in translated_fields(model) if getattr(item, column(name, "en")))
        texts = [getattr(item, column(name, code)) for code in site_languages()]
        assert all(texts)
        assert len(set(texts)) > 1


def test_second_run_adds_only_what_is_missing():
    generate(1)
    before = set(Objective.objects.values_list("pk", "statement_es"))
    assert generate(1) == 0
    generate(2)
    assert set(Objective.objects.values_list("pk", "statement_es")) > before


def test_generated_content_is_in_the_change_log():
    generate(1)
    items = {item.pk for model in publishable_models() for item in model.objects.live()}
    assert {change.object_id for change in Change.objects.filter(operation=Change.Operation.UPSERT)} == items
    delete()
    assert {change.object_id for change in Change.objects.filter(operation=Change.Operation.DELETE)} == items


def test_generated_content_is_the_same_after_deleting_it():
    generate(1)
    before = list(Objective.objects.order_by("pk").values())
    delete()
    generate(1)
    assert list(Objective.objects.order_by("pk").values()) == before


def test_delete_leaves_the_content_of_the_site():
    own = PartnershipFactory()
    generate(1)
    delete()
    assert Partnership.objects.get() == own
    assert Office.objects.get() == own.office
    assert not Pillar.objects.exists()


def test_generate_uses_the_pillars_of_the_site():
    own = PartnershipFactory()
    pillar = own.pillars.create(slug="own", status="live", **published())
    generate(1)
    assert set(Objective.objects.values_list("pillar", flat=True)) == {pillar.pk}


def published() -> dict:
    return {"first_published_at": content.PUBLISHED_AT, "last_published_at": content.PUBLISHED_AT}


def test_delete_refuses_what_content_of_the_site_refers_to():
    generate(1)
    OfficeFactory(parent=Office.objects.get(slug=content.office_slug(1, 0)))
    with pytest.raises(CommandError, match="refers to generated content"):
        call_command("generate_content", delete=True)


@pytest.mark.parametrize("scale", ["0", "1001", "-1", "many", "1.5"])
def test_command_refuses_a_scale_out_of_range(scale):
    with pytest.raises(CommandError, match="whole number from 1 to 1,000"):
        call_command("generate_content", "--scale", scale)


def test_command_asks_before_it_publishes_on_a_production_site(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="--force"):
        call_command("generate_content", scale=1)
    assert not Office.objects.exists()


def test_command_reports_rows_and_rate(capsys):
    call_command("generate_content", scale=1)
    assert "rows written in" in capsys.readouterr().out
    call_command("generate_content", scale=1)
    assert "Nothing to do" in capsys.readouterr().out
