"""What a document is made from: the whole strategy as one HTML page in one language.

Both formats are made from this page, so they cannot say different things. It depends on what is live and on
nothing else, neither on the time nor on the reader: the same content gives the same page, and its digest tells
whether a stored file is still true.
"""

import re
from datetime import datetime
from functools import cache
from hashlib import sha256
from itertools import groupby
from pathlib import Path

from django.conf import settings
from django.db.models import Prefetch
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import override

from cms.content.characters import without_forbidden
from cms.content.children import prefetch_children
from cms.content.fields import limited
from cms.content.languages import is_right_to_left, localized
from cms.content.links import resolved
from cms.content.models import Publishable
from cms.pages.colours import ink_on, readable_on
from cms.publishing.history import versions_of
from partners.models import Partnership
from priorities.models import Pillar, Strategy
from priorities.theme import CSS_COLOUR, CSS_NAME
from regions.models import Organization
from renditions.document import Source

PAPER = "#ffffff"
SPAN = re.compile(r'\b(colspan|rowspan|start)="([^"]*)"')
# What the looks of a document are made of: files made before a change of one of these are not used after it.
PARTS = ("renditions", "templates/renditions", "static/fonts")


@cache
def looks() -> str:
    """Return a digest of the code, templates, styles and fonts that documents are made with."""
    found = sha256()
    for part in PARTS:
        for path in sorted(Path(settings.BASE_DIR / part).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                found.update(path.read_bytes())
    return found.hexdigest()


def digest_of(html: str) -> str:
    """Return what a page is told apart by, with the looks that its document will have."""
    return sha256(f"{looks()}\n{html}".encode()).hexdigest()[:32]


def live_strategy(slug: str) -> Strategy:
    """Return the live strategy with all that its document says; raises ``Strategy.DoesNotExist``."""
    strategy = Strategy.objects.live().for_page().get(slug=slug)
    prefetch_children(strategy, "outline")
    pillars = Prefetch("pillars", Pillar.objects.live(), to_attr="live_pillars")
    partnerships = Partnership.objects.live().filter(office=strategy.office_id).for_office()
    strategy.live_partnerships = list(partnerships.prefetch_related(pillars))
    return strategy


def goals_served(strategy: Strategy) -> list[tuple]:
    """Return pairs of a framework and its goals, each with pairs of an objective that serves it and on what basis."""
    served = [
        (framework_group.framework, alignment.goal, (objective, alignment.basis))
        for objective in strategy.live_objectives
        for framework_group in objective.goal_groups()
        for alignment in framework_group.alignments
    ]
    served.sort(key=lambda row: (row[0].position, row[0].slug, row[1].position, row[1].code))
    rows = []
    for framework, of_framework in groupby(served, key=lambda row: row[0]):
        goals = groupby(of_framework, key=lambda row: row[1])
        rows.append((framework, [(goal, [row[2] for row in of_goal]) for goal, of_goal in goals]))
    return rows


def theme(strategy: Strategy, goals: list[tuple]) -> str:
    """Return the style rules that give pillars and goals their colours."""
    colours = {f"pillar-{group.pillar.slug}": group.pillar.colour for group in strategy.pillar_groups()}
    colours |= {goal.css_class: goal.colour for _framework, rows in goals for goal, _objectives in rows}
    return "\n".join(
        f".{name}{{--accent:{colour};--on-accent:{ink_on(colour)};--accent-text:{readable_on(PAPER, colour)}}}"
        for name, colour in colours.items()
        if CSS_NAME.match(name) and CSS_COLOUR.match(colour or "")
    )


def content_date(strategy: Strategy) -> datetime:
    """Return when the newest part of the document was published."""
    parts: list[Publishable] = [strategy, *strategy.live_objectives, *strategy.live_partnerships]
    return max(part.last_published_at for part in parts)


def bounded(span: re.Match) -> str:
    """Return a number of a table or list within the limits of rich text: stored texts may be older than these."""
    return f'{span[1]}="{limited("", span[1], span[2]) or 1}"'


def source_of(slug: str, language: str) -> Source:
    """Return the source of the document of a live strategy in ``language``; raises ``Strategy.DoesNotExist``."""
    with override(language):
        strategy = live_strategy(slug)
        organization = Organization.objects.live().first()
        address = settings.SITE_URL + strategy.get_absolute_url()
        fallbacks: set[str] = set()
        context = {
            "strategy": strategy,
            "organization": organization,
            "goals_served": goals_served(strategy),
            "fallbacks": fallbacks,
            "address": address,
            "version": versions_of(strategy)[-1],
            "content_date": content_date(strategy),
            "language": language,
            "direction": "rtl" if is_right_to_left(language) else "ltr",
        }
        body = render_to_string("renditions/body.html", context)
        body = mark_safe(resolved(body, base=settings.SITE_URL))  # noqa: S308 - rendered
        title = without_forbidden(localized(strategy, "title").value)
        html = render_to_string(
            "renditions/strategy.html",
            {
                **context,
                "title": title,
                "body": body,
                "fallback_languages": sorted(fallbacks),
                "theme": theme(strategy, context["goals_served"]),
            },
        )
        html = SPAN.sub(bounded, without_forbidden(html))
        return Source(
            key=strategy.pk,
            slug=slug,
            language=language,
            title=title,
            author=without_forbidden(str(organization or "")),
            subject=without_forbidden(localized(strategy.office, "name").value),
            published_at=context["content_date"],
            address=address,
            html=html,
            digest=digest_of(html),
        )
