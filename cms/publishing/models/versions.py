"""What is drafted, and what was published: saves, versions of parts, publications and what was said about them.

The unit of work is a part of an item (:mod:`cms.content.parts`): what all languages share, or the texts of one. Each
part has a chain of versions of its own, of which at most one is open and at most one live. The live rows are always
what the live versions make together; editors see the open ones, else the live ones.
"""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from cms.content.models import Publishable
from cms.content.parts import SHARED
from cms.publishing.models.items import ItemReference, refers_to
from cms.publishing.stored_words import in_words


def part_label(part: str) -> str:
    """Return the name of a part as people read it: the language's own name, or what all languages share."""
    return str(_("shared")) if part == SHARED else get_language_info(part)["name_local"]


class ItemQuerySet(models.QuerySet):
    def of(self, item: Publishable):
        """Return the rows that speak of ``item``."""
        return self.filter(refers_to(item))


class Revision(ItemReference):
    """One act of saving an item. It holds no content: the versions of parts that it made do.

    ``manifest`` names, by part, what editors saw once it was done: the number of the revision that its version is of.
    ``base_number`` is the save that the work began from, where it is known: of what was set aside, and of drafts into
    which a correction of what is live was merged.
    """

    number = models.PositiveIntegerField(_("number"))
    base_number = models.PositiveIntegerField(_("made from revision"), null=True, blank=True)
    manifest = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("saved"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("saved by"), related_name="+", null=True, blank=True
    )
    comment = models.TextField(_("why"), blank=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ("-number",)
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id", "number"], name="publishing_revision_number_unique"
            )
        ]

    def __str__(self) -> str:
        return str(self.number)

    @property
    def reason(self) -> str:
        """Why it was saved, in the active language where the site itself says so."""
        return in_words(self.comment)

    @property
    def is_aside(self) -> bool:
        """Whether it could not be saved, because somebody else had saved first, and waits to be merged."""
        return any(version.state == PartVersion.State.SET_ASIDE for version in self.versions.all())

    @property
    def publications(self) -> list["Publication"]:
        """The publications of its versions, each once, the first one first."""
        found = {version.publication for version in self.versions.all() if version.publication}
        return sorted(found, key=lambda publication: publication.number)


class Publication(ItemReference):
    """That parts of an item became public together: a version that readers can look at for ever.

    Its content is what was live then: of each part the newest version that was published with it or before.
    """

    number = models.PositiveIntegerField(_("version"))
    parts = models.JSONField(_("parts"), default=list)
    published_at = models.DateTimeField(_("published"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("published by"),
        related_name="+",
        null=True,
        blank=True,
    )
    note = models.JSONField(_("public note"), default=dict, blank=True)
    release = models.ForeignKey(
        "publishing.Release",
        models.SET_NULL,
        verbose_name=_("release"),
        related_name="publications",
        null=True,
        blank=True,
    )

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id", "number"], name="publishing_publication_number_unique"
            )
        ]

    def __str__(self) -> str:
        return str(self.number)


class PartVersionQuerySet(ItemQuerySet):
    def open(self):
        """Return the drafts: versions that may still become public. A part has at most one."""
        return self.filter(state__in=PartVersion.OPEN_STATES)

    def live(self):
        """Return the versions that the live rows are made of. A part has at most one."""
        return self.filter(state=PartVersion.State.LIVE)

    def working(self):
        """Return open and live versions: what editors see is made of them."""
        return self.filter(state__in=[*PartVersion.OPEN_STATES, PartVersion.State.LIVE])

    def published(self):
        """Return the versions that are or were live. They are never changed and never deleted."""
        return self.filter(state__in=[PartVersion.State.LIVE, PartVersion.State.PAST])


class PartVersion(ItemReference):
    """One state of one part of an item. Its content never changes; where it stands on its way to the public does.

    ``substance``, ``sources`` and ``provenance`` belong to its texts, by their place: the key that a change of
    substance renews, the language and key that a translation was made from, and how it was made.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("in review")
        CHANGES_REQUESTED = "changes-requested", _("changes requested")
        APPROVED = "approved", _("approved")
        LIVE = "live", _("live")
        PAST = "past", _("was live")
        SUPERSEDED = "superseded", _("replaced by a newer revision")
        DISCARDED = "discarded", _("discarded")
        SET_ASIDE = "set-aside", _("set aside: somebody else saved first")
        CORRECTION = "correction", _("correction that waits for approval")

    OPEN_STATES = (State.DRAFT, State.SUBMITTED, State.CHANGES_REQUESTED, State.APPROVED)
    ASIDE_STATES = (State.SET_ASIDE, State.CORRECTION)  # what editors see is made without them

    revision = models.ForeignKey(Revision, models.CASCADE, verbose_name=_("revision"), related_name="versions")
    part = models.CharField(_("part"), max_length=20)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.DRAFT)
    content = models.JSONField(_("content"), encoder=DjangoJSONEncoder)
    digest = models.CharField(max_length=64, blank=True)
    substance = models.JSONField(default=dict)
    sources = models.JSONField(default=dict)
    provenance = models.JSONField(default=dict)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("saved by"), related_name="+", null=True, blank=True
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("submitted by"),
        related_name="+",
        null=True,
        blank=True,
    )
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("reviewed by"),
        related_name="+",
        null=True,
        blank=True,
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    publication = models.ForeignKey(
        Publication, models.PROTECT, verbose_name=_("publication"), related_name="versions", null=True, blank=True
    )

    objects = PartVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a part")
        verbose_name_plural = _("versions of parts")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id", "part"],
                condition=Q(state__in=["draft", "submitted", "changes-requested", "approved"]),
                name="publishing_one_open_version",
            ),
            models.UniqueConstraint(
                fields=["content_type", "object_id", "part"],
                condition=Q(state="live"),
                name="publishing_one_live_version",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["live", "past"], publication__isnull=False)
                | ~Q(state__in=["live", "past"]) & Q(publication=None),
                name="publishing_published_version_has_publication",
            ),
            models.UniqueConstraint(fields=["revision", "part"], name="publishing_version_once_a_revision"),
        ]
        indexes = [models.Index(fields=["content_type", "object_id", "part"], name="publishing_version_of_part")]

    def __str__(self) -> str:
        return f"{part_label(self.part)} ({self.get_state_display()})"

    @property
    def is_open(self) -> bool:
        """Whether this is the draft of its part."""
        return self.state in self.OPEN_STATES

    @property
    def label(self) -> str:
        """The name of the part."""
        return part_label(self.part)


class Comment(ItemReference):
    """Something that was said about a part of an item on its way to the public. Rows are added and never changed.

    ``place`` names the text that it quotes (``fields/name_es``), ``answers`` the comment that it is an answer to.
    """

    class Kind(models.TextChoices):
        COMMENT = "comment", _("comment")
        SUBMISSION = "submission", _("submission")
        CHANGES_REQUESTED = "changes-requested", _("changes requested")
        APPROVAL = "approval", _("approval")

    part = models.CharField(_("part"), max_length=20)
    version = models.ForeignKey(PartVersion, models.SET_NULL, related_name="comments", null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.COMMENT)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("author"), related_name="+", null=True, blank=True
    )
    at = models.DateTimeField(_("time"))
    text = models.TextField(_("comment"), blank=True)
    place = models.CharField(_("about"), max_length=200, blank=True)
    answers = models.ForeignKey("self", models.SET_NULL, related_name="answered_by", null=True, blank=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ("at", "pk")
        indexes = [models.Index(fields=["content_type", "object_id"], name="publishing_comment_of_item")]

    def __str__(self) -> str:
        return f"{part_label(self.part)}: {self.text[:50]}"

    @property
    def label(self) -> str:
        """The name of the part."""
        return part_label(self.part)
