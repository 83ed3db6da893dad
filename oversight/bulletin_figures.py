"""What stands in a bulletin: its tables and its first words, as everybody may read them, in Chinese: it is an office's paper."""

from __future__ import annotations

from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext as _

from cases.periods import Period
from grids.models import Division
from oversight import figures, rankings, tables
from oversight.indicators import ALL, BY_CODE, Indicator, Subject, Value
from oversight.models import BulletinKind
from oversight.rankings import Target
from oversight.suppression import small
from oversight.tables import Grouping

# Who is ranked in which.
RANKED: Final = {
    BulletinKind.QUARTERLY: (Target.TOWNSHIP, Target.DEPARTMENT, Target.WORKER),
    BulletinKind.VILLAGES: (Target.VILLAGE,),
}


def _cell(value: Value | None) -> dict[str, Any]:
    """A figure as a bulletin keeps it: what is shown, and what it is made of."""
    if value is None:
        return {"text": _("不公布")}
    return {"text": str(value), "numerator": value.numerator, "denominator": value.denominator}


def _sum_cell(value: Value) -> dict[str, Any]:
    """A figure of a whole place. Of disputes a small number is not told either: a county may have one township only."""
    numbers = (value.numerator, value.denominator or 0)
    hidden = value.indicator.subject == Subject.MEDIATION and any(map(small, numbers))
    return _cell(None if hidden else value)


def _kept(title: str, head: str, columns: list[str], rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"title": title, "head": head, "columns": columns, "rows": rows}


def _row(label: str, cells: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"label": label, "cells": cells, **more}


def _summary(place: Division, period: Period) -> dict[str, Any]:
    rows = [
        _row(str(one.indicator.name), [_sum_cell(value) for value in (one.now, one.before, one.year_before)])
        for one in figures.compared(ALL, period, place)
    ]
    return _kept(_("总体指标"), _("指标"), [_("本时段"), _("前一时段"), _("去年同期")], rows)


def _table(subject: Subject, grouping: Grouping, place: Division, period: Period) -> dict[str, Any]:
    """A table as everybody may read it; rows without anything are left out."""
    made = tables.make(subject, grouping, period, place)
    rows = [row for row in made.rows if made.measures & row.counts.keys()]
    kept = [_row(row.label, [_cell(row.value(one)) for one in made.columns], key=row.key) for row in rows]
    if made.total and made.measures & made.total.counts.keys():
        total = made.total
        kept.append(
            _row(total.label, [_sum_cell(one.value(total.counts)) for one in made.columns], total=True)
        )
    title = _("%(subject)s：按%(rows)s") % {"subject": subject.label, "rows": grouping.label}
    said = _note(made)
    found = _kept(title, made.head, [str(one.name) for one in made.columns], kept)
    return found | {"note": said} if said else found


def _note(table: tables.Table) -> str:
    """What is said of rows that are not told: everybody reads it, and in a small place knows whose dispute one is."""
    if table.withheld:
        return _("各地的数字都很小，不分地方公布。")
    if all(row.told for row in table.rows):
        return ""
    return _("有 1 件或 2 件的地方不公布；为了不能从合计推算，另有一个地方也不公布。")


def _ranking(target: Target, place: Division, period: Period) -> dict[str, Any]:
    weights = rankings.weights()[target]
    rows = [
        _row(
            line.label,
            [
                {"text": str(line.rank) if line.rank else _("不排名")},
                {"text": str(line.score) if line.score is not None else "—"},
                *(_cell(value) for value in line.values),
            ],
            key=line.key,
            rank=line.rank,
            score=None if line.score is None else str(line.score),
        )
        for line in rankings.make(target, period, place)
    ]
    heads = [
        _("%(name)s（权重 %(weight)s）") % {"name": BY_CODE[code].name, "weight": weight}
        for code, weight in weights.items()
    ]
    title = _("%(target)s排名") % {"target": target.label}
    return _kept(title, str(target.label), [_("名次"), _("得分"), *heads], rows) | {"target": target.value}


def _used(kind: BulletinKind) -> list[Indicator]:
    if kind == BulletinKind.MONTHLY:
        return list(ALL)
    weights = rankings.weights()
    return [BY_CODE[code] for code in dict.fromkeys(code for one in RANKED[kind] for code in weights[one])]


def figures_of(kind: BulletinKind, place: Division, period: Period) -> dict[str, Any]:
    """The tables of a bulletin, and what their indicators mean."""
    with translation.override("zh-hans"):
        if kind == BulletinKind.MONTHLY:
            made = [
                _summary(place, period),
                _table(Subject.INCIDENT, Grouping.PLACE, place, period),
                _table(Subject.INCIDENT, Grouping.OFFICE, place, period),
                _table(Subject.WHISTLE, Grouping.OFFICE, place, period),
                _table(Subject.MEDIATION, Grouping.PLACE, place, period),
                _table(Subject.INCIDENT, Grouping.CATEGORY, place, period),
            ]
        else:
            made = [_ranking(target, place, period) for target in RANKED[kind]]
        return {"tables": made, "definitions": list(tables.definitions(_used(kind)))}


def first_words(kind: BulletinKind, place: Division, period: Period) -> dict[str, str]:
    """A beginning that the committee rewords."""
    with translation.override("zh-hans"):
        counts = figures.counts(period, place)
        said = {
            code: BY_CODE[code].value(counts) for code in ("reports", "archive_rate", "on_time_archive_rate")
        }
        opening = _(
            "%(first)s 至 %(last)s，%(place)s共上报事件 %(reports)s 件，结案率 %(archived)s，按期结案率 %(on_time)s。"
        ) % {
            "first": period.first.isoformat(), "last": period.last.isoformat(), "place": place.name,
            "reports": said["reports"], "archived": said["archive_rate"], "on_time": said["on_time_archive_rate"],
        }  # fmt: skip
    return {"opening": opening, "remarks": "", "demands": ""}
