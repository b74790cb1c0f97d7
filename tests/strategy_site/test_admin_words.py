"""Every page of the admin in another language: what it says as it does in English is said so on purpose."""

import json
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import resolve
from lxml import html

# The pages of one kind are the same: as many are looked at. Django's catalogues differ by language, our code does not.
CAMPAIGN = os.environ.get("CAMPAIGN")
PAGES_OF_A_KIND, LANGUAGES = (2, ("es", "fr", "pt")) if CAMPAIGN else (1, ("pt",))
FORMS = ("_change", "_add")  # of large items each takes a second; the campaign looks at them too
NO_PAGES = {"admin:logout", "admin:jsi18n", "admin:uploaded_file"}
ATTRIBUTES = ("title", "aria-label", "placeholder", "alt", "data-label")
# What does not depend on the language of the interface: texts in a language, names, codes, configuration.
FOREIGN = "//script | //style | //textarea | //bdi | //code | //*[@lang][not(self::html)] | //kbd"
WORD = re.compile(r"[^\W\d_]{3}")
MADE = re.compile(
    r"^› |^(Name|Title|Statement|Heading) of |^\d+\. |^FW |^Document \d|/|^Country [A-Z]{2}$|^Words of a person"
)
MADE_WORDS = {"Organization of Examples", "administrator", '{"what": "audit trail"}'}
SAME = {
    "": {"API", "English", "Español", "Français", "Português", "Webhooks"},
    "es": {"Slug:", "editor"},
    "fr": {
        *("Action", "Code", "Date", "Documents", "Introduction", "Permissions", "Position", "Publication", "Type"),
        *("Section:", "Sections", "section", "globe", "test"),
    },
    "pt": {"E-mail:", "Item", "Item:", "Link", "Link:", "Slug:", "Status", "Status:", "academia", "editor"},
}
FIGURE = re.compile(r" \(\d+\)$| \[\w\w\]")  # beside a filter; the language of a field


def said(page: str) -> set[str]:
    """Return what a page of the admin says: texts, names of controls, and what its scripts say."""
    root = html.fromstring(page)
    data = json.loads(root.get_element_by_id("script-data").text)
    found = [*data["texts"].values(), *data["richText"]["texts"].values()]
    for element in root.xpath(FOREIGN):
        element.drop_tree()
    found += root.xpath("//text()") + [each for name in ATTRIBUTES for each in root.xpath(f"//@{name}")]
    found += root.xpath("//input[@type='submit']/@value")
    return {FIGURE.sub("", " ".join(text.split())) for text in found if WORD.search(text)}


def links_of(address: str, page: str) -> Iterator[str]:
    for link in html.fromstring(page).xpath("//a/@href"):
        parts = urlsplit(urljoin(address, link))
        if not parts.netloc and parts.path.startswith("/admin/"):
            yield parts._replace(fragment="").geturl()


def pages(client) -> Iterator[str]:
    """Yield the addresses of the admin's pages, those of the first items alone."""
    found, kinds, seen = ["/admin/"], Counter(), set()
    for address in found:
        name = resolve(urlsplit(address).path).view_name
        if kinds[name] < PAGES_OF_A_KIND and name not in NO_PAGES and (CAMPAIGN or not name.endswith(FORMS)):
            kinds[name] += 1
            answer = asked(client, address, "en")
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                yield address
                new = dict.fromkeys(links_of(address, answer.text)).keys() - seen
                seen |= new
                found += sorted(new)


def asked(client, address: str, language: str):
    client.cookies["django_language"] = language
    return client.get(address)


@pytest.mark.django_db
@pytest.mark.rendering
class TestWords:
    def test_no_page_of_the_admin_speaks_english_in_another_language(self, site_content):
        client, english = Client(), defaultdict(set)
        client.force_login(User.objects.create_superuser("administrator", password=None))
        for address in pages(client):
            here = said(asked(client, address, "en").text)
            for language in LANGUAGES:
                allowed = SAME[""] | SAME[language] | MADE_WORDS
                for text in (here & said(asked(client, address, language).text)) - allowed:
                    if not MADE.search(text):
                        english[text].add((language, address))
        assert sorted(english) == []
