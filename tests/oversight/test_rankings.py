"""Rankings: the weighted mean by hand, ties, and who is not ranked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cases.periods import FOREVER, Period
from oversight import rankings, summaries
from oversight.figures import Slice
from oversight.indicators import BY_CODE
from oversight.rankings import Target, score
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_the_score_is_the_weighted_mean_of_what_has_a_denominator() -> None:
    on_time = BY_CODE["on_time_archive_rate"].value({"whole.due": 10, "whole.late": 2})  # 0.8
    rework = BY_CODE["rework_rate"].value({"whole.due": 10, "reworked": 1})  # 0.1, better low: 0.9
    nothing = BY_CODE["success_rate"].value({})
    assert score([(on_time, 30), (rework, 10), (nothing, 60)]) == Decimal("82.50")
    assert score([(nothing, 60)]) is None


def test_the_weights_name_shares_that_are_better_high_or_low() -> None:
    for target, weights in rankings.weights().items():
        assert weights and all(BY_CODE[code].better and BY_CODE[code].denominator for code in weights), target


@pytest.mark.parametrize("line", ["township,reports,10", "township,archive_rate,0", "township,nonsense,10"])
def test_a_weight_that_makes_no_sense_is_refused(line: str, tmp_path: Any, settings: Any) -> None:
    (tmp_path / "ranking.csv").write_text(f"target,indicator,weight\n{line}\n", encoding="utf-8")
    settings.GEZHI_OVERSIGHT_TABLES = tmp_path
    rankings.weights.cache_clear()
    try:
        with pytest.raises(ValueError, match="ranking"):
            rankings.weights()
    finally:
        rankings.weights.cache_clear()


def ranked(
    monkeypatch: pytest.MonkeyPatch, counts: dict[str, tuple[int, int]], cast: Cast
) -> list[tuple[int | None, str]]:
    """Ranks of townships whose (due, late) are given."""
    told = {
        key: (key, {"whole.due": due, "whole.late": late}, Slice(FOREVER))
        for key, (due, late) in counts.items()
    }
    monkeypatch.setitem(rankings._COUNTED, Target.TOWNSHIP, lambda _period, _place: told)
    return [(line.rank, line.label) for line in rankings.make(Target.TOWNSHIP, FOREVER, cast.places.city)]


def test_ties_share_a_place_and_too_few_make_none(monkeypatch: pytest.MonkeyPatch, cast: Cast) -> None:
    found = ranked(
        monkeypatch, {"a": (10, 1), "b": (20, 2), "c": (10, 0), "d": (10, 5), "e": (1, 0), "f": (0, 0)}, cast
    )
    assert found == [(1, "c"), (2, "a"), (2, "b"), (4, "d"), (None, "e"), (None, "f")]


def test_the_real_rankings_have_everybody(lively: list[Period], cast: Cast) -> None:
    summaries.refresh_all()
    townships = rankings.make(Target.TOWNSHIP, FOREVER, cast.places.city)
    assert [line.label for line in townships] == ["剑光街道", "小港镇"]
    assert townships[0].rank == 1 and townships[1].rank is None
    departments = {line.label for line in rankings.make(Target.DEPARTMENT, FOREVER, cast.places.city)}
    assert {"剑光街道城管站", "丰城市城市管理局", "丰城市公安局"} <= departments
    workers = rankings.make(Target.WORKER, FOREVER, cast.places.city)
    assert any("网格员甲" in line.label for line in workers)
