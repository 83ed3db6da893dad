"""What a history is about: the categories that it uses, with their times and their words."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from cases.search import bigrams
from grids.models import Division
from incidents.demo.words import Words, called
from incidents.models import Category, CategoryVersion

# Visits and letters are sensitive or take months; calls of the hotline come to the city's centre alone.
COUNTER: Final = "33"
HOTLINE: Final = "34"
# Large categories that a city's grids report most, three times as often as the others.
USUAL: Final = ("11", "12", "14", "23")
LONGEST: Final = 100  # days of any duty
PLACE: Final = "{place}"  # where a text names the village
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
    """The categories in force that are not sensitive, without those of the counter and those that take very long."""
    texts = json.loads((Path(settings.BASE_DIR) / "data" / "demo" / "texts.json").read_text(encoding="utf-8"))
    known = frozenset(texts["categories"])
    rows = Category.objects.leaves().select_related("current").order_by("code")
    return [
        Kind.of(row, known)
        for row in rows
        if row.current and not row.current.sensitive and row.code[:2] != COUNTER and _is_short(row.current)
    ]


def _is_short(version: CategoryVersion) -> bool:
    """Whether every duty ends within the time that the timetable of a history reaches ahead."""
    times = [pair for name in ("normal", "urgent") for pair in version.times[name].values()]
    return all(amount <= LONGEST * (1440 if "minutes" in unit else 1) for amount, unit in times)


@dataclass(frozen=True, slots=True)
class Name:
    """What a village is called, and what that is found by; its first and last letter."""

    words: str
    found_by: frozenset[str]
    first: str
    last: str

    @classmethod
    def of(cls, words: str) -> Name:
        return cls(words, frozenset(bigrams(words)), _letter(words[:1]), _letter(words[-1:]))


@dataclass(frozen=True, slots=True)
class Pattern:
    """A report with the place left open. `found_by`: its bigrams without the place; `edges`: the letters beside it."""

    title: str
    description: str
    results: list[str]
    found_by: frozenset[str]
    edges: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, title: str, description: str, results: list[str]) -> Pattern:
        pieces = [text.split(PLACE) for text in (title, description)]
        edges = tuple(
            (_letter(left[-1:]), _letter(right[:1])) for text in pieces for left, right in pairwise(text)
        )
        found = frozenset(bigrams(*(piece for text in pieces for piece in text)))
        return cls(title, description, results, found, edges)

    def told(self, place: Name, chance: random.Random) -> tuple[str, str, str, list[str]]:
        """Title, description, result, and the bigrams of the first two: what `bigrams` itself would give."""
        found = set(self.found_by | place.found_by) if self.edges else set(self.found_by)
        for before, after in self.edges:
            if before and place.first:
                found.add(before + place.first)
            if after and place.last:
                found.add(place.last + after)
        title, description = (text.replace(PLACE, place.words) for text in (self.title, self.description))
        return title, description, chance.choice(self.results), sorted(found)


def _letter(text: str) -> str:
    """A letter as it is searched for; nothing for a sign that parts words."""
    return next(iter(bigrams(text)), "")


class Tongue(Words):
    """Words of the demo; a category that it does not know speaks by its name."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self.patterns: dict[tuple[str, bool], list[Pattern]] = {}
        self.names: dict[int, Name] = {}

    def report(self, kind: Kind, village: Division) -> tuple[str, str, str, list[str]]:
        """Title, description, a result that answers them, and what the title and description are found by."""
        place = self.names.get(village.pk)
        if place is None:
            place = self.names[village.pk] = Name.of(called(village))
        key = kind.code, village.name.endswith("居委会")
        patterns = self.patterns.get(key)
        if patterns is None:
            patterns = self.patterns[key] = list(self._patterns(kind, urban=key[1]))
        return self.chance.choice(patterns).told(place, self.chance)

    def _patterns(self, kind: Kind, *, urban: bool) -> Iterator[Pattern]:
        if not kind.told:
            name = kind.category.name
            yield Pattern.of(f"{PLACE}{name}"[:100], f"巡查发现{name}，请尽快处置。", [RESULT])
            return
        about = self.texts["categories"][kind.code]
        fitting = [row for row in about["reports"] if row["where"] in ("any", "urban" if urban else "rural")]
        for row in fitting or about["reports"]:
            results = [about["results"][number] for number in row["results"]]
            yield Pattern.of(row["title"], row["description"], results)

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
