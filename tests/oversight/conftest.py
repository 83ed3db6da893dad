"""The same small catalogue and cases as the spine's tests, a town with committees, and some weeks of lives in it."""

from __future__ import annotations

from typing import Any

import pytest

from cases import ringing
from cases.periods import Period
from grids.clock import local_day
from tests.cases.conftest import _media, category, new_case, sensitive, workdays
from tests.cast import Cast
from tests.incidents import moves as incident_moves
from tests.mediation import moves as dispute_moves
from tests.mediation.conftest import town
from tests.whistle import moves as whistle_moves

__all__ = ["_media", "category", "new_case", "sensitive", "town", "workdays"]


@pytest.fixture
def lively(new_case: Any, cast: Cast, town: Any, workdays: None, clock: Any) -> list[Period]:
    """Incidents, whistles and disputes of many ends over some weeks; returns periods to look at."""
    incident_moves.archived(new_case(), cast)
    incident_moves.do(new_case(), "reject", cast.township, reason="不属实，现场没有发现")
    returned = incident_moves.investigating(new_case(), cast)
    ground = {"ground": "not_place", "reason": "不在本站辖区内，属于隔壁街道"}
    incident_moves.do(returned, "return", cast.station, **ground)
    clock.forward(days=3)
    again = incident_moves.fed_back(new_case(), cast)
    incident_moves.do(again, "rework", cast.worker, reason="现场还没有清理干净")
    clock.forward(days=20)
    ringing.ring_all()
    incident_moves.do(again, "accept", cast.station)
    incident_moves.do(again, "feed_back", cast.station, result="已清理")
    settled = new_case()
    incident_moves.do(settled, "settle", cast.worker, result="当场劝离")
    closed = whistle_moves.sounded(cast)
    late = whistle_moves.sounded(cast, title="另一件")
    clock.forward(hours=3)
    ringing.ring_all()
    whistle_moves.do(closed, "stand_down", cast.committee, reason="各方已经自行解决，不再需要")
    assert late.state == "sounded"
    dispute_moves.closed(town, cast)
    refused = dispute_moves.running(town, cast)
    dispute_moves.do(
        refused, "refuse", town.low, party=dispute_moves.sides(refused)[0], **dispute_moves.NOTICE
    )
    passed = dispute_moves.accepted(town, cast)
    dispute_moves.do(passed, "pass_up", town.low, way="early", reason="跨社区")
    clock.forward(days=2)
    dispute_moves.do(passed, "accept_up", cast.mediator)
    assert passed.dockets.filter(accepted_at__isnull=False).count() == 2
    today = local_day(clock.at)
    return [
        Period.month_of(today), Period.of_year(today.year), Period(today, today), Period.week_of(today),
        Period.month_of(today).before(), Period.of_year(today.year - 1),
    ]  # fmt: skip
