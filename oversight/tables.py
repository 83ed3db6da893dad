"""Tables of figures: rows of places, categories, offices or workers under the columns of one subject's indicators.

Pages, files and the API show the same table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.db import models
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from cases.exports import Columns, Value
from cases.names import office_name
from cases.periods import Period
from grids.models import Department, Division, DivisionLevel
from incidents.models import Category
from mediation.choices import Kind as DisputeKind
from oversight import figures, indicators
from oversight.figures import Counts, Slice
from oversight.indicators import Indicator, Subject
from oversight.querysets import PUBLIC
from oversight.suppression import Untold, untold
from whistle.tables import subject_name, subjects


class Grouping(models.TextChoices):
    """What the rows of a table are."""

    PLACE = "place", _("地点")
    CATEGORY = "category", _("类别")
    OFFICE = "office", _("承办单位")
    WORKER = "worker", _("网格员")


# The level of the rows below a place of each level.
BELOW: Final = {
    DivisionLevel.CITY: DivisionLevel.TOWNSHIP,
    DivisionLevel.COUNTY: DivisionLevel.TOWNSHIP,
    DivisionLevel.TOWNSHIP: DivisionLevel.VILLAGE,
    DivisionLevel.VILLAGE: DivisionLevel.GRID,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `of`: what its numbers are made of. `place`: where one may look deeper."""

    label: str
    of: Slice
    counts: Counts
    told: bool = True
    place: Division | None = None

    @property
    def key(self) -> str:
        """A category, an office or worker, or the code of a place."""
        return self.of.category or self.of.who or (self.of.place.code if self.of.place else "")

    def value(self, indicator: Indicator) -> indicators.Value | None:
        """The figure under a column; None where it is not told."""
        return indicator.value(self.counts) if self.told else None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under the columns of a subject, and their sum. `withheld`: the sum would give a row back, so there is none."""

    subject: Subject
    grouping: Grouping
    period: Period
    place: Division | None
    columns: list[Indicator]
    reader: str
    only: str = ""
    rows: list[Row] = field(default_factory=list)
    total: Row | None = None
    withheld: bool = False

    @property
    def head(self) -> str:
        return str(self.grouping.label)

    @property
    def measures(self) -> frozenset[str]:
        return figures.measures_of(self.columns)


def columns_of(subject: Subject, grouping: Grouping) -> list[Indicator]:
    """The indicators that are told of rows of this kind."""
    found = [one for one in indicators.ALL if one.subject == subject]
    if grouping == Grouping.OFFICE:
        return [one for one in found if one.offices]
    if grouping == Grouping.WORKER:
        return [one for one in found if one.workers]
    return found


def groupings_of(subject: Subject) -> list[Grouping]:
    """The kinds of rows that a subject has."""
    return [one for one in Grouping if columns_of(subject, one)]


def make(
    subject: Subject,
    grouping: Grouping,
    period: Period,
    place: Division | None,
    *,
    reader: str = PUBLIC,
    only: str = "",
) -> Table:
    """A table of figures as a reader may have it (a role, PUBLIC, EVERYTHING). `only`: of one office or worker alone.

    Raises KeyError for rows of places below a grid, which has none.
    """
    asked = Table(subject, grouping, period, place, columns_of(subject, grouping), reader, only)
    rows = list(_ROWS[grouping](asked))
    hidden = _untold(asked, rows)
    shown = [replace(row, told=row.key not in hidden.rows) for row in rows]
    total = _total(asked) if grouping in (Grouping.PLACE, Grouping.CATEGORY) else None
    return replace(asked, rows=[] if hidden.total else shown, total=total, withheld=hidden.total)


def _total(table: Table) -> Row:
    of = Slice(table.period, table.place, reader=table.reader)
    counts = figures.counts(table.period, table.place, reader=table.reader, measures=table.measures)
    return Row(gettext("合计"), of, counts)


def _untold(table: Table, rows: Iterable[Row]) -> Untold:
    """Everybody else's numbers hold no sensitive incident; of disputes the public is told no small number."""
    if table.subject != Subject.MEDIATION or table.reader != PUBLIC:
        return Untold()
    counted = {row.key: {name: row.counts.get(name, 0) for name in table.measures} for row in rows}
    return untold(counted)


# --- rows


def _places(table: Table) -> Iterator[Row]:
    place = table.place
    assert place is not None  # whoever has no place has no rows of places
    level = BELOW[DivisionLevel(place.level)]
    for found in figures.below(table.period, place, level, reader=table.reader, measures=table.measures):
        of = Slice(table.period, found.division, reader=table.reader)
        deeper = found.division if found.division.level in BELOW else None
        yield Row(found.division.name, of, found.counts, place=deeper)


def _categories(table: Table) -> Iterator[Row]:
    counted = figures.by_category(table.period, table.place, reader=table.reader, measures=table.measures)
    for key, label in category_names(table.subject).items():
        if key in counted:
            of = Slice(table.period, table.place, category=key, reader=table.reader)
            yield Row(label, of, counted[key])


def category_names(subject: Subject) -> dict[str, str]:
    """Every category of a subject by its key, in the order of the catalogue."""
    if subject == Subject.INCIDENT:
        leaves = Category.objects.filter(parent__isnull=False).order_by("code")
        return {f"incident:{one.code}": str(one) for one in leaves}
    if subject == Subject.MEDIATION:
        return {f"mediation:{kind.value}": str(kind.label) for kind in DisputeKind}
    return {f"whistle:{code}": subject_name(code) for code in subjects()}


def _offices(table: Table) -> Iterator[Row]:
    counted = figures.by_office(
        table.period, table.place, reader=table.reader, measures=table.measures, only=table.only
    )
    names = office_names(counted)
    for who in sorted(counted, key=lambda who: names[who]):
        yield Row(names[who], Slice(table.period, table.place, who=who, reader=table.reader), counted[who])


def office_names(keys: Iterable[str]) -> dict[str, str]:
    """What offices are called, by their keys ("d12", "o7")."""
    wanted = list(keys)
    departments = Department.objects.in_bulk([int(key[1:]) for key in wanted if key.startswith("d")])
    divisions = Division.objects.select_related("parent").in_bulk(
        [int(key[1:]) for key in wanted if key.startswith("o")]
    )
    return {
        key: office_name(departments[int(key[1:])] if key.startswith("d") else divisions[int(key[1:])])
        for key in wanted
    }


def _workers(table: Table) -> Iterator[Row]:
    counted = figures.by_worker(
        table.period, table.place, reader=table.reader, measures=table.measures, only=table.only
    )
    for pk, name in worker_names(counted).items():
        of = Slice(table.period, table.place, who=f"p{pk}", reader=table.reader)
        yield Row(name, of, counted[pk])


def worker_names(posts: Iterable[int]) -> dict[int, str]:
    """What grid workers are called, by their posts, in the order of their grids."""
    # Thousands of them in a ranking: names alone, no rows of four tables for each.
    found = Post.objects.filter(pk__in=list(posts)).order_by("division__code", "pk")
    words = gettext("%(name)s（%(where)s）")
    return {
        pk: words % {"name": name, "where": f"{village or ''}{grid or ''}"}
        for pk, name, village, grid in found.values_list(
            "pk", "user__name", "division__parent__name", "division__name"
        )
    }


_ROWS: Final = {
    Grouping.PLACE: _places,
    Grouping.CATEGORY: _categories,
    Grouping.OFFICE: _offices,
    Grouping.WORKER: _workers,
}

# --- as files

NOT_TOLD: Final = "*"
DEFINITIONS: Final[Columns] = (
    (gettext_lazy("指标"), 18),
    (gettext_lazy("算法"), 30),
    (gettext_lazy("分子"), 26),
    (gettext_lazy("分母"), 26),
    (gettext_lazy("不计入的"), 60),
    (gettext_lazy("单位"), 8),
    (gettext_lazy("依据"), 40),
)


def file_columns(table: Table) -> Columns:
    """The columns of a file: the rows' own, and those of their figures."""
    return [(table.head, 30), *value_columns(table.columns)]


def file_rows(table: Table) -> Iterator[list[Value]]:
    """The rows and the sum, in the order of `file_columns`; what is not told is a star."""
    for row in [*table.rows, *([table.total] if table.total else [])]:
        yield [row.label, *value_cells(row.value(one) or one for one in table.columns)]


def value_columns(wanted: Iterable[Indicator]) -> list[tuple[Any, int]]:
    """The columns of figures in a file: of a share its percentage, its numerator and its denominator."""
    found: list[tuple[Any, int]] = []
    for one in wanted:
        if one.denominator is None:
            found.append((one.name, 12))
        else:
            found += [(f"{one.name}（%）", 12), (one.numerator_name, 16), (one.denominator_name, 16)]
    return found


def value_cells(values: Iterable[indicators.Value | Indicator]) -> list[Value]:
    """Figures in the order of `value_columns`; an indicator alone stands for a figure that is not told."""
    found: list[Value] = []
    for value in values:
        if isinstance(value, Indicator):
            found += [NOT_TOLD] * (1 if value.denominator is None else 3)
        elif value.share is None:
            found.append(value.numerator)
        else:
            found += [value.share.percent, value.numerator, value.denominator]
    return found


def definitions(columns: Iterable[Indicator]) -> Iterator[list[Value]]:
    """What each indicator means, in the order of DEFINITIONS."""
    for one in columns:
        words: Mapping[str, Any] = {"below": one.denominator_name or "", "excluded": one.excluded or ""}
        yield [
            str(one.name), str(one.formula), str(one.numerator_name), str(words["below"]), str(words["excluded"]),
            str(one.unit), str(one.source),
        ]  # fmt: skip
