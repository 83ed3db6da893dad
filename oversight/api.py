"""Indicators in /api/v1/: what they mean, the same tables as the pages, and the cases behind each number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, QuerySet
from django.db.models import Value as Constant
from django.db.models.functions import Cast
from django.forms import Form
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Post
from accounts.roles import CASE_ROLES
from cases.api import View
from cases.api_pages import Pages
from cases.errors import Incomplete, NotAllowed
from cases.models import Case
from oversight import access, asking, listing
from oversight import figures as numbers
from oversight.asking import BehindForm, FiguresForm
from oversight.indicators import ALL, BY_CODE, RULES_VERSION, Subject
from oversight.indicators import Value as Figure
from oversight.models import Tally
from oversight.tables import Grouping, Row, Table

WHERE: Final = [
    OpenApiParameter("since", OpenApiTypes.DATE, description="This month's first day when left out."),
    OpenApiParameter("until", OpenApiTypes.DATE, description="This month's last day when left out."),
    OpenApiParameter(
        "place", OpenApiTypes.STR, description="A division's code; the post's own when left out."
    ),
]
UNDER: Final = (
    "Read under the post that the header names, else under the first of the caller's that has figures. "
    "A department and a grid worker are told their own work alone, everybody else a place within their own."
)


# --- what the indicators mean


class IndicatorSerializer(serializers.Serializer[Any]):
    """One indicator, by whose definition everything is counted."""

    code = serializers.CharField()
    subject = serializers.ChoiceField(Subject.choices)
    name = serializers.CharField()
    formula = serializers.CharField()
    numerator = serializers.CharField(source="numerator_name")
    denominator = serializers.CharField(
        source="denominator_name", allow_null=True, help_text="Null for a plain number."
    )
    excluded = serializers.CharField(allow_null=True)
    unit = serializers.CharField()
    better = serializers.CharField(help_text="`more`, `less`, or empty where neither is better.")
    source = serializers.CharField()  # type: ignore[assignment]  # the metaclass takes it away
    offices = serializers.BooleanField(help_text="Whether it is also told of offices.")
    workers = serializers.BooleanField(help_text="Whether it is also told of grid workers.")


class DefinitionsSerializer(serializers.Serializer[Any]):
    """All indicators, and the version of the rules that they make together."""

    rules_version = serializers.CharField()
    indicators = IndicatorSerializer(many=True)


class IndicatorsView(View):
    """What the indicators mean."""

    @extend_schema(operation_id="indicators_definitions", responses=DefinitionsSerializer)
    def get(self, request: Request) -> Response:
        if not any(post.role in CASE_ROLES for post in self.posts):
            raise NotAllowed(_("您现在没有岗位，不能办理事项。"))
        return Response(DefinitionsSerializer({"rules_version": RULES_VERSION, "indicators": ALL}).data)


# --- the tables


class IndicatorFigureSerializer(serializers.Serializer[Any]):
    """A figure with what it is made of."""

    numerator = serializers.IntegerField()
    denominator = serializers.IntegerField(allow_null=True, help_text="Null too for a plain number.")
    percent = serializers.DecimalField(7, 2, allow_null=True)


class FigureRowSerializer(serializers.Serializer[Any]):
    """One row. `place`, `who` and `category` are what `indicators/behind/` takes under the same names."""

    label = serializers.CharField()  # type: ignore[assignment]  # the metaclass takes it away
    place = serializers.CharField(allow_null=True)
    who = serializers.CharField(allow_null=True)
    category = serializers.CharField(allow_null=True)
    figures = serializers.DictField(
        child=IndicatorFigureSerializer(), help_text="By the code of the indicator."
    )


class FigureTableSerializer(serializers.Serializer[Any]):
    """The figures of a period and a place."""

    since = serializers.DateField()
    until = serializers.DateField()
    place = serializers.CharField(allow_null=True, help_text="Null: one's own work, wherever it is.")
    subject = serializers.ChoiceField(Subject.choices)
    by = serializers.ChoiceField(Grouping.choices)
    rules_version = serializers.CharField()
    rows = FigureRowSerializer(many=True)
    total = FigureRowSerializer(allow_null=True, help_text="Null: offices and grid workers have no sum.")


def _figure(value: Figure) -> dict[str, Any]:
    percent = value.share.percent if value.share else None
    return {"numerator": value.numerator, "denominator": value.denominator, "percent": percent}


def _row(row: Row, table: Table) -> dict[str, Any]:
    return {
        "label": row.label,
        "place": row.of.place.code if row.of.place else None,
        "who": row.of.who or None,
        "category": row.of.category or None,
        "figures": {one.code: _figure(one.value(row.counts)) for one in table.columns},
    }


class IndicatorTableView(View):
    """The tables of the page 指标, with the same suppression."""

    @extend_schema(
        operation_id="indicators_table",
        parameters=[
            *WHERE,
            OpenApiParameter(
                "subject",
                OpenApiTypes.STR,
                enum=Subject.values,
                description="The first one told when left out.",
            ),
            OpenApiParameter(
                "by", OpenApiTypes.STR, enum=Grouping.values, description="The first one told when left out."
            ),
        ],
        responses=FigureTableSerializer,
        description="What the rows hold is as on the page: a sensitive matter counts for the roles that see it alone. "
        f"{UNDER}",
    )
    def get(self, request: Request) -> Response:
        _check_names(request, FiguresForm)
        asked = asking.figures(_reader(self), request.query_params)
        _check_told(request, asked)
        table = asked.table()
        found = {
            "since": asked.period.first,
            "until": asked.period.last,
            "place": asked.place.code if asked.place else None,
            "subject": asked.subject,
            "by": asked.grouping,
            "rules_version": RULES_VERSION,
            "rows": [_row(row, table) for row in table.rows],
            "total": _row(table.total, table) if table.total else None,
        }
        return Response(FigureTableSerializer(found).data)


def _check_told(request: Request, asked: asking.Asked) -> None:
    """A page shows something near to what cannot be asked; a program is refused, or it would take one for the other."""
    given = request.query_params
    message = _("您的岗位在这里没有这样的统计。")
    wrong = {"subject": asked.subject.value, "by": asked.grouping.value}
    errors = {name: [message] for name, told in wrong.items() if given.get(name) not in (None, "", told)}
    if errors:
        raise Incomplete(message, errors=errors)


# --- the cases behind a number


class BehindPages(Pages):
    """Pages of the cases that may be opened; with the first of them, how many count and how many may not be opened.

    Nothing of a page, its marks included, comes from a case that may not be opened.
    """

    def get_paginated_response(self, data: Any) -> Response:
        answer = super().get_paginated_response(data)
        answer.data = {**self.counted, **answer.data}
        return answer

    def paginate_queryset(
        self, queryset: QuerySet[Any, Any] | Sequence[Any], request: Request, view: Any = None
    ) -> list[Any]:
        rows = super().paginate_queryset(queryset, request, view)
        first = not any(request.query_params.get(name) for name in ("after", "before"))
        self.counted = view.counted() if first else {"count": None, "closed": None}
        return rows

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        found = super().get_paginated_response_schema(schema)
        number = {"type": "integer", "nullable": True}
        count = {**number, "description": "The number itself; null on the pages after the first."}
        closed = {**number, "description": "How many of them are of cases that the caller may not open."}
        properties = {"count": count, "closed": closed, **found["properties"]}
        return {**found, "required": list(properties), "properties": properties}


class BehindLineSerializer(serializers.Serializer[Any]):
    """One thing that counts, of a case that the caller may open. A case with several of them has as many lines."""

    day = serializers.DateField(help_text="The day on which it counts.")
    kind = serializers.CharField(source="case.kind")
    number = serializers.CharField(source="case.number")
    title = serializers.CharField(source="case.title")
    place = serializers.CharField(source="case.place.code")
    state = serializers.CharField(source="case.state")
    state_label = serializers.CharField(source="state")
    office = serializers.CharField(help_text="Whose work it is; empty for the matter itself.")


class BehindView(View, ListAPIView[Tally]):
    """The cases behind a number: exactly as many as it says."""

    queryset = Tally.objects.none()  # what there is depends on what is asked
    pagination_class = BehindPages
    serializer_class = BehindLineSerializer

    @extend_schema(
        operation_id="indicators_behind",
        parameters=[
            OpenApiParameter("indicator", OpenApiTypes.STR, required=True, enum=list(BY_CODE)),
            OpenApiParameter("side", OpenApiTypes.STR, required=True, enum=["numerator", "denominator"]),
            *WHERE,
            OpenApiParameter("who", OpenApiTypes.STR, description="Of a row: an office or a grid worker."),
            OpenApiParameter("category", OpenApiTypes.STR, description="Of a row: a category."),
            OpenApiParameter(
                "public",
                OpenApiTypes.BOOL,
                description="Only what everybody may be told: no sensitive matter.",
            ),
        ],
        description="The newest first. `count` is the number of the table; `closed` of them are not for the caller and "
        "are counted only, without a day, a number or a title; all others are told, one line each. "
        f"{UNDER}",
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        _check_names(request, BehindForm, Pages.parameters)
        asked = asking.behind(_reader(self), request.query_params)
        self.tallies = numbers.behind(asked.formula, asked.of)
        return super().get(request, *args, **kwargs)

    @property
    def _open(self) -> QuerySet[Tally]:
        """What counts of the cases that the caller may open."""
        return self.tallies.filter(Exists(Case.objects.visible_to(self.user).filter(pk=OuterRef("case"))))

    def get_queryset(self) -> QuerySet[Tally]:
        """By its day, and within a day by its case: one that is counted again in between keeps its place."""
        case = ExpressionWrapper(
            F("case_id") * Constant(timedelta(microseconds=1)), output_field=DateTimeField()
        )
        day = Cast("day", DateTimeField())
        return self._open.annotate(sort_key=ExpressionWrapper(day + case, output_field=DateTimeField()))

    def counted(self) -> dict[str, int]:
        """How many count, and how many of them the caller may not open."""
        count = self.tallies.count()
        return {"count": count, "closed": count - self._open.count()}

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        lines = listing.lines(args[0], self.user) if args else []
        return BehindLineSerializer([line for line in lines if line.case], many=True)


# --- what is asked, and by whom


def _check_names(request: Request, form: type[Form], others: frozenset[str] = frozenset({"format"})) -> None:
    """A name that is not known is refused: a typo must not give everything."""
    known = {*form.base_fields, *others}
    message = _("没有这个筛选条件。")
    errors = {name: [message] for name in request.query_params if name not in known}
    if errors:
        raise Incomplete(message, errors=errors)


def _reader(view: View) -> Post:
    """The post under which figures are read: the first that has any. Raises NotAllowed for a caller without one."""
    if not view.posts:
        raise NotAllowed(_("您现在没有岗位，不能办理事项。"))
    return next((post for post in view.posts if access.has_numbers(post)), view.posts[0])
