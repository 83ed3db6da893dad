"""Many people at once, and the very first ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policies, record
from accounts.errors import Invalid, invalid
from accounts.models import AdminAction, Language, Post, User
from accounts.record import Entry
from accounts.roles import ADMIN_ROLES, Role
from accounts.services.access import new_link
from accounts.services.people import insert_user, prepared_user
from accounts.services.posts import acting_errors, date_errors, described, place_errors
from grids import clock
from grids.models import Department, Division
from grids.wording import listed

FIRST_ADMINISTRATORS = {
    Role.SYSTEM_ADMIN: "sysadmin",
    Role.SECURITY_ADMIN: "secadmin",
    Role.AUDIT_ADMIN: "auditor",
}


@dataclass(frozen=True)
class Enrolment:
    """A new person with one post."""

    username: str
    name: str
    role: Role
    starts_on: date
    division: Division | None = None
    department: Department | None = None
    ends_on: date | None = None
    is_head: bool = False
    is_leader_on_duty: bool = False
    phone: str = ""
    email: str = ""
    language: str = Language.CHINESE


def first_administrators(usernames: dict[Role, str] | None = None) -> dict[str, str]:
    """Makes the three administrators of an empty installation. Returns the secret of each one's link by user name.

    Raises: Invalid when any administrator's post is held today or begins later, or a user name is taken.
    """
    chosen = {**FIRST_ADMINISTRATORS, **(usernames or {})}
    links = {}
    with transaction.atomic():
        record.lock()
        today = clock.today()
        if Post.objects.ending_after(today).filter(role__in=ADMIN_ROLES, user__is_active=True).exists():
            raise invalid("", _("已有管理员，不再建立。"))
        for role in sorted(ADMIN_ROLES):
            links[chosen[role]] = _first_administrator(role, chosen[role], today)
    return links


def _first_administrator(role: Role, username: str, today: date) -> str:
    user = prepared_user(
        username=username, name=str(role.label), email="", phone="", language=Language.CHINESE
    )
    insert_user(user)
    post = Post(user=user, role=role, starts_on=today)
    post.save(force_insert=True)
    record.append(
        Entry(AdminAction.USER_CREATED, user=user, data={"username": user.username}),
        Entry(AdminAction.POST_GIVEN, user=user, post=post, data=described(post)),
        by=None,
    )
    return new_link(user)


def enrol(
    people: Sequence[Enrolment], *, by_accounts: User, by_posts: User, password: str | None = None
) -> list[Post]:
    """Makes accounts with one post each in one transaction, and one entry each for account and post.

    With `password` everybody gets that one (for a demonstration, where it is made up at random each time); without,
    nobody can sign in before a one-time link is issued. The same rules as for single accounts and posts hold.
    Raises: Refused unless the two are a system and a security administrator; Invalid naming the person, before
    anything is saved.
    """
    policies.require(by_accounts, Role.SYSTEM_ADMIN, policies.ONLY_SYSTEM)
    policies.require(by_posts, Role.SECURITY_ADMIN, policies.ONLY_SECURITY)
    posts = [_prepared_post(person, by_posts) for person in people]
    check_new_names([post.user.username for post in posts])
    if password is not None:
        hashed = make_password(password)
        for post in posts:
            post.user.password, post.user.must_change_password = hashed, False
    with transaction.atomic():
        users = User.objects.bulk_create([post.user for post in posts])
        for post, user in zip(posts, users, strict=True):
            post.user = user
        Post.objects.bulk_create(posts)
        created = [Entry(AdminAction.USER_CREATED, user, data={"username": user.username}) for user in users]
        record.append(*created, by=by_accounts)
        given = [Entry(AdminAction.POST_GIVEN, post.user, post, described(post)) for post in posts]
        record.append(*given, by=by_posts)
    return posts


def _prepared_post(person: Enrolment, by: User) -> Post:
    try:
        user = prepared_user(
            username=person.username,
            name=person.name,
            email=person.email,
            phone=person.phone,
            language=person.language,
        )
        post = Post(
            user=user,
            role=person.role,
            division=person.division,
            department=person.department,
            starts_on=person.starts_on,
            ends_on=person.ends_on,
            is_head=person.is_head,
            is_leader_on_duty=person.is_leader_on_duty,
            given_by=by,
        )
        errors = {**place_errors(post), **date_errors(post), **acting_errors(post)}
        if errors:
            raise Invalid({field: [reason] for field, reason in errors.items()})
    except Invalid as error:
        raise Invalid({f"{person.username}.{field}": why for field, why in error.errors.items()}) from error
    return post


def check_new_names(usernames: list[str]) -> None:
    taken = set(User.objects.filter(username__in=usernames).values_list("username", flat=True))
    twice = {name for name, count in Counter(usernames).items() if count > 1}
    if taken | twice:
        names = listed(sorted(taken | twice))
        raise invalid("username", _("用户名已被使用：%(names)s") % {"names": names})
