"""Who may see and do what in the admin: the questions Django asks, answered from the permission table."""

from publishing.models import ContentModel
from publishing.permissions import Action, grants_of, may


def visible(queryset, user):
    """Return the items of ``queryset`` whose drafts ``user`` may see.

    Items of other parts of the organization are left out: lists, searches and forms would show what is not live.
    """
    scopes = grants_of(user).scopes(Action.VIEW)
    path = queryset.model.scope_path
    if scopes is None or path is None:
        return queryset if scopes is None or scopes else queryset.none()
    return queryset.filter(**{f"{path or 'pk'}__in": scopes})


class AccessMixin:
    """Answers Django's permission questions about content by role."""

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_view_permission(self, request, obj: ContentModel | None = None):
        if obj is None:
            return grants_of(request.user).anywhere(Action.VIEW)
        return may(request.user, Action.VIEW, obj)

    def has_change_permission(self, request, obj: ContentModel | None = None):
        grants = grants_of(request.user)
        return grants.anywhere(Action.SAVE) if obj is None else grants.languages(obj.scope_key()) != set()

    def has_add_permission(self, request):
        grants = grants_of(request.user)
        if self.model.scope_path:  # it belongs to something that is a part of the organization
            return grants.anywhere(Action.CREATE)
        return grants.may(Action.CREATE, None)

    def has_delete_permission(self, request, obj: ContentModel | None = None):
        if obj is None:
            return grants_of(request.user).anywhere(Action.DELETE)
        return may(request.user, Action.DELETE, obj)

    def get_queryset(self, request):
        return visible(super().get_queryset(request), request.user)
