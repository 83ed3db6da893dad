"""The API of places: the divisions under the city's root, and the grid of a position."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids import clock, geo
from grids.errors import Outside, ValidationError
from grids.models import Division, DivisionLevel
from grids.querysets import DivisionQuerySet
from grids.wording import listed


class DivisionSerializer(serializers.ModelSerializer[Division]):
    """A division. `path` runs from below the city down; `parent` is the code of the one above."""

    parent = serializers.SlugRelatedField[Division](slug_field="code", read_only=True, allow_null=True)  # type: ignore[assignment]
    path = serializers.CharField()

    class Meta:
        model = Division
        fields = ("code", "name", "level", "parent", "path", "valid_from", "valid_to")


class FormerNameSerializer(serializers.Serializer[object]):
    name = serializers.CharField()
    used_to = serializers.DateField(help_text="The last day of this name.")


class DivisionDetailSerializer(DivisionSerializer):
    """With its history, and for a grid how its outline came to be."""

    successor = serializers.SlugRelatedField[Division](slug_field="code", read_only=True, allow_null=True)
    former_names = FormerNameSerializer(many=True)
    geometry = serializers.SerializerMethodField(help_text="surveyed or schematic; null without an outline.")

    class Meta:
        model = Division
        fields = (*DivisionSerializer.Meta.fields, "successor", "former_names", "geometry")

    def get_geometry(self, division: Division) -> str | None:
        return division.grid.geometry if hasattr(division, "grid") else None


class LocatedGridSerializer(serializers.Serializer[object]):
    code = serializers.CharField()
    name = serializers.CharField()
    path = serializers.CharField()


class LocatedSerializer(serializers.Serializer[object]):
    """The grid at a position."""

    grid = LocatedGridSerializer(source="division")
    geometry = serializers.CharField(help_text="surveyed or schematic")
    confirm = serializers.BooleanField(help_text="True for a schematic cell: ask the person before using it.")


class DivisionPages(CursorPagination):
    """In the order of the codes."""

    ordering = "code"
    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 1000

    def decode_cursor(self, request: Request) -> Cursor | None:
        """A position that is no code was not given by us; the database could not even compare some of them."""
        cursor = super().decode_cursor(request)
        position = cursor.position if cursor is not None else None
        if position is not None and not re.fullmatch(r"[0-9]{1,15}", str(position)):
            raise NotFound(self.invalid_cursor_message)
        return cursor


class DivisionListView(ListAPIView[Division]):
    """The divisions in force under the city's root, it included."""

    permission_classes = (IsAuthenticated,)
    pagination_class = DivisionPages
    serializer_class = DivisionSerializer

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "parent", OpenApiTypes.STR, description="Code: only what lies directly below it."
            ),
            OpenApiParameter("level", OpenApiTypes.STR, enum=DivisionLevel.values, many=True),
            OpenApiParameter(
                "q", OpenApiTypes.STR, description="Name, beginning of a code, pinyin or initials."
            ),
        ]
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Division]:
        return filtered(self.request).with_path()


class DivisionDetailView(RetrieveAPIView[Division]):
    """One division under the city's root, in force or not."""

    permission_classes = (IsAuthenticated,)
    serializer_class = DivisionDetailSerializer
    lookup_field = "code"

    def get_queryset(self) -> QuerySet[Division]:
        places = Division.objects.in_city().with_path()
        return places.select_related("successor", "grid").prefetch_related("former_names")


class LocateView(APIView):
    """The grid in force at a WGS-84 position."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(
        parameters=[
            OpenApiParameter("lat", OpenApiTypes.DOUBLE, required=True, description="Degrees north, WGS-84."),
            OpenApiParameter("lng", OpenApiTypes.DOUBLE, required=True, description="Degrees east, WGS-84."),
        ],
        responses=LocatedSerializer,
    )
    def get(self, request: Request) -> Response:
        lat, lng = geo.read_position(request.query_params.get("lat"), request.query_params.get("lng"))
        located = geo.locate(lat, lng)
        if located is None:
            raise Outside(_("这个位置不在任何网格内，请手工选择地点。"))
        return Response(LocatedSerializer(located).data)


def filtered(request: Request) -> DivisionQuerySet:
    """The divisions that the parameters ask for. Raises ValidationError naming a parameter that is wrong."""
    given = request.query_params
    places = Division.objects.in_city().valid_on(clock.today())
    levels = given.getlist("level")
    errors = {}
    if not set(levels) <= set(DivisionLevel.values):
        errors["level"] = [_("层级应为 %(levels)s 之一。") % {"levels": listed(DivisionLevel.values)}]
    parent = given.get("parent")
    if parent is not None and not (parent.isdigit() and places.filter(code=parent).exists()):
        errors["parent"] = [_("没有代码为 %(code)s 的区划。") % {"code": parent}]
    if errors:
        raise ValidationError(errors)
    if parent is not None:
        places = places.filter(parent__code=parent)
    if levels:
        places = places.filter(level__in=levels)
    return places.matching(given.get("q", ""))
