"""What oversight keeps: what is counted, and the papers that are made of it."""

from oversight.models.bulletins import Bulletin, BulletinEntry, BulletinKind, BulletinState
from oversight.models.tallies import DayTotal, Grouping, Stale, Tally

__all__ = [
    "Bulletin",
    "BulletinEntry",
    "BulletinKind",
    "BulletinState",
    "DayTotal",
    "Grouping",
    "Stale",
    "Tally",
]
