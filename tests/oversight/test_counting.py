"""The sums that boards show are those of the record: against a plain recomputation, step by step and from nothing."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Count, Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import events, ringing
from cases.models import Case, Deadline, DeadlinePause
from cases.periods import FOREVER, Period
from grids.clock import SHANGHAI, local_day
from oversight import measures, summaries
from oversight.models import Grouping, Span, Stale, Tally, Total
from oversight.querysets import counts_in
from tests.cast import Cast
from tests.incidents import moves
from tests.oversight import plain
from tests.oversight.plain import Counted

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 30, 9, 0, tzinfo=SHANGHAI)  # lives of a week that lie in two months
MARCH, APRIL = Period.of_month(2026, 3), Period.of_month(2026, 4)
MONTHS = (MARCH, APRIL, Period(MARCH.first, APRIL.last))


def kept(period: Period) -> Counted:
    """What the tallies say of a period."""
    rows = Tally.objects.counting_in(period).values_list("measure", "who").annotate(n=Count("pk"))
    return Counter({(measure, who): n for measure, who, n in rows})


def summed(period: Period, grouping: str, span: str) -> Counter[str]:
    rows = Total.objects.filter(counts_in(period), span=span, grouping=grouping)
    return Counter(dict(rows.values_list("measure").annotate(n=Sum("number"))))


def assert_equal(period: Period) -> None:
    said = plain.counted(period)
    assert kept(period) == said
    matters = Counter({measure: n for (measure, who), n in said.items() if not who})
    offices: Counter[str] = Counter()
    for (measure, who), n in said.items():
        if who[:1] in ("d", "o"):
            offices[measure] += n
    for span in (Span.DAY, Span.MONTH) if period.months else (Span.DAY,):
        for grouping in (Grouping.AREA, Grouping.TOWNSHIP, Grouping.CATEGORY):
            assert summed(period, grouping, span) == matters, (grouping, span)
        assert summed(period, Grouping.OFFICE, span) == offices, span


# --- random duties of random lives

hours = st.integers(0, 24).map(lambda n: 6 * n)  # coarse: several on one day are common
ends: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    duty=st.sampled_from(["whole", "handle"]),
    office=st.sampled_from(["station", "urban"]),
    due=hours,
    missed=st.booleans(),
    met=st.none() | hours,
    extra=st.sampled_from([0, 0, 3]),
    paused=st.booleans(),
)
entries = st.tuples(
    st.sampled_from([*measures.VERBS, *measures.VALID_BY]),
    st.sampled_from(["worker", "worker_b", "township", "station"]),
    hours,
)
lives = st.tuples(st.lists(ends, max_size=5), st.lists(entries, max_size=5))
spans = st.tuples(st.integers(-2, 8), st.integers(0, 5))
Life = tuple[list[dict[str, Any]], list[tuple[str, str, int]]]


def live(case: Case, cast: Cast, life: Life) -> None:
    duties, entries = life
    write(case, cast, duties)
    for verb, who, hour in entries:
        at = START + timedelta(hours=hour)
        events.append(case, verb, by=getattr(cast, who), at=at, cause=uuid.uuid4())
        if verb == "incident.reworked":
            begun = {"duty": "handle", "office": "station", "due": hour + 30, "missed": False, "met": None}
            write(case, cast, [begun | {"extra": 0, "paused": False, "started": at}])


def write(case: Case, cast: Cast, rows: list[dict[str, Any]]) -> None:
    """Duties as the engine leaves them: missed at their own end, met on time or after it, or fallen away."""
    for row in rows:
        due = START + timedelta(hours=row["due"])
        met = START + timedelta(hours=row["met"]) if row["met"] is not None else None
        missed = due if row["missed"] or (met is not None and met >= due) else None
        if met is not None and missed is not None:
            met = max(met, due)
        deadline = Deadline.objects.create(
            case=case,
            duty=row["duty"],
            holder_department=getattr(cast.departments, row["office"]),
            started_at=row.get("started", START),
            amount=1,
            unit="calendar_days",
            extra=row["extra"],
            due_at=due,
            missed_at=missed,
            met_at=met,
            cancelled_at=None if met else due,
        )
        if row["paused"]:
            DeadlinePause.objects.create(deadline=deadline, from_at=START, until_at=due)


@given(first=st.lists(lives, min_size=1, max_size=3), span=spans, second=lives)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_lives_count_as_the_plain_rules_say(
    first: list[Life], span: tuple[int, int], second: Life, cast: Cast, new_case: Any
) -> None:
    begin = local_day(START) + timedelta(days=span[0])
    period = Period(begin, begin + timedelta(days=span[1]))
    with transaction.atomic():
        cases = [new_case() for _life in first]
        for case, life in zip(cases, first, strict=True):
            live(case, cast, life)
        summaries.refresh_all()
        for asked in (period, *MONTHS):
            assert_equal(asked)
        # One of them goes on living: the sums change by the difference.
        live(cases[0], cast, second)
        Stale.objects.create(case=cases[0])
        assert summaries.refresh_all() == 1
        for asked in (period, *MONTHS):
            assert_equal(asked)
        assert list(summaries.differences()) == []
        transaction.set_rollback(True)


# --- lives by the real engine


def test_real_lives_count_as_the_plain_rules_say(
    lively: list[Period], new_case: Any, cast: Cast, clock: Any
) -> None:
    split = moves.filed(new_case(), cast)
    work = {"station": "清运垃圾", "police": "疏导交通"}
    tasks = [{"department": getattr(cast.departments, one).pk, "task": task} for one, task in work.items()]
    moves.do(split, "split", cast.township, tasks=tasks)
    clock.forward(days=40)  # the tasks and the whole of the matter become overdue
    ringing.ring_all()
    summaries.refresh_all()
    whole = {"measure": "whole.due", "who": "", "day__gte": local_day(split.opened_at)}
    children = Case.objects.unscoped().filter(links_out__target=split)
    assert Tally.objects.filter(case=split, **whole).count() == 1 and children.count() == 2
    assert not Tally.objects.filter(case__in=children, measure__startswith="whole").exists()
    assert Tally.objects.filter(case__in=children, measure="handle.late", who="").count() == 2
    for period in lively:
        assert_equal(period)
    names = {measure for measure, _who in plain.counted(FOREVER)}
    assert {"handle.late", "reworked", "returned", "settled", "summons.absent", "mediation.refused"} <= names
    assert names <= set(measures.all_measures())
    assert list(summaries.differences()) == []


def test_from_nothing_comes_the_same(lively: list[Period]) -> None:
    summaries.refresh_all()
    before = kept(FOREVER)
    Tally.objects.all().delete()
    Total.objects.all().delete()
    assert {found.what for found in summaries.differences()} == {"missing"}
    steps = list(summaries.rebuild())
    assert steps[-1][0] == steps[-1][1] == len(summaries.ranges()) + 1
    assert kept(FOREVER) == before
    assert list(summaries.differences()) == []
    assert not Stale.objects.exists()


def test_what_was_changed_by_hand_is_found(lively: list[Period]) -> None:
    summaries.refresh_all()
    Tally.objects.filter(measure="reported").first().delete()  # type: ignore[union-attr]
    Total.objects.filter(grouping="office").update(number=77)
    found = list(summaries.differences())
    assert {one.what for one in found} == {"missing", "too many"}
