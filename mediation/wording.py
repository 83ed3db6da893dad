"""What entries of a dispute's record say: how each of their data is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Post
from cases import facts
from cases.facts import Fact, FactTable, Glossary, Writer
from cases.models import CaseEvent
from cases.words import when
from grids.wording import listed
from mediation import choices as c
from mediation.fields import MAKERS
from mediation.tables import grades, papers

NUMBERS: Final = ("came_from", "target", "same_parties")


def numbers_in(event: CaseEvent) -> Collection[str]:
    """Which of an entry's data are numbers of other cases."""
    return NUMBERS


def names_in(events: list[CaseEvent]) -> Mapping[str, str]:
    """The people that the entries mention, by their ids."""
    posts: set[int] = set()
    for event in events:
        posts |= {event.data[name] for name in ("mediator", "payee") if event.data.get(name)}
        posts |= set(event.data.get("mediators") or [])
    return {f"post:{p.pk}": p.user.name for p in Post.objects.filter(pk__in=posts).select_related("user")}


def _posts(label: Any) -> Writer:
    def write(event: CaseEvent, value: Any, glossary: Glossary) -> list[Fact]:
        ids = value if isinstance(value, list) else [value]
        return [Fact(label, listed(glossary.names.get(f"post:{pk}", str(pk)) for pk in ids))]

    return write


def _day(label: Any) -> Writer:
    def write(event: CaseEvent, value: Any, glossary: Glossary) -> list[Fact]:
        return [Fact(label, when(date.fromisoformat(str(value))))]

    return write


def _redated(event: CaseEvent, value: Any, glossary: Glossary) -> list[Fact]:
    old = event.data.get("old")
    was = when(date.fromisoformat(old)) if old else ""
    return [Fact(_("履行到哪一天"), when(date.fromisoformat(value)), was)]


def _instant(label: Any) -> Writer:
    def write(event: CaseEvent, value: Any, glossary: Glossary) -> list[Fact]:
        return [Fact(label, when(datetime.fromisoformat(str(value))))]

    return write


def _names(label: Any, names: Mapping[Any, Any]) -> Writer:
    def write(event: CaseEvent, value: Any, glossary: Glossary) -> list[Fact]:
        values = value if isinstance(value, list) else [value]
        return [Fact(label, listed(str(names.get(one, one)) for one in values))]

    return write


def _colour(event: CaseEvent, value: Any, glossary: Glossary) -> list[Fact]:
    names, old = dict(c.Colour.choices), event.data.get("old")
    return [Fact(_("颜色"), str(names.get(value, value)), str(names.get(old, old)) if old else "")]


def _money(event: CaseEvent, value: Any, glossary: Glossary) -> list[Fact]:
    return [Fact(_("金额"), _("%(n)s 元") % {"n": f"{Decimal(value):,.2f}"})]


def _changed(event: CaseEvent, value: Any, glossary: Glossary) -> list[Fact]:
    return [Fact(_("改了"), listed(str(MAKERS[name](None, None).label) for name in value))]


def _same_parties(event: CaseEvent, value: Any, glossary: Glossary) -> list[Fact]:
    """Numbers and kinds, of those disputes alone that the reader may see."""
    kinds = zip(value, event.data.get("same_kinds", []), strict=False)
    seen = [f"{number} {c.Kind(kind).label}" for number, kind in kinds if number in glossary.numbers]
    return [Fact(_("相同当事人的纠纷"), listed(seen))] if seen else []


def _paper(event: CaseEvent, value: Any, glossary: Glossary) -> list[Fact]:
    row = papers().get(str(value).partition("-")[0])
    form = str(event.data.get("format", "")).upper()
    return [Fact(_("文书"), f"{row if row is not None else _('整卷')} {form}".strip())]


WRITERS: Final[dict[str, Writer]] = {
    "came_from": facts.case_numbers(gettext_lazy("由事项转来")),
    "target": facts.case_numbers(gettext_lazy("事项")),
    "kind": _names(gettext_lazy("种类"), {**dict(c.Kind.choices), **dict(c.MaterialKind.choices)}),
    "source": _names(gettext_lazy("来源"), dict(c.Source.choices)),
    "number": facts.plain(gettext_lazy("卷号")),
    "changed": _changed,
    "same_parties": _same_parties,
    "side": _names(gettext_lazy("当事人"), dict(c.Side.choices)),
    "sides": _names(gettext_lazy("当事人"), dict(c.Side.choices)),
    "authority": _names(gettext_lazy("权限"), dict(c.Authority.choices)),
    "mediators": _posts(gettext_lazy("调解员")),
    "mediator": _posts(gettext_lazy("调解员")),
    "payee": _posts(gettext_lazy("领取人")),
    "manner": _names(gettext_lazy("方式"), dict(c.Manner.choices)),
    "routes": _names(gettext_lazy("告知的其他途径"), dict(c.Route.choices)),
    "body": facts.plain(gettext_lazy("转到")),
    "attempt": facts.plain(gettext_lazy("第几次调解")),
    "starts": _instant(gettext_lazy("时间")),
    "outcome": _names(gettext_lazy("会议结果"), dict(c.SessionOutcome.choices)),
    "form": _names(gettext_lazy("协议形式"), dict(c.AgreementForm.choices)),
    "effective_on": _day(gettext_lazy("生效日期")),
    "due_on": _redated,
    "amount": _money,
    "advice": _names(gettext_lazy("建议"), dict(c.Advice.choices)),
    "court": facts.plain(gettext_lazy("法院")),
    "performed": _names(
        gettext_lazy("协议已全部履行"), {"yes": gettext_lazy("是"), "no": gettext_lazy("否")}
    ),
    "satisfaction": _names(gettext_lazy("当事人是否满意"), dict(c.Satisfaction.choices)),
    "ending": _names(gettext_lazy("结果"), dict(c.Ending.choices)),
    "way": _names(gettext_lazy("报上级的情形"), dict(c.Way.choices)),
    "to": facts.plain(gettext_lazy("交给")),
    "days": facts.plain(gettext_lazy("延长天数")),
    "colour": _colour,
    "look_on": _day(gettext_lazy("哪天再看")),
    "grade": lambda event, value, glossary: [
        Fact(_("档次"), str(grades()[value]) if value in grades() else str(value))
    ],
    "paper": _paper,
    "full": _names(
        gettext_lazy("姓名和号码"), {True: gettext_lazy("完整"), False: gettext_lazy("遮住一部分")}
    ),
    "keep_years": facts.plain(gettext_lazy("保管年限")),
    "on": _day(gettext_lazy("日期")),
}
FACTS: Final = FactTable(WRITERS, numbers_in, names_in)
