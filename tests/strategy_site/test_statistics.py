"""The database knows its tables after many rows have changed."""

import pytest
from django.core.management import call_command
from django.db import connection

from priorities.models import Alignment

KNOWN = {
    "sqlite": "SELECT CAST(stat AS INTEGER) FROM sqlite_stat1 WHERE tbl = %s",
    "postgresql": "SELECT reltuples FROM pg_class WHERE relname = %s",
}


@pytest.mark.django_db
def test_generated_rows_are_known_to_the_database():
    call_command("generate_content", scale=1)
    with connection.cursor() as cursor:
        cursor.execute(KNOWN[connection.vendor], [Alignment._meta.db_table])
        assert cursor.fetchone() == (Alignment.objects.count(),)
