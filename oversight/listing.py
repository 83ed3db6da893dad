"""The cases behind a number, one row for each thing that counts; those that the reader may not open are counted only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from cases import workflow
from cases.exports import Columns, Value
from cases.models import Case
from oversight.models import Tally
from oversight.querysets import TallyQuerySet
from oversight.tables import office_names

CLOSED: Final = "—"
CHUNK: Final = 2000  # rows


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the list. `case` is None where the reader may not open it; then nothing else is told."""

    day: date | None
    case: Case | None
    state: str | Promise = ""
    office: str = ""


def lines(tallies: Iterable[Tally], user: User) -> list[Line]:
    """Rows for tallies in their order."""
    rows = list(tallies)
    ids = {row.case_id for row in rows}
    seen = Case.objects.visible_to(user).filter(pk__in=ids).select_related("place__parent__parent", "office")
    cases = {case.pk: case for case in seen}
    names = office_names({row.who for row in rows if row.who[:1] in ("d", "o")})
    return [_line(row, cases.get(row.case_id), names) for row in rows]


def _line(row: Tally, case: Case | None, names: dict[str, str]) -> Line:
    if case is None:
        return Line(None, None)
    return Line(row.day, case, workflow.state_label(case), names.get(row.who, ""))


COLUMNS: Final[Columns] = (
    (gettext_lazy("计入日期"), 12),
    (gettext_lazy("编号"), 18),
    (gettext_lazy("标题"), 40),
    (gettext_lazy("地点"), 40),
    (gettext_lazy("现在的状态"), 14),
    (gettext_lazy("承办单位"), 28),
)


def records(tallies: TallyQuerySet, user: User) -> Iterator[list[Value]]:
    """The same rows for a file, in the order of COLUMNS, read in one go."""
    found = tallies.iterator(chunk_size=CHUNK)
    while rows := list(islice(found, CHUNK)):
        for line in lines(rows, user):
            if line.case is None or line.day is None:
                closed = _("不在您的查看范围内，只计数")
                yield [CLOSED, CLOSED, closed, CLOSED, CLOSED, CLOSED]
            else:
                case = line.case
                yield [
                    line.day.isoformat(), case.number, case.title, case.place.path, str(line.state), line.office,
                ]  # fmt: skip
