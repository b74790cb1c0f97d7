"""The content schema: what each field of a content model is for, decided once, field by field.

Everything that reads content by its fields asks here, and none has a list of its own: snapshots of drafts, records and
serializers of the API, content packages, the search index, the admin's forms, the registration of translated fields
and the documentation. It is an allow list: a field that nobody decided on is an error of ``manage.py check``
(:mod:`cms.content.checks`), so nothing is public by default and nothing is forgotten by default.

========  =========  =======  =======  ===  ======  =============
field     form       history  package  API  search  public pages
========  =========  =======  =======  ===  ======  =============
public    yes        yes      yes      yes  yes     as the template says
internal  yes        yes      yes      no   no      no
machine   no         no       no       no   no      no
========  =========  =======  =======  ===  ======  =============

A declaration is data: no callables, no widgets, no options for one reader alone.
"""

from functools import cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.text import capfirst

Names = tuple[str, ...]


class Group:
    """Fields that stand together in the form, under a title of their own or, with ``None``, at its top.

    ``rows`` are the names of fields; a tuple of names is one line of the form.
    """

    def __init__(self, title: Any, *rows: str | Names, description: Any = ""):
        self.title, self.rows, self.description = title, rows, description

    @property
    def names(self) -> Names:
        return tuple(name for row in self.rows for name in ((row,) if isinstance(row, str) else row))


class Public(Group):
    """Fields that everybody may read, partners included, as soon as their item is live."""


class Internal(Group):
    """Fields for staff: in form, history and content packages, and never outside."""


class Machine(Group):
    """Fields that the code fills in: in no form, no history and no copy of the content."""

    def __init__(self, *names: str):
        super().__init__(None, *names)


class Schema:
    """What the fields of one model are for.

    ``translated`` have a text in each language, ``required`` need one in at least one language, ``searched`` are
    found by the public search beside the translated ones (also texts of other rows, through foreign keys:
    ``"partner__name"``), ``page_only`` are left out of lists because they are long. ``source_language`` is the field
    that says which language the texts of a row are written in first, before they are translated; without it that is
    the site's first.
    """

    def __init__(
        self,
        *groups: Group,
        translated: Names = (),
        required: Names = (),
        searched: Names = (),
        page_only: Names = (),
        source_language: str = "",
    ):
        self.groups = groups
        self.translated, self.required = translated, required
        self.searched, self.page_only, self.source_language = searched, page_only, source_language
        self.public, self.machine = self.names_of(Public), self.names_of(Machine)
        self.written = self.names_of(Public, Internal)  # by staff

    def page_only_of(self, relation: str) -> list[str]:
        """Return the ``page_only`` fields as a query names them that reaches the rows through ``relation``."""
        return [f"{relation}__{name}" for name in self.page_only]

    def names_of(self, *kinds: type[Group]) -> Names:
        """Return the names of the fields in groups of ``kinds``, in their order."""
        return tuple(name for group in self.groups if isinstance(group, kinds) for name in group.names)


def decided_fields(model: type[Any]) -> list[models.Field]:
    """Return the fields of ``model`` that its schema must decide on.

    Not those that the base classes bring, the columns of single languages, and relations whose rows carry more than
    the two ends: those are children with a schema of their own.
    """
    columns = {field.name for field in model._meta.concrete_fields if hasattr(field, "translated_field")}
    relations = [each for each in model._meta.many_to_many if each.remote_field.through._meta.auto_created]
    return [
        field
        for field in [*model._meta.concrete_fields, *relations]
        if field.name not in columns and field.name not in model.BASE_FIELDS and field.name != model.parent_field
    ]


@cache
def columns_of(model: type[Any], names: Names) -> tuple[models.Field, ...]:
    """Return the columns of ``model`` that hold the fields ``names``, in the order of the table: of a translated field
    those of all languages."""
    return tuple(field for field in model._meta.concrete_fields if owner(model, field) in names)


def owner(model: type[Any], column: Any) -> str:
    """Return the field of the schema that ``column`` belongs to; none for the bare name of a translated one, whose
    value follows the active language."""
    if translated := getattr(column, "translated_field", None):
        return translated.name
    return "" if column.name in model.schema.translated else column.name


def hidden_step(model: type[Any], path: str) -> str:
    """Return the first field on ``path``, a lookup from ``model``, that staff write and the public does not see."""
    for name in path.split("__"):
        if name in model.schema.written and name not in model.schema.public:
            return f"{model.__name__}.{name}"
        try:
            model = model._meta.get_field(name).related_model
        except FieldDoesNotExist:  # a method of the filters answers for it
            break
    return ""


def description_of(field: Any) -> Any:
    """Return what is said of ``field`` wherever it is documented: its help text, else its name."""
    return field.help_text or capfirst(field.verbose_name)
