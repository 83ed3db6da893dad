"""Tables of figures over HTTP: every number leads to as many rows, nobody sees what is not theirs, files say the same."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from cases.periods import Period
from oversight import summaries
from tests.cast import Cast
from tests.oversight.following import follow

pytestmark = pytest.mark.django_db
FIGURES, BEHIND, MEANINGS = "/oversight/figures/", "/oversight/behind/", "/oversight/definitions/"
YEAR = {"since": "2026-01-01", "until": "2026-12-31"}
SEES_PLACES = ("village", "township", "secretary", "centre", "committee")
SEES_OWN = ("worker", "officer", "station")
SEES_NOTHING = ("mediator",)


@pytest.fixture(autouse=True)
def _counted(lively: list[Period]) -> None:
    summaries.refresh_all()


@pytest.mark.parametrize("name", SEES_PLACES)
@pytest.mark.parametrize("subject", ["incident", "whistle", "mediation"])
def test_every_number_leads_to_as_many_rows(name: str, subject: str, cast: Cast, browser_of: Any) -> None:
    client: Client = browser_of(getattr(cast, name))
    seen = 0
    for by in ("place", "category", "office", "worker"):
        answer = client.get(FIGURES, {**YEAR, "subject": subject, "by": by})
        assert answer.status_code == 200
        seen += follow(client, answer.content.decode())
    assert seen > 5 or (name == "village" and subject == "whistle")


def test_a_long_table_is_told_page_by_page_and_every_page_has_the_sum(
    cast: Cast, browser_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client: Client = browser_of(cast.committee)
    asked = {**YEAR, "subject": "incident", "by": "place"}

    def rows(page: str) -> list[str]:
        table = client.get(FIGURES, {**asked, "page": page}).content.decode().split('id="rows"')[1]
        return [
            str(one) for one in re.findall(r"<th role=\"rowheader\" scope=\"row\">(?:<a[^>]*>)?(.*?)<", table)
        ]

    whole = rows("1")
    assert len(whole) == 3 and whole[-1] == "合计"
    monkeypatch.setattr("oversight.views.figures.ROWS", 1)
    first, second = rows("1"), rows("2")
    assert [first[0], second[0], "合计"] == whole and first[1] == second[1] == "合计"
    assert rows("3") == second and rows("x") == first
    assert "page=2" in client.get(FIGURES, asked).content.decode()


@pytest.mark.parametrize("name", SEES_OWN)
def test_a_department_and_a_worker_see_their_own_work_alone(name: str, cast: Cast, browser_of: Any) -> None:
    client: Client = browser_of(getattr(cast, name))
    pages = [
        client.get(FIGURES, {**YEAR, "subject": one}).content.decode() for one in ("incident", "whistle")
    ]
    assert sum(follow(client, page) for page in pages) > 0
    others = {"officer": "公安局", "station": "公安局", "worker": "网格员乙"}
    assert not any(others[name] in page for page in pages)
    for asked in ({"place": cast.places.street.code}, {"place": cast.places.city.code}):
        assert client.get(FIGURES, asked).status_code == 404
    mine = client.get(BEHIND, {**YEAR, "indicator": "on_time_handling_rate", "side": "denominator"})
    theirs = client.get(
        BEHIND,
        {**YEAR, "indicator": "on_time_handling_rate", "side": "denominator",
         "who": f"d{cast.departments.police.pk}"},
    )  # fmt: skip
    assert mine.content.decode().count("data-line") == theirs.content.decode().count("data-line")


@pytest.mark.parametrize("name", SEES_NOTHING)
def test_who_has_no_numbers_is_told_where_to_look(name: str, cast: Cast, browser_of: Any) -> None:
    answer = browser_of(getattr(cast, name)).get(FIGURES)
    assert answer.status_code == 403 and "矛盾调解" in answer.content.decode()


@pytest.mark.parametrize("name", ["sysadmin", "secadmin", "auditor", "stranger"])
@pytest.mark.parametrize("url", [FIGURES, MEANINGS, f"{BEHIND}?indicator=reports&side=numerator"])
def test_administrators_and_strangers_see_nothing(name: str, url: str, cast: Cast, browser_of: Any) -> None:
    assert browser_of(getattr(cast, name)).get(url).status_code in (403, 404)


def test_a_township_sees_itself_and_nothing_beside_or_above(cast: Cast, browser_of: Any) -> None:
    client: Client = browser_of(cast.township2)
    page = client.get(FIGURES, YEAR).content.decode()
    assert "剑光街道" not in page
    for place in (cast.places.street, cast.places.city, cast.places.village, cast.places.grid):
        assert client.get(FIGURES, {"place": place.code}).status_code == 404
        asked = {**YEAR, "indicator": "reports", "side": "numerator", "place": place.code}
        assert client.get(BEHIND, asked).status_code == 404
        assert client.get(f"{BEHIND}file.csv", asked).status_code == 404
    assert client.get(FIGURES, {"place": cast.places.grid2.code}).status_code == 200


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"since": "x"}, "since"),
        ({"since": "2026-02-30"}, "since"),
        ({"since": "1900-01-01"}, "since"),
        ({"since": "2026-03-01", "until": "2026-02-01"}, "until"),
        ({"since": "2010-01-01", "until": "2026-02-01"}, "until"),
    ],
)
def test_bad_periods_are_refused_by_their_field(
    asked: dict[str, str], field: str, cast: Cast, browser_of: Any
) -> None:
    answer = browser_of(cast.committee).get(FIGURES, asked)
    assert answer.status_code == 422
    assert browser_of(cast.committee).get(f"{FIGURES}file.csv", asked).status_code == 422


def test_junk_in_the_address_is_no_error_of_the_program(cast: Cast, browser_of: Any) -> None:
    client: Client = browser_of(cast.committee)
    for asked in (
        {"place": "\0"}, {"place": "9" * 15}, {"by": "x"}, {"subject": "x"}, {"page": "x"}, {"since": "9999-12-31"},
    ):  # fmt: skip
        assert client.get(FIGURES, asked).status_code in (200, 400, 404, 422), asked
    for asked in (
        {}, {"indicator": "x"}, {"indicator": "reports", "side": "denominator"},
        {"indicator": "reports", "side": "numerator", "who": "d99999999999999999"},
        {"indicator": "reports", "side": "numerator", "category": "x"},
        {"indicator": "reports", "side": "numerator", "page": "-1"},
    ):  # fmt: skip
        assert client.get(BEHIND, asked).status_code in (200, 422), asked


def test_the_files_hold_the_table_and_its_definitions(cast: Cast, browser_of: Any) -> None:
    client: Client = browser_of(cast.centre)
    asked = {**YEAR, "subject": "incident", "by": "place"}
    book = load_workbook(io.BytesIO(b"".join(client.get(f"{FIGURES}file.xlsx", asked))))
    assert book.sheetnames == ["事件", "指标说明"]
    sheet = [list(row) for row in book["事件"].values]
    lines = b"".join(client.get(f"{FIGURES}file.csv", asked)).decode("utf-8-sig")
    text = list(csv.reader(io.StringIO(lines)))
    assert sheet[0] == text[0]
    assert [row[0] for row in sheet[1:]] == ["剑光街道", "小港镇", "合计"]
    assert sheet[1][1] == int(text[1][1]) and sheet[1][2] == float(text[1][2])
    meanings = [row[0] for row in book["指标说明"].values]
    assert "按期结案率" in meanings and "按期结案率" in {row[0] for row in text if row}
    page = client.get(FIGURES, asked).content.decode()
    assert f">{sheet[1][1]}</a>" in page


def test_a_list_can_be_kept_as_a_file(cast: Cast, browser_of: Any) -> None:
    client: Client = browser_of(cast.township)
    asked = {**YEAR, "indicator": "on_time_handling_rate", "side": "denominator"}
    rows = client.get(BEHIND, asked).content.decode().count("data-line")
    lines = b"".join(client.get(f"{BEHIND}file.csv", asked)).decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(lines)))) == rows + 1 > 2
    assert client.get(f"{BEHIND}file.exe", asked).status_code == 404


def test_the_definitions_are_printed(cast: Cast, browser_of: Any) -> None:
    page = browser_of(cast.officer).get(MEANINGS).content.decode()
    for words in ("按期结案率", "按期结案数 ÷ 应结案数", "不计入的", "规则版本 2"):
        assert words in page


def test_a_sensitive_matter_is_in_the_numbers_of_its_roles_alone(
    sensitive: Any, new_case: Any, cast: Cast, browser_of: Any
) -> None:
    """Not in a list, not in a row, not in a sum: nothing is left to be found by subtracting."""
    asked = {**YEAR, "indicator": "reports", "side": "numerator"}
    pages = {**YEAR, "subject": "incident", "place": cast.places.village.code}

    def seen(name: str) -> tuple[int, set[str]]:
        client = browser_of(getattr(cast, name))
        listed = client.get(BEHIND, asked).content.decode()
        tables = {client.get(FIGURES, {**pages, "by": by}).content.decode() for by in ("place", "category")}
        return listed.count("data-line"), {
            re.sub(r"\d{4}-\d\d-\d\d", "", page) for page in map(figured, tables)
        }

    before = {name: seen(name) for name in ("village", "secretary", "township", "committee", "worker")}
    hidden = [new_case(category=sensitive) for _n in range(4)]
    summaries.refresh_all()
    roles = hidden[0].visible_roles
    assert cast.village.role not in roles and cast.township.role in roles
    for name, (listed, tables) in before.items():
        now = seen(name)
        if getattr(cast, name).role in roles:
            assert now[0] == listed + len(hidden), name
            assert str(sensitive) in "".join(now[1])
        elif name == "worker":  # reported them himself
            assert now[0] == listed + len(hidden)
        else:
            assert now == (listed, tables), name


def figured(page: str) -> str:
    """The tables of a page, without what every answer has anew."""
    return "".join(re.findall(r"<tbody.*?</tbody>", page, re.S))
