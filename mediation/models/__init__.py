"""Mediation (人民调解): committees and their numbers, disputes and their parties, attempts, sessions, agreements.

Where a dispute stands and who has it are its case's; names, identity numbers, telephones and addresses are personal
values of the case (`cases.personal`), and no column here holds one.
"""

from mediation.models.agreements import (
    Agreement,
    Confirmation,
    Promise,
    RoutesNotice,
    Signature,
    Visit,
    last_day_to_confirm,
)
from mediation.models.attempts import Attempt, Consent
from mediation.models.committees import Committee, Expert, Serial
from mediation.models.dispute import Docket, Mediation
from mediation.models.meetings import CalendarFeed, Invitation, Session
from mediation.models.papers import Material, PaperTemplate
from mediation.models.people import Assignment, Exclusion, Party, Representative
from mediation.models.subsidies import Subsidy

__all__ = [
    "Agreement",
    "Assignment",
    "Attempt",
    "CalendarFeed",
    "Committee",
    "Confirmation",
    "Consent",
    "Docket",
    "Exclusion",
    "Expert",
    "Invitation",
    "Material",
    "Mediation",
    "PaperTemplate",
    "Party",
    "Promise",
    "Representative",
    "RoutesNotice",
    "Serial",
    "Session",
    "Signature",
    "Subsidy",
    "Visit",
    "last_day_to_confirm",
]
