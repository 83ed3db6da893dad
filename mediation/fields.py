"""How each field that a move of a dispute asks for is made: the page and the API check alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from accounts.roles import CENTRE_ROLES, Role
from cases import fields, personal
from cases.action_form import FieldMaker
from cases.divisions import line
from cases.tables import case_of
from grids import clock
from mediation import choices as c
from mediation import parties, routing
from mediation.models import Expert, Invitation, Party, Session
from mediation.standing import unconsenting, unsigned
from mediation.tables import grades

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
MOMENTS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z", "%Y-%m-%d %H:%M"]
YES_NO = [("yes", _("是")), ("no", _("否"))]
AFTERWARDS = ("settled_on", "applied_on", "visited_on")  # days of what follows from an agreement
PHONE = RegexValidator(r"\A\+?[0-9][0-9 -]{4,18}\Z", _("电话只用数字、空格和横线，例如 0795-6400000。"))


# --- words, days, money


def _line(label: Any, limit: int, help_text: Any = "") -> FieldMaker:
    return lambda thing, by: forms.CharField(label=label, max_length=limit, help_text=help_text)


class PastDay(forms.DateField):
    """Today or a day within the year before."""

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        today = clock.today()
        if day is not None and not today - timedelta(days=366) <= day <= today:
            raise forms.ValidationError(_("请填今天或一年以内的过去日期。"))
        return day


class ComingDay(forms.DateField):
    """Today or a day within the next ten years: promises may run long."""

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        today = clock.today()
        if day is not None and not today <= day <= today + timedelta(days=3660):
            raise forms.ValidationError(_("请填今天起十年以内的日期。"))
        return day


class Moment(forms.DateTimeField):
    """An instant between a year ago and a year ahead."""

    def clean(self, value: Any) -> datetime | None:
        moment: datetime | None = super().clean(value)
        year = timedelta(days=366)
        if moment is not None and not clock.now() - year <= moment <= clock.now() + year:
            raise forms.ValidationError(_("请填前后一年以内的时间。"))
        return moment


def _past(label: Any, help_text: Any = "") -> FieldMaker:
    return lambda thing, by: PastDay(label=label, help_text=help_text, widget=DAY, initial=clock.today)


def _coming(label: Any, help_text: Any = "") -> FieldMaker:
    return lambda thing, by: ComingDay(label=label, help_text=help_text, widget=DAY)


def _moment(label: Any) -> FieldMaker:
    return lambda thing, by: Moment(label=label, widget=MOMENT, input_formats=MOMENTS)


def _money(label: Any, help_text: Any = "") -> FieldMaker:
    return lambda thing, by: forms.DecimalField(
        label=label, help_text=help_text, min_value=0, max_digits=14, decimal_places=2
    )


def _tick(label: Any, help_text: Any = "") -> FieldMaker:
    return lambda thing, by: forms.BooleanField(label=label, help_text=help_text)


def _one_of(label: Any, offered: Iterable[tuple[str, Any]]) -> FieldMaker:
    """One of fixed choices, none of them chosen beforehand: a choice that counts is made by a person."""
    return fields.choices(label, [("", _("请选择")), *((value, name) for value, name in offered if value)])


def _several(label: Any, offered: Iterable[tuple[str, Any]], help_text: Any = "") -> FieldMaker:
    fixed = list(offered)
    return lambda thing, by: forms.MultipleChoiceField(
        label=label, choices=fixed, help_text=help_text, widget=forms.CheckboxSelectMultiple
    )


def _number(label: Any, low: int, high: int, help_text: Any = "", initial: int | None = None) -> FieldMaker:
    return lambda thing, by: forms.IntegerField(
        label=label, min_value=low, max_value=high, help_text=help_text, initial=initial
    )


# --- rows of the dispute


class OneOf(forms.TypedChoiceField):
    """One of some rows, by id. Cleaned value: the row, or None."""

    def __init__(self, rows: Iterable[Any], label_of: Any, **kwargs: Any) -> None:
        self.rows = {str(row.pk): row for row in rows}
        offered = [(pk, label_of(row)) for pk, row in self.rows.items()]
        super().__init__(
            choices=[("", "—"), *offered], coerce=lambda pk: self.rows[pk], empty_value=None, **kwargs
        )


class SomeOf(forms.TypedMultipleChoiceField):
    """Some of the rows, by id, in the order ticked. Cleaned value: a list of rows."""

    def __init__(self, rows: Iterable[Any], label_of: Any, **kwargs: Any) -> None:
        self.rows = {str(row.pk): row for row in rows}
        super().__init__(
            choices=[(pk, label_of(row)) for pk, row in self.rows.items()], coerce=lambda pk: self.rows[pk],
            empty_value=[], widget=forms.CheckboxSelectMultiple, **kwargs,
        )  # fmt: skip


def party_label(party: Party) -> str:
    """A party in a choice: its side and its masked name."""
    kept = personal.standing(party.case).get(parties.field_of(party, "name"), "")
    return f"{c.Side(party.side).label} {personal.mask('name', kept)}".strip()


def _party(label: Any) -> FieldMaker:
    return lambda thing, by: OneOf(parties.present(case_of(thing)), party_label, label=label)


def _parties(label: Any, help_text: Any = "") -> FieldMaker:
    return lambda thing, by: SomeOf(
        parties.present(case_of(thing)), party_label, label=label, help_text=help_text
    )


def _consenting(thing: Any, by: Post | None) -> forms.Field:
    """Those who have not agreed to the attempt yet."""
    case = case_of(thing)
    rows = parties.present(case) if thing is case else unconsenting(case, thing)
    return SomeOf(rows, party_label, label=_("已经同意调解的当事人"))


def _signers(thing: Any, by: Post | None) -> forms.Field:
    """Those whose signature is not recorded yet."""
    return SomeOf(unsigned(case_of(thing)), party_label, label=_("已经签字的当事人"))


def _sides(thing: Any, by: Post | None) -> forms.Field:
    """The sides that the dispute has."""
    there = sorted(set(Party.objects.filter(case=case_of(thing)).values_list("side", flat=True)))
    return forms.TypedMultipleChoiceField(
        label=_("涉及哪几方"), coerce=int, empty_value=[], choices=[(side, c.Side(side).label) for side in there],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("只给勾选的几方看。调查记录和证据没有写谁提供的，必须勾选；写了的，不勾选就只给提供的一方看。"),
    )  # fmt: skip


def _mediators(thing: Any, by: Post | None) -> forms.Field:
    """The committee's mediators who are not excluded; whoever may have an interest is marked."""
    case = case_of(thing)
    out = set(case.exclusions.values_list("post__user", flat=True))
    near = set(parties.near(case))
    rows = [post for post in routing.mediators_of(case.office) if post.user_id not in out]

    def label(post: Post) -> Any:
        return (
            _("%(name)s（与当事人同名或同电话，请核实有无利害关系）") % {"name": post.user.name}
            if (post.user_id in near)
            else post.user.name
        )

    return SomeOf(
        rows, label, label=_("调解员"), initial=[row.post_id for row in routing.assigned(case)],
        help_text=_("勾选的第一位为主持调解员；已回避或被要求更换的不在其中。"),
    )  # fmt: skip


def _mediator(thing: Any, by: Post | None) -> forms.Field:
    rows = routing.mediators_of(case_of(thing).office)
    return OneOf(rows, lambda post: post.user.name, label=_("调解员"))


def _payee(thing: Any, by: Post | None) -> forms.Field:
    """Whoever mediated, but for those who are out of it."""
    case = case_of(thing)
    out = set(case.exclusions.values_list("post", flat=True))
    seen = {
        row.post_id: row.post
        for docket in case.dockets.all()
        for row in docket.assignments.select_related("post__user")
        if row.post_id not in out
    }
    return OneOf(
        seen.values(), lambda post: post.user.name, label=_("领取人"), help_text=_("谁调解，补助谁。")
    )


def _staff(thing: Any, by: Post | None) -> forms.Field:
    """Others who may be asked to come: the committee's mediators, and who watches over the dispute in the offices above."""
    case = case_of(thing)
    roles = [Role.MEDIATOR, *CENTRE_ROLES, Role.TOWNSHIP_SECRETARY]
    held = Post.objects.held_on(clock.today()).filter(role__in=roles, division__in=line(case.place))
    rows = [
        post
        for post in held.select_related("user", "division__parent").order_by("user__name", "pk")
        if post.role != Role.MEDIATOR or post.division_id == case.office_id
    ]
    return SomeOf(rows, lambda post: f"{post.user.name}（{post.label}）", label=_("邀请工作人员"))


def _experts(thing: Any, by: Post | None) -> forms.Field:
    committees = routing.committees_above(case_of(thing).office)
    rows = [
        one
        for one in Expert.objects.filter(committee__in=committees)
        if not one.until or one.until >= clock.today()
    ]
    return SomeOf(rows, str, label=_("邀请专家"), help_text=_("要征得当事人同意。"))


class Names(forms.CharField):
    """One guest a line: name, office and duty. Cleaned value: a list of lines."""

    widget = forms.Textarea(attrs={"rows": 3})

    def clean(self, value: Any) -> Any:
        lines = value if isinstance(value, list) else str(super().clean(value) or "").splitlines()
        found = list(dict.fromkeys(str(line).strip() for line in lines if str(line).strip()))
        if any(len(line) > 80 for line in found) or len(found) > 30:
            raise forms.ValidationError(_("每行一人，最多 30 人，每行最多 80 个字。"))
        if self.required and not found:
            raise forms.ValidationError(_("请至少写一人。"))
        return found


def _names(label: Any, help_text: Any) -> FieldMaker:
    return lambda thing, by: Names(label=label, help_text=help_text)


def guest_label(row: Invitation) -> str:
    """Who is invited, as a choice shows them: parties by side and masked name."""
    if row.party is not None:
        return party_label(row.party)
    if row.post is not None:
        return row.post.user.name
    return str(row.expert) if row.expert is not None else row.named


def _guests(label: Any) -> FieldMaker:
    def make(thing: Any, by: Post | None) -> forms.Field:
        rows: Iterable[Invitation] = ()
        if isinstance(thing, Session):
            rows = thing.invitations.select_related("party", "post__user", "expert")
        return SomeOf(rows, guest_label, label=label)

    return make


def _title(thing: Any, by: Post | None) -> forms.Field:
    return forms.CharField(
        label=_("标题"), max_length=60, help_text=_("写事由，不写当事人姓名，例如“两户宅基地边界纠纷”。")
    )


def _way(thing: Any, by: Post | None) -> forms.Field:
    """Only the ways that are open: three attempts made, and a tier to skip."""
    case = case_of(thing)
    used = routing.failed_at(case, routing.docket_of(case).tier) >= 3
    offered = [
        (way.value, way.label)
        for way in c.Way
        if (way != c.Way.EXHAUSTED or used) and (way != c.Way.SKIPPED or len(routing.higher(case)) > 1)
    ]
    return forms.ChoiceField(label=_("报上级的情形"), choices=offered)


def _grade(thing: Any, by: Post | None) -> forms.Field:
    return forms.ChoiceField(
        label=_("档次"), choices=[(g.code, f"{g}（{g.amount} 元）") for g in grades().values()]
    )


MAKERS: Mapping[str, FieldMaker] = {
    "title": _title,
    "kind": _one_of(_("纠纷类别"), c.Kind.choices),
    "source": fields.choices(_("来源"), c.Source.choices),
    "source_number": _line(_("来源单位的编号"), 60),
    "initiative": fields.choices(_("启动方式"), c.Initiative.choices),
    "brief": fields.text(_("纠纷简要情况"), _("时间、地点、起因、经过和现状。"), 4000),
    "request": fields.text(_("申请事项"), _("希望怎样解决。"), 2000),
    "amount": _money(_("涉及金额（元）")),
    "cross_division": _tick(_("跨区域或者特别重大")),
    "side": lambda thing, by: forms.TypedChoiceField(label=_("哪一方"), choices=c.Side.choices, coerce=int),
    "party_kind": fields.choices(_("当事人"), c.PartyKind.choices),
    "party_name": _line(_("姓名或单位名称"), 60),
    "id_number": _line(_("身份证号或统一社会信用代码"), 18),
    "phone": lambda thing, by: forms.CharField(label=_("电话"), max_length=20, validators=[PHONE]),
    "home": _line(_("住址"), 120),
    "sex": fields.choices(_("性别"), c.Sex.choices),
    "nation": _line(_("民族"), 20),
    "age": _number(_("年龄"), 0, 130),
    "occupation": _line(_("职业或职务"), 60),
    "rep_name": _line(_("代理人姓名"), 60),
    "rep_phone": lambda thing, by: forms.CharField(label=_("代理人电话"), max_length=20, validators=[PHONE]),
    "rep_id_number": _line(_("代理人身份证号"), 18),
    "authority": fields.choices(_("权限"), c.Authority.choices),
    "relation": _line(_("与当事人的关系"), 40),
    "mediators": _mediators,
    "mediator": _mediator,
    "party": _party(_("当事人")),
    "party_of": _party(_("谁提供的")),
    "parties": _parties(_("请哪些当事人到场"), _("不勾选就是全部当事人。")),
    "consenting": _consenting,
    "signers": _signers,
    "staff": _staff,
    "wishing": _parties(_("希望上级调解的当事人"), _("各方都希望的才勾选。")),
    "manner": fields.choices(_("方式"), c.Manner.choices),
    "told_on": _past(_("告知日期")),
    "routes": _several(_("告知的其他途径"), c.Route.choices, _("人民调解法第二十六条。")),
    "starts_at": _moment(_("开始时间")),
    "minutes": _number(_("预计时长（分钟）"), 5, 600, initial=60),
    "where": _line(_("地点"), 120),
    "public": _tick(_("公开进行"), _("当事人要求公开的才勾选。")),
    "matter": _line(_("会商事项"), 200),
    "members": _names(_("参加会商的成员"), _("每行一人：姓名、单位、职务。")),
    "guests": _names(_("其他受邀人员"), _("每行一人；亲属、邻居、同事等要征得当事人同意。")),
    "experts": _experts,
    "invited": _guests(_("已经告知")),
    "present": _guests(_("到场人员")),
    "held_from": _moment(_("实际开始")),
    "held_until": _moment(_("实际结束")),
    "record": fields.text(_("会议记录"), "", 20000),
    "outcome": _one_of(_("会议结果"), c.SessionOutcome.choices),
    "form": fields.choices(_("协议形式"), c.AgreementForm.choices),
    "facts": fields.text(_("主要事实"), "", 4000),
    "issues": fields.text(_("争议事项和各方责任"), "", 2000),
    "content": fields.text(_("协议内容"), "", 6000),
    "performance": _line(_("履行方式"), 200),
    "term": _line(_("履行期限"), 200),
    "total": _money(_("协议涉及金额（元）")),
    "copies": _number(_("份数"), 2, 20, initial=3),
    "what": _line(_("约定做什么"), 300),
    "due_on": _coming(_("履行到哪一天"), _("到这一天结束为止。")),
    "signed_on": _past(_("签字日期")),
    "sealed_on": _past(_("盖章日期")),
    "settled_on": _past(_("日期")),
    "advice": _several(_("建议当事人"), c.Advice.choices),
    "all_agree": _tick(_("各方当事人都同意")),
    "jointly": _tick(_("各方当事人共同申请")),
    "applied_on": _past(_("申请日期")),
    "court": _line(_("法院"), 80),
    "court_on": _past(_("日期")),
    "ruling": _line(_("裁定书编号"), 60),
    "visited_on": _past(_("回访日期")),
    "performed": lambda thing, by: forms.ChoiceField(label=_("协议已全部履行"), choices=YES_NO, widget=forms.RadioSelect),
    "satisfaction": _one_of(_("当事人是否满意"), c.Satisfaction.choices),
    "words": fields.text(_("内容"), "", 20000),
    "way": _way,
    "body": _line(_("转到哪个机关"), 80),
    "days": _number(_("延长天数"), 1, 30),
    "agreed_on": _past(_("同意日期")),
    "colour": _one_of(_("颜色"), c.Colour.choices),
    "look_on": _coming(_("哪天再看")),
    "material": _one_of(_("材料种类"), c.MaterialKind.choices),
    "on": _past(_("日期")),
    "sides": _sides,
    "keep_years": lambda thing, by: forms.TypedChoiceField(label=_("保管期限"), choices=c.KeepTerm.choices, coerce=int),
    "grade": _grade,
    "payee": _payee,
    "paid_on": _past(_("发放日期")),
    "target": fields.target(_("事项编号"), "incident", "mediation", "whistle"),
    "reason": fields.text(_("理由")),
    "note": fields.text(_("说明")),
    "instruction": fields.text(_("批示内容")),
    "documents": fields.files(_("扫描件或照片（PDF、DOCX、XLSX 或图片）"), picture_only=False),
}  # fmt: skip
