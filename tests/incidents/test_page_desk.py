"""The desk: what waits for an office, in heaps that say how many; a worker's today."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from accounts.models import Post
from cases.models import Case
from incidents.queues import buckets_of
from tests.cases.conftest import NewCase
from tests.cast import Cast
from tests.incidents.moves import archived, assigned, do, fed_back, filed, investigating, verified

BrowserOf = Callable[[Post], Client]


def heap(client: Client, code: str = "") -> set[str]:
    answer = client.get("/incidents/todo/", {"bucket": code} if code else {})
    assert answer.status_code == 200
    return {row.number for row in answer.context["list"].rows}


def counts(client: Client) -> dict[str, int]:
    """Every heap's label and number as the page shows them."""
    return {str(one.label): one.value for one in client.get("/incidents/todo/").context["list"].heaps}


def test_each_step_lies_in_the_heap_of_the_office_that_has_it(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    cases = {
        "file": new_case(cast.worker),
        "assign": filed(new_case(cast.worker), cast),
        "accept": assigned(new_case(cast.worker), cast),
        "handle": investigating(new_case(cast.worker), cast),
        "verify": fed_back(new_case(cast.worker), cast),
        "archive": verified(new_case(cast.worker), cast),
    }
    archived(new_case(cast.worker), cast)
    numbers = {name: {case.number} for name, case in cases.items()}
    township, handler, worker = (browser_of(p) for p in (cast.township, cast.station, cast.worker))
    for name in ("file", "assign", "verify", "archive"):
        assert heap(township, name) == numbers[name], name
    for name in ("accept", "handle"):
        assert heap(handler, name) == numbers[name], name
        assert heap(township, name) == set(), name
    assert heap(worker, "verify") == numbers["verify"]
    assert heap(township) == {cases[n].number for n in ("file", "assign", "verify", "archive")}
    assert heap(handler) == {cases[n].number for n in ("accept", "handle")}
    for who in (cast.township2, cast.station2, cast.worker_b, cast.officer):
        assert heap(browser_of(who)) == set()


def test_the_number_of_a_heap_is_what_the_heap_holds(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, clock: Any
) -> None:
    for _turn in range(3):
        fed_back(new_case(cast.worker), cast)
        investigating(new_case(cast.worker), cast)
        new_case(cast.worker2)
    clock.forward(days=20)
    new_case(cast.worker)
    checked = 0
    for name in ("township", "station", "worker", "centre", "committee", "secretary", "village", "officer"):
        post = getattr(cast, name)
        client = browser_of(post)
        shown = counts(client)
        assert shown["全部待办"] == len(heap(client))
        for bucket in buckets_of(post):
            assert shown[str(bucket.label)] == len(heap(client, bucket.code)), (name, bucket.code)
            checked += 1
    assert checked > 30
    assert counts(browser_of(cast.township)) == {
        "全部待办": 4, "已超期": 6, "待立案": 1, "待指派": 0, "待批延期": 0, "返工": 0, "待签收": 0,
        "办理中": 0, "待核查": 3, "待归档": 0, "已挂起": 0,
    }  # fmt: skip
    assert counts(browser_of(cast.committee))["辖区超期"] == 9


def test_nobody_is_asked_to_verify_what_they_handled_whichever_post_they_use(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case = do(new_case(cast.worker), "settle", cast.worker, result="当场清理")
    assert heap(browser_of(cast.worker), "verify") == set()
    assert heap(browser_of(cast.township), "verify") == {case.number}
    also_centre = Post.objects.create(
        user=cast.worker.user, role="township_centre", division=cast.places.street, starts_on="2020-01-01"
    )
    assert heap(browser_of(also_centre), "verify") == set()


def test_extensions_returns_rework_and_suspensions_have_heaps(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, clock: Any
) -> None:
    asked = do(
        investigating(new_case(cast.worker), cast), "ask_extension", cast.station, amount="1", reason="雨"
    )
    again = do(fed_back(new_case(cast.worker), cast), "rework", cast.worker, reason="没清干净")
    still = do(
        investigating(new_case(cast.worker), cast),
        "suspend",
        cast.township,
        suspend_ground="weather",
        until="2026-12-01T10:00",
        reason="暴雨",
    )
    township, handler = browser_of(cast.township), browser_of(cast.station)
    assert heap(township, "extension") == {asked.number}
    assert heap(handler, "rework") == {again.number}
    assert heap(township, "suspended") == heap(handler, "suspended") == {still.number}
    assert "暂停计时" in handler.get("/incidents/todo/?bucket=suspended").content.decode()
    do(asked, "refuse_extension", cast.township, reason="抓紧办")
    assert heap(township, "extension") == set()


def test_what_the_topmost_centre_handled_lies_with_the_committee(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case = filed(new_case(cast.worker), cast)
    do(case, "pass_up", cast.township, reason="跨部门")
    do(case, "settle", cast.centre, result="市里办了")
    do(case, "verify", cast.worker)
    other = verified(new_case(cast.worker), cast)
    assert heap(browser_of(cast.committee), "archive") == {case.number}
    assert heap(browser_of(cast.centre), "archive") == set()
    assert heap(browser_of(cast.township), "archive") == {other.number}


def test_the_own_office_s_duty_decides_the_order_and_is_the_one_shown(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, clock: Any
) -> None:
    first = investigating(new_case(cast.worker), cast)
    clock.forward(days=1)
    second = assigned(new_case(cast.worker), cast)
    rows = browser_of(cast.station).get("/incidents/todo/").context["list"].rows
    assert [(row.number, str(row.duty)) for row in rows] == [(second.number, "签收"), (first.number, "处置")]
    assert {row.holder for row in rows} == {"剑光街道城管站"}


def test_a_heap_can_be_filtered_and_an_unknown_one_shows_what_waits(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    lamp, rubbish = new_case(cast.worker, title="路灯不亮"), new_case(cast.worker)
    client = browser_of(cast.township)
    answer = client.get("/incidents/todo/", {"bucket": "file", "q": "路灯"})
    assert [row.number for row in answer.context["list"].rows] == [lamp.number]
    assert 'name="bucket" value="file"' in answer.content.decode()
    assert heap(client, "nonsense") == {lamp.number, rubbish.number}


def test_nothing_to_do_says_so_and_what_next(cast: Cast, browser_of: BrowserOf) -> None:
    client = browser_of(cast.township)
    assert "没有待办" in client.get("/incidents/todo/").content.decode()
    assert "这一类现在没有事项" in client.get("/incidents/todo/?bucket=file").content.decode()
    assert "没有符合条件的事项" in client.get("/incidents/todo/?q=路灯").content.decode()
    today = browser_of(cast.worker).get("/incidents/desk/").content.decode()
    assert "还没有上报过" in today and "现在没有要核查的" in today


def test_a_workers_today_shows_what_to_check_what_came_back_and_what_became_of_reports(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    check = fed_back(new_case(cast.worker_b, place=cast.places.grid, title="待核查的"), cast)
    given = filed(new_case(cast.worker, title="交给我的"), cast)
    do(given, "assign", cast.township, handler=f"post:{cast.worker.pk}")
    done = archived(new_case(cast.worker, title="办完的"), cast)
    today = browser_of(cast.worker).get("/incidents/desk/").context["today"]

    def shown(rows: Any) -> list[str]:
        return [row.number for row in rows]

    assert shown(today.to_verify) == [check.number]
    assert shown(today.in_hand) == [given.number]
    assert shown(today.reports) == [done.number, given.number]
    assert (today.reported_open, today.numbers["verify"], today.in_hand_number) == (1, 1, 1)


def test_bulk_buttons_are_offered_to_those_who_may_use_them(cast: Cast, browser_of: BrowserOf) -> None:
    expected = {
        "township": ["assign", "urge", "merge"],
        "committee": ["urge"],
        "secretary": ["urge"],
        "station": [],
        "worker": [],
    }
    for name, actions in expected.items():
        buttons = browser_of(getattr(cast, name)).get("/incidents/todo/").context["buttons"]
        assert [button["value"] for button in buttons] == actions, name


def test_a_case_assigned_to_a_village_waits_at_the_village(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case: Case = filed(new_case(cast.worker), cast)
    do(case, "assign", cast.township, handler=f"division:{cast.places.village.code}")
    assert heap(browser_of(cast.village), "accept") == {case.number}
    assert heap(browser_of(cast.village_b)) == set()
