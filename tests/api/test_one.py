"""One incident: its facts, its record, its duties, and what may be done now."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Post
from accounts.roles import Role
from cases import anonymising, events
from cases.models import Case, CaseEvent
from incidents.api.fields import ACTION_KINDS
from incidents.forms import FIELDS
from incidents.registration import WORKFLOW
from tests.api.conftest import INCIDENTS, Call, Stage, problem, station
from tests.cases.conftest import NewCase
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("category", "clock")
PARTS = ["", "events/", "deadlines/", "actions/"]


# --- not signed in, not allowed, not found


@pytest.mark.parametrize("part", PARTS)
def test_without_signing_in_it_is_401(part: str, new_case: NewCase) -> None:
    problem(APIClient().get(f"{INCIDENTS}{new_case().number}/{part}"), 401, "not_authenticated")


@pytest.mark.parametrize("part", PARTS)
def test_outside_ones_posts_it_is_as_if_it_did_not_exist(
    part: str, cast: Cast, call: Call, at: Stage
) -> None:
    case = at("investigating")
    for post in (
        cast.township2,
        cast.worker2,
        cast.village_b,
        cast.worker_b,
        cast.officer,
        cast.mediator,
        cast.auditor,
    ):
        refused = problem(call(post).get(f"{case.number}/{part}"), 404, "not_found")
        absent = problem(call(post).get(f"SJ2026-9999999/{part}"), 404, "not_found")
        assert refused == absent
    for person in (cast.stranger.user, cast.nobody):
        problem(call(person).get(f"{case.number}/{part}"), 404, "not_found")
    problem(call(cast.stranger).get(f"{case.number}/{part}"), 403, "unknown_post")


@pytest.mark.parametrize(
    "name", ["sj2026-0000001", "1", "SJ2026-0000001%00", "SJ2026-%E5%8F%B7", "SJ2026-1" + "0" * 40]
)
def test_a_number_that_is_none_is_not_found(name: str, cast: Cast, call: Call) -> None:
    problem(call(cast.township).get(f"{name}/"), 404, "not_found")


def test_other_methods_are_refused(cast: Cast, call: Call, at: Stage) -> None:
    case = at()
    client = call(cast.township).client
    for part in PARTS:
        for method in (client.put, client.patch, client.delete):
            problem(method(f"{INCIDENTS}{case.number}/{part}", {}, format="json"), 405, "method_not_allowed")
    problem(client.get(f"{INCIDENTS}{case.number}/file/"), 405, "method_not_allowed")
    for part in ("", *PARTS):
        assert client.options(f"{INCIDENTS}{case.number}/{part}").status_code == 200
    assert case.last_seq == Case.objects.get(pk=case.pk).last_seq


# --- the facts


def test_the_same_incident_shows_each_what_is_theirs(cast: Cast, call: Call, new_case: NewCase) -> None:
    case = new_case(
        cast.village, place=cast.places.grid, reporter_name="张大山", reporter_phone="000-13801234"
    )
    masked = {"reporter_name": "张**", "reporter_phone": "000****1234"}
    assert call(cast.township).get(f"{case.number}/").json()["personal"] == masked
    # The reporter who no longer serves that place sees the matter as its reporter alone.
    Post.objects.filter(pk=cast.village.pk).update(division=cast.places.village_b)
    whole = call(cast.village.user).get(f"{case.number}/").json()
    assert whole["personal"] == {} and whole["allowed_actions"] == ["supplement"]


def test_a_look_at_a_sensitive_incident_is_recorded_once_an_hour(
    cast: Cast, call: Call, new_case: NewCase, sensitive: Any, clock: Any
) -> None:
    case, plain = new_case(cast.village, category=sensitive, place=cast.places.grid), new_case()
    for _turn in range(2):
        call(cast.township).get(f"{case.number}/")
        call(cast.township).get(f"{case.number}/events/")
        call(cast.township).get(f"{plain.number}/")
    looks = CaseEvent.objects.filter(verb="case.viewed")
    assert [(look.case_id, look.post_id) for look in looks] == [(case.pk, cast.township.pk)]
    problem(call(cast.secretary).get(f"{case.number}/"), 404, "not_found")
    problem(call(cast.worker).get(f"{case.number}/"), 404, "not_found")


# --- the record


def test_the_record_tells_who_did_what_when_with_its_chain(cast: Cast, call: Call, at: Stage) -> None:
    case = at("investigating")
    call(cast.station).must(case, "progress", note="已到现场")
    entries = call(cast.worker).get(f"{case.number}/events/").json()
    last = entries[-1]
    kept = CaseEvent.objects.get(case=case, seq=last["seq"])
    assert last == {
        "seq": 5,
        "at": "2026-11-18T10:00:00+08:00",
        "verb": "incident.progress",
        "verb_text": "办理进展",
        "actor": "街道城管站甲",
        "post": "剑光街道城管站",
        "from": "investigating",
        "to": "investigating",
        "text": "已到现场",
        "data": {},
        "inner": False,
        "cause": str(kept.cause),
        "attachments": [],
        "hash": kept.hash,
        "prev_hash": kept.prev_hash,
    }
    hashes = [entry["hash"] for entry in entries]
    assert [entry["prev_hash"] for entry in entries] == ["", *hashes[:-1]]
    assert not list(events.broken_entries(Case.objects.get(pk=case.pk)))


def test_only_newer_entries_are_given_when_asked(cast: Cast, call: Call, at: Stage) -> None:
    case = at("investigating")
    found = call(cast.worker).get(f"{case.number}/events/", after=2).json()
    assert [entry["seq"] for entry in found] == [3, 4]
    for wrong in ("x", "-1", "9" * 30, "1.5", "①"):
        answer = problem(call(cast.worker).get(f"{case.number}/events/", after=wrong), 422, "incomplete")
        assert list(answer["errors"]) == ["after"]


def test_inner_entries_are_not_for_a_mere_reporter(cast: Cast, call: Call, new_case: NewCase) -> None:
    case = new_case(cast.worker, place=cast.places.grid_c)
    call(cast.township).must(case, "note", note="先核实户主情况")
    call(cast.secretary).must(case, "instruct", instruction="请立即处理")
    call(cast.township).must(case, "supplement", note="已联系物业")
    full = call(cast.village_b).get(f"{case.number}/events/").json()
    assert [entry["inner"] for entry in full] == [False, True, True, False]
    mere = call(cast.worker).get(f"{case.number}/events/")
    assert [entry["seq"] for entry in mere.json()] == [1, 4]
    assert "户主" not in mere.content.decode() and "立即处理" not in mere.content.decode()


def test_erased_words_are_null(cast: Cast, call: Call, at: Stage) -> None:
    case = at("archived")
    anonymising.anonymise(case)
    entries = call(cast.township).get(f"{case.number}/events/").json()
    assert next(entry["text"] for entry in entries if entry["verb"] == "incident.fed_back") is None
    assert entries[-1]["actor"] is None


def test_the_record_speaks_english_to_who_reads_english(cast: Cast, call: Call, at: Stage) -> None:
    case = at("filed")
    type(cast.worker.user).objects.filter(pk=cast.worker.user_id).update(language="en")
    entries = call(cast.worker).get(f"{case.number}/events/").json()
    assert all(entry["verb_text"].isascii() for entry in entries)
    assert call(cast.worker).get(f"{case.number}/").json()["state_label"].isascii()


# --- the duties


def test_duties_tell_their_whole_story(cast: Cast, call: Call, at: Stage, clock: Any) -> None:
    case = at("assigned")
    clock.forward(hours=1)
    duties = call(cast.worker).get(f"{case.number}/deadlines/").json()
    by_name = {duty["duty"]: duty for duty in duties}
    assert list(by_name) == ["file", "assign", "whole", "accept", "handle"]
    assert (
        by_name["file"]["met_at"] is not None
        and not by_name["file"]["open"]
        and not by_name["file"]["overdue"]
    )
    assert by_name["accept"] == {
        "duty": "accept",
        "label": "签收",
        "due_at": "2026-11-18T12:00:00+08:00",
        "overdue": False,
        "paused": False,
        "provisional": False,
        "holder": {"id": station(cast), "name": "剑光街道城管站", "person": None},
        "started_at": "2026-11-18T10:00:00+08:00",
        "amount": 120,
        "unit": "working_minutes",
        "extra": 0,
        "paused_at": None,
        "met_at": None,
        "missed_at": None,
        "cancelled_at": None,
        "open": True,
    }
    clock.forward(minutes=61)
    late = call(cast.worker).get(f"{case.number}/deadlines/").json()
    assert [duty["duty"] for duty in late if duty["overdue"]] == ["accept"]
    assert call(cast.worker).get(f"{case.number}/").json()["overdue"] is True


# --- what may be done now


def test_actions_tell_what_each_needs(cast: Cast, call: Call, at: Stage) -> None:
    case = at("filed")
    found = {row["action"]: row for row in call(cast.township).get(f"{case.number}/actions/").json()}
    assert list(found) == call(cast.township).get(f"{case.number}/").json()["allowed_actions"]
    assign = found["assign"]
    assert (assign["label"], assign["post"]) == ("指派", cast.township.pk)
    (handler,) = assign["needs"]
    assert (handler["name"], handler["type"], handler["required"]) == ("handler", "choice", True)
    offered = {choice["value"]: choice["group"] for choice in handler["choices"]}
    assert offered[station(cast)] == "部门（站所）" and offered[f"post:{cast.worker.pk}"] == "网格员"
    assert station(cast, "station2") not in offered
    assert [field["name"] for field in assign["takes"]] == ["co_handlers", "copies", "note"]
    assert assign["takes"][0]["type"] == "codes" and assign["takes"][2]["max_length"] == 1000
    assert "签收" in assign["follows"]
    assert [field["type"] for field in found["suspend"]["needs"]] == ["choice", "datetime", "text"]
    (tasks,) = found["split"]["needs"]
    assert tasks["type"] == "rows" and tasks["choices"]
    assert found["settle"]["takes"][0]["type"] == "files"


def test_every_offered_choice_is_taken(cast: Cast, call: Call, at: Stage) -> None:
    case = at("filed")
    found = {row["action"]: row for row in call(cast.township).get(f"{case.number}/actions/").json()}
    for choice in found["assign"]["needs"][0]["choices"]:
        assert call(cast.township).do(case, "assign", handler=choice["value"]).status_code == 200, choice
        call(cast.township).must(case, "reassign", handler=choice["value"], reason="换一家")
        case = at("filed")


def test_the_allowance_for_an_extension_is_told(cast: Cast, call: Call, at: Stage) -> None:
    case = at("investigating")
    found = {row["action"]: row for row in call(cast.station).get(f"{case.number}/actions/").json()}
    amount = found["ask_extension"]["needs"][0]
    assert (amount["type"], amount["min_value"], amount["max_value"]) == ("integer", 1, 7)
    assert problem(call(cast.station).do(case, "ask_extension", amount=8, reason="等"), 422, "incomplete")


def test_of_several_posts_every_action_names_the_one_that_may(cast: Cast, call: Call, at: Stage) -> None:
    case = at("assigned")
    second = Post.objects.create(
        user=cast.worker.user,
        role=Role.DEPARTMENT_OFFICER,
        department=cast.departments.station,
        starts_on=date(2026, 1, 1),
    )
    found = {
        row["action"]: row["post"] for row in call(cast.worker.user).get(f"{case.number}/actions/").json()
    }
    assert found["accept"] == second.pk and found["note"] == cast.worker.pk
    only = {row["action"] for row in call(cast.worker).get(f"{case.number}/actions/").json()}
    assert "accept" not in only and "note" in only


def test_nothing_is_offered_to_who_may_only_look(cast: Cast, call: Call, at: Stage) -> None:
    case = at("archived")
    assert call(cast.station).get(f"{case.number}/actions/").json() == []


def test_every_field_of_the_table_has_a_kind() -> None:
    assert set(ACTION_KINDS) == set(FIELDS)
    assert "resume_due" not in WORKFLOW.actions and "file" in WORKFLOW.actions
