"""Texts out as XLIFF, of a list, an item or a release, and the page that takes translations in."""

import base64
import io
import zipfile
import zlib
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from cms.content.models import Publishable
from cms.editing.decisions import language_names
from cms.publishing import audit
from cms.publishing.permissions import Action, grants_of, may
from cms.translations import glossary
from cms.translations.checks import checks, plain
from cms.translations.xliff.importing import Change, Plan, import_translations, plan_import
from cms.translations.xliff.reading import MOST_BYTES
from cms.translations.xliff.writing import VERSIONS, documents

SHOWN = 200  # changes, and problems, that the page of an import shows
MEDIA_TYPE = "application/xliff+xml"


class ExportForm(forms.Form):
    """Into which language, for which program, and how much."""

    language = forms.ChoiceField(label=_("Into"), choices=language_names)
    version = forms.ChoiceField(
        label=_("XLIFF version"),
        choices=[(version, version) for version in VERSIONS],
        help_text=_("Choose 1.2 where your program does not open 2.1."),
    )
    everything = forms.BooleanField(
        label=_("Also what is translated and current"),
        required=False,
        help_text=_("Otherwise only texts that are missing or outdated."),
    )


def export_texts(request: HttpRequest, items: Iterable[Publishable], *, opts, sent: Iterable[tuple[str, Any]] = ()):
    """Answer with the texts of those of ``items`` that the person may export or, before that is asked for, with the
    page that asks into which language. ``sent`` is sent again with it."""
    user: Any = request.user
    items = [item for item in items if may(user, Action.EXPORT, item)]
    form = ExportForm(request.POST if "language" in request.POST else None, initial={"language": own_language(user)})
    if form.is_valid():
        found = documents(items, **form.cleaned_data, absolute=request.build_absolute_uri)
        if found:
            audit.write(audit.Action.EXPORT, user, items, what="xliff", language=form.cleaned_data["language"])
            return download(found, form.cleaned_data["language"])
        messages.info(request, _("There is nothing to translate into this language."))
    context = {
        **admin.site.each_context(request),
        "opts": opts,
        "title": _("Export texts as XLIFF"),
        "form": form,
        "items": items[:SHOWN],
        "more": max(len(items) - SHOWN, 0),
        "sent": sent,
    }
    return TemplateResponse(request, "admin/publishing/xliff_export.html", context)


def own_language(user) -> str:
    """Return a language that ``user`` translates into; else the one that they read."""
    languages = [code for assignment in grants_of(user).assignments for code in assignment.languages]
    return languages[0] if languages else get_language() or ""


def download(found: dict[str, bytes], language: str) -> HttpResponse:
    """Return documents as a file: a document alone, or a ZIP where there is one for each of several languages."""
    names = {f"{source}-{language}.xlf": content for source, content in found.items()}
    if len(names) == 1:
        ((name, content),) = names.items()
        return attachment(content, name, MEDIA_TYPE)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return attachment(buffer.getvalue(), f"{language}.zip", "application/zip")


def attachment(content: bytes, name: str, media_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


class ExportXliffMixin:
    """The action of lists that sends the texts of the selected items out."""

    opts: Any

    @admin.action(description=_("Export texts as XLIFF"), permissions=["view"])
    def export_xliff_selected(self, request, queryset) -> HttpResponseBase:
        items = list(queryset)
        sent = [("action", "export_xliff_selected"), *(("_selected_action", item.pk) for item in items)]
        return export_texts(request, items, opts=self.opts, sent=sent)


class ImportForm(forms.Form):
    """The file of an import."""

    file = forms.FileField(label=_("XLIFF file"), widget=forms.FileInput(attrs={"accept": ".xlf,.xliff"}))

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:  # before a byte of it is read
            raise ValidationError(_("The file is larger than 10 MB."), code="size")
        return file


class ImportXliffView(View):
    """A file is shown with all that it would change; what was shown is then saved, if it is still what would be."""

    admin_site: Any = None

    def dispatch(self, request, *args, **kwargs):
        if not grants_of(request.user).anywhere(Action.SAVE):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(request, ImportForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ImportForm(request.POST, request.FILES)
        try:
            if "content" in request.POST:
                return self.save(request, unpacked(request.POST["content"]))
            if form.is_valid():
                return self.review(request, form.cleaned_data["file"].read())
        except ValidationError as error:
            form = ImportForm()
            return self.page(request, form, faults=error.messages)
        return self.page(request, form)

    def review(self, request: HttpRequest, content: bytes) -> HttpResponse:
        """Show what a file would change."""
        plan = plan_import(content, user=request.user)  # type: ignore[arg-type] # the admin asked for a log-in
        return self.page(request, ImportForm(), plan=plan, content=packed(content), shown=shown(plan))

    def save(self, request: HttpRequest, content: bytes) -> HttpResponse:
        """Save what was shown; show it again where it would be something else by now."""
        user: Any = request.user
        plan = plan_import(content, user=user)
        if plan.fingerprint != request.POST.get("fingerprint"):
            messages.warning(request, _("Something was changed since you looked: please look again."))
            return self.page(request, ImportForm(), plan=plan, content=packed(content), shown=shown(plan))
        outcome = import_translations(plan=plan, user=user)
        text = ngettext("%(count)d text was saved as draft.", "%(count)d texts were saved as drafts.", outcome.texts)
        messages.success(request, text % {"count": outcome.texts})
        for problem in outcome.problems[:SHOWN]:
            messages.error(request, f"{problem.about}: {problem.message}")
        return HttpResponseRedirect(reverse("admin:xliff_import"))

    def page(self, request: HttpRequest, form: ImportForm, **context) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "title": _("Import translations"), "form": form, **context}
        return TemplateResponse(request, "admin/publishing/xliff_import.html", context)


def shown(plan: Plan) -> list[dict]:
    """Return the first changes as the page shows them, each with what there is to look at."""
    terms = glossary.current()
    found = [(each.item, change) for each in plan.items for change in each.changes]
    return [{"item": item, **shown_change(change, terms)} for item, change in found[:SHOWN]]


def shown_change(change: Change, terms: glossary.Glossary) -> dict:
    text = change.text
    found = checks(
        text.source,
        change.after,
        language=text.language,
        source_language=text.source_language,
        is_rich=text.is_rich,
        terms=terms,
    )
    source, before, after = (
        plain(each) if text.is_rich else each for each in (text.source, text.target, change.after)
    )
    return {"change": change, "source": source, "before": before, "after": after, "findings": found}


def packed(content: bytes) -> str:
    """Return a file as a field of a form."""
    return base64.b64encode(zlib.compress(content)).decode()


def unpacked(field: str) -> bytes:
    """Return what :func:`packed` made of a file, no more than a file may have. Raises ``ValidationError``."""
    try:
        return zlib.decompressobj().decompress(base64.b64decode(field, validate=True), MOST_BYTES + 1)
    except (ValueError, zlib.error):
        raise ValidationError(_("The form was damaged on its way: choose the file again."), code="content") from None
