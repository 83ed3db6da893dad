"""The yearly assessment as people do it: a year walked whole in the browser's requests, and who may see and do what."""

from __future__ import annotations

import io
import re
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from pypdf import PdfReader

from cases.periods import Period
from grids.clock import SHANGHAI
from oversight import assessment_items, assessment_sheets, assessments
from oversight.models import AssessmentEntry, AssessmentSheet, AssessmentYear
from tests.cast import Cast
from tests.oversight.following import follow

pytestmark = pytest.mark.django_db
LIST = "/oversight/assessments/"
REASON = "全年检查记录齐全，抽查三次全部合格"


@pytest.fixture
def after(lively: list[Period], clock: Any) -> None:
    """The year that was lived is over."""
    clock.set(datetime(2027, 1, 4, 10, 0, tzinfo=SHANGHAI))


def rows_of(page: str) -> dict[str, str]:
    """Everything that the form of the items would send as it stands."""
    sent = dict(re.findall(r'<input type="(?:hidden|number|text)" name="([^"]+)" value="([^"]*)"', page))
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        sent[name] = chosen.group(1) if chosen else ""
    return {
        name: value for name, value in sent.items() if name.startswith(("township-", "department-", "base"))
    }


def sheet_of(year: AssessmentYear, name: str) -> AssessmentSheet:
    return year.sheets.get(name=name)


def give_all(year: AssessmentYear, cast: Cast) -> None:
    """A committee member scores whatever is still to be scored."""
    for filled in assessment_sheets.of_year(year):
        for line in filled.missing:
            assessments.give(filled.sheet, line.item, line.item.points / 2, REASON, by=cast.committee)


def test_a_year_from_its_draft_to_the_signature(after: None, cast: Cast, browser_of: Any, clock: Any) -> None:
    committee: Client = browser_of(cast.committee)
    colleague: Client = browser_of(cast.committee_b)
    station: Client = browser_of(cast.station)
    township: Client = browser_of(cast.township)

    # The draft: our proposal, edited as a table, everything typed comes back when it is wrong.
    assert "还没有年度考核" in committee.get(LIST).content.decode()
    assert committee.post(LIST, {"year": "2031"}).status_code == 422
    url = committee.post(LIST, {"year": "2026"}).headers["Location"]
    year = AssessmentYear.objects.get()
    page = committee.get(f"{url}items/").content.decode()
    assert "按期处置率" in page and "信访、投诉" in page
    for never in ("reopenings", "success_rate", "valid_report_rate", "whistles"):
        assert f'value="{never}"' not in page
    sent = rows_of(page)
    assert sent["township-0-what"] == "on_time_archive_rate" and sent["township-4-name"] == "网格日常工作"
    wrong = sent | {"township-4-name": "信访量", "township-7-what": "given", "township-7-points": "200"}
    answer = committee.post(f"{url}items/", wrong | {"department-0-what": "reopenings"})
    page = answer.content.decode()
    assert answer.status_code == 422 and 'value="信访量"' in page and 'value="200"' in page
    assert page.count("不能作为考核项目") == 2 and "分值要大于 0" in page and "选择一个有效的选项" in page
    twice = committee.post(
        f"{url}items/", sent | {"township-7-what": "archive_rate", "township-7-points": "5"}
    )
    assert twice.status_code == 422 and "前面已有同名的项目" in twice.content.decode()
    short = sent | {"township-TOTAL_FORMS": "1"}
    assert committee.post(f"{url}items/", short).status_code == 422 and year.items.count() == 13
    less = sent | {"township-5-DELETE": "on", "department-1-points": "19.5"}
    assert committee.post(f"{url}items/", less).headers["Location"] == url
    page = committee.get(url).content.decode()
    assert "合计 90 分" in page and "合计 99.5 分" in page
    refused = committee.post(f"{url}open/")
    assert refused.status_code == 422 and "合计 90 分" in refused.content.decode()
    # Somebody who opened the table before that does not overwrite it, and loses nothing.
    stale = committee.post(f"{url}items/", sent | {"township-0-points": "31"})
    page = stale.content.decode()
    assert stale.status_code == 409 and "另一个人改过" in page and 'value="31"' in page
    again = rows_of(page) | {"township-0-points": "30"}
    assert colleague.post(f"{url}items/", again).status_code == 302
    assert [str(one.whole) for one in assessment_items.sums(year.items.all())] == ["100.00"] * 2
    assert township.get(url).status_code == 404 and LIST in township.get(LIST).request["PATH_INFO"]

    # Opened: items fixed and told, sheets made and counted, nobody else sees scores.
    assert committee.post(f"{url}open/").status_code == 302
    assert committee.post(f"{url}items/", rows_of(page)).status_code == 409
    assert committee.get(f"{url}items/").status_code == 302
    names = set(year.sheets.values_list("name", flat=True))
    assert names == {"剑光街道", "小港镇", "剑光街道城管站", "丰城市城市管理局", "丰城市公安局"}
    mine, street = sheet_of(year, "剑光街道城管站"), sheet_of(year, "剑光街道")
    assert "网格日常工作" in township.get(url).content.decode()
    assert "配合属地工作" not in township.get(url).content.decode()
    assert township.get(street.get_absolute_url()).status_code == 404
    assert committee.post(f"{url}publish/").status_code == 422

    # Scores by hand: within the item, with a reason; a later one stands before the earlier, which stays.
    given = year.items.get(target="department", kind="given")
    bonus = year.items.get(target="department", kind="bonus")
    mark = f"{mine.get_absolute_url()}mark/{given.pk}/"
    for points, reason in (
        ("15.01", REASON),
        ("-1", REASON),
        ("NaN", REASON),
        ("1.234", REASON),
        ("9", "短"),
    ):
        answer = committee.post(mark, {f"item{given.pk}-points": points, f"item{given.pk}-reason": reason})
        assert answer.status_code == 422 and not mine.marks.exists(), points
    automatic = year.items.get(target="department", indicator="on_time_handling_rate")
    refused = committee.post(
        f"{mine.get_absolute_url()}mark/{automatic.pk}/",
        {f"item{automatic.pk}-points": "1", f"item{automatic.pk}-reason": REASON},
    )
    assert refused.status_code == 422
    for points in ("9", "12.5"):
        committee.post(mark, {f"item{given.pk}-points": points, f"item{given.pk}-reason": REASON + points})
    committee.post(
        f"{mine.get_absolute_url()}mark/{bonus.pk}/",
        {f"item{bonus.pk}-points": "-2", f"item{bonus.pk}-reason": "台账两处与现场不符，已查实"},
    )
    page = committee.get(mine.get_absolute_url()).content.decode()
    assert f"{REASON}9" in page and f"{REASON}12.5" in page and "已被后面的给分代替" in page
    assert follow(committee, page) > 0 and "下一个待给分的单位" in page and "这张表的手工给分已齐" in page
    give_all(year, cast)
    clock.set(datetime(2026, 12, 31, 23, 59, tzinfo=SHANGHAI))
    assert committee.post(f"{url}publish/").status_code == 422  # the year is not over
    clock.set(datetime(2027, 1, 5, 10, 0, tzinfo=SHANGHAI))
    assert committee.post(f"{url}count/").status_code == 302
    assert committee.post(f"{url}publish/").status_code == 302
    year.refresh_from_db()
    assert year.appeals_until == datetime(2027, 1, 13, 0, 0, tzinfo=SHANGHAI)  # 24:00 of the seventh day

    # Published: each sees its own with the cases behind every number, and appeals once.
    assert committee.post(f"{url}count/").status_code == 409
    assert (
        committee.post(mark, {f"item{given.pk}-points": "1", f"item{given.pk}-reason": REASON}).status_code
        == 409
    )
    page = station.get(mine.get_absolute_url()).content.decode()
    assert f"{REASON}12.5" in page and "1月12日 24:00" in page and follow(station, page) > 0
    assert "名次" not in page and station.get(street.get_absolute_url()).status_code == 404
    assert follow(township, township.get(street.get_absolute_url()).content.decode()) > 0
    appeal = f"{mine.get_absolute_url()}appeal/{given.pk}/"
    words = {f"item{given.pk}-reason": "三次抽查的记录附后，<b>应为满分</b>"}
    assert station.post(appeal, {f"item{given.pk}-reason": "不服"}).status_code == 422
    assert station.post(appeal, words).status_code == 302
    assert station.post(appeal, words).status_code == 409
    assert station.post(
        f"{mine.get_absolute_url()}appeal/{automatic.pk}/",
        {f"item{automatic.pk}-reason": "其中一件属于别的单位，请核对"},
    ).status_code == 302  # fmt: skip
    assert committee.post(f"{url}sign/").status_code == 409  # there is still time
    clock.set(datetime(2027, 1, 13, 0, 0, tzinfo=SHANGHAI))
    late = {f"item{bonus.pk}-reason": "这一项也应当重新核对"}
    assert station.post(f"{mine.get_absolute_url()}appeal/{bonus.pk}/", late).status_code == 409
    assert "申诉这一项" not in station.get(mine.get_absolute_url()).content.decode()
    refused = committee.post(f"{url}sign/")
    assert refused.status_code == 409 and "2 件申诉" in refused.content.decode()

    # Decided once, with a reason, within the item, by another than who gave the score.
    page = committee.get(url).content.decode()
    assert "待裁定的申诉" in page and "剑光街道城管站：配合属地工作" in page
    decide = f"{mine.get_absolute_url()}decide/{given.pk}/"
    p = f"item{given.pk}-"
    upheld = {f"{p}upheld": "yes", f"{p}points": "14.5", f"{p}answer": "记录核对属实，改为 14.5 分"}
    assert "由政法委的另一个人裁定" in committee.get(mine.get_absolute_url()).content.decode()
    own = committee.post(decide, upheld)
    assert own.status_code == 403 and "另一个人裁定" in own.content.decode()
    for change in (
        {"points": "15.5"},
        {"points": ""},
        {"points": "12.5"},
        {"answer": "同意"},
        {"upheld": ""},
    ):
        name, value = next(iter(change.items()))
        assert colleague.post(decide, upheld | {f"{p}{name}": value}).status_code == 422, change
    assert colleague.post(decide, upheld).status_code == 302
    assert colleague.post(decide, upheld).status_code == 409
    q = f"item{automatic.pk}-"
    no = {f"{q}upheld": "no", f"{q}points": "40", f"{q}answer": "派遣记录写明由该站承办，不改"}
    before = assessment_sheets.of_sheet(mine).line(automatic).score
    assert committee.post(f"{mine.get_absolute_url()}decide/{automatic.pk}/", no).status_code == 302
    assert assessment_sheets.of_sheet(mine).line(automatic).score == before
    page = station.get(mine.get_absolute_url()).content.decode()
    assert "支持，已改分" in page and "不支持" in page and "14.5" in page and "&lt;b&gt;应为满分" in page

    # Signed: the result is told to all, the details to each alone; it stays.
    expected = assessment_sheets.of_sheet(mine).total
    assert committee.post(f"{url}sign/").status_code == 302
    mine.refresh_from_db()
    assert mine.total == expected is not None
    for step in ("open", "count", "publish", "sign"):
        assert committee.post(f"{url}{step}/").status_code == 409
    for client, own_name in ((station, "剑光街道城管站"), (township, "剑光街道")):
        page = client.get(url).content.decode()
        assert all(name in page for name in names) and str(expected) in page
        marked = [part for part in page.split("<tr ")[1:] if "gz-own" in part]
        assert len(marked) == 1 and own_name in marked[0]
    acts = list(AssessmentEntry.objects.order_by("pk").values_list("what", flat=True))
    assert acts[:4] == ["made", "items", "items", "opened"] and acts[-1] == "signed"
    assert acts.count("upheld") == acts.count("refused") == 1 and acts.count("appealed") == 2
    assert "签定" in committee.get(url).content.decode()

    # On paper and in books: the same numbers.
    text = "".join(
        one.extract_text() for one in PdfReader(io.BytesIO(station.get(f"{mine.get_absolute_url()}file.pdf").content)).pages
    )  # fmt: skip
    assert str(expected) in text and "14.5" in text and "未签定" not in text
    book = load_workbook(io.BytesIO(b"".join(station.get(f"{mine.get_absolute_url()}file.xlsx"))))
    assert book.sheetnames == ["考核表", "项目说明"]
    assert any(row[5] == 14.5 for row in book["考核表"].values)
    book = load_workbook(io.BytesIO(b"".join(committee.get(f"{url}file.xlsx"))))
    assert book.sheetnames == ["乡镇街道", "部门", "逐项明细", "项目说明"]
    results = {row[1]: row for row in book["部门"].values}
    assert (
        Decimal(str(results["剑光街道城管站"][2])) == expected and results["剑光街道城管站"][0] == mine.rank
    )

    # The next year begins with these items.
    next_url = committee.post(LIST, {"year": "2027"}).headers["Location"]
    assert "项目取自 2026 年" in committee.get(next_url).content.decode()
    later = AssessmentYear.objects.get(year=2027)
    fields = ("target", "kind", "indicator", "name", "purpose", "points", "each", "position")
    assert list(later.items.values_list(*fields)) == list(year.items.values_list(*fields))


OWN = {
    "township": "剑光街道", "secretary": "剑光街道", "township2": "小港镇", "secretary2": "小港镇",
    "officer": "丰城市城市管理局", "officer2": "丰城市公安局", "station": "剑光街道城管站",
}  # fmt: skip
NOTHING = (
    "worker",
    "village",
    "centre",
    "mediator",
    "station2",
    "sysadmin",
    "secadmin",
    "auditor",
    "stranger",
)


def test_everybody_sees_and_does_what_is_theirs_alone(
    after: None, cast: Cast, browser_of: Any, clock: Any
) -> None:
    year = assessments.make(2026, by=cast.committee)
    page = year.get_absolute_url()
    clients = {name: browser_of(getattr(cast, name)) for name in (*OWN, *NOTHING)}

    def statuses(client: Client, urls: list[str]) -> set[int]:
        return {client.get(url).status_code for url in urls}

    # A draft is the committee's alone.
    assert all(statuses(client, [page]) <= {403, 404} for client in clients.values())
    assessments.open_year(year, by=cast.committee)
    give_all(year, cast)
    urls = {sheet.name: sheet.get_absolute_url() for sheet in year.sheets.all()}
    station = urls["剑光街道城管站"]
    item = year.items.get(target="department", kind="given")
    mark = {f"item{item.pk}-points": "1", f"item{item.pk}-reason": REASON}
    appeal = {f"item{item.pk}-reason": "抽查三次的记录附后，请核对"}
    decision = {f"item{item.pk}-upheld": "no", f"item{item.pk}-answer": REASON}

    # Open: the items are told to whoever is assessed, no score to anybody; nobody else acts in it.
    for name, client in clients.items():
        assert (client.get(page).status_code == 200) == (name in OWN), name
        assert statuses(client, [urls[OWN.get(name, "剑光街道")], f"{page}file.xlsx"]) <= {403, 404}, name
        answers = {
            client.post(f"{page}{act}/").status_code for act in ("items", "open", "count", "publish", "sign")
        }
        answers |= {client.post(f"{station}mark/{item.pk}/", mark).status_code}
        assert answers <= {403, 404} and client.post(LIST, {"year": "2027"}).status_code in (403, 422), name
    acts = year.entries.count()
    assessments.publish(year, by=cast.committee)

    # Published: the own sheet on the page and on paper, no other's.
    for name, client in clients.items():
        own = urls.get(OWN.get(name, ""))
        assert own is None or statuses(client, [own, f"{own}file.xlsx"]) == {200}, name
        others = [url for url in urls.values() if url != own]
        assert statuses(
            client, [*others[: None if own else 1], f"{others[0]}file.pdf", f"{others[0]}file.xlsx"]
        ) <= {403, 404}, name
        assert client.post(f"{station}decide/{item.pk}/", decision).status_code in (403, 404), name
        if name != "station":
            assert client.post(f"{station}appeal/{item.pk}/", appeal).status_code in (403, 404), name
    committee = browser_of(cast.committee)
    assert statuses(committee, [page, *urls.values(), f"{station}file.pdf"]) == {200}
    assert committee.post(f"{station}appeal/{item.pk}/", appeal).status_code == 403
    # A secretary reads what the township's centre answers for, and does not appeal in its place.
    shared = year.items.get(target="township", name="协同处置")
    street = urls["剑光街道"]
    assert "申诉这一项" not in clients["secretary"].get(street).content.decode()
    words = {f"item{shared.pk}-reason": "联席会议的记录附后，请核对"}
    assert clients["secretary"].post(f"{street}appeal/{shared.pk}/", words).status_code == 403
    assert clients["township"].post(f"{street}appeal/{item.pk}/", words).status_code == 404
    assert year.entries.count() == acts + 1
    assert clients["township"].post(f"{street}appeal/{shared.pk}/", words).status_code == 302


def test_an_english_reader_gets_indicators_in_english(after: None, cast: Cast, browser_of: Any) -> None:
    year = assessments.make(2026, by=cast.committee)
    assessments.open_year(year, by=cast.committee)
    cast.committee.user.language = "en"
    cast.committee.user.save(update_fields=["language"])
    committee = browser_of(cast.committee)
    for url in (year.get_absolute_url(), sheet_of(year, "剑光街道").get_absolute_url()):
        page = committee.get(url).content.decode()
        assert "Archived in time" in page and "按期处置率" not in page and "按期结案率" not in page
        # What the committee typed is the name of its item, in any language.
        assert "网格日常工作" in page
