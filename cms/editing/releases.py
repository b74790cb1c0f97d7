"""Releases in the admin: what is in them, what stands in the way, preview, publication."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cms.content.models import Publishable
from cms.content.parts import languages_in
from cms.editing.access import NamesFor, RefusedObjectMixin, releases_for
from cms.editing.collecting import add_and_say
from cms.editing.confirmation import ConfirmationMixin, Moved, is_confirmed, moved_by_release
from cms.editing.decisions import PublicationForm, language_names, number
from cms.editing.desk_pages import DeskMixin
from cms.editing.kept import kept_data
from cms.editing.review import Reviewable
from cms.editing.xliff import export_texts
from cms.publishing import actions
from cms.publishing.drafts import ReleaseDraft, drafts_in, items_of, key_of
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import PartVersion, PreviewLink, Publication, Release, ScheduledChange
from cms.publishing.permissions import Action, grants_of, may
from cms.publishing.preview import link_url, preview_url
from cms.publishing.readiness import NOT_LIVE, Problem, Role, problems_of


class ReleasePublicationForm(PublicationForm):
    """What goes with the publication of a release; it is always whole."""

    parts = None  # type: ignore[assignment] # leaves the field out, says Django
    drop_pins = None  # type: ignore[assignment] # leaves the field out, says Django
    comment = None  # type: ignore[assignment] # leaves the field out, says Django
    anyway = forms.BooleanField(label=_("Publish although something stands in the way"), required=False)


@admin.register(Release)
class ReleaseAdmin(ConfirmationMixin, RefusedObjectMixin, DeskMixin, admin.ModelAdmin):
    """Drafts of many items that go live together. Items are added from their own lists, by bulk action."""

    fields = ("title", "description")
    list_display = ("title", "state", "created_at", "created_by", "published_at")
    list_filter = ("state",)
    search_fields = ("title__folded_contains",)
    date_hierarchy = None

    def get_urls(self):
        return [
            path(
                "<path:object_id>/review/",
                self.admin_site.admin_view(self.review_view),
                name="publishing_release_review",
            ),
            path(
                "<path:object_id>/xliff/", self.admin_site.admin_view(self.xliff_view), name="publishing_release_xliff"
            ),
            *super().get_urls(),
        ]

    # A release is for those who publish, somewhere.

    def has_module_permission(self, request):
        return grants_of(request.user).anywhere(Action.PUBLISH)

    def get_queryset(self, request):
        return super().get_queryset(request).filter(pk__in=releases_for(request.user).values("pk"))

    def has_view_permission(self, request, obj=None):
        return self.has_module_permission(request) and self.may_all(request, Action.VIEW, obj)

    has_add_permission = has_module_permission

    def has_change_permission(self, request, obj=None):
        is_open = obj is None or obj.state == Release.State.OPEN
        return is_open and self.has_module_permission(request) and self.may_all(request, Action.PUBLISH, obj)

    def may_all(self, request, action: Action, release: Release | None) -> bool:
        """Say whether the person may do ``action`` to every item of ``release``."""
        return release is None or all(may(request.user, action, item) for item in items_of(release))

    def has_delete_permission(self, request, obj=None):
        return self.has_change_permission(request, obj)

    def save_model(self, request, obj, form, change):
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    def response_add(self, request, obj, post_url_continue=None):
        return HttpResponseRedirect(self.review_url(obj))

    def response_post_save_change(self, request, obj):
        return HttpResponseRedirect(self.review_url(obj))

    def change_view(self, request, object_id, form_url="", extra_context=None):
        context = {**(extra_context or {}), "review_url": reverse("admin:publishing_release_review", args=[object_id])}
        return super().change_view(request, object_id, form_url, context)

    def review_url(self, release: Release) -> str:
        return reverse(f"{self.admin_site.name}:publishing_release_review", args=[release.pk])

    def desk_items(self, request, object_id):
        """Return the release and its items, for who may see all of them: translators work on releases as well."""
        release = self.get_object(request, unquote(object_id))
        if release is None:
            raise Http404
        if not self.may_all(request, Action.VIEW, release):
            raise PermissionDenied
        return release, items_of(release)

    def review_view(self, request, object_id):
        """What is in the release, what stands in its way, and what can be done with it."""
        release = self.get_object(request, unquote(object_id))
        if release is None:
            raise Http404
        drafts = drafts_in(release)
        if not self.has_view_permission(request, release):
            raise PermissionDenied
        form = ReleasePublicationForm(request.POST or None)
        waits = release.state in (Release.State.OPEN, Release.State.SCHEDULED)
        problems = problems_of(release) if waits else []
        if request.method == "POST":
            if not form.is_valid():
                messages.error(request, _("Please correct what is marked below."))
            elif moved := self.moved_by_publication(request, drafts, form, problems):
                return self.ask_to_move(request, moved, kept_data(request))
            elif self.decide(request, release, form, problems):
                return HttpResponseRedirect(self.review_url(release))
            release.refresh_from_db()  # as it is stored; what was typed stays in the form
        published = {} if waits else {each.key: each for each in publications_of(release)}
        links = PreviewLink.objects.filter(release=release).select_related("created_by")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "item": release,
            "title": _("Release"),
            "subtitle": str(release),
            "release": release,
            "items": [
                (draft, draft.item._meta.verbose_name, item_url(draft.item), published.get(key_of(draft.item)))
                for draft in drafts
            ],
            "waits": waits,
            "undone": undoable(release, request.user),
            **may_do(drafts, request.user),
            "problems": grouped_problems(problems, request.user),
            "refers_to": list(dict.fromkeys(problem.target for problem in problems if problem.target)),
            "form": form,
            "preview_url": preview_url(release),
            "desks": [(code, name, self.desk_url(release.pk, code)) for code, name in language_names()],
            "time_zone": timezone.get_current_timezone_name(),
            "scheduled": release.schedules.filter(state=ScheduledChange.State.PENDING).select_related("created_by"),
            "links": [(link, request.build_absolute_uri(link_url(link))) for link in links if link.is_valid],
        }
        return TemplateResponse(request, "admin/publishing/release.html", context)

    def moved_by_publication(self, request, drafts: list[ReleaseDraft], form, problems: list) -> list[Moved]:
        """Return what the pressed button puts elsewhere, where nothing else stands in the way and nobody has yet been
        shown what goes with it."""
        decision, data = request.POST.get("decision"), form.cleaned_data
        publishes = decision == "publish" or (decision == "schedule" and data["due_at"])
        if not publishes or is_confirmed(request) or (problems and not data["anyway"]):
            return []
        return moved_by_release(drafts, request.user)

    def xliff_view(self, request, object_id):
        """Send the texts of the release's items out to be translated."""
        release = self.get_object(request, unquote(object_id))
        if release is None:
            raise Http404
        if not self.has_view_permission(request, release):
            raise PermissionDenied
        return export_texts(request, items_of(release), opts=self.opts)

    def decide(self, request, release: Release, form: ReleasePublicationForm, problems: list) -> bool:
        """Do what the pressed button asks for; say what came of it, and whether it was done."""
        user, due_at = request.user, form.cleaned_data["due_at"]
        decision = request.POST.get("decision", "")
        try:
            if decision in {"publish", "schedule"} and problems and not form.cleaned_data["anyway"]:
                raise PublishingError(_("Something stands in the way; see the list."), code="problems")
            if decision == "publish":
                actions.publish_release(release=release, user=user, note=form.note)
                messages.success(request, _("The release is live."))
            elif decision == "schedule":
                if due_at is None:
                    raise PublishingError(_("Choose date and time first."), code="due")
                actions.schedule(
                    target=release,
                    operation="publish",
                    due_at=due_at,
                    user=user,
                    note=form.note,
                    anyway=form.cleaned_data["anyway"],
                )
                messages.success(request, _("The release is scheduled."))
            elif decision == "cancel":
                change = release.schedules.filter(pk=number(request.POST.get("scheduled"))).first()  # type: ignore[misc] # None finds nothing
                if change is None:
                    raise PublishingError(_("There is no such scheduled change."), code="schedule")
                actions.cancel_schedule(change=change, user=user)
                messages.success(request, _("The scheduled change was cancelled."))
            elif decision == "remove":
                parts = request.POST.getlist("part") or None
                actions.remove_from_release(release=release, key=request.POST.get("key", ""), user=user, parts=parts)
                messages.success(request, _("That is not in the release any more."))
            elif decision == "take-in":
                item = next((item for item in items_of(release) if str(item.pk) == request.POST.get("key")), None)
                if item is None:
                    raise PublishingError(_("The release has no such item."), code="item")
                actions.add_to_release(release=release, items=[item], user=user)
                messages.success(request, _("The newest draft is in the release now."))
            elif decision == "add-referred":
                targets = dict.fromkeys(problem.target for problem in problems if problem.target)
                add_and_say(request, release, [target for target in targets if may(user, Action.VIEW, target)])
            elif decision == "approve":
                count = actions.approve_release(release=release, user=user)
                text = ngettext("%(count)d draft was approved.", "%(count)d drafts were approved.", count)
                messages.success(request, text % {"count": count})
            elif decision == "undo":
                also = [tuple(pair.split(":", 1)) for pair in request.POST.getlist("also") if ":" in pair]
                actions.undo_release(release=release, user=user, note=form.note, also=also)
                messages.success(request, _("The release was undone; what it published is drafted again."))
            elif decision == "share":
                actions.share(item=release, user=user)
                messages.success(request, _("A preview link was made."))
            elif decision == "revoke":
                links = PreviewLink.objects.filter(release=release)
                link = next((link for link in links if str(link.pk) == request.POST.get("link")), None)
                if link is None:
                    raise PublishingError(_("There is no such preview link."), code="link")
                actions.revoke(link=link, user=user)
                messages.success(request, _("The preview link was revoked."))
            else:
                raise Http404
        except PublishingError as error:
            messages.error(request, " ".join(error.messages))
            return False
        return True


def may_do(drafts: list[ReleaseDraft], user) -> dict[str, bool]:
    """Return which buttons of the release's page ``user`` is offered: those that would not be refused."""
    parts = [Reviewable(draft.item, version, user) for draft in drafts for version in draft.versions.values()]
    submitted = [part for part in parts if part.version.state == PartVersion.State.SUBMITTED]
    return {
        "may_approve": bool(submitted) and all(part.may_let_pass(Action.REVIEW) for part in submitted),
        "may_put_live": all(part.may_let_pass(Action.PUBLISH) for part in parts),
        "is_own": any(part.is_own for part in parts),
    }


def grouped_problems(problems: list[Problem], user) -> list[dict]:
    """Return what stands in the way, item by item: what it is, in words that ``user`` may read, and whose turn it
    is."""
    names, targets = NamesFor(user), [problem.target for problem in problems if problem.target]
    for model in dict.fromkeys(map(type, targets)):
        names.joined(model, [str(target.pk) for target in targets if type(target) is model])
    found: dict[Publishable, dict] = {}
    for problem in problems:
        text = problem.text
        if target := problem.target:
            text = NOT_LIVE % {"target": names.name(type(target), str(target.pk))}
        turn = {"text": text, "role": Role(problem.role).label, "person": problem.person}
        of_item = {"item": problem.item, "url": item_url(problem.item), "problems": []}
        found.setdefault(problem.item, of_item)["problems"].append(turn)
    return list(found.values())


def publications_of(release: Release):
    """Return what ``release`` made public, with the versions of parts, without their contents."""
    versions = Prefetch("versions", PartVersion.objects.defer("content"))
    return Publication.objects.filter(release=release).select_related("content_type").prefetch_related(versions)


def undoable(release: Release, user) -> list[dict]:
    """Return what :func:`actions.undo_release` would take back of ``release``, and what was published since; nothing
    where ``user`` may not take it back."""
    if release.state != Release.State.PUBLISHED:
        return []
    found = []
    for publication in publications_of(release):
        if item := publication.item:
            versions = list(publication.versions.all())
            since = [version for version in versions if version.state != PartVersion.State.LIVE]
            taken_back = [version for version in versions if version.state == PartVersion.State.LIVE]
            parts = None if publication.number == 1 else languages_in(version.part for version in taken_back)
            if not may(user, Action.PUBLISH, item, languages=parts):
                return []
            found.append({"item": item, "url": item_url(item), "taken_back": taken_back, "since": since})
    return found


def item_url(item) -> str:
    """Return the address of the form of ``item`` in the admin."""
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_change", args=[item.pk])
