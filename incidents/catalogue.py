"""Reads the catalogue of matters and places (事件目录) from its two CSV files; no database here.

`data/catalogue/README.md` describes the columns. Every bad row is found in one pass, so that an
administrator mends the file once. The check of times also serves the page that edits a category.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from django.utils.translation import gettext as _

from grids.calendars import Allowance, Unit
from incidents import category_rules as rules
from incidents.catalogue_csv import Problem, Row, read_rows
from incidents.category_rules import DEPARTMENT_LEVELS, FILING_ROLES, LIMITS
from incidents.fieldspec import FieldSpec, FieldSpecError, read_fields

KINDS_FILE = "department_kinds.csv"
CATEGORIES_FILE = "categories.csv"
DUTIES = ("file", "assign", "accept", "handle", "verify", "whole")
KIND_LEVELS = ("city", "county", "township")
UNIT_CODES = {
    "cm": Unit("clock_minutes"),
    "wm": Unit("working_minutes"),
    "wd": Unit("working_days"),
    "cd": Unit("calendar_days"),
}
# Only to compare a limit in days with one in hours; the real length follows from the calendar.
# 08:30-12:00 and 14:30-18:00 make seven hours.
_MINUTES = {
    Unit("clock_minutes"): ("clock", 1),
    Unit("calendar_days"): ("clock", 24 * 60),
    Unit("working_minutes"): ("working", 1),
    Unit("working_days"): ("working", 7 * 60),
}
_KIND_COLUMNS = ("code", "name", "name_en", "levels", "office_city", "office_township")
_GROUP_COLUMNS = ("code", "parent", "name", "name_en", "source")
_LEAF_COLUMNS = (
    "filing_level",
    "department_kind",
    "department_level",
    "sensitive",
    "visible_roles",
    "filing_conditions",
    "closing_conditions",
    *(f"n_{duty}" for duty in DUTIES),
    *(f"u_{duty}" for duty in DUTIES),
    "fields",
)
_ALLOWANCE = re.compile(r"([1-9][0-9]{0,5})(cm|wm|wd|cd)")
_KIND_CODE = re.compile(r"[a-z][a-z_]{1,29}")


class CatalogueError(Exception):
    """The files have bad rows; `problems` names them all, in the order of the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True)
class KindRow:
    """A kind of department (条线), the levels that have an office of it, and that office's usual name."""

    code: str
    name: str
    name_en: str
    levels: tuple[str, ...]
    office_city: str
    office_township: str

    def has_office(self, department_level: str) -> bool:
        """True when the township, or for "city" the city or the county, has an office of this kind."""
        return not rules.fault_in_department_level(department_level, self.levels)


@dataclass(frozen=True)
class GroupRow:
    """A large category (大类)."""

    code: str
    name: str
    name_en: str
    source: str


@dataclass(frozen=True)
class Times:
    """The limits of one urgency, one for each duty; `whole` runs from filing to archive (整体时限)."""

    file: Allowance
    assign: Allowance
    accept: Allowance
    handle: Allowance
    verify: Allowance
    whole: Allowance

    def of(self, duty: str) -> Allowance:
        """The limit of a duty of `DUTIES`."""
        return cast(Allowance, getattr(self, duty))

    def as_json(self) -> dict[str, list[int | str]]:
        """{duty: [amount, unit]} as a category's version stores it."""
        return {duty: [self.of(duty).amount, self.of(duty).unit.value] for duty in DUTIES}


@dataclass(frozen=True)
class CategoryRow:
    """A small category (小类) with all that its first version says."""

    code: str
    parent: str
    name: str
    name_en: str
    source: str
    filing_level: str
    department_kind: str
    department_level: str
    visible_roles: tuple[str, ...]
    filing_conditions: str
    closing_conditions: str
    normal: Times
    urgent: Times
    fields: tuple[FieldSpec, ...] = ()

    @property
    def sensitive(self) -> bool:
        """Seen by the named roles only."""
        return bool(self.visible_roles)

    def times_json(self) -> dict[str, dict[str, list[int | str]]]:
        """{"normal": {...}, "urgent": {...}} as a category's version stores it."""
        return {"normal": self.normal.as_json(), "urgent": self.urgent.as_json()}


@dataclass(frozen=True)
class Catalogue:
    """Everything in the two files."""

    kinds: tuple[KindRow, ...]
    groups: tuple[GroupRow, ...]
    leaves: tuple[CategoryRow, ...]


def read_catalogue(path: Path) -> Catalogue:
    """The catalogue in a folder that holds `department_kinds.csv` and `categories.csv`.

    Raises CatalogueError with every bad row of both files, each with its line, column and reason.
    """
    problems: list[Problem] = []
    kinds = _read_kinds(path / KINDS_FILE, problems)
    reading = _Reading({kind.code: kind for kind in kinds})
    columns = (*_GROUP_COLUMNS, *_LEAF_COLUMNS)
    for row in read_rows(path / CATEGORIES_FILE, columns, problems):
        reading.take(row)
    reading.check_parents()
    if problems:
        raise CatalogueError(problems)
    return Catalogue(tuple(kinds), tuple(reading.groups), tuple(reading.leaves))


def parse_allowance(text: str) -> Allowance:
    """An allowance from `30cm` (clock minutes), `240wm` (working minutes), `7wd` (working days) or `15cd`
    (calendar days).

    Raises ValueError for anything else, zero included.
    """
    match = _ALLOWANCE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return Allowance(int(match[1]), UNIT_CODES[match[2]])


def faults_in_times(normal: Times, urgent: Times) -> list[tuple[str, str]]:
    """(column, reason) for limits that contradict each other; an empty list when they are sound.

    The whole must hold what lies inside it (assign, accept, handle, verify), and an urgent matter has no
    more time than another. Working time and clock time cannot be compared, so such pairs are left alone.
    """
    faults = []
    for prefix, times in (("n_", normal), ("u_", urgent)):
        family, whole = _length(times.whole)
        parts = [_length(times.of(duty)) for duty in ("assign", "accept", "handle", "verify")]
        if whole < sum(minutes for kind, minutes in parts if kind == family):
            faults.append((f"{prefix}whole", _("整体时限短于派遣、签收、处理、核查时限之和")))
    for duty in DUTIES:
        (family, usual), (other, hurried) = _length(normal.of(duty)), _length(urgent.of(duty))
        if family == other and hurried > usual:
            faults.append((f"u_{duty}", _("加急时限长于一般时限")))
    return faults


def _length(allowance: Allowance) -> tuple[str, int]:
    family, minutes = _MINUTES[allowance.unit]
    return family, allowance.amount * minutes


def _read_kinds(path: Path, problems: list[Problem]) -> list[KindRow]:
    kinds: list[KindRow] = []
    for row in read_rows(path, _KIND_COLUMNS, problems):
        code = row.unique("code", _KIND_CODE, {kind.code for kind in kinds})
        name, name_en = _names(row)
        levels = row.several("levels", KIND_LEVELS)
        if not levels:
            row.bad("levels", _("没有写明层级"))
        kind = KindRow(
            code, name, name_en, levels, row.text("office_city", 40), row.text("office_township", 40)
        )
        for column, level in (("office_city", "city"), ("office_township", "township")):
            if kind.has_office(level) != bool(row.cells[column]):
                row.bad(column, _("机构名称与所列层级不一致"))
        if not row.failed:
            kinds.append(kind)
    return kinds


def _names(row: Row) -> tuple[str, str]:
    name = row.text("name", LIMITS["name"], required=True)
    name_en = row.text("name_en", LIMITS["name_en"])
    row.all_bad("name_en", rules.faults_in_english_name(name_en))
    return name, name_en


@dataclass
class _Reading:
    """What was read of the categories so far."""

    kinds: dict[str, KindRow]
    groups: list[GroupRow] = field(default_factory=list)
    leaves: list[CategoryRow] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    children: list[tuple[Row, str]] = field(default_factory=list)
    failed_groups: set[str] = field(default_factory=set)

    def take(self, row: Row) -> None:
        """Read one row as a large or a small category, by the shape of its code."""
        parent = row.cells["parent"]
        shape = "[0-9]{4}" if parent else "[0-9]{2}"
        code = row.unique("code", re.compile(shape), self.codes)
        self.codes.add(code)
        name, name_en = _names(row)
        head = GroupRow(code, name, name_en, row.text("source", LIMITS["source"], required=True))
        if not parent:
            self._take_group(row, head)
            return
        self.children.append((row, parent))
        if code[:2] != parent:
            row.bad("parent", _("小类代码的前两位应是大类代码"))
        self._take_leaf(row, head, parent)

    def _take_group(self, row: Row, group: GroupRow) -> None:
        for column in _LEAF_COLUMNS:
            if row.cells[column]:
                row.bad(column, _("大类不填这一列"))
        if row.failed:
            self.failed_groups.add(group.code)
        else:
            self.groups.append(group)

    def _take_leaf(self, row: Row, head: GroupRow, parent: str) -> None:
        filing_level = row.one_of("filing_level", FILING_ROLES)
        kind, department_level = self._department(row)
        roles = _visible_roles(row, filing_level)
        filing, closing = (
            row.text(name, LIMITS[name], required=True)
            for name in ("filing_conditions", "closing_conditions")
        )
        normal, urgent = _times(row, "n_"), _times(row, "u_")
        fields = _fields(row)
        if not normal or not urgent:
            return
        for column, reason in faults_in_times(normal, urgent):
            row.bad(column, reason)
        leaf = CategoryRow(
            code=head.code,
            parent=parent,
            name=head.name,
            name_en=head.name_en,
            source=head.source,
            filing_level=filing_level,
            department_kind=kind,
            department_level=department_level,
            visible_roles=roles,
            filing_conditions=filing,
            closing_conditions=closing,
            normal=normal,
            urgent=urgent,
            fields=fields,
        )
        if not row.failed:
            self.leaves.append(leaf)

    def _department(self, row: Row) -> tuple[str, str]:
        code = row.one_of("department_kind", self.kinds)
        level = row.one_of("department_level", DEPARTMENT_LEVELS)
        if code and level:
            row.all_bad("department_level", rules.fault_in_department_level(level, self.kinds[code].levels))
        return code, level

    def check_parents(self) -> None:
        """A small category needs its large one, which may stand below it in the file."""
        known = {group.code for group in self.groups} | self.failed_groups
        for row, parent in self.children:
            if parent not in known:
                row.bad("parent", _("没有这个大类"))


def _visible_roles(row: Row, filing_level: str) -> tuple[str, ...]:
    sensitive = row.one_of("sensitive", ("0", "1"))
    roles = row.several("visible_roles", rules.known_roles())
    if sensitive == "0" or not row.failed:
        wrong = rules.faults_in_visible_roles(roles, sensitive=sensitive == "1", filing_level=filing_level)
        row.all_bad("visible_roles", wrong)
    return roles


def _times(row: Row, prefix: str) -> Times | None:
    found = []
    for duty in DUTIES:
        text = row.cells[f"{prefix}{duty}"]
        try:
            found.append(parse_allowance(text))
        except ValueError:
            row.bad(
                f"{prefix}{duty}", _("时限应写成 30cm、240wm、7wd 或 15cd，现在是“%(text)s”") % {"text": text}
            )
    return Times(*found) if len(found) == len(DUTIES) else None


def _fields(row: Row) -> tuple[FieldSpec, ...]:
    text = row.cells["fields"]
    if not text:
        return ()
    try:
        return read_fields(json.loads(text))
    except json.JSONDecodeError as error:
        row.bad("fields", _("不是正确的 JSON：%(error)s") % {"error": error})
    except FieldSpecError as error:
        for reason in error.reasons:
            row.bad("fields", reason)
    return ()
