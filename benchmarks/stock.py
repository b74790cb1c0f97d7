"""The list of objectives as Django REST framework gives it out of the box, to compare with.

The same rows and fields, with the joins and prefetches that its documentation advises; nothing of the API's own.
"""

from rest_framework import serializers
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.viewsets import ReadOnlyModelViewSet

from priorities.models import Objective, Pillar, Strategy, ThematicArea


def address(name: str) -> serializers.HyperlinkedIdentityField:
    return serializers.HyperlinkedIdentityField(f"api:{name}-detail", lookup_field="slug", lookup_url_kwarg="key")


class StrategySerializer(serializers.ModelSerializer):
    url = address("strategies")
    name = serializers.CharField(source="title")

    class Meta:
        model = Strategy
        fields = ("id", "slug", "name", "url")


class PillarSerializer(serializers.ModelSerializer):
    url = address("pillars")

    class Meta:
        model = Pillar
        fields = ("id", "slug", "name", "url")


class ThematicAreaSerializer(serializers.ModelSerializer):
    url = address("thematic_areas")

    class Meta:
        model = ThematicArea
        fields = ("id", "slug", "name", "url")


class ObjectiveSerializer(serializers.ModelSerializer):
    url = address("objectives")
    web_url = serializers.CharField(source="get_absolute_url")
    strategy = StrategySerializer()
    pillar = PillarSerializer()
    thematic_areas = ThematicAreaSerializer(many=True)

    class Meta:
        model = Objective
        fields = (
            "id", "slug", "url", "web_url", "first_published_at", "last_published_at", "strategy", "pillar", "kind",
            "code", "statement", "context", "thematic_areas", "position",
        )  # fmt: skip


class Pagination(LimitOffsetPagination):
    default_limit = 50


class ObjectiveViewSet(ReadOnlyModelViewSet):
    serializer_class = ObjectiveSerializer
    pagination_class = Pagination
    schema = None

    def get_queryset(self):
        return Objective.objects.live().select_related("strategy", "pillar").prefetch_related("thematic_areas")
