"""Where a history may be made: never where offices work, and not among cases of people who exist."""

from __future__ import annotations

from django.conf import settings

from cases.models import CaseEvent
from incidents.history.furnish import UNCONNECTED


def refusal(*, really: bool) -> str | None:
    """Why no history may be made here; None when it may.

    A case is somebody's own when its first entry was written by an account with a real telephone or none: those of the
    demo and of a history have one that no exchange connects. `really` passes over that, never over the settings.
    """
    if settings.GEZHI_PRODUCTION:
        return "正式部署里不能生成模拟数据 / nothing is made up in an installation for production"
    first = CaseEvent.objects.filter(seq=1).exclude(actor__phone__startswith=UNCONNECTED)
    if not really and first.exists():
        return (
            "库里有不是演示或模拟生成的事项；确实要生成，请加 --really"
            " / there are cases that neither the demo nor a history made; add --really if you mean it"
        )
    return None
