"""Statistics, overview and subsidies: every number leads to its disputes, nobody's name is among them."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest import mock

import pytest
from django.test import Client
from openpyxl import load_workbook

from cases.models import Case
from cases.periods import Period
from grids import clock
from mediation import figures
from mediation.models import Subsidy
from tests.cast import Cast
from tests.mediation import moves
from tests.mediation.conftest import Town
from tests.mediation.moves import do
from tests.mediation.test_pages import person_of
from tests.mediation.test_papers import whole

FIGURES, OVERVIEW, SUBSIDIES, LIST = (
    f"/mediations/{name}/" for name in ("figures", "overview", "subsidies", "list")
)
ALL = (
    "low",
    "mid",
    "other",
    "village",
    "township",
    "township2",
    "centre",
    "secretary",
    "committee",
    "worker",
    "officer",
)


@pytest.fixture
def lively(town: Town, cast: Cast) -> list[Case]:
    """Disputes with every kind of end, and some under way."""
    closed = moves.closed(town, cast, kind="family")
    performing = moves.performing(town, cast, kind="labour", source="court")
    refused = moves.running(town, cast, kind="labour")
    do(refused, "refuse", town.low, party=moves.sides(refused)[0], **moves.NOTICE)
    failed = moves.fail_once(moves.running(town, cast, source="police"), town.low)
    do(failed, "fail", town.low, reason="差距太大", **moves.NOTICE)
    withdrawn = moves.accepted(town, cast)
    do(withdrawn, "withdraw", town.low, reason="自行和解", **moves.NOTICE)
    passed = moves.accepted(town, cast, kind="land")
    do(passed, "pass_up", town.low, way="early", reason="跨社区")
    running = moves.running(town, cast, title="屋檐滴水纠纷")
    look = str(clock.today() + timedelta(days=1))
    do(running, "grade", town.low, colour="orange", reason="情绪激动", look_on=look)
    return [closed, performing, refused, failed, withdrawn, passed, running, moves.registered(town, cast)]


LINK = re.compile(r'<a href="(/mediations/list/\?[^"]+)">(\d+)</a>')


def rows_of(book: Any) -> list[Any]:
    """The rows of an Excel file's sheet."""
    return list(book.active.values)


def follow(client: Client, page: str) -> int:
    """Every number that is a link leads to just so many disputes; returns how many links there were."""
    links = LINK.findall(page)
    for url, number in links:
        found = client.get(url.replace("&amp;", "&")).content.decode()
        assert f"共 {number} 件" in found, (url, number)
    return len(links)


@pytest.mark.parametrize("group", sorted(figures.GROUPS))
def test_every_number_of_the_statistics_leads_to_its_disputes(
    group: str, lively: list[Case], cast: Cast, browser_of: Any
) -> None:
    client: Client = browser_of(cast.centre)
    page = client.get(FIGURES, {"group": group}).content.decode()
    assert follow(client, page) > 10
    for _code, label in figures.GROUPS[group][1]:
        assert f">{label}</th>" in page


def test_the_statistics_count_as_the_ministry_does(lively: list[Case], cast: Cast) -> None:
    year = Period.of_year(clock.today().year)
    total = figures.total(cast.centre.user, year)
    # Not accepted yet is not received; withdrawn came to no result; two of four with a result succeeded.
    assert (total.received, total.mediated, total.succeeded, total.refused, total.failed) == (7, 4, 2, 1, 1)
    assert str(total.success) == "50.00 % (2/4)"
    assert total.performed == 1 and total.days == 0
    for group in figures.GROUPS:
        lines = figures.by(cast.centre.user, year, group)
        assert sum(line.received for line in lines) == 7, group
        assert sum(line.mediated for line in lines) == 4, group
    labour = next(line for line in figures.by(cast.centre.user, year, "kind") if line.code == "labour")
    assert (labour.received, labour.succeeded, labour.refused) == (2, 1, 1)
    assert figures.total(cast.township2.user, year).received == 0


def test_1106_of_1120_shows_98_75_on_the_page_and_in_the_files(
    cast: Cast, town: Town, browser_of: Any
) -> None:
    line = figures.Line("", "", received=1200, mediated=1120, succeeded=1106)
    client: Client = browser_of(cast.centre)
    with mock.patch.object(figures, "total", return_value=line):
        assert "98.75 % (1,106/1,120)" in client.get(FIGURES).content.decode()
        sheet = load_workbook(io.BytesIO(b"".join(client.get(f"{FIGURES}file.xlsx")))).active
        assert sheet is not None and list(sheet.values)[-1][3:5] == (1106, 98.75)
        text = b"".join(client.get(f"{FIGURES}file.csv")).decode()
        assert list(csv.reader(io.StringIO(text)))[-1][3:5] == ["1106", "98.75"]


def test_the_files_hold_the_numbers_of_the_page(lively: list[Case], cast: Cast, browser_of: Any) -> None:
    client: Client = browser_of(cast.centre)
    book = load_workbook(io.BytesIO(b"".join(client.get(f"{FIGURES}file.xlsx", {"group": "source"}))))
    rows = rows_of(book)
    assert len(rows) == 1 + 9 + 1
    assert rows[-1][1:4] == (7, 4, 2)
    court = next(row for row in rows if row[0] == "法院诉前（诉调）")
    assert court[1:4] == (1, 1, 1)


@pytest.mark.parametrize(
    "days",
    [
        {"since": "x", "until": "2020-99-99"},
        {"group": "person"},
        {"since": "2020-01-01", "until": "2019-01-01"},
    ],
)
def test_whatever_is_asked_for_there_is_a_page(
    days: dict[str, str], cast: Cast, town: Town, browser_of: Any
) -> None:
    assert browser_of(cast.centre).get(FIGURES, days).status_code == 200


def test_the_list_is_exported_without_any_name(
    lively: list[Case], cast: Cast, town: Town, browser_of: Any
) -> None:
    for post, number in ((cast.centre, 8), (town.low, 8), (town.other, 0), (cast.worker, 0)):
        client: Client = browser_of(post)
        head, *rows = rows_of(load_workbook(io.BytesIO(b"".join(client.get(f"{LIST}file.xlsx")))))
        assert len(rows) == number and len(head) == 16
        text = b"".join(client.get(f"{LIST}file.csv?state=refused")).decode()
        assert len(text.splitlines()) == 1 + (1 if number else 0)
        for secret in ("欧", "司徒", moves.identity(1), "0001380", "东路1号", "多次争吵"):
            assert secret not in text and secret not in str(rows)


# --- the overview


@pytest.mark.parametrize("who", ALL)
def test_who_sees_the_overview(who: str, lively: list[Case], town: Town, cast: Cast, browser_of: Any) -> None:
    client: Client = browser_of(person_of(who, town, cast))
    answer = client.get(OVERVIEW)
    watches = who in ("village", "township", "township2", "centre", "secretary", "committee")
    assert answer.status_code == (200 if watches else 403)
    if watches:
        page = answer.content.decode()
        assert (follow(client, page) > 5) == (who != "township2")
        assert "欧" not in page.replace("欧洲", "")


def test_the_overview_counts_what_is_open_now(lively: list[Case], cast: Cast, browser_of: Any) -> None:
    client: Client = browser_of(cast.centre)
    later = clock.now() + timedelta(days=10)
    with mock.patch("grids.clock._database_time", lambda: later):
        page = client.get(OVERVIEW).content.decode()
        assert follow(client, page) > 8
    assert "复看过期" in page
    assert "look_due=true" in page and "overdue=true" in page


# --- subsidies


def claimed(town: Town, cast: Cast) -> Subsidy:
    case = whole(town, cast)
    do(case, "claim_subsidy", town.low, grade="simple", payee=str(town.low.pk))
    return Subsidy.objects.select_related("case").get(case=case)


@pytest.mark.parametrize("who", ALL)
def test_who_sees_subsidies(who: str, town: Town, cast: Cast, browser_of: Any) -> None:
    row = claimed(town, cast)
    answer = browser_of(person_of(who, town, cast)).get(SUBSIDIES)
    reads = who in ("low", "mid", "other", "centre")
    assert answer.status_code == (200 if reads else 403)
    assert (row.case.number in answer.content.decode()) == (who in ("low", "centre"))
    paid = browser_of(person_of(who, town, cast)).get(f"{SUBSIDIES}payments.xlsx")
    assert paid.status_code == (200 if who == "centre" else 403)


def test_a_month_is_paid_by_its_list(town: Town, cast: Cast, browser_of: Any) -> None:
    row = claimed(town, cast)
    moves.on(row, "approve", cast.centre)
    client: Client = browser_of(cast.centre)
    page = client.get(SUBSIDIES).content.decode()
    assert "共 1 件，100.00 元" in page and "社区调解员甲" in page
    book = load_workbook(io.BytesIO(b"".join(client.get(f"{SUBSIDIES}payments.xlsx"))))
    head, line, total = rows_of(book)
    assert line[1:7] == (
        "东路社区人民调解委员会", "社区调解员甲", row.case.number, "(2026)东路人调字第1号", "一般纠纷", 100,
    )  # fmt: skip
    assert total[6] == 100 and head[6] == "金额（元）"
    before = clock.today().replace(day=1) - timedelta(days=1)
    assert "没有批准的案补" in client.get(SUBSIDIES, {"month": f"{before:%Y-%m}"}).content.decode()
    assert Decimal(str(line[6])) == row.amount


# --- nobody is counted


def test_there_is_no_search_list_or_count_by_person(
    lively: list[Case], town: Town, cast: Cast, browser_of: Any
) -> None:
    """Names, numbers and telephones find nothing anywhere, for nobody: not even for the committee itself."""
    case = lively[0]
    for who in ("low", "centre", "committee", "village"):
        client: Client = browser_of(person_of(who, town, cast))
        for word in ("欧阳甲", "欧阳", "司徒乙", moves.identity(1), "00013800001", "东路1号"):
            for url in (LIST, "/incidents/", "/whistles/list/", "/search/"):
                answer = client.get(url, {"q": word})
                if answer.status_code == 404:
                    continue
                assert case.number not in answer.content.decode(), (who, word, url)
        for url in (LIST, FIGURES, OVERVIEW, SUBSIDIES, f"{LIST}?q=院墙"):
            assert "欧阳" not in client.get(url).content.decode()
    assert case.number in browser_of(town.low).get(LIST, {"q": "院墙"}).content.decode()


def test_no_table_ties_a_person_to_disputes(lively: list[Case]) -> None:
    """No column holds a name or a number, and what a filter of the list can ask for says nothing of people."""
    from django.db import connection

    from mediation.filters import MediationFilter

    about_people = {"party", "name", "phone", "id_number", "person", "digest"}
    assert not about_people & set(MediationFilter.base_filters)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if not table.startswith("mediation_"):
                continue
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            for (row,) in cursor.fetchall():
                assert "欧阳甲" not in row and moves.identity(1) not in row and "00013800001" not in row, (
                    table
                )
