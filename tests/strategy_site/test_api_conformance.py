"""Generated requests (schemathesis): whatever is asked, the answer is one that the OpenAPI document describes."""

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from strategy_site.wsgi import application
from tests.strategy_site.test_api import fill_every_collection

# Not positive_data_acceptance: slugs that exist are not in the description, so a well-formed one is refused too.
CHECKS = [
    content_type_conformance,
    negative_data_rejection,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
]


@pytest.fixture
def api_schema(transactional_db):  # the application closes its connection after each request
    fill_every_collection(times=1)
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


pytestmark = pytest.mark.django_db(transaction=True)
schema = schemathesis.pytest.from_fixture("api_schema")
EXAMPLES = 100 if os.environ.get("CAMPAIGN") else 8  # an operation
generated = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)
# What has most parameters takes about half of the time: two tests, so that two workers share it.
MANY_PARAMETERS = r"/(objectives|partners|partnerships)/"


@schema.include(path_regex=MANY_PARAMETERS).parametrize()
@generated
def test_answers_with_many_parameters_conform(case):
    case.call_and_validate(checks=CHECKS)


@schema.exclude(path_regex=MANY_PARAMETERS).parametrize()
@generated
def test_other_answers_conform(case):
    case.call_and_validate(checks=CHECKS)
