"""The registers: committees with their mediators, and experts by field. Who keeps which, and what a form checks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from accounts.roles import CENTRE_ROLES, Role
from cases.errors import NotAllowed
from cases.filters import path_of
from cases.widgets import PlaceInput
from grids import clock
from grids.models import Division
from mediation.choices import TIER_OF, Tier
from mediation.fields import DAY, PHONE
from mediation.models import Committee, Docket, Expert
from mediation.tables import expert_fields

if TYPE_CHECKING:  # a form's model is a parameter of its type alone
    CommitteeModelForm = forms.ModelForm[Committee]
    ExpertModelForm = forms.ModelForm[Expert]
else:
    CommitteeModelForm = ExpertModelForm = forms.ModelForm

READERS = (Role.MEDIATOR, *sorted(CENTRE_ROLES), Role.TOWNSHIP_SECRETARY, Role.COMMITTEE)


@dataclass(frozen=True, slots=True)
class CommitteeLine:
    """A committee with its mediators of today."""

    committee: Committee
    tier: str
    mediators: list[str]
    may_edit: bool


def check_reader(post: Post) -> Post:
    """The post, if the registers are for it; raises NotAllowed."""
    if post.role not in READERS or post.division is None:
        raise NotAllowed(_("调解组织名册给调解委员会和综治中心使用。"))
    return post


def _around(post: Post) -> QuerySet[Committee]:
    """The committees of a post's area, and those above it."""
    assert post.division is not None  # `check_reader`
    mine = post.division.heir.prefix
    rows = Committee.objects.select_related("division__parent").order_by("division__prefix")
    return rows.filter(
        pk__in=[
            row.pk
            for row in rows
            if row.division.prefix.startswith(mine) or mine.startswith(row.division.prefix)
        ]
    )


def committees(post: Post) -> list[CommitteeLine]:
    """The committees that a post may know of, the highest tier first, with their mediators."""
    rows = list(_around(check_reader(post)))
    held = Post.objects.held_on(clock.today()).filter(
        role=Role.MEDIATOR, division__in=[row.division_id for row in rows]
    )
    names = defaultdict(list)
    for one in held.select_related("user").order_by("user__name"):
        names[one.division_id].append(one.user.name)
    order = list(Tier)
    rows.sort(key=lambda row: (-order.index(row.tier), row.division.prefix))
    return [
        CommitteeLine(row, str(Tier(row.tier).label), names[row.division_id], may_keep(post, row))
        for row in rows
    ]


def _below(post: Post, committee: Committee) -> bool:
    """Whether a committee lies in the area of a post's centre: a county's does not keep the city's."""
    assert post.division is not None  # a centre's
    return committee.division.prefix.startswith(post.division.heir.prefix)


def may_keep(post: Post, committee: Committee | None) -> bool:
    """Committees are kept by the centre of the county or city; its own window and telephone by a committee too."""
    if post.role == Role.CENTRE:
        return committee is None or _below(post, committee)
    return committee is not None and post.role == Role.MEDIATOR and committee.division_id == post.division_id


class CommitteeForm(CommitteeModelForm):
    """A committee; its own mediators change the window and telephone alone."""

    class Meta:
        model = Committee
        fields = ("name", "letters", "window", "telephone", "closed_on")
        labels = {
            "name": _("名称"), "letters": _("文号用字"), "window": _("接待窗口"), "telephone": _("电话"),
            "closed_on": _("撤销日期"),
        }  # fmt: skip
        help_texts = {"letters": _("卷号“(2026)丰人调字第12号”里的“丰人调”；编过号后不能再改。")}
        widgets = {"closed_on": DAY}

    def __init__(self, *args: Any, by: Post, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["telephone"].validators.append(PHONE)
        if self.instance.pk is None:
            del self.fields["closed_on"]
            self.fields["place"] = forms.CharField(
                label=_("设在哪里"), max_length=15,
                widget=PlaceInput(levels="village,township,county,city", path_of=path_of),
            )  # fmt: skip
        elif by.role != Role.CENTRE:
            for name in ("name", "letters", "closed_on"):
                del self.fields[name]

    def clean_place(self) -> Division:
        found = Division.objects.valid_on(clock.today()).filter(code=self.cleaned_data["place"]).first()
        if found is None or found.level not in TIER_OF:
            raise forms.ValidationError(_("没有找到这个地点，请从列表里选。"))
        assert self.by.division is not None
        if not found.prefix.startswith(self.by.division.heir.prefix):
            raise forms.ValidationError(_("这个地点不在您的岗位范围内。"))
        if Committee.objects.filter(division=found).exists():
            raise forms.ValidationError(_("这里已经设有人民调解委员会。"))
        return found

    def clean_letters(self) -> str:
        letters: str = self.cleaned_data["letters"]
        used = (
            self.instance.pk and Docket.objects.filter(committee=self.instance, serial__isnull=False).exists()
        )
        if used and letters != self.initial["letters"]:
            raise forms.ValidationError(
                _("已经用“%(old)s”编过号，不能再改。") % {"old": self.initial["letters"]}
            )
        return letters

    def save(self, commit: bool = True) -> Committee:
        if self.instance.pk is None:
            self.instance.division = self.cleaned_data["place"]
        return super().save(commit)


# --- experts


def experts(post: Post, field: str = "") -> list[Expert]:
    """The experts that may be invited around a post, of one field or all; those of the past left out."""
    rows = Expert.objects.filter(committee__in=_around(check_reader(post))).select_related("committee")
    if field in expert_fields():
        rows = rows.filter(fields__contains=[field])
    return [row for row in rows if row.until is None or row.until >= clock.today()]


def may_keep_expert(post: Post, expert: Expert | None) -> bool:
    """Each committee keeps its own experts; the centre of the county or city all."""
    if post.role == Role.CENTRE:
        return expert is None or _below(post, expert.committee)
    return post.role == Role.MEDIATOR and (expert is None or expert.committee.division_id == post.division_id)


class ExpertForm(ExpertModelForm):
    """An expert, with at least one field of knowledge."""

    fields_known = forms.MultipleChoiceField(label=_("专业领域"), widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Expert
        fields = ("name", "organisation", "duty", "telephone", "committee", "until")
        labels = {
            "name": _("姓名"), "organisation": _("单位"), "duty": _("职务或者资格"), "telephone": _("单位电话"),
            "committee": _("由哪个调解委员会聘请"), "until": _("聘期到"),
        }  # fmt: skip
        widgets = {"until": DAY}

    def __init__(self, *args: Any, by: Post, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["telephone"].validators.append(PHONE)
        known: Any = self.fields["fields_known"]
        known.choices = [(code, str(row)) for code, row in expert_fields().items()]
        known.initial = self.instance.fields
        own: Any = self.fields["committee"]
        own.queryset = _around(by).filter(closed_on__isnull=True)
        if by.role == Role.MEDIATOR:
            own.queryset = own.queryset.filter(division=by.division)
            own.initial = own.queryset.first()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.instance.fields = data.get("fields_known") or []
        return data
