"""Room that a template leaves for apps of higher floors, which it does not know.

``{% slot "office.partners" %}`` (:mod:`cms.pages.templatetags.pages`) shows what the apps put there when they were
ready, in the order of the installed apps, with the context of the page.
"""

from collections import defaultdict

SLOTS: dict[str, list[str]] = defaultdict(list)


def fill(slot: str, template_name: str) -> None:
    """Have the template ``template_name`` shown in ``slot``."""
    SLOTS[slot].append(template_name)
