"""Latitudes and longitudes: what lies on the globe."""

import math

import pytest
from django.core.exceptions import ValidationError

from cms.content.coordinates import validate_latitude, validate_longitude


@pytest.mark.parametrize(("validate", "most"), [(validate_latitude, 90), (validate_longitude, 180)])
@pytest.mark.parametrize("sign", [1, -1])
def test_edge_of_the_globe_is_accepted(validate, most, sign):
    validate(sign * most)


@pytest.mark.parametrize(("validate", "most"), [(validate_latitude, 90), (validate_longitude, 180)])
@pytest.mark.parametrize("sign", [1, -1])
def test_place_beyond_the_globe_is_refused(validate, most, sign):
    with pytest.raises(ValidationError) as refusal:
        validate(sign * (most + 0.1))
    assert refusal.value.code == validate.__name__.removeprefix("validate_")


@pytest.mark.parametrize("validate", [validate_latitude, validate_longitude])
def test_not_a_number_is_no_place(validate):
    with pytest.raises(ValidationError):
        validate(math.nan)
