"""A page says beside its title when its translation is behind, and when a machine made texts of it."""

import pytest
from django.test import Client

from cms.publishing import actions
from cms.publishing.drafts import drafted
from tests.factories import StrategyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def strategy():
    return StrategyFactory(slug="plan", title_en="Plan", title_es="Plan", title_fr="Plan")


def write(item, provenance=None, **texts):
    data = drafted(item)
    data["fields"].update(texts)
    actions.save_draft(item=item, data=data, user=None, opened_on=None, provenance=provenance)
    actions.publish(item=item, user=None)


def page(language="es") -> str:
    response = Client().get(f"/{language}/strategies/plan/", headers={"Accept-Language": language})
    assert response.status_code == 200
    return response.text


def notices(language="es") -> list[str]:
    return [part.split("</p>")[0] for part in page(language).split('class="translation-notice"')[1:]]


def test_outdated_translation_says_so_with_a_link_to_the_current_text(strategy):
    assert notices() == []
    write(strategy, title_en="Strategy")
    [notice] = notices()
    assert '<a href="/en/strategies/plan/" hreflang="en">' in notice
    assert notices("en") == []


def test_translation_that_was_confirmed_says_nothing_any_more(strategy):
    write(strategy, title_en="Strategy")
    assert notices()
    actions.confirm(item=strategy, language="es", places=["title"], user=None)
    actions.publish(item=strategy, user=None)
    assert notices() == []


def test_site_may_leave_it_unsaid(strategy, settings):
    settings.OUTDATED_NOTICE = False
    write(strategy, title_en="Strategy")
    assert notices() == []


def test_text_that_a_machine_made_says_so(strategy, settings):
    settings.PUBLISH_MACHINE_TRANSLATION = True
    write(strategy, title_fr="Stratégie", provenance={"title": "machine"})
    assert len(notices("fr")) == 1
    assert notices("es") == []
