"""What the checks ask about translations, and who said that something is right as it is, and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.template.defaultfilters import linebreaksbr
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from cms.content.fields import sanitize_html
from cms.content.models import Publishable
from cms.editing.models import AcceptedFinding
from cms.publishing import actions
from cms.publishing.models.items import reference, refers_to_any
from cms.publishing.permissions import Action, require
from cms.translations.checks import Finding, checks
from cms.translations.glossary import Glossary, TermFound
from cms.translations.texts import Text

Accepted = Mapping[tuple, AcceptedFinding]  # by key of the row, place and key of the finding


@dataclass(frozen=True)
class Asked:
    """Something that a check asks about a text; ``accepted`` says why it is right as it is, where somebody did."""

    finding: Finding
    accepted: AcceptedFinding | None = None


def accepted_of(items: Iterable[Publishable], language: str) -> Accepted:
    """Return what was accepted about the texts of ``items`` in ``language``. One query."""
    found = AcceptedFinding.objects.filter(refers_to_any(items), language=language).select_related("user")
    return {(each.object_id, each.place, each.finding): each for each in found}


def asked_about(item: Publishable, text: Text, target: str, *, terms: Glossary, accepted: Accepted) -> list[Asked]:
    """Return what the checks ask about ``target`` as the translation ``text`` of ``item``."""
    found = checks(
        text.source,
        target,
        language=text.language,
        source_language=text.source_language,
        max_length=text.max_length,
        is_rich=text.is_rich,
        terms=terms,
    )
    return [Asked(finding, accepted.get((item.pk, text.place, finding.key))) for finding in found]


@transaction.atomic
def accept(item: Publishable, text: Text, reasons: Iterable[tuple[Finding, str]], *, user) -> None:
    """Keep why findings about a text are right as they are, for good, and say so in the conversation of its part.

    Raises ``PermissionDenied`` for who may not write the text.
    """
    require(user, Action.SAVE, [item], languages=[text.language])
    for finding, reason in reasons:
        AcceptedFinding.objects.update_or_create(
            **reference(item),
            language=text.language,
            place=text.place,
            finding=finding.key,
            defaults={"reason": reason, "user": user},
        )
        said = f"{text.label}: {finding.message} {reason}"
        actions.comment(item=item, part=text.language, user=user, text=said)


@dataclass(frozen=True)
class Marked:
    """A source text as it is shown: its HTML with the terms of the glossary marked, and those terms."""

    html: SafeString
    terms: list[TermFound]


def with_terms(text: Text, glossary: Glossary) -> Marked:
    """Return the source of ``text`` with its terms marked. A term that goes on in another element is listed only."""
    source = sanitize_html(text.source) if text.is_rich else text.source
    safe: Any = mark_safe if text.is_rich else escape
    terms = glossary.terms_in(source, text.source_language, text.language)
    pieces, end = [], 0
    for term in terms:
        if term.start >= end and "<" not in (word := source[term.start : term.end]):
            mark = format_html('<mark title="{}">{}</mark>', term.term, safe(word))
            pieces += [safe(source[end : term.start]), mark]
            end = term.end
    html = format_html("{}" * (len(pieces) + 1), *pieces, safe(source[end:]))
    return Marked(html if text.is_rich else linebreaksbr(html), list({term.slug: term for term in terms}.values()))
