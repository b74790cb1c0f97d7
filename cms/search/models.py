"""The index of the public search: derived from content, and made anew from it by ``manage.py rebuild_search``; and the
words that mean the same, which staff edit."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cms.content.models import ContentModel, ContentQuerySet, LocalizedName
from cms.content.schema import Public, Schema

MOST_POSITIONS = 255  # of one lexeme in a tsvector
LAST_POSITION = 16_383  # in a tsvector; see "Limitations" in PostgreSQL's chapter on text search


class TokensField(models.TextField):
    """A list of tokens, written and never read: text that FTS5 indexes on SQLite, a ``tsvector`` on PostgreSQL."""

    def db_type(self, connection) -> str:
        return "tsvector" if connection.vendor == "postgresql" else "text"

    def get_placeholder(self, value, compiler, connection) -> str:
        return "%s::tsvector" if connection.vendor == "postgresql" else "%s"

    def get_db_prep_value(self, value, connection, prepared=False):  # noqa: FBT002 - Django's own signature
        if value is None:
            return None
        if connection.vendor != "postgresql":
            return " ".join(value)
        positions: dict[str, list[int]] = {}
        for number, token in enumerate(value, start=1):
            found = positions.setdefault(token, [])
            if number <= LAST_POSITION and len(found) < MOST_POSITIONS:
                found.append(number)
        return " ".join(lexeme(token, numbers) for token, numbers in positions.items())


def lexeme(token: str, positions: list[int]) -> str:
    """Return one lexeme in PostgreSQL's notation of a ``tsvector``: ``'token':1,5``."""
    quoted = "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"
    return f"{quoted}:{','.join(map(str, positions))}" if positions else quoted


class SearchFacets(models.Model):
    """What results are counted by, each combination once: a number for each entry keeps counting quick.

    ``model`` is a label, ``scope`` and ``topics`` are keys in hexadecimal: of a part of the organization, and of any
    number of topics with spaces between them.
    """

    model = models.CharField(max_length=100)
    scope = models.CharField(max_length=32, blank=True)
    topics = models.CharField(max_length=2_000, blank=True)

    class Meta:
        verbose_name = _("facets of the search index")
        verbose_name_plural = _("facets of the search index")
        constraints = [models.UniqueConstraint(fields=["model", "scope", "topics"], name="search_facets_unique")]

    def __str__(self) -> str:
        return " ".join(filter(None, [self.model, self.scope, self.topics]))

    @property
    def key(self) -> tuple[str, str, str]:
        return self.model, self.scope, self.topics


class SearchEntry(models.Model):
    """What a reader of one language finds of one item, as it is shown to that reader, fallback texts included.

    The FTS5 table of SQLite is kept in step by triggers on this one (migration 0003): a later migration that makes
    Django remake this table on SQLite has to create them again.
    """

    id = models.BigAutoField(primary_key=True)
    language = models.CharField(max_length=12)
    model = models.CharField(max_length=100)
    object_id = models.UUIDField()
    item_id = models.UUIDField()  # of the item that it is part of; else its own
    weight = models.PositiveSmallIntegerField()  # of what is found by its name: less is better
    facets = models.ForeignKey(SearchFacets, models.PROTECT, related_name="+", db_index=False)
    slug = models.CharField(max_length=250, blank=True)
    path = models.CharField(max_length=500)
    title = models.TextField()
    title_language = models.CharField(max_length=12)
    label = models.TextField()
    label_language = models.CharField(max_length=12)
    passages = models.JSONField(default=list)
    digest = models.CharField(max_length=32)
    tokens = TokensField()

    class Meta:
        verbose_name = _("entry of the search index")
        verbose_name_plural = _("entries of the search index")
        constraints = [models.UniqueConstraint(fields=["object_id", "language"], name="search_entry")]
        indexes = [
            models.Index(fields=["language", "model", "slug"], name="search_slug"),
            models.Index(fields=["item_id"], name="search_item"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"


class SearchWord(models.Model):
    """A word of the site in one reader's language, from which misspelt words are corrected."""

    language = models.CharField(max_length=12)
    word = models.CharField(max_length=64)
    shown = models.CharField(max_length=64)
    initial = models.CharField(max_length=1)
    length = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("word of the search index")
        verbose_name_plural = _("words of the search index")
        constraints = [models.UniqueConstraint(fields=["language", "word"], name="search_word")]
        indexes = [models.Index(fields=["language", "initial", "length"], name="search_spelling")]

    def __str__(self) -> str:
        return self.shown


class Synonyms(LocalizedName, ContentModel):
    """Words that mean the same to who searches: acronyms, other names, everyday words for a term of art.

    All words of a row stand for each other, those of other languages too. Reference data: what is saved is public.
    """

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    words = models.TextField(
        _("words"),
        blank=True,
        max_length=2_000,
        help_text=_("Words, acronyms and phrases that mean the same, one a line. Who looks for one finds the others."),
    )

    schema = Schema(Public(None, "slug", "words"), translated=("words",), required=("words",))
    collection = "synonyms"
    name_field = "words"
    has_page = False
    search_url = None

    objects = ContentQuerySet.as_manager()  # type: ignore[django-manager-missing] # the plugin cannot follow it

    class Meta:
        verbose_name = _("synonyms")
        verbose_name_plural = _("synonyms")
        ordering = ("slug",)

    def __str__(self) -> str:
        return ", ".join(super().__str__().split("\n"))

    def get_absolute_url(self) -> str:
        return reverse("search")
