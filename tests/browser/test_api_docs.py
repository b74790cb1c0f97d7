"""The documentation page in a real browser: no complaint of the console, forms that answer, no barrier."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.factories import ObjectiveFactory

pytestmark = pytest.mark.django_db(transaction=True)

DOCS = "/api/v1/docs/"


def test_form_shows_the_answer_on_the_page(page):
    objective = ObjectiveFactory(kind="main")
    page.goto(DOCS)
    operation = page.locator("#objectives_list")
    operation.locator("summary").first.click()
    operation.get_by_label("kind").fill("main")
    operation.get_by_role("button").click()
    body = operation.locator(".answer-body")
    body.filter(has_text=objective.slug).wait_for()
    assert operation.locator(".answer-status").inner_text() == "200 OK"
    assert operation.locator(".answer-url").inner_text().endswith("/api/v1/objectives/?kind=main")


@pytest.mark.parametrize("width", [360, 1440])
def test_page_has_no_serious_barrier_and_no_sideways_scroll(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(DOCS)
    page.locator("details").evaluate_all("found => found.forEach(element => element.open = true)")
    violations = Axe().run(page).response["violations"]
    assert [rule["id"] for rule in violations if rule["impact"] in {"serious", "critical"}] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
