"""Filling in forms of the admin as a browser would: everything that the page sends, with some fields changed."""

from lxml import html


def form_data(response, **changes) -> dict[str, list[str]]:
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
