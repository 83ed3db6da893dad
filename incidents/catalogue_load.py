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
from incidents.category_content import Content, changed_keys, content_of
from incidents.category_services import in_force, propose_from_file
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


def _version(row: CategoryRow) -> Content:
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
    heads: Content = {"name": row.name, "name_en": row.name_en, "source": row.source}
    Category.objects.get_or_create(code=row.code, defaults=heads | {"parent": parent})
    category = Category.objects.select_for_update().get(code=row.code)
    wanted = heads | _version(row)
    current = in_force(category)
    if current is None and not category.versions.exists():
        _first(category, wanted, now)
        result.new += 1
        return
    # Whether a category is in use is decided in the browser; the file says nothing about it.
    wanted["in_use"] = current.in_use if current else True
    if current and not changed_keys(content_of(current), wanted):
        result.same += 1
    elif propose_from_file(category, wanted, reason="目录文件有更新", now=now):
        result.proposed += 1


def _first(category: Category, wanted: Content, now: datetime) -> None:
    """The first version of a category that the catalogue brings is in force at once: there is nothing to change."""
    category.current = CategoryVersion.objects.create(
        category=category,
        number=1,
        state=VersionState.IN_FORCE,
        proposed_at=now,
        decided_at=now,
        **wanted,
    )
    category.save(update_fields=["current"])
