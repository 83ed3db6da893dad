"""The list as a file: exactly the filtered rows of this reader, without personal values, harmless to a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accounts.models import Post
from cases.models import Case
from incidents import exports
from tests.cases.conftest import NewCase
from tests.cast import Cast
from tests.incidents.moves import archived, assigned, do, fed_back, filed, investigating

BrowserOf = Callable[[Post], Client]


def csv_rows(client: Client, query: str = "") -> list[dict[str, str]]:
    answer: Any = client.get(f"/incidents/export.csv{query}")
    assert answer.status_code == 200 and answer.streaming
    data = b"".join(answer.streaming_content)
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def sheet(client: Client, query: str = "") -> Any:
    """The sheet of the Excel file, as a spreadsheet program opens it."""
    answer: Any = client.get(f"/incidents/export.xlsx{query}")
    assert answer.status_code == 200
    return load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active


def excel_rows(client: Client, query: str = "") -> list[dict[str, Any]]:
    head, *rows = sheet(client, query).iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.fixture
def some(cast: Cast, new_case: NewCase, clock: Any) -> list[Case]:
    """Cases of both townships at several steps."""
    return [
        new_case(cast.worker, address="东路12号"),
        filed(new_case(cast.worker_b, title="路灯不亮"), cast),
        investigating(new_case(cast.worker), cast),
        archived(new_case(cast.worker), cast),
        new_case(cast.worker2),
    ]


def test_both_files_hold_exactly_the_filtered_list_of_each_reader_in_its_order(
    cast: Cast, some: list[Case], browser_of: BrowserOf
) -> None:
    lengths = {}
    for who in ("worker", "township", "township2", "station", "officer", "centre"):
        client = browser_of(getattr(cast, who))
        for query in ("", "?q=路灯", "?state=archived&state=reported", "?open=on&order=deadline"):
            shown = [row.number for row in client.get(f"/incidents/{query}").context["list"].rows]
            assert [row["编号"] for row in csv_rows(client, query)] == shown, (who, query)
            assert [row["编号"] for row in excel_rows(client, query)] == shown, (who, query)
            lengths[who, query] = len(shown)
    assert lengths["centre", ""] == 5 and lengths["township", "?q=路灯"] == 1 and lengths["officer", ""] == 0


def test_from_the_desk_the_open_heap_is_exported(cast: Cast, some: list[Case], browser_of: BrowserOf) -> None:
    client = browser_of(cast.township)
    for query in ("", "?bucket=file"):
        desk = client.get(f"/incidents/todo/{query}").context["list"]
        rows = csv_rows(client, f"?{desk.export_query}")
        assert [row["编号"] for row in rows] == [row.number for row in desk.rows]
        assert len(rows) < 4


def test_each_row_says_what_the_list_says_and_more(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, clock: Any
) -> None:
    case = investigating(new_case(cast.worker, address="东路12号"), cast)
    do(case, "add_co_handlers", cast.township, co_handlers=[cast.departments.urban.pk])
    do(case, "supervise", cast.centre, card="yellow", reason="多次反映")
    (row,) = csv_rows(browser_of(cast.township))
    assert row == {
        "编号": case.number,
        "标题": "东路口垃圾成堆",
        "大类": "市容环境",
        "小类": "暴露垃圾",
        "地点": "剑光街道 › 东路社区居委会 › 01网格",
        "地址": "东路12号",
        "状态": "办理中",
        "负责的综治中心": "剑光街道综治中心",
        "承办": "剑光街道城管站",
        "协办": "丰城市城市管理局",
        "加急": "",
        "督办": "黄牌督办",
        "来源": "网格员上报",
        "上报时间": "2026-11-18 10:00",
        "结束时间": "",
        "当前时限": "处置",
        "到期时间": "2026-11-27 18:00",
        "是否超期": "",
        "退回次数": "0",
        "重办次数": "0",
    }
    (cells,) = excel_rows(browser_of(cast.township))
    assert cells["上报时间"] == datetime(2026, 11, 18, 10, 0) and cells["退回次数"] == 0
    assert cells["结束时间"] is None
    clock.forward(days=30)
    (late,) = csv_rows(browser_of(cast.township))
    assert late["是否超期"] == "是"


@pytest.mark.parametrize("title", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", " =1", "＝1+1"])
def test_a_title_that_looks_like_a_formula_stays_text(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, title: str
) -> None:
    new_case(cast.worker, title=title)
    client = browser_of(cast.township)
    (row,) = csv_rows(client)
    assert row["标题"] == f"'{title}"
    cell = sheet(client)["B2"]
    assert cell.data_type == "s" and str(cell.value).startswith("'")


def test_characters_that_a_sheet_cannot_hold_are_left_out(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    new_case(cast.worker, title="井盖\x0b破损🚧")
    (row,) = excel_rows(browser_of(cast.township))
    assert row["标题"] == "井盖破损🚧"


def test_no_personal_value_stands_in_a_file(cast: Cast, new_case: NewCase, browser_of: BrowserOf) -> None:
    new_case(
        cast.township, place=cast.places.grid, reporter_name="张三丰", reporter_phone="000-13812345678",
        description="张三丰说的，电话000-13812345678",
    )  # fmt: skip
    client = browser_of(cast.township)
    text = str(csv_rows(client)) + str(excel_rows(client))
    assert "东路口垃圾成堆" in text
    for words in ("张", "1381234", "5678"):
        assert words not in text


def test_a_sensitive_case_is_exported_only_to_roles_that_its_category_names(
    cast: Cast, new_case: NewCase, sensitive: Any, browser_of: BrowserOf
) -> None:
    case = new_case(cast.township, category=sensitive, place=cast.places.grid)
    assert [row["编号"] for row in csv_rows(browser_of(cast.centre))] == [case.number]
    for who in (cast.village, cast.secretary, cast.worker):
        assert csv_rows(browser_of(who)) == []


def test_a_condition_that_cannot_be_read_exports_nothing(
    cast: Cast, some: list[Case], browser_of: BrowserOf
) -> None:
    client = browser_of(cast.centre)
    assert csv_rows(client, "?state=nowhere") == excel_rows(client, "?place=1") == []


def test_more_rows_than_a_chunk_are_all_there_and_cost_queries_by_the_chunk_alone(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "CHUNK", 4)
    for _turn in range(9):
        assigned(new_case(cast.worker), cast)
    client = browser_of(cast.township)
    with CaptureQueriesContext(connection) as small:
        assert len(csv_rows(client)) == 9
    monkeypatch.setattr(exports, "CHUNK", 100)
    with CaptureQueriesContext(connection) as large:
        assert len(csv_rows(client)) == 9
    assert len(small) - len(large) == 2 * 2  # deadlines and parts, for two more chunks


def test_the_file_is_named_by_what_it_holds_and_when_it_was_made(
    cast: Cast, some: list[Case], browser_of: BrowserOf
) -> None:
    client = browser_of(cast.township)
    for ending, kind in (("csv", "text/csv"), ("xlsx", "application/vnd.openxmlformats")):
        answer: Any = client.get(f"/incidents/export.{ending}")
        assert answer["Content-Disposition"].startswith("attachment")
        assert f"-20261118-1000.{ending}" in answer["Content-Disposition"]
        assert answer["Content-Type"].startswith(kind)
        b"".join(answer.streaming_content)


def test_in_english_the_head_is_english_and_the_words_entered_stay(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    fed_back(new_case(cast.worker), cast)
    cast.township.user.language = "en"
    cast.township.user.save(update_fields=["language"])
    (row,) = csv_rows(browser_of(cast.township))
    assert "东路口垃圾成堆" in row.values() and "Exposed rubbish" in row.values()
    assert "编号" not in row
