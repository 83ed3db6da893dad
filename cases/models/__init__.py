"""The spine that every kind of case shares: the case, its record, its clocks, its papers, its notices."""

from cases.models.case import Case, CaseLink, LinkKind, Part, PartKind, Supervision
from cases.models.deadline import Deadline, DeadlineMark, DeadlinePause, MarkKind, MarkOutcome
from cases.models.notice import Delivery, IdempotencyKey, Notice, SavedFilter
from cases.models.papers import Attachment, Stage
from cases.models.record import CaseEvent, EventText, PersonalValue

__all__ = [
    "Attachment",
    "Case",
    "CaseEvent",
    "CaseLink",
    "Deadline",
    "DeadlineMark",
    "DeadlinePause",
    "Delivery",
    "EventText",
    "IdempotencyKey",
    "LinkKind",
    "MarkKind",
    "MarkOutcome",
    "Notice",
    "Part",
    "PartKind",
    "PersonalValue",
    "SavedFilter",
    "Stage",
    "Supervision",
]
