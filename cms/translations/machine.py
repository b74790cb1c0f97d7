"""Machine translation: one interface that an installation may fill (``docs/machine-translation.md``).

No service comes with the site, and no text leaves it unless the operator names a class in ``MACHINE_TRANSLATION``.
What comes back is drafted, and says that a machine made it until a person has changed or confirmed it.
"""

from collections.abc import Iterable
from typing import Protocol

from django.conf import settings
from django.contrib.auth.models import User as Person
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from cms.content.languages import column
from cms.content.models import Publishable
from cms.content.snapshots import Snapshot
from cms.publishing import audit
from cms.publishing.actions import save_draft
from cms.publishing.drafts import composed, drafts_of, edit_token
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import Revision
from cms.publishing.permissions import Action, require
from cms.publishing.stamps import Provenance
from cms.translations.texts import Text, texts_of


class MachineTranslation(Protocol):
    """What an installation provides: a class that is made without arguments."""

    def translate(self, texts: list[str], source: str, target: str) -> list[str]:
        """Return ``texts``, plain or HTML, from the language ``source`` in ``target`` (codes as in ``LANGUAGES``), in
        their order; an empty one where it cannot be done. An exception gives all of them up."""
        ...


def is_on() -> bool:
    """Say whether the site has machine translation."""
    return bool(settings.MACHINE_TRANSLATION)


def service() -> MachineTranslation:
    """Return what translates; raises ``PublishingError`` where the site has nothing that does."""
    if not is_on():
        raise PublishingError(_("This site has no machine translation."), code="machine")
    return import_string(settings.MACHINE_TRANSLATION)()


def machine_translate(
    *, item: Publishable, language: str, user: Person | None, places: Iterable[str] | None = None
) -> Revision | None:
    """Send the texts of ``item`` that are missing or outdated in ``language`` (those at ``places``, where they are
    named) to the machine, and draft what comes back; return the revision, ``None`` where there was nothing to send.

    The audit trail has what was sent before it is. Nothing is locked meanwhile: who writes one of these texts first,
    has it. Raises ``PublishingError`` where the site has no machine translation or it gives an answer of another
    number of texts, ``EditConflict``, ``PermissionDenied``.
    """
    require(user, Action.SAVE, [item], languages=[language])
    machine, drafts = service(), drafts_of(item)
    chosen = None if places is None else set(places)
    texts = [text for text in texts_of(item, language, drafts=drafts) if is_sent(text, chosen)]
    found: dict[str, str] = {}
    for source in sorted({text.source_language for text in texts}):
        found |= ask(machine, item, [text for text in texts if text.source_language == source], source, language, user)
    if not found:
        return None
    data = composed(item, drafts.working)
    return save_draft(
        item=item,
        data=with_texts(data, [(text, found[text.place]) for text in texts if text.place in found]),
        user=user,
        opened_on=edit_token(drafts.working),
        comment=str(_("Translated by machine.")),
        provenance=dict.fromkeys(found, Provenance.MACHINE.value),
    )


def is_sent(text: Text, chosen: set[str] | None) -> bool:
    return text.needs_work and text.source_language != text.language and (chosen is None or text.place in chosen)


def ask(
    machine: MachineTranslation, item: Publishable, texts: list[Text], source: str, target: str, user: Person | None
) -> dict[str, str]:
    """Return what ``machine`` makes of ``texts``, by place, and write down that they were sent."""
    audit.write(
        audit.Action.MACHINE_TRANSLATE,
        user,
        [item],
        service=settings.MACHINE_TRANSLATION,
        source=source,
        target=target,
        sent={text.place: text.source for text in texts},
    )
    answers = machine.translate([text.source for text in texts], source, target)
    if len(answers) != len(texts):
        raise PublishingError(_("The machine translation answered with another number of texts."), code="machine")
    return {text.place: answer for text, answer in zip(texts, answers, strict=True) if answer}


def with_texts(data: Snapshot, texts: Iterable[tuple[Text, str]]) -> Snapshot:
    """Return the snapshot ``data`` with ``texts`` in it, cleaned as their fields clean what is typed."""
    for text, answer in texts:
        rows = data["children"].get(text.kind, []) if text.kind else []
        row = next((each for each in rows if each["id"] == text.row), data["fields"])
        row[column(text.field.name, text.language)] = cleaned(text, answer)
    return data


def cleaned(text: Text, answer: str) -> str:
    """Return ``answer`` as the field stores it: sanitised, and no longer than it may be."""
    value = str(text.field.get_prep_value(answer))
    return value[: text.max_length] if text.max_length else value
