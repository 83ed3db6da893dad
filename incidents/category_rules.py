"""The rules of a category's single values, each written once: for the catalogue's files and for the browser.

Pure: no database. The rules that compare times with each other are `catalogue.faults_in_times`; those of extra
fields are in `fieldspec`. Every function gives reasons in words, an empty list when the value is sound.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from django.utils.translation import gettext as _

from accounts.roles import CASE_ROLES, Role
from grids.wording import listed

DEPARTMENT_LEVELS: Final = ("township", "city")
FILING_ROLES: Final = {
    "village": Role.VILLAGE_CENTRE,
    "township": Role.TOWNSHIP_CENTRE,
    "city": Role.CENTRE,
}
# The longest each text may be, in characters.
LIMITS: Final = {
    "name": 40,
    "name_en": 80,
    "source": 200,
    "filing_conditions": 300,
    "closing_conditions": 300,
}
REASON_LIMIT: Final = 300
OURS: Final = "ours"
_HAN = re.compile(r"[\u3400-\u9fff]")


def faults_in_text(value: str, limit: int, *, required: bool) -> list[str]:
    """A text of at most `limit` characters."""
    faults = [_("不能为空")] if required and not value else []
    if len(value) > limit:
        faults.append(_("超过 %(limit)s 个字") % {"limit": limit})
    return faults


def faults_in_english_name(value: str) -> list[str]:
    """The English name has its own words."""
    return [] if value and not _HAN.search(value) else [_("缺少英文名称")]


def fault_in_choice(value: str, allowed: Collection[str]) -> list[str]:
    """A value from a closed list."""
    return [] if value in allowed else [_("没有“%(value)s”这个值") % {"value": value}]


def faults_in_choices(values: Collection[str], allowed: Collection[str]) -> list[str]:
    """Values from a closed list, each named once."""
    faults = [fault for value in values for fault in fault_in_choice(value, allowed)]
    if len(set(values)) < len(values):
        faults.append(_("同一个值写了两次"))
    return faults


def faults_in_visible_roles(roles: Collection[str], *, sensitive: bool, filing_level: str) -> list[str]:
    """Who sees a sensitive category: whoever files it and whoever handles it must be among them."""
    if not sensitive:
        return [_("不是敏感类别，不填可见角色")] if roles else []
    needed = {Role.DEPARTMENT_OFFICER}
    if filing_level in FILING_ROLES:
        needed.add(FILING_ROLES[filing_level])
    missing = needed - set(roles)
    if not missing:
        return []
    return [_("可见角色缺少：%(roles)s") % {"roles": listed(r.label for r in sorted(missing))}]


def known_roles() -> list[str]:
    """The roles that a sensitive category may name."""
    return sorted(CASE_ROLES)


def fault_in_department_level(level: str, levels_with_office: Collection[str]) -> list[str]:
    """The township, or for "city" the city or the county, has an office of the kind named."""
    wanted = ("township",) if level == "township" else ("city", "county")
    return [] if any(one in levels_with_office for one in wanted) else [_("这一层级没有这类部门")]


def fault_in_code(code: str, parent: str) -> list[str]:
    """A small category's code: four digits, the first two its large category's."""
    if not re.fullmatch("[0-9]{4}", code):
        return [_("代码“%(value)s”的格式不对") % {"value": code}]
    return [] if code[:2] == parent else [_("小类代码的前两位应是大类代码")]
