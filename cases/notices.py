"""Who is told of an entry of the record, and the outbox of what is sent outside for it."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q, QuerySet

from accounts.models import Post, User
from accounts.roles import CENTRE_ROLES, Role
from cases.divisions import above
from cases.models import Case, CaseEvent, Delivery, Notice, Part
from cases.offices import Office
from grids import clock


def _people(posts: QuerySet[Post], case: Case) -> set[User]:
    """The holders of posts held today, without those whose role may not see a sensitive matter."""
    held = posts.filter(pk__in=Post.objects.held_on(clock.today())).select_related("user")
    if case.sensitive:
        held = held.filter(role__in=case.visible_roles)
    return {post.user for post in held if post.user.is_active}


def office_audience(office: Office, case: Case) -> set[User]:
    """Everybody at an office who works on matters: its centre staff, its officers, a grid's worker."""
    roles = [*CENTRE_ROLES, Role.DEPARTMENT_OFFICER, Role.GRID_WORKER]
    return _people(Post.objects.filter(role__in=roles, **office.columns), case)


def above_audience(case: Case) -> set[User]:
    """The centre of the level above the office in charge; at the top, the committee."""
    upper = above(case.office)
    if upper is None:
        return _people(Post.objects.filter(role=Role.COMMITTEE, division=case.office), case)
    return _people(Post.objects.filter(role__in=CENTRE_ROLES, division=upper), case)


def overdue_audience(case: Case, holder: Office) -> set[User]:
    """Of a breach: the office that owed it, the centre in charge and the level above (domain rules, section 4)."""
    return (
        office_audience(holder, case) | office_audience(Office.of(case.office), case) | above_audience(case)
    )


def part_audience(case: Case, kinds: Iterable[str]) -> set[User]:
    """Those who hold an open part of the given kinds: the named person, else the whole office."""
    people: set[User] = set()
    parts = Part.objects.filter(case=case, kind__in=list(kinds), ended_at__isnull=True)
    for part in parts.select_related("post__user", "department", "division"):
        if part.post is not None:
            people |= _reporter_or_person(part.post, case)
        else:
            people |= office_audience(Office.of(part.holder), case)
    return people


def _reporter_or_person(post: Post, case: Case) -> set[User]:
    """A person named by a post, as long as they hold any post today; else the post's office."""
    still = Post.objects.held_on(clock.today()).filter(user=post.user_id).exists()
    return {post.user} if still and post.user.is_active else office_audience(Office.of(post), case)


def tell(event: CaseEvent, people: Iterable[User]) -> None:
    """Put the entry into the inboxes of people and queue what goes outside. Who wrote it is not told of it."""
    now = event.at
    told = [person for person in set(people) if person.pk != event.actor_id]
    Notice.objects.bulk_create(
        [Notice(recipient=person, case_id=event.case_id, event=event, created_at=now) for person in told],
        ignore_conflicts=True,
    )
    outgoing = [
        Delivery(event=event, recipient=person, channel="email", next_at=now)
        for person in told
        if person.email
    ]
    if settings.GEZHI_WEBHOOK_URL and told:
        outgoing.append(Delivery(event=event, channel="webhook", next_at=now))
    Delivery.objects.bulk_create(outgoing, ignore_conflicts=True)


def unread_count(user: User) -> int:
    return Notice.objects.filter(Q(recipient=user), read_at__isnull=True).count()
