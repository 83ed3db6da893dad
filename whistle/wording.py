"""What the entries of a whistle say besides their verbs: how each of their data is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Post
from cases import facts
from cases.facts import Fact, FactTable, Glossary, Writer
from cases.models import CaseEvent
from cases.words import when
from grids.wording import listed
from whistle.forms import ANSWERED, CALLEES, MAKERS
from whistle.models import Ground, Outcome, Task
from whistle.tables import subject_name

NUMBERS: Final = ("came_from", "target")
NAMES: Final = {"lat": gettext_lazy("位置"), "lng": gettext_lazy("位置")}


def numbers_in(event: CaseEvent) -> Collection[str]:
    """Which of an entry's data are numbers of other cases."""
    return NUMBERS if event.verb.startswith("whistle.") else ()


def names_in(events: list[CaseEvent]) -> Mapping[str, str]:
    """The people and tasks that the entries mention, by what they are and their ids."""
    posts = {event.data[name] for event in events for name in ("person", "deputy") if event.data.get(name)}
    tasks = {event.data["task"] for event in events if event.data.get("task")}
    found = {f"post:{p.pk}": p.user.name for p in Post.objects.filter(pk__in=posts).select_related("user")}
    return found | {f"task:{t.pk}": t.text for t in Task.objects.filter(pk__in=tasks)}


def _post(label: Any) -> Writer:
    return lambda event, value, glossary: [Fact(label, glossary.names.get(f"post:{value}", str(value)))]


def _task(event: CaseEvent, value: Any, glossary: Glossary) -> list[Fact]:
    return [Fact(_("任务"), glossary.names.get(f"task:{value}") or _("（文字已按保存期限匿名）"))]


def _instant(label: Any) -> Writer:
    def write(event: CaseEvent, value: Any, glossary: Glossary) -> list[Fact]:
        return [Fact(label, when(datetime.fromisoformat(str(value))))]

    return write


def _day(event: CaseEvent, value: Any, glossary: Glossary) -> list[Fact]:
    old = event.data.get("old")
    return [
        Fact(_("完成日期"), when(date.fromisoformat(value)), when(date.fromisoformat(old)) if old else "")
    ]


def _metres(label: Any) -> Writer:
    return lambda event, value, glossary: [Fact(label, _("%(n)s 米") % {"n": value})]


def _changed(event: CaseEvent, value: Any, glossary: Glossary) -> list[Fact]:
    labels = dict.fromkeys(str(NAMES.get(name) or MAKERS[name](None, event.post).label) for name in value)
    return [Fact(_("改了"), listed(labels))]


def _yes(label: Any) -> Writer:
    return lambda event, value, glossary: [Fact(label, _("是"))] if value is True else []


WRITERS: Final[dict[str, Writer]] = {
    "came_from": facts.case_numbers(gettext_lazy("由事项转来")),
    "target": facts.case_numbers(gettext_lazy("事项")),
    "subject": lambda event, value, glossary: [Fact(_("事项类型"), subject_name(str(value)))],
    "changed": _changed,
    "department": facts.plain(gettext_lazy("部门")),
    "departments": facts.plain(gettext_lazy("部门")),
    "person": _post(gettext_lazy("值班人员")),
    "deputy": _post(gettext_lazy("副班")),
    "due": _instant(gettext_lazy("到场时限")),
    "callee": facts.one_of(gettext_lazy("打给谁"), dict(CALLEES)),
    "answered": facts.one_of(gettext_lazy("结果"), dict(ANSWERED)),
    "pressed": _instant(gettext_lazy("按下时间")),
    "received": _instant(gettext_lazy("收到时间")),
    "in_time_received_late": _yes(gettext_lazy("时限内按下，时限后收到")),
    "distance": _metres(gettext_lazy("离报到地点")),
    "accuracy": _metres(gettext_lazy("定位误差")),
    "not_duty": _yes(gettext_lazy("认为不属于本部门职责")),
    "outcome": facts.one_of(gettext_lazy("报到情况"), dict(Outcome.choices)),
    "lead": facts.plain(gettext_lazy("牵头部门")),
    "task": _task,
    "due_on": _day,
    "response": facts.plain(gettext_lazy("响应")),
    "solution": facts.plain(gettext_lazy("解决")),
    "satisfaction": facts.plain(gettext_lazy("满意")),
    "no_effort": _yes(gettext_lazy("出工不出力")),
    "ground": facts.one_of(gettext_lazy("事由"), dict(Ground.choices)),
}
FACTS: Final = FactTable(WRITERS, numbers_in, names_in)
