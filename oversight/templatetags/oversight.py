"""What the templates of oversight need: links to what stands behind a number, and the same page asked otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Final
from urllib.parse import urlencode

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.roles import CASE_ROLES, Role
from cases.periods import Period
from grids.models import Division
from oversight.access import BOARD_ROLES, PLACE_ROLES
from oversight.assessment_scores import said
from oversight.assessments import ROLES as ASSESSMENT_ROLES
from oversight.figures import Slice
from oversight.indicators import Indicator, Value
from oversight.tables import Row

register = template.Library()


@register.filter
def grouped(number: int) -> str:
    """1106 as "1,106"."""
    return f"{number:,}"


@register.filter
def points(value: Decimal) -> str:
    """12.50 as "12.5"."""
    return said(value)


@register.filter
def beside(cells: list[Any], columns: list[str]) -> list[tuple[str, Any]]:
    """Each cell with the head of its column."""
    return list(zip(columns, cells, strict=True))


@register.simple_tag
def figure(row: Row, indicator: Indicator) -> Value | None:
    """The figure of a row under a column; None where it is not told."""
    return row.value(indicator)


@register.simple_tag(name="slice")
def slice_of(period: Period, place: Division | None, reader: str) -> Slice:
    """All matters of a place in a period, for a reader."""
    return Slice(period, place, reader=reader)


def behind_url(value: Value, side: str, of: Slice) -> str:
    """The list of what a number is made of."""
    asked = {
        "indicator": value.indicator.code,
        "side": side,
        "since": of.period.first.isoformat(),
        "until": of.period.last.isoformat(),
        "place": of.place.code if of.place else "",
        "who": of.who,
        "category": of.category,
        "public": "" if of.reader else "true",
    }
    given = {name: said for name, said in asked.items() if said}
    return f"{_behind()}?{urlencode(given)}"


@cache
def _behind() -> str:
    return reverse("oversight:behind")


def _number(value: Value, side: str, number: int, of: Slice) -> str:
    if not number:
        return "0"
    return format_html('<a href="{}">{}</a>', behind_url(value, side, of), grouped(number))


@register.simple_tag
def cell(value: Value | None, of: Slice) -> str:
    """A figure whose numbers are links; None: it is not told. Boards have hundreds: a template for each is too slow."""
    if value is None:
        return format_html('<span class="gz-quiet">{}</span>', gettext("不公布"))
    above = _number(value, "numerator", value.numerator, of)
    if value.share is None:
        return above
    if value.share.percent is None:
        return "—"
    below = _number(value, "denominator", value.denominator or 0, of)
    return format_html(
        '<b>{}&nbsp;%</b> <span class="gz-quiet gz-of">{}/{}</span>', value.share.percent, above, below
    )


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the pages of oversight."""

    name: str
    label: str
    url: str


# The pages and who has them.
TABS: Final = (
    ("board", _("综合看板"), BOARD_ROLES),
    ("centre", _("中心看板"), PLACE_ROLES),
    ("map", _("地图"), PLACE_ROLES),
    ("bulletins", _("通报和排名"), CASE_ROLES),
    ("assessments", _("年度考核"), ASSESSMENT_ROLES),
    ("figures", _("指标"), frozenset({*PLACE_ROLES, Role.DEPARTMENT_OFFICER, Role.GRID_WORKER})),
    ("definitions", _("指标怎么算"), CASE_ROLES),
)


@register.simple_tag(takes_context=True)
def oversight_tabs(context: Context) -> list[Tab]:
    """The pages of oversight that the post acted under has."""
    post = context["request"].post
    return [
        Tab(name, str(label), reverse(f"oversight:{name}"))
        for name, label, roles in TABS
        if post is not None and post.role in roles
    ]


@register.simple_tag(takes_context=True)
def again(context: Context, period: Period | None = None, **changes: Any) -> str:
    """This page's address with something else asked; the page of a list begins anew."""
    data = context["request"].GET.copy()
    data.pop("page", None)
    if period is not None:
        changes |= {"since": period.first.isoformat(), "until": period.last.isoformat()}
    for name, value in changes.items():
        data[name] = value
    return f"?{data.urlencode()}"
