"""The arithmetic of the yearly assessment, against the same said slowly in fractions; the items and what is refused in them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oversight import assessment_items
from oversight.assessment_items import MOST_BONUS, MOST_GIVEN, Draft, faults_of, proposal, sums
from oversight.assessment_scores import Part, of_entries, of_share, ranks, said, total
from oversight.indicators import BY_CODE
from oversight.models import Assessed, ItemKind
from oversight.models.assessments import SHARES

HUNDREDTHS = st.integers(1, 10_000).map(lambda n: Decimal(n) / 100)


def half_up(value: Fraction) -> Decimal:
    """Two digits by whole numbers alone; halves go away from zero, as by hand."""
    cents = abs(value) * 100
    whole = cents.numerator // cents.denominator
    whole += (cents - whole) * 2 >= 1
    return Decimal(whole if value >= 0 else -whole) / 100


@given(st.integers(0, 400), st.integers(0, 300), HUNDREDTHS, st.sampled_from(["more", "less"]))
def test_a_share_attains_its_part_of_the_points(n: int, d: int, points: Decimal, better: str) -> None:
    got = of_share(n, d, points, better=better)
    if d == 0:
        assert got is None
        return
    share = min(Fraction(n, d), Fraction(1))
    assert got == half_up(Fraction(points) * (share if better == "more" else 1 - share))
    assert 0 <= got <= points


@given(st.integers(0, 60), HUNDREDTHS, HUNDREDTHS)
def test_entries_take_away_until_nothing_is_left(n: int, points: Decimal, each: Decimal) -> None:
    left = points
    for _entry in range(n):
        left = left - each if left > each else Decimal(0)
    assert of_entries(n, points, each) == left


PARTS = st.lists(
    st.builds(
        lambda points, part, on_top: Part(points, None if part is None else half_up(Fraction(points) * part / 100), on_top),
        HUNDREDTHS, st.none() | st.integers(0, 100), st.booleans(),
    ), max_size=12,
)  # fmt: skip


@given(PARTS)
def test_what_is_not_judged_is_left_out_and_the_rest_counts_for_the_whole(parts: list[Part]) -> None:
    judged = [part for part in parts if part.score is not None and not part.on_top]
    if not judged:
        assert total(parts) is None
        return
    attained = sum((Fraction(part.score or 0) for part in judged), Fraction())
    whole = sum((Fraction(part.points) for part in judged), Fraction())
    on_top = sum((part.score or Decimal(0) for part in parts if part.on_top), Decimal(0))
    assert total(parts) == half_up(100 * attained / whole) + on_top
    # Neither better nor worse by work that there was not.
    assert total([*parts, Part(Decimal(50), None)]) == total(parts)


@given(st.dictionaries(st.integers(), st.integers(0, 20).map(Decimal), max_size=15))
def test_a_place_is_one_more_than_how_many_are_better(totals: dict[int, Decimal]) -> None:
    found = ranks(totals)
    for key, value in totals.items():
        assert found[key] == 1 + sum(other > value for other in totals.values())


def test_points_are_said_without_empty_zeros() -> None:
    assert [said(Decimal(one)) for one in ("30.00", "100", "12.50", "-0.25", "0.00")] == [
        "30",
        "100",
        "12.5",
        "-0.25",
        "0",
    ]


def test_only_an_offices_own_work_may_be_assessed() -> None:
    """Nothing that citizens bring, report, want or refuse; and of a township not what departments do."""
    never = ("reported", "valid", "reopened", "whistle.", "mediation.")
    for target, codes in SHARES.items():
        for code in codes:
            one = BY_CODE[code]
            assert one.denominator is not None and one.better
            assert not any(measure.startswith(never) for measure in one.measures), code
            assert target == Assessed.TOWNSHIP or one.offices
    assert not any(
        name.startswith(("summons.", "task.", "negative."))
        for code in SHARES[Assessed.TOWNSHIP]
        for name in BY_CODE[code].measures
    )
    every = [(target, code) for target in Assessed for code in BY_CODE if code not in SHARES[target]]
    assert ("township", "reopenings") in every and ("department", "success_rate") in every
    for target, code in every:
        assert "indicator" in faults_of(Draft(target, ItemKind.SHARE, Decimal(10), code)), code


def test_the_proposal_adds_up_and_what_does_not_is_said() -> None:
    assert [one.faults for one in sums(proposal())] == [[], []]
    ten = Decimal(10)
    given = [
        Draft(Assessed.TOWNSHIP, ItemKind.SHARE, Decimal("69.99"), "archive_rate"),
        Draft(Assessed.TOWNSHIP, ItemKind.GIVEN, MOST_GIVEN + Decimal("0.01"), "", "日常", "检查记录"),
        Draft(Assessed.TOWNSHIP, ItemKind.BONUS, MOST_BONUS + 1, "", "加减分", "附依据"),
    ]
    mine, others = sums(given)
    assert mine.whole == 100 and len(mine.faults) == 2
    assert "30.01" in mine.faults[0] and "11" in mine.faults[1] and "合计 0 分" in others.faults[0]
    wrong: list[tuple[Draft, str]] = [
        (Draft(Assessed.TOWNSHIP, ItemKind.GIVEN, ten, "", "信访量", "按月统计"), "name"),
        (Draft(Assessed.TOWNSHIP, ItemKind.GIVEN, ten, "", "群众满意", "12345 工单数"), "purpose"),
        (Draft(Assessed.DEPARTMENT, ItemKind.BONUS, ten, "", "", "依据"), "name"),
        (Draft(Assessed.DEPARTMENT, ItemKind.GIVEN, Decimal(0), "", "配合", "依据"), "points"),
        (Draft(Assessed.DEPARTMENT, ItemKind.NEGATIVE, ten, "negative_entries"), "each"),
        (Draft(Assessed.DEPARTMENT, ItemKind.NEGATIVE, ten, "negative_entries", each=Decimal(11)), "each"),
        (Draft(Assessed.TOWNSHIP, ItemKind.NEGATIVE, ten, "negative_entries", each=Decimal(1)), "indicator"),
        (Draft(Assessed.DEPARTMENT, ItemKind.GIVEN, ten, "archive_rate", "结案率", "手工"), "indicator"),
    ]
    for draft, field in wrong:
        assert field in faults_of(draft), draft


def test_a_proposal_that_makes_no_sense_is_refused(tmp_path: Any, settings: Any) -> None:
    head = "target,kind,indicator,name,purpose,points,each\n"
    (tmp_path / "assessment.csv").write_text(f"{head}township,share,reopenings,,,100,\n", encoding="utf-8")
    settings.GEZHI_OVERSIGHT_TABLES = tmp_path
    assessment_items.proposal.cache_clear()
    try:
        with pytest.raises(ValueError, match="reopenings"):
            proposal()
    finally:
        assessment_items.proposal.cache_clear()
