"""Every indicator, defined once: boards, rankings, bulletins, the API, the files and the help page all read this table.

Source of the rules: docs/domain.md, section 3 (incidents), 5 (whistles) and 6 (mediation). Petitions, complaints and
hotline calls are no indicator: nothing here counts them against a place or a person (section 9).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.shares import Share

RULES_VERSION: Final = "2"  # goes up whenever what is counted changes; released bulletins say theirs


class Subject(models.TextChoices):
    """Which kind of case an indicator is of."""

    INCIDENT = "incident", _("事件")
    WHISTLE = "whistle", _("吹哨报到")
    MEDIATION = "mediation", _("矛盾调解")


@dataclass(frozen=True, slots=True)
class Sum:
    """Measures added, others taken away (which are always a part of those added)."""

    plus: tuple[str, ...]
    minus: tuple[str, ...] = ()

    @property
    def measures(self) -> frozenset[str]:
        return frozenset((*self.plus, *self.minus))

    def of(self, counts: Mapping[str, int]) -> int:
        """The number by counts of measures; a measure that is not among them is 0."""
        return sum(counts.get(name, 0) for name in self.plus) - sum(
            counts.get(name, 0) for name in self.minus
        )


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure. Without a denominator it is a plain number; `better`: "more", "less", or "" where neither is.

    `offices`, `workers`: whether it is also told of departments and of grid workers.
    """

    code: str
    subject: Subject
    name: Promise
    formula: Promise
    numerator: Sum
    numerator_name: Promise
    source: Promise
    denominator: Sum | None = None
    denominator_name: Promise | None = None
    excluded: Promise | None = None
    better: str = ""
    offices: bool = False
    workers: bool = False

    @property
    def unit(self) -> Promise:
        return _("%") if self.denominator else _("件")

    @property
    def measures(self) -> frozenset[str]:
        rest = self.denominator.measures if self.denominator else frozenset()
        return self.numerator.measures | rest

    def value(self, counts: Mapping[str, int]) -> Value:
        """The figure by counts of measures."""
        below = self.denominator.of(counts) if self.denominator else None
        return Value(self, self.numerator.of(counts), below)


@dataclass(frozen=True, slots=True)
class Value:
    """A figure with what it is made of."""

    indicator: Indicator
    numerator: int
    denominator: int | None

    @property
    def share(self) -> Share | None:
        return None if self.denominator is None else Share(self.numerator, self.denominator)

    def __str__(self) -> str:
        """ "93.72 % (911/972)", or "1,106"."""
        return f"{self.numerator:,}" if self.share is None else str(self.share)


DUE_RULE: Final = _(
    "还在办理、没有到期的不计；到期前已撤销的不计。同一件在一个时段内只计一次。"
    "经同意延期或者挂起的，按顺延后的时限计，另列缓办数。拆分出的任务只看处置，结案只看被拆分的那一件。"
)
CITY_MANAGEMENT: Final = _("数字化城市管理的通行算法（领域规则第 3 节）")
WHISTLES: Final = _("吹哨报到的规则（领域规则第 5 节）")
MINISTRY: Final = _("人民调解统计的分类和算法（领域规则第 6 节）")
WHISTLE_DAY: Final = _("一次吹哨的所有数字都计在启动那一天。")

WHOLE_DUE: Final = Sum(("whole.due",))
RESULTS: Final = Sum(("mediation.succeeded", "mediation.refused", "mediation.failed"))

ALL: Final = (
    Indicator(
        "reports", Subject.INCIDENT, _("上报数"), _("时段内上报的事件"),
        Sum(("reported",)), _("上报"), CITY_MANAGEMENT, workers=True,
        excluded=_("拆分产生的任务不算上报。"),
    ),
    Indicator(
        "valid_report_rate", Subject.INCIDENT, _("有效上报率"), _("有效上报数 ÷ 网格员上报数"),
        Sum(("valid",)), _("已立案或者当场办结的网格员上报"), CITY_MANAGEMENT,
        Sum(("collected",)), _("网格员上报"), better="more", workers=True,
        excluded=_("只看网格员的上报，群众上报的不计；按上报那一天计；不予立案、没有立案就并案的不算有效。"),
    ),
    Indicator(
        "archive_rate", Subject.INCIDENT, _("结案率"), _("结案数 ÷ 应结案数"),
        Sum(("whole.due",), ("whole.undone",)), _("时段内已结案"), CITY_MANAGEMENT,
        WHOLE_DUE, _("时段内到期或者结案"), DUE_RULE, "more",
    ),
    Indicator(
        "on_time_archive_rate", Subject.INCIDENT, _("按期结案率"), _("按期结案数 ÷ 应结案数"),
        Sum(("whole.due",), ("whole.late",)), _("在整体时限内结案"), CITY_MANAGEMENT,
        WHOLE_DUE, _("时段内到期或者结案"), DUE_RULE, "more",
    ),
    Indicator(
        "on_time_handling_rate", Subject.INCIDENT, _("按期处置率"), _("按期处置数 ÷ 应处置数"),
        Sum(("handle.due",), ("handle.late",)), _("在处置时限内反馈"), CITY_MANAGEMENT,
        Sum(("handle.due",)), _("时段内到期或者反馈"), DUE_RULE, "more", offices=True,
    ),
    Indicator(
        "late_handlings", Subject.INCIDENT, _("超期处置数"), _("应处置中没有按期处置的事件"),
        Sum(("handle.late",)), _("超过处置时限"), CITY_MANAGEMENT, excluded=DUE_RULE, better="less", offices=True,
    ),
    Indicator(
        "rework_rate", Subject.INCIDENT, _("返工率"), _("返工的件数 ÷ 应结案数"),
        Sum(("reworked",)), _("时段内被要求返工的事件"), CITY_MANAGEMENT,
        WHOLE_DUE, _("时段内到期或者结案"), _("按件计，同一件多次返工计一次。"), "less",
    ),
    Indicator(
        "reworks", Subject.INCIDENT, _("返工数"), _("时段内被要求返工的事件"),
        Sum(("reworked",)), _("返工"), CITY_MANAGEMENT, better="less", offices=True,
        excluded=_("按件计，同一件多次返工计一次；计在承办单位。"),
    ),
    Indicator(
        "returns", Subject.INCIDENT, _("退回数"), _("时段内被退回的事件"),
        Sum(("returned",)), _("退回"), CITY_MANAGEMENT, offices=True,
        excluded=_("按件计；退回有依据，不作好坏评价。"),
    ),
    Indicator(
        "deferrals", Subject.INCIDENT, _("缓办数"), _("应结案中时限经延期或者挂起顺延的事件"),
        Sum(("whole.moved",)), _("时限顺延过的应结案"), CITY_MANAGEMENT, excluded=DUE_RULE,
    ),
    Indicator(
        "on_spot", Subject.INCIDENT, _("当场办结数"), _("网格员当场办结的事件"),
        Sum(("settled",)), _("当场办结"), CITY_MANAGEMENT, workers=True,
    ),
    Indicator(
        "reopenings", Subject.INCIDENT, _("重办数"), _("归档后申请重办的事件"),
        Sum(("reopened",)), _("重办"), CITY_MANAGEMENT,
        excluded=_("上报人的权利，不作好坏评价，不进入排名和考核。"),
    ),
    Indicator(
        "whistles", Subject.WHISTLE, _("吹哨数"), _("时段内启动的吹哨"),
        Sum(("whistle.sounded",)), _("已启动"), WHISTLES,
        excluded=_("没有启动就撤回的不计；吹得多少不作好坏评价。"),
    ),
    Indicator(
        "arrival_rate", Subject.WHISTLE, _("按时到场率"), _("按时到场的部门数 ÷ 应到场的部门数"),
        Sum(("summons.on_time",)), _("在时限内到场"), WHISTLES,
        Sum(("summons.on_time", "summons.late", "summons.absent")), _("按时、迟到和未到场"),
        _("还在路上的和到场前撤哨的不计。一次吹哨的所有数字都计在启动那一天。"), "more", offices=True,
    ),
    Indicator(
        "missed_arrivals", Subject.WHISTLE, _("没有按时到场数"), _("迟到和未到场的部门数"),
        Sum(("summons.late", "summons.absent")), _("迟到和未到场"), WHISTLES, excluded=WHISTLE_DAY,
        better="less", offices=True,
    ),
    Indicator(
        "struck_off_rate", Subject.WHISTLE, _("销号率"), _("已销号数 ÷ 应销号数"),
        Sum(("whistle.closed",)), _("已销号"), WHISTLES,
        Sum(("whistle.due",)), _("已销号，或者任务、销号已经超期"),
        _("撤哨的和还在进行、没有超期的不计。一次吹哨的所有数字都计在启动那一天。"), "more",
    ),
    Indicator(
        "task_rate", Subject.WHISTLE, _("任务按期完成率"), _("按期完成的任务数 ÷ 已完成或者已到期的任务数"),
        Sum(("task.on_time",)), _("按期完成"), WHISTLES,
        Sum(("task.due",)), _("已完成或者已到期"),
        _("已取消的、没有到期的不计；过期后改期的算过期。一次吹哨的所有数字都计在启动那一天。"), "more", offices=True,
    ),
    Indicator(
        "negative_entries", Subject.WHISTLE, _("负面清单条目数"), _("认定后仍在负面清单的条目"),
        Sum(("negative.standing",)), _("在列"), WHISTLES, better="less", offices=True,
        excluded=_("待认定、不予列入、撤销和已移出的不计。一次吹哨的所有数字都计在启动那一天。"),
    ),
    Indicator(
        "disputes", Subject.MEDIATION, _("受理纠纷数"), _("时段内首次受理的纠纷"),
        Sum(("mediation.received",)), _("受理"), MINISTRY,
    ),
    Indicator(
        "success_rate", Subject.MEDIATION, _("调解成功率"), _("调解成功数 ÷ 有结果的纠纷数"),
        Sum(("mediation.succeeded",)), _("协议生效"), MINISTRY, RESULTS, _("成功、当事人拒绝和调解不成"),
        _("撤回、转有关机关和不予受理的没有调解结果，不计。"), "more",
    ),
    Indicator(
        "performance_rate", Subject.MEDIATION, _("协议履行率"), _("协议已履行数 ÷ 调解成功数"),
        Sum(("mediation.performed",)), _("协议已全部履行"), MINISTRY,
        Sum(("mediation.succeeded",)), _("协议生效"), _("按协议生效那一天计。"), "more",
    ),
    Indicator(
        "confirmations", Subject.MEDIATION, _("司法确认数"), _("经人民法院确认有效的协议"),
        Sum(("mediation.confirmed",)), _("已确认"), MINISTRY, excluded=_("按协议生效那一天计。"),
    ),
)  # fmt: skip
BY_CODE: Final = {one.code: one for one in ALL}
