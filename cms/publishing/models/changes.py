"""The change log: what the public could see change, in the order in which it became visible.

One append-only table, written in the transaction of the change and numbered from a locked row, so the order of
the numbers is the order of the commits. Its head is the content version that caches and ETags are keyed by.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from cms.content.statements import Statement


class ChangeLogHead(models.Model):
    """The one row that numbers changes and knows when the next scheduled one is due.

    Whoever changes what is public locks it for the rest of the transaction: changes are numbered in the order of
    their commits, and two processes never apply the same scheduled change. (On SQLite the whole transaction is
    the lock: it begins IMMEDIATE.)

    ``log`` identifies this change log among those of other sites and of this site before it was set up anew or put
    back from a backup.
    """

    KEY: ClassVar[int] = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=KEY, editable=False)
    log = models.UUIDField(default=uuid.uuid4, editable=False)
    sequence = models.PositiveBigIntegerField(default=0)
    next_due_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("head of the change log")
        verbose_name_plural = _("head of the change log")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="publishing_one_change_log_head")]

    def __str__(self) -> str:
        return str(self.sequence)

    @classmethod
    def current(cls) -> "ChangeLogHead":
        """Return the head as it stands, not locked."""
        return cls.objects.filter(pk=cls.KEY).first() or cls.objects.get_or_create(pk=cls.KEY)[0]

    @classmethod
    def locked(cls) -> "ChangeLogHead":
        """Return the head, locked until the transaction ends.

        Raises ``TransactionManagementError`` outside a transaction.
        """
        heads = cls.objects.select_for_update()
        return heads.filter(pk=cls.KEY).first() or heads.get_or_create(pk=cls.KEY)[0]


class Change(models.Model):
    """That an item became, changed or ceased to be public. Rows are added and never changed."""

    class Operation(models.TextChoices):
        UPSERT = "upsert", _("published or changed")
        DELETE = "delete", _("withdrawn or deleted")

    sequence = models.PositiveBigIntegerField(_("sequence number"), primary_key=True)
    operation = models.CharField(_("operation"), max_length=6, choices=Operation)
    content_type = models.ForeignKey(ContentType, models.PROTECT, verbose_name=_("type"), related_name="+")
    object_id = models.UUIDField(_("identifier"))
    languages = models.JSONField(_("languages changed"), default=list)
    outdated = models.JSONField(_("languages that it leaves outdated"), default=list)
    at = models.DateTimeField(_("time"))
    note = models.JSONField(_("public note"), default=dict, blank=True)

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("change log")
        ordering = ("sequence",)
        indexes = [models.Index(fields=["content_type", "object_id"], name="publishing_change_item")]

    def __str__(self) -> str:
        return f"{self.sequence}: {self.operation} {self.object_id}"


def content_version() -> int:
    """Return the number of the latest change that the public can see; 0 before the first."""
    return ChangeLogHead.objects.values_list("sequence", flat=True).filter(pk=ChangeLogHead.KEY).first() or 0


def is_change_due(now: datetime) -> bool:
    """Say whether a scheduled change is due at ``now``. One query.

    Written in SQL, since every page asks this and Django would take ten times as long to write the same.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {ChangeLogHead._meta.db_table} WHERE id = %s AND next_due_at <= %s",  # noqa: S608 - a constant of ours
            [ChangeLogHead.KEY, connection.ops.adapt_datetimefield_value(now)],
        )
        return cursor.fetchone() is not None


@dataclass(frozen=True)
class ContentState:
    """What caches and conditional requests need to know of the public content."""

    version: int
    changed_at: datetime | None
    next_due_at: datetime | None
    log: uuid.UUID | None


def content_state() -> ContentState:
    """Return the content version, the time of its change, when the next scheduled change is due and which log it is.

    One query.
    """
    found = STATE.all()
    return ContentState(*(found[0] if found else (0, None, None, None)))


def state_of_head() -> models.QuerySet:
    latest = Change.objects.filter(sequence=models.OuterRef("sequence")).values("at")
    head = ChangeLogHead.objects.filter(pk=ChangeLogHead.KEY).annotate(changed_at=models.Subquery(latest))
    return head.values_list("sequence", "changed_at", "next_due_at", "log")


STATE = Statement(lambda _: state_of_head())
