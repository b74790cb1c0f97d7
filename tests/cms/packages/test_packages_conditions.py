"""Conditions judged in memory say what the database says."""

import pytest
from django.db.models import F, Q, Value

from cms.packages.constraints import judge
from priorities.models import Strategy

pytestmark = pytest.mark.django_db

CONDITIONS = [
    Q(period_from=None) | Q(period_to=None) | Q(period_to__gte=F("period_from")),
    Q(period_to__gt=F("period_from")),
    Q(period_to__lt=2021, period_from__lte=2020),
    Q(slug="a"),
    ~Q(slug=""),
    ~Q(period_from=2020),
    ~(Q(period_from=2020) & Q(slug="b")),
    Q(slug__in=["a", "c"]),
    Q(period_from__in=[2020]),
    Q(period_from__range=(2020, 2022)),
    ~Q(period_to__range=(2021, 2024)),
    Q(period_from__isnull=True) | ~Q(period_to__isnull=False),
    Q(status="live", first_published_at=None),
    Q(slug__startswith="a"),
    Q(slug=Value("a")),
    Q(slug__contains="b"),
]


@pytest.mark.parametrize("years", [(None, None), (2020, None), (None, 2020), (2020, 2020), (2021, 2020), (2020, 2024)])
@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
def test_a_condition_means_what_it_means_to_the_database(condition, years):
    row = Strategy(slug="a", period_from=years[0], period_to=years[1])
    expected = condition.check(row._get_field_expression_map(meta=row._meta))
    assert (judge(condition, row) is not False) == expected
