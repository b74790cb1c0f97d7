"""What keys and webhook endpoints share in the admin: a secret that is shown once, and buttons that post."""

from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from cms.editing.people import AdministratorMixin, AuditedMixin
from cms.publishing import audit


class SecretMixin(AuditedMixin, AdministratorMixin):
    """For administrators: adding an item shows its secret once; ``commands`` are buttons on its form.

    ``commands`` are pairs of a name in addresses and a method of the admin that takes the request and the item, and
    returns a response or a message.
    """

    admin_site: AdminSite
    opts: Any
    get_object: Any
    commands: tuple[tuple[str, str], ...] = ()
    change_form_template: ClassVar[Any] = "admin/publishing/secret_change_form.html"

    def get_urls(self):
        info = self.opts.app_label, self.opts.model_name
        return [
            path(
                "<path:object_id>/command/<slug:command>/",
                self.admin_site.admin_view(self.command_view),
                name="{}_{}_command".format(*info),
            ),
            *super().get_urls(),
        ]

    def command_view(self, request: HttpRequest, object_id: str, command: str) -> HttpResponse:
        """Do what a button says, by POST."""
        method = dict(self.commands).get(command)
        item = self.get_object(request, unquote(object_id))
        if not self.may_administer(request):
            raise PermissionDenied
        if method is None or item is None:
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        answer = getattr(self, method)(request, item)
        audit.write(audit.Action.CHANGE, request.user, [item], command=command)  # type: ignore[arg-type] # the admin asked for a log-in
        if isinstance(answer, HttpResponse):
            return answer
        messages.success(request, answer)
        return HttpResponseRedirect(self.url_of("change", item.pk))

    def url_of(self, page: str, *args) -> str:
        return reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args)

    def show_secret(self, request: HttpRequest, item, secret: str) -> HttpResponse:
        """Return the page that shows a new secret; no cache and no cookie keeps it."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "item": item,
            "title": str(item),
            "secret": secret,
            "change_url": self.url_of("change", item.pk),
        }
        response = TemplateResponse(request, "admin/publishing/secret.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def save_model(self, request, obj, form, change):
        if not change:
            obj.created_by = request.user
            obj.shown_once = self.make_secret(obj)
        super().save_model(request, obj, form, change)

    def make_secret(self, item) -> str:
        """Give a new item its secret and return it."""
        raise NotImplementedError

    def response_add(self, request, obj, post_url_continue=None):
        return self.show_secret(request, obj, obj.shown_once)
