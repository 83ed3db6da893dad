"""The catalogue's files into the tables: first versions in force; later differences only ever proposed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from grids import clock
from grids.models import DepartmentKind
from incidents.catalogue import CategoryRow, GroupRow, KindRow, read_catalogue
from incidents.models import Category, CategoryVersion, VersionState

SHIPPED = Path(settings.BASE_DIR) / "data" / "catalogue"


@dataclass
class Loaded:
    """How many rows were new, proposed as changes, or already so."""

    kinds: int = 0
    new: int = 0
    proposed: int = 0
    same: int = 0


def load_catalogue(folder: Path = SHIPPED) -> Loaded:
    """Bring kinds and categories into the tables, all or nothing.

    A category that differs from its version in force gets a proposed version, which a second person of the
    centre has to agree to. Raises CatalogueError naming every bad row.
    """
    found = read_catalogue(folder)
    result = Loaded()
    with transaction.atomic():
        now = clock.now()
        for kind in found.kinds:
            result.kinds += _kind(kind)
        parents = {group.code: _group(group) for group in found.groups}
        for row in found.leaves:
            _leaf(row, parents[row.parent], now, result)
    return result


def _kind(row: KindRow) -> int:
    _kind_row, made = DepartmentKind.objects.get_or_create(
        code=row.code, defaults={"name": row.name, "name_en": row.name_en}
    )
    return int(made)


def _group(row: GroupRow) -> Category:
    values = {"name": row.name, "name_en": row.name_en, "source": row.source}
    return Category.objects.get_or_create(code=row.code, defaults=values)[0]


def _version(row: CategoryRow) -> dict[str, object]:
    """What a version says, as the file has it."""
    return {
        "times": row.times_json(),
        "filing_level": row.filing_level,
        "department_kind_id": row.department_kind or None,
        "department_level": row.department_level,
        "sensitive": row.sensitive,
        "visible_roles": list(row.visible_roles),
        "filing_conditions": row.filing_conditions,
        "closing_conditions": row.closing_conditions,
        "fields": [field.as_json() for field in row.fields],
    }


def _leaf(row: CategoryRow, parent: Category, now: datetime, result: Loaded) -> None:
    values = {"name": row.name, "name_en": row.name_en, "source": row.source, "parent": parent}
    category, made = Category.objects.select_related("current").get_or_create(code=row.code, defaults=values)
    wanted = _version(row)
    if made or category.current is None:
        version = CategoryVersion.objects.create(
            category=category,
            number=1,
            state=VersionState.IN_FORCE,
            proposed_at=now,
            decided_at=now,
            **wanted,
        )
        category.current = version
        category.save(update_fields=["current"])
        result.new += 1
    elif all(getattr(category.current, name) == value for name, value in wanted.items()):
        result.same += 1
    else:
        result.proposed += _propose(category, wanted, now)


def _propose(category: Category, wanted: dict[str, object], now: datetime) -> int:
    """A proposed version, unless one waits already."""
    if category.versions.filter(state=VersionState.PROPOSED).exists():
        return 0
    last = category.versions.order_by("-number").values_list("number", flat=True)[0]
    reason = "目录文件有更新"
    CategoryVersion.objects.create(
        category=category,
        number=last + 1,
        state=VersionState.PROPOSED,
        proposed_at=now,
        reason=reason,
        **wanted,
    )
    return 1
