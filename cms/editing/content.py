"""How content is edited in the admin: fields, forms, searches, ordered inlines."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.contrib.admin.widgets import AutocompleteSelect
from django.db import models
from django.db.models import Case, Max, Q, When
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from js_asset import Media

from cms.content.fields import ColourField, LanguageField, RichTextField
from cms.content.models import Child, ContentModel, Publishable
from cms.content.schema import Machine
from cms.editing.access import AccessMixin, ChildAccessMixin, choosable, visible
from cms.editing.forms import ChildForm, ChildFormSet, ContentForm
from cms.editing.links import LinksPageMixin
from cms.editing.widgets import (
    ColourInput,
    LoadedAutocompleteSelect,
    PlainAutocompleteSelectMultiple,
    RichTextInput,
    UploadedFileInput,
)
from cms.publishing.permissions import Action, may

MAX_SEARCH_LENGTH = 200  # characters
MAX_SEARCH_TERMS = 10
FOLDED = "__folded_contains"
RANK = "search_rank"  # 0 where each word is found as a whole word of a text, 1 where some are parts of words or slugs
BACK_TO = "_back_to"  # in the address of an empty form: the foreign key to the item that it was opened from


def may_add_to(user, item: ContentModel) -> bool:
    """Say whether ``user`` may create what belongs to ``item``, as far as that depends on ``item``."""
    return item.scope_path is None or may(user, Action.CREATE, item)


def fieldsets_of(model: type[ContentModel]) -> list[tuple]:
    """Return the groups of the schema of ``model`` as Django's fieldsets; rows of an item have their place as well."""
    groups = [group for group in model.schema.groups if not isinstance(group, Machine)]
    fieldsets = [(group.title, {"fields": group.rows, "description": group.description}) for group in groups]
    if issubclass(model, Child):
        title, options = fieldsets[-1]
        fieldsets[-1] = (title, {**options, "fields": (*options["fields"], "position")})
    return fieldsets


class ContentFieldsMixin:
    """Which fields of content are edited, as their model's schema groups them, and how: in forms and in inlines."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.fields and not self.fieldsets:
            self.fieldsets = fieldsets_of(self.model)

    formfield_overrides: ClassVar[Mapping[type[models.Field], Mapping[str, Any]]] = {
        RichTextField: {"widget": RichTextInput},
        ColourField: {"widget": ColourInput},
        LanguageField: {"help_text": _("The code of a language, such as en, es, fr or pt.")},
        models.FileField: {"widget": UploadedFileInput},
        models.ImageField: {"widget": UploadedFileInput},
        models.URLField: {"assume_scheme": "https"},
        models.TextField: {"widget": admin.widgets.AdminTextareaWidget(attrs={"rows": 4})},
    }

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = LoadedAutocompleteSelect(db_field, self.admin_site, using=kwargs.get("using"))
        if issubclass(db_field.related_model, Publishable):
            kwargs.setdefault("queryset", choosable(db_field.related_model._default_manager.all(), request.user))
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        return self.label_like_autocomplete(db_field, field)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = PlainAutocompleteSelectMultiple(db_field, self.admin_site, using=kwargs.get("using"))
        if issubclass(db_field.related_model, Publishable):
            kwargs.setdefault("queryset", choosable(db_field.related_model._default_manager.all(), request.user))
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        return self.label_like_autocomplete(db_field, field)

    def label_like_autocomplete(self, db_field, field):
        related = self.admin_site._registry.get(db_field.related_model)  # None when it has no admin
        if field is not None and hasattr(related, "autocomplete_label"):
            field.label_from_instance = related.autocomplete_label
        return field


class RankedChangeList(ChangeList):
    """A list page on which what was searched for comes first, unless the person chose another order."""

    def get_queryset(self, request, **kwargs):
        queryset = super().get_queryset(request, **kwargs)
        if RANK not in queryset.query.annotations or ORDER_VAR in self.params:
            return queryset
        return queryset.order_by(RANK, *queryset.query.order_by)


@dataclass(frozen=True)
class ErrorLink:
    """What is wrong at one place of a form: the identifier of the place, its name, and what is said there."""

    target: str
    label: str
    text: str


def error_links(context: dict) -> list[ErrorLink]:
    """Return what is wrong in a change form, with links to the fields and rows (WCAG 2.2, 3.3.1; technique G139)."""
    found = errors_of(context["adminform"].form)
    for inline in context["inline_admin_formsets"]:
        for number, form in enumerate(inline.formset.forms, start=1):
            found += errors_of(form, row=f"{capfirst(inline.opts.verbose_name)} {number}")
    return found


def errors_of(form: forms.BaseForm, row: str = "") -> list[ErrorLink]:
    """Return the errors of a form of an item, or of one ``row`` of it; those of no field lead to the row."""
    links = []
    for name, errors in form.errors.items():
        field = form[name] if name in form.fields else None
        target = field.id_for_label or field.auto_id if field else str(form.prefix or "error-links")
        label = " · ".join(filter(None, (row, str(field.label) if field else "")))
        links += [ErrorLink(target, label or gettext("All of it"), str(text)) for text in errors]
    return links


class ContentAdmin(LinksPageMixin, AccessMixin, ContentFieldsMixin, admin.ModelAdmin):
    """The admin of any content that has its own page in the admin."""

    form = ContentForm
    view_on_site = False  # the form has its own links, one a language
    list_per_page = 50
    list_select_related = ()  # foreign keys that columns, labels and the form show; read with every item
    change_form_template = "admin/content_change_form.html"

    @property
    def media(self):
        # Filters of list pages choose related items by autocomplete, too.
        return (
            super().media
            + AutocompleteSelect(None, None).media
            + forms.Media(js=["admin/js/jquery.init.js", "admin_site/form.js", "admin_site/form_outline.js"])
        )

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        return queryset.select_related(*self.list_select_related) if self.list_select_related else queryset

    def autocomplete_label(self, item) -> str:
        """Return the text under which ``item`` is offered and shown in autocomplete fields."""
        return str(item)

    def get_search_results(self, request, queryset, search_term):
        """Search for at most ten words; SQLite refuses patterns and conditions that are too long."""
        terms = search_term[:MAX_SEARCH_LENGTH].split()[:MAX_SEARCH_TERMS]
        found, has_duplicates = super().get_search_results(request, queryset, " ".join(terms))
        return found.annotate(**{RANK: self.rank_of(terms)}) if terms else found, has_duplicates

    def rank_of(self, terms: list[str]) -> Case:
        """Return the rank of an item that was found: of those whose texts have each of ``terms`` as a word it is 0."""
        texts = [name.removesuffix(FOLDED) for name in self.search_fields if name.endswith(FOLDED)]
        of_term = [
            reduce(or_, (Q(**{f"{name}__folded_word": term}) for name in texts), Q(pk__in=[])) for term in terms
        ]
        return Case(When(reduce(and_, of_term), then=0), default=1)

    def get_changelist(self, request, **kwargs):
        return RankedChangeList

    def get_changeform_initial_data(self, request):
        """Put a new item at the end of its kind."""
        initial = super().get_changeform_initial_data(request)
        if "position" not in initial and any(field.name == "position" for field in self.opts.fields):
            last = self.model._base_manager.aggregate(last=Max("position"))["last"]
            initial["position"] = 0 if last is None else last + 1
        return initial

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        # The editor's import map is an inline script: it needs the nonce that the policy of this answer names.
        context["media"] = Media.from_media(context["media"], nonce=str(request.csp_nonce))
        context["error_links"] = error_links(context) if context["errors"] else []
        context["related_lists"] = self.get_related_lists(request, obj) if obj else []
        context["links_url"] = self.links_url(obj) if obj else ""
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def response_post_save_add(self, request, obj):
        """Return to the item from whose form a new one of its own was added."""
        keys = {field.name: field for field in self.opts.fields if field.many_to_one}
        key = keys.get(request.GET.get(BACK_TO))
        parent = getattr(obj, key.attname) if key else None
        if parent is None:
            return super().response_post_save_add(request, obj)
        name = f"{self.admin_site.name}:{key.related_model._meta.label_lower.replace('.', '_')}_change"
        return HttpResponseRedirect(reverse(name, args=[parent]))

    def get_related_lists(self, request, item) -> list[dict]:
        """Return, for each kind of item that belongs to this one, how many there are and where they are."""
        found = []
        for relation in self.opts.related_objects:
            model, key = relation.related_model, relation.field
            related_admin = self.admin_site._registry.get(model)
            if not (relation.one_to_many and issubclass(model, Publishable) and related_admin):
                continue
            if not related_admin.has_view_permission(request):
                continue
            name = str(model._meta.verbose_name_plural)
            base = f"{self.admin_site.name}:{model._meta.app_label}_{model._meta.model_name}"
            found.append(
                {
                    "label": name
                    if key.name == self.opts.model_name
                    else _("%(items)s with this as %(field)s") % {"items": name, "field": key.verbose_name},
                    "name": model._meta.verbose_name,
                    "count": visible(model._base_manager.filter(**{key.name: item}), request.user).count(),
                    "url": f"{reverse(f'{base}_changelist')}?{key.name}__id__exact={item.pk}",
                    "add_url": f"{reverse(f'{base}_add')}?{urlencode({key.name: item.pk, BACK_TO: key.name})}"
                    if related_admin.has_add_permission(request) and may_add_to(request.user, item)
                    else "",
                }
            )
        return found


class ChildInlineMixin(ChildAccessMixin, ContentFieldsMixin):
    """Rows of an item in their order. ``select_related`` names what their labels need."""

    form: type[Any] = ChildForm
    formset: type[Any] = ChildFormSet
    extra = 0
    view_on_site: Any = False
    ordering: ClassVar[Any] = ("position",)
    select_related: tuple[str, ...] = ()

    class Media:
        js = ["admin/js/jquery.init.js", "admin/js/inlines.js", "admin_site/reorder.js", "admin_site/rows.js"]

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        return queryset.select_related(*self.select_related) if self.select_related else queryset


class ChildTabularInline(ChildInlineMixin, admin.TabularInline):
    """Ordered rows as a table, for rows without translated texts."""


class ContentAutocompleteView(AutocompleteJsonView):
    """Django's autocomplete answers, under the labels of the related model's own admin, whole words first."""

    def get_queryset(self):
        queryset = super().get_queryset()
        if RANK not in queryset.query.annotations:
            return queryset
        return queryset.order_by(RANK, *(queryset.query.order_by or queryset.model._meta.ordering))

    def serialize_result(self, obj, to_field_name):
        result = super().serialize_result(obj, to_field_name)
        if hasattr(self.model_admin, "autocomplete_label"):
            result["text"] = self.model_admin.autocomplete_label(obj)
        return result
