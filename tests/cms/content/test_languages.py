"""Which language a text is shown in."""

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from cms.content.fields import validate_language_tag
from cms.content.languages import (
    LocalizedText,
    active_language,
    displayed,
    fallback_chain,
    interface_language,
    localized,
    lookup,
)
from regions.models import Country
from tests.factories import CountryFactory

pytestmark = pytest.mark.django_db


def test_localized_prefers_the_language_asked_for():
    country = CountryFactory(name_en="Brazil", name_pt="Brasil")
    assert str(localized(country, "name", "pt")) == "Brasil"
    assert not localized(country, "name", "pt").is_fallback


@pytest.mark.parametrize("empty", [None, ""])
def test_localized_falls_back_in_the_order_of_the_site(empty):
    country = CountryFactory(name_en=empty, name_es="Brasil (es)", name_pt="Brasil (pt)")
    text = localized(country, "name", "fr")
    assert (text.value, text.language, text.is_fallback) == ("Brasil (es)", "es", True)


def test_localized_of_a_text_that_is_nowhere_is_false():
    assert not localized(CountryFactory(name_en=""), "name")


@pytest.mark.parametrize("empty", [None, ""])
def test_displayed_takes_no_text_for_none(empty):
    CountryFactory(name_en=empty, name_es="Brasil (es)", name_pt="Brasil (pt)", name_fr=empty)
    assert Country.objects.values_list(displayed("name", "fr"), flat=True).get() == "Brasil (es)"


@pytest.mark.parametrize("empty", [None, ""])
def test_displayed_text_that_is_nowhere_is_empty(empty):
    CountryFactory(name_en=empty)
    assert Country.objects.values_list(displayed("name", "fr"), flat=True).get() == ""


def test_displayed_orders_by_what_is_shown():
    CountryFactory(code="AA", name_en="Zebra", name_es="Alfa")
    CountryFactory(code="BB", name_en="Middle")
    assert list(Country.objects.order_by(displayed("name", "es")).values_list("code", flat=True)) == [
        "AA",
        "BB",
    ]
    assert list(Country.objects.order_by(displayed("name", "en")).values_list("code", flat=True)) == [
        "BB",
        "AA",
    ]


@pytest.mark.parametrize(
    ("activated", "active"),
    [("pt", "pt"), ("es-mx", "es"), ("de", "en"), ("de-at", "en"), (None, "en")],
    ids=["of the site", "variant of one", "of no site", "variant of none", "none"],
)
def test_active_language_is_one_of_the_site(activated, active):
    with override(activated):
        assert active_language() == active


def test_fallback_chain_starts_with_the_active_language():
    with override("pt"):
        assert fallback_chain() == ["pt", "en", "es", "fr"]


FAMILIES = [("en", "English"), ("es", "Spanish"), ("pt-br", "Brazilian"), ("fr", "French"), ("pt", "Portuguese")]


def test_form_of_a_language_falls_back_to_that_language_first(settings):
    settings.LANGUAGES = FAMILIES
    assert fallback_chain("pt-br") == ["pt-br", "pt", "en", "es", "fr"]
    assert fallback_chain("pt") == ["pt", "en", "es", "pt-br", "fr"]


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("zh-CN", "zh-hans"),
        ("zh-TW", None),
        ("zh-Hans-CN", "zh-hans"),
        ("PT-BR", "pt-br"),
        ("pt-AO", "pt"),
        ("xx", None),
    ],
)
def test_language_of_the_site_is_found_for_a_tag(settings, tag, found):
    settings.LANGUAGES = [*FAMILIES, ("zh-hans", "Chinese")]
    assert lookup(tag) == found


@pytest.mark.parametrize(("language", "interface"), [("pt-br", "pt"), ("fr-ca", "fr"), ("zh-hans", "en")])
def test_interface_speaks_the_language_that_another_is_a_form_of(language, interface):
    assert interface_language(language) == interface


@pytest.mark.parametrize(("language", "interface"), [("es", "es"), ("ar", "ar"), ("en", "en"), ("en-gb", "en-gb")])
def test_interface_speaks_a_language_that_it_has_a_catalogue_of(language, interface):
    assert interface_language(language) == interface


def test_interface_without_a_catalogue_is_in_the_language_of_the_code():
    assert interface_language("de") == "en"


@pytest.mark.parametrize(
    ("language", "requested", "foreign"),
    [("de", "de", True), ("en", "de", True), ("en", "es", True), ("es", "es", False), ("en", "en", False)],
    ids=["interface falls back", "both fall back", "text falls back", "same", "source"],
)
def test_text_that_is_not_in_the_language_of_the_page_is_foreign(language, requested, foreign):
    assert LocalizedText("text", language, requested).is_foreign is foreign


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("es", "ltr")])
def test_direction_is_that_of_the_language_of_the_text(language, direction):
    assert LocalizedText("text", language, "en").direction == direction


@pytest.mark.parametrize("value", ["xx", "english", "e", "es mx"])
def test_language_that_django_does_not_know_is_refused(value):
    with pytest.raises(ValidationError) as refused:
        validate_language_tag(value)
    assert (refused.value.code, refused.value.params) == ("language", {"value": value})


def test_language_that_the_site_does_not_have_is_a_language():
    validate_language_tag("ar")
    validate_language_tag("pt-br")
