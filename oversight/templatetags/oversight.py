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
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.roles import CASE_ROLES, Role
from cases.periods import Period
from grids.models import Division
from oversight.access import BOARD_ROLES, PLACE_ROLES
from oversight.assessment_scores import said
from oversight.assessments import ROLES as ASSESSMENT_ROLES
from oversight.figures import Slice
from oversight.indicators import Value
from oversight.tables import Row, Table

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


@register.simple_tag(name="slice")
def slice_of(period: Period, place: Division | None, reader: str) -> Slice:
    """All matters of a place in a period, for a reader."""
    return Slice(period, place, reader=reader)


def _asking(of: Slice) -> SafeString:
    """A slice as the end of an address."""
    asked = {
        "since": of.period.first.isoformat(),
        "until": of.period.last.isoformat(),
        "place": of.place.code if of.place else "",
        "who": of.who,
        "category": of.category,
        "public": "" if of.reader else "true",
    }
    return conditional_escape(urlencode({name: said for name, said in asked.items() if said}))


@cache
def _behind() -> str:
    return reverse("oversight:behind")


def _number(value: Value, side: str, number: int, asking: SafeString) -> str:
    """A number with the list of what it is made of."""
    if not number:
        return "0"
    head = '<a href="{}?indicator={}&amp;side={}&amp;{}">{}</a>'
    return format_html(head, _behind(), value.indicator.code, side, asking, grouped(number))


def _cell(value: Value | None, asking: SafeString) -> str:
    if value is None:
        return format_html('<span class="gz-quiet">{}</span>', gettext("不公布"))
    above = _number(value, "numerator", value.numerator, asking)
    share = value.share
    if share is None:
        return above
    percent = share.percent
    if percent is None:
        return "—"
    below = _number(value, "denominator", share.denominator, asking)
    return format_html('<b>{}&nbsp;%</b> <span class="gz-quiet gz-of">{}/{}</span>', percent, above, below)


@register.simple_tag
def cell(value: Value | None, of: Slice) -> str:
    """A figure whose numbers are links; None: it is not told."""
    return _cell(value, _asking(of))


@register.simple_tag
def figure_rows(table: Table, shown: list[Row]) -> list[tuple[Row, SafeString]]:
    """Rows of a table, its sum at the end, with their cells. Thousands of cells: a template for each is too slow."""
    heads = [(one, str(one.name)) for one in table.columns]
    found = []
    for row in [*shown, *([table.total] if table.total else [])]:
        asking = _asking(row.of)
        cells = [(name, _cell(row.value(one), asking)) for one, name in heads]
        html = format_html_join("", '<td role="cell" class="gz-num" data-label="{}">{}</td>', cells)
        found.append((row, html))
    return found


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
    if period is not None:
        changes |= {"since": period.first.isoformat(), "until": period.last.isoformat()}
    given = context[
        "request"
    ].GET.lists()  # a copy of the dictionary for each of hundreds of rows is too slow
    kept = [
        (name, value) for name, values in given for value in values if name not in changes and name != "page"
    ]
    return f"?{urlencode([*kept, *changes.items()])}"
