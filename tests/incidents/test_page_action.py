"""Doing things on the page: the short form, once and only once, refused with a reason, and told who was quicker."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Post
from cases.models import Case
from tests.cases.conftest import NewCase
from tests.cases.samples import jpeg, upload
from tests.cast import Cast
from tests.incidents.moves import archived, assigned, do, fed_back, filed, investigating, station

BrowserOf = Callable[[Post], Client]
HTMX = {"HX-Request": "true"}


def url(case: Case, action: str) -> str:
    return f"/incidents/{case.number}/{action}/"


def hidden(client: Client, case: Case, action: str) -> dict[str, str]:
    """What the form remembers: the state it was shown in, the last entry, the key of its press."""
    text = client.get(url(case, action)).content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))
    assert {"seen", "since", "idempotency_key"} <= set(fields)
    return {name: fields[name] for name in ("seen", "since", "idempotency_key")}


def test_the_form_says_what_it_needs_what_follows_who_is_told_and_until_when(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, clock: Any
) -> None:
    case = filed(new_case(cast.worker), cast)
    text = browser_of(cast.township).get(url(case, "assign")).content.decode()
    for words in (
        "承办单位",
        "剑光街道城管站（剑光街道）",
        "接下来",
        "会通知：承办单位、协办部门、抄告部门",
        "签收 今天 12:00",
        "处置 11月27日 18:00",
        "记在“剑光街道综治中心”名下",
    ):
        assert words in text, words


def test_every_action_that_a_page_offers_opens_its_form_whole_and_in_place(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    cases = [
        new_case(cast.worker),
        filed(new_case(cast.worker), cast),
        investigating(new_case(cast.worker), cast),
        fed_back(new_case(cast.worker), cast),
        archived(new_case(cast.worker), cast),
    ]
    opened = set()
    for who in (cast.worker, cast.township, cast.station, cast.centre, cast.committee, cast.secretary):
        client = browser_of(who)
        for case in cases:
            page = client.get(case.get_absolute_url())
            if page.status_code == 404:
                continue
            for button in page.context["file"].actions:
                if (case.state, button.action) in opened:
                    continue
                whole, part = client.get(button.url), client.get(button.url, headers=HTMX)
                assert (whole.status_code, part.status_code) == (200, 200), button.url
                assert "<html" in whole.content.decode() and "<html" not in part.content.decode()
                assert "data-form" in part.content.decode()
                opened.add((case.state, button.action))
    assert len(opened) > 40


def test_doing_it_leads_back_to_the_case_and_says_what_comes_next_and_by_when(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, clock: Any
) -> None:
    case, client = filed(new_case(cast.worker), cast), browser_of(cast.township)
    sent = {**hidden(client, case, "assign"), "handler": station(cast)}
    answer = client.post(url(case, "assign"), sent)
    assert (answer.status_code, answer["Location"]) == (303, case.get_absolute_url())
    text = client.get(answer["Location"]).content.decode()
    assert "已办理：指派。现在是“已指派”。下一步是签收，今天 12:00前。" in text
    case.refresh_from_db()
    assert case.state == "assigned"


def test_a_second_press_does_nothing_and_leads_to_the_same_place(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case, client = filed(new_case(cast.worker), cast), browser_of(cast.township)
    sent = {**hidden(client, case, "note"), "note": "看一下"}
    answers = [client.post(url(case, "note"), sent) for _turn in range(3)]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (303, case.get_absolute_url())
    }
    assert case.events.filter(verb="incident.noted").count() == 1
    changed = client.post(url(case, "note"), {**sent, "note": "另一句"})
    assert changed.status_code == 422 and "这次提交已经办过了" in changed.content.decode()
    assert case.events.filter(verb="incident.noted").count() == 1


def test_what_is_missing_is_said_beside_the_field_and_what_was_typed_stays(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case, client = investigating(new_case(cast.worker), cast), browser_of(cast.station)
    sent = {**hidden(client, case, "return"), "ground": "not_duty", "reason": "别处管"}
    for headers in ({}, HTMX):
        answer = client.post(url(case, "return"), sent, headers=headers)
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "请选应办部门" in text and "别处管" in text and "data-form" in text
        assert 'href="#id_right_department"' in text
    files = {"photos_after": upload("a.jpg", b"%PDF-1.4 not a picture")}
    case2 = investigating(new_case(cast.worker), cast)
    answer = client.post(url(case2, "feed_back"), {"result": "已经清运", **files})
    assert answer.status_code == 422 and "已经清运" in answer.content.decode()
    case.refresh_from_db()
    case2.refresh_from_db()
    assert (case.state, case2.state) == ("investigating", "investigating")


def test_photos_come_with_the_result(cast: Cast, new_case: NewCase, browser_of: BrowserOf) -> None:
    case, client = investigating(new_case(cast.worker), cast), browser_of(cast.station)
    sent = {
        **hidden(client, case, "feed_back"),
        "result": "已经清运",
        "photos_after": [upload("1.jpg", jpeg()), upload("2.jpg", jpeg(300, 300))],
    }
    assert client.post(url(case, "feed_back"), sent).status_code == 303
    assert [(a.name, a.stage) for a in case.attachments.all()] == [("1.jpg", "after"), ("2.jpg", "after")]


def test_an_action_that_is_not_ones_own_is_refused_with_who_does_it(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case = assigned(new_case(cast.worker), cast)
    for method in ("get", "post"):
        answer = getattr(browser_of(cast.village), method)(url(case, "accept"))
        assert answer.status_code == 403
        assert "由主办单位办理" in answer.content.decode()
    case.refresh_from_db()
    assert case.state == "assigned"
    assert browser_of(cast.township).get(url(case, "nonsense")).status_code == 404
    assert browser_of(cast.township).post(url(case, "resume_due")).status_code == 403


def test_who_was_slower_is_told_what_happened_meanwhile_and_keeps_the_words(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case, slow = filed(new_case(cast.worker), cast), browser_of(cast.township_b)
    sent = {**hidden(slow, case, "pass_up"), "reason": "我写了半天的理由"}
    do(case, "assign", cast.township, handler=station(cast), note="先派了")
    for headers in ({}, HTMX):
        answer = slow.post(url(case, "pass_up"), sent, headers=headers)
        text = answer.content.decode()
        assert answer.status_code == 409
        for words in ("刚才有人先办理了", "街道中心甲", "指派", "先派了", "已指派", "我写了半天的理由"):
            assert words in text, words
        assert ("<html" in text) is (headers == {})
        assert "立案" not in text.split("这期间的办理")[1].split("</ol>")[0]
    case.refresh_from_db()
    assert case.state == "assigned" and not case.events.filter(verb="incident.passed_up").exists()


def test_who_was_slower_may_go_on_when_the_action_is_still_possible(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case, slow = assigned(new_case(cast.worker), cast), browser_of(cast.township)
    sent = {**hidden(slow, case, "reassign"), "handler": station(cast), "reason": "写好的改派理由"}
    do(case, "accept", cast.station)
    answer = slow.post(url(case, "reassign"), sent)
    text = answer.content.decode()
    assert answer.status_code == 409 and "写好的改派理由" in text and "data-quicker" in text
    assert f'value="{station(cast)}" selected' in text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))
    again = {**sent, **{name: fields[name] for name in ("seen", "since", "idempotency_key")}}
    assert slow.post(url(case, "reassign"), again).status_code == 303
    assert case.events.filter(verb="incident.reassigned").count() == 1


def test_inner_notes_of_the_meantime_are_not_shown_to_a_mere_reporter(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case = new_case(cast.worker, place=cast.places.grid_c)
    reporter = browser_of(cast.worker)
    sent = {**hidden(reporter, case, "supplement"), "note": "我的补充"}
    do(case, "note", cast.township, note="内部的话")
    do(case, "file", cast.township)
    text = reporter.post(url(case, "supplement"), sent).content.decode()
    assert "立案" in text and "内部的话" not in text and "我的补充" in text


def test_on_the_cases_own_page_the_case_comes_anew_in_its_place(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case, client = filed(new_case(cast.worker), cast), browser_of(cast.township)
    sent = {**hidden(client, case, "assign"), "handler": station(cast)}
    here = {**HTMX, "HX-Current-URL": f"http://testserver{case.get_absolute_url()}"}
    answer = client.post(url(case, "assign"), sent, headers=here)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert text.strip().startswith('<div id="case"') and "已办理：指派" in text and "<html" not in text
    elsewhere = {**HTMX, "HX-Current-URL": f"http://testserver{url(case, 'assign')}"}
    again = client.post(url(case, "assign"), sent, headers=elsewhere)
    assert (again.status_code, again["HX-Redirect"]) == (204, case.get_absolute_url())


def test_an_action_that_ends_the_view_of_the_case_leads_to_the_desk(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case, client = investigating(new_case(cast.worker), cast), browser_of(cast.station)
    sent = {**hidden(client, case, "return"), "ground": "not_place", "reason": "在隔壁街道"}
    for _turn in range(2):
        answer = client.post(url(case, "return"), sent)
        assert (answer.status_code, answer["Location"]) == (303, "/incidents/desk/")
    assert "已办理：退回" in client.get("/incidents/desk/").content.decode()
    assert client.get(case.get_absolute_url()).status_code == 404
    case.refresh_from_db()
    assert case.state == "filed" and case.events.filter(verb="incident.returned").count() == 1


def test_the_tasks_of_a_split_are_rows_of_department_and_words(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case, client = filed(new_case(cast.worker), cast), browser_of(cast.township)
    first, second = str(cast.departments.station.pk), str(cast.departments.urban.pk)
    sent: dict[str, Any] = {
        **hidden(client, case, "split"),
        "tasks_department": [first, second, ""],
        "tasks_task": ["清运垃圾", "", ""],
    }
    refused = client.post(url(case, "split"), sent)
    assert refused.status_code == 422
    assert "第 2 项要选一个部门" in refused.content.decode() and "清运垃圾" in refused.content.decode()
    sent["tasks_task"] = ["清运垃圾", "修路灯", ""]
    assert client.post(url(case, "split"), sent).status_code == 303
    assert case.links_in.count() == 2


def test_the_action_is_recorded_under_the_post_acted_under(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case = filed(new_case(cast.worker), cast)
    second = Post.objects.create(
        user=cast.township.user, role="centre", division=cast.places.city, starts_on="2020-01-01"
    )
    client = browser_of(second)
    sent = {**hidden(client, case, "urge"), "note": "快办"}
    client.post(url(case, "urge"), sent)
    assert case.events.get(verb="incident.urged").post == second


@pytest.mark.parametrize("since", ["", "x", "99999999999999999999", "-1", "²"])
def test_a_broken_memory_of_the_page_breaks_nothing(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, since: str
) -> None:
    case, client = filed(new_case(cast.worker), cast), browser_of(cast.township)
    answer = client.post(url(case, "pass_up"), {"seen": "old:1", "since": since, "reason": "理由"})
    assert answer.status_code == 409
