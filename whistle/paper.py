"""The one-whistle file (一事一哨一档) for print: every step, person, time, photo and task, in the order of an office's file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cases import words
from cases.attachments import path_of
from cases.models import Attachment, CaseEvent
from cases.pictures import for_print
from cases.timeline import Entry
from cases.typesetting import typeset
from grids.clock import SHANGHAI
from grids.wording import listed
from whistle.casefile import EntryLine, SummonsLine, WhistleFile

TEMPLATE: Final = Path(__file__).parent / "typst" / "file.typ"
MOST_PHOTOS: Final = 60
APPROVAL: Final = (
    "whistle.drafted", "whistle.submitted", "whistle.approved", "whistle.returned", "whistle.filed",
    "whistle.withdrawn", "whistle.sounded", "whistle.departments_added", "whistle.stood_down", "whistle.resolved",
    "whistle.sent_back", "whistle.closed",
)  # fmt: skip


def full(at: datetime | None) -> str:
    """An instant as a file keeps it: with year and minute, in China's time."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if at else ""


def exact(at: datetime | None) -> str:
    """The same to the second, where the second counts."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" if at else ""


def _words() -> dict[str, Any]:
    """Everything that the template itself says."""
    return {
        "cover": _("吹哨报到档案"),
        "one": _("一事一哨一档"),
        "none": _("无"),
        "page": _("第 {page} 页，共 {pages} 页"),
        "pages": _("页数"),
        "blanks": [_("归档单位"), _("归档人"), _("归档日期")],
        "contents": _("目录"),
        "p1": _("一、基本情况"),
        "p2": _("二、审批与启动"),
        "p3": _("三、报到情况"),
        "p4": _("四、会商研判"),
        "p5": _("五、任务清单"),
        "p6": _("六、评价"),
        "p7": _("七、负面清单"),
        "p8": _("八、照片"),
        "p9": _("九、办理全过程"),
        "links": _("有关的事项"),
        "links_head": [_("关系"), _("事项"), _("状态")],
        "steps_head": [_("步骤"), _("内容"), _("岗位和人员"), _("时间")],
        "arrivals_head": [_("部门和人员"), _("报到情况"), _("吹哨"), _("时限"), _("到场"), _("距离")],
        "tasks_head": [_("任务"), _("部门"), _("角色"), _("完成日期"), _("状态")],
        "marks_head": [_("部门"), _("响应"), _("解决"), _("满意"), _("说明")],
        "entries_head": [_("部门"), _("事由"), _("状态"), _("经过")],
        "record_head": [_("序号"), _("时间"), _("事项"), _("岗位和人员"), _("内容")],
    }


def _who(entry: Entry) -> str:
    if not entry.post:
        return _("系统")
    return _("%(post)s %(person)s") % {"post": entry.post, "person": entry.person}


def _said(entry: Entry) -> str:
    """An entry's words and facts in one text."""
    facts = [
        _("%(label)s：%(value)s") % {"label": fact.label, "value": fact.value}
        + (_("（原为 %(old)s）") % {"old": fact.old} if fact.old else "")
        for fact in entry.facts
    ]
    return "\n".join(filter(None, [entry.words, "；".join(facts)]))


class Paper:
    """One whistle as its printed file shows it to one reader."""

    def __init__(self, file: WhistleFile) -> None:
        self.file = file
        self.events: dict[int, CaseEvent] = {event.seq: event for event in file.events}
        self.entries: list[Entry] = file.entries

    def _of(self, *verbs: str) -> list[tuple[CaseEvent, Entry]]:
        return [(self.events[e.seq], e) for e in self.entries if self.events[e.seq].verb in verbs]

    @property
    def cover(self) -> dict[str, Any]:
        case, whistle = self.file.case, self.file.whistle
        lines = [
            [_("案名"), case.title],
            [_("编号"), case.number],
            [_("吹哨单位"), self.file.case.office.name],
            [_("吹哨时间"), full(whistle.sounded_at)],
            [_("结束时间"), full(case.closed_at)],
            [_("状态"), str(self.file.state)],
        ]
        note = "" if whistle.sounded_at else _("尚未启动")
        short = case.title if len(case.title) <= 24 else f"{case.title[:24]}…"
        return {
            "title": f"{case.title} {case.number}", "title_short": short, "number": case.number,
            "lines": lines, "note": note,
        }  # fmt: skip

    @property
    def about(self) -> list[list[str]]:
        whistle = self.file.whistle
        rows = [[str(line.label), line.value] for line in self.file.facts]
        if whistle.lat is not None and whistle.lng is not None:
            place = _("北纬 %(lat)s，东经 %(lng)s（WGS-84）") % {
                "lat": f"{whistle.lat:.5f}", "lng": f"{whistle.lng:.5f}",
            }  # fmt: skip
            rows.append([_("报到地点坐标"), place])
        return [*rows, [_("事情经过"), whistle.matter]]

    @property
    def links(self) -> list[list[str]]:
        found = []
        for line in self.file.links:
            name, _sep, state = line.value.rpartition(" · ")
            found.append([str(line.label), name, state])
        return found

    @property
    def steps(self) -> list[list[str]]:
        return [[str(e.verb), _said(e), _who(e), full(e.at)] for _event, e in self._of(*APPROVAL)]

    @property
    def arrivals(self) -> list[list[str]]:
        return [self._arrival(line) for line in self.file.summonses]

    def _arrival(self, line: SummonsLine) -> list[str]:
        row = line.summons
        name = row.department.name + (_("（牵头）") if row.lead else "")
        people = [
            _("值班 %(name)s") % {"name": row.person.user.name} if row.person else "",
            _("副班 %(name)s") % {"name": row.deputy.user.name} if row.deputy else "",
            _("到场 %(name)s") % {"name": row.arrived_by.user.name} if row.arrived_by else "",
        ]
        came = exact(row.received_at)
        if row.pressed_at is not None and row.pressed_at != row.received_at:
            pressed = {"at": exact(row.pressed_at), "received": exact(row.received_at)}
            came = _("按下 %(at)s\n收到 %(received)s") % pressed
        away = ""
        if row.distance is not None:
            away = _("%(n)s 米") % {"n": round(row.distance)}
        if row.accuracy is not None:
            away = f"{away} ±{round(row.accuracy)}"
        outcome = listed(filter(None, [line.outcome, str(line.state)]))
        return [
            "\n".join([name, *filter(None, people)]), outcome, exact(row.summoned_at), exact(row.due_at), came, away,
        ]  # fmt: skip

    @property
    def calls(self) -> list[str]:
        """Who looked when, and every call made."""
        found = self._of("summons.opened", "summons.unopened", "summons.called")
        return [listed(filter(None, [full(e.at), str(e.verb), _said(e), _who(e)])) for _event, e in found]

    @property
    def consultations(self) -> list[dict[str, str]]:
        return [
            {"head": f"{full(e.at)}　{_who(e)}", "text": _said(e)}
            for _event, e in self._of("whistle.consulted")
        ]

    @property
    def tasks(self) -> list[list[str]]:
        return [
            [
                task.task.text,
                line.summons.department.name,
                _("牵头") if line.summons.lead else _("协办"),
                f"{task.task.due_on:%Y-%m-%d}",
                str(task.state) + (f"\n{full(task.task.done_at)}" if task.task.done_at else ""),
            ]
            for line in self.file.summonses
            for task in line.tasks
        ]

    @property
    def progress(self) -> list[str]:
        found = self._of("task.progress", "task.done", "task.redated", "task.redone", "task.dropped")
        return [listed(filter(None, [full(e.at), str(e.verb), _said(e), _who(e)])) for _event, e in found]

    @property
    def marks(self) -> list[list[str]]:
        notes = {event.data.get("summons"): entry.words for event, entry in self._of("summons.rated")}
        return [
            [
                line.summons.department.name,
                str(line.summons.response),
                str(line.summons.solution),
                str(line.summons.satisfaction),
                (_("出工不出力") + " " if line.summons.no_effort else "") + notes.get(line.summons.pk, ""),
            ]
            for line in self.file.summonses
            if line.summons.rated
        ]

    @property
    def negative(self) -> list[list[str]]:
        return [
            [one.department, one.ground, str(one.state), self._history(one)]
            for one in self.file.entries_listed
        ]

    def _history(self, one: EntryLine) -> str:
        steps = [
            f"{full(e.at)} {e.verb}" + (f"：{e.words}" if e.words else "")
            for event, e in ((self.events[x.seq], x) for x in self.entries)
            if event.data.get("negative_entry") == one.entry.pk
        ]
        return "\n".join(steps)

    @property
    def record(self) -> list[list[str]]:
        return [[str(e.seq), exact(e.at), str(e.verb), _who(e), _said(e)] for e in self.entries]


def photos_of(file: WhistleFile) -> tuple[list[dict[str, str]], dict[str, bytes]]:
    """Captions and contents of the photos, the oldest first; a file that is gone says so in its caption."""
    by_event = {event.pk: entry for event, entry in zip(file.events, file.entries, strict=True)}
    lines, contents = [], {}
    pictures = [one for one in file.attachments if one.is_picture][:MOST_PHOTOS]
    for number, attachment in enumerate(pictures, 1):
        entry = by_event.get(attachment.event_id)
        caption = listed(
            filter(
                None,
                [
                    f"{number}",
                    str(entry.verb) if entry else "",
                    _place_of(entry),
                    full(attachment.created_at),
                ],
            )
        )
        content = _bytes_of(attachment)
        if content is None:
            continue
        name = f"photo{number}.jpg"
        contents[name] = content
        lines.append({"file": name, "caption": caption})
    return lines, contents


def _place_of(entry: Entry | None) -> str:
    return entry.post if entry else ""


def _bytes_of(attachment: Attachment) -> bytes | None:
    """The picture as large as a page needs it; None when its file is gone."""
    try:
        return for_print(path_of(attachment.key).read_bytes())
    except FileNotFoundError:
        return None


def render(file: WhistleFile, at: datetime) -> bytes:
    """The PDF of one whistle for one reader; `at` is when it was printed. Raises TypesettingFailed."""
    with words.on_paper():
        data, contents = _data(file)
    return typeset(TEMPLATE, data, at=at, pictures=contents)


def _data(file: WhistleFile) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What the template reads, and the pictures beside it."""
    paper = Paper(file)
    photos, contents = photos_of(file)
    data = {
        "lang": "zh" if (get_language() or "zh").startswith("zh") else "en",
        "words": _words(),
        "cover": paper.cover,
        "about": paper.about,
        "links": paper.links,
        "steps": paper.steps,
        "arrivals": paper.arrivals,
        "calls": paper.calls,
        "consultations": paper.consultations,
        "tasks": paper.tasks,
        "progress": paper.progress,
        "marks": paper.marks,
        "entries": paper.negative,
        "photos": photos,
        "record": paper.record,
    }
    return data, contents
