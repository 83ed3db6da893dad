"""What the entries of an incident say besides their verbs: how each of their data is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import facts
from cases.facts import Fact, FactTable, Glossary, Writer
from cases.models import CaseEvent, Supervision
from grids.wording import listed
from incidents.forms import RETURN_GROUNDS, SUSPEND_GROUNDS, UNIT_NAMES
from incidents.models import Category, Source

GROUNDS: Final = {**dict(RETURN_GROUNDS), **dict(SUSPEND_GROUNDS)}
PERSONAL: Final = {
    "reporter_name": gettext_lazy("反映人"),
    "reporter_phone": gettext_lazy("联系电话"),
}
NUMBERS: Final = ("target", "source", "parent", "children")


def numbers_in(event: CaseEvent) -> Collection[str]:
    """Which of an entry's data are numbers of other cases; a report's `source` is where it came from."""
    return NUMBERS if event.verb.startswith("incident.") and event.verb != "incident.reported" else ()


def names_in(events: list[CaseEvent]) -> Mapping[str, str]:
    """The categories that the entries mention, by their codes."""
    codes: set[str] = set()
    for event in events:
        category = event.data.get("category")
        codes.update(
            map(str, category.values()) if isinstance(category, dict) else [category] if category else []
        )
    if not codes:
        return {}
    return {category.code: str(category) for category in Category.objects.filter(code__in=codes)}


def _category(event: CaseEvent, value: Any, glossary: Glossary) -> list[Fact]:
    def name(code: Any) -> str:
        return glossary.names.get(str(code), str(code))

    if isinstance(value, dict):
        return [Fact(_("类别"), name(value["new"]), name(value["old"]))]
    return [Fact(_("类别"), name(value))]


def _source(event: CaseEvent, value: Any, glossary: Glossary) -> list[Fact]:
    """The origin of a report, or the number of a duplicate that was merged into this case."""
    if event.verb == "incident.reported":
        return [Fact(_("来源"), str(Source(value).label))] if value in Source.values else []
    return facts.case_numbers(gettext_lazy("重复上报"))(event, value, glossary)


def _amount(event: CaseEvent, value: Any, glossary: Glossary) -> list[Fact]:
    unit = UNIT_NAMES.get(str(event.data.get("unit")), "")
    return [Fact(_("延长"), _("%(amount)s %(unit)s") % {"amount": value, "unit": unit})]


def _paper(event: CaseEvent, value: Any, glossary: Glossary) -> list[Fact]:
    return [Fact(_("内容"), _("受理告知书"))] if value == "slip" else []


WRITERS: Final[dict[str, Writer]] = {
    "category": _category,
    "source": _source,
    "handler": facts.plain(gettext_lazy("承办")),
    "co_handler": facts.plain(gettext_lazy("协办")),
    "copied": facts.plain(gettext_lazy("抄告")),
    "office": facts.changed(gettext_lazy("负责单位")),
    "ground": facts.one_of(gettext_lazy("依据"), GROUNDS),
    "right_department": facts.plain(gettext_lazy("应办单位")),
    "amount": _amount,
    "handle": facts.ends(gettext_lazy("处置时限")),
    "whole": facts.ends(gettext_lazy("整体时限")),
    "until": facts.ends(gettext_lazy("挂起到")),
    "card": facts.one_of(gettext_lazy("督办方式"), dict(Supervision.choices)),
    "target": facts.case_numbers(gettext_lazy("事项")),
    "parent": facts.case_numbers(gettext_lazy("拆分自")),
    "children": facts.case_numbers(gettext_lazy("拆分成")),
    "what": _paper,
    "fields": lambda event, value, glossary: [
        Fact(_("内容"), listed(str(PERSONAL.get(name, name)) for name in value))
    ],
}

FACTS: Final = FactTable(WRITERS, numbers_in, names_in)
