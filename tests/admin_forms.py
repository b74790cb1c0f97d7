"""Posting the admin's forms as a browser does: everything that the form shows, with a few values changed."""

from django.forms import FileField
from django.test import Client


def form_data(client: Client, url: str, **values) -> dict:
    """Return what a browser would post from the form at ``url``, with ``values`` in place of what it shows."""
    context = client.get(url).context
    forms = [context["adminform"].form]
    data = {}
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for field in form:
            value = field.value()
            if value is None or value is False or isinstance(field.field, FileField):
                continue
            data[field.html_name] = [str(entry) for entry in value] if isinstance(value, list) else str(value)
    return {**data, **values}
