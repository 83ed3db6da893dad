"""The forms of this app. They read what was typed; the rules are in the services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.errors import Invalid
from accounts.models import AdminAction, DutyRosterEntry, Language, Post, User
from accounts.roles import ROLE_LEVELS, Role
from grids import clock
from grids.models import Department, Division
from grids.querysets import DivisionQuerySet

if TYPE_CHECKING:
    UserForm = forms.ModelForm[User]
    DutyRosterForm = forms.ModelForm[DutyRosterEntry]
    DivisionChoice = forms.ModelChoiceField[Division]
else:  # generic only for the type checker
    UserForm = DutyRosterForm = forms.ModelForm
    DivisionChoice = forms.ModelChoiceField

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
CANDIDATES = 30
"""How many places or people a search offers at most."""


def add_errors(form: forms.BaseForm, error: Invalid) -> None:
    """Puts the reasons of a service beside the fields they name; the rest on top of the form."""
    for field, reasons in error.errors.items():
        for reason in reasons:
            form.add_error(field if field in form.fields else None, reason)


def attempt(form: forms.BaseForm, write: Callable[[dict[str, Any]], object]) -> bool:
    """Hands a valid form's data to a service. False when either of them refuses; the form then holds the reasons."""
    if not form.is_valid():
        return False
    try:
        write(form.cleaned_data)
    except Invalid as error:
        add_errors(form, error)
        return False
    return True


class SignInForm(AuthenticationForm):
    """User name and password. What is wrong is not told apart: neither says whether the account exists."""

    error_messages = {
        "invalid_login": _("用户名或密码不正确。连续%(times)s次不正确，账号将锁定%(minutes)s分钟。"),
        "inactive": _("账号已停用，请联系系统管理员。"),
    }

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        return username.strip().lower()

    def get_invalid_login_error(self) -> forms.ValidationError:
        limits = {"times": settings.AXES_FAILURE_LIMIT, "minutes": lock_minutes()}
        return forms.ValidationError(
            self.error_messages["invalid_login"], code="invalid_login", params=limits
        )


def lock_minutes() -> int:
    """For how long too many wrong passwords lock an account, in minutes."""
    cool_off: timedelta = settings.AXES_COOLOFF_TIME
    return int(cool_off.total_seconds() // 60)


class FirstPasswordForm(forms.Form):
    """A new password, typed twice."""

    password = forms.CharField(
        label=_("新密码"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    again = forms.CharField(
        label=_("再输入一次"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("password") and data.get("again") and data["password"] != data["again"]:
            self.add_error("again", _("两次输入的密码不一致。"))
        return data


class PasswordForm(FirstPasswordForm):
    """The same, with the password used so far."""

    old = forms.CharField(
        label=_("原密码"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    field_order = ["old", "password", "again"]


class ContactForm(UserForm):
    """What a person changes about himself."""

    class Meta:
        model = User
        fields = ["phone", "email"]


class LanguageForm(forms.Form):
    language = forms.ChoiceField(choices=Language.choices)
    next = forms.CharField(required=False)


class NewUserForm(UserForm):
    """An account without a password."""

    class Meta:
        model = User
        fields = ["username", "name", "phone", "email", "language"]

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        return username.strip().lower()


class PlaceField(DivisionChoice):
    """A division among several, told apart by its path."""

    def label_from_instance(self, obj: Division) -> str:
        return f"{obj.path}（{obj.code}）"


class GivePostForm(forms.Form):
    """A post for one person. The place is found by name, code or pinyin initials, then chosen among what fits."""

    role = forms.ChoiceField(label=_("角色"), choices=[("", "—"), *Role.choices])
    place = forms.CharField(
        label=_("区划"),
        required=False,
        help_text=_("名称、代码或拼音首字母，例如 剑光、360981002、jgjd；网格可写“村名 网格名”。"),
    )
    division = PlaceField(
        Division.objects.none(), label=_("选定区划"), required=False, widget=forms.HiddenInput
    )
    department = forms.ModelChoiceField(Department.objects.none(), label=_("部门"), required=False)
    starts_on = forms.DateField(label=_("开始日期"), widget=DATE)
    ends_on = forms.DateField(
        label=_("结束日期（含当天）"), required=False, widget=DATE, help_text=_("留空表示长期。")
    )
    is_head = forms.BooleanField(label=_("单位负责人"), required=False)
    is_leader_on_duty = forms.BooleanField(label=_("带班领导"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = clock.today()
        self.fields["starts_on"].initial = today
        departments = self.fields["department"]
        departments.queryset = Department.objects.valid_on(today).select_related("division")  # type: ignore[attr-defined]
        departments.label_from_instance = department_label  # type: ignore[attr-defined]
        if self.is_bound:
            self.fields["division"].queryset = Division.objects.valid_on(today)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        role, words = data.get("role"), (data.get("place") or "").strip()
        if not role or data.get("division") or not words:
            return data
        found = candidates(Role(role), words)
        if len(found) == 1:
            data["division"] = found[0]
        elif found:
            self._offer(found)
        else:
            self.add_error("place", _("没有找到适合这一角色的区划，请换一个词或写代码。"))
        return data

    def _offer(self, found: list[Division]) -> None:
        """Lets the person choose among several places, instead of guessing."""
        field = self.fields["division"]
        field.widget = forms.RadioSelect()
        field.queryset = Division.objects.filter(  # type: ignore[attr-defined]
            pk__in=[place.pk for place in found]
        ).with_path()
        self.add_error("division", _("找到不止一个，请选定一个。"))


def candidates(role: Role, words: str) -> list[Division]:
    """Divisions of the levels where the role may be held, that match the words; a grid also by its village's name."""
    levels = ROLE_LEVELS.get(role, frozenset())
    places = Division.objects.valid_on(clock.today()).filter(level__in=levels).with_path()
    exact = list(places.filter(code=words))
    if exact:
        return exact
    found = list(places.matching(words).by_pinyin()[:CANDIDATES])
    return found or _with_their_village(places, words)


def _with_their_village(places: DivisionQuerySet, words: str) -> list[Division]:
    """Places each word of which matches their own name or that of the place above: "东路 01网格"."""
    for word in words.split():
        hits = Division.objects.matching(word).values("pk")
        places = places.filter(Q(pk__in=hits) | Q(parent__in=hits))
    return list(places.by_pinyin()[:CANDIDATES])


class EndPostForm(forms.Form):
    on = forms.DateField(label=_("最后一天"), widget=DATE, help_text=_("当天仍可行使；选昨天即立即收回。"))


class PersonField(forms.CharField):
    """An account, by its user name, or by its name where only one person has it."""

    def clean(self, value: Any) -> User:
        words: str = super().clean(value).strip()
        active = User.objects.filter(is_active=True)
        found = list(active.filter(username=words.lower())) or list(active.filter(name=words)[:2])
        if not found:
            raise forms.ValidationError(_("没有这个用户，请写用户名。"))
        if len(found) > 1:
            raise forms.ValidationError(_("同名的不止一人，请写用户名。"))
        return found[0]


class HandOverForm(forms.Form):
    to_user = PersonField(label=_("接任人"), help_text=_("用户名，或不重名的姓名。"))
    on = forms.DateField(
        label=_("移交日期"), widget=DATE, help_text=_("接任人自这一天起任职，原任到前一天止。")
    )


class ActingForm(forms.Form):
    to_user = PersonField(label=_("代理人"), help_text=_("用户名，或不重名的姓名。"))
    starts_on = forms.DateField(label=_("开始日期"), widget=DATE)
    ends_on = forms.DateField(label=_("结束日期（含当天）"), widget=DATE)


class DutyForm(DutyRosterForm):
    """A turn on duty; the persons offered are the department's own."""

    class Meta:
        model = DutyRosterEntry
        fields = ["person", "deputy", "telephone", "starts_at", "ends_at"]
        labels = {
            "person": _("值班人"),
            "deputy": _("副班"),
            "telephone": _("值班电话"),
            "starts_at": _("开始"),
            "ends_at": _("结束"),
        }
        widgets = {
            name: forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
            for name in ("starts_at", "ends_at")
        }

    def __init__(self, *args: Any, department: Department, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = Post.objects.filter(department=department).ending_after(clock.today()).with_places()
        for name in ("person", "deputy"):
            field = self.fields[name]
            field.queryset = staff  # type: ignore[attr-defined]
            field.label_from_instance = person_label  # type: ignore[attr-defined]

    def _post_clean(self) -> None:
        """The service checks; a form that also did would say everything twice."""


def department_label(department: Department) -> str:
    return f"{department.name}（{department.division.name}）"


def person_label(post: Post) -> str:
    return f"{post.user.name} {post.user.phone}".strip()


class PeopleFilter(forms.Form):
    """What the list of people is narrowed to."""

    q = forms.CharField(label=_("姓名、用户名或电话"), required=False)
    role = forms.ChoiceField(label=_("角色"), choices=[("", _("全部")), *Role.choices], required=False)
    place = forms.CharField(label=_("区划或部门"), required=False)
    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=[
            ("", _("全部")),
            ("none", _("没有岗位")),
            ("stopped", _("已停用")),
            ("waiting", _("未设密码")),
        ],
    )


class PostsFilter(forms.Form):
    """What the list of posts is narrowed to."""

    q = forms.CharField(label=_("姓名或用户名"), required=False)
    role = forms.ChoiceField(label=_("角色"), choices=[("", _("全部")), *Role.choices], required=False)
    place = forms.CharField(label=_("区划或部门"), required=False)
    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=[
            ("", _("在任")),
            ("acting", _("代理")),
            ("ending", _("30天内到期")),
            ("coming", _("尚未开始")),
            ("ended", _("已结束")),
        ],
    )


class SignInsFilter(forms.Form):
    """What the list of sign-ins is narrowed to."""

    q = forms.CharField(label=_("用户名"), required=False)
    show = forms.ChoiceField(
        label=_("结果"), required=False, choices=[("", _("成功")), ("failed", _("失败"))]
    )


class AuditFilter(forms.Form):
    """What the record of administration is narrowed to."""

    action = forms.ChoiceField(
        label=_("事项"), choices=[("", _("全部")), *AdminAction.choices], required=False
    )
    q = forms.CharField(label=_("经办人或当事人"), required=False)
    since = forms.DateField(label=_("自"), required=False, widget=DATE)
    until = forms.DateField(label=_("至"), required=False, widget=DATE)
