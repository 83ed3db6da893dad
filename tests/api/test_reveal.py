"""POST /incidents/{number}/reveal/: the reporter's whole name, for a reason that stays in the record."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from cases import anonymising
from cases.models import Case, CaseEvent, IdempotencyKey
from tests.api.conftest import INCIDENTS, Call, problem, station
from tests.cases.conftest import NewCase
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("category", "clock")
WHOLE = {"reporter_name": "张大山", "reporter_phone": "000-13801234"}


@pytest.fixture
def case(cast: Cast, new_case: NewCase) -> Case:
    """Reported by the township's centre for a caller, in the worker's grid."""
    return new_case(cast.township, place=cast.places.grid, **WHOLE)


def looks(case: Case) -> int:
    return CaseEvent.objects.filter(case=case, verb="personal.revealed").count()


def reveal(caller: Any, case: Case, reason: Any = "回访核实", **options: Any) -> Any:
    return caller.post(f"{case.number}/reveal/", {"reason": reason}, **options)


def test_without_signing_in_it_is_401(case: Case) -> None:
    problem(APIClient().post(f"{INCIDENTS}{case.number}/reveal/", {"reason": "x"}), 401, "not_authenticated")


def test_who_only_reported_it_or_was_sent_a_copy_sees_nothing(
    cast: Cast, call: Call, new_case: NewCase
) -> None:
    case = new_case(cast.worker, place=cast.places.grid_c, **WHOLE)
    problem(reveal(call(cast.worker), case), 403, "not_allowed")
    call(cast.township).must(case, "copy", copies=[cast.departments.urban.pk])
    problem(reveal(call(cast.officer), case), 403, "not_allowed")
    assert looks(case) == 0


def test_outside_ones_posts_it_is_404(cast: Cast, call: Call, case: Case) -> None:
    for person in (cast.township2, cast.station, cast.auditor, cast.stranger.user):
        problem(reveal(call(person), case), 404, "not_found")
    assert looks(case) == 0


@pytest.mark.parametrize("reason", [None, "", "  ", "长" * 501, 5, ["回访"], {"a": "b"}, "a\0b"])
def test_without_a_reason_nothing_is_shown(reason: Any, cast: Cast, call: Call, case: Case) -> None:
    answer = problem(reveal(call(cast.township), case, reason), 422, "incomplete")
    assert list(answer["errors"]) == ["reason"]
    assert looks(case) == 0


def test_who_handles_it_sees_it_and_the_reason_stays(cast: Cast, call: Call, case: Case) -> None:
    call(cast.township).must(case, "file")
    call(cast.township).must(case, "assign", handler=station(cast))
    answer = reveal(call(cast.station), case)
    assert (answer.status_code, answer.json()) == (200, WHOLE)
    assert answer["Cache-Control"] == "no-store"
    entry = CaseEvent.objects.get(case=case, verb="personal.revealed")
    assert (entry.post, entry.words.text, entry.inner) == (cast.station, "回访核实", True)
    assert entry.data == {"fields": sorted(WHOLE)}


def test_a_repeat_is_one_look_and_no_kept_answer_holds_the_name(cast: Cast, call: Call, case: Case) -> None:
    first, again = (reveal(call(cast.township), case, key="k") for _turn in range(2))
    assert first.json() == again.json() == WHOLE
    assert looks(case) == 1
    assert "张大山" not in json.dumps(list(IdempotencyKey.objects.values_list("answer", flat=True)))
    problem(reveal(call(cast.township), case, "另一个原因", key="k"), 422, "idempotency_key_reused")


def test_a_repeat_by_who_may_no_longer_see_it_shows_nothing(cast: Cast, call: Call, case: Case) -> None:
    call(cast.township).must(case, "file")
    call(cast.township).must(case, "assign", handler=station(cast))
    assert reveal(call(cast.station), case, key="k").status_code == 200
    call(cast.township).must(case, "reassign", handler=station(cast, "urban"), reason="市级处理")
    problem(reveal(call(cast.station), case, key="k"), 404, "not_found")
    call(cast.township).must(case, "copy", copies=[cast.departments.station.pk])
    problem(reveal(call(cast.station), case, key="k"), 403, "not_allowed")


def test_after_their_term_the_values_are_empty(cast: Cast, call: Call, case: Case) -> None:
    call(cast.township).must(case, "reject", reason="不属于受理范围")
    anonymising.anonymise(case)
    assert reveal(call(cast.township), case).json() == dict.fromkeys(WHOLE, "")
