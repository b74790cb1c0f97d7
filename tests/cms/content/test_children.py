"""Children of several kinds in one query, as if they had been prefetched."""

import pytest
from django.db import connection

from cms.content.children import prefetch_children
from priorities.models import Strategy
from regions.models import Office
from tests.factories import (
    DocumentFactory,
    OfficeFactory,
    OutlineEntryFactory,
    QuotationFactory,
    SectionFactory,
    StrategyFactory,
)

pytestmark = pytest.mark.django_db


def test_children_of_several_kinds_come_in_one_query_and_in_their_order(django_assert_num_queries):
    office = OfficeFactory()
    second = SectionFactory(office=office, anchor="b", position=2, heading_en="Second", heading_es="Segunda")
    first = SectionFactory(office=office, anchor="a", position=1)
    quotation = QuotationFactory(office=office)
    SectionFactory()
    QuotationFactory()
    office = Office.objects.get(pk=office.pk)
    assert connection.features.supports_json_field  # which Django asks the database once
    with django_assert_num_queries(1):
        prefetch_children(office, "sections", "quotations")
        assert list(office.sections.all()) == [first, second]
        assert list(office.quotations.all()) == [quotation]
        found = office.sections.all()[1]
        assert (found.heading_en, found.heading_es, found.position) == ("Second", "Segunda", 2)
        assert found.office is office


def test_children_that_were_read_are_stored_rows():
    section = SectionFactory(heading_en="Before")
    prefetch_children(section.office, "sections")
    (found,) = section.office.sections.all()
    found.heading_en = "After"
    found.save()
    section.refresh_from_db()
    assert section.heading_en == "After"


def test_of_shortened_texts_the_first_character_is_read_and_of_no_other():
    entry = OutlineEntryFactory(title_en="Title", body_en="Body", body_es="Cuerpo")
    strategy = Strategy.objects.get(pk=entry.strategy_id)
    prefetch_children(strategy, "outline", shortened=["body"])
    (found,) = strategy.outline.all()
    assert (found.title_en, found.body_en, found.body_es) == ("Title", "B", "C")


def test_files_of_children_that_were_read_are_where_they_were_stored():
    document = DocumentFactory(strategy=StrategyFactory())
    strategy = Strategy.objects.get(pk=document.strategy_id)
    prefetch_children(strategy, "documents")
    assert strategy.documents.all()[0].file.name == document.file.name
