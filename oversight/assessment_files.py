"""The yearly assessment on paper: a sheet as a PDF and an Excel book, the whole year as an Excel book."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import exports
from cases.exports import Columns, Sheet, Value
from cases.typesetting import typeset
from grids.clock import SHANGHAI
from oversight import assessment_sheets
from oversight.assessment_scores import said
from oversight.assessment_sheets import Filled, Line
from oversight.models import Assessed, AssessmentItem, AssessmentYear, YearState

TEMPLATE: Final = Path(__file__).parent / "typst" / "assessment.typ"
NOTE: Final = gettext_lazy(
    "没有可评事项的项目不计入，其余项目按 100 分折算；加减分另加。信访、投诉、举报、来电和申请重办的多少不作为考核内容。"
)
LINES: Final[Columns] = (
    (gettext_lazy("项目"), 24),
    (gettext_lazy("算法或依据"), 44),
    (gettext_lazy("分子"), 10),
    (gettext_lazy("分母"), 10),
    (gettext_lazy("分值"), 10),
    (gettext_lazy("得分"), 10),
    (gettext_lazy("理由"), 60),
    (gettext_lazy("申诉"), 40),
    (gettext_lazy("裁定"), 40),
)
ITEMS: Final[Columns] = (
    (gettext_lazy("对象"), 16),
    (gettext_lazy("项目"), 24),
    (gettext_lazy("怎样得分"), 16),
    (gettext_lazy("算法或依据"), 60),
    (gettext_lazy("分值"), 10),
    (gettext_lazy("每条扣分"), 10),
)


def title_of(year: AssessmentYear) -> str:
    """ "丰城市 2026 年度考核"."""
    with translation.override("zh-hans"):
        return _("%(place)s %(year)s 年度网格治理工作考核") % {"place": year.place.name, "year": year.year}


def _made_of(line: Line) -> str:
    """What an automatic score is made of, in words: "98.75 % (1,106/1,120)", "3 条"."""
    if line.value is None:
        return ""
    if line.value.share is None:
        return _("%(n)s 条，每条扣 %(each)s 分") % {
            "n": line.value.numerator,
            "each": said(line.item.each or line.item.points),
        }
    return str(line.value.share)


def _score(line: Line) -> str:
    return _("不计") if line.score is None else said(line.score)


def _points(item: AssessmentItem) -> str:
    return f"±{said(item.points)}" if item.kind == "bonus" else said(item.points)


def _reasons(line: Line) -> str:
    return line.mark.reason if line.mark else ""


def _answer(line: Line) -> str:
    if line.appeal is None:
        return ""
    decided = line.appeal.get_state_display()
    return f"{decided}：{line.appeal.answer}" if line.appeal.answer else decided


def _lines(filled: Filled) -> Iterator[list[Value]]:
    for line in filled.lines:
        counted = line.counted
        yield [
            line.item.name, line.item.purpose, counted.numerator if counted else None,
            counted.denominator if counted else None, line.item.points,
            line.score if line.score is not None else _("不计"), _reasons(line),
            line.appeal.reason if line.appeal else "", _answer(line),
        ]  # fmt: skip
    yield [_("合计"), str(NOTE), None, None, None, filled.total, "", "", ""]


def _items(items: Sequence[AssessmentItem]) -> Iterator[list[Value]]:
    for one in items:
        yield [
            one.get_target_display(), one.name, one.get_kind_display(), one.purpose, one.points, one.each,
        ]  # fmt: skip


def _results(items: Sequence[AssessmentItem], sheets: Sequence[Filled]) -> Iterator[list[Value]]:
    for filled in sheets:
        scores: list[Value] = []
        for item in items:
            line = filled.line(item)
            scores.append(line.score if line.score is not None else _("不计"))
            if not item.by_hand:
                scores += [
                    line.counted.numerator if line.counted else None,
                    line.counted.denominator if line.counted else None,
                ]
        yield [filled.rank, filled.sheet.name, filled.total, *scores]


def _result_columns(items: Sequence[AssessmentItem]) -> Columns:
    found: list[tuple[str, int]] = [(_("名次"), 8), (_("单位"), 30), (_("总分"), 10)]
    for item in items:
        name = _("%(name)s（%(points)s 分）") % {"name": item.name, "points": _points(item)}
        found.append((name, 20))
        if not item.by_hand:
            found += [(_("%(name)s 分子") % {"name": item.name}, 12)]
            found += [(_("%(name)s 分母") % {"name": item.name}, 12)]
    return found


def year_book(year: AssessmentYear) -> IO[bytes]:
    """The whole year: results of each kind of office, the items, every mark and appeal. For the committee."""
    with translation.override("zh-hans"):
        everything = assessment_sheets.of_year(year)
        if year.state != YearState.DRAFT:
            everything = assessment_sheets.ranked(everything)
        items = list(year.items.all())
        sheets = []
        for target in Assessed:
            own = [one for one in items if one.target == target]
            filled = [one for one in everything if one.sheet.target == target]
            sheets.append(
                Sheet(
                    target.label.replace("（", "").replace("）", ""),
                    _result_columns(own),
                    _results(own, filled),
                )
            )
        details: list[list[Value]] = [
            [filled.sheet.name, *line] for filled in everything for line in _lines(filled)
        ]
        sheets.append(Sheet(_("逐项明细"), ((_("单位"), 30), *LINES), details))
        sheets.append(Sheet(_("项目说明"), ITEMS, _items(items)))
        return exports.book(sheets)


def sheet_book(filled: Filled) -> IO[bytes]:
    """One office's sheet with what its items mean."""
    with translation.override("zh-hans"):
        own = [line.item for line in filled.lines]
        return exports.book(
            [Sheet(_("考核表"), LINES, _lines(filled)), Sheet(_("项目说明"), ITEMS, _items(own))]
        )


def pdf(filled: Filled) -> bytes:
    """One office's sheet on paper, in Chinese. Raises TypesettingFailed."""
    year = filled.sheet.year
    at = year.signed_at or year.published_at or year.counted_at
    assert at is not None  # a sheet has been counted
    with translation.override("zh-hans"):
        return typeset(TEMPLATE, _data(filled), at=at)


def _data(filled: Filled) -> dict[str, Any]:
    year = filled.sheet.year
    at, counted = year.signed_at or year.published_at or year.counted_at, year.counted_at
    assert at is not None and counted is not None
    signed = year.state == YearState.SIGNED
    return {
        "title": title_of(year),
        "office": filled.sheet.name,
        "issuer": _("%(place)s委政法委") % {"place": year.place.name},
        "date": f"{at.astimezone(SHANGHAI):%Y-%m-%d}",
        "draft": "" if signed else _("未签定"),
        "facts": [
            [_("总分"), str(filled.total) if filled.total is not None else _("没有可评事项")],
            *([[_("名次"), str(filled.rank) if filled.rank else _("不排名")]] if signed else []),
        ],
        "head": [
            str(label)
            for label in (_("项目"), _("算法或依据"), _("数字"), _("分值"), _("得分"), _("理由、申诉和裁定"))
        ],
        "rows": [
            [line.item.name, line.item.purpose, _made_of(line), _points(line.item), _score(line), _said(line)]
            for line in filled.lines
        ],
        "note": str(NOTE),
        "foot": _("数字截至 %(at)s，指标规则版本 %(version)s。")
        % {"at": f"{counted.astimezone(SHANGHAI):%Y-%m-%d %H:%M}", "version": year.rules_version},
        "page": _("第 {page} 页，共 {pages} 页"),
    }


def _said(line: Line) -> str:
    found = [_reasons(line)]
    if line.appeal is not None:
        found.append(_("申诉：%(text)s") % {"text": line.appeal.reason})
        found.append(_("裁定：%(text)s") % {"text": _answer(line)})
    return "\n".join(one for one in found if one)
