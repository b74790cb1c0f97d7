"""The pages of the translators' desk: beside an item's form, and beside a release."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from js_asset import Media, Script

from cms.content.languages import site_languages
from cms.editing.decisions import language_names, line
from cms.editing.desk import Desk, Row, TextConflict, TextForm, save_text
from cms.editing.findings import accept, with_terms
from cms.editing.offers import offers_for
from cms.publishing import actions
from cms.publishing.exceptions import PublishingError
from cms.publishing.models.versions import part_label
from cms.publishing.permissions import Action, may
from cms.translations import machine
from cms.translations.checks import Finding

if TYPE_CHECKING:
    _Admin = ModelAdmin  # what it is mixed into
else:
    _Admin = object

Reasons = list[tuple[Finding, str]]  # what is asked about a text, each with why it is right as it is, or nothing
MOST_CHECKED = 100_000  # characters that are checked while somebody types
MOST_NAMED = 5  # texts that a message names
MOST_SAID = 500  # characters of a reason


class DeskMixin(_Admin):
    """Adds the desk to a model admin, at ``<object>/desk/<language>/``. Says what is on it by ``desk_items``."""

    desk_items: Any  # (request, object_id) -> the object that the page is about, and the items on it

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_desk"
        view = self.admin_site.admin_view(self.desk_view)
        return [path("<path:object_id>/desk/<slug:language>/", view, name=name), *super().get_urls()]

    def desk_url(self, key: Any, language: str) -> str:
        """Return the address of the desk of what has the primary key ``key``."""
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_desk"
        return reverse(name, args=[key, language])

    def desk_view(self, request, object_id, language):
        """The texts in one language beside their sources; what is typed is saved text by text."""
        if language not in site_languages():
            raise Http404
        subject, items = self.desk_items(request, object_id)
        desk = Desk(items, language, request.user, shown=request.GET.get("show", ""))
        row = desk.row((request.POST or request.GET).get("text", ""))
        if request.method != "POST":
            row = row or desk.first()
            return self.desk_page(request, desk, subject, row, row and self.desk_form(desk, row))
        if request.POST.get("decision") == "submit":
            return self.submit_all(request, desk, subject)
        if row is None:
            raise Http404
        if not desk.may_write(row.item):
            raise PermissionDenied
        if request.POST.get("decision") == "check":
            return self.checked(request, desk, row)
        if request.POST.get("decision") == "machine":
            return self.translate_by_machine(request, desk, subject, row)
        return self.save_row(request, desk, subject, row)

    def desk_form(self, desk: Desk, row: Row, data=None) -> TextForm:
        return TextForm(row, data, is_disabled=not desk.may_write(row.item))

    def save_row(self, request, desk: Desk, subject, row: Row) -> HttpResponse:
        """Save the text that was sent and go on to the next one, or say why not, with what was typed."""
        decision, form = request.POST.get("decision"), self.desk_form(desk, row, request.POST)
        if decision not in ("next", "stay", "confirm"):
            raise Http404
        if not form.is_valid():
            return self.desk_page(request, desk, subject, row, form)
        value = form.cleaned_data["target"]
        asked = [(finding, reason_for(request, finding)) for finding in desk.open_to_doubt(row, value)]
        try:
            self.save_text(request, row, value, asked, is_confirmed=decision == "confirm")
        except TextConflict as conflict:
            return HttpResponseRedirect(self.conflict_url(row, conflict, self.desk_url(subject.pk, desk.language)))
        except PublishingError as error:
            form.add_error("target", error)
            return self.desk_page(request, desk, subject, row, form)
        messages.success(request, _("“%(text)s” was saved.") % {"text": row.text.label})
        is_new = {finding.key for finding, reason in asked if not reason} - set(request.POST.getlist("seen"))
        return self.go_to(request, desk, subject, row if decision == "stay" or is_new else desk.after(row))

    def save_text(self, request, row: Row, value: str, asked: Reasons, *, is_confirmed: bool) -> None:
        """Save a text; with ``is_confirmed`` also say that it is still right. Keep what was said about findings."""
        user = request.user
        if value != row.text.target or not is_confirmed:
            save_text(row, value, user=user, opened_on=request.POST.get("opened_on", ""))
        if is_confirmed:
            actions.confirm(item=row.item, language=row.text.language, places=[row.text.place], user=user)
        if said := [(finding, reason) for finding, reason in asked if reason]:
            accept(row.item, row.text, said, user=user)

    def translate_by_machine(self, request, desk: Desk, subject, row: Row) -> HttpResponse:
        """Have the text drafted by the machine that the installation has, and come back to it: a person reviews it.
        What somebody has typed is not written over."""
        form = self.desk_form(desk, row, request.POST)
        if not form.is_valid() or form.cleaned_data["target"] != row.text.target:
            form.add_error("target", _("Save what you typed first, or take it out."))
            return self.desk_page(request, desk, subject, row, form)
        places, user = [row.text.place], request.user
        try:
            machine.machine_translate(item=row.item, language=desk.language, places=places, user=user)
        except PublishingError as error:
            messages.error(request, " ".join(error.messages))
        return self.go_to(request, desk, subject, row)

    def checked(self, request, desk: Desk, row: Row) -> HttpResponse:
        """Answer with what the checks ask about what is typed, as HTML."""
        asked = desk.asked(row, request.POST.get("target", "")[:MOST_CHECKED])
        return TemplateResponse(request, "admin/publishing/includes/desk_findings.html", {"asked": asked})

    def conflict_url(self, row: Row, conflict: TextConflict, desk_url: str) -> str:
        """Return the address of the page on which both texts are looked at; it leads back to the desk."""
        label = row.item._meta
        name = f"{self.admin_site.name}:{label.app_label}_{label.model_name}_conflict"
        return f"{reverse(name, args=[row.item.pk, conflict.revision.number])}?{urlencode({'back': desk_url})}"

    def go_to(self, request, desk: Desk, subject, row: Row | None) -> HttpResponseRedirect:
        """Lead to a text on the desk, or to the end of it."""
        query = {"show": desk.shown, **({"text": row.key} if row else {})}
        place = "id_target" if row else "submit"
        return HttpResponseRedirect(f"{self.desk_url(subject.pk, desk.language)}?{urlencode(query)}#{place}")

    def submit_all(self, request, desk: Desk, subject) -> HttpResponseRedirect:
        """Hand all drafts of the language to the publishers, all of them or none.

        Raises ``PermissionDenied`` for who may hand over none of these items.
        """
        if not any(may(request.user, Action.SUBMIT, item, languages=[desk.language]) for item in desk.items.values()):
            raise PermissionDenied
        versions, comment = desk.to_submit(), line(request.POST.get("comment", ""))
        if not versions:
            messages.error(request, _("There is no draft to submit."))
            return self.go_to(request, desk, subject, None)
        if doubtful := desk.in_doubt():
            labels = ", ".join(str(row.text.label) for row in doubtful[:MOST_NAMED])
            text = _("The checks ask something about: %(texts)s. Answer it first.")
            messages.error(request, text % {"texts": labels})
            return self.go_to(request, desk, subject, doubtful[0])
        try:
            with transaction.atomic():
                for version in versions:
                    item = desk.items[str(version.object_id)]
                    actions.submit(item=item, user=request.user, parts=[desk.language], comment=comment)
        except PublishingError as error:
            messages.error(request, " ".join(error.messages))
        else:
            said = ngettext("%(count)d draft was submitted.", "%(count)d drafts were submitted.", len(versions))
            messages.success(request, said % {"count": len(versions)})
        return self.go_to(request, desk, subject, None)

    def subject_url(self, request, subject) -> str:
        """Return the address of the page of what is worked on, for who may open it."""
        label = self.opts
        name = f"{self.admin_site.name}:{label.app_label}_{label.model_name}_review"
        return reverse(name, args=[subject.pk]) if self.has_view_permission(request, subject) else ""

    def desk_page(self, request, desk: Desk, subject, row: Row | None, form: TextForm | None) -> TemplateResponse:
        """Return the page with ``row`` open in ``form``."""
        media = Media(js=[Script("admin_site/desk.js", type="module")]) + (form.media if form else Media())
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "item": subject,
            "subject_url": self.subject_url(request, subject),
            "title": _("Translate into %(language)s") % {"language": part_label(desk.language)},
            "subtitle": str(subject),
            "desk": desk,
            "row": row,
            "form": form,
            "may_write": row is not None and desk.may_write(row.item),
            "opened_on": request.POST.get("opened_on") or desk.opened_on(row.item) if row else "",
            "previous": row and desk.before(row),
            "next": row and desk.after(row),
            "source": with_terms(row.text, desk.glossary) if row else None,
            "asked": desk.asked(row, (form["target"].value() or "") if form else "") if row else [],
            "has_machine": machine.is_on(),
            "offers": offers_for(row.item, row.text) if row else [],
            "others": list(desk.others(row)) if row else [],
            "to_submit": desk.to_submit(),
            "language_name": part_label(desk.language),
            "languages": [(code, name, self.desk_url(subject.pk, code)) for code, name in language_names()],
            "media": Media.from_media(media, nonce=str(request.csp_nonce)),
        }
        return TemplateResponse(request, "admin/publishing/desk.html", context)


def reason_for(request, finding: Finding) -> str:
    """Return why what a check asks is right as it is, as the form says it."""
    said = dict(zip(request.POST.getlist("finding"), request.POST.getlist("reason"), strict=False))
    return line(said.get(finding.key, ""))[:MOST_SAID]


class ItemDeskMixin(DeskMixin):
    """The desk of one item."""

    item_or_404: Any

    def desk_items(self, request, object_id):
        item = self.item_or_404(request, object_id, Action.VIEW)
        return item, [item]
