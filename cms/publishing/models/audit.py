"""The audit trail: who did what. Rows are added and never changed."""

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """One thing that somebody, or the system, did. Survives the person and the item it speaks of."""

    class Action(models.TextChoices):
        LOGIN = "login", _("logged in")
        LOGIN_FAILED = "login-failed", _("failed to log in")
        LOGOUT = "logout", _("logged out")
        ADD = "add", _("added")
        CHANGE = "change", _("changed")
        DELETE = "delete", _("deleted")
        SAVE_DRAFT = "save-draft", _("saved a draft")
        DISCARD_DRAFT = "discard-draft", _("discarded the draft")
        CONFIRM = "confirm", _("found translations still right")
        MACHINE_TRANSLATE = "machine-translate", _("sent texts to machine translation")
        SUBMIT = "submit", _("submitted for review")
        COMMENT = "comment", _("commented")
        REQUEST_CHANGES = "request-changes", _("asked for changes")
        APPROVE = "approve", _("approved")
        PUBLISH = "publish", _("published")
        CORRECT = "correct", _("corrected what is live")
        WITHDRAW = "withdraw", _("withdrew")
        UNDO = "undo", _("undid a release")
        SCHEDULE = "schedule", _("scheduled")
        CANCEL_SCHEDULE = "cancel-schedule", _("cancelled a scheduled change")
        RESTORE = "restore", _("restored a revision")
        SHARE = "share", _("made a preview link")
        REVOKE = "revoke", _("revoked a preview link")
        EXPORT = "export", _("exported")
        IMPORT = "import", _("imported")

    at = models.DateTimeField(_("time"), default=timezone.now, db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("user"), related_name="+", null=True, blank=True
    )
    actor = models.CharField(
        _("who"), max_length=150, blank=True, help_text=_("The name at that time; empty for the system.")
    )
    action = models.CharField(_("action"), max_length=20, choices=Action)
    content_type = models.ForeignKey(
        ContentType, models.SET_NULL, verbose_name=_("type"), related_name="+", null=True, blank=True
    )
    object_id = models.CharField(_("identifier"), max_length=64, blank=True)
    object_name = models.CharField(_("item"), max_length=300, blank=True)
    detail = models.JSONField(_("detail"), default=dict, blank=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        at = date_format(timezone.localtime(self.at), "DATETIME_FORMAT")
        return f"{at} {self.actor} {self.get_action_display()} {self.object_name}"
