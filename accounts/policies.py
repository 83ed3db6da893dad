"""Who may administer what (三员分立). Named questions with one answer, asked by services and pages alike."""

from __future__ import annotations

from datetime import date

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.errors import Refused, invalid
from accounts.models import Post, User
from accounts.roles import ADMIN_ROLES, Role
from grids import clock
from grids.models import Department

ONLY_SYSTEM = _("只有系统管理员可以管理账号。")
ONLY_SECURITY = _("只有安全管理员可以任命、终止和移交岗位。")
NOT_ONESELF = _("不能为本人办理，请由另一位管理员办理。")
LAST_ONE = _("这是最后一名该类管理员，请先任命或移交给另一位。")
ONLY_HEAD = _("只有本部门负责人和系统管理员可以排班。")


def holds(user: User, *roles: Role) -> bool:
    """True when the user holds one of these roles today."""
    return user.posts.held_on(clock.today()).filter(role__in=roles).exists()


def require(user: User, role: Role, reason: str | Promise, *, about: User | None = None) -> None:
    """Raises Refused unless the user holds the role today and acts on somebody else."""
    if not holds(user, role):
        raise Refused(reason)
    if about is not None and about.pk == user.pk:
        raise Refused(NOT_ONESELF)


def keep_one_administrator(post: Post, *, until: date | None = None) -> None:
    """Raises Invalid when nobody else would hold this administrator's role after the post's end.

    Without it the last security administrator could be removed, and then no post could ever be given again.
    The caller holds the lock of the record, so two removals at once cannot pass each other.
    """
    if Role(post.role) not in ADMIN_ROLES:
        return
    others = Post.objects.held_on(clock.today()).filter(role=post.role).exclude(pk=post.pk)
    if until is not None:
        others = others.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=until))
    if not others.exists():
        raise invalid("post", LAST_ONE)


def may_edit_roster(user: User, department: Department) -> bool:
    """The department's head, and the system administrator."""
    posts = user.posts.held_on(clock.today())
    return posts.filter(department=department, is_head=True).exists() or holds(user, Role.SYSTEM_ADMIN)
