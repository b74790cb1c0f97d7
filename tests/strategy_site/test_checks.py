"""System checks of the site as a whole: no collection is forgotten."""

import pytest

from regions.api import OfficeViewSet
from regions.models import Office
from strategy_site.api import router
from strategy_site.checks import check_collections, check_filters


def problems() -> list[tuple[str, type]]:
    return [(error.id, error.obj) for error in check_collections(None)]


def test_every_collection_is_in_api_and_menu():
    assert problems() == []


def test_collection_that_the_router_lacks_is_named(monkeypatch):
    monkeypatch.setattr(router, "registry", [each for each in router.registry if each[1] is not OfficeViewSet])
    assert problems() == [("strategy_site.E001", Office)]


@pytest.mark.parametrize("page", ["site-updates", "accessibility"])
def test_list_that_the_menu_lacks_is_named(monkeypatch, page):
    monkeypatch.setattr(OfficeViewSet, "list_page", page)
    assert problems() == [("strategy_site.E002", Office)]


def test_content_without_an_admin_is_named(monkeypatch):
    monkeypatch.setattr("strategy_site.checks.admin.site.is_registered", lambda model: model is not Office)
    assert problems() == [("strategy_site.E003", Office)]


def test_filter_by_what_is_not_public_is_named(monkeypatch):
    assert check_filters(None) == []
    shown = tuple(name for name in Office.schema.public if name != "kind")
    monkeypatch.setattr(Office.schema, "public", shown)
    assert {error.id for error in check_filters(None)} == {"strategy_site.E004"}
    assert any("'kind'" in error.msg for error in check_filters(None))
