"""The institution's glossary in the admin: its terms, and the whole of it as CSV, out and in."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from cms.content.languages import is_right_to_left, site_languages
from cms.editing.decisions import language_names
from cms.editing.people import AuditedMixin
from cms.pages.spreadsheets import csv_response, csv_rows
from cms.publishing import audit
from cms.publishing.permissions import Action, grants_of
from cms.translations import glossary_table
from cms.translations.glossary_table import Problem, Table
from cms.translations.models import Concept, Term

MOST_BYTES = 5 * 1024 * 1024
MOST_SHOWN = 200  # problems of a table


class GlossaryAccessMixin:
    """All staff read the glossary; who publishes what belongs to the whole organization changes it."""

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_view_permission(self, request, obj=None):
        return grants_of(request.user).anywhere(Action.VIEW)

    def has_add_permission(self, request, obj=None):
        return glossary_table.may_edit(request.user)

    def has_change_permission(self, request, obj=None):
        return glossary_table.may_edit(request.user)

    def has_delete_permission(self, request, obj=None):
        return glossary_table.may_edit(request.user)


class TermForm(forms.ModelForm):
    """A term in one of the site's languages."""

    language = forms.ChoiceField(label=_("Language"), choices=language_names)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        language = self.instance.language
        if language:
            marks = {"lang": language, "dir": "rtl" if is_right_to_left(language) else "ltr"}
            for name in ("text", "forbidden"):
                self.fields[name].widget.attrs.update(marks)


class TermInline(GlossaryAccessMixin, admin.StackedInline):
    model = Term
    form = TermForm
    fields = ("language", "text", "forbidden")
    extra = 1

    def get_max_num(self, request, obj=None, **kwargs):
        return len(site_languages())


class TableForm(forms.Form):
    """The file of an import."""

    file = forms.FileField(label=_("CSV file"), widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}))

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError(_("The file is larger than 5 MB."), code="size")
        return file


@admin.register(Concept)
class ConceptAdmin(AuditedMixin, GlossaryAccessMixin, admin.ModelAdmin):
    """The concepts with their terms, and the whole of them as CSV, out and in."""

    inlines = (TermInline,)
    list_display = ("slug", "shown_terms", "note")
    search_fields = ("slug", "terms__text__folded_contains", "terms__forbidden__folded_contains", "note")
    change_list_template = "admin/publishing/glossary_list.html"

    def get_queryset(self, request):
        terms = Prefetch("terms", Term.objects.filter(language__in=site_languages()))
        return super().get_queryset(request).prefetch_related(terms)

    @admin.display(description=_("terms"))
    def shown_terms(self, concept):
        order = site_languages()
        terms = sorted(concept.terms.all(), key=lambda term: order.index(term.language))
        return " · ".join(f"{term.text} ({term.language})" for term in terms) or "–"

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("export.csv", view(self.export_view), name="translations_concept_export"),
            path("import/", view(self.import_view), name="translations_concept_import"),
            *super().get_urls(),
        ]

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """The whole glossary as CSV."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        audit.write(audit.Action.EXPORT, request.user, what="glossary")  # type: ignore[arg-type] # the admin asked for a log-in
        return csv_response("glossary.csv", glossary_table.table())

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Take a table in, or say everything that is wrong with it."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        form = TableForm(request.POST or None, request.FILES or None)
        table = Table()
        if request.method == "POST" and form.is_valid():
            table = read(form.cleaned_data["file"])
            if not table.problems:
                return self.import_table(request, table)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Import the glossary"),
            "form": form,
            "problems": table.problems[:MOST_SHOWN],
            "more": max(len(table.problems) - MOST_SHOWN, 0),
            "columns": glossary_table.header(),
        }
        return TemplateResponse(request, "admin/publishing/glossary_import.html", context)

    def import_table(self, request: HttpRequest, table: Table) -> HttpResponse:
        outcome = glossary_table.import_table(rows=table.rows, user=request.user)  # type: ignore[arg-type] # the admin asked for a log-in
        text = _("The glossary was imported: %(added)d added, %(changed)d changed, %(same)d as they were.")
        messages.success(request, text % vars(outcome))
        return HttpResponseRedirect(reverse(f"{self.admin_site.name}:translations_concept_changelist"))


def read(file: UploadedFile) -> Table:
    """Return what an uploaded table says."""
    try:
        return glossary_table.read(csv_rows(file.read()))
    except ValidationError as error:
        return Table(problems=[Problem(0, "", message) for message in error.messages])
