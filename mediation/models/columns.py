"""Kinds of columns and constraints that the models of mediation share."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q


def known(name: str, field: str, values: list[str]) -> models.CheckConstraint:
    return models.CheckConstraint(name=name, condition=Q(**{f"{field}__in": values}))


def money() -> models.DecimalField[Any, Any]:
    """Yuan and fen."""
    return models.DecimalField(
        max_digits=14, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(Decimal(0))]
    )
