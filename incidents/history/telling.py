"""What a history is about: the categories that it uses, with their times and their words."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from grids.models import Division
from incidents.demo.words import Words, called
from incidents.models import Category

# Visits and letters are sensitive or take months; calls of the hotline come to the city's centre alone.
COUNTER: Final = "33"
HOTLINE: Final = "34"
# Large categories that a city's grids report most, three times as often as the others.
USUAL: Final = ("11", "12", "14", "23")
RESULT: Final = "已到现场处置完毕，恢复原状，已拍照留存。"

Times = dict[bool, dict[str, tuple[int, str]]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A small category as it is now. `times`: amount and unit of every duty, by whether the matter is urgent."""

    category: Category
    pk: int
    code: str
    version: int
    times: Times
    files: str
    department: tuple[str, str] | None
    told: bool

    @classmethod
    def of(cls, category: Category, known: frozenset[str]) -> Kind:
        version = category.current
        assert version is not None  # Category.objects.leaves() are in force
        times: Times = {
            urgent: {duty: (int(amount), str(unit)) for duty, (amount, unit) in version.times[name].items()}
            for name, urgent in (("normal", False), ("urgent", True))
        }
        sort = version.department_kind_id
        return cls(
            category, category.pk, category.code, version.pk, times, version.filing_level,
            (sort, version.department_level) if sort else None, category.code in known,
        )  # fmt: skip


def kinds() -> list[Kind]:
    """The categories in force that are not sensitive, without those of the counter."""
    texts = json.loads((Path(settings.BASE_DIR) / "data" / "demo" / "texts.json").read_text(encoding="utf-8"))
    known = frozenset(texts["categories"])
    rows = Category.objects.leaves().select_related("current").order_by("code")
    return [
        Kind.of(row, known)
        for row in rows
        if row.current and not row.current.sensitive and row.code[:2] != COUNTER
    ]


class Tongue(Words):
    """Words of the demo; a category that it does not know speaks by its name."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)

    def report(self, kind: Kind, village: Division) -> tuple[str, str, str]:
        """Title, description, and a result that answers them."""
        if not kind.told:
            name = kind.category.name
            return f"{called(village)}{name}"[:120], f"巡查发现{name}，请尽快处置。", RESULT
        told = self.telling(kind.category, village)
        return told.title, told.description, self.chance.choice(told.results)

    def fields(self, kind: Kind, village: Division, day: date) -> dict[str, Any]:
        """Values of the category's own fields."""
        version = kind.category.current
        assert version is not None
        return self.extra(version, village, day) if kind.told and version.fields else {}

    def why(self, kind: Kind, key: str) -> str:
        """Why it is rejected or to be done again."""
        return self.of_group(kind.category, key) if kind.told else "现场核实与上报情况不符。"

    def sent_back(self, kind: Kind) -> tuple[str, str, str]:
        """Ground, words and the right kind of department of a return."""
        if not kind.told or not self.texts["categories"][kind.code]["returns"]:
            return "not_duty", "不属于本单位职责，请改派。", ""
        said = self.returned(kind.category)
        return said["ground"], said["text"], said.get("to", "")
