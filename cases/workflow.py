"""The engine: the only code that writes a case's state. What it may do stands in each kind's table.

One move is one transaction: lock the case, look up the table row, check role, place, guards and form, run the
effect, save the state, append the entry, move the deadlines, write the notices. Files are checked before it: that
takes up to a second each, and nobody shall wait for it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django import forms
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Post, User
from accounts.roles import Role
from cases import attachments, deadlines, events, notices, policies
from cases.attachments import Papers, Prepared
from cases.deadlines import Owed
from cases.errors import CaseError, Incomplete, NotAllowed, NotFound, WrongState
from cases.loaders import lock_cases, stored
from cases.models import Case, CaseEvent, Part, PartKind, Stage
from cases.offices import Office
from grids import clock
from grids.calendars import Allowance

MOST_FILES: Final = 9  # in one field

SAME: Final = "="  # the state stays
RESUME: Final = "<"  # back to the state before the suspension
# What a move may change of the case itself; saved together with its entry.
_MOVED: Final = (
    "state", "resume_state", "closed_at", "office", "urgent", "supervision", "first_receiver",
    "sensitive", "visible_roles",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of a workflow table: an action, from where, who, with what, and all that follows.

    `stances`: where the post must stand to the case, any one of them (see `policies.STANCES`).
    `needs`/`takes`: form fields required/optional. `guards`: named predicates of the kind.
    `meets`, `cancels`, `starts`: duties; `pauses`/`resumes`: all open clocks.
    `tells`: audiences. `system`: only the program does it. `rank`: the likely action first.
    """

    action: str
    label: Promise
    sources: tuple[str, ...]
    target: str
    verb: str
    roles: tuple[Role, ...] = ()
    stances: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    effect: str = ""
    meets: tuple[str, ...] = ()
    cancels: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    pauses: bool = False
    resumes: bool = False
    tells: tuple[str, ...] = ()
    follows: Promise | str = ""
    system: bool = False
    rank: int = 50

    @property
    def fields(self) -> tuple[str, ...]:
        return (*self.needs, *self.takes)


@dataclass(frozen=True, slots=True)
class PaperField:
    """A form field that takes files: what its files show, and whether it takes pictures alone."""

    stage: Stage
    picture_only: bool


@dataclass(slots=True)
class Move:
    """A move under way, handed to guards and effects. Effects may fill `record` and `tell`, and move `case`."""

    case: Case
    row: Transition
    by: Post | None
    at: datetime
    cause: uuid.UUID
    data: dict[str, Any] = field(default_factory=dict)
    locked: dict[int, Case] = field(default_factory=dict)
    record: dict[str, Any] = field(default_factory=dict)
    tell: set[User] = field(default_factory=set)


Guard = Callable[[Case, Post | None], CaseError | None]
Effect = Callable[[Move], None]
FormOf = Callable[[Case, Transition, Post | None, Mapping[str, Any], Papers], forms.Form]


@dataclass(frozen=True, slots=True)
class Workflow:
    """One kind of case: its states, its table, and the functions that the table names."""

    kind: str
    states: Mapping[str, Promise]
    initial: str
    finals: frozenset[str]
    rows: tuple[Transition, ...]
    form_of: FormOf
    allowance_of: Callable[[Case, str], Allowance]
    holder_of: Callable[[Case, str], Office]
    guards: Mapping[str, Guard]
    effects: Mapping[str, Effect]
    audiences: Mapping[str, Callable[[Case], set[User]]]
    # Other cases that a move touches too, so that all are locked in one order.
    companions: Callable[[Case, Transition, Mapping[str, Any]], Iterable[int]]
    # Erases the free text of a case past its term; returns what the case is called from then on.
    forget: Callable[[Case], str]
    papers: Mapping[str, PaperField] = field(default_factory=dict)
    text_fields: tuple[str, ...] = ("reason", "result", "note", "instruction")
    duties: Mapping[str, Promise] = field(default_factory=dict)

    def row(self, state: str, action: str) -> Transition | None:
        """The row for an action in a state, or None."""
        return next((row for row in self.rows if row.action == action and state in row.sources), None)

    def rows_of(self, action: str) -> list[Transition]:
        return [row for row in self.rows if row.action == action]

    def rows_from(self, state: str) -> list[Transition]:
        """The rows open in a state, the likely ones first."""
        return sorted((row for row in self.rows if state in row.sources), key=lambda row: row.rank)


_WORKFLOWS: dict[str, Workflow] = {}


def register(workflow: Workflow) -> None:
    """Made known by a kind's AppConfig.ready()."""
    _WORKFLOWS[workflow.kind] = workflow


def of(kind: str) -> Workflow:
    return _WORKFLOWS[kind]


def registered() -> list[Workflow]:
    return list(_WORKFLOWS.values())


def state_label(case: Case) -> Promise:
    return of(case.kind).states[case.state]


def refusal(
    case: Case, action: str, by: Post | None, stances: frozenset[str] | None = None
) -> CaseError | None:
    """Why this post may not do this to this case now; None when it may. `by` None is the system."""
    table = of(case.kind)
    if not table.rows_of(action):
        return NotFound(_("没有这个操作。"))
    row = table.row(case.state, action)
    if row is None:
        return _refuse_state(table, case, action, by)
    if by is None:
        return None if row.system else NotAllowed(_("这个操作要由人来做。"))
    if row.system:
        return NotAllowed(_("这个操作由系统完成。"))
    held = policies.stances(case, by) if stances is None else stances
    if by.role not in row.roles or not held.intersection(row.stances):
        return NotAllowed(policies.who_may(row.roles, row.stances, case))
    for name in row.guards:
        error = table.guards[name](case, by)
        if error is not None:
            return error
    return None


def _refuse_state(table: Workflow, case: Case, action: str, by: Post | None) -> CaseError:
    """Wrong state for the action; but a role that never does it is told that first."""
    if by is not None and not any(by.role in row.roles for row in table.rows_of(action)):
        return NotAllowed(_("您现在的岗位不办理这个操作。"))
    return WrongState(
        _("这个事项现在是“%(state)s”，不能这样办理。请刷新后再看。") % {"state": state_label(case)},
        state=case.state,
    )


def allowed(case: Case, by: Post | None) -> list[Transition]:
    """The rows this post may use now, the likely ones first: buttons and the API's actions come from here."""
    if by is None:
        return []
    stances = policies.stances(case, by)
    rows = of(case.kind).rows_from(case.state)
    return [row for row in rows if not row.system and refusal(case, row.action, by, stances) is None]


def pick_post(case: Case, action: str, posts: Iterable[Post]) -> Post:
    """The first of a person's posts that may do this; raises the nearest refusal when none may."""
    errors: list[CaseError] = []
    for post in posts:
        error = refusal(case, action, post)
        if error is None:
            return post
        errors.append(error)
    raise next((e for e in errors if isinstance(e, WrongState)), None) or (
        errors[0] if errors else NotAllowed(_("您现在没有岗位，不能办理事项。"))
    )


def advance(
    case: Case,
    action: str,
    *,
    by: Post | None,
    data: Mapping[str, Any] | None = None,
    files: Papers | None = None,
    cause: uuid.UUID | None = None,
) -> CaseEvent:
    """Do an action on a case.

    Raises NotFound (no such action), NotAllowed, WrongState (also when `data["seen"]` names an older state than
    the present one) or Incomplete; then nothing has changed. Returns the entry written. `case` is refreshed.
    """
    raw, table = data or {}, of(case.kind)
    papers = _checked_papers(case, action, by, raw, files or {})
    with transaction.atomic():
        row = next(iter(table.rows_of(action)), None)
        ids = {case.pk, *(table.companions(case, row, raw) if row else ())}
        locked = lock_cases(ids)
        current = locked[case.pk]
        _check_seen(current, raw)
        error = refusal(current, action, by)
        if error is not None:
            raise error
        row = table.row(current.state, action)
        assert row is not None  # refusal() found it
        form = table.form_of(current, row, by, raw, papers)
        if not form.is_valid():
            raise Incomplete(_("有内容需要补充或改正。"), errors=_messages(form))
        move = Move(current, row, by, clock.now(), cause or uuid.uuid4(), dict(form.cleaned_data), locked)
        event = carry_out(move, table)
    _show(case, current)
    return event


def _show(case: Case, current: Case) -> None:
    """Let the caller's object show what the move left, as reading it anew would."""
    for column in Case._meta.concrete_fields:
        setattr(case, column.attname, getattr(current, column.attname))
    case._state.fields_cache = dict(current._state.fields_cache)
    vars(case).pop("_prefetched_objects_cache", None)


def _checked_papers(
    case: Case, action: str, by: Post | None, raw: Mapping[str, Any], files: Papers
) -> Papers:
    """The files of a move, checked without any lock; whoever may not do it is refused before they are looked at.

    The lock comes afterwards, and everything is decided again under it.
    """
    if not any(files.values()):
        return {}
    table, current = of(case.kind), stored(case)
    _check_seen(current, raw)
    error = refusal(current, action, by)
    if error is not None:
        raise error
    row = table.row(current.state, action)
    assert row is not None  # refusal() found it
    wanted = {name: table.papers[name].picture_only for name in row.fields if name in table.papers}
    return attachments.prepare_all(files, wanted, most=MOST_FILES)


def _check_seen(case: Case, raw: Mapping[str, Any]) -> None:
    """Somebody pressed on a page that shows an older state: told so, nothing done."""
    seen = raw.get("seen")
    if seen and seen != seen_token(case):
        raise WrongState(
            _("刚才有人先办理了，这个事项现在是“%(state)s”。请看过最新情况再办。")
            % {"state": state_label(case)},
            state=case.state,
            code="moved_on",
        )


def seen_token(case: Case) -> str:
    """What a page remembers of the case it shows: its state, who is in charge, and to whom it was given."""
    given = Part.objects.filter(case=case, kind=PartKind.HANDLER, ended_at=None).values_list("pk", flat=True)
    return ":".join(map(str, (case.state, case.office_id, *given)))


def _messages(form: forms.Form) -> dict[str, list[str]]:
    return {name: [str(message) for message in messages] for name, messages in form.errors.items()}


def carry_out(move: Move, table: Workflow) -> CaseEvent:
    """Effect, state, entry, papers, clocks, notices; in this order, in the caller's transaction."""
    case, row = move.case, move.row
    before = case.state
    if row.resumes:
        deadlines.resume(case, at=move.at)
    deadlines.meet(case, row.meets, at=move.at)
    deadlines.cancel(case, row.cancels, at=move.at)
    if row.effect:
        table.effects[row.effect](move)
    _set_state(case, row, table, move.at)
    papers = _papers_of(move, table)
    event = events.append(
        case,
        row.verb,
        by=move.by,
        at=move.at,
        cause=move.cause,
        from_state=before,
        to_state=case.state,
        text=_text(move.data, table.text_fields),
        data=move.record | attachments.digests(papers),
        changed=_MOVED,
    )
    attachments.store_all(papers, event=event, by=move.by, at=move.at)
    if case.is_open:
        deadlines.start_all(case, _owed(case, table, row.starts), at=move.at)
    if row.pauses:
        deadlines.pause(case, at=move.at)
    told = set(move.tell)
    for name in row.tells:
        told |= table.audiences[name](case)
    notices.tell(event, told)
    return event


def _papers_of(move: Move, table: Workflow) -> dict[Stage, list[Prepared]]:
    """The checked files of a move by what they show."""
    found: dict[Stage, list[Prepared]] = {}
    for name in move.row.fields:
        if name in table.papers:
            found.setdefault(table.papers[name].stage, []).extend(move.data.get(name) or [])
    return found


def _owed(case: Case, table: Workflow, duties: Iterable[str]) -> list[Owed]:
    return [Owed(duty, table.allowance_of(case, duty), table.holder_of(case, duty)) for duty in duties]


def _set_state(case: Case, row: Transition, table: Workflow, at: datetime) -> None:
    if row.pauses:
        case.resume_state = case.state
    if row.target == RESUME:
        case.state, case.resume_state = case.resume_state, ""
    elif row.target != SAME:
        case.state = row.target
    case.closed_at = (case.closed_at or at) if case.state in table.finals else None


def _text(data: Mapping[str, Any], names: Iterable[str]) -> str:
    return next((str(data[name]).strip() for name in names if data.get(name)), "")


def open_case(
    case: Case,
    table: Workflow,
    *,
    by: Post | None,
    verb: str,
    at: datetime,
    cause: uuid.UUID,
    text: str = "",
    data: Mapping[str, Any] | None = None,
    starts: Iterable[str] = (),
    tells: Iterable[str] = (),
    papers: Mapping[Stage, Sequence[Prepared]] | None = None,
) -> CaseEvent:
    """Write the first entry of a case just inserted in this transaction, with its papers; start clocks, tell people."""
    case.state = case.state or table.initial
    event = events.append(
        case,
        verb,
        by=by,
        at=at,
        cause=cause,
        to_state=case.state,
        text=text,
        data={**(data or {}), **attachments.digests(papers or {})},
        changed=["state"],
    )
    attachments.store_all(papers or {}, event=event, by=by, at=at)
    deadlines.start_all(case, _owed(case, table, starts), at=at)
    told: set[User] = set()
    for name in tells:
        told |= table.audiences[name](case)
    notices.tell(event, told)
    return event
