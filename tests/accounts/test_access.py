"""Accounts, one-time links, passwords, first administrators and enrolment."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts import services
from accounts.errors import Invalid, Refused
from accounts.models import AdminAction, AdminEvent, OneTimeLink, Post, User
from accounts.querysets import posts_of
from accounts.record import check_chain
from accounts.roles import ADMIN_ROLES, Role
from accounts.services import Enrolment
from grids import clock as clocks
from tests.accounts.test_posts import TODAY, at_once
from tests.cast import PASSWORD, SINCE, Cast

pytestmark = pytest.mark.usefixtures("clock")
GOOD = "Xingan-2026-Qingshan"


def make_user(cast: Cast, **values: Any) -> tuple[User, str]:
    values = {"username": "wangxin", "name": "新人甲", "by": cast.sysadmin.user, **values}
    return services.create_user(**values)


WRITES: dict[str, Callable[[Cast, User], object]] = {
    "create": lambda cast, by: make_user(cast, by=by),
    "link": lambda cast, by: services.issue_one_time_link(cast.nobody, by=by),
    "deactivate": lambda cast, by: services.deactivate_user(cast.nobody, by=by),
    "reactivate": lambda cast, by: services.reactivate_user(stopped(cast.nobody), by=by),
}


def stopped(user: User) -> User:
    User.objects.filter(pk=user.pk).update(is_active=False)
    return user


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("role", list(Role))
def test_only_the_system_administrator_handles_accounts(cast: Cast, role: Role, write: str) -> None:
    by = cast.by_role(role).user
    if role == Role.SYSTEM_ADMIN:
        WRITES[write](cast, by)
        assert AdminEvent.objects.get().actor == by
        return
    accounts = User.objects.count()
    with pytest.raises(Refused):
        WRITES[write](cast, by)
    assert User.objects.count() == accounts
    assert not AdminEvent.objects.exists() and not OneTimeLink.objects.exists()


def test_a_system_administrator_does_not_handle_his_own_account(cast: Cast) -> None:
    me = cast.sysadmin.user
    for write in (services.issue_one_time_link, services.deactivate_user, services.reactivate_user):
        with pytest.raises(Refused):
            write(me, by=me)


def test_a_new_account_has_no_password_until_its_link_is_used(cast: Cast) -> None:
    user, secret = make_user(cast)
    assert not user.has_usable_password()
    services.set_first_password(secret, password=GOOD)
    user.refresh_from_db()
    assert user.check_password(GOOD) and not user.must_change_password
    assert [event.action for event in AdminEvent.objects.order_by("seq")] == [
        AdminAction.USER_CREATED,
        AdminAction.PASSWORD_FIRST_SET,
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "王新"),
        ("username", "a"),
        ("username", "worker"),
        ("username", "x" * 33),
        ("name", " "),
        ("name", "长" * 41),
        ("phone", "电话12345"),
        ("email", "not-an-address"),
        ("language", "fr"),
    ],
)
def test_a_wrong_account_names_the_field_and_saves_nothing(cast: Cast, field: str, value: str) -> None:
    accounts = User.objects.count()
    with pytest.raises(Invalid) as refused:
        make_user(cast, **{field: value})
    assert set(refused.value.errors) == {field}
    assert User.objects.count() == accounts and not AdminEvent.objects.exists()


def test_a_user_name_is_one_however_it_is_cased(cast: Cast) -> None:
    user, _secret = make_user(cast, username=" WangXin ")
    assert user.username == "wangxin"
    assert User.objects.get_by_natural_key("WANGXIN") == user


def test_the_record_and_the_table_hold_no_secret(cast: Cast) -> None:
    _user, secret = make_user(cast)
    stored = str(list(OneTimeLink.objects.values())) + str(list(AdminEvent.objects.values()))
    assert secret not in stored


def test_a_link_works_once(cast: Cast) -> None:
    user, secret = make_user(cast)
    services.set_first_password(secret, password=GOOD)
    with pytest.raises(Invalid) as refused:
        services.set_first_password(secret, password="Another-1-Password")
    assert set(refused.value.errors) == {"link"}
    user.refresh_from_db()
    assert user.check_password(GOOD)


def test_a_link_expires(cast: Cast, clock: Any) -> None:
    _user, secret = make_user(cast)
    clock.forward(hours=23, minutes=59)
    assert services.open_link(secret) is not None
    clock.forward(minutes=1)
    assert services.open_link(secret) is None
    with pytest.raises(Invalid):
        services.set_first_password(secret, password=GOOD)


def test_a_new_link_ends_the_one_before(cast: Cast) -> None:
    user, first = make_user(cast)
    second = services.issue_one_time_link(user, by=cast.sysadmin.user)
    assert services.open_link(first) is None
    assert services.open_link(second) is not None


def test_a_weak_password_leaves_the_link_unused(cast: Cast) -> None:
    _user, secret = make_user(cast)
    for weak in ("Short-1", "alllowercaseletters", "Wangxin-2026", "1234567890123", "Password1!"):
        with pytest.raises(Invalid) as refused:
            services.set_first_password(secret, password=weak)
        assert set(refused.value.errors) == {"password"}, weak
    assert services.open_link(secret) is not None


def test_a_stopped_account_gets_no_link_and_its_link_stops(cast: Cast) -> None:
    user, secret = make_user(cast)
    services.deactivate_user(user, by=cast.sysadmin.user)
    assert services.open_link(secret) is None
    with pytest.raises(Invalid):
        services.issue_one_time_link(user, by=cast.sysadmin.user)


def test_stopping_and_opening_an_account_takes_and_gives_back_its_posts(cast: Cast) -> None:
    user = cast.worker.user
    services.issue_api_token(user)
    services.deactivate_user(user, by=cast.sysadmin.user)
    assert posts_of(user, TODAY) == [] and not user.api_tokens.exists()
    with pytest.raises(Invalid):
        services.deactivate_user(user, by=cast.sysadmin.user)
    services.reactivate_user(user, by=cast.sysadmin.user)
    assert posts_of(user, TODAY) == [cast.worker]


def test_the_last_security_administrator_is_not_stopped(cast: Cast) -> None:
    with pytest.raises(Invalid):
        services.deactivate_user(cast.secadmin.user, by=cast.sysadmin.user)
    cast.secadmin.user.refresh_from_db()
    assert cast.secadmin.user.is_active


def test_a_changed_password_needs_the_old_one_and_ends_tokens(cast: Cast) -> None:
    user = cast.worker.user
    services.issue_api_token(user)
    for old, new, field in (
        ("wrong", GOOD, "old"),
        (PASSWORD, PASSWORD, "password"),
        (PASSWORD, "short", "password"),
    ):
        with pytest.raises(Invalid) as refused:
            services.change_password(user, old=old, new=new)
        assert set(refused.value.errors) == {field}
    assert user.api_tokens.exists()
    services.change_password(user, old=PASSWORD, new=GOOD)
    user.refresh_from_db()
    assert user.check_password(GOOD) and not user.api_tokens.exists()


def test_contact_is_checked(cast: Cast) -> None:
    services.update_contact(cast.worker.user, phone=" 000-12345 ", email="a@example.org")
    cast.worker.user.refresh_from_db()
    assert cast.worker.user.phone == "000-12345"
    with pytest.raises(Invalid) as refused:
        services.update_contact(cast.worker.user, phone="x", email="y")
    assert set(refused.value.errors) == {"phone", "email"}


@pytest.mark.django_db(transaction=True)
def test_of_two_presses_on_one_link_one_wins(cast: Cast) -> None:
    user, secret = make_user(cast)
    passwords = ["First-One-1234", "Second-One-1234"]
    outcomes = at_once(
        *[lambda word=word: services.set_first_password(secret, password=word) for word in passwords]
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Invalid", "NoneType"]
    winner = passwords[outcomes.index(None)]
    user.refresh_from_db()
    assert user.check_password(winner)


@pytest.mark.django_db(transaction=True)
def test_of_two_accounts_of_one_name_made_at_once_one_wins(cast: Cast) -> None:
    outcomes = at_once(lambda: make_user(cast), lambda: make_user(cast))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Invalid", "NoneType"]
    assert User.objects.filter(username="wangxin").count() == 1


def run_first_administrators() -> dict[str, str]:
    out = StringIO()
    call_command("first_administrators", "--base-url", "https://example.org/", stdout=out)
    return dict(line.split("\t") for line in out.getvalue().splitlines())


@pytest.mark.django_db
def test_the_first_administrators_get_links_that_work() -> None:
    links = run_first_administrators()
    assert set(links) == {"sysadmin", "secadmin", "auditor"}
    for username, link in links.items():
        found = re.fullmatch(r"https://example\.org/first-password/([\w-]+)/", link)
        assert found
        user = services.set_first_password(found[1], password=GOOD)
        assert user.username == username
        assert {post.role for post in posts_of(user, TODAY)} <= ADMIN_ROLES
    assert check_chain().broken_at is None and AdminEvent.objects.filter(actor=None).count() == 6


@pytest.mark.django_db
def test_the_first_administrators_are_made_once() -> None:
    run_first_administrators()
    accounts = User.objects.count()
    with pytest.raises(CommandError):
        run_first_administrators()
    assert User.objects.count() == accounts


def test_no_first_administrators_beside_one_that_is_yet_to_begin(cast: Cast) -> None:
    admins = Post.objects.filter(role__in=ADMIN_ROLES)
    later = clocks.today().replace(year=2027)
    admins.exclude(pk=cast.auditor.pk).update(ends_on=SINCE)
    Post.objects.filter(pk=cast.auditor.pk).update(starts_on=later)
    with pytest.raises(Invalid):
        services.first_administrators({role: f"new-{role.value}" for role in ADMIN_ROLES})
    Post.objects.filter(pk=cast.auditor.pk).update(ends_on=later)
    Post.objects.filter(pk=cast.auditor.pk).update(starts_on=SINCE, ends_on=SINCE)
    assert (
        len(
            services.first_administrators(
                {role: f"new-{role.value.replace('_', '-')}" for role in ADMIN_ROLES}
            )
        )
        == 3
    )


@pytest.mark.django_db(transaction=True)
def test_first_administrators_made_at_once_are_three() -> None:
    outcomes = at_once(services.first_administrators, services.first_administrators)
    [refused] = [outcome for outcome in outcomes if outcome]
    assert isinstance(refused, Invalid) and set(refused.errors) == {""}
    assert User.objects.count() == 3


def people(cast: Cast, count: int) -> list[Enrolment]:
    return [
        Enrolment(f"e{number}", f"网格员{number}", Role.GRID_WORKER, SINCE, division=cast.places.grid)
        for number in range(count)
    ]


def enrol(cast: Cast, *rows: Enrolment, **values: Any) -> list[Post]:
    values = {"by_accounts": cast.sysadmin.user, "by_posts": cast.secadmin.user, **values}
    return services.enrol(rows, **values)


def test_many_are_enrolled_with_an_entry_each(cast: Cast) -> None:
    posts = enrol(cast, *people(cast, 30), password=GOOD)
    assert len(posts) == 30 and all(post.pk for post in posts)
    found = User.objects.get(username="e29")
    assert found.check_password(GOOD) and posts_of(found, TODAY) == [posts[29]]
    assert AdminEvent.objects.filter(action="post.given", actor=cast.secadmin.user).count() == 30
    assert check_chain() == check_chain(1) and check_chain().entries == 60


def test_without_a_password_the_enrolled_cannot_sign_in(cast: Cast) -> None:
    [post] = enrol(cast, *people(cast, 1))
    assert not post.user.has_usable_password() and post.user.must_change_password


def test_enrolment_is_all_or_nothing_and_names_the_person(cast: Cast) -> None:
    accounts = User.objects.count()
    good = people(cast, 2)
    misplaced = Enrolment("bad", "乙", Role.GRID_WORKER, SINCE, division=cast.places.city)
    with pytest.raises(Invalid) as refused:
        enrol(cast, *good, misplaced)
    assert set(refused.value.errors) == {"bad.division"}
    with pytest.raises(Invalid) as refused:
        enrol(cast, *good, good[0])
    assert "e0" in str(refused.value)
    with pytest.raises(Invalid) as refused:
        enrol(cast, *good, Enrolment("worker", "乙", Role.GRID_WORKER, SINCE, division=cast.places.grid))
    assert set(refused.value.errors) == {"username"}
    assert User.objects.count() == accounts and not AdminEvent.objects.exists()


def test_enrolment_needs_both_administrators(cast: Cast) -> None:
    for values in (
        {"by_accounts": cast.secadmin.user},
        {"by_posts": cast.sysadmin.user},
        {"by_posts": cast.township.user},
    ):
        with pytest.raises(Refused):
            enrol(cast, *people(cast, 1), **values)
