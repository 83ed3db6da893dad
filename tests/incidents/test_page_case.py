"""The page of an incident: what each reader finds on it, that it keeps itself up to date, and what it never shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Post
from cases import deadlines
from cases.models import Case, CaseEvent, Notice
from cases.workflow import advance
from tests.cases.conftest import NewCase
from tests.cases.samples import jpeg, upload
from tests.cast import Cast
from tests.incidents.moves import archived, assigned, do, fed_back, filed, investigating, station

BrowserOf = Callable[[Post], Client]


def page(client: Client, case: Case, sub: str = "") -> str:
    answer = client.get(f"{case.get_absolute_url()}{sub}")
    assert answer.status_code == 200, answer.content.decode()[:500]
    text: str = answer.content.decode()
    return text


def steps(client: Client, case: Case) -> list[tuple[str, str]]:
    """Status and note of each of the six steps."""
    file = client.get(case.get_absolute_url()).context["file"]
    return [(step.status, str(step.note)) for step in file.steps]


def test_the_page_says_where_the_case_stands_who_has_it_and_what_may_be_done(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case = assigned(new_case(cast.worker, description="路口堆了三天"), cast)
    text = page(browser_of(cast.station), case)
    for words in (
        "东路口垃圾成堆",
        case.number,
        "剑光街道 › 东路社区居委会 › 01网格",
        "路口堆了三天",
        "已指派",
        "剑光街道城管站",
        "签收",
        "处置",
        f'href="/incidents/{case.number}/accept/"',
        "为什么不能",
    ):
        assert words in text, words
    assert f'href="/incidents/{case.number}/archive/"' not in text


def test_the_step_bar_follows_the_case_from_report_to_archive(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case, client = new_case(cast.worker), browser_of(cast.township)
    expected: list[tuple[tuple[str, Post, dict[str, Any]] | None, int, str]] = [
        (None, 1, ""),
        (("file", cast.township, {}), 2, ""),
        (("assign", cast.township, {"handler": station(cast)}), 3, "待签收"),
        (("accept", cast.station, {}), 3, ""),
        (("feed_back", cast.station, {"result": "已清理"}), 5, "待核查"),
        (("verify", cast.worker, {}), 5, "已核查，待归档"),
        (("archive", cast.township, {}), 6, ""),
    ]
    for move, now, note in expected:
        if move is not None:
            do(case, move[0], move[1], **move[2])
        found = steps(client, case)
        assert [status for status, _note in found] == [
            "done" if index < now else "now" if index == now else "todo" for index in range(6)
        ], move
        assert now == 6 or found[now][1] == note, move


def test_side_states_are_marked_on_the_step_bar(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, clock: Any
) -> None:
    client = browser_of(cast.township)
    case = investigating(new_case(cast.worker), cast)
    until = f"{clock.at.year + 1}-01-05T10:00"
    do(case, "suspend", cast.township, suspend_ground="weather", until=until, reason="暴雨")
    assert steps(client, case)[3] == ("now", "已挂起，时限停止计算")
    rejected = do(new_case(cast.worker), "reject", cast.township, reason="不属实")
    assert steps(client, rejected)[1] == ("done", "不予立案")
    assert [status for status, _note in steps(client, rejected)][2:] == ["todo"] * 4
    reworked = do(fed_back(new_case(cast.worker), cast), "rework", cast.worker, reason="没清干净")
    branches = client.get(reworked.get_absolute_url()).context["file"].steps[5].branches
    assert [(str(one.label), one.kind, one.who) for one in branches] == [
        ("返工", "rework", "东路社区居委会01网格网格员")
    ]
    settled = do(new_case(cast.worker), "settle", cast.worker, result="已当场清理")
    assert [status for status, _note in steps(client, settled)] == ["done"] * 5 + ["now"]
    merged = do(filed(new_case(cast.worker), cast), "merge", cast.township, target=case.number)
    assert steps(client, merged)[2] == ("now", "已并入另一个事项")


def test_every_entry_of_the_record_is_on_the_page_in_words(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, clock: Any
) -> None:
    case = investigating(new_case(cast.worker), cast)
    do(case, "ask_extension", cast.station, amount="2", reason="等配件")
    do(case, "grant_extension", cast.township)
    do(case, "return", cast.station, ground="not_place", reason="不在本站辖区")
    do(case, "supervise", cast.centre, card="red", reason="拖了很久")
    other = filed(new_case(cast.worker), cast)
    do(case, "link", cast.township, target=other.number)
    clock.forward(days=30)
    deadlines.ring_due()
    client = browser_of(cast.township)
    entries = client.get(case.get_absolute_url()).context["file"].entries
    assert [entry.seq for entry in entries] == list(range(1, case.events.count() + 1))
    assert all(str(entry.verb) for entry in entries)
    text = page(client, case)
    for words in ("2 工作日", "处置时限", "不在本单位辖区", "红牌督办", "超过时限", other.number, "等配件"):
        assert words in text, words


def test_inner_notes_are_hidden_from_somebody_who_only_reported_it(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case = investigating(
        new_case(cast.worker, place=cast.places.grid_c, reporter_phone="000-13812345678"), cast
    )
    do(case, "note", cast.township, note="只给办理单位看")
    advance(
        case,
        "note",
        by=cast.township,
        data={"note": "附内部文件"},
        files={"documents": [upload("内部.jpg", jpeg())]},
    )
    do(case, "instruct", cast.centre, instruction="从严处理")
    reporter, handler = browser_of(cast.worker), browser_of(cast.station)
    for sub in ("", "live/", "print/"):
        seen = page(reporter, case, sub)
        assert "签收" in seen
        for words in ("只给办理单位看", "从严处理", "附内部文件", "内部.jpg", "5678"):
            assert words not in seen, (sub, words)
            assert words in page(handler, case, sub) or words == "内部.jpg", (sub, words)
    key = case.attachments.get().key
    assert reporter.get(f"/attachments/{key}/").status_code == 404
    assert handler.get(f"/attachments/{key}/").status_code == 200


def test_opening_a_case_marks_its_notices_read_and_no_others(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    opened, other = assigned(new_case(cast.worker), cast), assigned(new_case(cast.worker), cast)
    client = browser_of(cast.station)
    unread = Notice.objects.filter(recipient=cast.station.user, read_at=None)
    assert unread.filter(case=opened).exists()
    page(client, opened)
    assert set(unread.values_list("case", flat=True)) == {other.pk}
    assert Notice.objects.filter(recipient=cast.worker.user, read_at=None, case=opened).exists()


def test_the_open_page_is_told_nothing_until_something_happens(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case, client = filed(new_case(cast.worker), cast), browser_of(cast.township)
    first = client.get(f"{case.get_absolute_url()}live/")
    tag = first["ETag"]
    assert tag.replace('"', '\\"').replace("\\", "\\") in page(client, case).replace("&quot;", '"')
    same = client.get(f"{case.get_absolute_url()}live/", headers={"If-None-Match": tag})
    assert (same.status_code, same.content) == (304, b"")
    do(case, "assign", cast.township_b, handler=station(cast))
    news = client.get(f"{case.get_absolute_url()}live/", headers={"If-None-Match": tag})
    assert news.status_code == 200 and news["ETag"] != tag
    text = news.content.decode()
    assert "已指派" in text
    for part in ("case-top", "case-panel", "case-side", "case-words", "case-record"):
        assert f'id="{part}"' in text and text.count('hx-swap-oob="true"') == 5


def test_another_post_of_the_same_person_gets_another_tag(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case = filed(new_case(cast.worker), cast)
    tags = {
        browser_of(post).get(f"{case.get_absolute_url()}live/")["ETag"]
        for post in (cast.township, cast.village, cast.centre)
    }
    assert len(tags) == 3


def test_asking_again_and_again_costs_little_and_writes_nothing(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case, client = filed(new_case(cast.worker), cast), browser_of(cast.township)
    tag = client.get(f"{case.get_absolute_url()}live/")["ETag"]
    with CaptureQueriesContext(connection) as caught:
        client.get(f"{case.get_absolute_url()}live/", headers={"If-None-Match": tag})
    statements = [query["sql"].split()[0] for query in caught]
    assert set(statements) <= {"SELECT"} and len(statements) < 20


def test_the_callers_number_is_masked_until_it_is_revealed_for_a_reason(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case = new_case(
        cast.township, place=cast.places.grid, reporter_name="张三丰", reporter_phone="000-13812345678"
    )
    client = browser_of(cast.township)
    for sub in ("", "print/"):
        text = page(client, case, sub)
        assert "张**" in text and "000****5678" in text
        assert "张三丰" not in text and "13812345678" not in text
    url = f"{case.get_absolute_url()}reveal/"
    refused = client.post(url, {"reason": "  "})
    assert refused.status_code == 422 and "请写明查看原因" in refused.content.decode()
    shown = client.post(url, {"reason": "电话核实地址"})
    assert "000-13812345678" in shown.content.decode() and "张三丰" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    entry = CaseEvent.objects.get(case=case, verb="personal.revealed")
    assert entry.actor == cast.township.user
    assert "电话核实地址" in page(client, case)
    assert CaseEvent.objects.filter(case=case, verb="personal.revealed").count() == 1


def test_a_mere_reporter_cannot_reveal(cast: Cast, new_case: NewCase, browser_of: BrowserOf) -> None:
    case = new_case(cast.worker, place=cast.places.grid_c, reporter_phone="000-13812345678")
    answer = browser_of(cast.worker).post(f"{case.get_absolute_url()}reveal/", {"reason": "想看"})
    assert answer.status_code == 403
    assert "13812345678" not in answer.content.decode()


def test_photos_before_and_after_stand_side_by_side(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case = investigating(new_case(cast.worker), cast)
    files = {"photos_before": [upload("前.jpg", jpeg())], "photos_after": [upload("后.jpg", jpeg())]}
    advance(case, "feed_back", by=cast.station, data={"result": "清了"}, files=files)
    file = browser_of(cast.township).get(case.get_absolute_url()).context["file"]
    assert [picture.name for picture in file.before] == ["前.jpg"]
    assert [picture.name for picture in file.after] == ["后.jpg"]
    text = page(browser_of(cast.township), case)
    assert text.count(file.before[0].thumb) == 2  # in the pair and in the record


def test_links_lead_only_to_cases_that_the_reader_may_see(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case = filed(new_case(cast.worker), cast)
    hidden = do(new_case(cast.worker2, title="另一镇的事"), "file", cast.township2)
    do(hidden, "pass_up", cast.township2, reason="跨乡镇")
    do(hidden, "link", cast.centre, target=case.number)
    text = page(browser_of(cast.township), case)
    assert "另一镇的事" not in text and hidden.number not in text
    assert "另一个事项" in text
    seen = page(browser_of(cast.centre), case)
    assert "另一镇的事" in seen and hidden.get_absolute_url() in seen


def test_merged_and_split_cases_are_linked_both_ways(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    parent = filed(new_case(cast.worker), cast)
    tasks = [
        {"department": str(cast.departments.station.pk), "task": "清运垃圾"},
        {"department": str(cast.departments.urban.pk), "task": "修路灯"},
    ]
    do(parent, "split", cast.township, tasks=tasks)
    child = Case.objects.get(title__endswith="清运垃圾")
    client = browser_of(cast.township)
    assert child.get_absolute_url() in page(client, parent)
    text = page(client, child)
    assert parent.get_absolute_url() in text and "拆分自" in text and "清运垃圾" in text


def test_a_mere_reporter_does_not_learn_who_else_reported_it(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, api_of: Callable[[Post], Any]
) -> None:
    case, double = new_case(cast.worker), new_case(cast.worker_b)
    do(double, "merge", cast.township, target=case.number)
    mine, other = cast.worker_b.user.name, cast.worker.user.name
    for url in (case.get_absolute_url(), f"{case.get_absolute_url()}print/"):
        answer = browser_of(cast.worker_b).get(url)
        people = str([line.value for line in answer.context["file"].people])
        assert mine in people and other not in people
    seen = api_of(cast.worker_b).get(f"/api/v1/incidents/{case.number}/").json()["reporters"]
    assert [one["person"] for one in seen] == [mine]
    full = api_of(cast.township).get(f"/api/v1/incidents/{case.number}/").json()["reporters"]
    assert {one["person"] for one in full} == {mine, other}


def test_why_not_names_every_absent_action_with_its_reason(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case = fed_back(new_case(cast.worker), cast)
    client = browser_of(cast.station)
    answer = client.get(f"{case.get_absolute_url()}why-not/")
    refusals = {str(one.label): one.reason for one in answer.context["refusals"]}
    offered = {str(button.label) for button in client.get(case.get_absolute_url()).context["file"].actions}
    assert refusals["签收"] == "这一步在“已指派”时办理，现在是“已反馈”。"
    assert not set(refusals) & offered
    assert any(
        "立案" in label and reason == "您现在的岗位不办理这些操作。" for label, reason in refusals.items()
    )
    own = browser_of(cast.township)
    settled = do(filed(new_case(cast.worker), cast), "settle", cast.township, result="本级办了")
    reasons = {
        str(one.label): one.reason
        for one in own.get(f"{settled.get_absolute_url()}why-not/").context["refusals"]
    }
    assert "核查通过" in reasons


def test_the_reason_why_who_handled_it_may_not_verify_is_said(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case = do(new_case(cast.worker), "settle", cast.worker, result="已当场清理")
    text = page(browser_of(cast.worker), case, "why-not/")
    assert "办理过这个事项" in text


def test_the_whole_file_prints_and_the_printing_is_recorded_once(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case = archived(new_case(cast.worker, description="路口堆了三天"), cast)
    client = browser_of(cast.township)
    for _turn in range(3):
        text = page(client, case, "print/")
    for words in (
        "事件案卷",
        case.number,
        "路口堆了三天",
        "已清理完毕",
        "结案归档",
        "网格员甲",
        "按时完成",
        "校验值",
    ):
        assert words in text, words
    assert case.events.filter(verb="case.printed", actor=cast.township.user).count() == 1


def test_looking_at_a_sensitive_case_leaves_a_trace_and_at_another_none(
    cast: Cast, new_case: NewCase, sensitive: Any, browser_of: BrowserOf, clock: Any
) -> None:
    closed = new_case(cast.township, category=sensitive, place=cast.places.grid)
    plain = new_case(cast.worker)
    client = browser_of(cast.township)
    for case in (closed, closed, plain):
        page(client, case)
    looks = CaseEvent.objects.filter(verb="case.viewed")
    assert [(event.case_id, event.actor) for event in looks] == [(closed.pk, cast.township.user)]
    clock.forward(hours=2)
    page(client, closed)
    assert looks.all().count() == 2
    assert browser_of(cast.village).get(closed.get_absolute_url()).status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_record(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case, client = investigating(new_case(cast.worker), cast), browser_of(cast.township)

    def talk(times: int) -> None:
        for turn in range(times):
            files: Any = {"photos_after": [upload(f"{turn}.jpg", jpeg())]}
            advance(case, "progress", by=cast.station, data={"note": f"进展{turn}"}, files=files)
            do(case, "note", cast.township_b, note="备注")
            do(case, "copy", cast.township, copies=[str(cast.departments.urban.pk)])

    def queries() -> list[int]:
        found = []
        for sub in ("", "live/", "print/", "why-not/"):
            page(client, case, sub)
            with CaptureQueriesContext(connection) as caught:
                page(client, case, sub)
            found.append(len(caught))
        return found

    talk(1)
    few = queries()
    talk(8)
    assert queries() == few
    assert max(few) < 90


def test_a_closed_case_offers_a_new_turn_to_its_reporter_and_no_other_work(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case = archived(new_case(cast.worker), cast)
    actions = [b.action for b in browser_of(cast.worker).get(case.get_absolute_url()).context["file"].actions]
    assert actions == ["reopen"]
    text = page(browser_of(cast.station), case)
    assert "您现在的岗位在这一步没有要办的" in text
