"""What an entry of the record says besides its verb: its data as labels and values that people read.

Each kind of case declares how its own data is written (`register`); a case that the reader may not see is not named.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import User
from cases import workflow
from cases.models import Case, CaseEvent
from cases.words import duration, until
from grids.wording import listed


@dataclass(frozen=True, slots=True)
class Fact:
    """One line under an entry; `old` is what stood there before."""

    label: str | Promise
    value: str
    old: str = ""


@dataclass(frozen=True, slots=True)
class Glossary:
    """What stands for what in a record: the kind's own codes by their names, the case numbers the reader may see."""

    names: Mapping[str, str] = field(default_factory=dict)
    numbers: frozenset[str] = frozenset()


Writer = Callable[[CaseEvent, Any, Glossary], list[Fact]]


@dataclass(frozen=True, slots=True)
class FactTable:
    """How a kind's entries are told.

    `writers`: by the name of the data, in the order in which they are shown. `numbers`: which of an entry's data are
    numbers of other cases. `names`: what the codes in these entries stand for, asked once for all of them.
    """

    writers: Mapping[str, Writer]
    numbers: Callable[[CaseEvent], Collection[str]] = lambda event: ()
    names: Callable[[list[CaseEvent]], Mapping[str, str]] = lambda events: {}


_TABLES: dict[str, FactTable] = {}


def register_facts(kind: str, table: FactTable) -> None:
    """Made known by a kind's AppConfig.ready()."""
    _TABLES[kind] = table


def glossary_for(kind: str, events: list[CaseEvent], user: User) -> Glossary:
    """Names for the codes that the entries mention, and which of the numbers this person may see."""
    table = _TABLES[kind]
    asked = {number for event in events for number in _numbers_in(event, table.numbers(event))}
    if not asked:
        return Glossary(table.names(events))
    seen = Case.objects.visible_to(user).filter(number__in=asked)
    return Glossary(table.names(events), frozenset(seen.values_list("number", flat=True)))


def _numbers_in(event: CaseEvent, names: Collection[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        value = event.data.get(name)
        found += [str(one) for one in value] if isinstance(value, list) else [str(value)] if value else []
    return found


def data_seen(kind: str, event: CaseEvent, glossary: Glossary) -> dict[str, Any]:
    """An entry's data without the numbers of cases that the reader may not see: null in their places."""

    def seen(value: Any) -> Any:
        return value if str(value) in glossary.numbers else None

    found = dict(event.data)
    for name in _TABLES[kind].numbers(event):
        if name in found:
            value = found[name]
            found[name] = [seen(one) for one in value] if isinstance(value, list) else seen(value)
    return found


def facts_of(kind: str, event: CaseEvent, glossary: Glossary) -> list[Fact]:
    """The facts of one entry of a case of this kind, in a fixed order."""
    if event.verb.startswith("deadline."):
        return _deadline(kind, event.data)
    found: list[Fact] = []
    for name, write in _TABLES[kind].writers.items():
        if name in event.data and event.data[name] not in ("", None, [], {}):
            found += write(event, event.data[name], glossary)
    return found


def _deadline(kind: str, data: Mapping[str, Any]) -> list[Fact]:
    duty = str(workflow.of(kind).duties.get(str(data.get("duty")), data.get("duty", "")))
    found = [Fact(_("时限"), duty)]
    if data.get("holder"):
        found.append(Fact(_("责任单位"), str(data["holder"])))
    if data.get("left"):
        found.append(Fact(_("还剩"), duration(float(data["left"]) * 60)))
    if data.get("level"):
        level = str(data["level"])
        found.append(Fact(_("告知"), str(workflow.of(kind).told.get(level, level))))
    if data.get("due"):
        found.append(Fact(_("到期"), end_of(data["due"])))
    if data.get("new"):
        found.append(Fact(_("到期"), end_of(data["new"]), end_of(data.get("old", ""))))
    return found


def end_of(text: Any) -> str:
    """The end of a time allowed, stored as text."""
    try:
        return until(datetime.fromisoformat(str(text)))
    except ValueError:
        return str(text)


# --- writers that every kind needs


def plain(label: Promise) -> Writer:
    """Words, or a list of them."""
    return lambda event, value, glossary: [
        Fact(label, listed(value) if isinstance(value, list) else str(value))
    ]


def changed(label: Promise) -> Writer:
    """Words that took the place of others: {"new", "old"}."""
    return lambda event, value, glossary: [Fact(label, str(value["new"]), str(value["old"]))]


def ends(label: Promise) -> Writer:
    """The end of a time allowed; one that was moved is {"new", "old"}."""

    def write(event: CaseEvent, value: Any, glossary: Glossary) -> list[Fact]:
        if isinstance(value, dict):
            return [Fact(label, end_of(value["new"]), end_of(value["old"]))]
        return [Fact(label, end_of(value))]

    return write


def one_of(label: Promise, names: Mapping[Any, Any]) -> Writer:
    """A code with its name, of fixed ones."""
    return lambda event, value, glossary: [Fact(label, str(names.get(value, value)))]


def case_numbers(label: Promise) -> Writer:
    """Numbers of other cases; of those that the reader may not see, that there is one."""

    def write(event: CaseEvent, value: Any, glossary: Glossary) -> list[Fact]:
        numbers = value if isinstance(value, list) else [value]
        named = [n if n in glossary.numbers else _("另一个事项") for n in map(str, numbers)]
        return [Fact(label, listed(named))]

    return write
