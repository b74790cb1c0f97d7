"""What the admin shows before something is deleted, and says when it cannot be."""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import NestedObjects, quote
from django.db import IntegrityError, router
from django.db.models import Model
from django.http import HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cms.content.models import ContentModel
from cms.editing.access import NamesFor
from cms.editing.impact import Impact
from cms.publishing.exceptions import PublishingError

IN_THE_WAY = _(
    "Somebody saved something at the same moment that stands in the way. Nothing was changed: look at it again."
)


if TYPE_CHECKING:
    _Admin = ModelAdmin  # what it is mixed into
else:
    _Admin = object


class ExplainedDeletionMixin(_Admin):
    """Shows what goes with a deletion, and turns one that an action, or in the end the database, refuses into words
    on the page."""

    delete_confirmation_template = "admin/publishing/delete_confirmation.html"
    delete_selected_confirmation_template = "admin/publishing/delete_selected_confirmation.html"

    def delete_view(self, request, object_id, extra_context=None):
        return self.explained(request, super().delete_view, request, object_id, extra_context)

    def response_action(self, request, queryset, *args, **kwargs):  # newer Djangos say from where it was chosen
        return self.explained(request, super().response_action, request, queryset, *args, **kwargs)

    def explained(self, request, view, *args, **kwargs):
        """Return the answer of ``view``, or to the same page with the reason why nothing was done."""
        try:
            response = view(*args, **kwargs)
        except PublishingError as error:
            reason = " ".join(error.messages)
        except IntegrityError:
            reason = IN_THE_WAY
        else:
            return with_impact(response, request.user)
        self.message_user(request, reason, messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())

    def get_deleted_objects(self, objs, request):
        """Return what Django's function of this name does, with names as the person may read them: rows that only
        join two others by those, in as many queries as kinds."""
        objs = list(objs)
        if not objs:
            return [], {}, set(), []
        collector = NestedObjects(using=router.db_for_write(type(objs[0])), origin=objs)
        collector.collect(objs)
        rows = [row for found in collector.model_objs.values() for row in found]
        perms = {row._meta.verbose_name for row in rows if not self.may_delete_row(request, row)}
        name = partial(self.line_of, RowNames([*rows, *collector.protected], request.user))
        counts = {
            model._meta.verbose_name_plural: len(found)
            for model, found in collector.model_objs.items()
            if not model._meta.auto_created  # has no name but the one that Django makes of two others, in English
        }
        return collector.nested(name), counts, perms, list(map(name, collector.protected))

    def may_delete_row(self, request, row: Model) -> bool:
        admin = self.admin_site._registry.get(type(row))
        return admin is None or admin.has_delete_permission(request, row)

    def line_of(self, names: "RowNames", row: Model) -> str:
        """Return a row in a list of what is deleted, with a link where the admin has a page of it."""
        kind, name, opts = capfirst(str(row._meta.verbose_name)), names.of(row), row._meta
        if opts.auto_created:
            return name
        try:
            url = reverse(f"{self.admin_site.name}:{opts.app_label}_{opts.model_name}_change", args=[quote(row.pk)])
        except NoReverseMatch:
            return f"{kind}: {name}"
        return format_html('{}: <a href="{}">{}</a>', kind, url, name)


class RowNames:
    """Names of rows of any model as ``user`` may read them, read in one query a kind."""

    def __init__(self, rows: Iterable[Model], user: Any):
        self.names = NamesFor(user)
        keys: dict[Any, set[str]] = {}
        for row in rows:
            for model, key in self.ends(row):
                keys.setdefault(model, set()).add(key)
        for model, found in keys.items():
            self.names.joined(model, sorted(found))

    def ends(self, row: Model) -> list[tuple[Any, str]]:
        """Return the rows whose names make the name of ``row``: itself or, where it only joins two, those two."""
        if not row._meta.auto_created:
            return [(type(row), str(row.pk))] if isinstance(row, ContentModel) else []
        keys: list[Any] = [field for field in row._meta.concrete_fields if field.is_relation]
        return [(key.related_model, str(getattr(row, key.attname))) for key in keys]

    def of(self, row: Model) -> str:
        names = [self.names.name(model, key) for model, key in self.ends(row)]
        if len(names) == 2:
            return str(_("%(related)s in %(item)s") % {"item": names[0], "related": names[1]})
        return names[0] if names else str(row)


def with_impact(response: Any, user: Any) -> Any:
    """Return ``response`` with what goes along, where it is a page that asks whether to delete."""
    context = getattr(response, "context_data", None) or {}
    if "protected" in context and not context["protected"] and not context["perms_lacking"]:
        context["impact"] = Impact(context["queryset"] if "queryset" in context else [context["object"]], user)
    return response
