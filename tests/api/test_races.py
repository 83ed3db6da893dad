"""Two people, or one who pressed twice, at the same instant: real connections, held until they meet."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from cases import events
from cases.models import Case, CaseEvent
from incidents.models import Incident
from tests.api.conftest import Call, Caller, Stage, problem, station
from tests.cast import Cast

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("transactional_db", "category"),
]
Press = Callable[[], Any]


def waiting() -> int:
    """How many connections to this database wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # in a transaction the activity is read once
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return int(cursor.fetchone()[0])


def at_once(case: Case | None, *presses: Press) -> list[Any]:
    """The answers of presses that all stand before the locked case when it is let go."""
    answers: list[Any] = [None] * len(presses)

    def run(index: int) -> None:
        try:
            answers[index] = presses[index]()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(presses))]
    try:
        with transaction.atomic():
            if case is not None:
                Case.objects.select_for_update().get(pk=case.pk)
            for thread in threads:
                thread.start()
            deadline = time.monotonic() + 30
            while case is not None and waiting() < len(presses):
                assert time.monotonic() < deadline, "they never met"
                time.sleep(0.02)
    finally:
        for thread in threads:
            thread.join(60)
    assert None not in answers
    return answers


def split_by(answers: list[Any], good: int) -> tuple[list[Any], list[Any]]:
    won = [answer for answer in answers if answer.status_code == good]
    return won, [answer for answer in answers if answer.status_code != good]


def test_two_people_acting_at_once_one_wins_and_the_other_is_told(cast: Cast, call: Call, at: Stage) -> None:
    case = at()
    one, other = call(cast.township), call(cast.township_b)
    won, lost = split_by(
        at_once(case, lambda: one.do(case, "file"), lambda: other.do(case, "reject", reason="不属实")), 200
    )
    assert len(won) == 1
    state = won[0].json()["state"]
    assert problem(lost[0], 409, "wrong_state")["state"] == state in ("filed", "rejected")
    case.refresh_from_db()
    assert (case.state, case.last_seq) == (state, 2)
    assert not list(events.broken_entries(case))


def test_the_same_action_at_once_is_done_once(cast: Cast, call: Call, at: Stage) -> None:
    case = at("assigned")
    callers = [call(cast.station), call(cast.township)]
    handler = {"handler": station(cast, "urban"), "reason": "市级处理"}
    answers = at_once(
        case, lambda: callers[0].do(case, "accept"), lambda: callers[1].do(case, "reassign", **handler)
    )
    case.refresh_from_db()
    assert not list(events.broken_entries(case))
    statuses = sorted(answer.status_code for answer in answers)
    # Accepted, then given to another; or given to another, and then no longer the first one's to accept.
    assert statuses in ([200, 200], [200, 403])
    assert case.state == "assigned" and case.last_seq == 3 + statuses.count(200)


def test_one_case_merged_into_the_other_and_back_at_once(cast: Cast, call: Call, at: Stage) -> None:
    """Both moves lock both cases, in one order: nobody waits for ever, and only one merge is done."""
    first, second = at("filed"), at("filed")
    one, other = call(cast.township), call(cast.township_b)
    won, lost = split_by(
        at_once(
            first,
            lambda: one.do(first, "merge", target=second.number),
            lambda: other.do(second, "merge", target=first.number),
        ),
        200,
    )
    assert len(won) == 1 and lost[0].status_code == 409
    assert sorted(Case.objects.values_list("state", flat=True)) == ["filed", "merged"]


def test_a_task_opened_again_and_its_whole_archived_at_once(cast: Cast, call: Call, at: Stage) -> None:
    """Reopening locks the whole too: never is the whole archived over an open task."""
    whole, centre = at("filed"), call(cast.township)
    rows = [
        {"department": cast.departments.station.pk, "task": "清运垃圾"},
        {"department": cast.departments.police.pk, "task": "疏导交通"},
    ]
    centre.must(whole, "split", tasks=rows)
    tasks = list(Case.objects.exclude(pk=whole.pk).order_by("pk"))
    for task, officer in zip(tasks, (cast.station, cast.officer2), strict=True):
        call(officer).must(task, "accept")
        call(officer).must(task, "feed_back", result="已完成")
        centre.must(task, "verify")
        centre.must(task, "archive")
    centre.must(whole, "verify")
    above = call(cast.committee)
    won, lost = split_by(
        at_once(
            whole,
            lambda: centre.do(whole, "archive"),
            lambda: above.do(tasks[0], "reopen", reason="没有清理干净"),
        ),
        200,
    )
    assert len(won) == 1 and lost[0].status_code == 409
    assert lost[0].json()["code"] in ("tasks_open", "whole_closed")


def test_the_same_key_at_once_has_one_effect_and_one_answer(cast: Cast, call: Call, at: Stage) -> None:
    case = at()
    caller = call(cast.township)
    held = threading.Event()

    def press() -> Any:
        held.wait(20)
        return caller.do(case, "urge", key="k", note="请抓紧")

    threading.Timer(0.2, held.set).start()
    answers = at_once(None, press, press, press)
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert CaseEvent.objects.filter(case=case, verb="incident.urged").count() == 1


def test_the_same_report_at_once_is_one_incident(cast: Cast, call: Call) -> None:
    body = {"category": "1101", "title": "东路口垃圾成堆", "grid": cast.places.grid.code}

    def press(key: str) -> Press:
        caller = Caller(call(cast.worker).client)
        return lambda: caller.post("", body, key=key)

    answers = at_once(None, press("k"), press("k"), press("other"))
    assert [answer.status_code for answer in answers] == [201] * 3
    numbers = {answer.json()["number"] for answer in answers}
    assert len(numbers) == 2 == Incident.objects.count()


def test_different_people_s_words_at_once_are_all_kept_in_one_chain(
    cast: Cast, call: Call, at: Stage
) -> None:
    case = at("investigating")
    people = (cast.township, cast.township_b, cast.station, cast.worker)
    callers = [call(person) for person in people]
    presses = [
        lambda c=caller, n=n: c.do(case, "note", note=f"第 {n} 条") for n, caller in enumerate(callers)
    ]
    assert [answer.status_code for answer in at_once(case, *presses)] == [200] * 4
    case.refresh_from_db()
    assert case.last_seq == 8 and not list(events.broken_entries(case))
