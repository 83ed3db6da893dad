"""What an entry of the record says besides its verb: its data as labels and values that people read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import CaseEvent, Supervision
from cases.words import until
from grids.wording import listed
from incidents.forms import RETURN_GROUNDS, SUSPEND_GROUNDS, UNIT_NAMES
from incidents.models import Source
from incidents.workflow import DUTIES

GROUNDS: Final = {**dict(RETURN_GROUNDS), **dict(SUSPEND_GROUNDS)}
PERSONAL: Final = {
    "reporter_name": gettext_lazy("反映人"),
    "reporter_phone": gettext_lazy("联系电话"),
}
NUMBERS: Final = ("target", "source", "parent", "children")


@dataclass(frozen=True, slots=True)
class Fact:
    """One line under an entry; `old` is what stood there before."""

    label: str | Promise
    value: str
    old: str = ""


@dataclass(frozen=True, slots=True)
class Glossary:
    """What the codes in a record stand for: categories by code, and the numbers that the reader may see."""

    categories: Mapping[str, str] = field(default_factory=dict)
    numbers: frozenset[str] = frozenset()


def mentioned(events: list[CaseEvent]) -> Glossary:
    """The codes and numbers that these entries mention, still without names: what the glossary must answer."""
    codes: dict[str, str] = {}
    numbers: set[str] = set()
    for event in events:
        category = event.data.get("category")
        for code in category.values() if isinstance(category, dict) else [category] if category else []:
            codes[str(code)] = str(code)
        if event.verb.startswith("incident.") and event.verb != "incident.reported":
            numbers.update(_listed(event.data, NUMBERS))
    return Glossary(codes, frozenset(numbers))


def _listed(data: Mapping[str, Any], names: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for name in names:
        value = data.get(name)
        found += [str(one) for one in value] if isinstance(value, list) else [str(value)] if value else []
    return found


def facts_of(event: CaseEvent, glossary: Glossary) -> list[Fact]:
    """The facts of one entry in a fixed order. A case that the reader may not see is not named."""
    if event.verb.startswith("deadline."):
        return _deadline(event.data)
    found: list[Fact] = []
    for name, write in _WRITERS.items():
        if name in event.data and event.data[name] not in ("", None, [], {}):
            found += write(event, event.data[name], glossary)
    return found


def _end(text: Any) -> str:
    """The end of a time allowed, stored as text."""
    try:
        return until(datetime.fromisoformat(str(text)))
    except ValueError:
        return str(text)


def _deadline(data: Mapping[str, Any]) -> list[Fact]:
    duty = str(DUTIES.get(str(data.get("duty")), data.get("duty", "")))
    found = [Fact(_("时限"), duty)]
    if data.get("holder"):
        found.append(Fact(_("责任单位"), str(data["holder"])))
    if data.get("due"):
        found.append(Fact(_("到期"), _end(data["due"])))
    if data.get("new"):
        found.append(Fact(_("到期"), _end(data["new"]), _end(data.get("old", ""))))
    return found


Writer = Callable[[CaseEvent, Any, Glossary], list[Fact]]


def _plain(label: Promise) -> Writer:
    return lambda event, value, glossary: [
        Fact(label, listed(value) if isinstance(value, list) else str(value))
    ]


def _category(event: CaseEvent, value: Any, glossary: Glossary) -> list[Fact]:
    def name(code: Any) -> str:
        return glossary.categories.get(str(code), str(code))

    if isinstance(value, dict):
        return [Fact(_("类别"), name(value["new"]), name(value["old"]))]
    return [Fact(_("类别"), name(value))]


def _source(event: CaseEvent, value: Any, glossary: Glossary) -> list[Fact]:
    """The origin of a report, or the number of a duplicate that was merged into this case."""
    if event.verb == "incident.reported":
        return [Fact(_("来源"), str(Source(value).label))] if value in Source.values else []
    return _numbers(gettext_lazy("重复上报"))(event, value, glossary)


def _numbers(label: Promise) -> Writer:
    def write(event: CaseEvent, value: Any, glossary: Glossary) -> list[Fact]:
        numbers = value if isinstance(value, list) else [value]
        named = [n if n in glossary.numbers else _("另一个事项") for n in map(str, numbers)]
        return [Fact(label, listed(named))]

    return write


def _amount(event: CaseEvent, value: Any, glossary: Glossary) -> list[Fact]:
    unit = UNIT_NAMES.get(str(event.data.get("unit")), "")
    return [Fact(_("延长"), _("%(amount)s %(unit)s") % {"amount": value, "unit": unit})]


def _moved(label: Promise) -> Writer:
    return lambda event, value, glossary: [Fact(label, _end(value["new"]), _end(value["old"]))]


def _paper(event: CaseEvent, value: Any, glossary: Glossary) -> list[Fact]:
    return [Fact(_("内容"), _("受理告知书"))] if value == "slip" else []


_WRITERS: Final[dict[str, Writer]] = {
    "category": _category,
    "source": _source,
    "handler": _plain(gettext_lazy("承办")),
    "co_handler": _plain(gettext_lazy("协办")),
    "copied": _plain(gettext_lazy("抄告")),
    "office": lambda event, value, glossary: [Fact(_("负责单位"), str(value["new"]), str(value["old"]))],
    "ground": lambda event, value, glossary: [Fact(_("依据"), str(GROUNDS.get(value, value)))],
    "right_department": _plain(gettext_lazy("应办单位")),
    "amount": _amount,
    "handle": _moved(gettext_lazy("处置时限")),
    "whole": _moved(gettext_lazy("整体时限")),
    "until": lambda event, value, glossary: [Fact(_("挂起到"), _end(value))],
    "card": lambda event, value, glossary: [Fact(_("督办方式"), str(Supervision(value).label))],
    "target": _numbers(gettext_lazy("事项")),
    "parent": _numbers(gettext_lazy("拆分自")),
    "children": _numbers(gettext_lazy("拆分成")),
    "what": _paper,
    "fields": lambda event, value, glossary: [
        Fact(_("内容"), listed(str(PERSONAL.get(name, name)) for name in value))
    ],
}
