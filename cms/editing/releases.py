"""Releases in the admin: what is in them, what stands in the way, preview, publication."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.editing.access import RefusedObjectMixin, releases_for
from cms.editing.decisions import PublicationForm, number
from cms.publishing import actions
from cms.publishing.drafts import items_of
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import PreviewLink, Release, ScheduledChange
from cms.publishing.permissions import Action, grants_of, may
from cms.publishing.preview import link_url, preview_url
from cms.publishing.readiness import problems_of


class ReleasePublicationForm(PublicationForm):
    """What goes with the publication of a release; it is always whole."""

    languages = None  # type: ignore[assignment] # leaves the field out, says Django
    comment = None  # type: ignore[assignment] # leaves the field out, says Django
    anyway = forms.BooleanField(label=_("Publish although something stands in the way"), required=False)


@admin.register(Release)
class ReleaseAdmin(RefusedObjectMixin, admin.ModelAdmin):
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

    def review_view(self, request, object_id):
        """What is in the release, what stands in its way, and what can be done with it."""
        release = self.get_object(request, unquote(object_id))
        if release is None:
            raise Http404
        items = items_of(release)
        if not self.has_view_permission(request, release):
            raise PermissionDenied
        form = ReleasePublicationForm(request.POST or None)
        problems = problems_of(release) if release.state != Release.State.PUBLISHED else []
        if request.method == "POST":
            if not form.is_valid():
                messages.error(request, _("Please correct what is marked below."))
            elif self.decide(request, release, form, problems):
                return HttpResponseRedirect(self.review_url(release))
            release.refresh_from_db()  # as it is stored; what was typed stays in the form
        links = PreviewLink.objects.filter(release=release).select_related("created_by")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "item": release,
            "title": _("Release"),
            "subtitle": str(release),
            "release": release,
            "items": [(item, item._meta.verbose_name, item_url(item)) for item in items],
            "problems": [(problem, item_url(problem.item)) for problem in problems],
            "form": form,
            "preview_url": preview_url(release),
            "time_zone": timezone.get_current_timezone_name(),
            "scheduled": release.schedules.filter(state=ScheduledChange.State.PENDING).select_related("created_by"),
            "links": [(link, request.build_absolute_uri(link_url(link))) for link in links if link.is_valid],
        }
        return TemplateResponse(request, "admin/publishing/release.html", context)

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
                actions.remove_from_release(release=release, key=request.POST.get("key", ""), user=user)
                messages.success(request, _("The item is not in the release any more."))
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


def item_url(item) -> str:
    """Return the address of the form of ``item`` in the admin."""
    return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_change", args=[item.pk])
