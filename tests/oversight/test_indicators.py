"""The table of indicators, and the worked check from a real city."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.models import Case, Deadline
from cases.periods import Period
from grids.clock import SHANGHAI
from oversight import figures, indicators, measures, rankings, summaries
from oversight.indicators import BY_CODE
from oversight.rankings import Target
from tests.cast import Cast

pytestmark = pytest.mark.django_db
DECEMBER = Period.of_month(2016, 12)
BEGIN = datetime(2016, 11, 20, 9, 0, tzinfo=SHANGHAI)


def test_every_indicator_is_made_of_measures_that_are_counted() -> None:
    known = set(measures.all_measures())
    for one in indicators.ALL:
        assert one.measures <= known, one.code
        assert (one.denominator is None) == (one.denominator_name is None), one.code
    assert len(BY_CODE) == len(indicators.ALL)


def test_no_office_is_ranked_by_what_citizens_bring_ask_again_or_refuse() -> None:
    """Rejected reports are partly citizens', reopening is their right, and so is refusing mediation."""
    for target in (Target.TOWNSHIP, Target.DEPARTMENT):
        assert not {"valid_report_rate", "reopenings", "success_rate"} & rankings.weights()[target].keys()
    for code in ("reopenings", "whistles", "reports", "returns"):
        assert BY_CODE[code].better == "", code


def test_tianmen_december_2016(cast: Cast) -> None:
    """972 due, 911 archived, 737 on time: 93.72 % and 75.82 % (docs/domain.md, section 3)."""
    due = datetime(2016, 12, 10, 9, 0, tzinfo=SHANGHAI)
    made = [
        Case(
            number=f"TM{n:04d}", kind="incident", title="件", state="archived", place=cast.places.grid,
            place_prefix=cast.places.grid.prefix, office=cast.places.street, opened_at=BEGIN, updated_at=BEGIN,
        )
        for n in range(972 + 24)
    ]  # fmt: skip
    cases = Case.objects.bulk_create(made)
    lives: list[dict[str, Any]] = [{"met_at": due - timedelta(hours=1)}] * 737
    lives += [{"missed_at": due, "met_at": due + timedelta(days=2)}] * (911 - 737)
    lives += [{"missed_at": due}] * (972 - 911)
    lives += [{}] * 24  # open and not yet due
    Deadline.objects.bulk_create(
        Deadline(
            case=case, duty="whole", holder_division=cast.places.street, started_at=BEGIN, amount=20,
            unit="calendar_days", due_at=due if life else due + timedelta(days=40), **life,
        )
        for case, life in zip(cases, lives, strict=True)
    )  # fmt: skip
    list(summaries.rebuild())
    counts = figures.counts(DECEMBER)
    assert str(BY_CODE["archive_rate"].value(counts)) == "93.72 % (911/972)"
    assert str(BY_CODE["on_time_archive_rate"].value(counts)) == "75.82 % (737/972)"
