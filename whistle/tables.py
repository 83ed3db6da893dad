"""What an office sets by a table: times, marks and the duty catalogue. Read from GEZHI_WHISTLE_TABLES once per process."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import get_language

from grids import calendars, workcalendar
from grids.calendars import Allowance, Unit


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (Path(settings.GEZHI_WHISTLE_TABLES) / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@cache
def times() -> dict[tuple[str, str], Allowance]:
    """The time of each duty, by who whistles and the duty's name."""
    return {
        (row["level"], row["duty"]): Allowance(int(row["amount"]), Unit(row["unit"]))
        for row in _rows("times.csv")
    }


def end_of(allowance: Allowance, at: datetime) -> datetime:
    """When a time that begins at an instant is over, without any pause."""
    return calendars.due(at, allowance, [], workcalendar.load()).at


@dataclass(frozen=True, slots=True)
class MarkRow:
    """One mark on a duty's time: at a share of it, minutes before its end or minutes after, and who is told."""

    name: str
    told: str
    share: float | None
    before: timedelta | None
    after: timedelta | None


def _minutes(value: str) -> timedelta | None:
    return timedelta(minutes=int(value)) if value else None


@cache
def marks() -> dict[str, tuple[MarkRow, ...]]:
    """The marks of each duty; a duty without a row has none but its end."""
    found: dict[str, tuple[MarkRow, ...]] = {}
    for row in _rows("marks.csv"):
        share = float(row["share"]) if row["share"] else None
        mark = MarkRow(
            row["name"], row["told"], share, _minutes(row["before_minutes"]), _minutes(row["after_minutes"])
        )
        found[row["duty"]] = (*found.get(row["duty"], ()), mark)
    return found


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject of the duty catalogue: which kinds of department it concerns, the leading ones first, and by what law."""

    code: str
    name: str
    name_en: str
    lead: tuple[str, ...]
    assisting: tuple[str, ...]
    basis: str

    def __str__(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name


def _words(value: str) -> tuple[str, ...]:
    return tuple(word for word in value.split(";") if word)


@cache
def subjects() -> dict[str, Subject]:
    """The duty catalogue (职责清单) in its order."""
    return {
        row["subject"]: Subject(
            row["subject"], row["name"], row["name_en"], _words(row["lead"]), _words(row["assisting"]), row["basis"]
        )
        for row in _rows("duties.csv")
    }  # fmt: skip


def subject_name(code: str) -> str:
    """The subject in the reader's language; the code itself where the table no longer has it."""
    found = subjects().get(code)
    return str(found) if found else code
