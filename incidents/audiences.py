"""Who is told of a move; the names stand in the workflow table."""

from __future__ import annotations

from collections.abc import Callable

from accounts.models import User
from cases import notices
from cases.models import Case, PartKind
from cases.offices import Office


def _office(case: Case) -> set[User]:
    return notices.office_audience(Office.of(case.office), case)


def _grid(case: Case) -> set[User]:
    return notices.office_audience(Office.of(case.place), case) if case.place.level == "grid" else set()


def _parts(*kinds: str) -> Callable[[Case], set[User]]:
    return lambda case: notices.part_audience(case, kinds)


AUDIENCES: dict[str, Callable[[Case], set[User]]] = {
    "office": _office,
    "grid": _grid,
    "above": notices.above_audience,
    "reporter": _parts(PartKind.REPORTER),
    "handler": _parts(PartKind.HANDLER),
    "co_handlers": _parts(PartKind.CO_HANDLER),
    "copied": _parts(PartKind.COPIED),
}
