"""The negative list: proposed from the record or by the township, decided, answered, appealed, lifted; nothing is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cases.errors import CaseError, Incomplete, NotAllowed, WrongState
from cases.models import Case, Deadline, Notice
from tests.cast import Cast
from tests.conftest import Clock
from tests.whistle.moves import (
    WORDS,
    arrived,
    confirmed,
    consulting,
    do,
    entry,
    on,
    resolved,
    ring,
    sounded,
    summons,
    verbs,
    working,
)  # fmt: skip
from whistle.figures import of_year
from whistle.models import NegativeEntry


@pytest.fixture
def absent(cast: Cast, clock: Clock) -> Case:
    """One department was called and nobody came in two hours."""
    case = sounded(cast, departments=[cast.departments.urban.pk])
    clock.forward(hours=2)
    ring()
    return case


def test_the_department_is_told_answers_and_appeals_and_another_decides(
    absent: Case, cast: Cast, clock: Clock
) -> None:
    row = entry(absent)
    on(row, "answer", cast.officer, note="当时在另一处抢险")
    on(row, "confirm", cast.committee, reason="未按时到场，也没有说明")
    told = Notice.objects.filter(event__verb="negative.confirmed").values_list("recipient", flat=True)
    assert {cast.officer.user_id, cast.officer_head.user_id, cast.township.user_id} <= set(told)
    on(row, "appeal", cast.officer, reason="有抢险记录为证")
    for action in ("uphold", "revoke"):
        with pytest.raises(NotAllowed) as refused:
            on(row, action, cast.committee, **WORDS)
        assert refused.value.code == "confirmed_it"
    on(row, "revoke", cast.committee_b, reason="抢险属实")
    assert row.state == "revoked"
    assert [v for v in verbs(absent) if v.startswith("negative.")] == [
        "negative.proposed", "negative.answered", "negative.confirmed", "negative.appealed", "negative.revoked",
    ]  # fmt: skip


def test_the_time_to_appeal_ends(absent: Case, cast: Cast, clock: Clock, browser_of: Any) -> None:
    row = entry(absent)
    on(row, "confirm", cast.committee, **WORDS)
    assert row.appeal_until is not None
    # Five working days from Wednesday noon, the first day not counted: the next Wednesday at the close.
    assert row.appeal_until - clock.at == timedelta(days=7, hours=6)
    clock.set(row.appeal_until)
    ring()
    for action in ("appeal", "answer"):
        with pytest.raises(WrongState) as refused:
            on(row, action, cast.officer, **WORDS)
        assert refused.value.code == "window_closed"
    # Nobody owed it: the window is over, which the record says once, and no page calls it overdue.
    assert verbs(absent).count("negative.unappealed") == 1
    window = absent.deadlines.get(duty="appeal")
    assert window.cancelled_at == clock.at and window.missed_at is None
    page = browser_of(cast.committee).get("/whistles/negative/").content.decode()
    assert "gz-due" not in page and "已列入" in page


def test_an_entry_is_lifted_only_after_its_term_and_with_a_reason(
    absent: Case, cast: Cast, clock: Clock
) -> None:
    row = entry(absent)
    on(row, "confirm", cast.committee, **WORDS)
    with pytest.raises(WrongState):
        on(row, "lift", cast.committee, **WORDS)
    clock.forward(days=190)
    with pytest.raises(Incomplete):
        on(row, "lift", cast.committee)
    on(row, "lift", cast.committee, reason="半年内按时报到")
    assert row.state == "lifted"


def test_a_dismissed_entry_is_not_proposed_again_by_the_program(
    absent: Case, cast: Cast, clock: Clock
) -> None:
    on(entry(absent), "dismiss", cast.committee, reason="通知有误")
    clock.forward(minutes=5)
    arrived(absent, cast.departments.urban, cast.officer)
    assert [e.state for e in NegativeEntry.objects.all()] == ["dismissed"]


def test_deciding_has_a_time_of_its_own_that_rings(absent: Case, cast: Cast, clock: Clock) -> None:
    row = entry(absent)
    deadline = Deadline.objects.get(case=absent, duty="decide", item=row.pk)
    clock.set(deadline.due_at)
    ring()
    deadline.refresh_from_db()
    assert deadline.missed_at == deadline.due_at
    told = Notice.objects.filter(event__verb="deadline.missed", event__data__duty="decide")
    assert cast.committee.user_id in set(told.values_list("recipient", flat=True))


def test_working_without_effort_is_proposed_by_the_rating_with_its_words(cast: Cast, clock: Clock) -> None:
    case = working(cast, clock.at.date().isoformat())
    row = summons(case, cast.departments.police)
    marks = {"response": 2, "solution": 1, "satisfaction": 1}
    with pytest.raises(Incomplete) as refused:
        on(row, "rate", cast.township, no_effort="on", **marks)
    assert set(refused.value.errors) == {"note"}
    on(row, "rate", cast.township, no_effort="on", note="到场后没有参加处置", **marks)
    assert (entry(case).ground, entry(case).state) == ("no_effort", "proposed")
    # A slip, corrected before the committee decided: the entry falls away, its record stays.
    on(row, "rate", cast.township, response=4, solution=4, satisfaction=4)
    assert NegativeEntry.objects.get().state == "withdrawn"
    assert verbs(case).count("negative.proposed") == verbs(case).count("negative.withdrawn") == 1
    # Once decided it stands, whatever is rated later; the department may appeal.
    on(row, "rate", cast.township, no_effort="on", note="到场后没有参加处置", **marks)
    again = NegativeEntry.objects.get(state="proposed")
    on(again, "confirm", cast.committee, **WORDS)
    on(row, "rate", cast.township, response=4, solution=4, satisfaction=4)
    again.refresh_from_db()
    assert again.state == "confirmed"


def test_what_the_record_contradicts_cannot_be_proposed(cast: Cast, clock: Clock) -> None:
    case = sounded(cast)
    row = confirmed(case, cast, cast.departments.urban, cast.officer)
    with pytest.raises(Incomplete) as refused:
        on(row, "propose_negative", cast.township, ground="absent", reason="没有来")
    assert set(refused.value.errors) == {"ground"}
    on(row, "propose_negative", cast.township, ground="no_effort", reason="到场即离开")
    with pytest.raises(Incomplete):
        on(row, "propose_negative", cast.township, ground="no_effort", reason="到场即离开")


def test_an_entry_goes_on_after_the_whistle_is_struck_off(cast: Cast, clock: Clock) -> None:
    case = consulting(cast)
    row = summons(case, cast.departments.urban)
    on(row, "propose_negative", cast.township, ground="no_effort", reason="只到场不办事")
    Case.objects.filter(pk=case.pk).update(closed_at=clock.at, state="closed")
    on(entry(case), "confirm", cast.committee, **WORDS)
    assert Deadline.objects.filter(case=case, duty="appeal", cancelled_at=None).exists()


def test_other_committees_and_departments_have_no_say(absent: Case, cast: Cast) -> None:
    for post in (cast.officer, cast.township, cast.centre, cast.secretary):
        with pytest.raises(CaseError):
            on(entry(absent), "confirm", post, **WORDS)
    for post in (cast.officer2, cast.township, cast.station):
        with pytest.raises(CaseError):
            on(entry(absent), "answer", post, **WORDS)


def test_the_year_s_figures_come_from_the_rows(cast: Cast, clock: Clock) -> None:
    case = resolved(cast, clock.at.date().isoformat())
    do(case, "strike_off", cast.committee)
    clock.forward(hours=1)
    late = sounded(cast, departments=[cast.departments.urban.pk])
    clock.forward(hours=2, minutes=30)
    ring()
    arrived(late, cast.departments.urban, cast.officer)
    gone = sounded(cast, departments=[cast.departments.urban.pk])
    clock.forward(hours=2)
    ring()
    on(NegativeEntry.objects.select_related("summons__case", "summons__department", "confirmed_by").get(
        summons__case=gone), "confirm", cast.committee, **WORDS)  # fmt: skip
    down = sounded(cast, departments=[cast.departments.urban.pk])
    do(down, "stand_down", cast.committee, reason="已经平息")
    rows = {row.department: row for row in of_year(cast.committee.user, 2026)}
    urban = rows[cast.departments.urban]
    assert (urban.named, urban.on_time, urban.late, urban.absent, urban.cancelled, urban.pending) == (
        4,
        1,
        1,
        1,
        1,
        0,
    )
    assert urban.minutes == 75.0  # the median of 0 and 150 minutes
    assert (urban.tasks, urban.tasks_on_time, urban.confirmed, urban.lifted) == (1, 1, 1, 0)
    assert rows[cast.departments.police].named == 1
    assert of_year(cast.committee.user, 2025) == []
    assert of_year(cast.township2.user, 2026) == []  # another township sees none of it


def test_a_task_past_its_day_is_late_even_with_a_new_date(cast: Cast, clock: Clock) -> None:
    case = working(cast, clock.at.date().isoformat())
    clock.forward(days=1)
    ring()
    task = (
        summons(case, cast.departments.urban)
        .tasks.select_related("summons__case", "summons__department")
        .get()
    )
    on(task, "redate", cast.township, due_on=clock.at.date().isoformat(), reason="等材料")
    on(task, "finish", cast.officer, result="已拆除")
    urban = next(r for r in of_year(cast.committee.user, 2026) if r.department == cast.departments.urban)
    assert (urban.tasks, urban.tasks_on_time) == (1, 0)
