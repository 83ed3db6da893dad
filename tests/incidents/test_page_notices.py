"""The inbox: what one was told, by day, read or not, and nothing of a case that one may see no longer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Post
from cases import views
from cases.models import Notice
from tests.cases.conftest import NewCase
from tests.cast import Cast
from tests.incidents.moves import assigned, do, fed_back, filed

BrowserOf = Callable[[Post], Client]


def told(client: Client, **query: str) -> list[Any]:
    answer = client.get("/notices/", query)
    assert answer.status_code == 200
    found: list[Any] = answer.context["told"]
    return found


def test_each_notice_says_what_happened_to_which_case_by_whom_and_leads_there(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case = filed(new_case(cast.worker), cast)
    do(case, "assign", cast.township, handler=f"department:{cast.departments.station.pk}", note="请尽快清运")
    (one,) = told(browser_of(cast.station))
    assert (str(one.verb), one.title, one.number, one.url) == (
        "指派",
        case.title,
        case.number,
        case.get_absolute_url(),
    )
    assert (one.words, one.who, one.unread) == ("请尽快清运", "剑光街道综治中心", True)


def test_notices_are_read_one_by_one_all_at_once_or_by_opening_the_case(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    cases = [assigned(new_case(cast.worker), cast) for _turn in range(4)]
    client = browser_of(cast.station)

    def unread() -> set[str]:
        return {one.number for one in told(client, show="unread")}

    first = told(client)[-1]
    client.post("/notices/read/", {"id": first.pk})
    assert unread() == {case.number for case in cases} - {first.number}
    client.get(cases[1].get_absolute_url())
    assert unread() == {cases[2].number, cases[3].number}
    assert "2 条未读" in client.get("/notices/").content.decode()
    client.post("/notices/read/", {"all": "1"})
    assert unread() == set()
    assert "没有未读通知" in client.get("/notices/?show=unread").content.decode()
    assert len(told(client)) == 4


def test_somebody_elses_notice_stays_unread(cast: Cast, new_case: NewCase, browser_of: BrowserOf) -> None:
    assigned(new_case(cast.worker), cast)
    theirs = Notice.objects.filter(recipient=cast.station.user)
    browser_of(cast.officer).post("/notices/read/", {"id": [notice.pk for notice in theirs]})
    browser_of(cast.officer).post("/notices/read/", {"all": "1"})
    assert theirs.filter(read_at=None).count() == theirs.count() > 0


def test_a_notice_of_a_case_that_is_no_longer_ones_own_says_nothing_of_it(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case = assigned(new_case(cast.worker, title="绝密井盖"), cast)
    do(case, "return", cast.station, ground="not_place", reason="在隔壁")
    client = browser_of(cast.station)
    text = client.get("/notices/").content.decode()
    assert "绝密" not in text and case.number not in text
    assert "已不在您的岗位范围内" in text
    assert "1 条未读" in text
    client.post("/notices/read/", {"all": "1"})
    assert "没有未读" in client.get("/notices/").content.decode()


def test_the_unread_number_in_the_frame_is_that_of_the_inbox(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    for _turn in range(3):
        fed_back(new_case(cast.worker), cast)
    client = browser_of(cast.township)
    number = Notice.objects.filter(recipient=cast.township.user, read_at=None).count()
    assert number > 0
    assert client.get("/notices/").context["frame"].unread == number == len(told(client, show="unread"))


def test_the_inbox_goes_on_over_pages(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PAGE_SIZE", 2)
    for _turn in range(3):
        assigned(new_case(cast.worker), cast)
        clock.forward(minutes=1)
    client = browser_of(cast.station)
    first = client.get("/notices/")
    second = client.get("/notices/", {"after": first.context["page"].after})
    seen = [one.pk for answer in (first, second) for one in answer.context["told"]]
    assert seen == sorted(seen, reverse=True) and len(set(seen)) == 3


def test_an_empty_inbox_says_what_will_come(cast: Cast, browser_of: BrowserOf) -> None:
    assert "还没有通知" in browser_of(cast.officer).get("/notices/").content.decode()
