"""The ways of an incident over HTTP, as programs of the people concerned walk them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cases import deadlines, events
from cases.models import Case, Deadline, Notice
from tests.api.conftest import Call, Stage, problem, station
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("category", "clock")


def body(cast: Cast, **more: Any) -> dict[str, Any]:
    return {"category": "1101", "title": "东路口垃圾成堆", "grid": cast.places.grid.code, **more}


def verbs_of(call: Call, person: Any, number: str) -> list[str]:
    return [entry["verb"] for entry in call(person).get(f"{number}/events/").json()]


def told(person: Any, verb: str) -> bool:
    return Notice.objects.filter(recipient=person.user, event__verb=verb).exists()


def test_the_straight_way_from_report_to_archive(cast: Cast, call: Call) -> None:
    made = call(cast.worker).post("", body(cast, description="两车左右", urgency="normal"))
    assert made.status_code == 201
    number = made.json()["number"]
    assert made.json()["allowed_actions"] == ["settle", "supplement", "note"]
    states = []
    for person, action, sent in (
        (cast.township, "file", {}),
        (cast.township, "assign", {"handler": station(cast), "note": "请尽快"}),
        (cast.station, "accept", {}),
        (cast.station, "progress", {"note": "已到现场"}),
        (cast.station, "feed_back", {"result": "已清理完毕"}),
        (cast.worker, "verify", {}),
        (cast.township, "archive", {}),
    ):
        assert action in call(person).get(f"{number}/").json()["allowed_actions"]
        states.append(call(person).must(number, action, **sent)["state"])
    assert states == [
        "filed", "assigned", "investigating", "investigating", "fed_back", "verified", "archived",
    ]  # fmt: skip
    assert verbs_of(call, cast.worker, number) == [
        "incident.reported", "incident.filed", "incident.assigned", "incident.accepted", "incident.progress",
        "incident.fed_back", "incident.verified", "incident.archived",
    ]  # fmt: skip
    whole = call(cast.worker).get(f"{number}/").json()
    assert whole["closed_at"] is not None and whole["deadlines"] == []
    assert told(cast.worker, "incident.archived")
    assert not list(events.broken_entries(Case.objects.get(number=number)))


def test_settled_on_the_spot_is_one_press_and_closed_by_the_level_above(cast: Cast, call: Call) -> None:
    answer = call(cast.worker).post("", body(cast, settled=True, result="已当场清理"))
    assert answer.status_code == 201 and answer.json()["state"] == "fed_back"
    number = answer.json()["number"]
    refused = problem(call(cast.worker).do(number, "verify"), 403, "handled_it")
    assert "state" not in refused
    assert answer.json()["office"]["id"] == f"division:{cast.places.street.code}"
    call(cast.township).must(number, "verify")
    assert call(cast.township).must(number, "archive")["state"] == "archived"
    entries = call(cast.worker).get(f"{number}/events/").json()
    assert [entry["verb"] for entry in entries][:2] == ["incident.reported", "incident.settled"]
    assert entries[0]["cause"] == entries[1]["cause"]


def test_a_matter_cannot_be_settled_on_the_spot_in_somebody_elses_grid(cast: Cast, call: Call) -> None:
    sent = body(cast, settled=True, result="已当场清理", grid=cast.places.grid_b.code)
    problem(call(cast.worker).post("", sent), 403, "not_allowed")
    problem(call(cast.township).post("", body(cast, settled=True, result="已清理")), 403, "not_allowed")
    assert not Case.objects.exists()


def test_a_centre_that_settled_a_matter_itself_does_not_close_it(cast: Cast, call: Call, at: Stage) -> None:
    case = at("filed")
    whole = call(cast.township).must(case, "settle", result="已协调解决")
    assert whole["office"]["id"] == f"division:{cast.places.city.code}" and whole["allowed_actions"] != []
    problem(call(cast.township).do(case, "verify"), 403, "not_allowed")
    call(cast.worker).must(case, "verify")
    problem(call(cast.township).do(case, "archive"), 403, "not_allowed")
    assert call(cast.centre).must(case, "archive")["state"] == "archived"


def test_a_rejected_report_ends_with_its_reason(cast: Cast, call: Call, at: Stage) -> None:
    case = at()
    assert "reason" in problem(call(cast.township).do(case, "reject"), 422, "incomplete")["errors"]
    whole = call(cast.township).must(case, "reject", reason="不属于受理范围，请向物业反映")
    assert (whole["state"], whole["deadlines"]) == ("rejected", [])
    assert (
        call(cast.worker).get(f"{case.number}/events/").json()[-1]["text"] == "不属于受理范围，请向物业反映"
    )
    assert told(cast.worker, "incident.rejected")


def test_the_second_return_is_decided_above(cast: Cast, call: Call, at: Stage) -> None:
    case = at("filed")
    for turn in (1, 2):
        call(cast.township).must(case, "assign", handler=station(cast))
        gone = call(cast.station).must(case, "return", ground="not_place", reason="不在本站辖区内")
        # The returning office no longer sees the matter: it is told how it stands, and nothing more.
        assert set(gone) == {"number", "state", "state_label", "visible", "event"}
        assert (gone["state"], gone["visible"]) == ("filed", False)
        problem(call(cast.station).get(f"{case.number}/"), 404, "not_found")
        whole = call(cast.centre).get(f"{case.number}/").json()
        assert whole["return_count"] == turn
    assert whole["office"]["id"] == f"division:{cast.places.city.code}"
    problem(call(cast.township).do(case, "assign", handler=station(cast)), 403, "not_allowed")
    problem(call(cast.centre).do(case, "pass_down", division=cast.places.street.code), 409, "decided_above")
    call(cast.centre).must(case, "assign", handler=station(cast))
    refused = call(cast.station).do(case, "return", ground="not_place", reason="还是不在本站辖区内")
    assert problem(refused, 409, "decided_above")["state"] == "assigned"


def test_a_return_for_want_of_duty_names_who_should(cast: Cast, call: Call, at: Stage) -> None:
    case = at("assigned")
    bare = {"ground": "not_duty", "reason": "不归我们"}
    assert (
        "right_department"
        in problem(call(cast.station).do(case, "return", **bare), 422, "incomplete")["errors"]
    )
    call(cast.station).must(case, "return", right_department=cast.departments.police.pk, **bare)
    data = call(cast.township).get(f"{case.number}/events/").json()[-1]["data"]
    assert data["right_department"] == "丰城市公安局" and data["ground"] == "not_duty"


def test_rework_goes_back_to_the_handler_with_new_clocks(cast: Cast, call: Call, at: Stage) -> None:
    case = at("fed_back")
    whole = call(cast.worker).must(case, "rework", reason="现场仍有垃圾")
    assert whole["state"] == "assigned" and whole["handler"]["name"] == "剑光街道城管站"
    assert {duty["duty"] for duty in whole["deadlines"]} == {"accept", "handle", "whole"}
    assert told(cast.station, "incident.reworked")
    call(cast.station).must(case, "accept")
    call(cast.station).must(case, "feed_back", result="已再次清理")
    call(cast.worker).must(case, "verify")
    assert call(cast.township).must(case, "archive")["state"] == "archived"


def test_a_matter_is_passed_up_and_down(cast: Cast, call: Call, at: Stage) -> None:
    case = at()
    whole = call(cast.township).must(case, "pass_up", reason="超出本级权限")
    assert whole["office"]["name"].startswith("丰城市")
    assert "file" not in whole["allowed_actions"]
    call(cast.centre).must(case, "file")
    whole = call(cast.centre).must(case, "pass_down", division=cast.places.village.code)
    assert whole["office"]["id"] == f"division:{cast.places.village.code}"
    problem(call(cast.centre).do(case, "pass_up", reason="不是我负责"), 403, "not_allowed")
    assert call(cast.village).must(case, "assign", handler=f"post:{cast.worker.pk}")["handler"] == {
        "id": f"post:{cast.worker.pk}",
        "name": "东路社区居委会01网格网格员",
        "person": "网格员甲",
    }


def test_time_is_extended_only_when_granted(cast: Cast, call: Call, at: Stage) -> None:
    case = at("investigating")

    def handling() -> dict[str, Any]:
        duties = call(cast.station).get(f"{case.number}/deadlines/").json()
        found: dict[str, Any] = next(duty for duty in duties if duty["duty"] == "handle")
        return found

    before = handling()
    problem(call(cast.township).do(case, "grant_extension"), 409, "no_extension_pending")
    call(cast.station).must(case, "ask_extension", amount=2, reason="等待材料")
    problem(call(cast.station).do(case, "ask_extension", amount=1, reason="再等"), 409, "extension_pending")
    assert handling() == before
    problem(call(cast.station).do(case, "grant_extension"), 403, "not_allowed")
    call(cast.township).must(case, "refuse_extension", reason="材料已经齐了")
    call(cast.station).must(case, "ask_extension", amount=2, reason="还缺一份")
    call(cast.township).must(case, "grant_extension")
    after = handling()
    assert (after["extra"], after["due_at"] > before["due_at"]) == (2, True)


def test_a_suspension_stops_the_clocks_until_its_day(cast: Cast, call: Call, at: Stage, clock: Any) -> None:
    case = at("investigating")
    until = (clock.at + timedelta(days=3)).isoformat()
    sent = {"suspend_ground": "weather", "reason": "连续暴雨"}
    late = (clock.at + timedelta(days=400)).isoformat()
    assert (
        "until"
        in problem(call(cast.township).do(case, "suspend", until=late, **sent), 422, "incomplete")["errors"]
    )
    whole = call(cast.township).must(case, "suspend", until=until, **sent)
    assert whole["state"] == "suspended" and all(duty["paused"] for duty in whole["deadlines"])
    assert (
        problem(call(cast.station).do(case, "feed_back", result="好了"), 409, "wrong_state")["state"]
        == "suspended"
    )
    clock.forward(days=3)
    deadlines.ring_due()
    whole = call(cast.station).get(f"{case.number}/").json()
    assert whole["state"] == "investigating" and not any(duty["paused"] for duty in whole["deadlines"])


def test_a_suspension_can_be_ended_by_hand(cast: Cast, call: Call, at: Stage, clock: Any) -> None:
    case = at("investigating")
    until = (clock.at + timedelta(days=3)).isoformat()
    call(cast.township).must(case, "suspend", until=until, suspend_ground="weather", reason="暴雨")
    assert call(cast.township).must(case, "resume")["state"] == "investigating"
    problem(call(cast.township).do(case, "resume_due"), 403, "not_allowed")


def test_merging_answers_every_reporter(cast: Cast, call: Call, at: Stage, new_case: Any) -> None:
    main, double = at("filed"), new_case(cast.worker_b, title="垃圾没人清")
    problem(call(cast.worker_b).get(f"{main.number}/"), 404, "not_found")
    whole = call(cast.township).must(double, "merge", target=main.number)
    assert whole["state"] == "merged"
    assert [(link["kind"], link["outward"], link["number"]) for link in whole["links"]] == [
        ("duplicate", True, main.number)
    ]
    holders = [
        [who["id"] for who in call(by).get(f"{main.number}/").json()["reporters"]]
        for by in (cast.township, cast.worker, cast.worker_b)
    ]
    first, second = f"post:{cast.worker.pk}", f"post:{cast.worker_b.pk}"
    # Who is a reporter there and nothing else does not learn who reported it too.
    assert holders == [[first, second], [first, second], [second]]
    assert told(cast.worker_b, "incident.received_duplicate") and told(
        cast.worker, "incident.received_duplicate"
    )
    assert "incident.received_duplicate" in verbs_of(call, cast.worker, main.number)
    problem(call(cast.township).do(main, "merge", target=double.number), 409, "target_closed")


def test_a_split_closes_only_when_all_its_tasks_are(cast: Cast, call: Call, at: Stage) -> None:
    case = at("filed")
    tasks = [
        {"department": cast.departments.station.pk, "task": "清运垃圾"},
        {"department": str(cast.departments.police.pk), "task": "疏导交通"},
    ]
    problem(call(cast.township).do(case, "split", tasks=tasks[:1]), 422, "incomplete")
    whole = call(cast.township).must(case, "split", tasks=tasks)
    children = [link["number"] for link in whole["links"]]
    assert len(children) == 2 and [link["outward"] for link in whole["links"]] == [False, False]
    for child, officer in zip(children, (cast.station, cast.officer2), strict=True):
        problem(call(cast.township).do(case, "verify"), 409, "wrong_state")
        call(officer).must(child, "accept")
        call(officer).must(child, "feed_back", result="已完成")
        call(cast.township).must(child, "verify")
        call(cast.township).must(child, "archive")
    whole = call(cast.township).get(f"{case.number}/").json()
    assert whole["state"] == "fed_back"
    # Who did one task sees that task, and neither the whole nor the other task.
    assert call(cast.station).get(f"{children[0]}/").json()["links"] == []
    problem(call(cast.station).get(f"{children[1]}/"), 404, "not_found")
    call(cast.worker).must(case, "verify")
    assert call(cast.township).must(case, "archive")["state"] == "archived"


def test_co_handlers_and_copies_see_the_matter_and_are_told(cast: Cast, call: Call, at: Stage) -> None:
    case = at("filed")
    police, urban = cast.departments.police.pk, cast.departments.urban.pk
    problem(call(cast.officer2).get(f"{case.number}/"), 404, "not_found")
    whole = call(cast.township).must(
        case, "assign", handler=station(cast), co_handlers=[police], copies=[urban]
    )
    assert [one["id"] for one in whole["co_handlers"]] == [f"department:{police}"]
    assert [one["id"] for one in whole["copied"]] == [f"department:{urban}"]
    assert call(cast.officer2).get(f"{case.number}/").json()["allowed_actions"] == ["supplement", "note"]
    assert call(cast.officer).get(f"{case.number}/").json()["allowed_actions"] == []
    assert told(cast.officer2, "incident.assigned") and told(cast.officer, "incident.assigned")
    call(cast.station).must(case, "accept")
    call(cast.officer2).must(case, "progress", note="已派警力")
    problem(call(cast.officer2).do(case, "feed_back", result="好了"), 403, "not_allowed")
    call(cast.township).must(case, "reassign", handler=station(cast, "urban"), reason="市级处理")
    problem(call(cast.officer2).get(f"{case.number}/"), 404, "not_found")
    call(cast.township).must(case, "add_co_handlers", co_handlers=[police])
    assert call(cast.officer2).get(f"{case.number}/").status_code == 200
    call(cast.township).must(case, "copy", copies=[cast.departments.station.pk])
    assert call(cast.station).get(f"{case.number}/").json()["allowed_actions"] == []


def test_pressure_from_above(cast: Cast, call: Call, at: Stage) -> None:
    case = at("investigating")
    before = Deadline.objects.get(case=case, duty="handle")
    call(cast.secretary).must(case, "urge", note="请今天办完")
    problem(call(cast.township).do(case, "supervise", card="yellow", reason="慢"), 403, "not_allowed")
    assert call(cast.centre).must(case, "supervise", card="red", reason="长期拖延")["supervision"] == "red"
    problem(call(cast.centre).do(case, "supervise", card="green", reason="慢"), 422, "incomplete")
    call(cast.secretary).must(case, "instruct", instruction="请主要负责人到场")
    whole = call(cast.township).must(case, "make_urgent", reason="影响通行")
    assert whole["urgency"] == "urgent"
    assert problem(call(cast.township).do(case, "make_urgent", reason="再急"), 409, "urgent_already")["state"]
    assert Deadline.objects.get(pk=before.pk).started_at == before.started_at
    for verb in ("incident.urged", "incident.supervised", "incident.instructed", "incident.made_urgent"):
        assert told(cast.station, verb), verb


def test_reopening_has_a_window(cast: Cast, call: Call, at: Stage, clock: Any, settings: Any) -> None:
    case = at("archived")
    assert call(cast.worker).get(f"{case.number}/").json()["allowed_actions"] == ["reopen"]
    clock.forward(days=settings.GEZHI_REOPEN_DAYS, seconds=1)
    problem(call(cast.worker).do(case, "reopen", reason="又堆了"), 409, "reopen_window_over")
    assert call(cast.worker).get(f"{case.number}/").json()["allowed_actions"] == []
    clock.forward(seconds=-1)
    whole = call(cast.worker).must(case, "reopen", reason="又堆了")
    assert (whole["state"], whole["closed_at"], whole["reopen_count"]) == ("filed", None, 1)
    assert whole["handler"] is None


def test_a_link_stands_on_both_sides(cast: Cast, call: Call, at: Stage, new_case: Any) -> None:
    one, other = at(), new_case(cast.worker_b)
    problem(call(cast.township).do(one, "link", target=one.number), 422, "incomplete")
    call(cast.township).must(one, "link", target=other.number)
    (link,) = call(cast.township).get(f"{other.number}/").json()["links"]
    assert (link["kind"], link["outward"], link["number"]) == ("related", False, one.number)
    # A worker sees the link only when the other case is within the worker's own posts.
    assert call(cast.worker).get(f"{one.number}/").json()["links"] == []
    entry = call(cast.worker).get(f"{one.number}/events/").json()[-1]
    assert entry["verb"] == "incident.linked" and entry["data"] == {"target": None}
    assert call(cast.township).get(f"{one.number}/events/").json()[-1]["data"] == {"target": other.number}


def test_a_category_is_corrected_at_filing(cast: Cast, call: Call, at: Stage) -> None:
    from tests.cases.conftest import make_category

    make_category("1102")
    case = at()
    problem(call(cast.township).do(case, "file", category="9999"), 422, "incomplete")
    whole = call(cast.township).must(case, "file", category="1102")
    assert whole["category"]["code"] == "1102"
    problem(call(cast.station).do(case, "correct_category", category="1101"), 404, "not_found")
