"""What every content model is made of: identity, publication and ordered children.

The public rule stands here once: an item is public when it is live and everything it belongs to is live. Pages,
feeds, sitemaps, search and API all start from :meth:`PublishableQuerySet.live`.
"""

import datetime
import uuid
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.base import ModelState
from django.db.models.functions import Coalesce
from django.utils.functional import classproperty
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cms.content import noting
from cms.content.characters import looks_blank, validate_characters
from cms.content.languages import LocalizedText, is_translated, localized, localized_first, site_languages, texts
from cms.content.schema import Schema

if TYPE_CHECKING:
    _Row = models.Model  # what mixins of models are mixed into
else:
    _Row = object


def related_count(rows: models.QuerySet, key: str) -> Coalesce:
    """Return the SQL expression of how many of ``rows`` point to a row by their foreign key ``key``.

    A subquery, not a join: it neither multiplies the rows nor groups them by their texts.
    """
    counts = rows.filter(**{key: OuterRef("pk")}).order_by().values(key).annotate(number=Count("pk"))
    return Coalesce(Subquery(counts.values("number")), 0)


@lru_cache(maxsize=2_000)
def choice_label(field: models.Field, value: Any, language: str | None) -> Any:
    """Return the label of the choice ``value`` of ``field`` in ``language``, the active one; else the value."""
    labels: dict[Any, Any] = dict(field.flatchoices)
    return str(labels[value]) if value in labels else value


class ContentQuerySet(models.QuerySet):
    """Queries that every content table answers, here as they stand; a model's own QuerySet says what it needs.

    Each states all that is read with the rows, so that a page costs the same number of queries for one row as for
    a thousand.
    """

    def _fetch_all(self):
        if self._result_cache is None:
            self._result_cache = noting.rows_of(self)
        super()._fetch_all()

    def for_list(self):
        """Return the rows in the order of their list page, with what one entry of the list shows."""
        return self.defer(*self.model.schema.page_only)

    def for_page(self):
        """Return the rows with everything that their own page shows."""
        return self

    def for_choices(self):
        """Return the rows as they are offered to choose from: their names and natural keys."""
        return self

    def between(self, start: int, stop: int):
        """Return the rows from ``start`` up to ``stop`` in their order, as a queryset.

        Unlike a slice it lets the database sort keys, not whole rows with their texts in every language: on a list
        of thousands that halves the time.
        """
        return self.filter(pk__in=self.values("pk")[start:stop])


class ContentModel(models.Model):
    """A row of content: a permanent public identifier, a natural key and texts that it cannot do without.

    Class attributes for subclasses:

    ``collection``
        The plural name of the rows in content packages and in the API: ``"offices"``.
    ``natural_key_fields``
        The fields that name a row among its kind (a child: among its siblings), in content packages and in
        addresses; default ``("slug",)``. A foreign key stands for the natural key of the row it points to.
        An empty tuple means that a model has at most one row, and that children are told apart by their order.
    ``schema``
        What each field is for (:mod:`cms.content.schema`).
    ``has_page``
        Whether each row has a page of its own, at ``get_absolute_url()``; default yes. It is then in the sitemap, and
        a change of its natural key leaves a redirect behind.
    ``further_pages``
        Other pages that each row has, for the sitemap: the name of its section there -> the method that returns the
        address of the page, which is in the ``languages()`` of the row.
    ``scope_path``
        Leads to the part of the organization that a row belongs to, for permissions: ``"strategy__office"``; ``""``
        for that part itself, ``None`` for what belongs to the whole organization.
    ``search_title``
        The texts that head a row in the search where it has no name of its own, through foreign keys as well.
    ``search_url``
        The method that returns the address of a search result, default ``get_absolute_url``. A child is a result
        only where it names one; ``None`` keeps rows out of the results.
    ``search_weight``
        How far down a row stands among others that are found by their names: 0 for what matters most, 30 for least.
    ``search_related``
        Relations, of any kind and length, by whose names a row is found as well: ``("office__countries",)``.
    ``search_words``
        What a row is called by who looks for one of its kind; default the name of the kind.
    """

    id = models.UUIDField(_("identifier"), primary_key=True, default=uuid.uuid4, editable=False)

    collection: ClassVar[str] = ""
    natural_key_fields: ClassVar[tuple[str, ...]] = ("slug",)
    schema: ClassVar[Schema] = Schema()
    has_page: ClassVar[bool] = True
    further_pages: ClassVar[dict[str, str]] = {}
    scope_path: ClassVar[str | None] = None
    search_title: ClassVar[tuple[str, ...]] = ()
    search_url: ClassVar[str | None] = ""
    search_weight: ClassVar[int] = 3
    search_related: ClassVar[tuple[str, ...]] = ()
    search_words: ClassVar[Any] = ""
    parent_field: ClassVar[str] = ""  # of a child: the foreign key to its item

    BASE_FIELDS: ClassVar[tuple[str, ...]] = ("id",)  # that need no decision in the schema

    if TYPE_CHECKING:
        # What every model has of its own, and what some have; the code asks before which.
        objects: models.Manager[Any]
        name_field: ClassVar[str]
        label_fields: ClassVar[tuple[str, ...]]

        def get_absolute_url(self) -> str: ...

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db, field_names, values):
        """Return a row that was read, without what a constructor does for new ones: a page has hundreds of rows."""
        row = cls.__new__(cls)
        row._state = ModelState()
        row._state.adding, row._state.db = False, db
        row.__dict__.update(zip(field_names, values, strict=True))
        return row

    def _get_FIELD_display(self, field) -> Any:
        """Return the label of a choice. (Django makes the table of labels anew for each row.)"""
        return choice_label(field, getattr(self, field.attname), get_language())

    def clean_fields(self, exclude=None):
        """Clean the texts of the row, then each field; raise ``ValidationError`` by field."""
        errors = self.clean_texts(set(exclude or ()))
        try:
            super().clean_fields({*(exclude or ()), *errors})
        except ValidationError as error:
            error.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def clean_texts(self, exclude: set[str]) -> dict[str, ValidationError]:
        """Empty the texts that look blank; return what is wrong with the characters of others, by field."""
        errors = {}
        for field in self._meta.concrete_fields:
            is_text = isinstance(field, models.CharField | models.TextField)
            if not is_text or field.name in exclude or is_translated(type(self), field.name):
                continue  # a translated field itself stands for one of its columns
            value = getattr(self, field.attname)
            try:
                validate_characters(value or "")
                if value and looks_blank(value):
                    setattr(self, field.attname, "")
            except ValidationError as error:
                errors[field.name] = error
        return errors

    def clean(self) -> None:
        super().clean()
        errors = {}
        for name in self.missing_texts():
            field: Any = self._meta.get_field(name)
            label = capfirst(str(field.verbose_name))
            errors[f"{name}_{site_languages()[0]}"] = ValidationError(
                _("Fill in “%(field)s” in at least one language."), code="missing_text", params={"field": label}
            )
        if errors:
            raise ValidationError(errors)

    def comes_back(self, name: str) -> bool:
        """Say whether the foreign key ``name``, to rows of the same kind, leads back to this row, by others too."""
        attribute: str = getattr(self._meta.get_field(name), "attname")  # noqa: B009 - of a foreign key
        seen: set = set()
        key = getattr(self, attribute)
        while key is not None and key not in seen and key != self.pk:
            seen.add(key)
            rows = type(self)._base_manager.filter(pk=key).order_by()
            key = rows.values_list(attribute, flat=True).first()
        return key is not None and key == self.pk

    def languages(self) -> list[str]:
        """Return the site's languages in which every one of the required texts is filled in."""
        found = [texts(self, name) for name in self.schema.required]
        return [code for code in site_languages() if all(code in languages for languages in found)]

    def missing_texts(self) -> list[str]:
        """Return the names of the required texts that are empty in all languages."""
        return [name for name in self.schema.required if not texts(self, name)]

    def scope_key(self) -> uuid.UUID | None:
        """Return the key of the part of the organization that this item belongs to, or ``None``."""
        if self.scope_path is None:
            return None
        row = self
        *steps, last = self.scope_path.split("__") if self.scope_path else ["pk"]
        for step in steps:
            row = getattr(row, step)
        return getattr(row, "pk" if last == "pk" else f"{last}_id")

    def place_key(self) -> uuid.UUID | None:
        """Return the key of the part of the organization that this item is put into by whoever adds or moves it: for
        such a part itself, the one above it, or ``None`` at the top."""
        return getattr(self, "parent_id") if self.scope_path == "" else self.scope_key()  # noqa: B009 - a tree has it


class PublishableQuerySet(ContentQuerySet):
    """Queries on items that are published; ``live()`` is the only rule of what the public sees."""

    def live(self):
        """Return the items that the public may see: live themselves, in parents that are live."""
        return self.filter(self.model.live_condition())


class Publishable(ContentModel):
    """An item that staff publish and withdraw as a whole, with its children and relations.

    ``live_through`` names the required foreign keys to the publishable items that this one belongs to: when one
    of them is not live, neither is this. A system check holds the names against the model.
    """

    class Status(models.TextChoices):
        UNPUBLISHED = "unpublished", _("never published")
        LIVE = "live", _("live")
        WITHDRAWN = "withdrawn", _("withdrawn")

    status = models.CharField(
        _("status"), max_length=12, choices=Status, default=Status.UNPUBLISHED, editable=False, db_index=True
    )
    first_published_at = models.DateTimeField(_("first published"), null=True, blank=True, editable=False)
    last_published_at = models.DateTimeField(_("last published"), null=True, blank=True, editable=False)

    STATUS_FIELDS: ClassVar[tuple[str, ...]] = ("status", "first_published_at", "last_published_at")
    BASE_FIELDS = ("id", *STATUS_FIELDS)
    live_through: ClassVar[tuple[str, ...]] = ()

    objects = PublishableQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(status="unpublished", first_published_at=None, last_published_at=None)
                | Q(
                    status__in=["live", "withdrawn"],
                    first_published_at__isnull=False,
                    last_published_at__isnull=False,
                ),
                name="%(app_label)s_%(class)s_published_dates",
            )
        ]

    def set_status(self, status: str, *, at: datetime.datetime) -> None:
        """Give the item a status and the dates that belong to it; the caller saves ``STATUS_FIELDS``.

        ``at`` is the time from which the status counts.
        """
        self.status = status
        if status == self.Status.UNPUBLISHED:
            self.first_published_at = self.last_published_at = None
            return
        self.first_published_at = self.first_published_at or at
        if status == self.Status.LIVE or self.last_published_at is None:
            self.last_published_at = at

    @property
    def is_live(self) -> bool:
        """Whether the item itself is live; parents are the business of :meth:`PublishableQuerySet.live`."""
        return self.status == self.Status.LIVE

    @classmethod
    def live_condition(cls, prefix: str = "") -> Q:
        """Return the condition under which rows of this model are public.

        ``prefix`` is the path to this model from the model that is queried, for filters on related rows:
        ``Objective.live_condition("objectives__")``.
        """
        condition = Q(**{f"{prefix}status": cls.Status.LIVE})
        for name in cls.live_through:
            parent: Any = cls._meta.get_field(name).related_model
            condition &= parent.live_condition(f"{prefix}{name}__")
        return condition


class Child(ContentModel):
    """A row that exists only as an ordered part of one item and is published with it.

    ``parent_field`` names the foreign key to that item.
    """

    position = models.PositiveIntegerField(_("position"), default=0)

    has_page = False  # it is on its item's
    BASE_FIELDS = ("id", "position")

    class Meta:
        abstract = True
        ordering = ("position",)

    @classproperty
    def parent_model(cls) -> type[Publishable]:  # noqa: N805 - a class property takes the class
        """The model of the item that rows of this model are part of."""
        parent: Any = cls._meta.get_field(cls.parent_field).related_model
        return parent


class LocalizedName(_Row):
    """Mixin for models whose ``str()`` is a translated field, shown in the reader's language or its fallback.

    ``label_fields`` names translated fields that are shorter than the name, such as an acronym.
    """

    name_field: ClassVar[str] = "name"
    label_fields: ClassVar[tuple[str, ...]] = ()

    def __str__(self) -> str:
        return str(localized(self, self.name_field))

    @property
    def label(self) -> LocalizedText:
        """The name where room is short: the first of ``label_fields`` that has a text, else the name."""
        return localized_first(self, (*self.label_fields, self.name_field))
