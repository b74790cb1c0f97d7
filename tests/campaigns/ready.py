"""A test that has nothing to ask: to run it makes the database, before others are run in processes of their own."""

import pytest


@pytest.mark.django_db
def test_database_is_made(): ...
