"""Generated requests (schemathesis): whatever is asked, the answer is one that the OpenAPI document describes."""

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


schema = schemathesis.pytest.from_fixture("api_schema")


@schema.parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
def test_answers_conform(case):
    case.call_and_validate(checks=CHECKS)
