"""Sharing a fund in proportion to scores, to the fen, so that nothing is left over and nothing is missing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

FEN = 100  # in a yuan


def shared(fund: Decimal, scores: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """What each gets of a fund in yuan: whole fen in proportion to its score, what cannot be divided by the largest
    remainder.

    The sum is exactly the fund; a higher score never gets less. Equal remainders go by key, so that the order in which
    the scores come changes nothing. Raises ValueError for a fund that is not some whole fen, for a score below 0, and
    where no score is above 0.
    """
    fen = Fraction(fund) * FEN
    whole = sum((Fraction(score) for score in scores.values()), Fraction(0))
    if fen <= 0 or fen.denominator != 1 or whole <= 0 or min(scores.values()) < 0:
        raise ValueError(f"{fund} yuan cannot be shared by these {len(scores)} scores")
    exact = {key: fen * Fraction(score) / whole for key, score in scores.items()}
    found = {key: int(part) for key, part in exact.items()}
    left = int(fen) - sum(found.values())
    for key in sorted(exact, key=lambda key: (found[key] - exact[key], key))[:left]:
        found[key] += 1
    return {key: Decimal(number).scaleb(-2) for key, number in found.items()}
