"""Links to items in the rich texts of packages: by name, as packages name everything.

``<a href="item:offices/north">``; a part of an item is named after it:
``item:frameworks.goals/agenda-2030/10``, with signs that no address holds as ``%20`` (RFC 3986, section 2.1). Stored
texts have UUIDs in their place (:mod:`cms.content.links`). Until all names of a package are known, UUIDs that are
made of the names stand for those of the items.
"""

import re
from collections.abc import Iterable, Mapping
from html import unescape
from urllib.parse import quote, unquote
from uuid import NAMESPACE_URL, UUID, uuid5

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cms.content.links import SCHEME, Reference, parsed, references_in, replaced, targets
from cms.content.models import Child, ContentModel
from cms.packages.layout import SEPARATOR, PackageSchema, name_paths
from cms.packages.problems import similar

WRITTEN = re.compile(rf"""(\bhref\s*=\s*)(["']){SCHEME}:(.*?)\2""", re.IGNORECASE | re.DOTALL)
Named = dict[str, tuple[str, str]]  # by reference: the label of a model, and a name


def linked_models(schema: PackageSchema) -> dict[str, type[ContentModel]]:
    """Return the models whose rows a text may link to, by what packages call them in links."""
    found = {}
    for model in targets().values():
        rows = schema.by_model.get(model)
        if rows is not None and (name_paths(model) or not issubclass(model, Child)):
            above = f"{model.parent_model.collection}." if issubclass(model, Child) else ""
            found[f"{above}{rows.name}"] = model
    return found


def read_names(html: str, schema: PackageSchema) -> tuple[str, Named]:
    """Return ``html`` with references in the place of named items, and the names by reference.

    Raises ``ValidationError`` for a link that names no kind of item, or no item of it.
    """
    named: Named = {}
    if SCHEME not in html:
        return html, named
    models = linked_models(schema)

    def reference(match: re.Match) -> str:
        href = f"{SCHEME}:{unescape(match[3])}"
        if parsed(href):  # by its UUID: of an item that was gone when the package was written
            return match[0]
        model, name, anchor = split(href, models)
        found = Reference(model, uuid5(NAMESPACE_URL, f"{model._meta.label_lower}/{name}"), anchor)
        named[str(found._replace(anchor=""))] = (model._meta.label_lower, name)
        return f"{match[1]}{match[2]}{found}{match[2]}"

    return WRITTEN.sub(reference, html), named


def split(href: str, models: Mapping[str, type[ContentModel]]) -> tuple[type[ContentModel], str, str]:
    """Return the model, the name and the anchor (with its ``#``) of a link such as ``item:offices/north#partners``."""
    kind, _slash, rest = href.removeprefix(f"{SCHEME}:").partition(SEPARATOR)
    name, sign, anchor = rest.partition("#")
    if kind not in models:
        message = _("the link “%(link)s” names no kind of item; there are: %(kinds)s.")
        known = ", ".join(models)
        raise ValidationError(message % {"link": href, "kinds": known} + similar(kind, models))
    paths = name_paths(models[kind])
    if bool(name) != bool(paths) or name.count(SEPARATOR) < len(paths) - 1:
        form = SEPARATOR.join(path.replace("__", "-") for path in paths)
        message = _("the link “%(link)s” does not name an item: %(form)s.")
        raise ValidationError(message % {"link": href, "form": f"{SCHEME}:{kind}/{form}"})
    return models[kind], unquote(name), sign + anchor


def with_keys(html: str, keys: Mapping[str, UUID]) -> str:
    """Return ``html`` with other UUIDs in its references: ``keys``, by those that :func:`read_names` gave them."""
    found = {
        each: str(each._replace(key=keys[plain]))
        for each in references_in(html)
        if (plain := str(each._replace(anchor=""))) in keys
    }
    return relinked(html, found)


def relinked(html: str, found: Mapping[Reference, str]) -> str:
    """Return ``html`` with some of its references replaced."""
    return replaced(html, {each: found.get(each, str(each)) for each in references_in(html)})


class LinkNames:
    """How packages write the links of stored texts: names of items, read in one query a kind and batch of texts."""

    def __init__(self, schema: PackageSchema):
        self.kinds = {model: kind for kind, model in linked_models(schema).items()}
        self.known: dict[tuple[type[ContentModel], UUID], str] = {}

    def read(self, texts: Iterable[str]) -> None:
        """Read the names of what ``texts`` link to."""
        wanted: dict[type[ContentModel], set[UUID]] = {}
        for text in texts:
            for model, key, _anchor in references_in(text):
                wanted.setdefault(model, set()).add(key)
        for model, keys in wanted.items():
            paths = name_paths(model)
            for key, *parts in model._base_manager.filter(pk__in=keys).values_list("pk", *paths):
                self.known[model, key] = SEPARATOR.join(map(str, parts))

    def written(self, html: str) -> str:
        """Return a stored text as packages have it; what is gone keeps its UUID."""
        found = {
            each: f"{SCHEME}:{self.kinds[each.model]}/{quote(self.known[each.model, each.key])}{each.anchor}"
            for each in references_in(html)
            if (each.model, each.key) in self.known and each.model in self.kinds
        }
        return relinked(html, found) if found else html
