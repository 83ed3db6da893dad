"""POST /incidents/{number}/{action}/: the seven questions, the acting post, and presses that come twice."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Post
from accounts.roles import Role
from cases.models import Attachment, Case, CaseEvent, Deadline, IdempotencyKey, Notice
from tests.api.conftest import INCIDENTS, Call, Stage, problem, send_raw, station
from tests.cases import samples
from tests.cases.conftest import NewCase
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("category", "clock")


def untouched(case: Case) -> bool:
    now = Case.objects.get(pk=case.pk)
    return (now.state, now.last_seq) == (case.state, case.last_seq)


# --- not signed in


def test_without_signing_in_it_is_401(at: Stage) -> None:
    case = at()
    problem(APIClient().post(f"{INCIDENTS}{case.number}/file/", {}, format="json"), 401, "not_authenticated")
    assert untouched(case)


# --- not allowed


def test_who_sees_it_but_may_not_is_told_who_may(cast: Cast, call: Call, at: Stage) -> None:
    case = at()
    answer = problem(call(cast.worker).do(case, "file"), 403, "not_allowed")
    assert answer["detail"]
    assert "剑光街道" in problem(call(cast.village).do(case, "file"), 403, "not_allowed")["detail"]
    problem(call(cast.centre).do(case, "file"), 403, "not_allowed")
    assert untouched(case)


def test_what_only_the_program_does_is_nobodys(cast: Cast, call: Call, at: Stage) -> None:
    case = at()
    problem(call(cast.township).do(case, "children_done"), 403, "not_allowed")


def test_no_person_and_no_office_closes_what_it_handled(cast: Cast, call: Call, at: Stage) -> None:
    """Whichever post is used: one person is the station's officer and works at the township's centre too."""
    case = at("fed_back")
    second = Post.objects.create(
        user=cast.station.user,
        role=Role.TOWNSHIP_CENTRE,
        division=cast.places.street,
        starts_on=date(2026, 1, 1),
    )
    for caller in (call(second), call(cast.station.user)):
        assert "verify" not in caller.get(f"{case.number}/").json()["allowed_actions"]
    problem(call(second).do(case, "verify"), 403, "handled_it")
    assert call(cast.station.user).do(case, "verify").status_code == 403
    call(cast.township).must(case, "verify")
    problem(call(second).do(case, "archive"), 403, "handled_it")
    assert untouched(Case.objects.get(pk=case.pk))


# --- not found


def test_outside_ones_posts_it_is_404_whatever_is_sent(cast: Cast, call: Call, at: Stage) -> None:
    case = at("assigned")
    for post in (cast.township2, cast.officer, cast.worker_b, cast.auditor):
        problem(call(post).do(case, "accept"), 404, "not_found")
        problem(call(post).do(case, "nonsense", x=1), 404, "not_found")
    problem(call(cast.stranger.user).do(case, "accept"), 404, "not_found")
    problem(call(cast.township).do("SJ2026-9999999", "file"), 404, "not_found")
    assert untouched(case)


def test_an_action_that_is_none_is_404(cast: Cast, call: Call, at: Stage) -> None:
    case = at()
    for name in ("explode", "File", "file-", "_", "FILE", "seen"):
        problem(call(cast.township).do(case, name), 404, "not_found")


# --- wrong state


def test_in_the_wrong_state_the_present_one_is_told(cast: Cast, call: Call, at: Stage) -> None:
    case = at("filed")
    answer = problem(call(cast.township).do(case, "file"), 409, "wrong_state")
    assert answer["state"] == "filed" and "已立案" in answer["detail"]
    assert untouched(case)


def test_who_acts_on_an_old_view_is_told(cast: Cast, call: Call, at: Stage) -> None:
    case = at()
    seen = call(cast.township).get(f"{case.number}/").json()["seen"]
    call(cast.township_b).must(case, "file", seen=seen)
    answer = problem(
        call(cast.township).do(case, "correct_category", category="1101", seen=seen), 409, "moved_on"
    )
    assert answer["state"] == "filed"
    new = call(cast.township).get(f"{case.number}/").json()["seen"]
    call(cast.township).must(case, "correct_category", category="1101", seen=new)


def test_the_refusal_of_a_wrong_state_comes_before_that_of_a_wrong_body(
    cast: Cast, call: Call, at: Stage
) -> None:
    case = at("filed")
    problem(call(cast.secretary).do(case, "feed_back", rubbish=1), 403, "not_allowed")
    problem(call(cast.township).do(case, "verify", rubbish=1), 409, "wrong_state")


# --- bad body


BAD: list[tuple[str, str, dict[str, Any], list[str]]] = [
    ("filed", "assign", {}, ["handler"]),
    ("filed", "assign", {"handler": ""}, ["handler"]),
    ("filed", "assign", {"handler": None}, ["handler"]),
    ("filed", "assign", {"handler": 3}, ["handler"]),
    ("filed", "assign", {"handler": ["department:1"]}, ["handler"]),
    ("filed", "assign", {"handler": "department:999999"}, ["handler"]),
    ("filed", "assign", {"handler": "division:360981119000"}, ["handler"]),
    ("filed", "assign", {"handler": "department:\u0000"}, ["handler"]),
    ("filed", "assign", {"handler": "OK", "note": {"a": 1}}, ["note"]),
    ("filed", "assign", {"handler": "OK", "note": "长" * 1001}, ["note"]),
    ("filed", "assign", {"handler": "OK", "co_handlers": "1"}, ["co_handlers"]),
    ("filed", "assign", {"handler": "OK", "co_handlers": [[1]]}, ["co_handlers"]),
    ("filed", "assign", {"handler": "OK", "co_handlers": [1.5]}, ["co_handlers"]),
    ("filed", "assign", {"handler": "OK", "co_handlers": [True]}, ["co_handlers"]),
    ("filed", "assign", {"handler": "OK", "co_handlers": [10**300]}, ["co_handlers"]),
    ("filed", "assign", {"handler": "OK", "reason": "x"}, ["reason"]),
    ("filed", "assign", {"handler": "OK", "Handler": "OK"}, ["Handler"]),
    ("filed", "assign", {"handler": "OK", "seen": {"a": 1}}, ["seen"]),
    ("filed", "split", {"tasks": "清运"}, ["tasks"]),
    ("filed", "split", {"tasks": [1, 2]}, ["tasks"]),
    ("filed", "split", {"tasks": [{}, {}]}, ["tasks"]),
    ("filed", "split", {"tasks": [{"department": {"a": 1}, "task": "x"}]}, ["tasks"]),
    ("filed", "split", {"tasks": [{"department": None, "task": None}] * 2}, ["tasks"]),
    (
        "filed",
        "suspend",
        {"suspend_ground": "tired", "until": "2026-12-01T10:00:00Z", "reason": "x"},
        ["suspend_ground"],
    ),
    (
        "filed",
        "suspend",
        {"suspend_ground": "weather", "until": "9999-12-31T23:59:59-14:00", "reason": "x"},
        ["until"],
    ),
    (
        "filed",
        "suspend",
        {"suspend_ground": "weather", "until": "0001-01-01T00:00:00+14:00", "reason": "x"},
        ["until"],
    ),
    ("filed", "suspend", {"suspend_ground": "weather", "until": 5, "reason": "x"}, ["until"]),
    (
        "filed",
        "suspend",
        {"suspend_ground": "weather", "until": "2026-11-18T09:00:00+08:00", "reason": "x"},
        ["until"],
    ),
    ("filed", "pass_down", {"division": "360981119000"}, ["division"]),
    ("filed", "pass_down", {"division": {"code": "360981002002"}}, ["division"]),
    ("filed", "merge", {"target": "SJ2026-9999999"}, ["target"]),
    ("filed", "merge", {"target": "\u0000"}, ["target"]),
    ("filed", "merge", {"target": ["SJ2026-0000001"]}, ["target"]),
    ("filed", "link", {}, ["target"]),
    ("filed", "correct_category", {"category": "11"}, ["category"]),
    ("filed", "settle", {"result": "好", "photos_after": ["x"]}, ["photos_after"]),
    ("filed", "settle", {"result": " "}, ["result"]),
    ("filed", "urge", {"note": "\n"}, ["note"]),
    ("filed", "urge", {"note": "a\u0000b"}, ["note"]),
]


@pytest.mark.parametrize(
    ("state", "action", "sent", "names"), BAD, ids=[f"{a} {json.dumps(b)[:40]}" for _s, a, b, _n in BAD]
)
def test_what_is_wrong_is_named_and_nothing_is_done(
    state: str, action: str, sent: dict[str, Any], names: list[str], cast: Cast, call: Call, at: Stage
) -> None:
    case = at(state)
    right = {name: station(cast) if value == "OK" else value for name, value in sent.items()}
    answer = problem(call(cast.township).do(case, action, **right), 422, "incomplete")
    assert list(answer["errors"]) == names
    assert untouched(case)


@pytest.mark.parametrize("amount", [0, -1, 8, 1.5, "1", True, [1], 10**300])
def test_a_wrong_number_is_refused(amount: Any, cast: Cast, call: Call, at: Stage) -> None:
    case = at("investigating")
    sent = {"amount": amount, "reason": "等待材料"}
    assert list(
        problem(call(cast.station).do(case, "ask_extension", **sent), 422, "incomplete")["errors"]
    ) == ["amount"]


def test_a_body_that_is_none_is_refused(cast: Cast, call: Call, at: Stage) -> None:
    case = at()
    address, client = f"{INCIDENTS}{case.number}/file/", call(cast.township).client
    for raw, kind, status, code in (
        (b"[]", "application/json", 422, "incomplete"),
        (b"{", "application/json", 400, "parse_error"),
        (b"\xff", "application/json", 400, "parse_error"),
        (b"note=x", "text/plain", 415, "unsupported_media_type"),
        (b'{"note": "' + b"x" * 10_000_000 + b'"}', "application/json", 413, "too_large"),
    ):
        problem(send_raw(client, address, raw, kind), status, code)
    assert untouched(case)
    assert send_raw(client, address, b"").status_code == 200


# --- right body, and what it leaves behind


def test_the_answer_is_the_incident_with_the_entry_written(cast: Cast, call: Call, at: Stage) -> None:
    case = at("filed")
    answer = call(cast.township).do(case, "assign", handler=station(cast), note="请尽快")
    whole = answer.json()
    entry = whole.pop("event")
    written = CaseEvent.objects.get(case=case, seq=3)
    assert answer.status_code == 200
    assert entry == {
        "seq": 3,
        "verb": "incident.assigned",
        "at": "2026-11-18T10:00:00+08:00",
        "hash": written.hash,
    }
    assert whole == call(cast.township).get(f"{case.number}/").json()
    assert (whole["state"], whole["last_event"]) == ("assigned", 3)


def test_an_action_writes_entry_duties_parts_and_notices(cast: Cast, call: Call, at: Stage) -> None:
    case = at("filed")
    call(cast.township).must(case, "assign", handler=station(cast), note="请尽快")
    written = CaseEvent.objects.get(case=case, seq=3)
    assert (written.post, written.words.text) == (cast.township, "请尽快")
    owed = set(
        Deadline.objects.filter(case=case, met_at=None, cancelled_at=None).values_list("duty", flat=True)
    )
    assert owed == {"accept", "handle", "whole"}
    assert Notice.objects.filter(event=written, recipient=cast.station.user).exists()
    assert not Notice.objects.filter(event=written, recipient=cast.township.user).exists()


def test_photos_come_as_a_form(cast: Cast, call: Call, at: Stage) -> None:
    case = at("investigating")
    sent = {
        "result": "已清理",
        "photos_before": [samples.upload("a.jpg", samples.jpeg())],
        "photos_after": [
            samples.upload("b.jpg", samples.jpeg(100, 50)),
            samples.upload("c.webp", samples.saved("WEBP")),
        ],
        "documents": [samples.upload("回函.pdf", samples.pdf())],
    }
    answer = call(cast.station).post(f"{case.number}/feed_back/", sent, files=True)
    assert answer.status_code == 200, answer.json()
    assert [one["stage"] for one in answer.json()["attachments"]] == ["before", "after", "after", "other"]
    entry = call(cast.worker).get(f"{case.number}/events/").json()[-1]
    assert [one["name"] for one in entry["attachments"]] == ["a.jpg", "b.jpg", "c.jpg", "回函.pdf"]
    assert sorted(entry["data"]["sha256"]) == sorted(one["sha256"] for one in entry["attachments"])


def test_a_bad_photo_stops_the_whole_action(cast: Cast, call: Call, at: Stage) -> None:
    case = at("investigating")
    sent = {
        "result": "已清理",
        "photos_after": [samples.upload("a.jpg", samples.jpeg()), samples.upload("b.jpg", samples.pdf())],
    }
    answer = problem(
        call(cast.station).post(f"{case.number}/feed_back/", sent, files=True), 422, "incomplete"
    )
    assert list(answer["errors"]) == ["photos_after"]
    assert untouched(case) and not Attachment.objects.exists()


def test_a_form_may_carry_lists(cast: Cast, call: Call, at: Stage) -> None:
    case = at("filed")
    police, urban = cast.departments.police.pk, cast.departments.urban.pk
    sent = {"handler": station(cast), "co_handlers": [police, urban], "csrfmiddlewaretoken": "x"}
    answer = call(cast.township).post(f"{case.number}/assign/", sent, files=True)
    assert {one["id"] for one in answer.json()["co_handlers"]} == {
        f"department:{police}",
        f"department:{urban}",
    }
    other = at("filed")
    tasks = json.dumps([{"department": police, "task": "疏导"}, {"department": urban, "task": "清运"}])
    answer = call(cast.township).post(f"{other.number}/split/", {"tasks": tasks}, files=True)
    assert answer.status_code == 200, answer.json()


# --- under which post


def test_the_named_post_acts_and_no_other(cast: Cast, call: Call, at: Stage) -> None:
    case = at("assigned")
    second = Post.objects.create(
        user=cast.worker.user,
        role=Role.DEPARTMENT_OFFICER,
        department=cast.departments.station,
        starts_on=date(2026, 1, 1),
    )
    problem(call(cast.worker).do(case, "accept"), 403, "not_allowed")
    call(cast.worker.user).must(case, "accept")
    assert CaseEvent.objects.get(case=case, verb="incident.accepted").post == second


def test_a_post_of_somebody_else_is_refused(cast: Cast, api_of: Any, at: Stage) -> None:
    case = at()
    client = api_of(cast.worker.user)
    for other in (str(cast.township.pk), "0", "x", "-1", "9" * 40, str(cast.stranger.pk)):
        refused = client.post(
            f"{INCIDENTS}{case.number}/file/", {}, format="json", headers={"X-Gezhi-Post": other}
        )
        problem(refused, 403, "unknown_post")
    assert untouched(case)


def test_an_ended_post_acts_no_more(cast: Cast, call: Call, at: Stage) -> None:
    case = at()
    Post.objects.filter(pk=cast.township.pk).update(ends_on=date(2026, 11, 17))
    problem(call(cast.township).do(case, "file"), 403, "unknown_post")
    problem(call(cast.township.user).do(case, "file"), 404, "not_found")
    assert untouched(case)


# --- pressed twice


def test_a_repeat_does_nothing_and_gives_the_first_answer(cast: Cast, call: Call, at: Stage) -> None:
    case = at()
    first = call(cast.township).do(case, "file", key="k", note="属实")
    call(cast.township).must(case, "assign", handler=station(cast))
    again = call(cast.township).do(case, "file", key="k", note="属实")
    assert (again.status_code, again.json()) == (200, first.json())
    assert CaseEvent.objects.filter(case=case, verb="incident.filed").count() == 1


def test_a_used_key_with_another_body_or_address_is_refused(
    cast: Cast, call: Call, at: Stage, new_case: NewCase
) -> None:
    case, other = at(), new_case()
    call(cast.township).do(case, "file", key="k")
    problem(call(cast.township).do(case, "file", key="k", note="x"), 422, "idempotency_key_reused")
    problem(call(cast.township).do(case, "reject", key="k"), 422, "idempotency_key_reused")
    problem(call(cast.township).do(other, "file", key="k"), 422, "idempotency_key_reused")
    assert call(cast.township_b).do(other, "file", key="k").status_code == 200


def test_a_return_pressed_twice_answers_twice_though_the_view_is_gone(
    cast: Cast, call: Call, at: Stage
) -> None:
    case = at("assigned")
    sent = {"ground": "not_place", "reason": "不在本站辖区内"}
    first = call(cast.station).do(case, "return", key="k", **sent)
    again = call(cast.station).do(case, "return", key="k", **sent)
    assert (again.status_code, again.json()) == (200, first.json())
    problem(call(cast.station).do(case, "return", key="other", **sent), 404, "not_found")


def test_a_repeat_shows_nothing_to_who_no_longer_sees_the_case(cast: Cast, call: Call, at: Stage) -> None:
    case = at("assigned")
    assert call(cast.station).do(case, "accept", key="k").status_code == 200
    call(cast.township).must(case, "reassign", handler=station(cast, "urban"), reason="市级处理")
    problem(call(cast.station).do(case, "accept", key="k"), 404, "not_found")


def test_a_refused_press_leaves_its_key_free(cast: Cast, call: Call, at: Stage) -> None:
    case = at("filed")
    problem(call(cast.township).do(case, "assign", key="k"), 422, "incomplete")
    problem(call(cast.worker).do(case, "assign", key="k"), 403, "not_allowed")
    assert not IdempotencyKey.objects.exists()
    assert call(cast.township).do(case, "assign", key="k", handler=station(cast)).status_code == 200
