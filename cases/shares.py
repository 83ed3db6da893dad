"""Shares with numerator and denominator: two digits after the point, half up, everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from django.utils.translation import gettext as _

CENT: Final = Decimal("0.01")


def rounded(value: Decimal) -> Decimal:
    """Two digits after the point, half up (银行家 rounding would surprise whoever checks by hand)."""
    return value.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    numerator: int
    denominator: int

    @property
    def percent(self) -> Decimal | None:
        """In per cent; None where there is nothing to divide by."""
        if not self.denominator:
            return None
        return rounded(Decimal(100 * self.numerator) / self.denominator)

    def __str__(self) -> str:
        """ "98.75 % (1,106/1,120)"; a dash where there is nothing to divide by."""
        if self.percent is None:
            return "—"
        return _("%(percent)s %% (%(n)s/%(d)s)") % {
            "percent": self.percent, "n": f"{self.numerator:,}", "d": f"{self.denominator:,}",
        }  # fmt: skip
