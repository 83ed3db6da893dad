"""What the writes of this app raise. Pages and API turn them into answers; nothing is half-saved."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.utils.functional import Promise


class DomainError(Exception):
    """A rule of the domain refuses the change."""


class Refused(DomainError, PermissionDenied):
    """Not this person's to do (403)."""

    def __init__(self, reason: str | Promise) -> None:
        super().__init__(reason)


class Invalid(DomainError):
    """The request does not hold together (422). `errors` maps a field to its reasons; "" is the whole."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(errors)
        self.errors = errors


def invalid(field: str, reason: str | Promise) -> Invalid:
    """The error of one field."""
    return Invalid({field: [str(reason)]})
