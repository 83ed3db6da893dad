"""The overdue list: every duty that is owed, by who owes it, at once and only within the reader's scope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Post
from cases import deadlines
from incidents.views import overdue as overdue_view
from tests.cases.conftest import NewCase
from tests.cast import Cast
from tests.incidents.moves import archived, assigned, do, investigating

BrowserOf = Callable[[Post], Client]


def owed(client: Client, query: str = "") -> list[tuple[str, str, str]]:
    """Number, duty and holder of each line, in their order."""
    answer = client.get(f"/incidents/overdue/{query}")
    assert answer.status_code == 200
    return [(row.number, str(row.duty), row.holder) for row in answer.context["owed"]]


def test_the_committee_sees_a_breach_the_moment_its_time_is_over(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, clock: Any
) -> None:
    case, client = new_case(cast.worker), browser_of(cast.committee)
    clock.forward(minutes=59)
    assert owed(client) == []
    assert "没有超期" in client.get("/incidents/overdue/").content.decode()
    clock.forward(minutes=2)
    assert owed(client) == [(case.number, "立案", "剑光街道综治中心")]
    deadlines.ring_due()
    assert owed(client) == [(case.number, "立案", "剑光街道综治中心")]
    do(case, "file", cast.township)
    assert owed(client) == []


def test_duties_are_counted_by_who_owes_them_the_longest_first(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, clock: Any
) -> None:
    assigned(new_case(cast.worker), cast)
    clock.forward(minutes=30)
    new_case(cast.worker2)
    archived(new_case(cast.worker), cast)
    clock.forward(days=20)
    answer = browser_of(cast.committee).get("/incidents/overdue/")
    holders = [(one.name, one.owed.duties, one.owed.cases) for one in answer.context["holders"]]
    assert holders == [("小港镇综治中心", 1, 1), ("剑光街道城管站", 2, 1), ("剑光街道综治中心", 1, 1)]
    text = answer.content.decode()
    assert "19天23小时" in text and "?department=" in text
    drilled = browser_of(cast.committee).get(f"/incidents/overdue/?department={cast.departments.station.pk}")
    assert {(str(row.duty), row.holder) for row in drilled.context["owed"]} == {
        ("签收", "剑光街道城管站"),
        ("处置", "剑光街道城管站"),
    }
    assert "剑光街道城管站的超期" in drilled.content.decode()
    village = browser_of(cast.committee).get(f"/incidents/overdue/?division={cast.places.town2.code}")
    assert [row.holder for row in village.context["owed"]] == ["小港镇综治中心"]


def test_everybody_sees_only_what_lies_in_their_scope(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, clock: Any
) -> None:
    here, there = assigned(new_case(cast.worker), cast), new_case(cast.worker2)
    clock.forward(days=1)
    expected = {
        "committee": {here.number, there.number},
        "centre": {here.number, there.number},
        "township": {here.number},
        "secretary": {here.number},
        "township2": {there.number},
        "station": {here.number},
        "officer": set(),
        "village_b": set(),
    }
    for name, numbers in expected.items():
        client = browser_of(getattr(cast, name))
        assert {number for number, _duty, _holder in owed(client)} == numbers, name
        query = f"?department={cast.departments.station.pk}"
        assert {n for n, _d, _h in owed(client, query)} == numbers & {here.number}, name


def test_a_stopped_clock_is_not_overdue_but_what_was_missed_before_is(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, clock: Any
) -> None:
    case = investigating(new_case(cast.worker), cast)
    until = {"until": "2027-02-01T10:00", "suspend_ground": "weather", "reason": "暴雨"}
    do(case, "suspend", cast.township, **until)
    clock.forward(days=30)
    deadlines.ring_due()
    assert owed(browser_of(cast.committee)) == []
    late = investigating(new_case(cast.worker), cast)
    clock.forward(days=12)
    do(late, "suspend", cast.township, **until)
    clock.forward(days=5)
    assert owed(browser_of(cast.committee)) == [(late.number, "处置", "剑光街道城管站")]


def test_the_list_goes_on_over_pages(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overdue_view, "PAGE_SIZE", 2)
    cases = []
    for _turn in range(3):
        cases.append(new_case(cast.worker))
        clock.forward(minutes=1)
    clock.forward(hours=3)
    client = browser_of(cast.committee)
    first = client.get("/incidents/overdue/")
    second = client.get("/incidents/overdue/", {"after": first.context["page"].after})
    seen = [row.number for answer in (first, second) for row in answer.context["owed"]]
    assert seen == [case.number for case in cases]


@pytest.mark.parametrize(
    "query", ["?department=x", "?department=99999999999999999999", "?division=²", "?division=x"]
)
def test_an_office_that_cannot_be_read_leads_to_the_whole_list(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, clock: Any, query: str
) -> None:
    new_case(cast.worker)
    clock.forward(hours=2)
    assert len(owed(browser_of(cast.committee), query)) == 1
