"""Making bulletins and rankings on schedule, counting them again while they are drafts, rewording and releasing them.

Everything that a bulletin shows stands in it: a released one is never computed again, whatever becomes of the record, the
names or the rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Min
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Post
from accounts.roles import Role
from cases.errors import NotAllowed, WrongState
from cases.periods import Period
from grids import clock
from grids.models import Division, DivisionLevel
from oversight import figures, rankings, summaries, tables
from oversight.indicators import ALL, BY_CODE, RULES_VERSION, Indicator, Subject, Value
from oversight.models import Bulletin, BulletinEntry, BulletinKind, BulletinState, Tally
from oversight.rankings import Target
from oversight.tables import Grouping

# The parts of the words that the committee writes with the figures.
PARTS: Final = {
    "opening": gettext_lazy("总体情况"),
    "remarks": gettext_lazy("存在的问题"),
    "demands": gettext_lazy("工作要求"),
}
MOST_WORDS: Final = 4000


def _now() -> datetime:
    return clock.now()


# --- what is counted


def _cell(value: Value | None) -> dict[str, Any]:
    """A figure as a bulletin keeps it: what is shown, and what it is made of."""
    if value is None:
        return {"text": _("不公布")}
    return {"text": str(value), "numerator": value.numerator, "denominator": value.denominator}


def _kept(title: str, head: str, columns: list[str], rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"title": title, "head": head, "columns": columns, "rows": rows}


def _row(label: str, cells: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"label": label, "cells": cells, **more}


def _summary(place: Division, period: Period) -> dict[str, Any]:
    """The figures of the whole place, beside those of the periods that they are compared with."""
    closed = [_closed(place, span) for span in (period, period.before(), period.year_before())]
    rows = [
        _row(
            str(one.indicator.name),
            [
                _cell(None if one.indicator.subject in subjects else value)
                for value, subjects in zip((one.now, one.before, one.year_before), closed, strict=True)
            ],
        )
        for one in figures.compared(ALL, period, place)
    ]
    return _kept(_("总体指标"), _("指标"), [_("本时段"), _("前一时段"), _("去年同期")], rows)


def _closed(place: Division, period: Period) -> set[Subject]:
    """The subjects whose sum would give back a small number that their tables do not tell."""
    by = (Grouping.PLACE, Grouping.CATEGORY)
    found = (tables.make(Subject.MEDIATION, grouping, period, place) for grouping in by)
    return {table.subject for table in found if table.hides_total}


def _table(subject: Subject, grouping: Grouping, place: Division, period: Period) -> dict[str, Any]:
    """A table as everybody may read it; rows without anything are left out."""
    made = tables.make(subject, grouping, period, place)
    wanted = {name for one in made.columns for name in one.measures}
    rows = [
        _row(row.label, [_cell(row.value(one)) for one in made.columns])
        for row in [*made.rows, *([made.total] if made.total else [])]
        if wanted & row.counts.keys()
    ]
    title = _("%(subject)s：按%(rows)s") % {"subject": subject.label, "rows": grouping.label}
    return _kept(title, made.head, [str(one.name) for one in made.columns], rows)


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
    return [
        BY_CODE[code] for code in dict.fromkeys(code for one in rankings.weights().values() for code in one)
    ]


def _figures(kind: BulletinKind, place: Division, period: Period) -> dict[str, Any]:
    """The tables of a bulletin, in Chinese: it is an office's paper."""
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
            made = [_ranking(target, place, period) for target in Target]
        return {"tables": made, "definitions": list(tables.definitions(_used(kind)))}


def _first_words(kind: BulletinKind, place: Division, period: Period) -> dict[str, str]:
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


# --- the life of a bulletin


def places() -> Iterator[Division]:
    """Who has bulletins: every city or county whose committee has somebody."""
    seats = Post.objects.held_on(clock.today()).filter(role=Role.COMMITTEE).values("division")
    yield from Division.objects.filter(
        pk__in=seats, level__in=[DivisionLevel.CITY, DivisionLevel.COUNTY]
    ).order_by("code")


def due_periods(today: date) -> list[tuple[BulletinKind, Period]]:
    """The last month and the last quarter that are over, if anything is counted by then."""
    begun = Tally.objects.aggregate(first=Min("day"))["first"]
    wanted = [
        (BulletinKind.MONTHLY, Period.month_of(today).before()),
        (BulletinKind.QUARTERLY, Period.quarter_of(today).before()),
    ]
    return [(kind, period) for kind, period in wanted if begun is not None and begun <= period.last]


def make_due() -> list[Bulletin]:
    """Make the drafts that are due and not there yet; safe to repeat, by any number at once. Returns the new ones."""
    summaries.refresh_all()
    made = []
    for place in places():
        for kind, period in due_periods(clock.today()):
            bulletin = _make(kind, place, period)
            if bulletin is not None:
                made.append(bulletin)
    return made


def _make(kind: BulletinKind, place: Division, period: Period) -> Bulletin | None:
    if Bulletin.objects.filter(kind=kind, place=place, first=period.first).exists():
        return None
    now = _now()
    with transaction.atomic():
        bulletin, new = Bulletin.objects.get_or_create(
            kind=kind,
            place=place,
            first=period.first,
            defaults={
                "last": period.last,
                "words": _first_words(kind, place, period),
                "figures": _figures(kind, place, period),
                "rules_version": RULES_VERSION,
                "made_at": now,
                "figured_at": now,
            },
        )
        if not new:
            return None
        _enter(bulletin, "made", None, now)
    return bulletin


def _enter(bulletin: Bulletin, what: str, by: Post | None, at: datetime) -> None:
    BulletinEntry.objects.create(bulletin=bulletin, what=what, post=by, at=at)


def _draft(bulletin: Bulletin, by: Post) -> Bulletin:
    """The bulletin, locked, if this post may change it. Raises NotAllowed or WrongState."""
    if by.role != Role.COMMITTEE or by.division_id != bulletin.place_id:
        raise NotAllowed(_("通报和排名由本级政法委审定。"))
    locked = Bulletin.objects.select_for_update().get(pk=bulletin.pk)
    if locked.state != BulletinState.DRAFT:
        raise WrongState(_("已经发布，不能再改。"), state=locked.state)
    return locked


@transaction.atomic
def count_again(bulletin: Bulletin, *, by: Post) -> Bulletin:
    """The figures of a draft as they are now. Raises NotAllowed, or WrongState for a released one."""
    locked, now = _draft(bulletin, by), _now()
    locked.figures = _figures(BulletinKind(locked.kind), locked.place, locked.period)
    locked.rules_version, locked.figured_at = RULES_VERSION, now
    locked.save(update_fields=["figures", "rules_version", "figured_at"])
    _enter(locked, "counted", by, now)
    return locked


@transaction.atomic
def reword(bulletin: Bulletin, words: Mapping[str, str], *, by: Post) -> Bulletin:
    """Other words with the figures of a draft. Raises NotAllowed, or WrongState for a released one."""
    locked, now = _draft(bulletin, by), _now()
    locked.words = {name: words.get(name, "").strip() for name in PARTS}
    locked.save(update_fields=["words"])
    _enter(locked, "reworded", by, now)
    return locked


@transaction.atomic
def release(bulletin: Bulletin, *, by: Post) -> Bulletin:
    """Everybody sees it from now on, and it never changes again. Raises NotAllowed, or WrongState for a released one."""
    locked, now = _draft(bulletin, by), _now()
    locked.state, locked.released_at, locked.released_by = BulletinState.RELEASED, now, by
    locked.save(update_fields=["state", "released_at", "released_by"])
    _enter(locked, "released", by, now)
    return locked
