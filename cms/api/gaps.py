"""``/gaps``: the public texts that are missing or outdated in a language, with their sources, for who translates."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db.models import F, Q, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from cms.api.cursors import Cursor, WrongCursorError, digest, read_cursor, write_cursor
from cms.api.fields import Moment
from cms.api.pagination import FREE, MAX_LIMIT, Pages, what_is_wrong, whole_number
from cms.api.problems import parameter_error, shorten
from cms.api.records import target_condition
from cms.api.views import ReadOnlyView
from cms.content.languages import site_languages
from cms.content.registry import public_rows
from cms.content.snapshots import child_relations
from cms.pages.stored.views import PublicOnlyMixin
from cms.publishing.stamps import Provenance
from cms.translations.counts import counted_models
from cms.translations.marks import is_public
from cms.translations.models import TextCount
from cms.translations.texts import ItemTexts, Status, Text, states_of_rows

DEFAULT_LIMIT = 50
STATUSES = (Status.MISSING, Status.OUTDATED, Status.AHEAD)
USUAL = (Status.MISSING, Status.OUTDATED)


class GapSerializer(serializers.Serializer):
    """One text, as the documentation describes it."""

    type = serializers.CharField(help_text=gettext_lazy("The collection of the item, such as “objectives”."))
    id = serializers.UUIDField(help_text=gettext_lazy("Permanent identifier of the item."))
    place = serializers.CharField(
        help_text=gettext_lazy(
            "Where the text stands in its item, the same in every language: “name”, or kind, "
            "identifier and field of a row, as in “sections:<id>:heading”."
        )
    )
    label = serializers.CharField(  # type: ignore[assignment] # a member of that name
        help_text=gettext_lazy("What the text is called, for people.")
    )
    language = serializers.CharField(help_text=gettext_lazy("The language in which it is missing or outdated."))
    status = serializers.ChoiceField(
        choices=[(status.value, status.label) for status in STATUSES],
        help_text=gettext_lazy(
            "“missing”: there is none; “outdated”: its source changed in substance since; “ahead”: it was made from a "
            "source that is newer than the public one."
        ),
    )
    source_language = serializers.CharField(help_text=gettext_lazy("The language to translate from."))
    source = serializers.CharField(  # type: ignore[assignment] # a member of that name
        help_text=gettext_lazy("The public text to translate, as it is now.")
    )
    text = serializers.CharField(
        allow_null=True, help_text=gettext_lazy("The public text in the language; null where it is missing.")
    )
    format = serializers.ChoiceField(
        choices=["text", "html"], help_text=gettext_lazy("Whether both are plain text or HTML of a small vocabulary.")
    )
    max_length = serializers.IntegerField(
        allow_null=True, help_text=gettext_lazy("The most characters it may have; null: no limit.")
    )
    provenance = serializers.ChoiceField(
        choices=Provenance.choices,
        allow_null=True,
        help_text=gettext_lazy("Who wrote the text that is there; null where it is missing."),
    )
    published_at = Moment(
        allow_null=True,
        help_text=gettext_lazy("When the texts of the item in this language were last published; null: not known."),
    )
    source_published_at = Moment(
        allow_null=True, help_text=gettext_lazy("When those in the source language were; null: not known.")
    )

    class Meta:
        description = gettext_lazy("A public text that is missing or outdated in a language.")
        examples = {
            "type": "offices",
            "id": "0b0f3c1e-4f0a-4f7e-9d3f-0d6a3c5c7b11",
            "place": "name",
            "label": "Name",
            "language": "fr",
            "status": "missing",
            "source_language": "en",
            "source": "Office for the Northern Isles",
            "text": None,
            "format": "text",
            "max_length": 200,
            "provenance": None,
            "published_at": None,
            "source_published_at": "2026-03-05T09:30:00Z",
        }


class GapsSerializer(serializers.Serializer):
    """A page of gaps."""

    next = serializers.URLField(
        allow_null=True, help_text=gettext_lazy("Address of the next page; null on the last. Follow it as it is.")
    )
    results = GapSerializer(many=True, help_text=gettext_lazy("The texts of this page, item by item."))

    class Meta:
        description = gettext_lazy("Public texts that are missing or outdated in a language.")
        examples = {"next": None, "results": [GapSerializer.Meta.examples]}


@dataclass(frozen=True)
class Position:
    """After which text a page begins: the keys of type and row of its item, and its place."""

    kind: int = 0
    key: UUID | None = None
    place: str = ""


class GapsView(PublicOnlyMixin, ReadOnlyView):
    """The gaps of one language."""

    parameters = ("lang", "status", "type", "limit", "cursor")
    described_parameters = (
        OpenApiParameter(
            "status",
            {"type": "string", "pattern": "^(missing|outdated|ahead)(,(missing|outdated|ahead))*$"},
            description=gettext_lazy("Only texts of these, separated by commas; else what is missing or outdated."),
        ),
        OpenApiParameter(
            "type",
            {"type": "string"},
            description=gettext_lazy("Only texts of items of this collection, such as “objectives”."),
        ),
        *(
            OpenApiParameter(each["name"], each["schema"], description=each["description"])
            for each in Pages().get_schema_operation_parameters(None)
        ),
    )
    detail_summary = gettext_lazy("List missing and outdated texts")

    def get_serializer_class(self):
        return GapsSerializer

    def read_parameters(self, request: Request) -> list[dict]:
        """Read language, filters and where the page begins."""
        query = request.query_params
        errors = [*self.read_language(), *self.read_filters(query)]
        limit = whole_number(query.get("limit", str(DEFAULT_LIMIT)))
        if limit is None or not 1 <= limit <= MAX_LIMIT:
            errors.append(parameter_error("limit", _("Give a whole number from 1 to %(most)d.") % {"most": MAX_LIMIT}))
        self.limit = limit or DEFAULT_LIMIT
        asked = sorted((name, values) for name, values in query.lists() if name not in FREE)
        self.query, self.after = digest(request.path, asked), Position()
        if "cursor" in query:
            try:
                kind, key, place = read_cursor(query["cursor"], self.query, self.language).values
                self.after = Position(kind, UUID(key), place)
            except WrongCursorError as error:
                errors.append(parameter_error("cursor", what_is_wrong(error)))
        return errors

    def read_language(self) -> list[dict]:
        """Read which language is asked about: one."""
        wording = self.answer.wording  # type: ignore[union-attr] # set before
        self.language = site_languages()[0] if wording.every else wording.requested
        if not wording.every:
            return []
        return [parameter_error("lang", _("Give one language."), allowed=site_languages(), given="*")]

    def read_filters(self, query) -> list[dict]:
        """Read which texts are asked for, of which collections."""
        collections = {model.collection: model for model in counted_models()}
        self.models, self.statuses, errors = list(collections.values()), set(map(str, USUAL)), []
        if "type" in query:
            self.models = [collections[query["type"]]] if query["type"] in collections else []
            if not self.models:
                detail = _("There is no collection “%(name)s”.") % {"name": shorten(query["type"])}
                errors.append(parameter_error("type", detail, allowed=sorted(collections), given=query["type"]))
        if "status" in query:
            self.statuses = set(query["status"].split(","))
            for name in sorted(self.statuses - set(map(str, STATUSES))):
                detail = _("There is no status “%(name)s”.") % {"name": shorten(name)}
                errors.append(parameter_error("status", detail, allowed=[*map(str, STATUSES)], given=name))
        return errors

    def get(self, request: Request) -> Response:
        found, has_more = self.page()
        self.answer.languages_used.update(  # type: ignore[union-attr] # set before
            {self.language, *(text.source_language for _item, text, _texts in found)}
        )
        return Response(
            {
                "next": self.next(request, found[-1]) if has_more and found else None,
                "results": [gap(*each) for each in found],
            }
        )

    def page(self) -> tuple[list["Found"], bool]:
        """Return the texts of the page, and whether there are more after them. Where what the counts promise is not
        public after all, the items after those are looked through too."""
        found: list[Found] = []
        after = self.after
        while len(found) <= self.limit:
            rows = self.items(after)
            if not rows:
                break
            found += self.gaps(rows, after)
            after = Position(rows[-1].content_type_id, rows[-1].object_id, LAST)
        return found[: self.limit], len(found) > self.limit

    def items(self, after: Position) -> list[TextCount]:
        """Return the counts of the next public items that have such texts: about as many as fill a page."""
        number = sum((F(f"live_{status}") for status in sorted(self.statuses)), Value(0))
        rows = TextCount.objects.filter(public_items(self.models), language=self.language)
        rows = rows.annotate(number=number).filter(number__gt=0).order_by("content_type_id", "object_id")
        return list(enough(beyond(rows, after)[: self.limit + 1], self.limit + 1))

    def gaps(self, rows: list[TextCount], after: Position) -> Iterator["Found"]:
        """Yield the texts of the items that ``rows`` count."""
        states = states_of([(row.model, row.object_id) for row in rows])
        hidden = hidden_rows(states)
        for row in rows:
            texts = states.get((row.model, row.object_id))
            begun = after.place if (row.content_type_id, row.object_id) == (after.kind, after.key) else ""
            for text in texts_after(texts, self.language, begun) if texts else ():
                if text.status in self.statuses and is_public(text, row.model) and text.row not in hidden:
                    yield row, text, states[row.model, row.object_id]

    def next(self, request: Request, last: "Found") -> str:
        row, text, _texts = last
        position = Cursor((row.content_type_id, str(row.object_id), text.place))
        address = replace_query_param(request.build_absolute_uri(), "lang", self.language)
        return replace_query_param(address, "cursor", write_cursor(position, self.query, self.language))


Found = tuple[TextCount, Text, ItemTexts]
LAST = "\N{BLACK SQUARE}"  # a place that no text has: after all of an item


def public_items(models: Iterable[Any]) -> Q:
    """Return the condition on counts that they are of public items of ``models``."""
    return reduce(
        or_,
        (
            Q(content_type=ContentType.objects.get_for_model(model), object_id__in=public_rows(model).values("pk"))
            for model in models
        ),
    )


def beyond(rows: QuerySet, after: Position) -> QuerySet:
    """Return ``rows`` from the item of ``after`` on, or those behind it where all of that was given."""
    if after.key is None:
        return rows
    same = {"object_id__gt": after.key} if after.place == LAST else {"object_id__gte": after.key}
    return rows.filter(Q(content_type_id__gt=after.kind) | Q(content_type_id=after.kind, **same))


def enough(rows: Iterable[Any], number: int) -> Iterator[Any]:
    """Yield ``rows`` until they count ``number`` texts; of the first, some may have been given before."""
    total = 0
    for index, row in enumerate(rows):
        if total >= number:
            return
        yield row
        total += row.number if index else 0


def states_of(items: Iterable[tuple[Any, UUID]]) -> dict[tuple[Any, UUID], ItemTexts]:
    """Return what is live of ``items``, in a query or, without history, a few a model."""
    keys: dict[Any, list[UUID]] = {}
    for model, key in items:
        keys.setdefault(model, []).append(key)
    return {
        (model, key): live for model, found in keys.items() for key, (_w, live) in states_of_rows(model, found).items()
    }


def hidden_rows(states: dict[tuple[Any, UUID], ItemTexts]) -> set[str]:
    """Return the keys of rows that point to what is not public, as records leave them out."""
    hidden: set[str] = set()
    for model in {model for model, _key in states}:
        for name, child in child_relations(model).items():
            fields = [each for each in child._meta.concrete_fields if points_to_content(child, each)]
            rows = [
                each["id"]
                for (of_model, _key), texts in states.items()
                if of_model is model and texts.shared
                for each in texts.shared["children"].get(name, [])
            ]
            if fields and rows:
                public = child._base_manager.filter(*map(target_condition, fields), pk__in=rows)
                hidden.update(set(rows) - set(map(str, public.values_list("pk", flat=True))))
    return hidden


def points_to_content(child: Any, field: Any) -> bool:
    return field.is_relation and not field.null and field.name != child.parent_field


def texts_after(texts: ItemTexts, language: str, place: str) -> Iterator[Text]:
    """Yield the texts of an item behind ``place``; all where it is not there any more, none behind the last."""
    found = list(texts.texts(language))
    places = [text.place for text in found]
    if place == LAST:
        return iter(())
    return iter(found[places.index(place) + 1 :] if place in places else found)


def gap(row: TextCount, text: Text, texts: ItemTexts) -> dict[str, Any]:
    """Return what is told of a text."""
    moment = Moment()

    def when(language: str) -> str | None:
        at = texts.published_at(language)
        return moment.to_representation(at) if at else None

    return {
        "type": texts.model.collection,
        "id": str(row.object_id),
        "place": text.place,
        "label": str(text.label),
        "language": text.language,
        "status": str(text.status),
        "source_language": text.source_language,
        "source": text.source,
        "text": text.target or None,
        "format": "html" if text.is_rich else "text",
        "max_length": text.max_length,
        "provenance": str(text.provenance) if text.target else None,
        "published_at": when(text.language) if text.target else None,
        "source_published_at": when(text.source_language),
    }
