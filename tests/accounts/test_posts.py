"""Posts given, ended and handed over: who may, what is refused, what the record says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection

from accounts import record, services
from accounts.errors import DomainError, Invalid, Refused
from accounts.models import AdminEvent, Post, User
from accounts.querysets import posts_of
from accounts.roles import ADMIN_ROLES, ROLE_LEVELS, Role
from grids import clock as clocks
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("clock")
TODAY = date(2026, 11, 18)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def give(cast: Cast, user: User, role: Role, **values: Any) -> Post:
    values = {"starts_on": TODAY, "by": cast.secadmin.user, **values}
    return services.give_post(user, role, **values)


def fields_of(error: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return set(error.value.errors)


WRITES: dict[str, Callable[[Cast, User], object]] = {
    "give": lambda cast, by: give(cast, cast.nobody, Role.MEDIATOR, division=cast.places.street, by=by),
    "act": lambda cast, by: services.give_acting_post(
        cast.township, to_user=cast.nobody, starts_on=TODAY, ends_on=TOMORROW, by=by
    ),
    "end": lambda cast, by: services.end_post(cast.mediator2, on=TODAY, by=by),
    "hand over": lambda cast, by: services.hand_over_post(
        cast.mediator2, to_user=cast.nobody, on=TOMORROW, by=by
    ),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("role", list(Role))
def test_only_the_security_administrator_handles_posts(cast: Cast, role: Role, write: str) -> None:
    by = cast.by_role(role).user
    before = list(Post.objects.order_by("pk").values())
    if role == Role.SECURITY_ADMIN:
        WRITES[write](cast, by)
        assert AdminEvent.objects.count() == 1
        return
    with pytest.raises(Refused):
        WRITES[write](cast, by)
    assert list(Post.objects.order_by("pk").values()) == before
    assert not AdminEvent.objects.exists()


def test_an_ended_security_administrator_gives_nothing(cast: Cast) -> None:
    Post.objects.filter(pk=cast.secadmin.pk).update(ends_on=YESTERDAY)
    with pytest.raises(Refused):
        give(cast, cast.nobody, Role.MEDIATOR, division=cast.places.street)


def test_nobody_gives_ends_or_takes_over_a_post_of_his_own(cast: Cast) -> None:
    me = cast.secadmin.user
    with pytest.raises(Refused):
        give(cast, me, Role.MEDIATOR, division=cast.places.street)
    with pytest.raises(Refused):
        services.end_post(cast.secadmin, on=TODAY, by=me)
    with pytest.raises(Refused):
        services.hand_over_post(cast.secadmin, to_user=cast.nobody, on=TOMORROW, by=me)
    with pytest.raises(Refused):
        services.hand_over_post(cast.mediator, to_user=me, on=TOMORROW, by=me)


@pytest.mark.parametrize("role", list(Role))
def test_a_post_lies_where_its_role_belongs(cast: Cast, role: Role) -> None:
    places = {
        "city": cast.places.city,
        "township": cast.places.street,
        "village": cast.places.village,
        "grid": cast.places.grid,
    }
    fitting = ROLE_LEVELS.get(role, frozenset())
    for level, division in places.items():
        if level in fitting:
            post = give(cast, cast.nobody, role, division=division)
            assert (post.division, post.given_by) == (division, cast.secadmin.user)
        else:
            with pytest.raises(Invalid) as refused:
                give(cast, cast.nobody, role, division=division)
            assert fields_of(refused) == {"division"}


def test_an_officer_belongs_to_a_department_and_others_do_not(cast: Cast) -> None:
    post = give(cast, cast.nobody, Role.DEPARTMENT_OFFICER, department=cast.departments.police, is_head=True)
    assert post.label == "丰城市公安局" and post.is_head
    with pytest.raises(Invalid) as refused:
        give(cast, cast.nobody, Role.DEPARTMENT_OFFICER)
    assert fields_of(refused) == {"department"}
    with pytest.raises(Invalid) as refused:
        give(cast, cast.nobody, Role.CENTRE, division=cast.places.city, department=cast.departments.police)
    assert fields_of(refused) == {"department"}


def test_a_post_in_a_division_that_has_ended_is_refused(cast: Cast) -> None:
    cast.places.street.valid_to = YESTERDAY
    cast.places.street.save(update_fields=["valid_to"])
    with pytest.raises(Invalid) as refused:
        give(cast, cast.nobody, Role.TOWNSHIP_CENTRE, division=cast.places.street)
    assert fields_of(refused) == {"division"}
    give(cast, cast.nobody, Role.TOWNSHIP_CENTRE, division=cast.places.street, starts_on=YESTERDAY)


def test_dates_the_wrong_way_round_are_refused(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        give(cast, cast.nobody, Role.MEDIATOR, division=cast.places.street, ends_on=YESTERDAY)
    assert fields_of(refused) == {"ends_on"}


def test_the_same_post_twice_is_refused_while_the_first_lasts(cast: Cast) -> None:
    street = cast.places.street
    give(cast, cast.nobody, Role.MEDIATOR, division=street, ends_on=TOMORROW)
    with pytest.raises(Invalid) as refused:
        give(cast, cast.nobody, Role.MEDIATOR, division=street, starts_on=TOMORROW)
    assert fields_of(refused) == {"role"}
    give(cast, cast.nobody, Role.MEDIATOR, division=street, starts_on=TOMORROW + timedelta(days=1))


def test_a_deactivated_account_gets_no_post(cast: Cast) -> None:
    services.deactivate_user(cast.nobody, by=cast.sysadmin.user)
    with pytest.raises(Invalid) as refused:
        give(cast, cast.nobody, Role.MEDIATOR, division=cast.places.street)
    assert fields_of(refused) == {"user"}


@pytest.mark.parametrize("admin", sorted(ADMIN_ROLES))
def test_an_administrator_gets_no_other_post_and_others_no_administrators(cast: Cast, admin: Role) -> None:
    with pytest.raises(Invalid) as refused:
        give(cast, cast.worker.user, admin)
    assert fields_of(refused) == {"role"}
    assert cast.worker.label in str(refused.value)
    for other in sorted(ADMIN_ROLES):
        with pytest.raises(Invalid):
            give(cast, cast.auditor.user, other)
    with pytest.raises(Invalid):
        give(cast, cast.auditor.user, Role.MEDIATOR, division=cast.places.street)
    give(cast, cast.nobody, admin)


def test_the_record_tells_what_was_given(cast: Cast) -> None:
    post = give(cast, cast.nobody, Role.MEDIATOR, division=cast.places.street, ends_on=TOMORROW)
    event = AdminEvent.objects.get()
    assert (event.action, event.actor, event.user, event.post) == (
        "post.given",
        cast.secadmin.user,
        cast.nobody,
        post,
    )
    assert event.data == {
        "role": "mediator",
        "division": "360981002000",
        "department": None,
        "starts_on": "2026-11-18",
        "ends_on": "2026-11-19",
        "is_head": False,
        "is_leader_on_duty": False,
        "acting_for": None,
    }
    assert event.at == clocks.now()


def act(cast: Cast, post: Post, user: User, **values: Any) -> Post:
    values = {"starts_on": TODAY, "ends_on": TOMORROW, **values}
    return services.give_acting_post(post, to_user=user, by=cast.secadmin.user, **values)


def test_an_acting_post_has_the_rights_of_the_post_and_says_so(cast: Cast) -> None:
    post = act(cast, cast.officer_head, cast.nobody)
    assert post.acting and post.is_head and post.seat == cast.officer_head.seat
    assert post.label == "丰城市城市管理局（代理）"
    assert posts_of(cast.nobody, TOMORROW) == [post]
    assert posts_of(cast.nobody, TOMORROW + timedelta(days=1)) == []


def test_acting_is_refused_for_oneself_for_an_acting_post_and_for_another_place(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        act(cast, cast.township, cast.township.user)
    assert fields_of(refused) == {"to_user"}
    with pytest.raises(Invalid) as refused:
        act(cast, act(cast, cast.township, cast.nobody), cast.mediator.user)
    assert fields_of(refused) == {"to_user"}
    with pytest.raises(Invalid) as refused:
        give(
            cast,
            cast.mediator.user,
            Role.TOWNSHIP_CENTRE,
            division=cast.places.town2,
            ends_on=TOMORROW,
            acting_for=cast.township,
        )
    assert fields_of(refused) == {"acting_for"}
    with pytest.raises(Invalid) as refused:
        give(
            cast,
            cast.mediator.user,
            Role.TOWNSHIP_CENTRE,
            division=cast.places.street,
            acting_for=cast.township,
        )
    assert fields_of(refused) == {"ends_on"}


def test_a_post_ends_after_its_last_day(cast: Cast, clock: Any) -> None:
    services.end_post(cast.mediator, on=TODAY, by=cast.secadmin.user)
    assert posts_of(cast.mediator.user, clocks.today()) != []
    clock.forward(days=1)
    assert posts_of(cast.mediator.user, clocks.today()) == []


def test_a_post_ended_yesterday_gives_no_right_today(cast: Cast) -> None:
    services.end_post(cast.mediator, on=YESTERDAY, by=cast.secadmin.user)
    assert posts_of(cast.mediator.user, TODAY) == []


def test_a_post_to_come_is_withdrawn_before_its_first_day(cast: Cast) -> None:
    street = cast.places.street
    post = give(cast, cast.nobody, Role.MEDIATOR, division=street, starts_on=TODAY + timedelta(days=9))
    services.end_post(post, on=TODAY, by=cast.secadmin.user)
    post.refresh_from_db()
    assert post.ends_on == TODAY + timedelta(days=8)
    give(cast, cast.nobody, Role.MEDIATOR, division=street, starts_on=TODAY + timedelta(days=9))


def test_an_end_in_the_past_and_a_second_end_are_refused(cast: Cast) -> None:
    by = cast.secadmin.user
    with pytest.raises(Invalid) as refused:
        services.end_post(cast.mediator, on=YESTERDAY - timedelta(days=1), by=by)
    assert fields_of(refused) == {"on"}
    services.end_post(cast.mediator, on=TODAY, by=by)
    with pytest.raises(Invalid) as refused:
        services.end_post(cast.mediator, on=TOMORROW, by=by)
    assert fields_of(refused) == {"on"}
    services.end_post(cast.mediator2, on=YESTERDAY, by=by)
    with pytest.raises(Invalid) as refused:
        services.end_post(cast.mediator2, on=YESTERDAY, by=by)
    assert fields_of(refused) == {"post"}


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN])
def test_the_last_administrator_of_a_kind_stays(cast: Cast, role: Role) -> None:
    last = cast.by_role(role)
    with pytest.raises(Invalid) as refused:
        services.end_post(last, on=TODAY, by=cast.secadmin.user)
    assert fields_of(refused) == {"post"}
    give(cast, cast.nobody, role)
    services.end_post(last, on=TODAY, by=cast.secadmin.user)


def test_a_hand_over_ends_one_post_and_begins_the_same(cast: Cast) -> None:
    successor = services.hand_over_post(
        cast.officer_head, to_user=cast.nobody, on=TOMORROW, by=cast.secadmin.user
    )
    cast.officer_head.refresh_from_db()
    assert cast.officer_head.ends_on == TODAY
    assert (successor.user, successor.starts_on, successor.ends_on) == (cast.nobody, TOMORROW, None)
    assert successor.seat == cast.officer_head.seat and successor.is_head
    assert AdminEvent.objects.get().data["from_post"] == cast.officer_head.pk


def test_a_last_administrators_post_can_be_handed_over(cast: Cast) -> None:
    services.hand_over_post(cast.sysadmin, to_user=cast.nobody, on=TOMORROW, by=cast.secadmin.user)
    assert [post.role for post in posts_of(cast.nobody, TOMORROW)] == [Role.SYSTEM_ADMIN]


def test_a_refused_hand_over_changes_nothing(cast: Cast) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"to_user": cast.mediator.user, "on": TOMORROW}, "to_user"),
        ({"to_user": cast.nobody, "on": YESTERDAY}, "on"),
        ({"to_user": cast.auditor.user, "on": TOMORROW}, "to_user"),
    ]
    for values, field in wrong:
        with pytest.raises(Invalid) as refused:
            services.hand_over_post(cast.mediator, by=cast.secadmin.user, **values)
        assert fields_of(refused) == {field}
    cast.mediator.refresh_from_db()
    assert cast.mediator.ends_on is None
    assert not AdminEvent.objects.exists()


def at_once(*changes: Callable[[], object]) -> list[BaseException | None]:
    """Runs the changes at the same time, each on a connection of its own; what each raised.

    The record's lock is held until all of them wait for something: what they check before they write, they have
    then all checked.
    """
    outcomes: list[BaseException | None] = [None] * len(changes)

    def run(number: int) -> None:
        try:
            changes[number]()
        except (DomainError, DatabaseError) as error:
            outcomes[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(changes))]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [record.LOCK])
        for thread in threads:
            thread.start()
        wait_until_waiting(len(threads))
        cursor.execute("SELECT pg_advisory_unlock(%s)", [record.LOCK])
    for thread in threads:
        thread.join(timeout=30)
    return outcomes


def wait_until_waiting(count: int) -> None:
    """Until so many connections of this database wait for a lock; at most five seconds."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    end = time.monotonic() + 5
    with connection.cursor() as cursor:
        while time.monotonic() < end:
            cursor.execute(waiting)
            if cursor.fetchone()[0] >= count:
                return
            time.sleep(0.02)
    raise AssertionError(f"{count} connections should be waiting")


@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_posts_given_at_once_one_wins(cast: Cast) -> None:
    second = give(cast, User.objects.get(username="stranger"), Role.SECURITY_ADMIN)
    outcomes = at_once(
        lambda: give(cast, cast.nobody, Role.SYSTEM_ADMIN),
        lambda: give(cast, cast.nobody, Role.AUDIT_ADMIN, by=second.user),
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Invalid", "NoneType"]
    assert len(posts_of(cast.nobody, TODAY)) == 1


@pytest.mark.django_db(transaction=True)
def test_the_record_has_no_fork_under_many_writers(cast: Cast) -> None:
    users = [cast.worker.user, cast.worker_b.user, cast.village.user, cast.centre.user]
    outcomes = at_once(
        *[
            lambda user=user: [
                give(cast, user, Role.MEDIATOR, division=place)
                for place in (cast.places.street, cast.places.town2, cast.places.village2)
            ]
            for user in users
        ]
    )
    assert outcomes == [None] * 4
    assert record.check_chain() == record.ChainResult(entries=12, broken_at=None)


@pytest.mark.django_db(transaction=True)
def test_two_last_administrators_cannot_be_removed_at_once(cast: Cast) -> None:
    other = give(cast, cast.nobody, Role.AUDIT_ADMIN)
    outcomes = at_once(
        lambda: services.end_post(cast.auditor, on=YESTERDAY, by=cast.secadmin.user),
        lambda: services.end_post(other, on=YESTERDAY, by=cast.secadmin.user),
    )
    assert sum(outcome is None for outcome in outcomes) == 1
    assert Post.objects.held_on(TODAY).filter(role=Role.AUDIT_ADMIN).count() == 1
