"""In which language or languages the texts of an answer are given."""

from dataclasses import dataclass

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Concat

from cms.content.languages import column, displayed, fallback_chain, site_languages

EVERY = "*"  # every language: RFC 4647, section 2.1, the wildcard range


@dataclass(frozen=True)
class Wording:
    """Where a text is looked for.

    ``requested`` is the language asked for, or :data:`EVERY`; ``chain`` the languages that may give a text, in
    their order: the one asked for and those that stand in for it.
    """

    requested: str
    chain: tuple[str, ...]

    @property
    def every(self) -> bool:
        """Whether each text is given in all languages that it has."""
        return self.requested == EVERY

    def shown(self, field_name: str) -> models.Expression:
        """Return the SQL expression of the text to search in: the one that is given, or all of them.

        ``field_name`` may go through relations.
        """
        if not self.every:
            return displayed(field_name, chain=self.chain)
        texts = []
        for code in self.chain:  # a line each, so that no term is found across two languages
            text = Coalesce(F(column(field_name, code)), Value(""), output_field=models.TextField())
            texts += [text, Value("\n")]
        return Concat(*texts, output_field=models.TextField())


def wording(language: str, *, fallback: bool = True) -> Wording:
    """Return the wording of ``language``: a code of the site, or :data:`EVERY`."""
    if language == EVERY:
        return Wording(EVERY, tuple(site_languages()))
    return Wording(language, tuple(fallback_chain(language)) if fallback else (language,))
