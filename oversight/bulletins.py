"""Making bulletins and rankings on schedule, counting them again while they are drafts, rewording and releasing them.

Everything that a bulletin shows stands in it: a released one is never computed again, whatever becomes of the record, the
names or the rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.db.models import Min
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Post
from accounts.roles import Role
from cases.errors import Incomplete, NotAllowed, WrongState
from cases.periods import Period
from grids import clock
from grids.models import Division, DivisionLevel
from oversight import bulletin_figures, summaries, village_money
from oversight.indicators import RULES_VERSION
from oversight.models import Bulletin, BulletinEntry, BulletinKind, BulletinState, Tally

# The parts of the words that the committee writes with the figures.
PARTS: Final = {
    "opening": gettext_lazy("总体情况"),
    "remarks": gettext_lazy("存在的问题"),
    "demands": gettext_lazy("工作要求"),
}
MOST_WORDS: Final = 4000


def _now() -> datetime:
    return clock.now()


def places() -> Iterator[Division]:
    """Who has bulletins: every city or county whose committee has somebody."""
    seats = Post.objects.held_on(clock.today()).filter(role=Role.COMMITTEE).values("division")
    yield from Division.objects.filter(
        pk__in=seats, level__in=[DivisionLevel.CITY, DivisionLevel.COUNTY]
    ).order_by("code")


def due_periods(today: date) -> list[tuple[BulletinKind, Period]]:
    """The last month, the last quarter and the last year that are over, if anything is counted by then."""
    begun = Tally.objects.aggregate(first=Min("day"))["first"]
    wanted = [
        (BulletinKind.MONTHLY, Period.month_of(today).before()),
        (BulletinKind.QUARTERLY, Period.quarter_of(today).before()),
        (BulletinKind.VILLAGES, Period.of_year(today.year - 1)),
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
                "words": bulletin_figures.first_words(kind, place, period),
                "figures": bulletin_figures.figures_of(kind, place, period),
                "villages": village_money.FIRST if kind == BulletinKind.VILLAGES else None,
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


def check_reviewer(bulletin: Bulletin, by: Post) -> None:
    """Raises NotAllowed for everybody but the committee of the bulletin's place."""
    if by.role != Role.COMMITTEE or by.division_id != bulletin.place_id:
        raise NotAllowed(_("通报和排名由本级政法委审定。"))


def seen_of(pk: int) -> str:
    """By what it is known later whether a bulletin is still as it was read: how often anything was done to it."""
    return str(BulletinEntry.objects.filter(bulletin=pk).count())


def _draft(bulletin: Bulletin, by: Post) -> Bulletin:
    """The bulletin, locked, if this post may change it. Raises NotAllowed or WrongState."""
    check_reviewer(bulletin, by)
    locked = Bulletin.objects.select_for_update().get(pk=bulletin.pk)
    if locked.state != BulletinState.DRAFT:
        raise WrongState(_("已经发布，不能再改。"), state=locked.state)
    return locked


def _check_seen(bulletin: Bulletin, seen: str) -> None:
    """Raises WrongState when anything was done to a bulletin since it was read."""
    if seen == seen_of(bulletin.pk):
        return
    last = bulletin.entries.select_related("post__user").latest("pk")
    message = _(
        "打开这一页以后，%(name)s又做了“%(what)s”。您写的都还在，但没有保存：请对照现在的内容改好，再保存。"
    )
    values = {"name": last.post.user.name if last.post else _("系统"), "what": last.get_what_display()}
    raise WrongState(message % values, state=bulletin.state, code="moved_on")


@transaction.atomic
def review(
    bulletin: Bulletin, written: Mapping[str, Any], *, by: Post, seen: str, then: str = ""
) -> Bulletin:
    """What the committee has written on a draft that it read as `seen`, and with it "count" or "release".

    `written`: the words by their parts; of project money also `fund` (yuan, None for not yet) and `villages`. Either
    all of it is done or nothing. Raises NotAllowed, WrongState for a released one and for one that has changed since,
    Incomplete for money that cannot be shared and for releasing project money without a fund.
    """
    locked = _draft(bulletin, by)
    _check_seen(locked, seen)
    if _words(written) != locked.words:
        locked = reword(locked, written, by=by)
    money = (written.get("fund"), written.get("villages"))
    if locked.kind == BulletinKind.VILLAGES and money != (locked.fund, locked.villages):
        locked = fund(locked, *money, by=by)
    if then == "count":
        return count_again(locked, by=by)
    return release(locked, by=by) if then == "release" else locked


@transaction.atomic
def count_again(bulletin: Bulletin, *, by: Post) -> Bulletin:
    """The figures of a draft as they are now. Raises NotAllowed, or WrongState for a released one."""
    locked, now = _draft(bulletin, by), _now()
    figures = bulletin_figures.figures_of(BulletinKind(locked.kind), locked.place, locked.period)
    locked.figures = _with_money(locked, figures)
    locked.rules_version, locked.figured_at = RULES_VERSION, now
    locked.save(update_fields=["figures", "rules_version", "figured_at"])
    _enter(locked, "counted", by, now)
    return locked


def _words(written: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(written.get(name, "")).strip() for name in PARTS}


@transaction.atomic
def reword(bulletin: Bulletin, words: Mapping[str, Any], *, by: Post) -> Bulletin:
    """Other words with the figures of a draft. Raises NotAllowed, or WrongState for a released one."""
    locked, now = _draft(bulletin, by), _now()
    locked.words = _words(words)
    locked.save(update_fields=["words"])
    _enter(locked, "reworded", by, now)
    return locked


@transaction.atomic
def fund(bulletin: Bulletin, yuan: Decimal | None, villages: int | None, *, by: Post) -> Bulletin:
    """How much project money is shared among how many of the first villages; None: not known yet.

    The ranking stays as it was counted. Raises NotAllowed, WrongState for a released one, Incomplete where nobody can
    get any.
    """
    locked, now = _draft(bulletin, by), _now()
    locked.fund, locked.villages = yuan, villages or village_money.FIRST
    locked.figures = _with_money(locked, locked.figures)
    locked.save(update_fields=["fund", "villages", "figures"])
    _enter(locked, "funded", by, now)
    return locked


def _with_money(bulletin: Bulletin, made: dict[str, Any]) -> dict[str, Any]:
    """Figures with the shares of the fund that the committee has written down, in Chinese as they all are."""
    if bulletin.villages is None:
        return made
    bare = [village_money.without_money(table) for table in made["tables"]]
    if bulletin.fund is None:
        return made | {"tables": bare}
    with translation.override("zh-hans"):
        return made | {
            "tables": [village_money.with_money(table, bulletin.fund, bulletin.villages) for table in bare]
        }


@transaction.atomic
def release(bulletin: Bulletin, *, by: Post) -> Bulletin:
    """Everybody sees it from now on, and it never changes again.

    Raises NotAllowed, WrongState for a released one, Incomplete for project money without a fund.
    """
    locked, now = _draft(bulletin, by), _now()
    if locked.kind == BulletinKind.VILLAGES and locked.fund is None:
        message = _("发布前要填写资金总额。")
        raise Incomplete(message, errors={"fund": [message]})
    locked.state, locked.released_at, locked.released_by = BulletinState.RELEASED, now, by
    locked.save(update_fields=["state", "released_at", "released_by"])
    _enter(locked, "released", by, now)
    return locked
