"""The sub-rows of a whistle by their ids, as addresses name them: a summons, a task, an entry of the negative list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from cases.action_views import SubjectOf
from cases.errors import NotFound
from cases.models import Case
from whistle.models import NegativeEntry, Summons, Task


def _one(found: Any) -> Any:
    if found is None:
        raise NotFound(_("没有找到这一项，请刷新页面后再看。"))
    return found


def summons_of(case: Case, pk: int) -> Summons:
    """A summons of a whistle; raises NotFound for an id of no summons or of another whistle's."""
    found: Summons = _one(
        Summons.objects.filter(case=case, pk=pk).with_people().select_related("case").first()
    )
    return found


def task_of(case: Case, pk: int) -> Task:
    """A task of a whistle; raises NotFound."""
    rows = Task.objects.filter(summons__case=case, pk=pk)
    found: Task = _one(rows.select_related("summons__department", "summons__case").first())
    return found


def entry_of(case: Case, pk: int) -> NegativeEntry:
    """An entry of the negative list from a whistle; raises NotFound."""
    rows = NegativeEntry.objects.filter(summons__case=case, pk=pk).with_whistle()
    found: NegativeEntry = _one(rows.first())
    return found


SUBJECTS: Final[Mapping[str, SubjectOf]] = {
    Summons.TABLE: summons_of,
    Task.TABLE: task_of,
    NegativeEntry.TABLE: entry_of,
}
