"""The rows of a dispute by their ids, as addresses name them: a party, an attempt, a session, a promise and so on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from cases.action_views import SubjectOf
from cases.errors import NotFound
from cases.models import Case
from mediation.models import Attempt, Confirmation, Party, Promise, Session, Subsidy

# How each row hangs on its dispute, and what is read with it.
WAYS: Final[Mapping[Any, tuple[str, tuple[str, ...]]]] = {
    Party: ("case", ("case",)),
    Attempt: ("docket__case", ("docket__case", "docket__committee")),
    Session: ("case", ("case", "attempt")),
    Promise: ("agreement__attempt__docket__case", ("agreement__attempt__docket__case", "party")),
    Confirmation: ("agreement__attempt__docket__case", ("agreement__attempt__docket__case",)),
    Subsidy: ("case", ("case", "payee__user", "claimed_by__user", "decided_by__user")),
}


def rows_of(model: Any, case: Case) -> Any:
    """The rows of one kind of a dispute, with what their pages read."""
    way, related = WAYS[model]
    return model.objects.filter(**{way: case}).select_related(*related)


def _reader(model: Any) -> SubjectOf:
    def read(case: Case, pk: int) -> Any:
        found = rows_of(model, case).filter(pk=pk).first()
        if found is None:
            raise NotFound(_("没有找到这一项，请刷新页面后再看。"))
        return found

    return read


SUBJECTS: Final[Mapping[str, SubjectOf]] = {model.TABLE: _reader(model) for model in WAYS}
