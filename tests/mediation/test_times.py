"""The times of a dispute: who owes what by when, who is reminded, and what the end of a time brings about."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Post
from cases import ringing
from cases.errors import Incomplete
from cases.models import Case, Deadline, Notice
from grids.clock import SHANGHAI
from mediation.models import Mediation, Promise
from tests.cast import Cast
from tests.conftest import Clock
from tests.mediation import moves
from tests.mediation.conftest import Town
from tests.mediation.moves import do, on

SIGNED = date(2026, 11, 18)  # today, by the tests' clock


def duty(case: Case, name: str) -> Deadline:
    return Deadline.objects.filter(case=case, duty=name).latest("pk")


def ring(clock: Clock, at: datetime) -> None:
    clock.set(at)
    ringing.ring_all()


def last_day(deadline: Deadline) -> date:
    """The last day of a duty; one that ends with a day ends at the midnight after it."""
    return (deadline.due_at - timedelta(seconds=1)).astimezone(SHANGHAI).date()


def told(post: Post, verb: str) -> int:
    """How many notices of a verb a person has."""
    return Notice.objects.filter(recipient=post.user, event__verb=verb).count()


def end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), SHANGHAI)


def test_a_committee_decides_in_time_whether_to_accept(town: Town, cast: Cast, clock: Clock) -> None:
    case = moves.registered(town, cast, by=cast.village)
    owed = duty(case, "accept")
    assert last_day(owed) == SIGNED + timedelta(days=5)  # three working days over a weekend
    ring(clock, owed.due_at + timedelta(seconds=1))
    owed.refresh_from_db()
    assert owed.missed_at is not None
    assert told(town.low, "deadline.missed") == 1 and told(cast.village, "deadline.missed") == 1
    assert told(town.mid, "deadline.missed") == 0


def test_an_attempt_has_its_time_and_the_whole_a_month_that_all_may_extend(
    town: Town, cast: Cast, clock: Clock
) -> None:
    case = moves.running(town, cast)
    assert last_day(duty(case, "attempt")) == SIGNED + timedelta(days=12)  # the tenth is a Saturday
    whole = last_day(duty(case, "mediate"))
    assert whole == SIGNED + timedelta(days=30)
    today = str(SIGNED)
    with pytest.raises(Incomplete):  # one party does not agree
        do(case, "extend", town.low, days=17, agreed_on=today)
    with pytest.raises(Incomplete):  # not without end
        do(case, "extend", town.low, days=31, agreed_on=today, all_agree="on")
    do(case, "extend", town.low, days=17, agreed_on=today, all_agree="on", reason="等评估")
    assert last_day(duty(case, "mediate")) == whole + timedelta(days=17)
    assert Mediation.objects.get(case=case).extended_days == 17
    moves.fail_once(case, town.low)
    attempt = duty(case, "attempt")
    assert attempt.met_at == clock.at and duty(case, "mediate").met_at is None


def test_the_next_tier_accepts_in_a_time_of_its_own(town: Town, cast: Cast, clock: Clock) -> None:
    case = moves.accepted(town, cast)
    do(case, "pass_up", town.low, way="early", reason="跨社区")
    assert duty(case, "mediate").cancelled_at is not None
    owed = duty(case, "accept_up")
    assert owed.holder_division_id == town.mid.division_id
    assert last_day(owed) == SIGNED + timedelta(days=5)
    do(case, "accept_up", town.mid, mediators=[town.mid.pk])
    again = duty(case, "mediate")
    assert again.holder_division_id == town.mid.division_id and last_day(again) == SIGNED + timedelta(days=30)


def test_the_mediators_are_reminded_of_a_meeting(town: Town, cast: Cast, clock: Clock) -> None:
    case = moves.running(town, cast)
    session = moves.planned(case, town.low)
    ring(clock, session.starts_at - timedelta(minutes=59))
    assert told(town.low, "deadline.reminded") == 1
    ring(clock, session.starts_at + timedelta(minutes=1))
    assert duty(case, "session").cancelled_at is not None and duty(case, "session").missed_at is None
    moves.held(session, town.low)
    assert session.state == "held"


def test_of_each_promise_the_mediators_are_reminded_and_then_owe_an_answer(
    town: Town, cast: Cast, clock: Clock
) -> None:
    case = moves.performing(town, cast)
    promise = Promise.objects.select_related("agreement__attempt__docket__case").get()
    assert duty(case, "promise").due_at == end_of(promise.due_on).replace(second=0)
    ring(clock, end_of(promise.due_on) - timedelta(days=3))
    assert told(town.low, "deadline.reminded") >= 1
    ring(clock, end_of(promise.due_on) + timedelta(minutes=1))
    assert told(town.low, "promise.due") == 1
    answer = duty(case, "follow_up")
    assert answer.met_at is None and answer.item == promise.pk
    ring(clock, answer.due_at + timedelta(minutes=1))
    answer.refresh_from_db()
    assert answer.missed_at is not None
    on(promise, "keep", town.low, settled_on=str(clock.at.date()))
    answer.refresh_from_db()
    assert answer.met_at is not None


def test_the_day_of_a_promise_moves_with_the_consent_of_all(town: Town, cast: Cast, clock: Clock) -> None:
    case = moves.performing(town, cast)
    promise = Promise.objects.select_related("agreement__attempt__docket__case").get()
    later = promise.due_on + timedelta(days=10)
    with pytest.raises(Incomplete):
        on(promise, "redate", town.low, due_on=str(later), reason="等收成")
    on(promise, "redate", town.low, due_on=str(later), reason="等收成", all_agree="on")
    assert last_day(duty(case, "promise")) == later
    ring(clock, end_of(later - timedelta(days=10)) + timedelta(minutes=1))
    assert told(town.low, "promise.due") == 0


def test_a_broken_promise_names_what_was_advised_and_how_the_dispute_ended(
    town: Town, cast: Cast, clock: Clock, browser_of: Any
) -> None:
    case = moves.performing(town, cast)
    promise = Promise.objects.select_related("agreement__attempt__docket__case").get()
    today = str(SIGNED)
    with pytest.raises(Incomplete):  # nothing advised
        on(promise, "break_promise", town.low, settled_on=today, note="不付")
    on(promise, "break_promise", town.low, settled_on=today, advice=["urged", "sue"], note="不付")
    page = browser_of(town.low).get(case.get_absolute_url()).content.decode()
    assert "督促履行" in page and "就协议向人民法院起诉" in page
    case.refresh_from_db()
    do(case, "close", town.low, **(moves.visit_words() | {"performed": "no"}))
    assert Mediation.objects.get(case=case).ending == "breached"


# --- the court: 30 days from the day of effect (article 33)


def late(town: Town, cast: Cast, signed: date) -> Case:
    """An agreement of an earlier day that is entered today."""
    case = moves.agreed(town, cast)
    moves.promised(case, town.low)
    return do(case, "sign", town.low, signed_on=str(signed), sealed_on=str(signed), documents=[moves.scan()])


def test_the_time_for_the_court_runs_from_the_day_of_effect(town: Town, cast: Cast, clock: Clock) -> None:
    case = late(town, cast, SIGNED - timedelta(days=12))
    assert last_day(duty(case, "confirm")) == SIGNED + timedelta(days=18)
    ring(clock, end_of(SIGNED + timedelta(days=18)) - timedelta(days=10))
    assert told(town.low, "deadline.reminded") == 1
    ring(clock, end_of(SIGNED + timedelta(days=18)) - timedelta(days=3))
    assert told(town.low, "deadline.reminded") >= 2
    ring(clock, end_of(SIGNED + timedelta(days=18)) + timedelta(minutes=1))
    assert told(town.low, "confirmation.lapsed") == 1


@pytest.mark.parametrize(
    ("applied", "right"), [(-1, False), (0, True), (30, True), (31, False)]
)  # days after the agreement took effect
def test_the_court_is_asked_within_thirty_days(
    applied: int, right: bool, town: Town, cast: Cast, clock: Clock
) -> None:
    """What counts is the day of the application; it may be entered some days later."""
    case = late(town, cast, SIGNED)
    clock.forward(days=33)
    data = {"applied_on": str(SIGNED + timedelta(days=applied)), "court": "丰城市人民法院", "jointly": "on"}
    if right:
        do(case, "apply_confirmation", town.low, **data)
        assert case.events.filter(verb="confirmation.applied").exists()
        return
    with pytest.raises(Incomplete) as refused:
        do(case, "apply_confirmation", town.low, **data)
    assert "applied_on" in refused.value.errors


def test_nothing_is_owed_of_a_dispute_that_has_ended(
    town: Town, cast: Cast, clock: Clock, browser_of: Any
) -> None:
    case = moves.accepted(town, cast)
    do(case, "grade", town.low, colour="red", reason="可能激化", look_on=str(SIGNED + timedelta(days=2)))
    do(case, "refuse", town.low, party=moves.sides(case)[0], **moves.NOTICE)
    ring(clock, clock.at + timedelta(days=60))
    assert told(town.low, "deadline.missed") == 0
    client: Client = browser_of(cast.village)
    assert case.number not in client.get("/mediations/list/", {"overdue": "true"}).content.decode()


def test_a_colour_is_looked_at_again_or_shows_as_overdue(
    town: Town, cast: Cast, clock: Clock, browser_of: Any
) -> None:
    case = moves.accepted(town, cast)
    look = SIGNED + timedelta(days=2)
    with pytest.raises(Incomplete):  # never without a reason
        do(case, "grade", town.low, colour="red", look_on=str(look))
    do(case, "grade", town.low, colour="red", reason="可能激化", look_on=str(look))
    assert "定级复看" not in browser_of(town.low).get("/mediations/todo/").content.decode()
    ring(clock, end_of(look) + timedelta(minutes=1))
    assert "定级复看" in browser_of(town.low).get("/mediations/todo/").content.decode()
    for params in ({"look_due": "true"}, {"overdue": "true"}):
        assert case.number in browser_of(cast.village).get("/mediations/list/", params).content.decode()
    do(case, "grade", town.low, colour="yellow", reason="缓和", look_on=str(look + timedelta(days=5)))
    assert case.number not in (
        browser_of(cast.village).get("/mediations/list/", {"look_due": "true"}).content.decode()
    )
