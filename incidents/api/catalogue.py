"""The catalogue of categories in force."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api import View
from grids.calendars import Unit
from incidents.fieldspec import FIELD_TYPES
from incidents.models import Category


class AllowanceSerializer(serializers.Serializer[Any]):
    amount = serializers.IntegerField()
    unit = serializers.ChoiceField(choices=[unit.value for unit in Unit])


_DUTIES = ("file", "assign", "accept", "handle", "verify", "whole")
TimesOfDuties = type(
    "TimesOfDutiesSerializer", (serializers.Serializer,), {duty: AllowanceSerializer() for duty in _DUTIES}
)


class TimesSerializer(serializers.Serializer[Any]):
    """The time for each duty."""

    normal = TimesOfDuties()
    urgent = TimesOfDuties()


class FieldChoiceSerializer(serializers.Serializer[Any]):
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the metaclass takes it away
    label_en = serializers.CharField()


class FieldSpecSerializer(serializers.Serializer[Any]):
    """A field of its own, to be sent under `fields`. A number is sent as a number, a bool as true or false."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    label_en = serializers.CharField()
    type = serializers.ChoiceField(choices=FIELD_TYPES)
    required = serializers.BooleanField()  # type: ignore[assignment]
    choices = FieldChoiceSerializer(many=True, required=False)
    unit = serializers.CharField(required=False)
    unit_en = serializers.CharField(required=False)
    help = serializers.CharField(required=False)
    help_en = serializers.CharField(required=False)


class CatalogueSerializer(serializers.Serializer[Category]):
    """A large category, or a small one with what its version in force says; only small ones are reported under."""

    code = serializers.CharField()
    name = serializers.CharField()
    name_en = serializers.CharField()
    parent = serializers.SerializerMethodField()  # type: ignore[assignment]  # the metaclass takes it away
    is_leaf = serializers.BooleanField()
    times = serializers.SerializerMethodField()
    fields_ = serializers.SerializerMethodField(method_name="get_own_fields")
    sensitive = serializers.BooleanField(source="current.sensitive", default=False)
    filing_level = serializers.CharField(source="current.filing_level", default=None, allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # The attribute `fields` is the serializer's own.
        found = super().get_fields()
        return {"fields" if name == "fields_" else name: field for name, field in found.items()}

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_parent(self, category: Category) -> str | None:
        """The code of the large category."""
        return category.parent.code if category.parent is not None else None

    @extend_schema_field(TimesSerializer(allow_null=True))
    def get_times(self, category: Category) -> Any:
        if category.current is None:
            return None
        return {
            urgency: {duty: {"amount": amount, "unit": unit} for duty, (amount, unit) in duties.items()}
            for urgency, duties in category.current.times.items()
        }

    @extend_schema_field(FieldSpecSerializer(many=True))
    def get_own_fields(self, category: Category) -> Any:
        return category.current.fields if category.current is not None else []


class CategoryListView(View, ListAPIView[Category]):
    """The categories in force, each large one before its small ones; a flat list without pages."""

    serializer_class = CatalogueSerializer
    pagination_class = None

    @extend_schema(operation_id="categories_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Category]:
        used = Q(parent__isnull=False, current__isnull=False) | Q(children__current__isnull=False)
        return Category.objects.filter(used).select_related("parent", "current").distinct().order_by("code")
