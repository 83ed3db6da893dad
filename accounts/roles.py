"""The eleven roles: where each may be held, and which exclude each other (domain page, section 2)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from grids.models import DivisionLevel


class Role(models.TextChoices):
    """What a post entitles to. A user has no rights beyond the posts held today."""

    GRID_WORKER = "grid_worker", _("网格员")
    VILLAGE_CENTRE = "village_centre", _("村(社区)综治中心")
    TOWNSHIP_CENTRE = "township_centre", _("乡镇(街道)综治中心")
    TOWNSHIP_SECRETARY = "township_secretary", _("乡镇(街道)党(工)委书记")
    CENTRE = "centre", _("市(县)综治中心")
    DEPARTMENT_OFFICER = "department_officer", _("部门人员")
    COMMITTEE = "committee", _("政法委")
    MEDIATOR = "mediator", _("人民调解员")
    SYSTEM_ADMIN = "system_admin", _("系统管理员")
    SECURITY_ADMIN = "security_admin", _("安全管理员")
    AUDIT_ADMIN = "audit_admin", _("审计管理员")


CENTRE_ROLES = frozenset({Role.VILLAGE_CENTRE, Role.TOWNSHIP_CENTRE, Role.CENTRE})
ADMIN_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
CASE_ROLES = frozenset(Role) - ADMIN_ROLES
# The roles that work on matters in the name of their office. A secretary, a committee member or a mediator of
# the same place is not one of its centre's staff.
STAFF_ROLES = CENTRE_ROLES | {Role.GRID_WORKER, Role.DEPARTMENT_OFFICER}

# The levels at which each role's division may lie. Absent: the role has no division of its own.
ROLE_LEVELS: dict[Role, frozenset[DivisionLevel]] = {
    Role.GRID_WORKER: frozenset({DivisionLevel.GRID}),
    Role.VILLAGE_CENTRE: frozenset({DivisionLevel.VILLAGE}),
    Role.TOWNSHIP_CENTRE: frozenset({DivisionLevel.TOWNSHIP}),
    Role.TOWNSHIP_SECRETARY: frozenset({DivisionLevel.TOWNSHIP}),
    Role.CENTRE: frozenset({DivisionLevel.COUNTY, DivisionLevel.CITY}),
    Role.COMMITTEE: frozenset({DivisionLevel.COUNTY, DivisionLevel.CITY}),
    Role.MEDIATOR: frozenset(
        {DivisionLevel.VILLAGE, DivisionLevel.TOWNSHIP, DivisionLevel.COUNTY, DivisionLevel.CITY}
    ),
}


def exclude_each_other(one: Role, other: Role) -> bool:
    """True when no person may hold both roles on one day.

    An administrator post stands alone: not beside another administrator post, of whatever kind, and not beside
    a post that handles cases (三员分立). The database holds the same rule (`post_administrators_apart`).
    """
    return one in ADMIN_ROLES or other in ADMIN_ROLES
