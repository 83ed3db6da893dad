"""GET /incidents/: who sees what, the filters, the order, the pages, and how many questions it asks."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from cases.models import Case, Part
from incidents.filters import IncidentFilter
from tests.api.conftest import INCIDENTS, Call, Caller, Stage, problem, station
from tests.cases.conftest import NewCase, make_category
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("category", "clock")


def numbers(caller: Caller, **query: Any) -> list[str]:
    answer = caller.get("", **query)
    assert answer.status_code == 200, answer.json()
    return [row["number"] for row in answer.json()["results"]]


# --- who


def test_without_signing_in_it_is_401(cast: Cast) -> None:
    problem(APIClient().get(INCIDENTS), 401, "not_authenticated")
    stale = APIClient()
    stale.credentials(HTTP_AUTHORIZATION="Token gone")
    problem(stale.get(INCIDENTS), 401, "authentication_failed")


def test_a_session_works_too_and_posts_need_its_token(cast: Cast, browser_of: Any, new_case: NewCase) -> None:
    number = new_case().number
    browser = browser_of(cast.worker)
    assert [row["number"] for row in browser.get(INCIDENTS).json()["results"]] == [number]
    browser.handler.enforce_csrf_checks = True
    problem(browser.post(f"{INCIDENTS}{number}/note/", {"note": "x"}), 403, "page_expired")


def test_each_sees_what_lies_within_their_posts(
    cast: Cast, call: Call, new_case: NewCase, sensitive: Any
) -> None:
    own, sibling, other = new_case(cast.worker), new_case(cast.worker_c), new_case(cast.worker2)
    secret = new_case(cast.village, category=sensitive, place=cast.places.grid)
    expected = {
        "worker": {own},
        "worker_b": set(),
        "village": {own, secret},  # reported the sensitive one
        "village_b": {sibling},
        "township": {own, sibling, secret},
        "township2": {other},
        "secretary": {own, sibling},
        "centre": {own, sibling, other, secret},
        "committee": {own, sibling, other},
        "officer": set(),
        "mediator": set(),
        "auditor": set(),
    }
    for who, cases in expected.items():
        assert set(numbers(call(getattr(cast, who)))) == {case.number for case in cases}, who
    assert numbers(call(cast.nobody)) == [] and numbers(call(cast.stranger.user)) == []


def test_a_row_says_what_a_list_needs(cast: Cast, call: Call, at: Stage) -> None:
    case = at("assigned")
    (row,) = call(cast.township).get().json()["results"]
    whole = call(cast.township).get(f"{case.number}/").json()
    assert row == {name: whole[name] for name in row}
    assert row["handler"] == {"id": station(cast), "name": "剑光街道城管站", "person": None}
    assert [duty["duty"] for duty in row["deadlines"]] == ["accept", "handle", "whole"]
    assert "description" not in row and "personal" not in row


# --- the filters


def test_filters_narrow(cast: Cast, call: Call, at: Stage, new_case: NewCase, clock: Any) -> None:
    make_category("1201")
    filed, handled, done = at("filed"), at("investigating"), at("archived")
    other = new_case(cast.worker_c, title="路灯不亮", urgent=True)
    me = call(cast.township)
    everything = {filed.number, handled.number, done.number, other.number}

    def got(**query: Any) -> set[str]:
        return set(numbers(me, **query))

    assert got() == everything
    assert got(state=["filed", "archived"]) == {filed.number, done.number}
    assert got(category="11") == everything and got(category="1101") == everything
    assert got(category="1201") == set()
    assert got(place=cast.places.village.code) == everything - {other.number}
    assert got(place=cast.places.grid_c.code) == {other.number}
    assert got(office=cast.places.street.code) == everything and got(office=cast.places.city.code) == set()
    assert got(department=cast.departments.station.pk) == {handled.number, done.number}
    assert got(unassigned="true") == {filed.number, other.number}
    assert got(no_department="true") == {filed.number, other.number}
    assert got(urgent="true") == {other.number}
    assert got(urgent="false") == everything
    assert got(open="true") == everything - {done.number}
    assert got(q="路灯") == {other.number} == got(search="路灯")
    assert got(q=filed.number) == {filed.number}
    assert got(q="垃圾 东路") == everything - {other.number}
    assert got(opened_from="2026-11-18", opened_to="2026-11-18") == everything
    assert got(opened_from="0001-01-01", opened_to="9999-12-31") == everything
    assert got(opened_from="2026-11-19") == set() == got(opened_to="2026-11-17")
    assert got(mine="true") == {filed.number, other.number}
    assert got(overdue="true") == set()
    clock.forward(hours=2)
    assert got(overdue="true") == {filed.number, other.number}
    call(cast.centre).must(handled, "supervise", card="red", reason="拖延")
    assert got(supervision="red") == {handled.number} == got(supervision="any")
    assert got(supervision="yellow") == set()
    assert set(numbers(call(cast.worker_c), reported="true")) == {other.number}
    assert set(numbers(call(cast.station), mine="true")) == {handled.number}


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"stat": "filed"}, "stat"),
        ({"state": "open"}, "state"),
        ({"category": "垃圾"}, "category"),
        ({"place": "1"}, "place"),
        ({"place": "\0"}, "place"),
        ({"office": "x"}, "office"),
        ({"department": "x"}, "department"),
        ({"department": "9" * 30}, "department"),
        ({"opened_from": "yesterday"}, "opened_from"),
        ({"supervision": "blue"}, "supervision"),
        ({"order": "oldest"}, "order"),
        ({"q": "x" * 101}, "q"),
        ({"q": "a\0b"}, "q"),
        ({"page_size": "0"}, "page_size"),
        ({"page_size": "201"}, "page_size"),
        ({"page_size": "many"}, "page_size"),
        ({"after": "rubbish"}, "after"),
        ({"after": base64.urlsafe_b64encode(b"[" * 3000).decode()}, "after"),
        ({"before": base64.urlsafe_b64encode(b'["2026-01-01", 1]').decode()}, "before"),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused_by_name(
    query: dict[str, str], name: str, cast: Cast, call: Call, new_case: NewCase
) -> None:
    new_case()
    assert list(problem(call(cast.worker).get("", **query), 422, "incomplete")["errors"]) == [name]


def test_every_filter_of_the_pages_is_one_of_the_api() -> None:
    assert {"state", "category", "place", "office", "department", "mine", "q", "order"} <= set(
        IncidentFilter.base_filters
    )


# --- order and pages


def walk(caller: Caller, **query: Any) -> list[list[str]]:
    """All pages, forward by their links."""
    answer = caller.get("", **query).json()
    pages = [[row["number"] for row in answer["results"]]]
    while answer["next"]:
        answer = caller.client.get(answer["next"]).json()
        pages.append([row["number"] for row in answer["results"]])
        assert len(pages) < 50
    return pages


@pytest.fixture
def many(cast: Cast, new_case: NewCase, clock: Any) -> list[Case]:
    """Seven incidents, of which three begin at the same instant."""
    made = []
    for minutes in (0, 1, 1, 1, 2, 3, 4):
        clock.set(clock.at.replace(minute=minutes))
        made.append(new_case())
    return made


def test_pages_show_everything_once_the_newest_first(cast: Cast, call: Call, many: list[Case]) -> None:
    newest_first = [case.number for case in reversed(many)]
    for size in (1, 2, 3, 7, 50):
        pages = walk(call(cast.worker), page_size=size)
        assert [number for page in pages for number in page] == newest_first
        assert all(len(page) == size for page in pages[:-1])


def test_pages_go_back_again(cast: Cast, call: Call, many: list[Case]) -> None:
    caller = call(cast.worker)
    first = caller.get("", page_size=3).json()
    second = caller.client.get(first["next"]).json()
    assert first["previous"] is None
    assert caller.client.get(second["previous"]).json()["results"] == first["results"]


def test_what_comes_in_between_moves_nothing(
    cast: Cast, call: Call, many: list[Case], new_case: NewCase
) -> None:
    first = call(cast.worker).get("", page_size=3).json()
    new_case()
    second = call(cast.worker).client.get(first["next"]).json()
    assert [row["number"] for row in second["results"]] == [case.number for case in reversed(many)][3:6]


def test_the_end_of_a_list_is_an_end(cast: Cast, call: Call, many: list[Case]) -> None:
    """Rows behind a mark may be gone when a program comes for them; it must not begin anew."""
    first = call(cast.worker).get("", page_size=6, state="reported").json()
    call(cast.township).must(many[0], "file")
    last = call(cast.worker).client.get(first["next"]).json()
    assert (last["results"], last["next"]) == ([], None)


def test_pages_by_deadline_show_the_pressing_first_and_each_once(
    cast: Cast, call: Call, at: Stage, many: list[Case], clock: Any
) -> None:
    done = [at("archived").number, at("archived").number]
    urgent = at("investigating")
    pages = walk(call(cast.township), order="deadline", page_size=2)
    found = [number for page in pages for number in page]
    assert sorted(found) == sorted([*(case.number for case in many), *done, urgent.number])
    assert found[0] == many[0].number and set(found[-2:]) == set(done)


def test_filters_stay_in_the_links(cast: Cast, call: Call, many: list[Case]) -> None:
    call(cast.township).must(many[3], "file")
    pages = walk(call(cast.worker), page_size=2, state="reported")
    assert sum(map(len, pages)) == 6 and many[3].number not in str(pages)


# --- what it costs


def questions(caller: Caller, path: str = "", **query: Any) -> int:
    with CaptureQueriesContext(connection) as context:
        answer = caller.get(path, **query)
    assert answer.status_code == 200 and "COUNT(" not in json.dumps(
        [q["sql"] for q in context.captured_queries]
    )
    return len(context.captured_queries)


@pytest.mark.parametrize("query", [{}, {"order": "deadline"}, {"mine": "true", "q": "垃圾"}])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    query: dict[str, str], cast: Cast, call: Call, new_case: NewCase, clock: Any
) -> None:
    caller = call(cast.township)

    def more(count: int) -> None:
        for turn in range(count):
            case = new_case(cast.worker if turn % 2 else cast.worker_c)
            caller.must(case, "file")
            if turn % 3:
                handler = station(cast) if turn % 3 == 1 else f"division:{cast.places.village.code}"
                if turn % 2 == 0:
                    handler = station(cast)
                caller.must(case, "assign", handler=handler, co_handlers=[cast.departments.police.pk])

    more(1)
    one = questions(caller, **query)
    more(19)
    clock.forward(minutes=5)
    assert questions(caller, **query) == one
    assert one < 20


def test_a_case_with_many_parts_asks_no_more(cast: Cast, call: Call, at: Stage, new_case: NewCase) -> None:
    case = at("investigating")
    caller = call(cast.township)
    paths = [f"{case.number}/", f"{case.number}/events/", f"{case.number}/deadlines/"]
    before = [questions(caller, path) for path in paths]
    for turn in range(6):
        caller.must(case, "note", note=f"第 {turn} 次")
        double = new_case(cast.worker_b)
        caller.must(double, "merge", target=case.number)
    caller.must(case, "add_co_handlers", co_handlers=[cast.departments.police.pk])
    caller.must(case, "copy", copies=[cast.departments.urban.pk])
    assert Part.objects.filter(case=case).count() > 3
    after = [questions(caller, path) for path in paths]
    # Which of the other cases may be named is asked once for all of them, in four questions.
    assert all(late <= early + 4 for early, late in zip(before, after, strict=True)), (before, after)
    assert before[0] < 32 and before[1] < 16 and before[2] < 10
