"""The pages of what is to be translated: *My Spanish*, the matrix of all languages, and giving work to somebody."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User as Person
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.generic import View

from cms.content.languages import site_languages
from cms.content.models import Publishable
from cms.editing.access import releases_for, visible
from cms.editing.assignments import assign, translators_of
from cms.editing.decisions import language_names, number
from cms.editing.language_work import (
    PAGE,
    Selection,
    containers,
    in_order,
    leads_to,
    listed,
    matrix_rows,
    own_languages,
    page_of,
    work_in,
)
from cms.editing.widgets import LoadedAutocompleteSelect
from cms.pages.spreadsheets import csv_response
from cms.publishing.exceptions import PublishingError
from cms.publishing.models import Release
from cms.publishing.models.versions import part_label
from cms.publishing.permissions import Action, grants_of, may
from cms.publishing.visibility import parent_paths, publishable_models

STATUS_CHOICES = [
    ("", _("what needs work")),
    ("missing", _("missing")),
    ("outdated", _("outdated")),
    ("machine", _("machine-made")),
    ("sent-back", _("sent back")),
    ("in-review", _("in review")),
    ("due", _("with a date")),
    ("mine", _("given to me")),
]
OPEN = (Release.State.OPEN, Release.State.SCHEDULED)


class SelectionForm(forms.Form):
    """What narrows a list of what is to be translated."""

    status = forms.ChoiceField(label=_("Status"), choices=STATUS_CHOICES, required=False)
    kind = forms.ChoiceField(label=_("Content"), required=False)
    release = forms.ModelChoiceField(Release.objects.none(), label=_("Release"), required=False, empty_label=_("All"))

    def __init__(self, data, *, user, admin_site, with_status: bool = True):
        super().__init__(data, auto_id="filter-%s")
        self.user = user
        kinds = [(model._meta.label_lower, model._meta.verbose_name_plural) for model in publishable_models()]
        kind: Any = self.fields["kind"]
        kind.choices = [("", _("All")), *((label, capfirst(name)) for label, name in kinds)]
        releases: Any = self.fields["release"]
        releases.queryset = releases_for(user).filter(state__in=OPEN)
        for model in containers():
            self.fields[str(model._meta.model_name)] = container_field(model, user, admin_site)
        if not with_status:
            del self.fields["status"]

    @property
    def selection(self) -> Selection:
        """What is chosen; of what cannot be, nothing."""
        data = self.cleaned_data if self.is_bound and not self.errors else {}
        kinds = {model._meta.label_lower: model for model in publishable_models()}
        within = {model: item for model in containers() if (item := data.get(str(model._meta.model_name)))}
        for model, item in within.items():
            self.fields[str(model._meta.model_name)].widget.loaded = {str(item.pk): item}
        return Selection(self.user, kind=kinds.get(data.get("kind", "")), within=within, release=data.get("release"))

    def forget_wrong(self) -> None:
        """Leave out what is chosen and cannot be: what is wrong with it is said beside the field."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        for name in self.errors:
            data.pop(name, None)
        self.data = data

    @property
    def status_chosen(self) -> str:
        return self.cleaned_data.get("status", "") if self.is_bound and not self.errors else ""


def container_field(model: type[Publishable], user, admin_site) -> forms.ModelChoiceField:
    """Return the field that chooses an item that others belong to, by typing a part of its name."""
    key: Any = next(
        each._meta.get_field(path)
        for each in publishable_models()
        for path in parent_paths(each)
        if "__" not in path and leads_to(each, path) is model
    )
    return forms.ModelChoiceField(
        visible(model._default_manager.all(), user),
        label=capfirst(model._meta.verbose_name),
        required=False,
        widget=LoadedAutocompleteSelect(key, admin_site),
    )


class LanguagePage(View):
    """What the pages share: who may see them, the languages, the filters."""

    admin_site: Any = None
    template_name = ""
    with_status = True

    def dispatch(self, request, *args, **kwargs):
        if not grants_of(request.user).anywhere(Action.VIEW):
            raise PermissionDenied
        if kwargs.get("language", site_languages()[0]) not in site_languages():
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def form(self) -> SelectionForm:
        return SelectionForm(
            self.request.GET, user=self.request.user, admin_site=self.admin_site, with_status=self.with_status
        )

    def page(self, title, **context) -> TemplateResponse:
        """Return the page, with the address of the same as CSV."""
        self.form.forget_wrong()
        query = self.request.GET.copy()
        for name in ("page", *self.form.errors):
            query.pop(name, None)
        context = {
            **self.admin_site.each_context(self.request),
            "title": title,
            "form": self.form,
            "query": query.urlencode(),
            "languages": [(code, name, reverse("admin:worklist", args=[code])) for code, name in language_names()],
            **context,
        }
        return TemplateResponse(self.request, self.template_name, context)

    @property
    def is_csv(self) -> bool:
        return self.request.GET.get("format") == "csv"


class WorklistView(LanguagePage):
    """*My Spanish*: what is to be translated into one language, what is due first at the top."""

    template_name = "admin/publishing/language_worklist.html"

    def get(self, request, language):
        counts = work_in(language, self.form.selection, status=self.form.status_chosen)
        if self.is_csv:
            return csv_response(f"to-translate-{language}.csv", self.csv_rows(listed(in_order(counts))))
        start = start_of(request)
        rows, totals = page_of(counts, start, start + PAGE)
        return self.page(
            title_of(request.user, language),
            language=language,
            language_name=part_label(language),
            totals=totals,
            works=listed(rows),
            release_desk=self.release_desk(language),
            number=start // PAGE + 1,
            has_next=totals.items > start + PAGE,
        )

    def release_desk(self, language: str) -> str:
        """Return the address of the desk of the release that the list is narrowed to."""
        release = self.form.selection.release
        return reverse("admin:publishing_release_desk", args=[release.pk, language]) if release else ""

    def csv_rows(self, works):
        """Yield the list as rows of a spreadsheet."""
        site = f"{self.request.scheme}://{self.request.get_host()}"
        yield [str(text) for text in WORK_COLUMNS]
        for work in works:
            counts = work.counts
            yield [
                work.name,
                str(work.kind),
                work.scope,
                counts.working_outdated,
                counts.working_missing,
                counts.words_to_do,
                work.state.label if work.state else "",
                work.person,
                work.due_on.isoformat() if work.due_on else "",
                f"{site}{work.url}",
            ]


def start_of(request) -> int:
    """Return with which item of the list the page begins that ``?page=`` asks for."""
    return (max(number(request.GET.get("page")) or 1, 1) - 1) * PAGE


WORK_COLUMNS = (
    _("Item"),
    _("Content"),
    _("Belongs to"),
    _("Outdated texts"),
    _("Missing texts"),
    _("Words to do"),
    _("Draft"),
    _("Given to"),
    _("Due"),
    _("Address"),
)


def title_of(user, language: str) -> str:
    """Return the title of the worklist: *My Spanish* for whose language it is."""
    own = language in own_languages(user)
    text = _("My %(language)s") if own else _("To translate into %(language)s")
    return text % {"language": part_label(language).capitalize() if own else part_label(language)}


class MatrixView(LanguagePage):
    """Items by languages, each with where it stands; every cell leads to the desk."""

    template_name = "admin/publishing/translation_matrix.html"
    with_status = False

    def get(self, request):
        if self.is_csv:
            return csv_response("translations.csv", self.csv_rows(matrix_rows(self.form.selection)))
        start = start_of(request)
        rows = matrix_rows(self.form.selection, start, start + PAGE + 1)
        return self.page(
            _("Translations"),
            rows=rows[:PAGE],
            number=start // PAGE + 1,
            has_next=len(rows) > PAGE,
        )

    def csv_rows(self, rows):
        """Yield the matrix as rows of a spreadsheet: a column a language, in words."""
        yield [str(_("Item")), str(_("Content")), str(_("Belongs to")), *site_languages()]
        for row in rows:
            yield [row.name, str(row.kind), row.scope, *(cell.words for cell in row.cells)]


class AssignForm(forms.Form):
    """To whom something is given, and until when."""

    person: Any = forms.ModelChoiceField(None, label=_("Person"), required=False, empty_label=_("nobody"))
    due_on = forms.DateField(
        label=_("Due"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, data, people, **kwargs):
        super().__init__(data, **kwargs)
        choice: Any = self.fields["person"]
        choice.queryset = people


class AssignView(LanguagePage):
    """Gives the items that were ticked to somebody, by a date: ``?item=<type>:<key>`` for each."""

    template_name = "admin/publishing/assign.html"

    def get(self, request, language):
        if not request.GET.getlist("item"):
            messages.warning(request, _("Tick items first."))
            return self.back(language)
        return self.ask(language, AssignForm(None, self.people(language)))

    def post(self, request, language) -> HttpResponse:
        form = AssignForm(request.POST, self.people(language))
        if not form.is_valid():
            return self.ask(language, form)
        try:
            assign(items=self.items, language=language, user=request.user, **form.cleaned_data)
        except PublishingError as error:
            form.add_error(None, error)
            return self.ask(language, form)
        count = len(self.items)
        text = ngettext("%(count)d item was given.", "%(count)d items were given.", count)
        if form.cleaned_data["person"] is None:
            text = ngettext("%(count)d item is nobody’s now.", "%(count)d items are nobody’s now.", count)
        messages.success(request, text % {"count": count})
        return self.back(language)

    @cached_property
    def items(self) -> list[Publishable]:
        """The items that were ticked; raises ``Http404`` for what is not there or may not be seen."""
        keys: dict[type[Publishable], set[UUID]] = {}
        for text in self.request.GET.getlist("item"):
            model, key = self.named(text)
            keys.setdefault(model, set()).add(key)
        found = [item for model, wanted in keys.items() for item in model._base_manager.filter(pk__in=wanted)]
        if len(found) < sum(map(len, keys.values())) or not found:
            raise Http404
        user: Any = self.request.user
        if not all(may(user, Action.VIEW, item) for item in found):
            raise PermissionDenied
        return found

    def named(self, text: str) -> tuple[type[Publishable], UUID]:
        """Return model and key that ``<type>:<key>`` names; raises ``Http404`` for what names no item."""
        kinds = {str(ContentType.objects.get_for_model(model).pk): model for model in publishable_models()}
        kind, _colon, key = text.partition(":")
        try:
            return kinds[kind], UUID(key)
        except (KeyError, ValueError):
            raise Http404 from None

    def people(self, language: str):
        """Return whom the items may be given to: for who does not review them, that is themselves."""
        user: Any = self.request.user
        people = Person._base_manager.order_by("username")
        if all(may(user, Action.REVIEW, item, languages=[language]) for item in self.items):
            return people.filter(pk__in=[person.pk for person in translators_of(self.items, language)])
        if not all(may(user, Action.SAVE, item, languages=[language]) for item in self.items):
            raise PermissionDenied
        return people.filter(pk=user.pk)

    def ask(self, language: str, form: AssignForm) -> TemplateResponse:
        return self.page(
            _("Give to somebody"),
            items=self.items,
            assign_form=form,
            language=language,
            language_name=part_label(language),
            back=reverse("admin:worklist", args=[language]),
        )

    def back(self, language: str) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:worklist", args=[language]))


def language_urls(admin_site) -> list:
    """Return the addresses of these pages in an admin site."""
    return [
        path(address, admin_site.admin_view(view.as_view(admin_site=admin_site)), name=name)
        for address, view, name in (
            ("languages/", MatrixView, "translation_matrix"),
            ("languages/<slug:language>/", WorklistView, "worklist"),
            ("languages/<slug:language>/assign/", AssignView, "assign_translations"),
        )
    ]
