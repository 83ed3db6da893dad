"""The six-step loop and its side ways through the engine: who does what, what it leaves behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Post
from cases import deadlines, events, workflow
from cases.errors import CaseError, NotAllowed, WrongState
from cases.models import Case, Deadline, Notice, Part
from tests.cast import Cast


def do(case: Case, action: str, by: Post, **data: Any) -> Case:
    workflow.advance(case, action, by=by, data=data)
    return case


def refused(case: Case, action: str, by: Post, **data: Any) -> CaseError:
    with pytest.raises(CaseError) as caught:
        workflow.advance(case, action, by=by, data=data)
    return caught.value


def department(cast: Cast, name: str = "station") -> str:
    return f"department:{getattr(cast.departments, name).pk}"


def fed_back(case: Case, cast: Cast) -> Case:
    do(case, "file", cast.township)
    do(case, "assign", cast.township, handler=department(cast))
    do(case, "accept", cast.station)
    return do(case, "feed_back", cast.station, result="已清理完毕")


def test_the_straight_way_ends_archived_with_every_step_in_the_record(
    cast: Cast, new_case: Any, clock: Any
) -> None:
    case = fed_back(new_case(cast.worker), cast)
    do(case, "verify", cast.worker)
    do(case, "archive", cast.township)
    assert case.state == "archived" and case.closed_at is not None
    verbs = list(case.events.order_by("seq").values_list("verb", flat=True))
    assert verbs == [
        "incident.reported", "incident.filed", "incident.assigned", "incident.accepted",
        "incident.fed_back", "incident.verified", "incident.archived",
    ]  # fmt: skip
    assert not list(events.broken_entries(case))
    assert not Deadline.objects.filter(deadlines.OPEN, case=case).exists()
    assert Notice.objects.filter(
        case=case, recipient=cast.worker.user, event__verb="incident.archived"
    ).exists()


def test_who_handled_it_cannot_verify_or_archive_it(cast: Cast, new_case: Any, clock: Any) -> None:
    case = new_case(cast.worker)
    do(case, "settle", cast.worker, result="已当场清理")
    assert refused(case, "verify", cast.worker).code == "handled_it"
    do(case, "verify", cast.township)
    do(case, "archive", cast.township)
    assert case.state == "archived"


def test_what_a_centre_settled_itself_is_closed_by_the_level_above(
    cast: Cast, new_case: Any, clock: Any
) -> None:
    case = new_case(cast.worker)
    do(case, "file", cast.township)
    do(case, "settle", cast.township, result="已协调解决")
    assert case.office == cast.places.city
    assert isinstance(refused(case, "verify", cast.township), NotAllowed)
    do(case, "verify", cast.centre)
    do(case, "archive", cast.centre)


def test_the_second_return_goes_to_the_level_above(cast: Cast, new_case: Any, clock: Any) -> None:
    case = new_case(cast.worker)
    do(case, "file", cast.township)
    for _turn in range(2):
        do(case, "assign", cast.township, handler=department(cast))
        do(case, "return", cast.station, ground="not_place", reason="不在本站辖区内，属于隔壁街道")
    assert case.state == "filed" and case.office == cast.places.city
    do(case, "assign", cast.centre, handler=department(cast))
    error = refused(case, "return", cast.station, ground="not_place", reason="还是不在辖区")
    assert isinstance(error, WrongState) and error.code == "decided_above"


def test_a_suspension_stops_the_clocks_and_ends_by_itself(cast: Cast, new_case: Any, clock: Any) -> None:
    case = new_case(cast.worker)
    do(case, "file", cast.township)
    do(case, "assign", cast.township, handler=department(cast))
    due = Deadline.objects.get(case=case, duty="accept").due_at
    until = (clock.at + timedelta(hours=26)).strftime("%Y-%m-%dT%H:%M")
    do(case, "suspend", cast.township, suspend_ground="weather", until=until, reason="连续暴雨")
    assert case.state == "suspended"
    clock.forward(hours=25)
    assert deadlines.ring_due() == 0
    clock.forward(hours=1)
    deadlines.ring_due()
    case.refresh_from_db()
    assert case.state == "assigned"
    accept = Deadline.objects.get(case=case, duty="accept", cancelled_at=None)
    assert accept.due_at > due and accept.missed_at is None


def test_split_tasks_must_all_be_closed_before_the_whole(cast: Cast, new_case: Any, clock: Any) -> None:
    case = new_case(cast.worker)
    do(case, "file", cast.township)
    tasks = [
        {"department": cast.departments.station.pk, "task": "清运垃圾"},
        {"department": cast.departments.police.pk, "task": "疏导交通"},
    ]
    do(case, "split", cast.township, tasks=tasks)
    assert case.state == "split"
    children = list(Case.objects.filter(links_out__target=case).order_by("pk"))
    first = children[0].events.get()
    assert first.words.text == "清运垃圾" and "清运" not in str(
        first.data
    )  # words can be erased, the record cannot
    for child, officer in zip(children, (cast.station, cast.officer2), strict=True):
        do(child, "accept", officer)
        do(child, "feed_back", officer, result="已完成")
        do(child, "verify", cast.township)
        case.refresh_from_db()
        assert case.state == "split"
        do(child, "archive", cast.township)
    case.refresh_from_db()
    assert case.state == "fed_back"
    do(case, "verify", cast.worker)
    do(case, "archive", cast.township)


def test_merging_tells_every_reporter_of_both(cast: Cast, new_case: Any, clock: Any) -> None:
    main, double = new_case(cast.worker), new_case(cast.worker_b)
    do(double, "merge", cast.township, target=main.number)
    assert double.state == "merged"
    assert Part.objects.filter(case=main, kind="reporter").count() == 2
    assert Case.objects.visible_to(cast.worker_b.user).filter(pk=main.pk).exists()
    told = set(
        Notice.objects.filter(event__cause=double.events.last().cause).values_list("recipient", flat=True)
    )
    assert {cast.worker.user_id, cast.worker_b.user_id} <= told


def test_an_extension_moves_the_limits_only_when_granted(cast: Cast, new_case: Any, clock: Any) -> None:
    case = new_case(cast.worker)
    do(case, "file", cast.township)
    do(case, "assign", cast.township, handler=department(cast))
    do(case, "accept", cast.station)
    handle = Deadline.objects.get(case=case, duty="handle")
    do(case, "ask_extension", cast.station, amount=2, reason="等待材料")
    handle.refresh_from_db()
    assert handle.extra == 0
    do(case, "grant_extension", cast.township)
    before = handle.due_at
    handle.refresh_from_db()
    assert handle.extra == 2 and handle.due_at > before


def test_a_deadline_is_missed_once_and_everyone_is_told(cast: Cast, new_case: Any, clock: Any) -> None:
    case = new_case(cast.worker)
    clock.set(Deadline.objects.get(case=case, duty="file").due_at - timedelta(seconds=1))
    deadlines.ring_due()
    assert not case.events.filter(verb="deadline.missed").exists()
    clock.forward(seconds=1)
    assert deadlines.ring_due() == 1
    assert deadlines.ring_due() == 0
    assert case.events.filter(verb="deadline.missed").count() == 1
    told = set(Notice.objects.filter(event__verb="deadline.missed").values_list("recipient", flat=True))
    assert {cast.township.user_id, cast.centre.user_id} <= told


def test_reopening_is_for_the_reporter_and_within_the_window(
    cast: Cast, new_case: Any, clock: Any, settings: Any
) -> None:
    case = fed_back(new_case(cast.worker), cast)
    do(case, "verify", cast.worker)
    do(case, "archive", cast.township)
    clock.forward(days=settings.GEZHI_REOPEN_DAYS, seconds=1)
    assert refused(case, "reopen", cast.worker, reason="又堆了").code == "reopen_window_over"
    clock.forward(seconds=-1)
    do(case, "reopen", cast.worker, reason="又堆了")
    assert case.state == "filed" and case.closed_at is None
