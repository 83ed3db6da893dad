"""Subsidies (案补): once for a dispute, for a complete file, within bounds, and decided by somebody else."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Post
from accounts.roles import Role
from cases.errors import NotAllowed, WrongState
from cases.models import Case
from mediation.models import Subsidy
from mediation.tables import grades
from tests.cast import SINCE, Cast
from tests.conftest import Clock
from tests.mediation import moves
from tests.mediation.conftest import Town
from tests.mediation.moves import do, on
from tests.mediation.test_files import to_be_filed
from tests.mediation.test_papers import material


@pytest.fixture
def filed(town: Town, cast: Cast) -> Case:
    case = to_be_filed(town, cast)
    material(case, town, "identity", "身份证", documents=[moves.scan()])
    return do(case, "file", town.low, keep_years=10)


def claimed(case: Case, town: Town) -> Subsidy:
    do(case, "claim_subsidy", town.low, grade="simple", payee=town.low.pk)
    return Subsidy.objects.select_related("case").get(case=case)


def also(post: Post, cast: Cast) -> Post:
    """The same person at the city's centre."""
    return Post.objects.create(user=post.user, role=Role.CENTRE, division=cast.places.city, starts_on=SINCE)


def test_only_a_filed_dispute_is_subsidised(town: Town, cast: Cast, clock: Clock) -> None:
    case = to_be_filed(town, cast)
    with pytest.raises(WrongState, match="请先立卷归档"):
        claimed(case, town)


def test_once_for_a_dispute(filed: Case, town: Town, cast: Cast, clock: Clock) -> None:
    row = claimed(filed, town)
    assert row.amount == Decimal(100)
    with pytest.raises(WrongState, match="只补一次"):
        claimed(filed, town)
    on(row, "refuse_subsidy", cast.centre, reason="缺回访")
    with pytest.raises(WrongState, match="只补一次"):
        claimed(filed, town)
    on(row, "claim_again", town.low, grade="hard", payee=town.low.pk, note="已补齐")
    on(row, "approve", cast.centre)
    on(row, "pay", cast.centre, paid_on=str(clock.at.date()))
    with pytest.raises(WrongState):
        on(row, "pay", cast.centre, paid_on=str(clock.at.date()))
    assert Subsidy.objects.get().amount == Decimal(200)


@pytest.mark.parametrize("action", ["approve", "refuse_subsidy"])
def test_nobody_decides_on_their_own(action: str, filed: Case, town: Town, cast: Cast, clock: Clock) -> None:
    row = claimed(filed, town)
    own = also(town.low, cast)
    data = {"reason": "不够"} if action == "refuse_subsidy" else {}
    with pytest.raises(NotAllowed, match="由别人审批"):
        on(row, action, own, **data)
    with pytest.raises(NotAllowed):  # nor any mediator
        on(row, action, town.top, **data)
    on(row, action, also(town.low_b, cast), **data)
    row.refresh_from_db()
    assert row.decided_by is not None and row.decided_by.user == town.low_b.user


@pytest.mark.parametrize("amount", ["49.99", "500.01", "0"])
def test_the_database_keeps_the_bounds(amount: str, filed: Case, town: Town, clock: Clock) -> None:
    row = claimed(filed, town)
    with pytest.raises(IntegrityError, match="subsidy_amount_range"), transaction.atomic():
        Subsidy.objects.filter(pk=row.pk).update(amount=Decimal(amount))


def test_every_grade_lies_within_the_bounds() -> None:
    assert grades() and all(50 <= grade.amount <= 500 for grade in grades().values())
