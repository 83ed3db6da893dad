"""The centre's board: how the queue stands by step and age, who has too much, what comes back, what is never in time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from cases.filters import end_of, start_of
from cases.models import Case, Part, PartKind
from cases.periods import Period
from cases.querysets import CaseQuerySet
from grids import clock
from grids.models import Department
from incidents import overdue
from incidents.workflow import OPEN, STATES
from oversight import figures, tables
from oversight.board import cases_seen, last_days
from oversight.figures import Slice
from oversight.indicators import BY_CODE, Subject, Value

MOST: Final = 10
SEASON: Final = 90  # days in which a category's times are looked at
FEWEST: Final = 3  # handled or due in them, to say anything of a category

# The ages of open matters in days since they came, from the youngest; None: without end.
AGES: Final[tuple[tuple[Promise, int, int | None], ...]] = (
    (_("今天"), 0, 0),
    (_("1–2 天"), 1, 2),
    (_("3–6 天"), 3, 6),
    (_("7–29 天"), 7, 29),
    (_("30 天以上"), 30, None),
)


def _address(**conditions: Any) -> str:
    """The list of incidents under these conditions."""
    return f"{reverse('incidents:list')}?{urlencode(conditions, doseq=True)}"


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of open incidents with its list."""

    number: int
    url: str


@dataclass(frozen=True, slots=True)
class Step:
    """One state of the queue, by age."""

    label: str | Promise
    total: Cell
    ages: list[Cell]

    @property
    def by_age(self) -> list[tuple[str | Promise, Cell]]:
        return [(label, cell) for (label, _from, _to), cell in zip(AGES, self.ages, strict=True)]


def _days(youngest: int, oldest: int | None, today: date) -> dict[str, str]:
    """The conditions of an age: the days on which such a matter came."""
    found = {"opened_to": (today - timedelta(days=youngest)).isoformat()}
    if oldest is not None:
        found["opened_from"] = (today - timedelta(days=oldest)).isoformat()
    return found


def _of_age(youngest: int, oldest: int | None, today: date) -> Q:
    condition = Q(opened_at__lte=end_of(today - timedelta(days=youngest)))
    if oldest is not None:
        condition &= Q(opened_at__gte=start_of(today - timedelta(days=oldest)))
    return condition


def _open_incidents(seen: CaseQuerySet) -> QuerySet[Case]:
    """Open incidents: open cases have an index of their own, and are few among all that there are."""
    return seen.open().filter(kind="incident", state__in=OPEN).order_by()


def steps(seen: CaseQuerySet) -> list[Step]:
    """Open incidents that somebody sees, by state and by the days since they came."""
    today = clock.today()
    wanted = {
        f"age{n}": Count("pk", filter=_of_age(youngest, oldest, today))
        for n, (_label, youngest, oldest) in enumerate(AGES)
    }
    rows = _open_incidents(seen).values("state").annotate(total=Count("pk"), **wanted)
    counted = {row["state"]: row for row in rows}
    found = []
    for state in OPEN:
        row: Any = counted.get(state, {})
        ages = [
            Cell(row.get(f"age{n}", 0), _address(state=state, **_days(youngest, oldest, today)))
            for n, (_label, youngest, oldest) in enumerate(AGES)
        ]
        found.append(Step(STATES[state], Cell(row.get("total", 0), _address(state=state)), ages))
    return found


@dataclass(frozen=True, slots=True)
class Load:
    """What an office has in hand: open incidents, and the duties of any kind of case that it owes and are overdue."""

    name: str
    open: Cell
    overdue: Cell


def loads(seen: CaseQuerySet) -> list[Load]:
    """The departments with the most open incidents in hand, of those that somebody sees."""
    parts = Part.objects.filter(
        case__in=_open_incidents(seen).values("pk"), kind__in=[PartKind.HANDLER, PartKind.CO_HANDLER], ended_at=None,
        department__isnull=False,
    ).order_by()  # fmt: skip
    counted = parts.values("department").annotate(n=Count("case", distinct=True))
    rows = sorted(counted, key=lambda row: (-row["n"], row["department"]))[:MOST]
    ids = [row["department"] for row in rows]
    names = Department.objects.in_bulk(ids)
    owed = overdue.duties(seen, clock.now()).filter(holder_department__in=ids).order_by()
    late = dict(owed.values_list("holder_department").annotate(n=Count("pk")))
    return [
        Load(
            names[row["department"]].name,
            Cell(row["n"], _address(department=row["department"], open="on")),
            Cell(
                late.get(row["department"], 0),
                f"{reverse('incidents:overdue')}?{urlencode({'department': row['department']})}",
            ),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Troubled:
    """A category or an office with figures that want looking at."""

    label: str
    values: list[tuple[Value, Slice]]


_BACK: Final = (BY_CODE["returns"], BY_CODE["reworks"])


def _back(counts: figures.Counts) -> int:
    return sum(one.value(counts).numerator for one in _BACK)


def _most(counted: dict[str, figures.Counts]) -> dict[str, figures.Counts]:
    """Those with the most, and all that have as many as the last of them: which of these are told is up to their names."""
    numbers = sorted((number for counts in counted.values() if (number := _back(counts))), reverse=True)
    least = min(numbers[:MOST], default=1)
    return {key: counts for key, counts in counted.items() if _back(counts) >= least}


def _rows(
    counted: dict[str, figures.Counts], names: Mapping[str, str], make: Callable[[str], Slice]
) -> list[Troubled]:
    most = sorted(
        (key for key in counted if key in names), key=lambda key: (-_back(counted[key]), names[key])
    )
    return [
        Troubled(names[key], [(one.value(counted[key]), make(key)) for one in _BACK]) for key in most[:MOST]
    ]


def returned_by_category(post: Post) -> list[Troubled]:
    """Categories with the most returns and reworks in 30 days."""
    period = last_days()
    counted = figures.by_category(
        period, post.division, reader=post.role, measures=figures.measures_of(_BACK)
    )
    names = tables.category_names(Subject.INCIDENT)
    return _rows(
        _most({key: counts for key, counts in counted.items() if key in names}),
        names,
        lambda key: Slice(period, post.division, category=key, reader=post.role),
    )


def returned_by_office(post: Post) -> list[Troubled]:
    """Offices with the most returns and reworks in 30 days."""
    period = last_days()
    most = _most(
        figures.by_office(period, post.division, reader=post.role, measures=figures.measures_of(_BACK))
    )
    return _rows(
        most,
        tables.office_names(most),
        lambda key: Slice(period, post.division, who=key, reader=post.role),
    )


def never_met(post: Post) -> list[Troubled]:
    """Categories whose handling time was met in no case of the last 90 days, with at least three cases."""
    today = clock.today()
    period = Period(today - timedelta(days=SEASON - 1), today)
    rate = BY_CODE["on_time_handling_rate"]
    names = tables.category_names(Subject.INCIDENT)
    counted = figures.by_category(period, post.division, reader=post.role, measures=rate.measures)
    found = []
    for key, counts in counted.items():
        value = rate.value(counts)
        if key in names and (value.denominator or 0) >= FEWEST and value.numerator == 0:
            of = Slice(period, post.division, category=key, reader=post.role)
            found.append(Troubled(names[key], [(value, of)]))
    return sorted(found, key=lambda row: (-(row.values[0][0].denominator or 0), row.label))


@dataclass(frozen=True, slots=True)
class Health:
    """Everything on the centre's board."""

    ages: list[Promise]
    steps: list[Step]
    loads: list[Load]
    by_category: list[Troubled]
    by_office: list[Troubled]
    never_met: list[Troubled]


def make(post: Post) -> Health:
    """The board of a centre of any level."""
    seen = cases_seen(post)
    return Health(
        ages=[label for label, _youngest, _oldest in AGES],
        steps=steps(seen),
        loads=loads(seen),
        by_category=returned_by_category(post),
        by_office=returned_by_office(post),
        never_met=never_met(post),
    )
