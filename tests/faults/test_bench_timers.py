"""The measurement of the timers itself, small: it runs to its end, and its last line and exit status say what it found."""

from __future__ import annotations

import pytest

from tests.bench import eta, timers


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundredth of the ends, within a few seconds; the comparison with Celery's own timers has no part in it."""
    monkeypatch.setattr(timers, "CASES", 200)
    monkeypatch.setattr(timers, "ENDS", 100)
    monkeypatch.setattr(timers, "SPREAD", 6.0)
    monkeypatch.setattr(eta, "compare", lambda count: f"not compared: {count}")


@pytest.mark.slow
@pytest.mark.usefixtures("small")
def test_it_measures_and_its_last_line_counts_what_was_lost_and_doubled(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert timers.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "gezhi lost 0 doubled 0"
    assert sum("lag p50" in line and "p99" in line and "max" in line for line in lines) == 2
    assert any("worked off at" in line for line in lines)


@pytest.mark.parametrize("wrong", ["lost", "doubled", "broken"])
def test_whatever_went_wrong_ends_it_with_a_status_of_its_own(wrong: str) -> None:
    assert timers.Count().status == 0
    count = timers.Count(**{wrong: 1})
    assert count.status == 1
    if wrong != "broken":
        assert f"{wrong} 1" in str(count)
