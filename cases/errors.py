"""What can go wrong with a case, in words for people. One place turns these into answers (pages and API)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise


class CaseError(Exception):
    """Base: `code` is stable for programs, `message` is for people, `status` is the HTTP answer."""

    status = 400
    code = "bad_request"

    def __init__(self, message: str | Promise, *, code: str | None = None) -> None:
        super().__init__(str(message))
        self.message = message
        self.code = code or self.code


class NotFound(CaseError):
    """Outside one's scope: told the same way as a case that does not exist."""

    status = 404
    code = "not_found"


class NotAllowed(CaseError):
    """Not this post's to do."""

    status = 403
    code = "not_allowed"


class ReasonFirst(NotAllowed):
    """Asks for the reason for which personal values are looked at; `where` is the page that takes it."""

    code = "reason_first"

    def __init__(self, message: str | Promise, *, where: str) -> None:
        super().__init__(message)
        self.where = where


class WrongState(CaseError):
    """The case has moved on; `state` is where it stands now."""

    status = 409
    code = "wrong_state"

    def __init__(self, message: str | Promise, *, state: str, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.state = state


class Incomplete(CaseError):
    """Something is missing or wrong in what was sent; `errors` maps each field to its messages.

    `extra` are facts for programs that go with the refusal, such as what is offered instead.
    """

    status = 422
    code = "incomplete"

    def __init__(
        self,
        message: str | Promise,
        *,
        errors: dict[str, list[str]],
        code: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, code=code)
        self.errors = errors
        self.extra = dict(extra or {})
