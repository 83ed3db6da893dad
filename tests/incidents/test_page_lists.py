"""The list of incidents: who sees which rows, every filter, search, pages, and a number of queries that stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Post
from cases.models import Case, SavedFilter
from incidents.models import PositionSource
from incidents.services import Position
from tests.cases.conftest import NewCase, make_category
from tests.cast import Cast
from tests.incidents.moves import archived, assigned, do, fed_back, filed, investigating

BrowserOf = Callable[[Post], Client]


def numbers(client: Client, **query: Any) -> set[str]:
    """The numbers of the rows that a filtered list shows."""
    answer = client.get("/incidents/", query)
    assert answer.status_code == 200, answer.content.decode()[:500]
    return {row.number for row in answer.context["list"].rows}


def test_everybody_sees_the_rows_of_their_posts_and_no_others(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    here = assigned(new_case(cast.worker), cast)
    there = new_case(cast.worker2)
    expected = {
        "worker": {here},
        "worker_b": set(),
        "village": {here},
        "village_b": set(),
        "township": {here},
        "township2": {there},
        "secretary": {here},
        "station": {here},
        "station2": set(),
        "officer": set(),
        "centre": {here, there},
        "committee": {here, there},
        "mediator": set(),
    }
    for name, cases in expected.items():
        assert numbers(browser_of(getattr(cast, name))) == {case.number for case in cases}, name


def test_each_filter_narrows_to_what_it_names(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, clock: Any
) -> None:
    second = make_category("1102")
    plain = new_case(cast.worker)
    clock.forward(days=1)
    waiting = filed(new_case(cast.worker_b, title="路灯不亮"), cast)
    handled = investigating(new_case(cast.worker), cast)
    do(handled, "make_urgent", cast.township, reason="学校门口")
    do(handled, "supervise", cast.centre, card="yellow", reason="多次反映")
    over = archived(new_case(cast.worker), cast)
    other = new_case(cast.worker, category=second)
    by_worker = filed(new_case(cast.worker), cast)
    do(by_worker, "assign", cast.township, handler=f"post:{cast.worker.pk}")
    open_ones = {plain, waiting, handled, other, by_worker}
    expected: list[tuple[dict[str, Any], set[Case]]] = [
        ({}, {*open_ones, over}),
        ({"state": "filed"}, {waiting}),
        ({"state": ["filed", "archived"]}, {waiting, over}),
        ({"category": "1102"}, {other}),
        ({"category": "11"}, {*open_ones, over}),
        ({"place": cast.places.grid_b.code}, {waiting}),
        ({"place": cast.places.village.code}, {*open_ones, over}),
        ({"place": cast.places.town2.code}, set()),
        ({"office": cast.places.street.code}, {*open_ones, over}),
        ({"office": cast.places.city.code}, set()),
        ({"department": cast.departments.station.pk}, {handled, over}),
        ({"department": cast.departments.police.pk}, set()),
        ({"urgent": "on"}, {handled}),
        ({"supervision": "any"}, {handled}),
        ({"supervision": "yellow"}, {handled}),
        ({"supervision": "red"}, set()),
        ({"open": "on"}, open_ones),
        ({"unassigned": "on"}, {plain, waiting, other}),
        ({"no_department": "on"}, {plain, waiting, other, by_worker}),
        ({"overdue": "on"}, {plain}),
        ({"mine": "on"}, {plain, waiting, other}),
        ({"reported": "on"}, set()),
        ({"opened_to": "2026-11-18"}, {plain}),
        ({"opened_from": "2026-11-19"}, {waiting, handled, over, other, by_worker}),
        ({"opened_from": "2026-11-19", "urgent": "on"}, {handled}),
        ({"q": "路灯"}, {waiting}),
    ]
    client = browser_of(cast.township)
    for query, cases in expected:
        assert numbers(client, **query) == {case.number for case in cases}, query
    assert numbers(browser_of(cast.worker_b), reported="on") == {waiting.number}


@pytest.mark.parametrize(
    "query",
    [
        "垃圾",
        "垃圾 东路口",
        "口垃",
        "剑光",
        "东路社区 垃圾",
        "剑光街道 › 东路社区居委会",
        "{number}",
        "{lower}",
        "{tail}",
    ],
)
def test_search_finds_by_number_place_and_any_two_characters(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, query: str
) -> None:
    case = new_case(cast.worker)
    new_case(cast.worker2, title="路灯不亮")
    words = query.format(number=case.number, lower=case.number.lower(), tail=case.number[-7:])
    assert numbers(browser_of(cast.centre), q=words) == {case.number}


def test_search_of_words_that_do_not_all_occur_finds_nothing(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    new_case(cast.worker)
    client = browser_of(cast.centre)
    for words in ("垃圾 路灯", "小港 垃圾", "，！", "🚧"):
        assert numbers(client, q=words) == set(), words
        assert "没有符合条件的事项" in client.get("/incidents/", {"q": words}).content.decode()


def test_a_condition_that_cannot_be_read_shows_no_rows_and_says_why(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    new_case(cast.worker)
    client = browser_of(cast.township)
    for query in (
        {"state": "nowhere"},
        {"place": "999"},
        {"department": "0"},
        {"opened_from": "soon"},
        {"order": "luck"},
        {"category": "9999"},
    ):
        answer = client.get("/incidents/", query)
        assert answer.status_code == 200
        assert answer.context["list"].rows == [], query
        assert "有内容需要改一下" in answer.content.decode(), query


def test_a_filter_of_a_department_far_away_is_kept_when_a_link_names_it(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    answer = browser_of(cast.township).get("/incidents/", {"department": cast.departments.station2.pk})
    page = answer.content.decode()
    assert f'value="{cast.departments.station2.pk}" selected' in page
    assert "承办部门：小港镇城管站" in page


def test_pages_show_every_row_once_although_rows_come_in_between(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cases.lists.PAGE_SIZE", 2)
    cases = set()
    for turn in range(5):
        clock.forward(minutes=turn // 4)  # four of them at one instant
        cases.add(new_case(cast.worker).number)
    client = browser_of(cast.township)
    for order in ("newest", "deadline"):
        url, seen, back = f"/incidents/?order={order}", [], ""
        for turn in range(3):
            answer = client.get(url)
            seen += [row.number for row in answer.context["list"].rows]
            back = answer.context["list"].previous_url
            url = f"/incidents/{answer.context['list'].next_url}"
            if turn == 0 and order == "deadline":
                clock.forward(minutes=1)
                archived(new_case(cast.worker), cast)
        assert len(seen) == len(set(seen)) and cases <= set(seen), order
        first = client.get(f"/incidents/{back}").context["list"]
        assert [row.number for row in first.rows] == seen[2:4]


def test_the_newest_come_first_and_by_deadline_the_most_pressing(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, clock: Any
) -> None:
    late = new_case(cast.worker)
    clock.forward(minutes=30)
    calm = assigned(new_case(cast.worker), cast)
    clock.forward(minutes=1)
    done = archived(new_case(cast.worker), cast)
    client = browser_of(cast.township)

    def order(name: str) -> list[str]:
        return [row.number for row in client.get("/incidents/", {"order": name}).context["list"].rows]

    assert order("newest") == [done.number, calm.number, late.number]
    assert order("deadline") == [late.number, calm.number, done.number]


def test_the_number_of_queries_does_not_grow_with_the_rows(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, clock: Any
) -> None:
    client = browser_of(cast.township)
    pages = (
        "/incidents/",
        "/incidents/todo/",
        "/incidents/points.geojson",
        "/incidents/overdue/",
        "/notices/",
    )

    def queries() -> dict[str, int]:
        found = {}
        for page in pages:
            client.get(page)
            with CaptureQueriesContext(connection) as caught:
                client.get(page)
            found[page] = len(caught)
        return found

    for worker in (cast.worker, cast.worker_b):
        new_case(worker)
        assigned(new_case(worker), cast)
        fed_back(new_case(worker), cast)
    clock.forward(days=3)
    few = queries()
    for worker in (cast.worker, cast.worker_b, cast.worker_c) * 3:
        new_case(worker)
        assigned(new_case(worker), cast)
        fed_back(new_case(worker), cast)
    clock.forward(days=3)
    assert len(client.get("/incidents/").context["list"].rows) > 20
    assert queries() == few


def test_a_kept_filter_is_an_address_that_shows_everybody_only_their_own(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    here, there = new_case(cast.worker), new_case(cast.worker2)
    query = urlencode({"q": "垃圾", "open": "on"})
    client = browser_of(cast.township)
    answer = client.post(
        "/filters/", {"kind": "incident", "name": "垃圾", "query": f"{query}&after=x"}, follow=False
    )
    assert answer.status_code == 303
    shared = client.get(answer["Location"])
    assert [row.number for row in shared.context["list"].rows] == [here.number]
    assert [one.name for one in shared.context["saved"]] == ["垃圾"]
    other = browser_of(cast.township2)
    assert [row.number for row in other.get(answer["Location"]).context["list"].rows] == [there.number]
    assert other.get("/incidents/").context["saved"] == []


def test_keeping_a_filter_under_the_same_name_replaces_it_and_only_its_owner_deletes_it(
    cast: Cast, browser_of: BrowserOf
) -> None:
    client = browser_of(cast.township)
    for query in ("q=a1", "q=b2"):
        client.post("/filters/", {"kind": "incident", "name": "常用", "query": query})
    kept = SavedFilter.objects.get()
    assert kept.query == "q=b2"
    assert browser_of(cast.township_b).post(f"/filters/{kept.pk}/forget/").status_code == 404
    assert (
        client.post(f"/filters/{kept.pk}/forget/", {"next": "https://evil.example/"})["Location"]
        == "/incidents/"
    )
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize(
    "sent",
    [{"name": " ", "query": "q=1"}, {"name": "空", "query": ""}, {"name": "长" * 41, "query": "q=1"}],
)
def test_a_filter_without_a_name_or_a_condition_is_not_kept(
    cast: Cast, browser_of: BrowserOf, sent: dict[str, str]
) -> None:
    answer = browser_of(cast.township).post("/filters/", {"kind": "incident", **sent}, follow=True)
    assert not SavedFilter.objects.exists()
    assert "gz-toast-error" in answer.content.decode()


def test_points_are_the_filtered_rows_with_their_places(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, clock: Any
) -> None:
    exact = new_case(cast.worker, position=Position(28.185, 115.785, PositionSource.PHONE))
    rough = new_case(cast.worker_b, title="路灯不亮")
    new_case(cast.worker2)
    clock.forward(hours=2)
    answer = browser_of(cast.township).get("/incidents/points.geojson")
    assert answer["Content-Type"] == "application/geo+json"
    points = {f["properties"]["number"]: f for f in answer.json()["features"]}
    assert set(points) == {exact.number, rough.number}
    assert points[exact.number]["geometry"] == {"type": "Point", "coordinates": [115.785, 28.185]}
    assert points[rough.number]["geometry"]["coordinates"] == pytest.approx([115.795, 28.185])
    assert points[exact.number]["properties"]["look"] == "over"
    assert points[exact.number]["properties"]["url"] == exact.get_absolute_url()
    narrowed = browser_of(cast.township).get("/incidents/points.geojson", {"q": "路灯"}).json()
    assert [f["properties"]["number"] for f in narrowed["features"]] == [rough.number]


def test_the_light_turns_yellow_at_the_instant_of_the_reminder_and_red_at_the_end(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, clock: Any
) -> None:
    new_case(cast.worker)
    client = browser_of(cast.township)
    looks = []
    for minutes in (0, 41, 2, 18):
        clock.forward(minutes=minutes)
        page = client.get("/incidents/todo/").content.decode()
        looks.append(page.split('class="gz-due" data-look="')[1].split('"')[0])
    assert looks == ["ok", "ok", "soon", "over"]
