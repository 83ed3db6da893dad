"""Shares: numerator, denominator, two digits, half up."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.shares import Share


@pytest.mark.parametrize(
    ("n", "d", "percent"),
    [(1106, 1120, "98.75"), (1, 3, "33.33"), (2, 3, "66.67"), (1, 800, "0.13"), (3, 800, "0.38"), (0, 7, "0.00"), (7, 7, "100.00"),
     (1, 16, "6.25"), (5, 160_000, "0.00"), (8, 160_000, "0.01")],
)  # fmt: skip
def test_two_digits_half_up(n: int, d: int, percent: str) -> None:
    assert Share(n, d).percent == Decimal(percent)


def test_the_share_is_shown_with_what_it_is_made_of() -> None:
    assert str(Share(1106, 1120)) == "98.75 % (1,106/1,120)"
    assert str(Share(0, 0)) == "—" and Share(0, 0).percent is None


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_it_is_never_off_by_more_than_half_a_digit(n: int, d: int) -> None:
    percent = Share(n, d).percent
    assert percent is not None
    # Half up means: exactly half goes up, so the true value lies in [percent - 0.005, percent + 0.005).
    assert -d <= 2 * (10_000 * n - int(percent * 100) * d) < d
