"""The words of the whistles, from data/demo/whistles.json."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from grids.models import Division

TEXTS = Path(settings.BASE_DIR) / "data" / "demo" / "whistles.json"


@dataclass(frozen=True, slots=True)
class Named:
    """A department that a whistle names by its kind: what it undertakes there and what came of it."""

    kind: str
    task: str
    result: str


@dataclass(frozen=True, slots=True)
class Telling:
    """What one whistle says. `where`: urban, rural or any; `grows_from`: words in the titles it may grow out of."""

    where: str
    title: str
    kind: str
    subject: str
    matter: str
    why_not: str
    address: str
    departments: tuple[Named, ...]
    consulted: str
    resolved: str
    grows_from: tuple[str, ...]

    def at(self, place: Division, words: str) -> str:
        """Words with the village as people call it: 东路社区, 万沙村."""
        return words.replace("{place}", place.name.removesuffix("居委会").removesuffix("委会"))


class Words:
    """The whistles by their key, and sentences for each step."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        texts: dict[str, Any] = json.loads(TEXTS.read_text(encoding="utf-8"))
        self.common: dict[str, list[str]] = texts["common"]
        self.tellings = {key: _telling(row) for key, row in texts["whistles"].items()}

    def said(self, key: str) -> str:
        return self.chance.choice(self.common[key])


def _telling(row: dict[str, Any]) -> Telling:
    named = tuple(Named(one["kind"], one["task"], one.get("result", "")) for one in row["departments"])
    names = ("where", "title", "kind", "subject", "matter", "why_not", "address")
    return Telling(
        **{name: row[name] for name in names}, departments=named, consulted=row.get("consulted", ""),
        resolved=row.get("resolved", ""), grows_from=tuple(row.get("grows_from", ())),
    )  # fmt: skip
