"""What a strategy is in schema.org's terms (https://schema.org/Report)."""

from datetime import datetime
from typing import Any

from cms.content.languages import localized_first
from cms.content.validators import DOCUMENT_TYPES, extension
from cms.pages.structured_data import absolute, publisher_id
from cms.pages.templatetags.localized import excerpt
from priorities.citations import year_of_work
from priorities.models import Strategy


def report(strategy: Strategy, *, modified: datetime | None) -> dict[str, Any]:
    """Return the ``Report`` that a strategy is; ``modified`` is when its latest version was published."""
    address = absolute(strategy.get_absolute_url())
    first = strategy.first_published_at  # here; the work itself may be older
    published = strategy.uploaded_on or (first and str(year_of_work(strategy, first) or ""))
    period = [str(year) if year else ".." for year in (strategy.period_from, strategy.period_to)]
    return {
        "@type": "Report",
        "@id": f"{address}#report",
        "name": str(strategy.label),
        "headline": str(strategy.label)[:110],
        "description": excerpt(localized_first(strategy, ["summary", "vision"]), 300),
        "url": address,
        "mainEntityOfPage": address,
        "inLanguage": strategy.languages(),
        "datePublished": published,
        "dateModified": modified or strategy.last_published_at,
        "reportNumber": strategy.reference_number,
        "temporalCoverage": "/".join(period) if any((strategy.period_from, strategy.period_to)) else "",
        "author": {
            "@type": "Organization",
            "name": str(localized_first(strategy.office, ["name"])),
            "url": absolute(strategy.office.get_absolute_url()),
        },
        "publisher": {"@id": publisher_id()},
        "isAccessibleForFree": True,
        "about": [
            {"@type": "Thing", "name": str(framework.label), "url": absolute(framework.get_absolute_url())}
            for framework in strategy.live_frameworks
        ],
        "encoding": [
            {
                "@type": "MediaObject",
                "name": document.title,
                "inLanguage": document.language,
                "contentUrl": absolute(document.get_absolute_url()),
                "encodingFormat": DOCUMENT_TYPES.get(extension(document.file)),
            }
            for document in strategy.documents.all()
        ],
    }
