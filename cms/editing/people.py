"""People and their roles: who manages them, and how far.

An administrator of the whole organization manages people and all roles; an administrator of a part gives and takes
the roles of that part and of what is below it. Superusers are the business of superusers.
"""

from axes.utils import reset
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cms.content.registry import scope_model
from cms.editing.access import RefusedObjectMixin
from cms.editing.clashes import ClashMixin
from cms.editing.decisions import language_names
from cms.publishing import audit
from cms.publishing.models import MailSettings, RoleAssignment
from cms.publishing.permissions import Action, grants_of


class AdministratorMixin:
    """For administrators of the whole organization only."""

    def may_administer(self, request) -> bool:
        return grants_of(request.user).may(Action.ADMINISTER, None)

    def has_module_permission(self, request):
        return self.may_administer(request)

    def has_view_permission(self, request, obj=None):
        return self.may_administer(request)

    def has_add_permission(self, request, obj=None):
        return self.may_administer(request)

    def has_change_permission(self, request, obj=None):
        return self.may_administer(request)

    def has_delete_permission(self, request, obj=None):
        return self.may_administer(request)


class AuditedMixin:
    """Writes what is done in a stock model admin into the audit trail too."""

    def log_addition(self, request, obj, message):
        audit.write(audit.Action.ADD, request.user, [obj])
        return super().log_addition(request, obj, message)

    def log_change(self, request, obj, message):
        audit.write(audit.Action.CHANGE, request.user, [obj], fields=changed_fields(message))
        return super().log_change(request, obj, message)

    def log_deletions(self, request, queryset):
        audit.write(audit.Action.DELETE, request.user, list(queryset))
        return super().log_deletions(request, queryset)


def changed_fields(message) -> list:
    """Return the change message of Django's log where it is structured; no values, so no secrets."""
    return message if isinstance(message, list) else []


class RoleForm(forms.ModelForm):
    """Languages as boxes to tick."""

    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Translators only: what they translate into."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["languages"].choices = language_names()


class RoleInline(AdministratorMixin, admin.TabularInline):
    """The roles of a person, on the person's form."""

    model = RoleAssignment
    form = RoleForm
    fields = ("role", "scope", "languages")
    autocomplete_fields = ("scope",)
    extra = 0


@admin.register(RoleAssignment)
class RoleAssignmentAdmin(ClashMixin, AuditedMixin, RefusedObjectMixin, admin.ModelAdmin):
    """Roles, for administrators in their part of the organization."""

    form = RoleForm
    fields = ("user", "role", "scope", "languages")
    list_display = ("user", "role", "scope_or_everywhere", "language_codes")
    list_filter = ("role",)
    list_select_related = ("user", "scope")
    search_fields = ("user__username", "user__email")

    def has_module_permission(self, request):
        return grants_of(request.user).anywhere(Action.ADMINISTER)

    def may_manage(self, request, assignment: RoleAssignment | None = None) -> bool:
        """Say whether the person may give and take ``assignment``; ``None``: any at all."""
        grants = grants_of(request.user)
        if assignment is None:
            return grants.anywhere(Action.ADMINISTER)
        return grants.may(Action.ADMINISTER, assignment.scope_id)

    def has_view_permission(self, request, obj=None):
        return self.may_manage(request, obj)

    def has_add_permission(self, request):
        return self.may_manage(request)

    def has_change_permission(self, request, obj=None):
        return self.may_manage(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self.may_manage(request, obj)

    def get_queryset(self, request):
        queryset, scopes = super().get_queryset(request), grants_of(request.user).scopes(Action.ADMINISTER)
        return queryset if scopes is None else queryset.filter(scope__in=scopes)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        scopes = grants_of(request.user).scopes(Action.ADMINISTER)
        if db_field.name == "scope":
            parts = scope_model()._base_manager.all()
            kwargs["queryset"] = parts if scopes is None else parts.filter(pk__in=scopes)
            kwargs["empty_label"] = _("everywhere") if scopes is None else "---------"
        if db_field.name == "user":
            kwargs["queryset"] = people_for(request.user).filter(is_staff=True).order_by("username")
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "scope" and scopes is not None:
            field.required, field.help_text = True, _("With all below it.")
        return field

    def save_model(self, request, obj, form, change):
        if not self.may_manage(request, obj):  # the form offers nothing else; who asks by hand is told here
            raise PermissionDenied
        super().save_model(request, obj, form, change)

    @admin.display(description=_("for"), ordering="scope")
    def scope_or_everywhere(self, assignment):
        return assignment.scope or _("everywhere")

    @admin.display(description=_("languages"))
    def language_codes(self, assignment):
        return ", ".join(assignment.languages) or "–"


def people_for(user):
    """Return the people whom ``user`` may manage: superusers are left to superusers."""
    return User.objects.all() if user.is_superuser else User.objects.filter(is_superuser=False)


admin.site.unregister(User)
admin.site.unregister(Group)  # what people may do is said by their roles alone


@admin.register(User)
class PersonAdmin(ClashMixin, AuditedMixin, AdministratorMixin, UserAdmin):
    """Django's own for administrators, with the person's roles in place of Django's permissions."""

    actions = ("open_login",)
    inlines = (RoleInline,)
    list_display = ("username", "email", "first_name", "last_name", "on_staff")
    list_filter = ("is_active", "is_staff")
    filter_horizontal = ()
    readonly_fields = ("mail_frequency",)
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "email", "usable_password", "password1", "password2")}),
    )

    def get_queryset(self, request):
        return super().get_queryset(request).filter(pk__in=people_for(request.user).values("pk"))

    def get_fieldsets(self, request, obj=None):
        if obj is None:
            return self.add_fieldsets
        allowed = ("is_active", "is_staff", *(["is_superuser"] if request.user.is_superuser else []))
        return (
            (None, {"fields": ("username", "password")}),
            (_("Personal info"), {"fields": ("first_name", "last_name", "email", "mail_frequency")}),
            (_("Permissions"), {"fields": allowed}),
            (_("Important dates"), {"fields": ("last_login", "date_joined")}),
        )

    def get_inlines(self, request, obj):
        return super().get_inlines(request, obj) if obj else ()

    def save_model(self, request, obj, form, change):
        if not change:
            obj.is_staff = True  # all accounts are for the admin
        super().save_model(request, obj, form, change)

    @admin.display(description=_("staff status"), ordering="is_staff")
    def on_staff(self, person):
        return _("Yes") if person.is_staff else _("No")  # Django's picture says "True" in English

    @admin.display(description=_("mail about their work"))
    def mail_frequency(self, person):
        return MailSettings.of(person).get_frequency_display()

    @admin.action(description=_("Open the login again after too many wrong passwords"), permissions=["change"])
    def open_login(self, request, queryset):
        people = list(queryset)
        for person in people:
            reset(username=person.get_username())
        count = len(people)
        text = ngettext("The login of %(count)d person is open.", "The logins of %(count)d people are open.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)
