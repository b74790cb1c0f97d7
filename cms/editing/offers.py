"""What the translation memory offers for a text: passages that the site has published, with where they stand.

Nothing of it is filled in unasked.
"""

from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType

from cms.content.comparison import readable
from cms.content.models import Publishable
from cms.editing.language_work import names_of
from cms.translations.memory import Match, matches
from cms.translations.texts import Text

MOST_OFFERED = 9  # as many as there are keys for


@dataclass(frozen=True)
class Offer:
    """A published passage and its translation; ``name`` is that of the item that it stands in."""

    match: Match
    name: str

    @property
    def kind(self) -> str:
        return str(self.match.model._meta.verbose_name)

    @property
    def shown(self) -> str:
        """The translation as people read it."""
        return readable(self.match.target)


def offers_for(item: Publishable, text: Text) -> list[Offer]:
    """Return what is published elsewhere that says what the source of ``text`` does, the most like first."""
    found = matches(
        text.source, source_language=text.source_language, target_language=text.language, is_rich=text.is_rich
    )
    others = [match for match in found if (match.item_id, match.place) != (item.pk, text.place)]
    best = sorted(others, key=lambda match: -match.score)[:MOST_OFFERED]
    kinds = {match.model: ContentType.objects.get_for_model(match.model).pk for match in best}
    names = names_of({(kinds[match.model], match.item_id) for match in best})
    return [Offer(match, names.get((kinds[match.model], match.item_id), ("", ""))[0]) for match in best]
