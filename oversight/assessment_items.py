"""The items of a yearly assessment before they are fixed: where they begin, and what is wrong with them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any, Final

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from oversight.assessment_scores import said
from oversight.indicators import BY_CODE
from oversight.models import Assessed, AssessmentItem, ItemKind
from oversight.models.assessments import FULL, SHARES

MOST_GIVEN: Final = Decimal(30)  # of 100: the record decides, not impressions
MOST_BONUS: Final = Decimal(10)  # all of them together: what comes on top must not outweigh the work
MOST_ITEMS: Final = 30
NEGATIVE: Final = "negative_entries"
# Citizens' rights are no yardstick: counting them against an office only teaches it to hide them (domain.md, section 9).
NEVER: Final = ("信访", "上访", "投诉", "举报", "热线", "来电", "12345", "重办")


@dataclass(frozen=True, slots=True)
class Draft:
    """An item as somebody wants it."""

    target: Assessed
    kind: ItemKind
    points: Decimal
    indicator: str = ""
    name: str = ""
    purpose: str = ""
    each: Decimal | None = None

    def row(self, position: int) -> AssessmentItem:
        """As it is saved. An automatic one is named by its indicator, in Chinese: the sheet is an office's paper."""
        name, purpose = self.name, self.purpose
        if self.indicator:
            with translation.override("zh-hans"):
                name, purpose = str(BY_CODE[self.indicator].name), str(BY_CODE[self.indicator].formula)
        return AssessmentItem(
            target=self.target, kind=self.kind, indicator=self.indicator, name=name, purpose=purpose,
            points=self.points, each=self.each, position=position,
        )  # fmt: skip


@cache
def proposal() -> tuple[Draft, ...]:
    """Our proposal (data/oversight/assessment.csv). Raises ValueError or KeyError for a line that makes no sense."""
    path = settings.GEZHI_OVERSIGHT_TABLES / "assessment.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return tuple(_read(row) for row in csv.DictReader(file))


def _read(row: Mapping[str, str]) -> Draft:
    found = Draft(
        Assessed(row["target"]), ItemKind(row["kind"]), Decimal(row["points"]), row["indicator"], row["name"],
        row["purpose"], Decimal(row["each"]) if row["each"] else None,
    )  # fmt: skip
    if faults_of(found):
        raise ValueError(f"assessment.csv: {row}")
    return found


def copied(items: Iterable[AssessmentItem]) -> list[Draft]:
    """The items of another year, to begin with."""
    return [
        Draft(
            Assessed(one.target), ItemKind(one.kind), one.points, one.indicator,
            "" if one.indicator else one.name, "" if one.indicator else one.purpose, one.each,
        )
        for one in items
    ]  # fmt: skip


def _codes(one: Draft) -> Sequence[str]:
    """The indicators among which an item of this kind must name one; none: it names none."""
    if one.kind == ItemKind.SHARE:
        return SHARES[one.target]
    if one.kind == ItemKind.NEGATIVE:
        return [NEGATIVE] if one.target == Assessed.DEPARTMENT else ["-"]
    return [""]


def faults_of(one: Draft) -> dict[str, str | Promise]:
    """What is wrong with an item by itself, by field; nothing when it is sound."""
    found: dict[str, str | Promise] = {}
    if one.indicator not in _codes(one):
        found["indicator"] = _("这个指标不能用来考核。")
    if not one.indicator:
        for name in ("name", "purpose"):
            text = getattr(one, name)
            if not text:
                found[name] = _("手工给分和加减分的项目要写名称和给分依据。")
            elif any(word in text for word in NEVER):
                found[name] = _("信访、投诉、举报、来电和申请重办的多少不能作为考核项目。")
    if not 0 < one.points <= FULL:
        found["points"] = _("分值要大于 0，不超过 100。")
    elif one.kind == ItemKind.NEGATIVE and (one.each is None or not 0 < one.each <= one.points):
        found["each"] = _("写明每条扣几分，大于 0，不超过本项分值。")
    elif one.kind != ItemKind.NEGATIVE and one.each is not None:
        found["each"] = _("只有负面清单才写每条扣几分。")
    return found


@dataclass(slots=True)
class Sums:
    """The points of one kind of office, and what keeps them from being fixed."""

    target: Assessed
    number: int = 0
    whole: Decimal = Decimal(0)
    given: Decimal = Decimal(0)
    bonus: Decimal = Decimal(0)
    faults: list[str] = field(default_factory=list)


def sums(items: Iterable[AssessmentItem | Draft]) -> list[Sums]:
    """What the items of each kind of office sum up to, with what is wrong about it."""
    found = {target: Sums(target) for target in Assessed}
    for one in items:
        mine = found[Assessed(one.target)]
        mine.number += 1
        if one.kind == ItemKind.BONUS:
            mine.bonus += one.points
        else:
            mine.whole += one.points
            mine.given += one.points if one.kind == ItemKind.GIVEN else 0
    for mine in found.values():
        _judge(mine)
    return list(found.values())


def _judge(mine: Sums) -> None:
    words: dict[str, Any] = {
        "target": mine.target.label, "whole": said(mine.whole), "given": said(mine.given), "bonus": said(mine.bonus),
        "most_given": MOST_GIVEN, "most_bonus": MOST_BONUS,
    }  # fmt: skip
    if mine.whole != FULL:
        mine.faults.append(_("%(target)s：除加减分外各项合计 %(whole)s 分，要正好 100 分。") % words)
    if mine.given > MOST_GIVEN:
        mine.faults.append(
            _("%(target)s：手工给分合计 %(given)s 分，不能超过 %(most_given)s 分，考核以办理记录为主。")
            % words
        )
    if mine.bonus > MOST_BONUS:
        mine.faults.append(_("%(target)s：加减分合计 %(bonus)s 分，不能超过 %(most_bonus)s 分。") % words)


def faults_between(items: Sequence[Draft]) -> list[tuple[int, str, Promise | str]]:
    """Items that stand twice for one kind of office: the number of the later one, its field, and why."""
    seen: set[tuple[str, str]] = set()
    found: list[tuple[int, str, Promise | str]] = []
    for number, one in enumerate(items):
        row = one.row(number) if one.indicator in ("", *BY_CODE) else None
        key = (one.target.value, row.name if row else "")
        if row and key in seen:
            found.append((number, "indicator" if one.indicator else "name", _("前面已有同名的项目。")))
        seen.add(key)
    return found
