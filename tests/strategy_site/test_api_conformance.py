"""Generated requests (schemathesis): whatever is asked, the answer is one that the OpenAPI document describes.

``make test`` tries a few examples of each operation, ``make campaign`` 500.
"""

import json
import os

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import (
    ChecksConfig,
    CoveragePhaseConfig,
    PhasesConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.config._checks import NegativeDataRejectionConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from cms.api.openapi import openapi
from strategy_site.wsgi import application
from tests.strategy_site.test_api import fill_every_collection

WHOLE = bool(os.environ.get("CAMPAIGN"))
EXAMPLES = 500 if WHOLE else 4
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


def described() -> schemathesis.schemas.BaseSchema:
    """Return the description, its requests to be made of the application itself."""
    refused = ["400", "404", "405", "406", "414"]  # 414: generated texts are often longer than any address
    project = ProjectConfig(
        checks=ChecksConfig(negative_data_rejection=NegativeDataRejectionConfig(expected_statuses=refused)),
        phases=PhasesConfig(coverage=CoveragePhaseConfig(enabled=WHOLE)),
    )
    config = SchemathesisConfig(projects=ProjectsConfig(default=project))
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(openapi("en"))), config=config)
    schema.app = application
    schema.location = "/api/v1/openapi.json"
    return schema


schema = described()


@pytest.mark.usefixtures("filled_site")
@schema.parametrize()
@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=not WHOLE, database=None
)
def test_answers_conform(case):
    # The harness decodes no brotli, which its client says it does.
    case.call_and_validate(checks=CHECKS, headers={"Accept-Encoding": "identity"})


@pytest.fixture
def filled_site(transactional_db):  # the application closes its connection after each request
    fill_every_collection(times=1)
    yield
    known = application.reader.local
    if hasattr(known, "connection"):  # one beside Django's, which would keep the database from being dropped
        known.connection.close()
        del known.connection
