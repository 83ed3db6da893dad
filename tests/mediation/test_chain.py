"""A dispute from the counter to the archive, and up the three tiers."""

from __future__ import annotations

from typing import Any

import pytest

from cases.errors import Incomplete
from cases.models import Case
from cases.periods import Period
from mediation import figures, routing
from mediation.models import Docket
from tests.cast import Cast
from tests.conftest import Clock
from tests.mediation import moves
from tests.mediation.conftest import Town


def test_a_dispute_is_settled_kept_visited_and_closed(town: Town, cast: Cast, clock: Clock) -> None:
    case = moves.closed(town, cast)
    assert case.state == "closed"
    assert case.mediation.ending == "performed"


def test_three_failed_attempts_lead_up_a_tier(town: Town, cast: Cast, clock: Clock) -> None:
    case = moves.running(town, cast)
    for n in range(3):
        moves.fail_once(case, town.low)
        if n < 2:
            moves.do(case, "propose_attempt", town.low, consenting=moves.sides(case), manner="in_person")
    moves.do(case, "pass_up", town.low, way="exhausted", reason="三次没有调成")
    assert case.office == cast.places.street
    moves.do(case, "accept_up", town.mid, mediators=[town.mid.pk])
    assert case.state == "accepted"
    numbers = [str(docket) for docket in Docket.objects.filter(case=case)]
    assert len(numbers) == 2 and all(numbers)
    assert Case.objects.visible_to(town.low.user).filter(pk=case.pk).exists()


def try_thrice(case: Case, by: Any) -> None:
    for _n in range(3):
        moves.do(case, "propose_attempt", by, consenting=moves.sides(case), manner="in_person")
        moves.fail_once(case, by)


def test_a_dispute_handed_back_stands_with_the_lower_committee_again(
    town: Town, cast: Cast, clock: Clock, browser_of: Any
) -> None:
    case = moves.accepted(town, cast)
    number = routing.docket_of(case).number
    moves.do(case, "pass_up", town.low, way="early", reason="跨社区")
    moves.do(case, "hand_back", town.mid, reason="本级先调")
    assert case.office == cast.places.village and routing.docket_of(case).number == number
    page = browser_of(town.low).get(case.get_absolute_url()).content.decode()
    assert number in page and "东路社区人民调解委员会" in page
    listed = browser_of(town.low).get("/mediations/list/").content.decode()
    assert number in listed and "村级" in listed
    # Its attempts count at its own tier, and it may pass up once more.
    moves.do(case, "assign", town.low, mediators=[town.low.pk])
    try_thrice(case, town.low)
    assert routing.attempts_at(case, "village") == 3 and routing.attempts_at(case, "township") == 0
    moves.do(case, "pass_up", town.low, way="exhausted", reason="三次没有调成")
    moves.do(case, "accept_up", town.mid, mediators=[town.mid.pk])
    try_thrice(case, town.mid)
    assert routing.attempts_at(case, "township") == 3
    assert figures.total(cast.centre.user, Period.of_year(2026)).received == 1
    assert figures.annotated(cast.centre.user).get().tier == "township"


def test_three_attempts_are_used_up_when_the_third_has_failed(town: Town, cast: Cast, clock: Clock) -> None:
    case = moves.accepted(town, cast)
    for _n in range(2):
        moves.do(case, "propose_attempt", town.low, consenting=moves.sides(case), manner="in_person")
        moves.fail_once(case, town.low)
    moves.do(case, "propose_attempt", town.low, consenting=moves.sides(case), manner="in_person")
    with pytest.raises(Incomplete) as refused:
        moves.do(case, "pass_up", town.low, way="exhausted", reason="第三次还在进行")
    assert "way" in refused.value.errors
    moves.fail_once(case, town.low)
    moves.do(case, "pass_up", town.low, way="exhausted", reason="三次没有调成")


def test_by_the_wish_of_all_means_every_party(town: Town, cast: Cast, clock: Clock) -> None:
    case = moves.accepted(town, cast)
    for some in ([], moves.sides(case)[:1]):
        with pytest.raises(Incomplete) as refused:
            moves.do(case, "pass_up", town.low, way="wish", reason="希望街道来调", wishing=some)
        assert "wishing" in refused.value.errors
    moves.do(case, "pass_up", town.low, way="wish", reason="希望街道来调", wishing=moves.sides(case))
    assert case.events.get(verb="mediation.passed_up").data["sides"] == [1, 2]
