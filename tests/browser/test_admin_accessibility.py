"""axe-core on the admin (WCAG 2.2 A and AA), at the width of a phone and of a desk, and hostile texts."""

from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from cms.content.snapshots import snapshot
from cms.editing.models import UnsavedForm
from cms.publishing import actions
from cms.publishing.models import Release
from cms.publishing.models.items import reference
from partners.models import Partnership
from priorities.models import Objective, Strategy
from regions.models import Office
from tests.browser.admin import log_in
from tests.drafts import put_aside
from tests.factories import (
    AlignmentFactory,
    DocumentFactory,
    ObjectiveFactory,
    OfficeFactory,
    OutlineEntryFactory,
    PartnershipFactory,
    SectionFactory,
    StrategyFactory,
    StrategyThematicAreaFactory,
)

HOSTILE = '"><img src=x onerror=document.title="hacked"><script>document.title="hacked"</script>'
SERIOUS = {"serious", "critical"}


@pytest.fixture
def content(db):
    """One of everything, with children, some of it incomplete."""
    office = OfficeFactory(name_es="Oficina", introduction_en="<p>Text</p>")
    OfficeFactory(parent=office, live=False)
    SectionFactory(office=office)
    strategy = StrategyFactory(office=office, summary_en="<p>Text</p>")
    OutlineEntryFactory.create_batch(2, strategy=strategy)
    StrategyThematicAreaFactory(strategy=strategy)
    DocumentFactory(strategy=strategy)
    AlignmentFactory(objective=ObjectiveFactory(strategy=strategy))
    PartnershipFactory(office=office)
    for number in (1, 2):
        data = snapshot(strategy)
        data["fields"] |= {"title_en": f"Draft {number}", "summary_es": "<p>Resumen.</p>"}
        actions.save_draft(item=strategy, data=data, user=None, opened_on=None, comment="A reason.")
    mine = put_aside(strategy)
    assert mine.number == 4
    actions.add_to_release(release=Release.objects.create(title="Spring"), items=[strategy], user=None)


def strategy_page(name, *args):
    return reverse(f"admin:priorities_strategy_{name}", args=[Strategy.objects.get().pk, *args])


def serious_violations(page) -> list[str]:
    # "preload" makes axe add a <style> element, which the policy refuses.
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "preload": False}
    result = Axe().run(page, options=options)
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in result.response["violations"]
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]


def buttons_outside_the_window(page) -> list[str]:
    """Return the buttons below a form that can only be reached by scrolling sideways."""
    return page.locator(".submit-row input:visible, .submit-row button:visible, .submit-row a:visible").evaluate_all(
        """(buttons) => buttons.filter((button) => {
            const box = button.getBoundingClientRect();
            return box.left < 0 || box.right > innerWidth;
        }).map((button) => button.outerHTML)"""
    )


ADMIN_PAGES = {
    "index": lambda: reverse("admin:index"),
    "office list": lambda: reverse("admin:regions_office_changelist"),
    "objective list": lambda: reverse("admin:priorities_objective_changelist"),
    "strategy form": lambda: reverse("admin:priorities_strategy_change", args=[Strategy.objects.get().pk]),
    "office form": lambda: reverse(
        "admin:regions_office_change", args=[Office.objects.filter(sections__isnull=False).get().pk]
    ),
    "objective form": lambda: reverse("admin:priorities_objective_change", args=[Objective.objects.get().pk]),
    "review": lambda: strategy_page("review"),
    "history": lambda: strategy_page("history"),
    "comparison": lambda: strategy_page("compare") + "?from=1&to=3",
    "conflict": lambda: strategy_page("conflict", 4),
    "release": lambda: reverse("admin:publishing_release_review", args=[Release.objects.get().pk]),
    "glossary": lambda: reverse("admin:translations_concept_changelist"),
    "term of the glossary": lambda: reverse("admin:translations_concept_add"),
    "import of the glossary": lambda: reverse("admin:translations_concept_import"),
    "import of translations": lambda: reverse("admin:xliff_import"),
    "export of translations": lambda: reverse("admin:publishing_release_xliff", args=[Release.objects.get().pk]),
    "password change": lambda: reverse("admin:password_change"),
    "own settings": lambda: reverse("admin:own_settings"),
}


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("name", ADMIN_PAGES)
def test_admin_page_has_no_serious_violation(page, admin_user, live_server, content, name, width):
    log_in(page, admin_user, live_server)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(ADMIN_PAGES[name]())
    page.wait_for_load_state("networkidle")
    for toggle in page.locator(".row-toggle").all():
        toggle.click()
    page.wait_for_function("[...document.querySelectorAll('.ProseMirror')].every((text) => text.ariaLabel)")
    assert serious_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert buttons_outside_the_window(page) == []


@pytest.mark.parametrize("width", [360, 1440])
def test_page_that_asks_before_a_withdrawal_has_no_serious_violation(page, admin_user, live_server, content, width):
    log_in(page, admin_user, live_server)
    page.set_viewport_size({"width": width, "height": 900})
    office = Strategy.objects.get().office
    page.goto(reverse("admin:regions_office_review", args=[office.pk]))
    page.click("button[value=withdraw]")
    assert "Objective: 1" in page.locator(".impact").inner_text()
    assert serious_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert buttons_outside_the_window(page) == []
    page.click("button[name=post]")
    page.locator(".messagelist .success").wait_for()
    office.refresh_from_db()
    assert not office.is_live


@pytest.mark.parametrize("width", [360, 1440])
def test_form_with_text_that_waits_a_preview_and_errors_has_no_serious_violation(
    page, admin_user, live_server, content, width
):
    strategy = Strategy.objects.get()
    UnsavedForm.keep(admin_user, form_key=uuid4(), typed="website=no+address", **reference(strategy), corrects=False)
    log_in(page, admin_user, live_server)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(strategy_page("change"))
    page.click("#preview-toggle")
    page.frame_locator("#preview-pane iframe").locator("h1").wait_for()
    page.click(".more-buttons summary")
    assert page.locator(".unsaved-form a").is_visible()
    assert serious_violations(page) == []
    # The browser's requests share one database in memory here, so one thing at a time.
    page.click("#preview-pane button")
    page.wait_for_load_state("networkidle")
    page.click("button[name=_discard]")
    page.locator(".unsaved-form").wait_for(state="detached")
    page.fill("#id_slug", "no slug!")
    page.keyboard.press("Control+S")
    page.locator("#error-links").wait_for()
    assert serious_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert buttons_outside_the_window(page) == []


def test_login_page_has_no_serious_violation(page):
    page.goto(reverse("admin:login"))
    assert serious_violations(page) == []


def test_hostile_texts_do_nothing_anywhere(page, admin_user, live_server):
    office = OfficeFactory(name_en=HOSTILE, short_name_en=HOSTILE, introduction_en=HOSTILE, live=False)
    SectionFactory(office=office, heading_en=HOSTILE)
    strategy = StrategyFactory(office=office, title_en=HOSTILE)
    OutlineEntryFactory(strategy=strategy, title_en=HOSTILE)
    objective = ObjectiveFactory(strategy=strategy, statement_en=HOSTILE, live=False)
    partnership: Partnership = PartnershipFactory(office=office, partner__name_en=HOSTILE)
    log_in(page, admin_user, live_server)

    def check(url):
        page.goto(url)
        page.wait_for_load_state("networkidle")
        assert page.title() != "hacked"
        assert page.locator("img[src=x]").count() == 0

    for item in (office, strategy, objective, partnership):
        base = f"admin:{item._meta.app_label}_{item._meta.model_name}"
        check(reverse(f"{base}_changelist"))
        check(reverse(f"{base}_change", args=[item.pk]))
        page.locator("input[name=_continue]").last.click()
        page.locator(".messagelist .success").wait_for()
        assert page.locator("img[src=x]").count() == 0
        check(reverse(f"{base}_history", args=[item.pk]))
    check(reverse("admin:regions_office_delete", args=[office.pk]))
    check(reverse("admin:index"))
    page.goto(reverse("admin:priorities_strategy_add"))
    page.click(".field-office .select2-selection")
    page.locator(".select2-results__option", has_text="onerror").click()
    assert page.locator("img[src=x]").count() == 0
