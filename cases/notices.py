"""Who is told of an entry of the record, and the outbox of what is sent outside for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from django.conf import settings
from django.db import connection
from django.db.models import Q

from accounts.models import Post, User
from accounts.roles import CENTRE_ROLES, Role
from cases import parts
from cases.divisions import above
from cases.models import Case, CaseEvent, Notice
from cases.offices import Office
from grids import clock


def _people(posts: Q, case: Case) -> set[User]:
    """The holders of such posts held today, without those whose role may not see a sensitive matter."""
    held = Post.objects.held_on(clock.today()).filter(posts, user__is_active=True).select_related("user")
    if case.sensitive:
        held = held.filter(role__in=case.visible_roles)
    return {post.user for post in held}


def _at(office: Office) -> Q:
    """Posts at an office that work on matters: its centre staff, its officers, a grid's worker."""
    return Q(role__in=[*CENTRE_ROLES, Role.DEPARTMENT_OFFICER, Role.GRID_WORKER], **office.columns)


def _above(case: Case) -> Q:
    upper = above(case.office)
    if upper is None:
        return Q(role=Role.COMMITTEE, division=case.office)
    return Q(role__in=CENTRE_ROLES, division=upper)


def office_audience(office: Office, case: Case) -> set[User]:
    """Everybody at an office who works on matters."""
    return _people(_at(office), case)


def above_audience(case: Case) -> set[User]:
    """The centre of the level above the office in charge; at the top, the committee."""
    return _people(_above(case), case)


def overdue_audience(case: Case, holder: Office) -> set[User]:
    """Of a breach: the office that owed it, the centre in charge and the level above (domain rules, section 4)."""
    return _people(_at(holder) | _at(Office.of(case.office)) | _above(case), case)


def part_audience(case: Case, kinds: Iterable[str]) -> set[User]:
    """Those who hold an open part of the given kinds: the named person, else the whole office."""
    people: set[User] = set()
    for part in parts.held(case, list(kinds)):
        people |= _person(part.post_id, case) if part.post_id else office_audience(part.office, case)
    return people


def _person(post_id: int, case: Case) -> set[User]:
    """A person named by a post, as long as they hold any post today; else the post's office."""
    post = Post.objects.select_related("user").get(pk=post_id)
    still = Post.objects.held_on(clock.today()).filter(user=post.user_id).exists()
    return {post.user} if still and post.user.is_active else office_audience(Office.of(post), case)


def tell(event: CaseEvent, people: Iterable[User]) -> None:
    """Put the entry into the inboxes of people and queue what goes outside. Who wrote it is not told of it."""
    tell_all([(event, people)])


def tell_all(told: Iterable[tuple[CaseEvent, Iterable[User]]]) -> None:
    """Tell people of many entries, as `tell` does of one."""
    notices: list[tuple[object, ...]] = []
    outgoing: list[tuple[object, ...]] = []
    for event, people in told:
        readers = [person for person in set(people) if person.pk != event.actor_id]
        notices += [(person.pk, event.case_id, event.pk, event.at) for person in readers]
        outgoing += [(event.pk, person.pk, "email", event.at) for person in readers if person.email]
        if settings.GEZHI_WEBHOOK_URL and readers:
            outgoing.append((event.pk, None, "webhook", event.at))
    _insert(_NOTICES, notices)
    _insert(_DELIVERIES, outgoing)


# One array for each column: ten times faster than as many values for many rows, and this is done at every move.
_NOTICES: Final = """
    INSERT INTO cases_notice (recipient_id, case_id, event_id, created_at)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[]) ON CONFLICT DO NOTHING
"""
_DELIVERIES: Final = """
    INSERT INTO cases_delivery (event_id, recipient_id, channel, next_at, attempts, error)
    SELECT *, 0, '' FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::timestamptz[]) ON CONFLICT DO NOTHING
"""


def _insert(statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)])


def unread_count(user: User) -> int:
    return Notice.objects.filter(Q(recipient=user), read_at__isnull=True).count()
