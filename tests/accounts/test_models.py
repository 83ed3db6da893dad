"""What the tables themselves refuse, whatever code writes them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts import record
from accounts.models import AdminAction, AdminEvent, Post, User
from accounts.querysets import posts_of
from accounts.record import Entry
from accounts.roles import ADMIN_ROLES, CASE_ROLES, Role, exclude_each_other
from tests.cast import SINCE, Cast

TODAY = date(2026, 11, 18)


def insert_post(user: User, role: Role, **values: Any) -> Post:
    """A row written past the services."""
    post = Post(user=user, role=role, **{"starts_on": SINCE, **values})
    with transaction.atomic():
        post.save(force_insert=True)
    return post


def test_a_post_needs_the_place_that_its_role_has(cast: Cast) -> None:
    wrong: list[tuple[Role, dict[str, Any]]] = [
        (Role.DEPARTMENT_OFFICER, {}),
        (Role.DEPARTMENT_OFFICER, {"division": cast.places.city}),
        (Role.DEPARTMENT_OFFICER, {"division": cast.places.city, "department": cast.departments.urban}),
        (Role.TOWNSHIP_CENTRE, {}),
        (Role.TOWNSHIP_CENTRE, {"department": cast.departments.urban}),
        (Role.SYSTEM_ADMIN, {"division": cast.places.city}),
        (Role.AUDIT_ADMIN, {"department": cast.departments.urban}),
    ]
    for role, place in wrong:
        with pytest.raises(IntegrityError, match="post_place_fits_role"):
            insert_post(cast.nobody, role, **place)


def test_an_unknown_role_is_refused(cast: Cast) -> None:
    with pytest.raises(IntegrityError):
        Post.objects.filter(pk=cast.worker.pk).update(role="king")


def test_a_post_cannot_end_before_it_starts_except_when_withdrawn(cast: Cast) -> None:
    street = cast.places.street
    insert_post(cast.nobody, Role.MEDIATOR, division=street, starts_on=TODAY, ends_on=date(2026, 11, 17))
    with pytest.raises(IntegrityError, match="post_ends_after_it_starts"):
        insert_post(cast.nobody, Role.MEDIATOR, division=street, starts_on=TODAY, ends_on=date(2026, 11, 16))


def test_an_acting_post_has_an_end(cast: Cast) -> None:
    with pytest.raises(IntegrityError, match="post_acting_has_an_end"):
        insert_post(cast.nobody, Role.TOWNSHIP_CENTRE, division=cast.places.street, acting_for=cast.township)


@pytest.mark.parametrize("admin", sorted(ADMIN_ROLES))
@pytest.mark.parametrize("other", sorted(ADMIN_ROLES))
def test_nobody_holds_two_administrators_posts_at_once(cast: Cast, admin: Role, other: Role) -> None:
    insert_post(cast.nobody, admin, ends_on=TODAY)
    with pytest.raises(IntegrityError, match="post_administrators_apart"):
        insert_post(cast.nobody, other, starts_on=TODAY)
    insert_post(cast.nobody, other, starts_on=date(2026, 11, 19))


def test_no_administrator_handles_cases_at_the_same_time(cast: Cast) -> None:
    for admin in sorted(ADMIN_ROLES):
        with pytest.raises(IntegrityError, match="post_administrators_apart"):
            insert_post(cast.township.user, admin)
    with pytest.raises(IntegrityError, match="post_administrators_apart"):
        insert_post(cast.auditor.user, Role.MEDIATOR, division=cast.places.street)


def test_posts_that_handle_cases_stand_side_by_side(cast: Cast) -> None:
    insert_post(cast.township.user, Role.MEDIATOR, division=cast.places.street)
    insert_post(cast.township.user, Role.DEPARTMENT_OFFICER, department=cast.departments.station)
    assert len(posts_of(cast.township.user, TODAY)) == 3


def test_a_withdrawn_administrators_post_excludes_nothing(cast: Cast) -> None:
    insert_post(cast.nobody, Role.AUDIT_ADMIN, starts_on=TODAY, ends_on=date(2026, 11, 17))
    insert_post(cast.nobody, Role.MEDIATOR, division=cast.places.street)


def test_the_rule_in_code_and_in_the_database_name_the_same_roles() -> None:
    for one in Role:
        for other in Role:
            assert exclude_each_other(one, other) == (one in ADMIN_ROLES or other in ADMIN_ROLES)
    assert set(Role) == CASE_ROLES | ADMIN_ROLES


def test_a_post_is_held_from_its_first_to_its_last_day(cast: Cast) -> None:
    post = insert_post(
        cast.nobody,
        Role.MEDIATOR,
        division=cast.places.street,
        starts_on=date(2026, 11, 10),
        ends_on=date(2026, 11, 18),
    )
    held = {day: bool(posts_of(cast.nobody, date(2026, 11, day))) for day in (9, 10, 18, 19)}
    assert held == {9: False, 10: True, 18: True, 19: False}
    User.objects.filter(pk=cast.nobody.pk).update(is_active=False)
    assert post not in Post.objects.held_on(TODAY)


def test_labels_say_office_and_acting(cast: Cast) -> None:
    assert cast.worker.label == "东路社区居委会01网格网格员"
    assert cast.village.label == "东路社区居委会综治中心"
    assert cast.secretary.label == "剑光街道党工委书记"
    assert cast.secretary2.label == "小港镇党委书记"
    assert cast.committee.label == "丰城市委政法委"
    assert cast.officer.label == "丰城市城市管理局"
    assert cast.auditor.label == "审计管理员"
    cast.township.acting_for = cast.township_b
    assert cast.township.label == "剑光街道综治中心（代理）"


def test_offices_are_shared_by_those_who_work_there(cast: Cast) -> None:
    assert cast.officer.seat == cast.officer_head.seat == (cast.departments.urban.pk, None)
    assert cast.township.seat == (None, cast.places.street.pk)
    assert cast.sysadmin.seat == (None, None)


def test_labels_cost_no_query_of_their_own(cast: Cast, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        labels = [post.label for post in Post.objects.held_on(TODAY).with_places()]
    assert len(labels) == 26


def append_one(cast: Cast) -> AdminEvent:
    return record.append(Entry(AdminAction.USER_CHANGED, cast.nobody), by=cast.sysadmin.user)[0]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_adminevent SET data = '{}'",
        "DELETE FROM accounts_adminevent",
        "TRUNCATE accounts_adminevent",
    ],
)
def test_the_database_refuses_to_change_the_record(cast: Cast, statement: str) -> None:
    append_one(cast)
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)
    assert AdminEvent.objects.count() == 1


def test_the_chain_shows_a_change_made_past_the_triggers(cast: Cast) -> None:
    events = [append_one(cast) for _ in range(5)]
    assert record.check_chain() == record.ChainResult(entries=5, broken_at=None)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE accounts_adminevent SET user_id = %s WHERE seq = 3", [cast.worker.user.pk])
        cursor.execute("SET session_replication_role = origin")
    assert record.check_chain().broken_at == 3
    assert record.check_chain(first=4).broken_at is None
    assert events[2].prev_hash == events[1].hash


def test_the_chain_shows_a_missing_entry(cast: Cast) -> None:
    for _ in range(3):
        append_one(cast)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM accounts_adminevent WHERE seq = 2")
        cursor.execute("SET session_replication_role = origin")
    assert record.check_chain().broken_at == 2
