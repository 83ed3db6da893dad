"""GET /notices/ and POST /notices/read/."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Post
from cases.models import Notice
from tests.api.conftest import V1, Call, Stage, problem
from tests.cases.conftest import NewCase
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("category", "clock")
NOTICES, READ = f"{V1}notices/", f"{V1}notices/read/"


def mine(call: Call, person: Any, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call(person).client.get(NOTICES, query).json()["results"]
    return found


def read(call: Call, person: Any, body: Any, **headers: str) -> Any:
    return call(person).client.post(READ, body, format="json", headers=headers)


def test_without_signing_in_both_are_401(db: None) -> None:
    problem(APIClient().get(NOTICES), 401, "not_authenticated")
    problem(APIClient().post(READ, {"all": True}, format="json"), 401, "not_authenticated")


def test_ones_own_notices_the_newest_first(cast: Cast, call: Call, at: Stage, clock: Any) -> None:
    first = at()
    clock.forward(minutes=1)
    second = at("filed")
    found = mine(call, cast.township)
    assert [one["number"] for one in found] == [second.number, first.number]
    assert found[0] == {
        "id": found[0]["id"],
        "at": "2026-11-18T10:01:00+08:00",
        "unread": True,
        "verb": "上报",
        "title": second.title,
        "number": second.number,
        "words": "",
        "who": "东路社区居委会01网格网格员",
    }
    assert mine(call, cast.township2) == [] and mine(call, cast.nobody) == []


def test_a_notice_outlives_the_right_to_its_case_without_telling_of_it(
    cast: Cast, call: Call, at: Stage
) -> None:
    case = at()
    Post.objects.filter(pk=cast.township.pk).update(ends_on=date(2026, 11, 17))
    (notice,) = mine(call, cast.township.user)
    assert notice["number"] == "" and case.title not in str(notice)


def test_reading_by_id_by_case_and_all(cast: Cast, call: Call, at: Stage, new_case: NewCase) -> None:
    cases = [at(), at(), at()]
    ids = [one["id"] for one in mine(call, cast.township)]
    assert read(call, cast.township, {"ids": [ids[0], str(ids[0]), 10**17]}).json() == {"read": 1}
    assert len(mine(call, cast.township, unread="true")) == 2
    assert read(call, cast.township, {"number": cases[0].number}).json() == {"read": 1}
    assert read(call, cast.township, {"all": True}).json() == {"read": 1}
    assert mine(call, cast.township, unread="1") == []
    assert len(mine(call, cast.township, unread="false")) == 3
    assert len(mine(call, cast.township_b, unread="true")) == 3


def test_nobody_reads_anothers_notices(cast: Cast, call: Call, at: Stage) -> None:
    case = at()
    ids = [one["id"] for one in mine(call, cast.township)]
    assert read(call, cast.township2, {"ids": ids}).json() == {"read": 0}
    problem(read(call, cast.township2, {"number": case.number}), 404, "not_found")
    assert Notice.objects.filter(read_at=None).count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"ids": []},
        {"all": False},
        {"ids": [1], "all": True},
        {"ids": "1"},
        {"ids": ["x"]},
        {"ids": [-1]},
        {"ids": [10**30]},
        {"ids": [None]},
        {"all": "yes"},
        {"number": 5},
        {"number": "SJ2026-0000001\0"},
        {"everything": True},
    ],
)
def test_what_is_wrong_is_refused(wrong: Any, cast: Cast, call: Call, at: Stage) -> None:
    at()
    answer = problem(read(call, cast.township, wrong), 422, "incomplete")
    assert len(answer["errors"]) == 1
    assert Notice.objects.filter(read_at=None).count() == 2


def test_a_wrong_filter_is_refused(cast: Cast, call: Call) -> None:
    problem(call(cast.township).client.get(NOTICES, {"unread": "maybe"}), 422, "incomplete")
    problem(call(cast.township).client.get(NOTICES, {"page_size": "-1"}), 422, "incomplete")


def test_a_repeat_answers_the_same(cast: Cast, call: Call, at: Stage) -> None:
    at()
    answers = [
        read(call, cast.township, {"all": True}, **{"idempotency-key": "k"}).json() for _turn in range(2)
    ]
    assert answers == [{"read": 1}, {"read": 1}]


def test_pages_and_queries(cast: Cast, call: Call, at: Stage, django_assert_max_num_queries: Any) -> None:
    for _turn in range(5):
        at()
    client = call(cast.township).client
    with django_assert_max_num_queries(10):
        answer = client.get(NOTICES, {"page_size": 2}).json()
    seen = [one["id"] for one in answer["results"]]
    while answer["next"]:
        answer = client.get(answer["next"]).json()
        seen += [one["id"] for one in answer["results"]]
    assert len(seen) == len(set(seen)) == 5
