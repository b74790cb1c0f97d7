"""Who may do what, where: role assignments. What each role may do is the table in ``cms.publishing.permissions``."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from cms.content.languages import site_languages


class RoleAssignment(models.Model):
    """A role that a member of staff has for one part of the organization and all below it, or everywhere."""

    class Role(models.TextChoices):
        EDITOR = "editor", _("editor")
        TRANSLATOR = "translator", _("translator")
        PUBLISHER = "publisher", _("publisher")
        ADMINISTRATOR = "administrator", _("administrator")

    BY_LANGUAGE = (Role.TRANSLATOR, Role.PUBLISHER)

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("user"), related_name="role_assignments"
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    scope = models.ForeignKey(
        settings.PUBLISHING_SCOPE_MODEL,
        models.CASCADE,
        verbose_name=_("for"),
        related_name="+",
        null=True,
        blank=True,
        help_text=_("With all below it. Empty: everywhere."),
    )
    languages = models.JSONField(
        _("languages"),
        default=list,
        blank=True,
        help_text=_("What a translator translates into, or a publisher is limited to."),
    )

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ("user", "role", "pk")
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "scope"], name="publishing_role_unique"),
            # An empty scope equals no other in SQL.
            models.UniqueConstraint(
                fields=["user", "role"], condition=models.Q(scope=None), name="publishing_role_everywhere_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} ({self.scope or _('everywhere')})"

    def clean(self):
        super().clean()
        if self.role == self.Role.TRANSLATOR and not self.languages:
            raise ValidationError({"languages": _("Choose the languages that this person translates into.")})
        if self.role not in self.BY_LANGUAGE and self.languages:
            raise ValidationError({"languages": _("Only translators and publishers are limited to languages.")})
        if unknown := set(self.languages) - set(site_languages()):
            raise ValidationError({"languages": _("Unknown: %s") % ", ".join(sorted(unknown))})
