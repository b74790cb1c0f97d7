"""The admin of reference data, which has no drafts: what is saved is public at once, so publishers save it."""

from django.db import transaction

from cms.editing.clashes import ClashMixin
from cms.editing.content import ContentAdmin
from cms.editing.deletion import ExplainedDeletionMixin
from cms.publishing import actions
from cms.publishing.permissions import Action, grants_of


class ReferenceAdmin(ClashMixin, ExplainedDeletionMixin, ContentAdmin):
    """The admin of content that is not published by itself; its changes go into the change log."""

    def has_change_permission(self, request, obj=None):
        return grants_of(request.user).may(Action.PUBLISH, None)

    def has_add_permission(self, request):
        return self.has_change_permission(request)

    def has_delete_permission(self, request, obj=None):
        return grants_of(request.user).may(Action.DELETE, None)

    def save_model(self, request, obj, form, change):
        if form.has_changed() or not change:
            actions.save_reference(item=obj, user=request.user)

    def delete_model(self, request, obj):
        actions.delete_reference(item=obj, user=request.user)

    def delete_queryset(self, request, queryset):
        with transaction.atomic():
            for item in queryset:
                actions.delete_reference(item=item, user=request.user)
