"""What an office sets by a table: times, subsidies, fields of experts, papers. Read from GEZHI_MEDIATION_TABLES once."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import get_language

from grids.calendars import Allowance, Unit


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (Path(settings.GEZHI_MEDIATION_TABLES) / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@cache
def times() -> dict[tuple[str, str], Allowance]:
    """The time of each duty, by tier and the duty's name."""
    return {
        (row["tier"], row["duty"]): Allowance(int(row["amount"]), Unit(row["unit"]))
        for row in _rows("times.csv")
    }


@dataclass(frozen=True, slots=True)
class Named:
    """A row of a table with its name in both languages."""

    code: str
    name: str
    name_en: str

    def __str__(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name


@dataclass(frozen=True, slots=True)
class Grade(Named):
    """A grade of subsidy: so many yuan, and for which disputes."""

    amount: Decimal


@cache
def grades() -> dict[str, Grade]:
    """The grades of subsidy (案补), the lowest first; each between 50 and 500 yuan (the database holds the bounds)."""
    return {
        row["code"]: Grade(row["code"], row["name"], row["name_en"], Decimal(row["amount"]))
        for row in _rows("subsidies.csv")
    }


@cache
def expert_fields() -> dict[str, Named]:
    """The fields of knowledge by which experts are registered."""
    return {row["code"]: Named(row["code"], row["name"], row["name_en"]) for row in _rows("fields.csv")}


@dataclass(frozen=True, slots=True)
class PaperRow(Named):
    """A paper of the file: its place in the order, and whether every file must have one (required, or as needed).

    `given`: whether a side may have a copy; the office's own registers and reports are not given away.
    """

    order: int
    required: bool
    per: str  # what there is one of: case, session, material, agreement, visit, notice
    given: bool


@cache
def papers() -> dict[str, PaperRow]:
    """The papers of a file in their order (domain rules, section 6)."""
    return {
        row["code"]: PaperRow(
            row["code"],
            row["name"],
            row["name_en"],
            int(row["order"]),
            row["required"] == "yes",
            row["per"],
            row["given"] == "yes",
        )
        for row in _rows("papers.csv")
    }
