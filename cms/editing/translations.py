"""The admin of translated content: a tab a language in forms, and what is missing in which language in lists."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TabbedTranslationAdmin, TranslationStackedInline
from modeltranslation.settings import AVAILABLE_LANGUAGES

from cms.content.languages import (
    LocalizedText,
    column,
    displayed,
    is_right_to_left,
    localized,
    site_languages,
    translated_fields,
)
from cms.content.models import Publishable
from cms.editing.content import ChildInlineMixin, ContentAdmin, RankedChangeList
from cms.editing.language_work import desk_url
from cms.editing.publication import EditorialStateFilter, PublishableAdmin, read_open_versions
from cms.editing.reference import ReferenceAdmin
from cms.translations.status import Completeness, completeness, incomplete_in

SHOWN_NAME = "shown name"  # as the ordering of a column: by the text that is shown, fallback included
NAME_WORDS = 24  # words of a long name, such as an objective's statement, that a list shows


def search_columns(*names: str) -> list[str]:
    """Return ``search_fields`` that find translated fields in every language, without accents and capitals.

    Names may go through foreign keys: ``search_columns("name", "office__name")``.
    """
    return [f"{column(name, language)}__folded_contains" for name in names for language in site_languages()]


def native_name(language: str) -> str:
    """Return the name of a language in that language: ``"Español"``."""
    name = get_language_info(language)["name_local"]
    return name[:1].upper() + name[1:]


def render_text(text: LocalizedText) -> str:
    """Return the HTML of a text as staff see it: cut after some words and labelled when it is a fallback."""
    if not text:
        return "–"
    value = Truncator(text.value).words(NAME_WORDS)
    if not text.is_fallback:
        return value
    return format_html(
        '<span lang="{}" dir="{}">{}</span> <span class="fallback" title="{}">{}</span>',
        text.language,
        text.direction,
        value,
        native_name(text.language),
        text.language,
    )


def describe(status: Completeness) -> str:
    """Return the state of one language in words."""
    name = native_name(status.language)
    if status.state == "complete":
        return _("%(language)s: complete") % {"language": name}
    if status.state == "empty":
        return _("%(language)s: nothing yet") % {"language": name}
    return ngettext(
        "%(language)s: %(count)d text of %(total)d is missing",
        "%(language)s: %(count)d texts of %(total)d are missing",
        status.missing,
    ) % {"language": name, "count": status.missing, "total": status.total}


def render_completeness(statuses: list[Completeness], item: Any = None) -> str:
    """Return the HTML of the states of all languages: a short mark each, in words for screen readers. Those of an
    ``item`` that is drafted lead to the desk on which its texts are written."""
    has_desk = isinstance(item, Publishable)
    mark = '<{} class="language language-{}" title="{}">{}{}<span class="visually-hidden"> {}</span></{}>'
    return format_html(
        '<span class="languages">{}</span>',
        format_html_join(
            "",
            mark,
            (
                (
                    format_html('a href="{}"', desk_url(type(item), item.pk, status.language)) if has_desk else "span",
                    status.state,
                    describe(status),
                    status.language,
                    format_html(" <b>−{}</b>", status.missing) if status.state == "partial" else "",
                    describe(status),
                    "a" if has_desk else "span",
                )
                for status in statuses
            ),
        ),
    )


class MissingInLanguageFilter(admin.SimpleListFilter):
    """The items that miss a text, of their own or of their children, in a language."""

    title = _("missing texts")
    parameter_name = "missing"

    def lookups(self, request, model_admin):
        return [(code, native_name(code)) for code in site_languages()]

    def queryset(self, request, queryset):
        if self.value() is None:
            return queryset
        if self.value() not in site_languages():
            raise IncorrectLookupParameters
        return incomplete_in(queryset, self.value())


class TranslatedChangeList(RankedChangeList):
    """A list page whose items know how complete they are, in a constant number of queries."""

    def get_results(self, request):
        super().get_results(request)
        self.result_list = self.order_page()
        states = completeness(self.result_list)
        if issubclass(self.model, Publishable):
            read_open_versions(self.result_list)
        for item in self.result_list:
            item.completeness = states[item.pk]

    def order_page(self) -> list:
        """Return the items of this page in their order."""
        return list(self.result_list)

    def get_ordering_field(self, field_name):
        if getattr(getattr(self.model_admin, str(field_name), None), "admin_order_field", "") == SHOWN_NAME:
            return displayed(self.model.name_field)
        return super().get_ordering_field(field_name)


class SiteLanguagesMixin:
    """Shows the columns of the site's languages only, each marked with its language (WCAG 2.2, 3.1.2).

    The database may have columns for more languages than the site offers.
    """

    def replace_orig_field(self, option):
        other = {
            column(name, language)
            for name in translated_fields(self.model)
            for language in set(AVAILABLE_LANGUAGES) - set(site_languages())
        }
        return [entry for entry in super().replace_orig_field(option) or () if entry not in other]

    def _patch_fieldsets(self, fieldsets):
        # modeltranslation's own writes into the class attribute, which all requests share.
        return [
            (name, {**options, "fields": self.replace_orig_field(options["fields"])}) for name, options in fieldsets
        ]

    def patch_translation_field(self, db_field, field, request, **kwargs):
        super().patch_translation_field(db_field, field, request, **kwargs)
        language = getattr(db_field, "language", None)
        if language:
            self._get_widget_from_field(field).attrs.update(
                lang=language, dir="rtl" if is_right_to_left(language) else "ltr"
            )


class TranslatedAdmin(SiteLanguagesMixin, TabbedTranslationAdmin, ContentAdmin):  # type: ignore[misc] # modeltranslation has no types
    """The admin of content with translated texts: the base of the two below."""

    list_filter = (MissingInLanguageFilter,)

    class Media:
        js = [
            "admin/js/jquery.init.js",
            "modeltranslation/js/tabbed_translation_fields.js",
            "admin_site/language_tabs.js",
        ]

    def get_changelist(self, request, **kwargs):
        return TranslatedChangeList

    @admin.display(description=_("name"), ordering=SHOWN_NAME)
    def shown_name(self, item):
        return render_text(localized(item, self.model.name_field))

    @admin.display(description=_("languages"))
    def languages(self, item):
        return render_completeness(item.completeness, item)


class TranslatedContentAdmin(TranslatedAdmin, PublishableAdmin):  # type: ignore[misc] # modeltranslation has no types
    """The admin of published, translated content: the base of almost all content."""

    list_filter = (EditorialStateFilter, MissingInLanguageFilter)  # type: ignore[assignment] # modeltranslation has no types


class TranslatedReferenceAdmin(TranslatedAdmin, ReferenceAdmin):  # type: ignore[misc] # modeltranslation has no types
    """The admin of translated reference data, which is not drafted and published by itself."""


class TranslatedStackedInline(SiteLanguagesMixin, ChildInlineMixin, TranslationStackedInline):
    """Ordered rows with translated texts, each with a tab a language."""


def shown(relation: str, description: str):
    """Return a list column with the name of a related item, labelled when it is a fallback.

    ``relation`` must be among the list's ``list_select_related``.
    """

    @admin.display(description=description, ordering=relation)
    def column_of_related(self, item):
        related = getattr(item, relation)
        return render_text(localized(related, related.name_field)) if related else "–"

    return column_of_related
