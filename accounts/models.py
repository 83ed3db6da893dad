"""People, the posts they hold, who is on duty, and the record of what administrators did."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.querysets import AdminEventManager, DutyRosterManager, PostManager, UserManager
from accounts.roles import ADMIN_ROLES, Role
from grids.models import Department, Division


class Language(models.TextChoices):
    """The languages of the interface."""

    CHINESE = "zh-hans", "简体中文"
    ENGLISH = "en", "English"


class User(AbstractBaseUser):
    """An account. It carries no right of its own: see Post."""

    username = models.CharField(
        _("用户名"),
        max_length=32,
        unique=True,
        validators=[
            RegexValidator(
                r"\A[a-z0-9][a-z0-9._-]{1,31}\Z",
                _("用户名用2至32个小写字母、数字、点、横线或下划线，以字母或数字开头。"),
            )
        ],
    )
    name = models.CharField(_("姓名"), max_length=40)
    email = models.EmailField(_("电子邮箱"), blank=True)
    phone = models.CharField(
        _("电话"),
        max_length=20,
        blank=True,
        validators=[
            RegexValidator(r"\A\+?[0-9][0-9 -]{4,18}\Z", _("电话只用数字、空格和横线，例如 0795-6400000。"))
        ],
    )
    language = models.CharField(_("语言"), max_length=8, choices=Language.choices, default=Language.CHINESE)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="user_name_lower_case", condition=Q(username__regex=r"^[a-z0-9._-]+$")
            ),
            models.CheckConstraint(name="user_language_known", condition=Q(language__in=Language.values)),
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name


OFFICE_LABELS: dict[str, Promise | str] = {
    Role.GRID_WORKER: _("%(place)s网格员"),
    Role.VILLAGE_CENTRE: _("%(place)s综治中心"),
    Role.TOWNSHIP_CENTRE: _("%(place)s综治中心"),
    Role.TOWNSHIP_SECRETARY: _("%(place)s党委书记"),
    Role.CENTRE: _("%(place)s综治中心"),
    Role.COMMITTEE: _("%(place)s委政法委"),
    Role.MEDIATOR: _("%(place)s人民调解员"),
}
STREET_SECRETARY = _("%(place)s党工委书记")


class Post(models.Model):
    """A role in one division or department, from its first day to its last. Written by `accounts.services`.

    Withdrawn before it began, a post ends on the day before its first: it was never held.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="posts")
    role = models.CharField(max_length=24, choices=Role.choices)
    division = models.ForeignKey(Division, models.PROTECT, null=True, blank=True, related_name="posts")
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="posts")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    is_head = models.BooleanField(default=False)
    is_leader_on_duty = models.BooleanField(default=False)
    acting_for = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="acting_posts")
    given_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = PostManager()

    class Meta:
        indexes = [
            models.Index(fields=["division", "role"], name="post_division_role"),
            models.Index(fields=["department"], name="post_department"),
        ]
        constraints = [
            models.CheckConstraint(name="post_role_known", condition=Q(role__in=Role.values)),
            models.CheckConstraint(
                name="post_place_fits_role",
                condition=Q(role=Role.DEPARTMENT_OFFICER, department__isnull=False, division__isnull=True)
                | Q(role__in=sorted(ADMIN_ROLES), department__isnull=True, division__isnull=True)
                | (
                    ~Q(role__in=[*sorted(ADMIN_ROLES), Role.DEPARTMENT_OFFICER])
                    & Q(department__isnull=True, division__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="post_ends_after_it_starts",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on") - timedelta(days=1)),
            ),
            models.CheckConstraint(
                name="post_acting_has_an_end", condition=Q(acting_for__isnull=True) | Q(ends_on__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.label}"

    @property
    def seat(self) -> tuple[int | None, int | None]:
        """Department and division in which the post sits; administrators sit in neither. See `cases.offices`."""
        return self.department_id, self.division_id

    @property
    def acting(self) -> bool:
        """Held in place of somebody else, for a set time (代理)."""
        return self.acting_for_id is not None

    @property
    def role_label(self) -> str:
        return str(Role(self.role).label)

    @property
    def place_name(self) -> str:
        """The name of the division or department; a grid with its village; empty for administrators."""
        if self.department is not None:
            return self.department.name
        if self.division is None:
            return ""
        if self.role == Role.GRID_WORKER and self.division.parent is not None:
            return f"{self.division.parent.name}{self.division.name}"
        return self.division.name

    @property
    def label(self) -> str:
        """How the post is called: "剑光街道综治中心", with （代理） when acting."""
        pattern = OFFICE_LABELS.get(self.role)
        # A street office (township digits 001 to 099) has a working committee, a town or township a committee.
        if self.role == Role.TOWNSHIP_SECRETARY and self.division and self.division.code[6] == "0":
            pattern = STREET_SECRETARY
        label = str(pattern) % {"place": self.place_name} if pattern else self.place_name or self.role_label
        return str(_("%(post)s（代理）")) % {"post": label} if self.acting else label


class DutyRosterEntry(models.Model):
    """Who answers for a department between two instants, and at which telephone (值班表)."""

    department = models.ForeignKey(Department, models.PROTECT, related_name="duty_roster")
    person = models.ForeignKey(Post, models.PROTECT, related_name="duties")
    deputy = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="deputy_duties")
    telephone = models.CharField(max_length=20)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    objects = DutyRosterManager()

    class Meta:
        verbose_name_plural = "duty roster entries"
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(name="duty_ends_after_it_starts", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="duty_deputy_is_another", condition=Q(deputy__isnull=True) | ~Q(deputy=F("person"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.starts_at:%Y-%m-%d %H:%M}"


class OneTimeLink(models.Model):
    """The right to set a password once. Only the digest of its secret is kept."""

    user = models.ForeignKey(User, models.PROTECT, related_name="one_time_links")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user} {self.expires_at:%Y-%m-%d %H:%M}"


class ApiToken(models.Model):
    """A key to the API, given for a password. Only its digest is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user} {self.expires_at:%Y-%m-%d %H:%M}"


class AdminAction(models.TextChoices):
    """What can stand in the record of administration."""

    USER_CREATED = "user.created", _("新建账号")
    USER_CHANGED = "user.changed", _("修改资料")
    USER_DEACTIVATED = "user.deactivated", _("停用账号")
    USER_REACTIVATED = "user.reactivated", _("恢复账号")
    LINK_ISSUED = "link.issued", _("签发一次性链接")
    PASSWORD_FIRST_SET = "password.first_set", _("凭链接设置密码")
    PASSWORD_CHANGED = "password.changed", _("修改密码")
    TOKEN_ISSUED = "token.issued", _("签发接口令牌")
    POST_GIVEN = "post.given", _("任命岗位")
    POST_ENDED = "post.ended", _("终止岗位")
    POST_HANDED_OVER = "post.handed_over", _("移交岗位")
    ROSTER_ADDED = "roster.added", _("值班排班")
    ROSTER_REMOVED = "roster.removed", _("撤销排班")
    CATEGORY_PROPOSED = "category.proposed", _("提出目录改动")
    CATEGORY_WITHDRAWN = "category.withdrawn", _("撤回目录改动")
    CATEGORY_AGREED = "category.agreed", _("同意目录改动")
    CATEGORY_REFUSED = "category.refused", _("不同意目录改动")


class AdminEvent(models.Model):
    """One entry of the record of administration. Written by `accounts.record.append`; the database refuses change.

    `actor` is empty for what the installation itself did before anybody had an account.
    """

    seq = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField(db_index=True)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=24, choices=AdminAction.choices)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="admin_events")
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="admin_events")
    data = models.JSONField(default=dict)
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    objects = AdminEventManager()

    class Meta:
        ordering = ["seq"]
        constraints = [
            models.CheckConstraint(
                name="admin_event_action_known", condition=Q(action__in=AdminAction.values)
            )
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.action}"

    @property
    def action_label(self) -> str:
        return str(AdminAction(self.action).label)
