"""How a deadline looks: the one place that turns its row into colour, icon and words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.utils.translation import gettext as _

from cases.words import countdown, duration


class DeadlineLike(Protocol):
    """What a chip reads: a `cases.models.Deadline`, or any row that carries the same instants.

    `soon_at` may be set by a list's query to the instant of the reminder; without it the light turns yellow
    at the same share (GEZHI_REMIND_SHARE) of the plain span.
    """

    started_at: datetime
    due_at: datetime
    provisional: bool
    paused_at: datetime | None
    met_at: datetime | None
    missed_at: datetime | None
    cancelled_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeadlineLook:
    """What the chip shows. `ticking` chips are counted down in the browser; `at` is the instant beside the words."""

    look: str  # ok, soon, over, paused, met, late, off
    icon: str
    word: str
    words: str
    at: datetime | None
    soon_at: datetime | None = None
    provisional: bool = False

    @property
    def ticking(self) -> bool:
        return self.soon_at is not None


def _soon_at(deadline: DeadlineLike) -> datetime:
    known = getattr(deadline, "soon_at", None)
    if isinstance(known, datetime):
        return known
    return deadline.started_at + (deadline.due_at - deadline.started_at) * float(settings.GEZHI_REMIND_SHARE)


def _ended(deadline: DeadlineLike) -> DeadlineLook | None:
    """The look of a duty that no longer runs, or None."""
    if deadline.met_at is not None:
        if deadline.met_at < deadline.due_at:
            return DeadlineLook("met", "check", _("按时完成"), _("按时完成"), deadline.met_at)
        over = _("超期 %(span)s完成") % {"span": duration(deadline.met_at - deadline.due_at)}
        return DeadlineLook("late", "check", _("超期完成"), over, deadline.met_at)
    if deadline.cancelled_at is not None:
        return DeadlineLook("off", "minus", _("不再计时"), _("不再计时"), None)
    if deadline.paused_at is not None:
        rest = duration(deadline.due_at - deadline.paused_at)
        return DeadlineLook(
            "paused", "pause", _("暂停计时"), _("暂停计时，剩 %(span)s") % {"span": rest}, None
        )
    return None


def deadline_look(deadline: DeadlineLike, now: datetime) -> DeadlineLook:
    """Colour, icon and words of a deadline at `now`."""
    ended = _ended(deadline)
    if ended is not None:
        return ended
    soon_at = _soon_at(deadline)
    look, icon, word = "ok", "clock", _("正常")
    if now >= deadline.due_at:
        look, icon, word = "over", "alert", _("已超期")
    elif now >= soon_at:
        look, icon, word = "soon", "hourglass", _("将到期")
    words = countdown(deadline.due_at, now)
    if look == "soon":
        words = _("将到期，%(left)s") % {"left": words}
    return DeadlineLook(look, icon, word, words, deadline.due_at, soon_at, deadline.provisional)
