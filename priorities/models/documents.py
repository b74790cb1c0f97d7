"""The document of a strategy: its outline, chapter by chapter, and its files."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cms.content.addresses import address
from cms.content.fields import LanguageField, RichTextField
from cms.content.models import Child, LocalizedName
from cms.content.schema import Public, Schema
from cms.content.validators import validate_document
from priorities.models.strategies import Strategy


class OutlineEntry(LocalizedName, Child):
    """An entry of a strategy's table of contents; with a text it is that chapter, to be read online."""

    strategy = models.ForeignKey(Strategy, models.CASCADE, verbose_name=_("strategy"), related_name="outline")
    anchor = models.SlugField(
        _("anchor"), max_length=80, help_text=_("The stable address of this entry on its page: #anchor.")
    )
    number = models.CharField(_("number"), max_length=20, blank=True)
    title = models.CharField(_("title"), max_length=250, blank=True)
    body = RichTextField(_("text"), blank=True)
    level = models.PositiveSmallIntegerField(
        _("level"),
        default=1,
        choices=[(1, _("chapter")), (2, _("section")), (3, _("subsection")), (4, _("paragraph"))],
        help_text=_("A section belongs to the chapter above it, and so on."),
    )

    schema = Schema(
        Public(None, "title", ("number", "level", "anchor"), "body"),
        translated=("title", "body"),
        required=("title",),
    )
    name_field = "title"
    natural_key_fields = ("anchor",)
    parent_field = "strategy"

    class Meta(Child.Meta):
        verbose_name = _("outline entry")
        verbose_name_plural = _("outline")
        constraints = [
            models.UniqueConstraint(fields=["strategy", "anchor"], name="priorities_outline_anchor_unique"),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=4), name="priorities_outline_level_known"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {super().__str__()}".strip()


class Document(Child):
    """The strategy as a file in one language."""

    strategy = models.ForeignKey(Strategy, models.CASCADE, verbose_name=_("strategy"), related_name="documents")
    language = LanguageField(_("language"))
    title = models.CharField(_("title"), max_length=250, help_text=_("In the language of the file."))
    file = models.FileField(
        _("file"),
        upload_to="strategies/documents",
        validators=[validate_document],
        help_text=_("PDF, Word (.docx) or OpenDocument (.odt)."),
    )

    schema = Schema(Public(None, "language", "title", "file"))
    natural_key_fields = ("language", "title")
    search_title = ("title",)
    search_url = "get_absolute_url"
    search_weight = 8
    search_related = ("strategy__office",)
    search_words = _("document, download, PDF, DOCX")
    parent_field = "strategy"

    class Meta(Child.Meta):
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [
            models.UniqueConstraint(fields=["strategy", "language", "title"], name="priorities_document_title_unique")
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"

    def get_absolute_url(self) -> str:
        return address("document", self.pk, self.filename)

    @property
    def filename(self) -> str:
        """The name under which the file is downloaded: ``<strategy>-<language>.pdf``."""
        extension = self.file.name.rsplit(".", 1)[-1].lower()
        return f"{self.strategy.slug}-{self.language}.{extension}"
