"""Bulletins and rankings: made once and in time, reviewed by the committee alone, frozen when released."""

from __future__ import annotations

import io
import re
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from openpyxl import load_workbook
from pypdf import PdfReader

from cases.errors import NotAllowed, WrongState
from cases.periods import Period
from grids.clock import SHANGHAI
from grids.models import Division, DivisionLevel
from oversight import bulletin_figures, bulletin_files, bulletins, figures, summaries
from oversight.figures import PlaceCounts
from oversight.indicators import Subject
from oversight.models import Bulletin, BulletinEntry, BulletinKind, Tally
from oversight.tables import Grouping
from tests.cast import Cast

pytestmark = pytest.mark.django_db
LIST = "/oversight/bulletins/"
EVERYBODY = (
    "worker",
    "village",
    "township",
    "secretary",
    "centre",
    "officer",
    "station",
    "mediator",
    "committee",
)


@pytest.fixture
def drafts(lively: list[Period], clock: Any) -> dict[str, Bulletin]:
    """The monthly, the quarterly and the yearly one of what has just ended."""
    clock.set(datetime(2027, 1, 1, 5, 0, tzinfo=SHANGHAI))
    made = bulletins.make_due()
    return {one.kind: one for one in made}


def press(client: Client, draft: Bulletin, do: str, seen: str | None = None, **written: Any) -> Any:
    """Press one of the buttons of a draft's page, as it stands now or as it was read before."""
    seen = bulletins.seen_of(draft.pk) if seen is None else seen
    kept = {"fund": draft.fund or "", "villages": draft.villages or "", **draft.words}
    return client.post(f"{LIST}{draft.pk}/", {**kept, **written, "seen": seen, "do": do})


@pytest.fixture
def released(drafts: dict[str, Bulletin], cast: Cast) -> dict[str, Bulletin]:
    bulletins.fund(drafts["villages"], Decimal("10000.01"), 100, by=cast.committee)
    return {kind: bulletins.release(one, by=cast.committee) for kind, one in drafts.items()}


def test_what_is_due_is_made_once(drafts: dict[str, Bulletin]) -> None:
    assert set(drafts) == {"monthly", "quarterly", "villages"}
    assert drafts["monthly"].period == Period.of_month(2026, 12)
    assert drafts["quarterly"].period == Period.of_quarter(2026, 4)
    assert bulletins.make_due() == []
    assert drafts["villages"].period == Period.of_year(2026)
    assert Bulletin.objects.count() == 3
    assert [entry.what for entry in BulletinEntry.objects.order_by("bulletin", "pk")] == ["made"] * 3


def test_nothing_is_made_of_a_time_before_anything_was_counted(lively: list[Period], clock: Any) -> None:
    assert bulletins.due_periods(date(2026, 11, 1)) == []
    summaries.refresh_all()
    clock.set(datetime(2020, 1, 1, 5, 0, tzinfo=SHANGHAI))
    assert bulletins.make_due() == []


def test_a_start_in_the_middle_of_a_month_makes_up_for_the_first(lively: list[Period], clock: Any) -> None:
    clock.set(datetime(2027, 1, 19, 5, 0, tzinfo=SHANGHAI))
    assert {one.kind for one in bulletins.make_due()} == {"monthly", "quarterly", "villages"}


def test_a_draft_may_be_counted_again_and_reworded_by_its_committee_alone(
    drafts: dict[str, Bulletin], cast: Cast
) -> None:
    draft = drafts["quarterly"]
    before = draft.figures
    again = bulletins.count_again(draft, by=cast.committee)
    assert again.figured_at >= draft.figured_at
    reworded = bulletins.reword(
        draft, {"opening": "本季总体平稳。", "remarks": "", "demands": "x"}, by=cast.committee
    )
    assert reworded.words["opening"] == "本季总体平稳。"
    for post in (cast.centre, cast.township, cast.secretary, cast.officer):
        for do in (bulletins.count_again, bulletins.release):
            with pytest.raises(NotAllowed):
                do(draft, by=post)
        with pytest.raises(NotAllowed):
            bulletins.reword(draft, {}, by=post)
    assert [entry.what for entry in draft.entries.all()] == ["made", "counted", "reworded"]
    assert before["tables"]


def test_a_released_one_never_changes(released: dict[str, Bulletin], cast: Cast) -> None:
    one = released["monthly"]
    kept = Bulletin.objects.get(pk=one.pk).figures
    with pytest.raises(WrongState):
        bulletins.count_again(one, by=cast.committee)
    with pytest.raises(WrongState):
        bulletins.reword(one, {"opening": "x"}, by=cast.committee)
    with pytest.raises(WrongState):
        bulletins.release(one, by=cast.committee)
    entries = BulletinEntry.objects.filter(bulletin=one)
    with pytest.raises(DatabaseError), transaction.atomic():
        Bulletin.objects.filter(pk=one.pk).update(words={})
    with pytest.raises(DatabaseError), transaction.atomic():
        entries.update(what="made")
    with pytest.raises(DatabaseError), transaction.atomic():
        entries._raw_delete(entries.db)
    # The record goes on, names change, rules change: what was released says what it said.
    cast.places.street.name = "另一个名字"
    cast.places.street.save(update_fields=["name"])
    Tally.objects.all().delete()
    list(summaries.rebuild())
    assert Bulletin.objects.get(pk=one.pk).figures == kept
    assert "剑光街道" in str(kept)


@pytest.mark.parametrize("name", EVERYBODY)
def test_drafts_are_the_committees_and_released_ones_everybodys(
    name: str, drafts: dict[str, Bulletin], cast: Cast, browser_of: Any
) -> None:
    client: Client = browser_of(getattr(cast, name))
    draft = drafts["monthly"]
    urls = [f"{LIST}{draft.pk}/", f"{LIST}{draft.pk}/file.pdf", f"{LIST}{draft.pk}/file.xlsx"]
    expected = 200 if name == "committee" else 404
    assert [client.get(url).status_code for url in urls] == [expected] * 3
    if name != "committee":
        assert press(client, draft, "save").status_code == 404
    title = bulletin_files.title_of(draft)
    assert (title in client.get(LIST).content.decode()) == (name == "committee")
    bulletins.release(draft, by=cast.committee)
    assert [client.get(url).status_code for url in urls] == [200] * 3
    assert title in client.get(LIST).content.decode()
    for do in ("save", "count", "release"):
        assert press(client, draft, do).status_code == (409 if name == "committee" else 403)


@pytest.mark.parametrize("name", ["sysadmin", "secadmin", "auditor", "stranger"])
def test_administrators_and_strangers_have_none(
    name: str, released: dict[str, Bulletin], cast: Cast, browser_of: Any
) -> None:
    client: Client = browser_of(getattr(cast, name))
    assert client.get(LIST).status_code in (403, 404)
    assert client.get(f"{LIST}{released['monthly'].pk}/").status_code in (403, 404)


def test_every_button_of_a_draft_saves_what_is_written(
    drafts: dict[str, Bulletin], cast: Cast, browser_of: Any
) -> None:
    client: Client = browser_of(cast.committee)
    draft = drafts["monthly"]
    url = f"{LIST}{draft.pk}/"
    page = client.get(url).content.decode()
    assert "总体指标" in page and "按期结案率" in page and page.count("<form") == page.count("</form")
    assert page.split('id="review"')[1].split("</section>")[0].count("<form") == 1
    # What is wrong comes back with everything, and is not saved.
    refused = press(client, draft, "release", opening="甲" * 4001, demands="写好的要求")
    body = refused.content.decode()
    assert refused.status_code == 422 and "甲" * 4001 in body and "写好的要求" in body
    assert 'value="1"' in body.split('name="seen"')[1][:20]
    draft.refresh_from_db()
    assert draft.state == "draft" and draft.words["demands"] == ""
    # A line's end is one character, however it is sent.
    lines = "\r\n".join(["乙" * 1999] * 2)
    assert press(client, draft, "save", opening=lines).status_code == 302
    before = Bulletin.objects.get(pk=draft.pk)
    assert before.words["opening"] == lines.replace("\r\n", "\n")
    assert press(client, before, "count", remarks="<b>超期</b>").status_code == 302
    counted = Bulletin.objects.get(pk=draft.pk)
    assert counted.words["remarks"] == "<b>超期</b>" and counted.words["opening"] == before.words["opening"]
    assert "&lt;b&gt;超期" in client.get(url).content.decode()
    assert press(client, counted, "release", demands="下月整改。").status_code == 302
    done = Bulletin.objects.get(pk=draft.pk)
    assert done.state == "released" and done.words["demands"] == "下月整改。"
    assert [entry.what for entry in done.entries.all()] == [
        "made", "reworded", "reworded", "counted", "reworded", "released",
    ]  # fmt: skip
    page = client.get(url).content.decode()
    assert "政法委甲 审定发布" in page and "保存并发布" not in page


def test_a_draft_that_changed_meanwhile_is_not_written_over(
    drafts: dict[str, Bulletin], cast: Cast, browser_of: Any
) -> None:
    mine, theirs = browser_of(cast.committee), browser_of(cast.committee_b)
    draft = drafts["monthly"]
    seen = bulletins.seen_of(draft.pk)
    assert press(theirs, draft, "save", seen, opening="乙写的").status_code == 302
    for do in ("save", "count", "release"):
        refused = press(mine, draft, do, seen, opening="甲写的")
        body = refused.content.decode()
        assert refused.status_code == 409 and "政法委乙又做了“修改文字”" in body
        assert "甲写的" in body and "乙写的" in body  # what was typed, and what stands
        now = Bulletin.objects.get(pk=draft.pk)
        assert (now.state, now.words["opening"]) == ("draft", "乙写的")
    # Who has seen that may go on; who comes after a release keeps the words at least.
    assert bulletins.seen_of(draft.pk) in body.split('name="seen" value="')[1][:5]
    assert press(mine, draft, "save", opening="甲写的").status_code == 302
    assert press(theirs, draft, "release", opening="乙最后写的").status_code == 302
    late = press(mine, draft, "release", bulletins.seen_of(draft.pk), opening="甲来晚了")
    body = late.content.decode()
    assert late.status_code == 409 and "已经发布，不能再改" in body and "甲来晚了" in body
    too_long = press(mine, draft, "save", opening="甲" * 4001)
    assert too_long.status_code == 409 and "甲" * 4001 in too_long.content.decode()
    assert Bulletin.objects.get(pk=draft.pk).words["opening"] == "乙最后写的"


@pytest.mark.parametrize("do", ["save", "count", "release"])
def test_of_two_presses_at_once_one_is_done(do: str, drafts: dict[str, Bulletin], cast: Cast) -> None:
    draft = drafts["quarterly"]
    seen = bulletins.seen_of(draft.pk)
    words = {**draft.words, "opening": "新的"}
    bulletins.review(draft, words, by=cast.committee, seen=seen, then=do)
    with pytest.raises(WrongState):
        bulletins.review(draft, words, by=cast.committee, seen=seen, then=do)


def test_of_a_long_table_the_first_ten_the_own_and_the_sum_are_open(
    drafts: dict[str, Bulletin], cast: Cast, browser_of: Any
) -> None:
    draft = drafts["villages"]
    bulletins.fund(draft, Decimal("8000"), 100, by=cast.committee)
    draft.refresh_from_db()
    (table,) = draft.figures["tables"]
    first = table["rows"][0]
    more = [first | {"label": f"第{n}村", "key": f"36098100{n:04}"} for n in range(1, 31)]
    more[19]["key"] = cast.places.village.code
    table["rows"] = [*more, table["rows"][-1]]
    draft.save(update_fields=["figures"])
    bulletins.release(draft, by=cast.committee)
    page = browser_of(cast.worker).get(f"{LIST}{draft.pk}/").content.decode()
    open_part, folded = page.split('<details class="gz-more-rows"')
    assert (
        "第10村" in open_part and "第20村" in open_part and "合计" in open_part and "第11村" not in open_part
    )
    assert "其余 19 行" in folded and "第11村" in folded and "第20村" not in folded and "第30村" in folded
    mine = next(part.split("</th>")[0] for part in page.split("<tr ")[1:] if "gz-own" in part)
    assert "第20村" in mine


def test_a_table_of_hundreds_has_a_page_of_its_own(
    drafts: dict[str, Bulletin], cast: Cast, browser_of: Any
) -> None:
    draft = drafts["villages"]
    (table,) = draft.figures["tables"]
    first = table["rows"][0]
    table["rows"] = [
        first | {"label": f"第{n}村", "key": f"36098100{n:04}", "rank": n} for n in range(1, 151)
    ]
    table["rows"][139]["key"] = cast.places.village.code
    draft.save(update_fields=["figures"])
    whole = f"{LIST}{draft.pk}/tables/1/"
    client: Client = browser_of(cast.worker)
    assert client.get(whole).status_code == 404  # a draft is the committee's
    bulletins.fund(draft, Decimal("8000"), 100, by=cast.committee)
    draft.refresh_from_db()
    bulletins.release(draft, by=cast.committee)
    page = client.get(f"{LIST}{draft.pk}/").content.decode()
    assert (
        "第10村" in page and "第11村" not in page and "第140村" in page
    )  # the first ten and the reader's own
    rows = len(draft.figures["tables"][0]["rows"])
    assert f'href="{whole}"' in page and f"看全部 {rows} 行" in page

    def names(query: str) -> list[str]:
        return re.findall(r'scope="row">(第\d+村)', client.get(f"{whole}?{query}").content.decode())

    assert names("") == [f"第{n}村" for n in range(1, 101)]
    assert names("page=2") == [f"第{n}村" for n in range(101, 151)]
    assert names("q=14") == ["第14村", "第114村", *(f"第{n}村" for n in range(140, 150))]
    assert "gz-own" in client.get(f"{whole}?q=第140村").content.decode()
    assert names("q=没有") == [] and "没有这个名称" in client.get(f"{whole}?q=没有").content.decode()
    for number in (0, 2):
        assert client.get(f"{LIST}{draft.pk}/tables/{number}/").status_code == 404


def test_everybody_finds_the_own_line(released: dict[str, Bulletin], cast: Cast, browser_of: Any) -> None:
    url = f"{LIST}{released['quarterly'].pk}/"
    own = {"township": "剑光街道", "station": "剑光街道城管站", "worker": "网格员甲"}
    for name, label in own.items():
        page = browser_of(getattr(cast, name)).get(url).content.decode()
        mine = [part for part in page.split("<tr ")[1:] if "gz-own" in part]
        assert any(label in part for part in mine), name


def test_of_workers_the_first_twenty_and_oneself(
    drafts: dict[str, Bulletin], cast: Cast, browser_of: Any
) -> None:
    draft = drafts["quarterly"]
    table = next(one for one in draft.figures["tables"] if one.get("target") == "worker")
    table["rows"] = [
        {"label": f"网格员{n}号", "key": f"p{100000 + n}", "rank": n, "cells": table["rows"][0]["cells"]}
        for n in range(1, 31)
    ]
    table["rows"][-1]["key"] = f"p{cast.worker.pk}"
    draft.save(update_fields=["figures"])
    bulletins.release(draft, by=cast.committee)
    url = f"{LIST}{draft.pk}/"
    page = browser_of(cast.worker).get(url).content.decode()
    assert "网格员20号" in page and "网格员21号" not in page and "网格员30号" in page
    assert "网格员30号" not in browser_of(cast.worker2).get(url).content.decode()
    assert "网格员21号" in browser_of(cast.centre).get(url).content.decode()
    book = load_workbook(io.BytesIO(b"".join(browser_of(cast.worker2).get(f"{url}file.xlsx"))))
    assert not any("网格员21号" in str(row) for sheet in book for row in sheet.values)


def test_the_paper_and_the_book_say_the_same(
    released: dict[str, Bulletin], cast: Cast, browser_of: Any
) -> None:
    client: Client = browser_of(cast.township)
    for kind, words in (
        ("monthly", "总体指标"),
        ("quarterly", "乡镇（街道）排名"),
        ("villages", "村（社区）排名"),
    ):
        url = f"{LIST}{released[kind].pk}/"
        text = "".join(
            page.extract_text() for page in PdfReader(io.BytesIO(client.get(f"{url}file.pdf").content)).pages
        )
        assert bulletin_files.title_of(released[kind]) in text.replace("\n", "")
        assert words in text and "待审定" not in text
        book = load_workbook(io.BytesIO(b"".join(client.get(f"{url}file.xlsx"))))
        assert book.sheetnames[-1] == "指标说明"
        assert len(book.sheetnames) == len(released[kind].figures["tables"]) + 1


def test_a_draft_on_paper_says_that_it_is_one(drafts: dict[str, Bulletin]) -> None:
    text = PdfReader(io.BytesIO(bulletin_files.pdf(drafts["monthly"]))).pages[0].extract_text()
    assert "待审定" in text


def test_bulletins_hold_no_sensitive_incident(
    sensitive: Any, new_case: Any, lively: list[Period], cast: Cast, clock: Any
) -> None:
    summaries.refresh_all()
    months = [Period.month_of(date(2026, month, 15)) for month in (11, 12)]

    def told() -> list[Any]:
        made = [bulletin_figures.figures_of(BulletinKind.MONTHLY, cast.places.city, one) for one in months]
        return [one["tables"] for one in made]

    before = told()
    assert any(
        "不公布" in str(table) or "不分地方公布" in str(table) for tables in before for table in tables
    )
    new_case(category=sensitive)
    summaries.refresh_all()
    assert told() == before


def disputes_by_place(counts: dict[str, dict[str, int]], cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The table of disputes by place of a month in which townships have these counts."""
    places = {"street": cast.places.street, "town2": cast.places.town2}
    names = [name for name in places if name in counts]
    extra = [name for name in counts if name not in places]
    rows = [PlaceCounts(places[name], counts[name]) for name in names]
    for number, name in enumerate(extra):
        code = f"36098120{number}000"
        rows.append(
            PlaceCounts(
                Division(code=code, name=name, level=DivisionLevel.TOWNSHIP, prefix=code[:9]), counts[name]
            )
        )
    total: Counter[str] = Counter()
    for row in rows:
        total.update(row.counts)
    monkeypatch.setattr(figures, "below", lambda *_a, **_k: rows)
    monkeypatch.setattr(figures, "counts", lambda *_a, **_k: dict(total))
    month = Period.of_month(2026, 12)
    return bulletin_figures._table(Subject.MEDIATION, Grouping.PLACE, cast.places.city, month)


def test_one_or_two_disputes_of_a_township_are_in_no_bulletin(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(counts: dict[str, int]) -> dict[str, list[str]]:
        given = {name: {"mediation.received": n} for name, n in counts.items()}
        table = disputes_by_place(given, cast, monkeypatch)
        return {row["label"]: [cell["text"] for cell in row["cells"]][:1] for row in table["rows"]}

    assert told({"street": 5, "town2": 7}) == {"剑光街道": ["5"], "小港镇": ["7"], "合计": ["12"]}
    # One that is too small takes the smallest of the others with it, or the sum would give it back.
    assert told({"street": 1, "town2": 7, "丙镇": 5}) == {
        "剑光街道": ["不公布"], "小港镇": ["7"], "丙镇": ["不公布"], "合计": ["13"],
    }  # fmt: skip
    # Where the sum gives one back, no place is named, not even those without any; and a small sum is not told.
    assert told({"street": 1, "town2": 0}) == {"合计": ["不公布"]}
    assert told({"street": 1, "town2": 2, "丙镇": 0}) == {"合计": ["3"]}
    # A small number anywhere in a row hides the row.
    table = disputes_by_place(
        {"street": {"mediation.received": 9, "mediation.failed": 1}, "town2": {"mediation.received": 8}, "丙镇": {"mediation.received": 6}},
        cast, monkeypatch,
    )  # fmt: skip
    assert [row["cells"][0]["text"] for row in table["rows"]] == ["不公布", "8", "不公布", "23"]
    assert "不公布" in table["note"]


def test_one_or_two_disputes_of_a_whole_place_are_in_no_summary(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A county may have one township, and a small city few disputes: its sum says as much as a row."""

    def told(counts: dict[str, int]) -> list[str]:
        monkeypatch.setattr(figures, "counts", lambda *_a, **_k: counts)
        rows = bulletin_figures._summary(cast.places.city, Period.of_month(2026, 12))["rows"]
        wanted = ("上报数", "受理纠纷数", "调解成功率")
        return [row["cells"][0]["text"] for row in rows if row["label"] in wanted]

    assert told({"reported": 2, "mediation.received": 3, "mediation.succeeded": 3}) == [
        "2",
        "3",
        "100.00 % (3/3)",
    ]
    small = {"reported": 2, "mediation.received": 2, "mediation.succeeded": 1, "mediation.failed": 9}
    assert told(small) == ["2", "不公布", "不公布"]
