"""Duty rosters: who sees and edits them, and who is on duty."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts import services
from accounts.errors import Invalid
from accounts.models import AdminEvent, DutyRosterEntry, Post, User
from grids.clock import SHANGHAI
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("clock")
Browser = Callable[[Post | User], Client]
TODAY = date(2026, 11, 18)
GOOD = "Xingan-2026-Qingshan"


def put_on_duty(cast: Cast, person: Post, hour: int, **more: Any) -> DutyRosterEntry:
    at = datetime(2026, 11, 18, hour, tzinfo=SHANGHAI)
    department = person.department
    assert department is not None
    values = {"telephone": "000-6401111", "starts_at": at, "ends_at": at + timedelta(hours=4), **more}
    return services.add_duty(department, person=person, by=cast.sysadmin.user, **values)


@pytest.mark.parametrize(
    ("who", "sees", "edits"),
    [
        ("officer_head", True, True),
        ("officer", True, False),
        ("sysadmin", True, True),
        ("committee", True, False),
        ("centre", True, False),
        ("township", True, False),
        ("officer2", False, False),
        ("station2", False, False),
        ("village", True, False),
        ("worker", False, False),
        ("secadmin", False, False),
        ("auditor", False, False),
    ],
)
def test_who_sees_and_who_edits_a_roster(
    cast: Cast, browser_of: Browser, who: str, sees: bool, edits: bool
) -> None:
    entry = put_on_duty(cast, cast.officer, 8)
    client = browser_of(getattr(cast, who))
    page = f"/duty-roster/{cast.departments.urban.pk}/"
    answer = client.get(page)
    assert answer.status_code == (200 if sees else 404)
    typed = {
        "person": cast.officer_head.pk,
        "telephone": "000-6402222",
        "starts_at": "2026-11-19T08:00",
        "ends_at": "2026-11-19T20:00",
    }
    client.post(page, typed)
    assert DutyRosterEntry.objects.count() == (2 if edits else 1)
    removed = client.post(f"/duty-roster/entries/{entry.pk}/remove/").status_code
    assert removed == (302 if edits else 403 if sees else 404)
    assert DutyRosterEntry.objects.filter(pk=entry.pk).exists() == (not edits)


def test_the_roster_says_who_is_on_duty_now(cast: Cast, browser_of: Browser, clock: Any) -> None:
    put_on_duty(cast, cast.officer, 8, deputy=cast.officer_head)
    put_on_duty(cast, cast.officer_head, 12)
    committee = browser_of(cast.committee)

    def on_duty() -> list[str]:
        departments = committee.get("/duty-roster/").context["departments"]
        return [entry.person.user.name for department in departments for entry in department.on_duty]

    assert on_duty() == ["城管局经办甲"]
    clock.forward(hours=2)
    assert on_duty() == ["城管局负责人"]
    clock.forward(hours=4)
    assert on_duty() == []


def test_an_officer_sees_only_the_own_departments_roster(cast: Cast, browser_of: Browser) -> None:
    departments = browser_of(cast.officer).get("/duty-roster/").context["departments"]
    assert departments == [cast.departments.urban]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ends_at": datetime(2026, 11, 18, 7, tzinfo=SHANGHAI)}, "ends_at"),
        ({"telephone": ""}, "telephone"),
        ({"telephone": "1" * 21}, "telephone"),
        ({"deputy": "officer"}, "deputy"),
        ({"deputy": "officer2"}, "deputy"),
    ],
)
def test_a_wrong_duty_names_the_field(cast: Cast, change: dict[str, Any], field: str) -> None:
    if "deputy" in change:
        change = {"deputy": getattr(cast, change["deputy"])}
    with pytest.raises(Invalid) as refused:
        put_on_duty(cast, cast.officer, 8, **change)
    assert set(refused.value.errors) == {field}
    assert not AdminEvent.objects.exists()


def test_two_turns_at_once_and_a_person_whose_post_ends_are_refused(cast: Cast) -> None:
    put_on_duty(cast, cast.officer, 8)
    with pytest.raises(Invalid) as refused:
        put_on_duty(cast, cast.officer_head, 11)
    assert set(refused.value.errors) == {"starts_at"}
    services.end_post(cast.officer_head, on=date(2026, 11, 17), by=cast.secadmin.user)
    cast.officer_head.refresh_from_db()
    with pytest.raises(Invalid) as refused:
        put_on_duty(cast, cast.officer_head, 12)
    assert set(refused.value.errors) == {"person"}
