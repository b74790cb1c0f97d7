"""The admin of items that are published: their state in lists and forms, and what is done with several at once."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.html import format_html
from django.utils.translation import get_language_info, ngettext, override
from django.utils.translation import gettext_lazy as _

from cms.content.languages import site_languages
from cms.content.models import Publishable
from cms.content.parts import SHARED, part_names
from cms.editing.access import languages_for
from cms.editing.autosave import AutosaveMixin
from cms.editing.clashes import ClashMixin
from cms.editing.collecting import AddToReleaseMixin, has_something_to_publish
from cms.editing.confirmation import is_confirmed, moved_by
from cms.editing.content import ContentAdmin
from cms.editing.decisions import language_names
from cms.editing.deletion import ExplainedDeletionMixin
from cms.editing.desk_pages import ItemDeskMixin
from cms.editing.drafts import DraftAdminMixin
from cms.editing.links import unpublished_targets
from cms.editing.models import UnsavedForm
from cms.editing.pages import DraftPagesMixin, entries_of_open_releases, pending_changes, release_of
from cms.editing.xliff import ExportXliffMixin
from cms.publishing import actions
from cms.publishing.actions.schedules import begin
from cms.publishing.drafts import Drafts, drafts_by_key, drafts_of, key_of
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import PartVersion, ScheduledChange
from cms.publishing.models.items import refers_to_any
from cms.publishing.overlay import writing_order
from cms.publishing.permissions import Action, grants_of, may
from cms.publishing.visibility import parent_paths


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


def with_editorial_state(queryset):
    """Return ``queryset`` with ``has_draft``, ``is_scheduled`` and ``is_in_release`` (in preparation) on each item."""
    content_type = ContentType.objects.get_for_model(queryset.model)
    versions = PartVersion.objects.open().filter(content_type=content_type, object_id=OuterRef("pk"))
    pending = ScheduledChange.objects.filter(
        state=ScheduledChange.State.PENDING, content_type=content_type, object_id=OuterRef("pk")
    )
    entries = entries_of_open_releases().filter(content_type=content_type, object_id=OuterRef("pk"))
    return queryset.annotate(has_draft=Exists(versions), is_scheduled=Exists(pending), is_in_release=Exists(entries))


def in_draft_state(state: str):
    """Return the condition on items read :func:`with_editorial_state` that a part of theirs is in ``state``."""

    def condition(model) -> Q:
        content_type = ContentType.objects.get_for_model(model)
        return Q(Exists(PartVersion.objects.filter(content_type=content_type, object_id=OuterRef("pk"), state=state)))

    return condition


def selection(action: str, items: list[Publishable]) -> list[tuple[str, str]]:
    """Return what a list sends for ``action`` on ``items``, as pairs of name and value."""
    return [("action", action), *((ACTION_CHECKBOX_NAME, str(item.pk)) for item in items)]


def by_state(versions: Iterable[PartVersion]) -> list[tuple[str, list[str]]]:
    """Return the parts of ``versions`` by state, in the order of states; languages by their codes."""
    found: dict[str, list[str]] = {}
    for version in sorted(versions, key=lambda version: part_names().index(version.part)):
        found.setdefault(version.state, []).append(version.label if version.part == SHARED else version.part)
    return [(state, found[state]) for state in PartVersion.OPEN_STATES if state in found]


def read_open_versions(items: Iterable[Publishable]) -> None:
    """Read the open versions of ``items``, without their contents, in one query."""
    items = list(items)
    found: dict[tuple, list[PartVersion]] = defaultdict(list)
    for version in PartVersion.objects.open().filter(refers_to_any(items)).defer("content"):
        found[version.key].append(version)
    for item in items:
        item.open_versions = found[key_of(item)]  # type: ignore[attr-defined] # for the columns of the list


class EditorialStateFilter(admin.SimpleListFilter):
    """Where items stand between draft and public."""

    title = _("status")
    parameter_name = "state"

    CONDITIONS = {
        "live": Q(status=Publishable.Status.LIVE),
        "live-with-draft": Q(status=Publishable.Status.LIVE, has_draft=True),
        "in-review": in_draft_state(PartVersion.State.SUBMITTED),
        "changes-requested": in_draft_state(PartVersion.State.CHANGES_REQUESTED),
        "approved": in_draft_state(PartVersion.State.APPROVED),
        "scheduled": Q(is_scheduled=True),
        "unpublished": Q(status=Publishable.Status.UNPUBLISHED),
        "withdrawn": Q(status=Publishable.Status.WITHDRAWN),
    }

    def lookups(self, request, model_admin):
        return [
            ("live", _("live")),
            ("live-with-draft", _("live, with a draft")),
            ("in-review", _("in review")),
            ("changes-requested", _("changes requested")),
            ("approved", _("approved")),
            ("scheduled", _("scheduled")),
            ("unpublished", _("never published")),
            ("withdrawn", _("withdrawn")),
        ]

    def queryset(self, request, queryset):
        if self.value() is None:
            return queryset
        if self.value() not in self.CONDITIONS:
            return queryset.none()
        condition = self.CONDITIONS[self.value()]
        return queryset.filter(condition(queryset.model) if callable(condition) else condition)


class PublishableAdmin(
    AutosaveMixin,
    AddToReleaseMixin,
    ExportXliffMixin,
    ClashMixin,
    ItemDeskMixin,
    DraftPagesMixin,
    DraftAdminMixin,
    ExplainedDeletionMixin,
    ContentAdmin,
):
    """The admin of items that are drafted, reviewed, published and withdrawn.

    What is saved in the form is a draft; what the public sees changes only by the functions of
    ``cms.publishing.actions``, which the pages and actions here call.
    """

    actions = (
        "publish_selected",
        "withdraw_selected",
        "discard_selected",
        "add_to_release_selected",
        "export_xliff_selected",
    )

    class Media:
        js = ["admin_site/presence.js", "admin_site/autosave.js", "admin_site/preview_pane.js"]

    def get_queryset(self, request):
        # hidden_by() walks up: one query reads the whole way.
        queryset, paths = super().get_queryset(request), parent_paths(self.model)
        queryset = with_editorial_state(queryset)
        return queryset.select_related(*paths, *self.list_select_related) if paths else queryset

    # --- State in lists and forms ---

    @admin.display(description=_("status"), ordering="status")
    def state(self, item):
        """The item's own status, and beside it what its drafts wait for: which parts are in which state."""
        marks = [format_html('<span class="state state-{}">{}</span>', item.status, item.get_status_display())]
        for state, parts in by_state(self.open_versions(item)):
            if item.status != item.Status.UNPUBLISHED or state != PartVersion.State.DRAFT:
                label = f"{PartVersion.State(state).label}: {', '.join(parts)}"
                marks.append(format_html('<span class="state state-{}">{}</span>', state, label))
        if getattr(item, "is_scheduled", False):
            marks.append(format_html('<span class="state state-scheduled">{}</span>', _("scheduled")))
        return format_html(" ".join(["{}"] * len(marks)), *marks)

    def open_versions(self, item) -> list[PartVersion]:
        """Return the open versions of ``item``; a list has read those of all its items."""
        if not getattr(item, "has_draft", True):
            return []
        return item.open_versions if hasattr(item, "open_versions") else list(drafts_of(item).open.values())

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        context["publication_buttons"] = True
        context["publication"] = self.get_publication(obj) if obj else None
        if obj is None:
            anywhere = grants_of(request.user).anywhere(Action.PUBLISH)
            context["may_publish"] = anywhere and not settings.REVIEW_BY_ANOTHER_PERSON  # who saves has written it
        context["scheduled"] = pending_changes(obj) if getattr(obj, "is_scheduled", False) else []
        context["release"] = release_of(obj, request.user) if getattr(obj, "is_in_release", False) else None
        languages = languages_for(request.user, obj)
        context["only_languages"] = [name for code, name in language_names() if code in (languages or ())]
        writable = [(code, name) for code, name in language_names() if languages is None or code in languages]
        context["desks"] = [(code, name, self.desk_url(obj.pk, code)) for code, name in writable] if obj else []
        context["review_url"] = self.page_url(obj, "review") if obj else ""
        context["preview_url"] = self.page_url(obj, "preview") if obj else ""
        context["pane_url"] = self.form_address("pane", request, str(obj.pk)) if obj else ""
        context["editing_url"] = self.page_url(obj, "editing") if obj else ""
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

    def warn_of_hidden(self, request, items):
        """Say which of the items that were just published nobody can see yet, and why; of a single one also which of
        its links lead to what nobody can see."""
        if len(items) == 1:
            self.warn_of_links(request, items[0])
        parents = list(dict.fromkeys(parent for item in items for parent in hidden_by(item)))
        if parents:
            self.message_user(
                request,
                _("Not visible to the public until these are live too: %(names)s.")
                % {"names": "; ".join(str(parent) for parent in parents[:10])},
                messages.WARNING,
            )

    def warn_of_links(self, request, item):
        if names := unpublished_targets(item, request.user):
            self.message_user(
                request,
                _("Texts link to what is not public; readers see the words without a link: %(names)s.")
                % {"names": "; ".join(names[:10])},
                messages.WARNING,
            )

    # --- Several at once ---

    def changelist_view(self, request, extra_context=None):
        asked = request.POST.get("action")
        if asked in self.actions and asked not in self.get_actions(request):
            raise PermissionDenied  # Django would answer as if nothing had been chosen
        return super().changelist_view(request, extra_context)

    def has_publish_permission(self, request) -> bool:
        """Say whether the person may publish anything: who may not is not offered it."""
        return grants_of(request.user).anywhere(Action.PUBLISH)

    @admin.action(description=_("Publish selected items"), permissions=["publish"])
    def publish_selected(self, request, queryset):
        items, drafts = list(queryset), drafts_by_key(queryset)
        changed = [item for item in items if has_something_to_publish(item, drafts.get(key_of(item), Drafts()))]
        if not is_confirmed(request) and all(may(request.user, Action.PUBLISH, item) for item in changed):
            shared = [(item, drafts[key_of(item)].open.get(SHARED)) for item in changed if key_of(item) in drafts]
            if moved := moved_by(shared, request.user):
                return self.ask_to_move(request, moved, selection("publish_selected", items))
        if not self.do_to_all(request, changed, actions.publish):
            return None
        count, unchanged = len(changed), len(items) - len(changed)
        texts = []
        if changed:
            texts.append(ngettext("%(count)d item is live now.", "%(count)d items are live now.", count))
        if unchanged:
            texts.append(
                ngettext(
                    "%(unchanged)d item had nothing to publish.",
                    "%(unchanged)d items had nothing to publish.",
                    unchanged,
                )
            )
        text = " ".join(texts) % {"count": count, "unchanged": unchanged}
        self.message_user(request, text, messages.SUCCESS if changed else messages.WARNING)
        self.warn_of_hidden(request, changed)
        return None

    @admin.action(description=_("Withdraw selected items"), permissions=["publish"])
    def withdraw_selected(self, request, queryset):
        chosen = list(queryset)
        items = [item for item in chosen if item.is_live]
        if not items:
            self.message_user(request, _("There is nothing to withdraw: no chosen item is live."), messages.WARNING)
            return None
        refused = [item for item in items if not may(request.user, Action.PUBLISH, item)]
        if refused or is_confirmed(request):
            return self.withdraw_all(request, items, passed_over=len(chosen) - len(items))
        return self.ask_to_withdraw(request, items, selection("withdraw_selected", chosen))

    def withdraw_all(self, request, items, *, passed_over: int) -> None:
        if self.do_to_all(request, items, actions.unpublish):
            count = len(items)
            text = ngettext("%(count)d item was withdrawn.", "%(count)d items were withdrawn.", count)
            text = text % {"count": count}
            if passed_over:
                others = ngettext("%(count)d item was not live.", "%(count)d items were not live.", passed_over)
                text = f"{text} {others % {'count': passed_over}}"
            self.message_user(request, text, messages.SUCCESS)

    @admin.action(description=_("Discard the drafts of selected items"), permissions=["change"])
    def discard_selected(self, request, queryset):
        items = [item for item in queryset if item.has_draft and item.status != item.Status.UNPUBLISHED]
        if items and not is_confirmed(request):
            count = len(items)
            title = ngettext("Discard %(count)d draft", "Discard %(count)d drafts", count) % {"count": count}
            explanation = _("Editors see again what was published. The drafts stay in the history of the items.")
            pairs = selection("discard_selected", items)
            return self.ask(request, items, pairs, title=title, button=_("Yes, discard"), explanation=explanation)
        if self.do_to_all(request, items, actions.discard):
            count = len(items)
            text = ngettext("%(count)d draft was discarded.", "%(count)d drafts were discarded.", count)
            self.message_user(request, text % {"count": count}, messages.SUCCESS)
        return None

    def do_to_all(self, request, items, action) -> bool:
        """Do ``action`` to all ``items`` or to none; say why it could not be done. Return whether it was."""
        try:
            with transaction.atomic():
                if items:
                    begin()  # as whoever locks several items
                for item in sorted(items, key=lambda item: writing_order(type(item), item.pk)):
                    action(item=item, user=request.user)
        except PermissionDenied:
            text = _("Your role does not allow this for “%(name)s”. Nothing was changed.") % {"name": item}
            self.message_user(request, text, messages.ERROR)
            return False
        except PublishingError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return False
        return True

    def delete_queryset(self, request, queryset):
        with transaction.atomic():
            UnsavedForm.forget_items(items := list(queryset))
            for item in items:
                actions.delete(item=item, user=request.user)

    def delete_model(self, request, obj):
        with transaction.atomic():
            UnsavedForm.forget_items([obj])
            actions.delete(item=obj, user=request.user)
