"""Forms that the database refuses, because of what somebody else saved while they were checked.

Two forms can pass their checks side by side and then want one slug: PostgreSQL lets both look before either writes.
"""

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.forms import ModelForm
from django.utils.translation import gettext_lazy as _

from cms.publishing.exceptions import PublishingError

CLASH = _(
    "Somebody else saved something at the same moment that cannot stand beside this. Nothing was saved: look at what "
    "is marked, or save again."
)


class ClashMixin:
    """Shows a form that could not be saved once more, with what was typed and the reason. First of the bases."""

    def changeform_view(self, request, *args, **kwargs):
        try:
            return super().changeform_view(request, *args, **kwargs)
        except PublishingError as error:
            request.refusal = error
        except IntegrityError:
            request.refusal = ValidationError(CLASH, code="clash")
        return super().changeform_view(request, *args, **kwargs)

    def get_form(self, request, *args, **kwargs):
        form = super().get_form(request, *args, **kwargs)
        return refused(form, request.refusal) if hasattr(request, "refusal") else form


def refused(form_class: type[ModelForm], reason: ValidationError) -> type[ModelForm]:
    """Return ``form_class`` with ``reason`` beside what its own checks find by now; it is never saved."""

    class RefusedForm(form_class):  # type: ignore[valid-type, misc] # a base that is known when it runs
        def clean(self):
            super().clean()
            raise reason

    return RefusedForm
