"""A case's record, entry by entry, through the incident table: state, person, place, chain, parts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings

from accounts.models import Post
from accounts.roles import Role
from cases import events, verbs
from cases.divisions import RANK
from cases.models import CaseEvent, EventText, Part, PartKind
from cases.offices import Office
from cases.tables import RESUME, SAME, Transition
from grids.clock import local_day
from grids.models import Division
from incidents.history.checking.reading import File
from incidents.history.checking.truth import Truth
from incidents.models import CategoryVersion
from incidents.routing import closing_office, filing_office

NUMBER: Final = re.compile(r"SJ(\d{4})-\d{7,}")
# How a case may begin, the state that it is in then, and the duties that begin with it.
BEGINNINGS: Final = {
    "incident.reported": ("reported", ("file",)),
    "incident.split_off": ("assigned", ("accept", "handle", "whole")),
}
# Which parts a move ends, by its effect; "" stands for all but the reporters'.
ENDING: Final[dict[str, tuple[str, ...]]] = {
    "assign": ("handler", "co_handler"), "return": ("handler", "co_handler"), "reopen": ("handler", "co_handler"),
    "end_parts": ("handler", "co_handler", "copied"),
}  # fmt: skip
# By whose move a part may begin.
BEGINNING: Final = {
    "handler": {"assign", "settle", "split_off"},
    "co_handler": {"assign", "add_co_handlers"},
    "copied": {"assign", "add_copies"},
}


def _fits(words: EventText, event: CaseEvent) -> bool:
    return events.salted_digest(words.salt, words.text) == event.text_digest


@dataclass(slots=True)
class Step:
    """A move of the record with its row of the table, and what holds after it: who owes what begins with it."""

    event: CaseEvent
    row: Transition | None
    office: Division
    handler: Office | None
    urgent: bool
    version: CategoryVersion


@dataclass(slots=True)
class Walk:
    """Where a case stands while its record is read. What does not fit is put into `wrong`."""

    file: File
    truth: Truth
    wrong: list[tuple[int, str]] = field(default_factory=list)
    state: str = ""
    resume_state: str = ""
    closed_at: datetime | None = None
    urgent: bool = False
    supervision: str = ""
    pending: bool = False
    returns: int = 0
    reopenings: int = 0
    people: set[int] = field(default_factory=set)
    offices: set[Office] = field(default_factory=set)
    steps: list[Step] = field(default_factory=list)
    office: Division | None = None
    version: CategoryVersion | None = None

    def note(self, event: CaseEvent | None, words: str) -> None:
        self.wrong.append((event.seq if event is not None else 0, words))

    # --- the whole

    def walk(self) -> None:
        """Follow the record from its first entry to its last, then compare with the case."""
        self._facts()
        if not self.file.events:
            self.note(None, "没有记录 / no record")
            return
        self._chain()
        first = self.file.events[0]
        if not self._begin(first):
            return
        before = first.at
        for event in self.file.events[1:]:
            if event.at < before:
                self.note(event, "时间早于前一条 / before the entry before")
            before = event.at
            if event.from_state or event.to_state:
                self._move(event)
            else:
                self._aside(event)
        if before > self.truth.now:
            self.note(self.file.events[-1], "时间在将来 / in the future")
        self._parts()
        self._end()

    def _facts(self) -> None:
        case, incident = self.file.case, self.file.incident
        number = NUMBER.fullmatch(case.number)
        if number is None or int(number[1]) != local_day(case.opened_at).year:
            self.note(None, f"编号 / number {case.number}")
        if incident is None:
            self.note(None, "没有事件 / no incident")
            return
        version, place = self.truth.versions[incident.version_id], self.truth.divisions[case.place_id]
        if version.category_id != incident.category_id:
            self.note(None, "类别与版本不符 / category and version")
        if (case.sensitive, list(case.visible_roles)) != (version.sensitive, list(version.visible_roles)):
            self.note(None, "可见角色与类别不符 / roles that see it")
        if case.place_prefix != place.prefix:
            self.note(None, "地点代码 / prefix of the place")

    def _chain(self) -> None:
        """Sequence, hashes and words, by the rule of `cases.events`."""
        case, previous = self.file.case, ""
        for number, event in enumerate(self.file.events, start=1):
            if event.seq != number or event.prev_hash != previous:
                self.note(event, "不接前一条 / does not continue the record")
            if events.entry_hash(event, case.number) != event.hash:
                self.note(event, "摘要不符 / hash")
            words = self.file.words.get(event.pk)
            if words is None and event.text_digest:
                self.note(event, "缺文字 / no words")
            elif words is not None and words.erased_at is None and not _fits(words, event):
                self.note(event, "文字与摘要不符 / words")
            if event.inner != verbs.get(event.verb).inner:
                self.note(event, "内部标记 / inner")
            previous = event.hash
        if (case.last_seq, case.last_hash) != (len(self.file.events), previous):
            self.note(None, "记录的末尾与事项不符 / end of the record")

    def _begin(self, event: CaseEvent) -> bool:
        case, incident = self.file.case, self.file.incident
        beginning = BEGINNINGS.get(event.verb)
        post = self._post(event)
        if beginning is None or incident is None or post is None or event.to_state != beginning[0]:
            self.note(event, "开头不对 / beginning")
            return False
        if event.from_state or event.at != case.opened_at:
            self.note(event, "开头的时间或状态 / instant or state of the beginning")
        self.state = event.to_state
        self.urgent = case.urgent and not any(e.verb == "incident.made_urgent" for e in self.file.events)
        self.version = self.truth.versions[incident.version_id]
        reported = str(event.data.get("category", self.version.category.code))
        if reported != self.version.category.code:
            self.version = self.truth.current[reported]
        if event.verb == "incident.reported":
            self.office = filing_office(self.truth.divisions[case.place_id], self.version)
            self._reporter(event, post)
        else:
            self.office = self.truth.divisions[post.division_id or case.office_id].heir
        self._step(event, None)
        return True

    def _reporter(self, event: CaseEvent, post: Post) -> None:
        rows = [part for part in self.file.parts if part.kind == PartKind.REPORTER]
        if not any(part.post_id == post.pk and part.started_at == event.at for part in rows):
            self.note(event, "没有上报人 / no reporter")

    # --- one entry

    def _post(self, event: CaseEvent) -> Post | None:
        """The post that wrote an entry, held on that day by the person whom it names."""
        if event.post_id is None:
            if event.actor_id is not None:
                self.note(event, "有人无岗 / a person without a post")
            return None
        post = self.truth.posts[event.post_id]
        day = local_day(event.at)
        if post.user_id != event.actor_id:
            self.note(event, "人与岗位不符 / not the person of the post")
        if day < post.starts_on or (post.ends_on is not None and day > post.ends_on):
            self.note(event, "当天没有这个岗位 / post not held on that day")
        return post

    def _aside(self, event: CaseEvent) -> None:
        """An entry that moves nothing: of a duty, of what another case brought, of a look at it."""
        post = self._post(event)
        if event.verb.startswith("deadline.") and post is not None:
            self.note(event, "时限记录应由系统写 / a duty's entry by a person")
        if any(row.verb == event.verb for row in self.truth.table.rows) and event.verb != "incident.linked":
            self.note(event, "没有写状态 / a move without states")
        if event.verb == "incident.received_duplicate" and "office" in event.data:
            self._hand_over(event)
        self._step(event, None)

    def _move(self, event: CaseEvent) -> None:
        post = self._post(event)
        if event.from_state != self.state:
            self.note(event, f"应从 {self.state} 开始 / should begin in that state")
        rows = self.truth.moves.get((event.from_state, event.verb), [])
        row = next((row for row in rows if row.system == (post is None)), None)
        if row is None:
            words = (
                "流程表里没有这一步 / no such move in the table"
                if not rows
                else "应由人办理 / a person's move"
            )
            self.note(event, words)
            self.state = event.to_state
            return
        if post is not None:
            self._may(event, row, post)
        self._guards(event, row, post)
        self._effect(event, row, post)
        if row.pauses:
            self.resume_state = self.state
        target = {RESUME: self.resume_state, SAME: self.state}.get(row.target, row.target)
        if row.target == RESUME:
            self.resume_state = ""
        if event.to_state != target:
            self.note(event, f"应到 {target} / should lead to that state")
        self.state = event.to_state
        self.closed_at = (self.closed_at or event.at) if self.state in self.truth.table.finals else None
        if post is not None and verbs.get(row.verb).handles:
            self.people.add(post.user_id)
            self.offices.add(self.truth.office_of(post))
        self._step(event, row)

    def _step(self, event: CaseEvent, row: Transition | None) -> None:
        assert self.office is not None and self.version is not None  # set by the beginning
        handler = self._open_part("handler", event.at, after=True)
        held = self.truth.office(handler.department_id, handler.division_id) if handler else None
        self.steps.append(Step(event, row, self.office, held, self.urgent, self.version))

    # --- who

    def _may(self, event: CaseEvent, row: Transition, post: Post) -> None:
        if post.role not in row.roles:
            self.note(event, f"这个角色不办这一步 / role {post.role}")
        elif not self._stances(event, post).intersection(row.stances):
            self.note(event, "不是有关的单位或人员 / not an office or person concerned")

    def _stances(self, event: CaseEvent, post: Post) -> set[str]:
        """How the post stood to the case when it wrote; the rule of `policies.stances`, with the parts of that time."""
        case, own, found = self.file.case, self.truth.office_of(post), set[str]()
        for part in self.file.parts:
            if part.started_at < event.at and (part.ended_at is None or part.ended_at >= event.at):
                if part.kind == PartKind.REPORTER:
                    mine = part.post_id is not None and self.truth.posts[part.post_id].user_id == post.user_id
                else:
                    mine = self.truth.office(part.department_id, part.division_id) == own
                if mine:
                    found.add(part.kind)
        if case.sensitive and post.role not in case.visible_roles:
            return found & {PartKind.REPORTER}
        line = self.truth.line(case.place_id)
        if self.office is not None and post.division_id is not None:
            division = self.truth.divisions[post.division_id]
            if division.heir == self.office:
                found.add("office")
            if post.role == Role.GRID_WORKER and division.pk == line[0].pk:
                found.add("grid")
            rank, own_rank = RANK[division.level], RANK[self.office.level]
            beside = rank == own_rank and post.role in (Role.COMMITTEE, Role.TOWNSHIP_SECRETARY)
            if division.heir in line and (rank > own_rank or beside):
                found.add("above")
        return found

    def _open_part(self, kind: str, at: datetime, *, after: bool) -> Part | None:
        """The part open just before an instant, or just after it."""
        for part in self.file.parts:
            begun = part.started_at <= at if after else part.started_at < at
            ends = part.ended_at is not None and (part.ended_at <= at if after else part.ended_at < at)
            if part.kind == kind and begun and not ends:
                return part
        return None

    # --- guards

    def _guards(self, event: CaseEvent, row: Transition, post: Post | None) -> None:
        for name in row.guards:
            if not getattr(self, f"_is_{name}")(event, post):
                self.note(event, f"不符合条件 / against the guard {name}")

    def _is_not_handled(self, event: CaseEvent, post: Post | None) -> bool:
        if post is None:
            return True
        assert self.office is not None
        own_work = Office(division_id=self.office.pk) in self.offices or self.file.linked
        if post.role == Role.COMMITTEE and not own_work:
            return False
        return post.user_id not in self.people and self.truth.office_of(post) not in self.offices

    def _is_may_return(self, event: CaseEvent, post: Post | None) -> bool:
        return self.returns < 2

    _is_not_decided_above = _is_may_return

    def _is_pending_extension(self, event: CaseEvent, post: Post | None) -> bool:
        return self.pending

    def _is_no_pending_extension(self, event: CaseEvent, post: Post | None) -> bool:
        return not self.pending

    def _is_has_handler(self, event: CaseEvent, post: Post | None) -> bool:
        return self._open_part("handler", event.at, after=False) is not None

    def _is_no_handler(self, event: CaseEvent, post: Post | None) -> bool:
        return not self._is_has_handler(event, post)

    def _is_has_level_above(self, event: CaseEvent, post: Post | None) -> bool:
        return self._above() is not None

    def _is_has_level_below(self, event: CaseEvent, post: Post | None) -> bool:
        return bool(self._below())

    def _is_somebody_closes(self, event: CaseEvent, post: Post | None) -> bool:
        case = self.file.case
        return self._above() is not None or not case.sensitive or Role.COMMITTEE in case.visible_roles

    def _is_not_urgent(self, event: CaseEvent, post: Post | None) -> bool:
        return not self.urgent

    def _is_within_reopen_window(self, event: CaseEvent, post: Post | None) -> bool:
        window = timedelta(days=settings.GEZHI_REOPEN_DAYS)
        return self.closed_at is not None and event.at <= self.closed_at + window

    def _is_tasks_closed(self, event: CaseEvent, post: Post | None) -> bool:
        return True  # of tasks and wholes only the engine itself keeps watch

    _is_whole_open = _is_tasks_closed

    # --- what a move brings

    def _above(self) -> Division | None:
        line = self.truth.line(self.office.pk) if self.office is not None else []
        return line[1] if len(line) > 1 else None

    def _below(self) -> list[Division]:
        assert self.office is not None
        rank = RANK[self.office.level]
        return [
            d for d in self.truth.line(self.file.case.place_id) if RANK[d.level] < rank and d.level != "grid"
        ]

    def _effect(self, event: CaseEvent, row: Transition, post: Post | None) -> None:
        data, wanted = event.data, self.office
        match row.effect:
            case "pass_up":
                wanted = self._above()
            case "pass_down":
                named = [d for d in self._below() if d.name == data.get("office", {}).get("new")]
                wanted = named[0] if named else None
            case "return":
                self.returns, self.pending = self.returns + 1, False
                if self.returns == 2:
                    wanted = self._above() or self.office
            case "settle" | "feed_back" | "closing_office":
                self.pending = False
                wanted = self._closing(event, post)
            case "ask_extension":
                self.pending = True
            case "grant_extension" | "refuse_extension" | "assign" | "archive" | "merge":
                self.pending = False
            case "reopen":
                self.reopenings += 1
            case "make_urgent":
                self.urgent = True
            case "supervise":
                self.supervision = str(data.get("card"))
            case "file" | "correct_category" if "category" in data:
                self._new_category(event)
                wanted = self._named(event) if "office" in data else self.office
        self._take_over(event, wanted)

    def _closing(self, event: CaseEvent, post: Post | None) -> Division | None:
        """The centre that closes: the lowest from the one in charge upward that has not handled it."""
        assert self.office is not None
        if self.file.linked:
            return self._named(event) if "office" in event.data else self.office
        offices = self.offices | ({self.truth.office_of(post)} if post is not None else set())
        handled = {self.truth.divisions[o.division_id] for o in offices if o.division_id is not None}
        return closing_office(self.truth.line(self.office.pk)[0], handled)

    def _named(self, event: CaseEvent) -> Division | None:
        line = self.truth.line(self.file.case.place_id)
        return next((d for d in line if d.name == event.data["office"]["new"]), None)

    def _take_over(self, event: CaseEvent, wanted: Division | None) -> None:
        """The entry says that another centre takes charge exactly when one does."""
        assert self.office is not None
        said = event.data.get("office")
        if wanted is None:
            self.note(event, "没有这样的综治中心 / no such centre")
            return
        changed = {"old": self.office.name, "new": wanted.name} if wanted != self.office else None
        if said != changed:
            self.note(event, "负责的综治中心 / the centre in charge")
        self.office = wanted

    def _hand_over(self, event: CaseEvent) -> None:
        named = self._named(event)
        if named is not None:
            self.office = named

    def _new_category(self, event: CaseEvent) -> None:
        incident = self.file.incident
        assert incident is not None
        code = str(event.data["category"].get("new"))
        final = self.truth.versions[incident.version_id]
        self.version = final if final.category.code == code else self.truth.current[code]

    # --- the end

    def _parts(self) -> None:
        """Each part began and ended with a move that begins or ends such parts."""
        moves = [(step.event.at, step.row.effect if step.row else step.event.verb) for step in self.steps]
        for part in self.file.parts:
            if part.kind == PartKind.REPORTER:
                continue
            begun = {effect.removeprefix("incident.") for at, effect in moves if at == part.started_at}
            if not begun & BEGINNING[part.kind]:
                self.note(None, f"{part.kind} 的开始没有记录 / began without a move")
            ends = [
                at for at, effect in moves if at > part.started_at and part.kind in ENDING.get(effect, ())
            ]
            if part.ended_at != (ends[0] if ends else None):
                self.note(None, f"{part.kind} 的结束与记录不符 / end")
        for step in self.steps:
            if step.row is not None and step.row.effect in ("assign", "settle"):
                self._given(step)

    def _given(self, step: Step) -> None:
        rows = [p for p in self.file.parts if p.kind == "handler" and p.started_at == step.event.at]
        if len(rows) != 1:
            self.note(step.event, "承办单位不是一个 / not one handler")
            return
        name = self.truth.name_of(self.truth.office(rows[0].department_id, rows[0].division_id))
        said = str(step.event.data.get("handler"))
        fits = said == name or said.startswith(f"{name}（")  # a grid's worker is named too
        if step.row is not None and step.row.effect == "assign" and not fits:
            self.note(step.event, "承办单位与记录不符 / handler")

    def _end(self) -> None:
        case, incident = self.file.case, self.file.incident
        assert self.office is not None and incident is not None
        wanted: dict[str, Any] = {
            "state": self.state,
            "resume_state": self.resume_state,
            "closed_at": self.closed_at,
            "office_id": self.office.pk,
            "urgent": self.urgent,
            "supervision": self.supervision,
            "updated_at": self.file.events[-1].at,
        }
        for name, value in wanted.items():
            if getattr(case, name) != value:
                self.note(None, f"{name}: {getattr(case, name)!r}，按记录应为 / by the record {value!r}")
        if (incident.return_count, incident.reopen_count) != (self.returns, self.reopenings):
            self.note(None, "退回或重办次数 / counts of returns and reopenings")
