"""When somebody arrived: the two instants of a press, and which of them counts (domain rules, section 5).

At every contact the server gives the page a signed instant. A press on a phone without a line says: my own clock at
the press, corrected to the server's; the signed instant of the last contact; how long ago that was by the phone's
steady clock, which nobody can set. The corrected instant counts when all of it fits together; otherwise the instant
at which the press was received counts.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Final

from django.core import signing

EARTH_RADIUS: Final = 6_371_008.8  # metres, the mean radius of WGS-84
SALT: Final = "whistle.contact"
# A contact older than this says nothing about a phone's clock any more.
CONTACT_COUNTS: Final = timedelta(hours=12)
# Two clocks of one phone and the way of a packet are never nearer than this.
SLACK: Final = timedelta(seconds=5)


def contact(now: datetime) -> str:
    """The server's instant, signed, for a page to keep until its next contact."""
    return signing.dumps(now.timestamp(), salt=SALT)


def _contact_at(token: str, received: datetime) -> datetime | None:
    try:
        at = datetime.fromtimestamp(float(signing.loads(token, salt=SALT)), received.tzinfo)
    except (signing.BadSignature, ValueError, TypeError, OverflowError):
        return None
    return at if received - CONTACT_COUNTS <= at <= received + SLACK else None


def trusted_press(
    pressed: datetime | None,
    token: str,
    elapsed: timedelta | None,
    *,
    summoned: datetime,
    received: datetime,
) -> datetime | None:
    """The corrected instant of a press, or None when it cannot be trusted and the received one counts.

    pressed: the phone's instant corrected by its offset to the server at the last contact. token: the signed
    instant of that contact. elapsed: how long before the press that contact was, by the phone's steady clock,
    which may stand still while the phone sleeps and so can only say "at least so long". A press is trusted when it
    is no earlier than that, no earlier than the summons, and no later than it was received.
    """
    at = _contact_at(token, received)
    if pressed is None or at is None or elapsed is None or elapsed < timedelta(0):
        return None
    if pressed < at + elapsed - SLACK or pressed < summoned or pressed > received + SLACK:
        return None
    return min(pressed, received)


def distance(lat1: float, lng1: float, lat2: float, lng2: float) -> float:
    """Metres between two points in WGS-84 degrees along the great circle (haversine)."""
    north, east = radians(lat2 - lat1) / 2, radians(lng2 - lng1) / 2
    part = sin(north) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(east) ** 2
    return 2 * EARTH_RADIUS * asin(sqrt(part))
