"""Addresses that are worked out once are those that ``reverse()`` gives."""

import pytest
from django.urls import NoReverseMatch, reverse, set_script_prefix
from django.utils.translation import override

from cms.content.addresses import address


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_address_is_in_the_active_language(language):
    with override(language):
        for _ in range(2):
            assert address("regions:office", "north") == reverse("regions:office", args=["north"])
    assert address("home") == reverse("home")


def test_address_leads_on_inside_a_preview():
    assert address("home") == "/en/"
    set_script_prefix("/preview/token/")
    try:
        assert address("home") == "/preview/token/en/"
    finally:
        set_script_prefix("/")
    assert address("home") == "/en/"


def test_address_that_is_none_is_refused_each_time():
    for _ in range(2):
        with pytest.raises(NoReverseMatch):
            address("regions:office", "no/slug")
