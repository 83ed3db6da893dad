"""What keeps the yearly assessment: the database against every change out of time, and two who act at once."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import QuerySet

from cases.errors import CaseError, Incomplete, NotAllowed
from grids.clock import SHANGHAI
from oversight import assessment_sheets, assessments
from oversight.assessment_items import Draft, proposal
from oversight.models import (
    AppealState,
    Assessed,
    AssessmentAppeal,
    AssessmentEntry,
    AssessmentItem,
    AssessmentMark,
    AssessmentScore,
    AssessmentSheet,
    AssessmentYear,
    ItemKind,
)
from tests.cast import Cast, build_cast
from tests.whistle.test_api import both

REASON = "全年检查记录齐全，抽查三次全部合格"
CHILDREN: tuple[Any, ...] = (
    AssessmentItem, AssessmentSheet, AssessmentScore, AssessmentMark, AssessmentAppeal, AssessmentEntry,
)  # fmt: skip


def published(cast: Cast, clock: Any) -> AssessmentYear:
    """A year in which nothing happened: both townships have all by hand, given by the first of the committee."""
    clock.set(datetime(2026, 12, 30, 10, 0, tzinfo=SHANGHAI))
    year = assessments.make(2026, by=cast.committee)
    assessments.open_year(year, by=cast.committee)
    for filled in assessment_sheets.of_year(year):
        for line in filled.missing:
            assessments.give(filled.sheet, line.item, line.item.points, REASON, by=cast.committee)
    clock.set(datetime(2027, 1, 4, 10, 0, tzinfo=SHANGHAI))
    with pytest.raises(Incomplete):  # counted before the year was over
        assessments.publish(year, by=cast.committee)
    assessments.count_again(year, by=cast.committee)
    return assessments.publish(year, by=cast.committee)


def appealed(year: AssessmentYear, cast: Cast) -> AssessmentAppeal:
    sheet = year.sheets.get(division=cast.places.street)
    item = year.items.get(target="township", name="协同处置")
    return assessments.appeal(sheet, item, "联席会议的记录附后，请核对", by=cast.township)


def refuses(do: Any) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        do()


def remove(rows: QuerySet[Any]) -> None:
    """Past Django's own protection."""
    rows._raw_delete(rows.db)


@pytest.mark.django_db
def test_the_database_keeps_every_table_as_its_time_allows(cast: Cast, workdays: None, clock: Any) -> None:
    year = published(cast, clock)
    own = AssessmentYear.objects.filter(pk=year.pk)
    appeal = appealed(year, cast)
    mark = AssessmentMark.objects.first()
    assert mark is not None
    # The state goes one way, and no step is left out; what was published is not counted or marked anew.
    for state in ("draft", "open"):
        refuses(lambda state=state: own.update(state=state, published_at=None, appeals_until=None))
    refuses(lambda: AssessmentItem.objects.filter(year=year).update(points=1))
    refuses(lambda: remove(AssessmentItem.objects.filter(year=year)))
    refuses(lambda: AssessmentScore.objects.update(numerator=9))
    refuses(lambda: AssessmentMark.objects.update(points=1))
    refuses(lambda: AssessmentAppeal.objects.update(reason="另一个理由，比原来的长"))
    other = assessments.make(2028, by=cast.committee)
    refuses(lambda: AssessmentSheet.objects.update(year=other))
    refuses(lambda: AssessmentYear.objects.filter(pk=other.pk).update(year=2020))
    assessments.decide(appeal, points=Decimal("9.5"), answer="记录核对属实，改为 9.5 分", by=cast.committee_b)
    refuses(lambda: AssessmentAppeal.objects.update(answer="改一改已经裁定的理由"))
    assert year.appeals_until is not None
    clock.set(year.appeals_until)
    assessments.sign(year, by=cast.committee)
    # Signed: nothing, in any table, by any statement.
    rows: list[QuerySet[Any]] = [
        own, AssessmentItem.objects.filter(year=year),
        *(one.objects.all() for one in (AssessmentSheet, AssessmentScore, AssessmentMark, AssessmentAppeal)),
        AssessmentEntry.objects.filter(year=year),
    ]  # fmt: skip
    for found in rows:
        assert found.exists()
        refuses(lambda found=found: found.update(id=found[0].pk))
        refuses(lambda found=found: remove(found))
    sheet, item = mark.sheet, mark.item
    now = {"by": cast.committee, "at": clock.at}
    refuses(lambda: AssessmentMark.objects.create(sheet=sheet, item=item, points=1, reason=REASON, **now))
    refuses(lambda: AssessmentAppeal.objects.create(sheet=sheet, item=item, reason=REASON, **now))
    refuses(
        lambda: AssessmentEntry.objects.create(year=year, what="counted", post=cast.committee, at=clock.at)
    )
    refuses(
        lambda: AssessmentSheet.objects.create(
            year=year, target="township", division=cast.places.grid, name="x"
        )
    )
    assert AssessmentSheet.objects.get(pk=appeal.sheet_id).total == Decimal("98.00")  # (15 + 9.5) of 25


@pytest.mark.django_db
def test_no_statement_makes_an_item_of_what_never_counts(cast: Cast, workdays: None, clock: Any) -> None:
    year = assessments.make(2026, by=cast.committee)
    AssessmentItem.objects.filter(year=year).delete()
    plain = {"year": year, "name": "x", "purpose": "y", "points": Decimal(10), "position": 1}
    wrong: list[dict[str, Any]] = [
        {"target": "township", "kind": "share", "indicator": "reopenings"},
        {"target": "township", "kind": "share", "indicator": "success_rate"},
        {"target": "township", "kind": "share", "indicator": "arrival_rate"},
        {"target": "township", "kind": "negative", "indicator": "negative_entries", "each": 1},
        {"target": "department", "kind": "given", "indicator": "archive_rate"},
        {"target": "department", "kind": "share", "indicator": "task_rate", "points": Decimal(101)},
    ]
    for one in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            AssessmentItem.objects.create(**(plain | one))
    AssessmentItem.objects.create(
        **(plain | {"target": "township", "kind": "share", "indicator": "archive_rate"})
    )


@pytest.mark.django_db
def test_a_committee_of_one_decides_itself(cast: Cast, workdays: None, clock: Any) -> None:
    """Otherwise an appeal would wait for ever; as soon as there are two, the other decides."""
    appeal = appealed(published(cast, clock), cast)
    with pytest.raises(NotAllowed):
        assessments.decide(appeal, points=None, answer=REASON, by=cast.committee)
    cast.committee_b.ends_on = datetime(2027, 1, 3, tzinfo=SHANGHAI).date()
    cast.committee_b.save(update_fields=["ends_on"])
    decided = assessments.decide(appeal, points=None, answer=REASON, by=cast.committee)
    assert decided.state == AppealState.REFUSED


def told(found: list[object]) -> list[int]:
    """What each was answered; 500 for one that broke (`both` keeps nothing of it)."""
    return sorted(one.status if isinstance(one, CaseError) else 200 if one else 500 for one in found)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_told_that_it_is_done(
    transactional_db: None, workdays: None, clock: Any
) -> None:
    cast = build_cast()
    year = published(cast, clock)
    # Two appeals against one item.
    assert told(both(lambda: appealed(year, cast), lambda: appealed(year, cast))) == [200, 409]
    appeal = AssessmentAppeal.objects.get()
    # Two answers, of which one would change the score.
    yes = {"points": Decimal(8), "answer": "记录核对属实，改为 8 分"}
    no = {"points": None, "answer": "记录里没有写明，不改"}
    found = both(
        lambda: assessments.decide(AssessmentAppeal.objects.get(), by=cast.committee_b, **yes),  # type: ignore[arg-type]
        lambda: assessments.decide(AssessmentAppeal.objects.get(), by=cast.committee_b, **no),  # type: ignore[arg-type]
    )
    assert told(found) == [200, 409]
    appeal.refresh_from_db()
    marks = AssessmentMark.objects.filter(sheet=appeal.sheet, item=appeal.item).count()
    assert marks == (2 if appeal.state == AppealState.UPHELD else 1)
    assert AssessmentEntry.objects.filter(what__in=["upheld", "refused"]).count() == 1
    # Two signatures at the first instant at which there may be one.
    assert year.appeals_until is not None
    clock.set(year.appeals_until)
    signed = both(
        lambda: assessments.sign(year, by=cast.committee), lambda: assessments.sign(year, by=cast.committee_b)
    )
    assert told(signed) == [200, 409]
    assert AssessmentEntry.objects.filter(what="signed").count() == 1
    # Two beginnings of one year, two tables saved from the same sight of it.
    made = both(
        lambda: assessments.make(2027, by=cast.committee), lambda: assessments.make(2027, by=cast.committee_b)
    )
    assert told(made) == [200, 422]
    later = AssessmentYear.objects.get(year=2027)
    base = assessments.seen(later)
    drafts = [*proposal(), Draft(Assessed.TOWNSHIP, ItemKind.BONUS, Decimal(1), "", "又一项", "附依据")]
    saved = both(
        lambda: assessments.set_items(later, proposal(), by=cast.committee, base=base),
        lambda: assessments.set_items(later, drafts, by=cast.committee_b, base=base),
    )
    assert told(saved) == [200, 409]
    assert later.items.count() in (13, 14) and later.entries.filter(what="items").count() == 1
