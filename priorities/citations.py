"""How a version of a strategy is cited: in words, as BibTeX and as RIS.

The year is that of the work, which may be older than the site; when the site published a version is told apart.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from cms.content.languages import localized
from cms.publishing.history import Version
from priorities.models import Strategy

CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
BIBTEX_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}


@dataclass(frozen=True)
class Citation:
    """What a citation is made of; texts are of one line."""

    key: str
    author: str
    title: str
    year: int | None
    uploaded_on: date | None
    published_at: datetime
    number: int
    language: str
    url: str
    reference_number: str

    @property
    def edition(self) -> str:
        """Which version of the site it is, and of which day."""
        return f"Version {self.number} ({self.published_at:%Y-%m-%d})"


def year_of_work(strategy: Strategy, published_at: datetime) -> int | None:
    """Return the year from which ``strategy`` is, as far as it is known; ``None`` where nothing tells.

    It is that of the upload, else the first of the period, but none after the site published it, at ``published_at``.
    """
    if strategy.uploaded_on:
        return strategy.uploaded_on.year
    year = timezone.localtime(published_at).year
    return min(strategy.period_from, year) if strategy.period_from else None


def one_line(text: str) -> str:
    """Return ``text`` without line breaks and control characters: a field of a citation is one line."""
    return CONTROL.sub(" ", str(text)).strip()


def citation_of(strategy: Strategy, version: Version, publisher) -> Citation:
    """Return the citation of ``strategy`` as it was in ``version``; ``publisher`` is the organization, or ``None``.

    Where there is no publisher the office is the author.
    """
    title = localized(strategy, "title")
    path = reverse("priorities:strategy-version", args=[strategy.slug, version.number])
    return Citation(
        key=f"{strategy.slug}-{version.number}",
        author=one_line(localized(publisher or strategy.office, "name").value),
        title=one_line(title.value),
        year=year_of_work(strategy, version.published_at),
        uploaded_on=strategy.uploaded_on,
        published_at=timezone.localtime(version.published_at),
        number=version.number,
        language=title.language,
        url=settings.SITE_URL + path,
        reference_number=one_line(strategy.reference_number),
    )


def bibtex(citation: Citation) -> str:
    """Return a BibTeX entry (``@techreport``, which every style knows)."""

    def escaped(text: str) -> str:
        return "".join(BIBTEX_SPECIAL.get(sign, sign) for sign in text)

    uploaded = citation.uploaded_on
    fields = {
        "author": f"{{{escaped(citation.author)}}}",  # in braces of its own: a body, not a first and a last name
        "title": f"{{{escaped(citation.title)}}}",
        "institution": escaped(citation.author),
        "year": str(citation.year or ""),
        "month": str(uploaded.month) if uploaded else "",
        "number": escaped(citation.reference_number),
        "edition": citation.edition,
        "language": citation.language,
        "url": citation.url,
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@techreport{{{citation.key},", *lines, "}", ""])


def ris(citation: Citation) -> str:
    """Return an RIS record of type RPRT, its lines ended as the format asks (CR LF)."""
    uploaded = citation.uploaded_on
    fields = [
        ("TY", "RPRT"),
        ("AU", citation.author),
        ("TI", citation.title),
        ("PB", citation.author),
        ("PY", str(citation.year or "")),
        ("DA", f"{uploaded:%Y/%m/%d}" if uploaded else ""),
        ("ET", citation.edition),
        ("M1", citation.reference_number),
        ("LA", citation.language),
        ("UR", citation.url),
        ("ID", citation.key),
        ("ER", ""),
    ]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in fields if value or tag == "ER")
