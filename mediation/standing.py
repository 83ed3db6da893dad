"""How a dispute stands: its agreement, who has agreed to an attempt, who has signed."""

from __future__ import annotations

from cases.models import Case
from mediation import parties
from mediation.models import (
    Agreement,
    Attempt,
    Party,
)


def agreement_of(case: Case) -> Agreement | None:
    """The agreement that stands, or is being drawn up."""
    rows = Agreement.objects.filter(attempt__docket__case=case).exclude(state="void")
    return rows.select_related("attempt__docket__case").order_by("-pk").first()


def unconsenting(case: Case, attempt: Attempt) -> list[Party]:
    """The parties that have not agreed to an attempt yet."""
    agreed = set(attempt.consents.values_list("party_id", flat=True))
    return [party for party in parties.present(case) if party.pk not in agreed]


def unsigned(case: Case) -> list[Party]:
    """The parties that have not signed the agreement yet."""
    agreement = agreement_of(case)
    signed = set(agreement.signatures.values_list("party_id", flat=True)) if agreement is not None else set()
    return [party for party in parties.present(case) if party.pk not in signed]
