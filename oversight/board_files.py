"""Every table of the boards as a file: the rows as they are now, with the definitions of its indicators."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Post
from accounts.roles import Role
from cases.exports import Columns, Value
from oversight import board, queue_health, tables
from oversight.access import BOARD_ROLES, PLACE_ROLES
from oversight.board import Hot
from oversight.indicators import BY_CODE, Indicator
from oversight.queue_health import Troubled
from whistle.board import running


@dataclass(frozen=True, slots=True)
class Listed:
    """A table of a board, ready to be written."""

    columns: Columns
    rows: list[list[Value]]
    indicators: tuple[Indicator, ...] = ()


def _running(post: Post) -> Listed:
    columns: Columns = (
        (_("编号"), 18), (_("标题"), 40), (_("吹哨单位"), 24), (_("步骤"), 14), (_("部门"), 28), (_("状态"), 14),
        (_("到场时限"), 18),
    )  # fmt: skip
    rows: list[list[Value]] = [
        [
            row.case.number, row.case.title, row.case.office.name, str(row.step), call.summons.department.name,
            call.outcome or call.state, call.deadline.due_at if call.deadline else None,
        ]
        for row in running(board.cases_seen(post))
        for call in row.calls
    ]  # fmt: skip
    return Listed(columns, rows)


def _late(post: Post) -> Listed:
    found = board.late_departments(post, board.owing_now(board.cases_seen(post)))
    indicators = (BY_CODE["late_handlings"], BY_CODE["missed_arrivals"])
    columns: Columns = (
        (_("部门"), 28), (_("现在超期"), 12), (_("最久"), 16), (_("近 30 天超期处置"), 16), (_("近 30 天没按时到场"), 16),
    )  # fmt: skip
    rows: list[list[Value]] = [
        [
            row.name, row.owed.duties if row.owed else 0, row.owed.longest if row.owed else "",
            *(value.numerator for value, _of in row.often),
        ]
        for row in found
    ]  # fmt: skip
    return Listed(columns, rows, indicators)


def _trend(post: Post) -> Listed:
    indicators = tuple(BY_CODE[code] for code in board.SHARES)
    columns = [(_("周"), 14), *tables.value_columns(indicators)]
    rows = [[week.period.first.isoformat(), *tables.value_cells(week.values)] for week in board.weeks(post)]
    return Listed(columns, rows, indicators)


def _hot(head: Promise | str, rows: Iterable[Hot]) -> Listed:
    columns: Columns = ((head, 28), (_("近 30 天"), 12), (_("之前 30 天"), 12))
    return Listed(
        columns, [[row.label, row.value.numerator, row.before.numerator] for row in rows], (board.REPORTS,)
    )


def _steps(post: Post) -> Listed:
    ages = [(label, 12) for label, _youngest, _oldest in queue_health.AGES]
    columns: Columns = [(_("步骤"), 16), *ages, (_("合计"), 12)]
    rows: list[list[Value]] = [
        [str(step.label), *(cell.number for cell in step.ages), step.total.number]
        for step in queue_health.steps(board.cases_seen(post))
    ]
    return Listed(columns, rows)


def _loads(post: Post) -> Listed:
    columns: Columns = ((_("部门"), 28), (_("在办"), 12), (_("超期职责"), 12))
    return Listed(
        columns,
        [
            [row.name, row.open.number, row.overdue.number]
            for row in queue_health.loads(board.cases_seen(post))
        ],
    )


def _troubled(head: Promise | str, rows: list[Troubled], codes: Iterable[str]) -> Listed:
    indicators = tuple(BY_CODE[code] for code in codes)
    columns = [(head, 28), *tables.value_columns(indicators)]
    written = [[row.label, *tables.value_cells(value for value, _of in row.values)] for row in rows]
    return Listed(columns, written, indicators)


BACK: Final = ("returns", "reworks")


@dataclass(frozen=True, slots=True)
class File:
    """What may be taken away from a board: what it is called, who has it, and what it holds."""

    title: Promise
    roles: frozenset[Role]
    make: Callable[[Post], Listed]


FILES: Final = {
    "running": File(gettext_lazy("正在进行的吹哨"), BOARD_ROLES, _running),
    "late": File(gettext_lazy("超期部门"), BOARD_ROLES, _late),
    "trend": File(gettext_lazy("按期率走势（每周）"), BOARD_ROLES, _trend),
    "places": File(
        gettext_lazy("上报多的地方"), BOARD_ROLES, lambda post: _hot(_("地点"), board.hot_places(post))
    ),
    "kinds": File(
        gettext_lazy("上报多的类别"), BOARD_ROLES, lambda post: _hot(_("类别"), board.hot_kinds(post))
    ),
    "steps": File(gettext_lazy("还没办完的事件"), PLACE_ROLES, _steps),
    "loads": File(gettext_lazy("手上最多的部门"), PLACE_ROLES, _loads),
    "never-met": File(
        gettext_lazy("从没按期处置过的类别"),
        PLACE_ROLES,
        lambda post: _troubled(_("类别"), queue_health.never_met(post), ("on_time_handling_rate",)),
    ),
    "back-by-category": File(
        gettext_lazy("退回和返工（按类别）"),
        PLACE_ROLES,
        lambda post: _troubled(_("类别"), queue_health.returned_by_category(post), BACK),
    ),
    "back-by-office": File(
        gettext_lazy("退回和返工（按单位）"),
        PLACE_ROLES,
        lambda post: _troubled(_("承办单位"), queue_health.returned_by_office(post), BACK),
    ),
}
