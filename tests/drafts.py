"""What tests ask about drafts."""

from cms.content.models import Publishable
from cms.content.parts import digest, parts_of
from cms.publishing.actions.storing import add_revision, begin_history
from cms.publishing.drafts import drafted, drafts_of, edit_token
from cms.publishing.models import PartVersion, Revision

__all__ = ["aside_of", "drafted", "has_draft", "put_aside", "states_of", "token_of"]


def states_of(item: Publishable) -> dict[str, str]:
    """Return the states of the open parts of ``item``."""
    return {part: str(version.state) for part, version in drafts_of(item).open.items()}


def has_draft(item: Publishable) -> bool:
    return bool(states_of(item))


def token_of(item: Publishable) -> str:
    """Return what a form that is opened on ``item`` now carries."""
    return edit_token(drafts_of(item).working)


def aside_of(item: Publishable) -> Revision:
    """Return the revision of ``item`` that was set aside."""
    return Revision.objects.of(item).filter(versions__state=PartVersion.State.SET_ASIDE).distinct().get()


def put_aside(item: Publishable, data=None, *, user=None) -> Revision:
    """Set aside ``data`` of ``item``, by default what editors see with other words, as a conflict would."""
    begin_history(item)
    parts = parts_of(type(item), data or with_other_words(item))
    seen = drafts_of(item).working
    made = {
        part: content for part, content in parts.items() if part not in seen or digest(content) != seen[part].digest
    }
    state = PartVersion.State.SET_ASIDE
    return add_revision(item, made, user=user, seen=seen, state=state)[0]


def with_other_words(item: Publishable):
    data = drafted(item)
    names = [name for name, value in data["fields"].items() if name.endswith(("_en", "_es")) and value]
    return {**data, "fields": {**data["fields"], **{name: f"{data['fields'][name]} aside" for name in names}}}
