"""Who may see and do what in the admin: the questions Django asks, answered from the permission table."""

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms import ModelForm
from django.utils.translation import gettext_lazy as _

from cms.content.comparison import RelatedNames
from cms.content.models import Child, ContentModel, Publishable
from cms.content.registry import reference_fields
from cms.publishing.models import Release, ReleaseItem
from cms.publishing.permissions import Action, grants_of, may, may_place
from cms.publishing.visibility import parent_paths, publishable_models

NOT_SHOWN = _("an item that you may not see")


def visible(queryset, user):
    """Return the items of ``queryset`` whose drafts ``user`` may see.

    Items of other parts of the organization are left out: lists, searches and forms would show what is not live.
    """
    scopes = grants_of(user).scopes(Action.VIEW)
    path = queryset.model.scope_path
    if scopes is None or path is None:
        return queryset if scopes is None or scopes else queryset.none()
    return queryset.filter(**{f"{path or 'pk'}__in": scopes})


def choosable(queryset, user):
    """Return the items of ``queryset`` that ``user`` may choose in a form: visible ones, and what is public."""
    scopes, path = grants_of(user).scopes(Action.VIEW), queryset.model.scope_path
    if scopes is None or path is None:
        return queryset
    return queryset.filter(Q(**{f"{path or 'pk'}__in": scopes}) | queryset.model.live_condition())


def within_reach(model, user):
    """Return the rows of any content model that ``user`` may choose, those of items with their items."""
    rows = model._base_manager.all()
    if issubclass(model, Child):
        return rows.filter(**{f"{model.parent_field}__in": choosable(model.parent_model._base_manager.all(), user)})
    return choosable(rows, user) if issubclass(model, Publishable) else rows


def naming_paths(model) -> list[str]:
    """Return the foreign keys that names of rows of ``model`` may be made of, for ``select_related``."""
    if issubclass(model, Publishable):
        return parent_paths(model)
    keys = reference_fields(model) if issubclass(model, ContentModel) else []
    return [key.name for key in keys if not key.many_to_many]


class NamesFor(RelatedNames):
    """Names of related rows as ``user`` may read them: of an item that they could not choose, only that it is one."""

    def __init__(self, user):
        super().__init__()
        self.user = user

    def rows(self, model, keys):
        paths = naming_paths(model)
        return super().rows(model, keys).select_related(*paths) if paths else super().rows(model, keys)

    def names_of(self, model, keys):
        names = super().names_of(model, keys)
        if issubclass(model, Publishable) or issubclass(model, Child) and model.parent_model.scope_path is not None:
            seen = within_reach(model, self.user).filter(pk__in=keys).values_list("pk", flat=True)
            names |= dict.fromkeys(names.keys() - {str(key) for key in seen}, str(NOT_SHOWN))
        return names


def releases_for(user):
    """Return the releases whose items ``user`` may see, all of them; items that were deleted are nobody's secret."""
    closed = Q(pk__in=[])
    for model in publishable_models():
        seen = visible(model._base_manager.all(), user)
        if seen.query.where:
            hidden = model._base_manager.exclude(pk__in=seen.values("pk"))
            content_type = ContentType.objects.get_for_model(model)
            closed |= Q(content_type=content_type, object_id__in=hidden.values("pk"))
    return Release.objects.exclude(pk__in=ReleaseItem.objects.filter(closed).values("release"))


def languages_for(user, item: ContentModel | None) -> set[str] | None:
    """Return the languages whose texts ``user`` may write in the form of ``item``; ``None``: everything of it."""
    return None if item is None else grants_of(user).languages(item.scope_key())


def limited_to(form_class: type[ModelForm], languages: set[str] | None) -> type[ModelForm]:
    """Return ``form_class`` with everything but the texts in ``languages`` read-only.

    A disabled field keeps its stored value whatever is sent, so a request made by hand changes nothing either.
    """
    if languages is None:
        return form_class

    class LimitedForm(form_class):  # type: ignore[misc, valid-type] # a class as a value
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            for name, field in self.fields.items():
                column = next((column for column in self._meta.model._meta.get_fields() if column.name == name), None)
                if getattr(column, "language", None) not in languages and name != self._meta.model._meta.pk.name:
                    field.disabled = True

    return LimitedForm


def placed_within_reach(form_class: type[ModelForm], user) -> type[ModelForm]:
    """Return ``form_class`` with an error at the field that says what an item belongs to, when ``user`` may create
    nothing there or, where the item is moved, save nothing there."""
    path = form_class._meta.model.scope_path
    if path is None:
        return form_class
    field = path.split("__")[0] or "parent"

    class PlacedForm(form_class):  # type: ignore[valid-type, misc] # a base that is known when it runs
        def _post_clean(self):
            super()._post_clean()
            action = Action.CREATE if self.instance._state.adding else Action.SAVE
            asked = action == Action.CREATE or field in self.changed_data
            if asked and field in self.cleaned_data and not may_place(user, action, self.instance):
                self.add_error(field, _("Choose one that your role is for: it does not reach any further."))

    return PlacedForm


class RefusedObjectMixin:
    """Answers 403 for a row that lists leave out, where Django would lead away as if it was not there."""

    def get_object(self, request, object_id, from_field=None):
        try:
            return self.model._default_manager.filter(pk=object_id).first()
        except (ValueError, ValidationError):
            return None


class ChildAccessMixin:
    """Answers Django's permission questions about the rows of an item by what may be done to the item."""

    def has_view_permission(self, request, obj: ContentModel | None = None):
        return obj is None or may(request.user, Action.VIEW, obj)

    def has_change_permission(self, request, obj: ContentModel | None = None):
        return languages_for(request.user, obj) != set()

    def has_add_permission(self, request, obj: ContentModel | None = None):
        return languages_for(request.user, obj) is None

    def has_delete_permission(self, request, obj: ContentModel | None = None):
        return languages_for(request.user, obj) is None

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.form = limited_to(formset.form, languages_for(request.user, obj))
        formset.form.outdated = getattr(request, "outdated_texts", None)  # made for this request
        return formset


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
        if self.model.scope_path is not None:  # where, is asked of the place that the form names
            return grants.anywhere(Action.CREATE)
        return grants.may(Action.CREATE, None)

    def has_delete_permission(self, request, obj: ContentModel | None = None):
        if obj is None:
            return grants_of(request.user).anywhere(Action.DELETE)
        return may(request.user, Action.DELETE, obj)

    def get_form(self, request, obj=None, change=False, **kwargs):  # noqa: FBT002 - Django's signature
        form = placed_within_reach(super().get_form(request, obj, change, **kwargs), request.user)
        return limited_to(form, languages_for(request.user, obj))

    def get_queryset(self, request):
        return visible(super().get_queryset(request), request.user)
