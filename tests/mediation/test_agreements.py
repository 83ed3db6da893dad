"""Agreements: who signed when, and from which day they hold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cases.errors import Incomplete, WrongState
from grids import clock
from mediation.models import Agreement, Party
from mediation.standing import agreement_of
from tests.cast import Cast
from tests.conftest import Clock
from tests.mediation import moves
from tests.mediation.conftest import Town
from tests.mediation.moves import do


def signatures(agreement: Agreement | None) -> dict[int, str]:
    """By side the day of signing."""
    assert agreement is not None
    return {row.party.side: str(row.signed_on) for row in agreement.signatures.select_related("party")}


def test_each_signs_on_their_own_day_and_it_holds_from_the_last(
    town: Town, cast: Cast, clock: Clock, browser_of: Any
) -> None:
    case = moves.agreed(town, cast)
    moves.promised(case, town.low)
    first, second = Party.objects.filter(case=case).order_by("side")
    do(
        case,
        "record_signatures",
        town.low,
        signers=[first.pk],
        signed_on="2026-11-17",
        documents=[moves.scan()],
    )
    assert signatures(agreement_of(case)) == {1: "2026-11-17"} and case.state == "agreed"
    with pytest.raises(Incomplete):  # nobody signs twice
        do(case, "record_signatures", town.low, signers=[first.pk], signed_on="2026-11-18")
    clock.forward(days=2)
    do(case, "sign", town.low, signed_on="2026-11-19", sealed_on="2026-11-20", documents=[moves.scan()])
    agreement = agreement_of(case)
    assert agreement is not None and signatures(agreement) == {1: "2026-11-17", 2: "2026-11-19"}
    assert (str(agreement.mediator_signed_on), str(agreement.effective_on)) == ("2026-11-19", "2026-11-20")
    page = browser_of(town.low).get(case.get_absolute_url()).content.decode()
    assert "甲方 欧** 11月17日" in page and "乙方 司** " in page
    assert second.pk in {row.party_id for row in agreement.signatures.all()}


def test_it_never_holds_before_the_last_signature(town: Town, cast: Cast, clock: Clock) -> None:
    case = moves.agreed(town, cast)
    moves.promised(case, town.low)
    do(case, "record_signatures", town.low, signers=moves.sides(case), signed_on="2026-11-18")
    do(case, "sign", town.low, signed_on="2026-11-16", sealed_on="2026-11-16", documents=[moves.scan()])
    agreement = agreement_of(case)
    assert agreement is not None and str(agreement.effective_on) == "2026-11-18"


def test_other_words_are_signed_anew(town: Town, cast: Cast) -> None:
    case = moves.agreed(town, cast)
    today = str(clock.today())
    do(case, "record_signatures", town.low, signers=moves.sides(case), signed_on=today)
    do(case, "redraft", town.low, **(moves.AGREED | {"content": "乙方退让半米"}))
    assert signatures(agreement_of(case)) == {}


def test_by_word_of_mouth_nobody_signs(town: Town, cast: Cast) -> None:
    case = moves.agreed(town, cast, form="oral")
    with pytest.raises(WrongState):
        do(case, "record_signatures", town.low, signers=moves.sides(case), signed_on=str(clock.today()))
    tomorrow = str(clock.today() + timedelta(days=1))
    moves.promised(case, town.low)
    with pytest.raises(Incomplete):
        do(case, "record_oral", town.low, signed_on=tomorrow)
