"""An office: a department or the centre of a division. Duties, parts and the rule of who may close go by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from accounts.models import Post
from accounts.roles import STAFF_ROLES
from grids.models import Department, Division


@dataclass(frozen=True, slots=True)
class Office:
    """Exactly one of the two ids is set."""

    department_id: int | None = None
    division_id: int | None = None

    @classmethod
    def of(cls, thing: Department | Division | Post) -> Self:
        """The office of a department, of a division's centre, or the one a post works for (none: empty)."""
        if isinstance(thing, Department):
            return cls(department_id=thing.pk)
        if isinstance(thing, Division):
            return cls(division_id=thing.heir.pk)  # a merged office's duties are its successor's
        if thing.role not in STAFF_ROLES:
            return cls()
        return cls(department_id=thing.department_id, division_id=thing.division_id)

    @classmethod
    def held(cls, department_id: int | None, division_id: int | None, successor_id: int | None) -> Self:
        """The office of a stored holder; `successor_id` is that of the division, which is looked up only then."""
        if division_id is None or successor_id is None:
            return cls(department_id, division_id)
        return cls.of(Division.objects.get(pk=division_id))

    @property
    def columns(self) -> dict[str, int | None]:
        return {"department_id": self.department_id, "division_id": self.division_id}
