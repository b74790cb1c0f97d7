"""The admin of published content: its state in lists and forms, publishing and withdrawing, ordered inlines.

Publishing and withdrawing are the functions of ``publishing.actions``; the admin only calls them.
"""

from dataclasses import dataclass

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Max
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language_info, ngettext, override
from django.utils.translation import gettext_lazy as _
from js_asset import Media

from publishing import actions
from publishing.fields import ColourField, RichTextField
from publishing.forms import ChildForm, ChildFormSet, ContentForm
from publishing.languages import site_languages
from publishing.models import Publishable
from publishing.widgets import ColourInput, LoadedAutocompleteSelect, RichTextInput

MAX_SEARCH_LENGTH = 200  # characters
MAX_SEARCH_TERMS = 10


class ContentFieldsMixin:
    """How fields of content are edited, in forms and in inlines."""

    formfield_overrides = {
        RichTextField: {"widget": RichTextInput},
        ColourField: {"widget": ColourInput},
        models.TextField: {"widget": admin.widgets.AdminTextareaWidget(attrs={"rows": 4})},
    }

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = LoadedAutocompleteSelect(db_field, self.admin_site, using=kwargs.get("using"))
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        return self.label_like_autocomplete(db_field, field)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        return self.label_like_autocomplete(db_field, field)

    def label_like_autocomplete(self, db_field, field):
        related = self.admin_site._registry.get(db_field.related_model)  # None when it has no admin
        if field is not None and hasattr(related, "autocomplete_label"):
            field.label_from_instance = related.autocomplete_label
        return field


class ContentAdmin(ContentFieldsMixin, admin.ModelAdmin):
    """The admin of any content that has its own page in the admin."""

    form = ContentForm
    save_on_top = True
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
            + forms.Media(js=["admin/js/jquery.init.js", "admin_site/form.js"])
        )

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        return queryset.select_related(*self.list_select_related) if self.list_select_related else queryset

    def autocomplete_label(self, item) -> str:
        """Return the text under which ``item`` is offered and shown in autocomplete fields."""
        return str(item)

    def get_search_results(self, request, queryset, search_term):
        """Search for at most ten words; SQLite refuses patterns and conditions that are too long."""
        terms = search_term.replace("\0", "")[:MAX_SEARCH_LENGTH].split()[:MAX_SEARCH_TERMS]
        return super().get_search_results(request, queryset, " ".join(terms))

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
        context["related_lists"] = self.get_related_lists(request, obj) if obj else []
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

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
                    "label": name if key.name == self.opts.model_name else f"{name} ({key.verbose_name})",
                    "name": model._meta.verbose_name,
                    "count": model._base_manager.filter(**{key.name: item}).count(),
                    "url": f"{reverse(f'{base}_changelist')}?{key.name}__id__exact={item.pk}",
                    "add_url": f"{reverse(f'{base}_add')}?{key.name}={item.pk}"
                    if related_admin.has_add_permission(request)
                    else "",
                }
            )
        return found


@dataclass(frozen=True)
class SiteLink:
    """The public address of an item in one language, under the language's own name."""

    language: str
    name: str
    url: str


def site_links(item) -> list[SiteLink]:
    """Return the public addresses of ``item``, one a language of the site."""
    links = []
    for code in site_languages():
        with override(code):
            links.append(SiteLink(code, get_language_info(code)["name_local"], item.get_absolute_url()))
    return links


def hidden_by(item: Publishable) -> list[Publishable]:
    """Return the items that ``item`` belongs to and that keep it from the public by not being live themselves."""
    found = []
    for name in item.live_through:
        parent = getattr(item, name)
        found += [] if parent.is_live else [parent]
        found += hidden_by(parent)
    return list(dict.fromkeys(found))


class PublishableAdmin(ContentAdmin):
    """The admin of items that are published and withdrawn.

    A live item cannot be deleted: readers and partners would lose it without notice. It is withdrawn first.
    """

    actions = ("publish_selected", "withdraw_selected")

    @admin.display(description=_("status"), ordering="status")
    def state(self, item):
        return format_html('<span class="state state-{}">{}</span>', item.status, item.get_status_display())

    @admin.action(description=_("Publish selected items"), permissions=["change"])
    def publish_selected(self, request, queryset):
        changed = actions.publish(items=queryset, user=request.user)
        self.message_user(
            request,
            ngettext("%(count)d item is live now.", "%(count)d items are live now.", len(changed))
            % {"count": len(changed)},
            messages.SUCCESS,
        )
        self.warn_of_hidden(request, changed)

    @admin.action(description=_("Withdraw selected items"), permissions=["change"])
    def withdraw_selected(self, request, queryset):
        changed = actions.unpublish(items=queryset, user=request.user)
        self.message_user(
            request,
            ngettext("%(count)d item was withdrawn.", "%(count)d items were withdrawn.", len(changed))
            % {"count": len(changed)},
            messages.SUCCESS,
        )

    def warn_of_hidden(self, request, items):
        """Say which of the items that were just published nobody can see yet, and why."""
        parents = list(dict.fromkeys(parent for item in items for parent in hidden_by(item)))
        if parents:
            self.message_user(
                request,
                _("Not visible to the public until these are live too: %(names)s.")
                % {"names": "; ".join(str(parent) for parent in parents[:10])},
                messages.WARNING,
            )

    def get_queryset(self, request):
        # hidden_by() walks up: one query reads the whole way.
        queryset, paths = super().get_queryset(request), parent_paths(self.model)
        return queryset.select_related(*paths, *self.list_select_related) if paths else queryset

    def get_actions(self, request):
        found = super().get_actions(request)
        if "delete_selected" in found:
            found["delete_selected"] = (delete_selected_unless_live, *found["delete_selected"][1:])
        return found

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and not (obj and obj.is_live)

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        context["publication"] = self.get_publication(obj) if obj else None
        context["can_publish"] = self.has_change_permission(request, obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def get_publication(self, item) -> dict:
        """Return what the form says about the state of ``item`` and where the public sees it."""
        obstacles = hidden_by(item)
        is_public = item.is_live and not obstacles
        return {
            "item": item,
            "is_public": is_public,
            "hidden_by": obstacles,
            "links": site_links(item) if is_public else [],
        }

    def response_add(self, request, obj, post_url_continue=None):
        return self.publish_from_form(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        return self.publish_from_form(request, obj) or super().response_change(request, obj)

    def publish_from_form(self, request, item):
        """Do what the form's own buttons ask for after the item was saved, and come back to the form."""
        if "_publish" in request.POST:
            action, message = actions.publish, _("“%(name)s” was saved and is live.")
        elif "_withdraw" in request.POST:
            action, message = actions.unpublish, _("“%(name)s” was saved and withdrawn from the public site.")
        else:
            return None
        if not self.has_change_permission(request, item):
            raise PermissionDenied
        action(items=[item], user=request.user)
        self.message_user(request, message % {"name": item}, messages.SUCCESS)
        if item.is_live:
            self.warn_of_hidden(request, [item])
        url = reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change", args=[item.pk])
        preserved = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
        return HttpResponseRedirect(add_preserved_filters(preserved, url))


def parent_paths(model: type[Publishable], prefix: str = "") -> list[str]:
    """Return the paths from ``model`` to everything that it is live through, for ``select_related``."""
    paths = []
    for name in model.live_through:
        paths.append(f"{prefix}{name}")
        paths += parent_paths(model._meta.get_field(name).related_model, f"{prefix}{name}__")
    return paths


def delete_selected_unless_live(modeladmin, request, queryset):
    """Django's bulk deletion, refused when a live item is among the selected ones."""
    live = queryset.filter(status=Publishable.Status.LIVE).count()
    if live:
        modeladmin.message_user(
            request,
            ngettext(
                "%(count)d of the selected items is live. Withdraw it before you delete it.",
                "%(count)d of the selected items are live. Withdraw them before you delete them.",
                live,
            )
            % {"count": live},
            messages.ERROR,
        )
        return None
    return delete_selected(modeladmin, request, queryset)


class ChildInlineMixin(ContentFieldsMixin):
    """Rows of an item in their order. ``select_related`` names what their labels need."""

    form = ChildForm
    formset = ChildFormSet
    extra = 0
    ordering = ("position",)
    select_related = ()

    class Media:
        js = ["admin/js/jquery.init.js", "admin/js/inlines.js", "admin_site/reorder.js"]

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        return queryset.select_related(*self.select_related) if self.select_related else queryset


class ChildTabularInline(ChildInlineMixin, admin.TabularInline):
    """Ordered rows as a table, for rows without translated texts."""


class ContentAutocompleteView(AutocompleteJsonView):
    """Django's autocomplete answers, under the labels of the related model's own admin."""

    def serialize_result(self, obj, to_field_name):
        result = super().serialize_result(obj, to_field_name)
        if hasattr(self.model_admin, "autocomplete_label"):
            result["text"] = self.model_admin.autocomplete_label(obj)
        return result
