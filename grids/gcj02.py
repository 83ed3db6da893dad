"""Positions as Gaode and Tencent draw them: WGS-84 shifted by the published formulas (GCJ-02). For display only.

What is stored is always WGS-84. The shift is a few hundred metres (556 m at 晋城); Tianditu needs none.
"""

from __future__ import annotations

from math import cos, pi, sin, sqrt
from typing import Final

# The ellipsoid of Krasovsky 1940, on which the formulas are built.
SEMI_MAJOR_AXIS: Final = 6_378_245.0
ECCENTRICITY_SQUARED: Final = 0.00669342162296594323
WEST, EAST, SOUTH, NORTH = 72.004, 137.8347, 0.8293, 55.8271
_ROUNDS: Final = 3


def to_gcj02(lat: float, lng: float) -> tuple[float, float]:
    """WGS-84 degrees to shifted degrees (latitude, longitude). Outside China nothing is shifted."""
    if not (SOUTH <= lat <= NORTH and WEST <= lng <= EAST):
        return lat, lng
    east, north = _metres(lng - 105.0, lat - 35.0)
    phi = lat / 180.0 * pi
    squeeze = 1 - ECCENTRICITY_SQUARED * sin(phi) ** 2
    per_degree_north = SEMI_MAJOR_AXIS * (1 - ECCENTRICITY_SQUARED) / (squeeze * sqrt(squeeze)) * pi / 180.0
    per_degree_east = SEMI_MAJOR_AXIS / sqrt(squeeze) * cos(phi) * pi / 180.0
    return lat + north / per_degree_north, lng + east / per_degree_east


def from_gcj02(lat: float, lng: float) -> tuple[float, float]:
    """Shifted degrees back to WGS-84, by approach: the shift hardly changes from one street to the next.

    For a tap on a map with shifted tiles. Right to well under a millimetre after three rounds.
    """
    guess_lat, guess_lng = lat, lng
    for _round in range(_ROUNDS):
        shown_lat, shown_lng = to_gcj02(guess_lat, guess_lng)
        guess_lat, guess_lng = guess_lat + lat - shown_lat, guess_lng + lng - shown_lng
    return guess_lat, guess_lng


def _metres(x: float, y: float) -> tuple[float, float]:
    """The shift to the east and to the north, in metres, x and y degrees from 105 E 35 N."""
    ripple = 20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    east += (
        (ripple + _waves(x, (20.0, 1.0), (40.0, 3.0)) + _waves(x, (150.0, 12.0), (300.0, 30.0))) * 2.0 / 3.0
    )
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    north += (
        (ripple + _waves(y, (20.0, 1.0), (40.0, 3.0)) + _waves(y, (160.0, 12.0), (320.0, 30.0))) * 2.0 / 3.0
    )
    return east, north


def _waves(at: float, *waves: tuple[float, float]) -> float:
    """The sum of some waves, each an amplitude in metres and a divisor of the angle."""
    return sum(amplitude * sin(at / divisor * pi) for amplitude, divisor in waves)
