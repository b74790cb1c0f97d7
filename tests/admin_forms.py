"""Posting the admin's forms as a browser does: everything that the form shows, with a few values changed."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.forms import FileField
from django.test import Client
from lxml import html

from cms.content.models import Publishable
from cms.publishing import drafts
from cms.publishing.overlay import overlay


@contextmanager
def drafted(item: Publishable) -> Iterator[Publishable]:
    """Show the open draft of ``item`` in place of its live row, and give the item as it is drafted."""
    with overlay([(type(item), item.pk, drafts.drafted(item))]):
        yield type(item).objects.get(pk=item.pk)


def form_data(client: Client, url: str, **values) -> dict:
    """Return what a browser would post from the form at ``url``, with ``values`` in place of what it shows."""
    context = client.get(url).context
    forms = [context["adminform"].form]
    data = {"_opened_on": context["opened_on"]} if "opened_on" in context else {}
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for field in form:
            value = field.value()
            if value is None or value is False or isinstance(field.field, FileField):
                continue
            data[field.html_name] = [str(entry) for entry in value] if isinstance(value, list) else str(value)
    return {**data, **values}


def page_data(response, **changes) -> dict[str, list[str]]:
    """Return what a browser would send of the page's main form, with ``changes`` by field name.

    The button is ``_continue`` unless ``changes`` names another that begins with an underscore.
    """
    page = html.fromstring(response.content.decode())
    forms = [form for form in page.forms if form.get("id", "").endswith("_form")]
    assert forms, "the page has no main form"
    data: dict[str, list[str]] = {}
    for name, value in forms[0].form_values():
        data.setdefault(name, []).append(value)
    if not any(name.startswith("_") and name not in ("_opened_on", "_comment") for name in changes):
        data["_continue"] = ["1"]
    for name, value in changes.items():
        assert name.startswith("_") or name in forms[0].fields, f"the form has no field {name}"
        data[name] = value if isinstance(value, list) else [value]
    return data
