"""A dispute from the counter to the archive, and up the three tiers."""

from __future__ import annotations

from cases.models import Case
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
