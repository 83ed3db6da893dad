"""The words of the disputes, from data/demo/disputes.json, and parties whom nobody can be."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from grids.models import Division
from mediation.identity import with_check_digit

TEXTS: Final = Path(settings.BASE_DIR) / "data" / "demo" / "disputes.json"
SURNAMES: Final = ("欧阳", "司徒", "上官", "诸葛", "令狐", "东方", "慕容", "独孤", "公孙", "皇甫")
GIVEN: Final = "甲乙丙丁戊己庚辛壬癸"
NOWHERE: Final = "100000"  # a division code that is given to no place


@dataclass(frozen=True, slots=True)
class Telling:
    """What one dispute is about. `amount`: lowest and highest, in yuan; None where the promise is no money."""

    kind: str
    title: str
    brief: str
    request: str
    facts: str
    issues: str
    content: str
    what: str
    amount: tuple[int, int] | None


class Words:
    """Disputes by their key, sentences for each step, and people of no place."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.made = chance, 0
        texts: dict[str, Any] = json.loads(TEXTS.read_text(encoding="utf-8"))
        self.common: dict[str, list[str]] = texts["common"]
        self.experts: list[dict[str, Any]] = texts["experts"]
        self.tellings = {key: Telling(**row) for key, row in texts["disputes"].items()}

    def said(self, key: str) -> str:
        return self.chance.choice(self.common[key])

    def sum_of(self, telling: Telling) -> Decimal | None:
        """An amount in tens of yuan."""
        if telling.amount is None:
            return None
        low, high = telling.amount
        return Decimal(self.chance.randint(low // 10, high // 10) * 10)

    def party(self, side: int) -> dict[str, Any]:
        """The fields of a party: a name of the demo, a number of nobody, a telephone that cannot ring."""
        self.made += 1
        chance = self.chance
        name = chance.choice(SURNAMES) + GIVEN[self.made % 10]
        born = f"{chance.randint(1955, 2000)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
        return {
            "side": side, "party_kind": "person", "party_name": name,
            "id_number": with_check_digit(f"{NOWHERE}{born}{self.made % 1000:03}"), "phone": f"000-1390{self.made:04}",
            "home": f"演示路{self.made}号", "sex": chance.choice(["male", "female"]), "nation": "汉族",
            "age": 2026 - int(born[:4]), "occupation": chance.choice(["务农", "务工", "个体经营", "教师", "退休"]),
        }  # fmt: skip


def place_name(place: Division) -> str:
    """The village as people call it: 东路社区, 万沙村."""
    village = place.parent if place.level == "grid" and place.parent else place
    return village.name.removesuffix("居委会").removesuffix("委会")
