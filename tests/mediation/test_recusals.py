"""Mediators with an interest are warned about, and who is out of a dispute has no hand in it (回避)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from cases import personal, workflow
from cases.errors import Incomplete, NotAllowed
from cases.models import Case, Notice
from mediation import routing
from mediation.models import Assignment, Exclusion
from tests.cast import Cast
from tests.conftest import Clock
from tests.mediation import moves
from tests.mediation.conftest import Town
from tests.mediation.moves import do


def assigned(case: Case) -> list[tuple[int, bool]]:
    return [(row.post_id, row.leads) for row in routing.assigned(case)]


@pytest.mark.parametrize("known", [{"party_name": "社区调解员乙"}, {"phone": "00013800777"}])
def test_a_mediator_with_the_name_or_telephone_of_a_party_is_marked(
    known: dict[str, str], town: Town, cast: Cast, browser_of: Any
) -> None:
    town.low_b.user.phone = "00013800777"
    town.low_b.user.save(update_fields=["phone"])
    case = moves.registered(
        town, cast, parties=[moves.person(1, "欧阳甲", 1), moves.person(2, "司徒乙", 2, **known)]
    )
    page = browser_of(town.low).get(f"{case.get_absolute_url()}accept/").content.decode()
    assert "社区调解员乙（与当事人同名或同电话" in page
    assert "社区调解员甲（与当事人同名或同电话" not in page


@pytest.mark.parametrize("recused", [False, True])
def test_who_is_out_of_it_neither_acts_nor_reads(
    recused: bool, town: Town, cast: Cast, clock: Clock, browser_of: Any
) -> None:
    case = moves.accepted(town, cast)
    do(case, "assign", town.low, mediators=[town.low.pk, town.low_b.pk])
    if recused:
        party = moves.sides(case)[0]
        do(case, "recuse", town.low_b, mediator=town.low.pk, party=party, reason="当事人要求")
    else:
        do(case, "exclude", town.low, mediator=town.low.pk, reason="与乙方是亲属")
    row = Exclusion.objects.get()
    assert row.ground == ("recusal" if recused else "interest") and (row.party_id is not None) == recused
    assert assigned(case) == [(town.low_b.pk, True)]  # the next one leads
    assert workflow.allowed(case, town.low) == []
    with pytest.raises(NotAllowed, match="您已经回避"):
        do(case, "note", town.low, note="看看")
    with pytest.raises(NotAllowed):
        personal.reveal(case, by=town.low, reason="看看")
    client: Client = browser_of(town.low)
    page = client.get(case.get_absolute_url()).content.decode()
    assert "多次争吵" not in page and 'id="reveal"' not in page
    assert client.get(f"{case.get_absolute_url()}papers/").status_code == 403
    assert client.post(f"{case.get_absolute_url()}reveal/", {"reason": "看看"}).status_code == 403
    assert case.number not in client.get("/mediations/todo/").content.decode()
    with pytest.raises(Incomplete):  # and is not named again
        do(case, "assign", town.low_b, mediators=[town.low.pk])
    do(case, "note", town.low_b, note="继续")
    Notice.objects.all().delete()
    do(case, "urge", cast.village, note="请抓紧")
    assert not Notice.objects.filter(recipient=town.low.user).exists()


def test_it_holds_in_this_dispute_alone(town: Town, cast: Cast) -> None:
    case, other = moves.accepted(town, cast), moves.accepted(town, cast)
    do(case, "exclude", town.low, mediator=town.low.pk, reason="亲属")
    assert workflow.allowed(other, town.low)
    assert not Assignment.objects.filter(docket__case=case, until=None).exists()
