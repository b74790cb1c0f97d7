"""What the browser tests of the admin share."""

from django.test import Client

from cms.content.models import Publishable
from cms.content.snapshots import Snapshot
from tests.drafts import drafted


def draft_of(item: Publishable) -> Snapshot:
    """Return what the open draft of ``item`` holds."""
    return drafted(item)


def log_in(page, user, live_server) -> None:
    """Give the browser a session of ``user``, without going through the login page."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])


def open_editor(page, field_id: str):
    """Return the rich text editor of a textarea once it is ready for typing."""
    page.locator(f"#{field_id}").locator(
        "xpath=ancestor::*[contains(@class, 'form-row')]"
    ).scroll_into_view_if_needed()
    editor = page.locator(f".prose-editor:has(> #{field_id}) .ProseMirror")
    editor.wait_for()
    return editor


def choose_language(page, field_id: str, language: str) -> None:
    """Open the tab of ``language`` of a translated field; ``field_id`` names it without its language."""
    page.locator(f"[role=tab][aria-controls=tab_{field_id}_{language}]").click()
