"""The boards over HTTP: what they show is so, every number leads to its cases, nobody else gets in."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from cases import ringing
from cases.models import Deadline
from cases.periods import Period
from grids import clock as clocks
from oversight import board, queue_health, summaries
from oversight.access import BOARD_ROLES
from oversight.board_files import FILES
from tests.cast import Cast
from tests.incidents import moves
from tests.oversight.following import TOTAL, follow

pytestmark = pytest.mark.django_db
BOARD, WALL, CENTRE = "/oversight/board/", "/oversight/wall/", "/oversight/centre/"
EVERYBODY = (
    "worker", "village", "township", "secretary", "centre", "committee", "officer", "mediator", "sysadmin",
    "secadmin", "auditor", "stranger",
)  # fmt: skip
MAY = {
    BOARD: {"centre", "committee"},
    WALL: {"centre", "committee"},
    CENTRE: {"village", "township", "secretary", "centre", "committee"},
}


@pytest.fixture
def busy(lively: list[Period], new_case: Any, cast: Cast, clock: Any) -> None:
    """Some weeks of lives, and open matters of every age."""
    for days in (40, 10, 4, 1, 0):
        at = clock.at
        clock.set(at - timedelta(days=days))
        case = moves.investigating(new_case(), cast)
        assert case.is_open
        clock.set(at)
    ringing.ring_all()
    summaries.refresh_all()


@pytest.mark.parametrize("url", MAY)
@pytest.mark.parametrize("name", EVERYBODY)
def test_who_gets_in(url: str, name: str, cast: Cast, browser_of: Any, workdays: None) -> None:
    status = browser_of(getattr(cast, name)).get(url).status_code
    assert (status == 200) == (name in MAY[url]), status
    assert status in (200, 403, 404)


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("committee", BOARD), ("centre", CENTRE), ("township", CENTRE), ("village", CENTRE),
        ("secretary", "/oversight/figures/"), ("officer", "/oversight/figures/"), ("worker", "/oversight/figures/"),
    ],
)  # fmt: skip
def test_each_comes_to_its_own_board(name: str, url: str, cast: Cast, browser_of: Any) -> None:
    answer = browser_of(getattr(cast, name)).get("/oversight/")
    assert answer.status_code == 302 and answer.headers["Location"] == url


@pytest.mark.parametrize("url", [BOARD, WALL])
def test_every_number_of_the_committees_board_leads_to_its_cases(
    url: str, busy: None, cast: Cast, browser_of: Any
) -> None:
    client: Client = browser_of(cast.committee)
    page = client.get(url).content.decode()
    assert follow(client, page) > 8
    assert "另一件" in page and "丰城市公安局" in page


@pytest.mark.parametrize("name", ["centre", "township", "village", "committee"])
def test_every_number_of_the_centres_board_leads_to_its_cases(
    name: str, busy: None, cast: Cast, browser_of: Any
) -> None:
    client: Client = browser_of(getattr(cast, name))
    assert follow(client, client.get(CENTRE).content.decode()) > 8


def test_the_ages_of_open_matters(busy: None, cast: Cast) -> None:
    rows = {str(step.label): step for step in queue_health.steps(board.cases_seen(cast.centre))}
    ages = [cell.number for cell in rows["办理中"].ages]
    assert ages == [1, 1, 1, 1, 1]
    for step in rows.values():
        assert step.total.number == sum(cell.number for cell in step.ages)


def test_what_is_overdue_now_stands_with_its_department(busy: None, cast: Cast) -> None:
    late = {
        row.name: row
        for row in board.late_departments(cast.committee, board.owing_now(board.cases_seen(cast.committee)))
    }
    station = late["剑光街道城管站"]
    assert station.owed is not None and station.owed.duties >= 1
    assert station.times >= 1
    urban = late["丰城市城市管理局"]
    assert [value.numerator for value, _of in urban.often] == [0, 2]  # not there in two hours, twice


def test_a_township_sees_its_own_queue_alone(busy: None, cast: Cast, browser_of: Any) -> None:
    page = browser_of(cast.township2).get(CENTRE).content.decode()
    assert "剑光街道" not in page
    assert all(step.total.number == 0 for step in queue_health.steps(board.cases_seen(cast.township2)))


def test_a_category_never_in_time_is_named(busy: None, new_case: Any, cast: Cast, clock: Any) -> None:
    assert queue_health.never_met(cast.centre) == []
    Deadline.objects.filter(duty="handle", met_at__isnull=False).update(missed_at=clocks.now())
    list(summaries.rebuild())
    assert [row.label for row in queue_health.never_met(cast.centre)] == ["暴露垃圾"]


def test_the_board_brings_itself_up_to_date(busy: None, cast: Cast, browser_of: Any) -> None:
    client: Client = browser_of(cast.committee)
    part = client.get(BOARD, HTTP_HX_REQUEST="true").content.decode()
    assert part.lstrip().startswith('<div id="oversight-board"') and "<html" not in part
    assert 'hx-get="/oversight/board/"' in part
    wall = client.get(WALL, HTTP_HX_REQUEST="true").content.decode()
    assert 'hx-get="/oversight/wall/"' in wall


def test_an_empty_city_has_a_board_too(cast: Cast, browser_of: Any, workdays: None) -> None:
    page = browser_of(cast.committee).get(BOARD).content.decode()
    for words in ("现在没有正在进行的吹哨。", "没有部门超期。", "近 30 天没有上报。"):
        assert words in page
    page = browser_of(cast.centre).get(CENTRE).content.decode()
    assert "没有部门手上有未办完的事件。" in page


def test_every_table_of_a_board_is_taken_away_with_its_definitions(
    busy: None, cast: Cast, browser_of: Any
) -> None:
    committee: Client = browser_of(cast.committee)
    pages = {url: committee.get(url).content.decode() for url in (BOARD, CENTRE)}
    links = {link for page in pages.values() for link in re.findall(r'href="(/oversight/board/[^"]+)"', page)}
    shown = {key for key in FILES if f"{BOARD}{key}.csv" in links}
    assert {"running", "late", "trend", "places", "kinds", "steps", "loads", "back-by-office"} <= shown
    assert links == {f"{BOARD}{key}.{ending}" for key in shown for ending in ("csv", "xlsx")}
    for key in FILES:
        lines = b"".join(committee.get(f"{BOARD}{key}.csv")).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(lines)))
        blank = rows.index([]) if [] in rows else len(rows)
        book = load_workbook(io.BytesIO(b"".join(committee.get(f"{BOARD}{key}.xlsx"))))
        written = [["" if cell is None else cell for cell in row] for row in book.worksheets[0].values]
        assert len(written) == blank and written[0] == rows[0], key
        listed = FILES[key].make(cast.committee)
        assert blank == len(listed.rows) + 1 and (key not in shown or listed.rows), key
        named = [str(one.name) for one in listed.indicators]
        assert [row[0] for row in rows[blank + 2 :]] == named, key
        assert (book.sheetnames[-1] == "指标说明") == bool(named)
        if key in shown:
            page = pages[BOARD if FILES[key].roles == BOARD_ROLES else CENTRE]
            assert all(row[0] in page or row[0][5:] in page for row in rows[1:blank]), key
    for name, key, status in (
        ("township", "late", 403),
        ("township", "steps", 200),
        ("officer", "steps", 403),
    ):
        assert browser_of(getattr(cast, name)).get(f"{BOARD}{key}.csv").status_code == status
    assert committee.get(f"{BOARD}nothing.csv").status_code == 404
    assert committee.get(f"{BOARD}late.exe").status_code == 404


def test_the_tiles_say_what_their_pages_list(busy: None, cast: Cast, browser_of: Any) -> None:
    client: Client = browser_of(cast.committee)
    page = client.get(BOARD).content.decode()
    tiles = {
        unescape(url): int(number)
        for url, number in re.findall(r'<li data-look="\w+"><a href="([^"]+)">.*?<b>([\d,]+)</b>', page)
    }
    assert len(tiles) == 3
    for url, number in tiles.items():
        body = client.get(url).content.decode()
        if url.startswith("/whistles/board/"):
            assert body.count("gz-running-one") == number > 0, url
        elif url.startswith("/incidents/overdue/"):
            owed = [int(one) for one in re.findall(r'data-label="超期项数">(\d+)<', body)]
            assert sum(owed) == number > 0, url
        else:
            assert int(TOTAL.findall(body)[0]) == number, url
