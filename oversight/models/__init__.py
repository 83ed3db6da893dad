"""What oversight keeps: what is counted, and the papers that are made of it."""

from oversight.models.assessments import (
    AppealState,
    Assessed,
    AssessmentAppeal,
    AssessmentEntry,
    AssessmentItem,
    AssessmentMark,
    AssessmentScore,
    AssessmentSheet,
    AssessmentYear,
    ItemKind,
    YearState,
)
from oversight.models.bulletins import Bulletin, BulletinEntry, BulletinKind, BulletinState
from oversight.models.tallies import Grouping, Span, Stale, Tally, Total

__all__ = [
    "AppealState",
    "Assessed",
    "AssessmentAppeal",
    "AssessmentEntry",
    "AssessmentItem",
    "AssessmentMark",
    "AssessmentScore",
    "AssessmentSheet",
    "AssessmentYear",
    "Bulletin",
    "BulletinEntry",
    "BulletinKind",
    "BulletinState",
    "Grouping",
    "ItemKind",
    "Span",
    "Stale",
    "Tally",
    "Total",
    "YearState",
]
