"""What the templates of mediation ask for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template

from mediation import payments
from mediation.models import Subsidy
from mediation.tabs import Tab, tabs_for
from mediation.workflow import SUBSIDY_STATES

register = template.Library()


@register.simple_tag(takes_context=True)
def dispute_tabs(context: dict[str, Any]) -> list[Tab]:
    """{% dispute_tabs as tabs %}: the pages of mediation that the post acted under has."""
    post = context["frame"].post
    return tabs_for(post.role) if post is not None else []


@register.filter
def yuan(value: Decimal | None) -> str:
    """{{ line.amount|yuan }}: 1,008,490.00, in yuan and fen; a dash for nothing."""
    return "—" if value is None else f"{value:,.2f}"


@register.filter
def grade_name(row: Subsidy) -> str:
    """{{ subsidy|grade_name }}: the name of its grade."""
    return payments.grade_name(row)


@register.filter
def subsidy_state(row: Subsidy) -> Any:
    """{{ subsidy|subsidy_state }}: where it stands, in words."""
    return SUBSIDY_STATES[row.state]
