"""``/changes``: what changed since a token, in the order in which it became visible."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from cms.api.fields import ItemRecord, Moment
from cms.api.problems import ProblemError, parameter_error, shorten
from cms.api.ranges import MomentField
from cms.api.records import records_of
from cms.api.views import ReadOnlyView
from cms.pages.stored.views import PublicOnlyMixin
from cms.publishing.models import Change, ChangeLogHead
from cms.publishing.tokens import FORM, ExpiredToken, InvalidToken, change_token, sequence_of

DEFAULT_LIMIT, MAX_LIMIT = 100, 200


class ChangeSerializer(serializers.Serializer):
    """One change, as the documentation describes it."""

    sequence = serializers.IntegerField(help_text=gettext_lazy("Place in the order of changes; it only grows."))
    operation = serializers.ChoiceField(
        choices=Change.Operation.choices,
        help_text=gettext_lazy("“upsert”: the item became public or changed; “delete”: it is not public any more."),
    )
    type = serializers.CharField(help_text=gettext_lazy("The collection of the item, such as “objectives”."))
    id = serializers.UUIDField(help_text=gettext_lazy("Permanent identifier of the item."))
    languages = serializers.ListField(
        child=serializers.CharField(),
        help_text=gettext_lazy("The languages whose texts changed; empty: more than texts of some languages."),
    )
    outdated = serializers.ListField(
        child=serializers.CharField(),
        help_text=gettext_lazy(
            "The languages in which a text became outdated: its source changed in substance. “/gaps” lists the texts."
        ),
    )
    at = Moment(help_text=gettext_lazy("When (ISO 8601, UTC)."))
    record = ItemRecord(
        allow_null=True,
        required=False,
        help_text=gettext_lazy(
            "With “include=records”: the item as it is now, in the form of the exports; null when it is not public."
        ),
    )

    class Meta:
        description = gettext_lazy("One change of one item.")
        examples = {
            "sequence": 1042,
            "operation": "upsert",
            "type": "offices",
            "id": "0b0f3c1e-4f0a-4f7e-9d3f-0d6a3c5c7b11",
            "languages": ["en"],
            "outdated": ["es", "fr"],
            "at": "2026-03-05T09:30:00Z",
        }


class ChangesSerializer(serializers.Serializer):
    """A page of changes."""

    token = serializers.CharField(help_text=gettext_lazy("Where these changes lead to: the next “since”."))
    has_more = serializers.BooleanField(help_text=gettext_lazy("Whether there are changes after these already."))
    next = serializers.URLField(help_text=gettext_lazy("Address of what comes after these, now or later."))
    results = ChangeSerializer(many=True, help_text=gettext_lazy("The changes in their order."))

    class Meta:
        description = gettext_lazy("Changes since a token, in the order in which they became visible.")
        examples = {
            "token": "5f0c1d9a27be-1042",
            "has_more": False,
            "next": f"{settings.SITE_URL}{settings.API_PATH}v1/changes/?since=5f0c1d9a27be-1042",
            "results": [ChangeSerializer.Meta.examples],
        }


class ChangesView(PublicOnlyMixin, ReadOnlyView):
    """Changes after a token."""

    stored_parameters = False  # how far back one may ask depends on the time

    parameters = ("lang", "since", "from", "limit", "include")
    problems = ("expired-token",)
    described_parameters = (
        OpenApiParameter(
            "since",
            {"type": "string", "pattern": f"^{FORM.pattern.replace('?P<log>', '').replace('?P<sequence>', '')}$"},
            description=gettext_lazy("The token of an export or of the answer before, as you got it."),
            examples=[OpenApiExample("since", value="5f0c1d9a27be-1041", parameter_only=("since", "query"))],
        ),
        OpenApiParameter(
            "from",
            {"type": "string", "format": "date-time"},
            description=gettext_lazy(
                "In the place of “since”: the changes from this time on (RFC 3339). To look at what changed; a copy "
                "follows tokens, in which nothing can be missed."
            ),
            examples=[OpenApiExample("from", value="2026-03-05T00:00:00Z", parameter_only=("from", "query"))],
        ),
        OpenApiParameter(
            "limit",
            {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
            description=gettext_lazy("How many changes to give at most."),
        ),
        OpenApiParameter(
            "include",
            {"type": "string", "enum": ["records"]},
            description=gettext_lazy("“records”: each change with the record of the item as it is now."),
        ),
    )
    detail_summary = gettext_lazy("Follow changes")

    def get_serializer_class(self):
        return ChangesSerializer

    def read_parameters(self, request: Request) -> list[dict]:
        """Read limit, what is to be included, and the token; one of another log is refused at once."""
        query, errors = request.query_params, []
        limit, include = query.get("limit", str(DEFAULT_LIMIT)), query.get("include")
        if not (limit.isascii() and limit.isdigit() and len(limit) < 5 and 1 <= int(limit) <= MAX_LIMIT):
            detail = _("Give a whole number from 1 to %(most)s.") % {"most": MAX_LIMIT}
            errors.append(parameter_error("limit", detail))
        if include not in (None, "records"):
            detail = _("“%(value)s” cannot be included.") % {"value": shorten(include)}
            errors.append(parameter_error("include", detail, allowed=["records"], given=include))
        self.head = ChangeLogHead.current()
        if "from" in query:
            return errors + self.read_time(request)
        try:
            self.since = sequence_of(query.get("since", ""), self.head)
        except InvalidToken:
            detail = _("Give the token of an export (%(exports)s) or of the answer before, as you got it.")
            errors.append(parameter_error("since", detail % {"exports": reverse("api:exports", request=request)}))
        except ExpiredToken:
            if not errors:  # what is wrong with the request goes before what has become of the token
                raise self.expired(request) from None
        return errors

    def read_time(self, request: Request) -> list[dict]:
        """Read from which time on changes are wanted; such a request has no token."""
        if "since" in request.query_params:
            return [parameter_error("from", _("Give either “since” or “from”."))]
        try:
            moment = MomentField().clean(request.query_params["from"])
        except ValidationError as error:
            return [parameter_error("from", " ".join(error.messages))]
        first = Change.objects.filter(at__gte=moment).values_list("sequence", flat=True).first()
        self.since = self.head.sequence if first is None else first - 1
        return []

    def get(self, request: Request) -> Response:
        query = request.query_params
        limit, with_records = int(query.get("limit", DEFAULT_LIMIT)), "include" in query
        changes = list(Change.objects.filter(sequence__gt=self.since).select_related("content_type")[: limit + 1])
        has_more = len(changes) > limit
        changes = changes[:limit]
        self.refuse_old(request, changes)
        token = change_token(self.head, changes[-1].sequence if changes else self.since)
        records = records_for(changes) if with_records else {}
        onward = {"since": token, **{name: query[name] for name in ("limit", "include") if name in query}}
        return Response(
            {
                "token": token,
                "has_more": has_more,
                "next": f"{reverse('api:changes', request=request)}?{urlencode(onward)}",
                "results": [self.entry(change, records, with_records=with_records) for change in changes],
            }
        )

    def refuse_old(self, request: Request, changes: list[Change]) -> None:
        """Send a copy that has slept for too long to the exports: following would cost it more than starting over."""
        kept = timezone.now() - timedelta(days=settings.API_CHANGES_DAYS)
        if changes and changes[0].at < kept:
            raise self.expired(request)

    def expired(self, request: Request) -> ProblemError:
        exports = reverse("api:exports", request=request)
        detail = _("This token is too old or of another change log. Start again from the export at %(exports)s.")
        return ProblemError("expired-token", detail % {"exports": exports}, exports=exports)

    def entry(self, change: Change, records: dict, *, with_records: bool) -> dict[str, Any]:
        key = str(change.object_id)
        model: Any = change.content_type.model_class()
        entry = {
            "sequence": change.sequence,
            "operation": change.operation,
            "type": model.collection if model else change.content_type.model,
            "id": key,
            "languages": change.languages,
            "outdated": change.outdated,
            "at": Moment().to_representation(change.at),
        }
        if with_records:
            entry["record"] = records.get(key) if change.operation == Change.Operation.UPSERT else None
        return entry


def records_for(changes: list[Change]) -> dict[str, dict]:
    """Return the records of what ``changes`` made or changed, by identifier, in a few queries for each type."""
    keys: dict = {}
    for change in changes:
        model = change.content_type.model_class()
        if model and change.operation == Change.Operation.UPSERT:
            keys.setdefault(model, set()).add(change.object_id)
    found: dict = {}
    for model, wanted in keys.items():
        found |= records_of(model, wanted)
    return found
