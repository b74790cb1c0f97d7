"""What is typed into a form is kept every few seconds, for its author alone, until it is saved.

The form sends itself as it would be saved (``autosave.js``). Nothing is checked then and no version is made. What is
left after a crash is offered the next time, on any machine: restored, it is the form as it was typed, on the state
that it was opened on, so that saving it meets what others saved since as any late save does.
"""

import copy
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from csp.constants import SELF
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import BadRequest, ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db.models import OuterRef, Subquery
from django.forms import ModelForm
from django.forms.utils import ErrorDict, ErrorList
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.datastructures import MultiValueDict
from django.utils.http import urlencode

from cms.editing.kept import kept_data
from cms.editing.models import UnsavedForm
from cms.editing.review import CORRECT, may_correct

NEW = "add"  # in addresses, in the place of an item's key: the form of a new one
RESTORE = "_restore"  # parameter of a form's address: show what was typed and not saved
DISCARD = "_discard"
FORM_KEY = "_form_key"  # the form's hidden field


if TYPE_CHECKING:
    _Admin = ModelAdmin  # what it is mixed into
else:
    _Admin = object


class AutosaveMixin(_Admin):
    """Keeps what is typed into a form, and offers it again. First of the bases that answer the change form."""

    admin_site: AdminSite
    opts: Any

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_autosave"
        view = self.admin_site.admin_view(self.autosave_view)
        return [path("<path:object_id>/autosave/", view, name=name), *super().get_urls()]

    def form_address(self, page: str, request: HttpRequest, object_id: str) -> str:
        """Return the address of ``page`` (``"autosave"``, ``"change"``) for the form that is open or asked for."""
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}"
        if page == "change" and object_id == NEW:
            address = reverse(f"{name}_add")
        else:
            address = reverse(f"{name}_{page}", args=[object_id])
        return f"{address}?{CORRECT}=1" if CORRECT in request.GET else address

    # --- Keeping ---

    def autosave_view(self, request, object_id):
        """Store what the form holds (204), or delete it where its author says so; 409 where another window's text of
        the same form waits to be restored or discarded."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if (key := form_key(request)) is None:
            raise BadRequest
        if DISCARD in request.POST:
            UnsavedForm.forget(request.user, key)
            return HttpResponseRedirect(self.form_address("change", request, object_id))
        form, taken = self.form_to_keep(request, object_id)
        if taken not in (None, key):
            return HttpResponse(status=409)
        UnsavedForm.keep(request.user, form_key=key, typed=urlencode(kept_data(request)), **form)
        return HttpResponse(status=204)

    def form_to_keep(self, request, object_id: str) -> tuple[dict[str, Any], UUID | None]:
        """Return what names the form, and the key of the one whose text is kept of it now, in one query.

        Raises ``Http404`` and ``PermissionDenied`` as the form itself does when it is saved.
        """
        form = self.named_form(request, UnsavedForm.NEW)
        if object_id == NEW:
            if not self.has_add_permission(request):
                raise PermissionDenied
            return form, UnsavedForm.of(request.user, **form).values_list("form_key", flat=True).first()
        kept = UnsavedForm.of(request.user, **{**form, "object_id": OuterRef("pk")})
        rows = self.get_queryset(request).annotate(kept_key=Subquery(kept.values("form_key")))
        try:
            item = rows.get(pk=unquote(object_id))
        except (ObjectDoesNotExist, ValidationError):
            raise Http404 from None
        if not (may_correct(request.user, item) if form["corrects"] else self.has_change_permission(request, item)):
            raise PermissionDenied
        return {**form, "object_id": item.pk}, item.kept_key

    def named_form(self, request, key: UUID) -> dict[str, Any]:
        """Return the columns of an :class:`UnsavedForm` that name the form of the item ``key``."""
        content_type = ContentType.objects.get_for_model(self.model)
        return {"content_type": content_type, "object_id": key, "corrects": CORRECT in request.GET}

    def forget_typed(self, request) -> None:
        """Delete what was kept of the form that was just saved."""
        if key := form_key(request):
            UnsavedForm.forget(request.user, key)

    # --- Offering ---

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        unsaved = self.unsaved_form(request, object_id)
        if unsaved and RESTORE in request.GET:
            request = as_typed(request, unsaved)
            request.is_restored = True
        context = {
            **(extra_context or {}),
            "unsaved": unsaved,
            "is_restored": is_restored(request),
            "form_key": form_key(request) or uuid4(),
            "autosave_url": self.form_address("autosave", request, unquote(object_id) if object_id else NEW),
        }
        response = super().changeform_view(request, object_id, form_url, context)
        response._csp_update = {"frame-src": [SELF]}  # the preview beside the form
        return response

    def unsaved_form(self, request, object_id: str | None) -> UnsavedForm | None:
        """Return what the person typed into this form earlier and has not saved; nothing where it is being sent."""
        if request.method != "GET" or IS_POPUP_VAR in request.GET:
            return None
        try:
            key = self.opts.pk.to_python(unquote(object_id)) if object_id else UnsavedForm.NEW
        except ValidationError:
            return None
        return UnsavedForm.of(request.user, **self.named_form(request, key)).first()

    def get_form(self, request, obj=None, change=False, **kwargs):  # noqa: FBT002 - Django's signature
        form = super().get_form(request, obj, change, **kwargs)
        return never_valid(form) if is_restored(request) else form

    def render_change_form(self, request, context, *args, **kwargs):
        if is_restored(request):
            forget_errors(context)
        return super().render_change_form(request, context, *args, **kwargs)


def form_key(request: HttpRequest) -> UUID | None:
    """Return the key of the form that sent ``request``."""
    try:
        return UUID(request.POST.get(FORM_KEY, ""))
    except ValueError:
        return None


def as_typed(request: HttpRequest, unsaved: UnsavedForm) -> Any:
    """Return ``request`` as if what is kept of a form had been sent with it; files cannot be kept."""
    asked: Any = copy.copy(request)
    asked.method, asked.POST, asked._files = "POST", unsaved.data, MultiValueDict()
    return asked


def is_restored(request: HttpRequest) -> bool:
    """Say whether the form shows what was typed earlier, and is not being sent."""
    return getattr(request, "is_restored", False)


def never_valid(form_class: type[ModelForm]) -> type[ModelForm]:
    """Return ``form_class`` as a form that is shown with what was typed, and not saved."""

    class RestoredForm(form_class):  # type: ignore[valid-type, misc] # a base that is known when it runs
        def is_valid(self):
            return False

    return RestoredForm


def forget_errors(context: dict[str, Any]) -> None:
    """Take what the checks say off a form that nobody has sent yet: somebody was interrupted while typing."""
    formsets = [each.formset for each in context["inline_admin_formsets"]]
    for form in [context["adminform"].form, *(form for formset in formsets for form in formset.forms)]:
        form._errors = ErrorDict()
    for formset in formsets:
        formset._non_form_errors = ErrorList()
    context["errors"] = []
