"""Whoever adds up what is told cannot find a small number that is not."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from oversight.suppression import FEWEST, Untold, untold

tables = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 9), min_size=1)


@given(tables)
def test_no_sum_gives_a_small_number_back(table: dict[str, int]) -> None:
    rows = {key: {"n": number} for key, number in table.items()}
    found = untold(rows)
    small = {key for key, number in table.items() if 0 < number < FEWEST}
    assert small <= found.rows
    if not small:
        assert not found.rows and not found.total
        return
    if found.total:
        return
    # All that a reader knows: what the hidden rows make together, and that one of them goes along.
    hidden = sorted(found.rows)
    together = sum(table[key] for key in hidden)
    possible = [
        values for values in product(range(together + 1), repeat=len(hidden)) if sum(values) == together
    ]
    possible = [values for values in possible if sum(0 < one < FEWEST for one in values) >= len(hidden) - 1]
    for place, key in enumerate(hidden):
        if key in small:
            assert len({values[place] for values in possible}) > 1, (table, key)


@given(st.dictionaries(st.sampled_from("abcdef"), st.just(0) | st.integers(FEWEST, 9), min_size=1))
def test_where_nothing_is_small_everything_is_told(table: dict[str, int]) -> None:
    assert untold({key: {"n": n} for key, n in table.items()}) == Untold()
