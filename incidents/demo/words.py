"""The words of the history, from data/demo/texts.json, and the values of extra fields."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from grids.models import Division
from incidents.models import Category, CategoryVersion

TEXTS = Path(settings.BASE_DIR) / "data" / "demo" / "texts.json"
EXTRA_ANSWERED = 0.6  # how often a field that may stay empty is filled


@dataclass(frozen=True, slots=True)
class Telling:
    """What a report says, and which results answer it."""

    title: str
    description: str
    results: list[str]


def called(place: Division) -> str:
    """How people speak of a village or community: 东路社区, 万沙村."""
    return place.name.removesuffix("居委会").removesuffix("委会")


class Words:
    """Chooses among the texts."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.texts: dict[str, Any] = json.loads(TEXTS.read_text(encoding="utf-8"))

    def said(self, key: str) -> str:
        """A sentence for any category, by step."""
        return str(self.chance.choice(self.texts["common"][key]))

    def of_group(self, category: Category, key: str) -> str:
        """A sentence for every small category of a large one: why rejected, why to be done again."""
        return str(self.chance.choice(self.texts["groups"][category.code[:2]][key]))

    def card(self, card: str) -> str:
        return str(self.chance.choice(self.texts["common"]["supervisions"][card]))

    def suspension(self) -> tuple[str, str]:
        """A ground, and the words for it."""
        ground, words = self.chance.choice(list(self.texts["common"]["suspensions"].items()))
        return str(ground), str(self.chance.choice(words))

    def returned(self, category: Category) -> dict[str, str]:
        """Why a department sends it back: `ground`, `text` and sometimes the right kind of department in `to`."""
        return dict(self.chance.choice(self.texts["categories"][category.code]["returns"]))

    def telling(self, category: Category, village: Division) -> Telling:
        """A report that fits a village or an urban community."""
        about = self.texts["categories"][category.code]
        kind = "urban" if village.name.endswith("居委会") else "rural"
        fitting = [row for row in about["reports"] if row["where"] in ("any", kind)] or about["reports"]
        row, place = self.chance.choice(fitting), called(village)
        return Telling(
            row["title"].replace("{place}", place),
            row["description"].replace("{place}", place),
            [about["results"][number] for number in row["results"]],
        )

    def extra(self, version: CategoryVersion, village: Division, today: date) -> dict[str, Any]:
        """Values for the category's own fields."""
        asked = [spec for spec in version.fields if spec["required"] or self.chance.random() < EXTRA_ANSWERED]
        return {spec["name"]: self._value(spec, village, today) for spec in asked}

    def _value(self, spec: dict[str, Any], village: Division, today: date) -> Any:
        name, samples = spec["name"], self.texts["samples"]
        if spec["type"] == "choice":
            return self.chance.choice(spec["choices"])["value"]
        if spec["type"] == "bool":
            return self.chance.random() < 0.5
        if spec["type"] == "number":
            return self.chance.randint(*samples["number"][name])
        if spec["type"] == "date":
            return (
                today + timedelta(days=self.chance.randint(*samples["date_days_ahead"][name]))
            ).isoformat()
        text = str(self.chance.choice(samples["text"][name]))
        return text.replace("{n}", str(self.chance.randint(1, 999))).replace("{place}", called(village))
