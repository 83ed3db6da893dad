"""Meetings by day: a month of them for who may see them, and as an iCalendar feed under a secret address."""

from __future__ import annotations

import calendar
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event
from icalendar.prop import vText

from accounts.models import Post
from accounts.roles import Role
from cases.errors import NotFound
from cases.models import Case
from cases.recusals import recused_q
from grids import clock
from grids.clock import SHANGHAI
from mediation.choices import SessionKind
from mediation.models import CalendarFeed, Session

FEED_PAST: Final = timedelta(days=60)
FEED_AHEAD: Final = timedelta(days=400)


@dataclass(slots=True)
class Day:
    """A day of a month as the calendar shows it. `inside`: whether it is of that month."""

    on: date
    inside: bool
    today: bool
    sessions: list[Session] = field(default_factory=list)


def sessions_of(post: Post) -> QuerySet[Session]:
    """The meetings that a post may see: a mediator those of the own committee's disputes, and where one is invited.

    For an office that watches over disputes: when and where, of those in its scope.
    """
    rows = Session.objects.exclude(state="cancelled").select_related(
        "case__place__parent", "docket__committee"
    )
    scope = Case.objects.in_scope_of_post(post).filter(kind="mediation").exclude(recused_q(post.user))
    own = scope.filter(office=post.division) if post.role == Role.MEDIATOR else scope
    invited = Q(invitations__post=post, case__in=scope.values("pk"))
    return rows.filter(Q(case__in=own.values("pk")) | invited).distinct()


def month_of(post: Post, first: date) -> list[list[Day]]:
    """The weeks of a month, Monday first, with the meetings of each day in their order."""
    weeks = calendar.Calendar(firstweekday=0).monthdatescalendar(first.year, first.month)
    since = datetime.combine(weeks[0][0], time(), SHANGHAI)
    until = datetime.combine(weeks[-1][-1] + timedelta(days=1), time(), SHANGHAI)
    today = clock.today()
    days = {day: Day(day, day.month == first.month, day == today) for week in weeks for day in week}
    for session in (
        sessions_of(post).filter(starts_at__gte=since, starts_at__lt=until).order_by("starts_at", "pk")
    ):
        days[clock.local_day(session.starts_at)].sessions.append(session)
    return [[days[day] for day in week] for week in weeks]


# --- the feed


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def new_address(post: Post) -> str:
    """A new secret address of the post's meetings; the one before it ends. Only its digest is kept."""
    secret = secrets.token_urlsafe(32)
    CalendarFeed.objects.update_or_create(
        post=post, defaults={"digest": _digest(secret), "created_at": clock.now()}
    )
    return f"{reverse('mediation:feed')}?{urlencode({'key': secret})}"  # logs of addresses leave out what follows ?


def end_address(post: Post) -> None:
    """The post's secret address ends."""
    CalendarFeed.objects.filter(post=post).delete()


def feed(secret: str) -> bytes:
    """The meetings of the post to which an address was given, as iCalendar (RFC 5545).

    Numbers, times and places alone: what a calendar program keeps tells nothing of who has a dispute with whom. Raises
    NotFound for an address that has ended, or of somebody whose post has.
    """
    found = CalendarFeed.objects.filter(digest=_digest(secret), post__user__is_active=True)
    held = Post.objects.held_on(clock.today())
    row = found.filter(post__in=held).select_related("post__division__parent", "post__user").first()
    if row is None:
        raise NotFound(_("这个日历地址已经失效。"))
    now = clock.now()
    rows = sessions_of(row.post).filter(starts_at__range=(now - FEED_PAST, now + FEED_AHEAD))
    return _calendar(row.post, rows.order_by("starts_at", "pk"), now)


def _calendar(post: Post, sessions: Iterable[Session], now: datetime) -> bytes:
    found = Calendar()
    found.add("prodid", "-//格治//调解会//ZH")
    found.add("version", "2.0")
    found.add("x-wr-calname", vText(_("调解会") + f" · {post.user.name}"))
    found.add("refresh-interval;value=duration", "PT30M")
    for session in sessions:
        event = Event()
        event.add("uid", f"session-{session.pk}@gezhi")
        event.add("dtstamp", now)
        event.add("dtstart", session.starts_at.astimezone(SHANGHAI))
        event.add("dtend", (session.starts_at + timedelta(minutes=session.minutes)).astimezone(SHANGHAI))
        event.add(
            "summary", f"{SessionKind(session.kind).label} {session.docket.number or session.case.number}"
        )
        event.add("location", session.place)
        found.add_component(event)
    return bytes(found.to_ical())
