"""Two hours, kept to the second: the clock, the phone's clock, and what a breach brings and does not undo."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import DutyRosterEntry
from cases.errors import Incomplete, NotAllowed, WrongState
from cases.models import Case, Deadline, Notice
from grids.clock import SHANGHAI
from tests.cast import Cast
from tests.conftest import Clock
from tests.whistle.moves import (
    WORDS,
    arrived,
    claimed,
    confirmed,
    do,
    filed,
    on,
    photo,
    ring,
    sounded,
    summons,
    verbs,
)  # fmt: skip
from whistle.arrival import contact, distance
from whistle.models import NegativeEntry, Summons

TWO_HOURS = timedelta(hours=2)


def deadline(case: Case, row: Summons, duty: str = "arrive") -> Deadline:
    return Deadline.objects.filter(case=case, duty=duty, item=row.pk).latest("pk")


@pytest.mark.parametrize(
    ("after", "outcome", "entries"),
    [(timedelta(hours=1, minutes=59, seconds=59), "on_time", 0), (TWO_HOURS, "late", 1)],
    ids=["at 1:59:59", "at 2:00:00"],
)
def test_the_two_hours_end_at_their_second(
    after: timedelta, outcome: str, entries: int, cast: Cast, clock: Clock
) -> None:
    case = sounded(cast)
    clock.forward(seconds=after.total_seconds())
    row = arrived(case, cast.departments.urban, cast.officer)
    assert row.outcome == outcome
    assert (deadline(case, row).missed_at is not None) == bool(entries)
    found = NegativeEntry.objects.filter(summons=row)
    assert [(e.ground, e.state) for e in found] == [("late", "proposed")] * entries


def test_a_breach_takes_effect_at_two_hours_and_proposes_an_entry(cast: Cast, clock: Clock) -> None:
    case = sounded(cast)
    clock.forward(seconds=TWO_HOURS.total_seconds() - 1)
    ring()
    assert not NegativeEntry.objects.exists()
    clock.forward(seconds=1)
    ring()
    ring()
    rows = Summons.objects.filter(case=case)
    assert {row.outcome for row in rows} == {"absent"}
    assert {(e.ground, e.state, e.proposed_by) for e in NegativeEntry.objects.all()} == {
        ("absent", "proposed", None)
    }
    assert verbs(case).count("deadline.missed") == 2 == verbs(case).count("negative.proposed")
    told = set(Notice.objects.filter(event__verb="deadline.missed").values_list("recipient", flat=True))
    assert {
        cast.officer.user_id,
        cast.officer2.user_id,
        cast.township.user_id,
        cast.committee.user_id,
    } <= told
    assert cast.centre.user_id not in told and cast.station.user_id not in told


def pressed(case: Case, clock: Clock, press: datetime, **given: Any) -> dict[str, Any]:
    """What a phone sends for a press made without a line: its last contact was at the summons."""
    known = {
        "pressed_at": press.isoformat(),
        "contact": contact(clock.at),
        "elapsed": int((press - clock.at).total_seconds() * 1000),
    }
    return known | given


def test_pressed_in_time_and_received_late_counts_as_in_time_once_confirmed(cast: Cast, clock: Clock) -> None:
    case = sounded(cast)
    press = clock.at + timedelta(hours=1, minutes=50)
    sent = pressed(case, clock, press)
    clock.forward(hours=2)
    ring()
    assert entry_of(case, cast).state == "proposed"
    clock.forward(minutes=20)
    row = arrived(case, cast.departments.urban, cast.officer, **sent)
    assert (row.pressed_at, row.received_at, row.outcome) == (press, clock.at, "absent")
    assert case.events.get(verb="summons.reported").data["in_time_received_late"] is True
    on(row, "confirm", cast.township)
    assert row.outcome == "on_time"
    assert entry_of(case, cast).state == "withdrawn"
    # Nothing is undone: the breach, the proposal and the withdrawal all stand in the record.
    assert deadline(case, row).missed_at is not None
    for verb in ("deadline.missed", "negative.proposed", "summons.reported", "negative.withdrawn"):
        assert verb in verbs(case)


def entry_of(case: Case, cast: Cast) -> NegativeEntry:
    return NegativeEntry.objects.get(summons__case=case, summons__department=cast.departments.urban)


@pytest.mark.parametrize(
    "bad",
    [
        {"contact": ""},
        {"contact": "forged:1:2"},
        {"elapsed": ""},
        {
            "elapsed": str(3 * 3600 * 1000)
        },  # the steady clock says the press was after 3 hours: the wall was set back
        {"pressed_at": "yesterday"},
        {
            "pressed_at": "2026-11-18T09:59:58+08:00",
            "elapsed": "0",
        },  # before the whistle, if only by a little
    ],
    ids=["no contact", "forged contact", "no span", "clock set back", "unreadable", "before the whistle"],
)
def test_without_a_trustworthy_offset_the_received_time_counts(
    bad: dict[str, str], cast: Cast, clock: Clock
) -> None:
    case = sounded(cast)
    sent = pressed(case, clock, clock.at + timedelta(hours=1, minutes=50), **bad)
    clock.forward(hours=2, minutes=20)
    ring()
    row = arrived(case, cast.departments.urban, cast.officer, **sent)
    assert (row.pressed_at, row.received_at, row.outcome) == (None, clock.at, "late")
    on(row, "confirm", cast.township)
    assert (row.outcome, entry_of(case, cast).ground, entry_of(case, cast).state) == (
        "late",
        "late",
        "proposed",
    )


def test_absent_becomes_late_when_they_come_and_both_are_in_the_record(cast: Cast, clock: Clock) -> None:
    case = sounded(cast)
    clock.forward(hours=2)
    ring()
    assert entry_of(case, cast).ground == "absent"
    clock.forward(minutes=30)
    arrived(case, cast.departments.urban, cast.officer)
    assert entry_of(case, cast).ground == "late"
    assert verbs(case).count("negative.proposed") == 2 and verbs(case).count("negative.amended") == 1


@pytest.mark.parametrize(
    "start",
    [datetime(2026, 11, 18, 23, 0), datetime(2026, 10, 1, 15, 0), datetime(2026, 2, 16, 22, 30)],
    ids=["across midnight", "on National Day", "across a midnight of the Spring Festival"],
)
def test_two_hours_are_clock_time_over_midnight_and_on_holidays(
    start: datetime, cast: Cast, clock: Clock
) -> None:
    at = clock.set(start.replace(tzinfo=SHANGHAI))
    row = summons(sounded(cast), cast.departments.urban)
    assert row.due_at == at + TWO_HOURS == deadline(row.case, row).due_at


def test_the_marks_ring_once_at_half_time_at_fifteen_minutes_and_by_levels_after_the_end(
    cast: Cast, clock: Clock
) -> None:
    case = sounded(cast)
    seen: dict[int, list[str]] = {}
    for minute in range(0, 151, 5):
        ring()
        now = [e for e in case.events.all() if e.verb.startswith("deadline.") and e.data["duty"] == "arrive"]
        seen[minute] = [
            f"{e.verb.split('.')[1]} {e.data.get('mark') or e.data.get('level') or ''}".strip() for e in now
        ]
        clock.forward(minutes=5)
    assert seen[55] == []
    assert seen[60] == ["reminded half"] * 2 == seen[100]
    assert seen[105] == [*seen[60], "reminded last15", "reminded last15"]
    assert seen[120] == [*seen[105], "missed", "missed"]
    assert seen[135] == [*seen[120], "escalated head", "escalated head"]
    assert seen[150] == [*seen[135], "escalated leader", "escalated leader"]


def test_a_department_that_came_is_not_reminded_and_not_escalated(cast: Cast, clock: Clock) -> None:
    case = sounded(cast)
    arrived(case, cast.departments.urban, cast.officer)
    arrived(case, cast.departments.police, cast.officer2)
    clock.forward(hours=3)
    ring()
    assert not [verb for verb in verbs(case) if verb.startswith("deadline.")]


def test_a_department_added_later_has_its_own_two_hours(cast: Cast, clock: Clock) -> None:
    case = sounded(cast, departments=[cast.departments.urban.pk])
    clock.forward(minutes=90)
    do(case, "add_departments", cast.committee, more_departments=[cast.departments.police.pk])
    first, second = summons(case, cast.departments.urban), summons(case, cast.departments.police)
    assert first.due_at is not None and second.due_at == first.due_at + timedelta(minutes=90)
    clock.forward(minutes=30)
    ring()
    assert [summons(case, d).outcome for d in (cast.departments.urban, cast.departments.police)] == [
        "absent",
        "",
    ]


def test_standing_down_cancels_what_is_open_and_keeps_who_came(cast: Cast, clock: Clock) -> None:
    case = sounded(cast)
    here = arrived(case, cast.departments.urban, cast.officer)
    way = summons(case, cast.departments.police)
    do(case, "stand_down", cast.committee, reason="双方已经和解")
    clock.forward(hours=3)
    ring()
    for row in (here, way):
        row.refresh_from_db()
    assert (here.state, here.outcome, way.state, way.outcome) == ("reported", "on_time", "cancelled", "")
    assert deadline(case, way).cancelled_at is not None and deadline(case, way).missed_at is None
    assert not NegativeEntry.objects.exists()
    with pytest.raises(WrongState):
        arrived(case, cast.departments.police, cast.officer2)


def test_a_dispute_is_settled_by_who_sounded_and_the_time_runs_from_its_first_start(
    cast: Cast, clock: Clock
) -> None:
    case = sounded(cast)
    clock.forward(minutes=30)
    row = arrived(case, cast.departments.urban, cast.officer)
    on(row, "dispute", cast.township, reason="现场没有看到人")
    with pytest.raises(NotAllowed):
        on(row, "reject_arrival", cast.township, reason="没有来")
    clock.forward(minutes=30)
    on(row, "reject_arrival", cast.committee, reason="照片不是现场")
    assert (row.state, row.received_at, row.outcome) == ("summoned", None, "")
    assert deadline(case, row).due_at == row.due_at
    clock.forward(minutes=60)
    ring()
    row.refresh_from_db()
    assert row.outcome == "absent"


def test_an_arrival_that_was_disputed_and_upheld_stands_as_it_was_pressed(cast: Cast, clock: Clock) -> None:
    case = sounded(cast)
    clock.forward(minutes=119)
    row = arrived(case, cast.departments.urban, cast.officer)
    on(row, "dispute", cast.township, reason="现场没有看到人")
    clock.forward(minutes=30)
    ring()
    on(row, "accept_arrival", cast.committee, reason="视频可见")
    assert (row.state, row.outcome) == ("confirmed", "on_time")
    assert not NegativeEntry.objects.filter(summons=row).exists()


def test_nothing_is_resolved_while_an_arrival_is_unsettled(cast: Cast, clock: Clock) -> None:
    urban, police = cast.departments.urban, cast.departments.police
    case = sounded(cast, departments=[urban.pk])
    row = confirmed(case, cast, urban, cast.officer)
    do(case, "consult", cast.township, lead=row.pk, **WORDS)
    task = claimed(case, urban, cast.officer, "拆除违建", clock.at.date().isoformat())
    do(case, "start_work", cast.township)
    do(case, "add_departments", cast.committee, more_departments=[police.pk])
    arrived(case, police, cast.officer2)
    on(task, "finish", cast.officer, result="已拆除")
    on(row, "rate", cast.township, response=5, solution=5, satisfaction=5)
    case.refresh_from_db()
    with pytest.raises(WrongState) as refused:
        do(case, "resolve", cast.township, **WORDS)
    assert refused.value.code == "arrival_unsettled" and "公安局" in str(refused.value)
    on(summons(case, police), "confirm", cast.township)
    on(summons(case, police), "rate", cast.township, response=5, solution=5, satisfaction=5)
    case.refresh_from_db()
    do(case, "resolve", cast.township, **WORDS)


def test_not_our_duty_must_be_said_at_the_place_with_its_grounds(cast: Cast, clock: Clock) -> None:
    case = sounded(cast)
    with pytest.raises(Incomplete) as refused:
        arrived(case, cast.departments.urban, cast.officer, not_duty="on")
    assert set(refused.value.errors) == {"note"}
    row = arrived(case, cast.departments.urban, cast.officer, not_duty="on", note="河道归水利局管")
    assert row.not_duty and row.outcome == "on_time"
    on(row, "confirm", cast.township)
    on(row, "release", cast.township, reason="确属水利局职责")
    assert row.state == "released"


def test_reporting_needs_a_photo_and_counts_the_distance(cast: Cast, clock: Clock) -> None:
    case = sounded(cast)
    with pytest.raises(Incomplete) as refused:
        on(summons(case, cast.departments.urban), "report_in", cast.officer)
    assert set(refused.value.errors) == {"photos"}
    row = arrived(case, cast.departments.urban, cast.officer, lat=28.186, lng=115.785, accuracy=12.4)
    assert row.distance == pytest.approx(111.2, abs=0.2) and row.accuracy == 12.4


def test_the_great_circle_is_measured_as_published() -> None:
    # One degree of latitude on a sphere of the mean radius: 111.195 km.
    assert distance(0, 0, 1, 0) == pytest.approx(111_195.1, abs=1)
    assert distance(28, 115, 28, 115) == 0


def test_ten_minutes_unopened_stand_on_the_board_and_a_call_is_recorded(cast: Cast, clock: Clock) -> None:
    case = sounded(cast)
    seen, unseen = summons(case, cast.departments.urban), summons(case, cast.departments.police)
    clock.forward(minutes=9)
    on(seen, "open", cast.officer)
    clock.forward(minutes=1)
    ring()
    for row in (seen, unseen):
        row.refresh_from_db()
    assert seen.unopened_at is None and unseen.unopened_at == clock.at
    assert verbs(case).count("summons.unopened") == 1
    on(unseen, "record_call", cast.committee, callee="office", answered="yes", note="值班员已转告")
    told = case.events.get(verb="summons.called")
    assert (unseen.called_at, told.data["callee"], told.actor_id) == (
        clock.at,
        "office",
        cast.committee.user_id,
    )


def test_only_the_department_itself_reports_in(cast: Cast, clock: Clock) -> None:
    case = sounded(cast)
    for other in (cast.officer2, cast.township, cast.committee, cast.station):
        with pytest.raises(NotAllowed):
            on(summons(case, cast.departments.urban), "report_in", other, photos=[photo()])


def test_the_summons_names_person_and_deputy_of_the_roster_and_tells_the_head(
    cast: Cast, clock: Clock
) -> None:
    DutyRosterEntry.objects.create(
        department=cast.departments.urban, person=cast.officer, deputy=cast.officer_head, telephone="000-1234567",
        starts_at=clock.at - timedelta(hours=1), ends_at=clock.at + timedelta(hours=1),
    )  # fmt: skip
    case = do(filed(cast), "sound", cast.committee)
    row = summons(case, cast.departments.urban)
    assert (row.person, row.deputy, row.telephone) == (cast.officer, cast.officer_head, "000-1234567")
    told = Notice.objects.filter(event__verb="summons.summoned", event__data__summons=row.pk)
    assert {n.recipient_id for n in told} == {cast.officer.user_id, cast.officer_head.user_id}


def test_a_person_of_the_roster_whose_post_has_ended_is_passed_over(cast: Cast, clock: Clock) -> None:
    DutyRosterEntry.objects.create(
        department=cast.departments.urban, person=cast.officer, telephone="000-1234567",
        starts_at=clock.at - timedelta(hours=1), ends_at=clock.at + timedelta(hours=1),
    )  # fmt: skip
    cast.officer.ends_on = clock.at.date() - timedelta(days=1)
    cast.officer.save(update_fields=["ends_on"])
    row = summons(sounded(cast), cast.departments.urban)
    assert (row.person, row.deputy) == (cast.officer_head, None)


def test_who_is_called_is_told_inside_and_outside_at_once(cast: Cast, clock: Clock, settings: Any) -> None:
    settings.GEZHI_WEBHOOK_URL = "https://example.invalid/hook"
    head = cast.officer_head.user
    head.email = "head@example.invalid"
    head.save(update_fields=["email"])
    case = sounded(cast, departments=[cast.departments.urban.pk])
    event = case.events.get(verb="summons.summoned")
    assert head in {notice.recipient for notice in event.notices.all()}
    sent = {(one.channel, one.recipient, one.next_at) for one in event.deliveries.all()}
    assert sent == {("email", head, clock.at), ("webhook", None, clock.at)}
