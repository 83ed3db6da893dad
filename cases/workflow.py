"""The engine: the only code that writes a case's state. What it may do stands in each kind's table.

One move is one transaction: lock the case, look up the table row, check role, place, guards and form, run the
effect, save the state, append the entry, move the deadlines, write the notices. Files are checked before it: that
takes up to a second each, and nobody shall wait for it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django import forms
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Post, User
from cases import attachments, deadlines, events, notices, policies, recusals
from cases.attachments import Papers, Prepared
from cases.deadlines import Owed
from cases.errors import CaseError, Incomplete, NotAllowed, NotFound, WrongState
from cases.loaders import lock_cases, stored
from cases.models import Case, CaseEvent, Part, PartKind, Stage
from cases.tables import MOST_FILES, RESUME, SAME, Move, SubRow, Transition, Workflow
from grids import clock

# What a move may change of the case itself; saved together with its entry.
_MOVED: Final = (
    "state", "resume_state", "closed_at", "office", "urgent", "supervision", "first_receiver",
    "sensitive", "visible_roles", "keep_until",
)  # fmt: skip

_WORKFLOWS: dict[str, Workflow] = {}


def register(workflow: Workflow) -> None:
    """Made known by a kind's AppConfig.ready()."""
    _WORKFLOWS[workflow.kind] = workflow


def of(kind: str) -> Workflow:
    return _WORKFLOWS[kind]


def registered() -> list[Workflow]:
    return list(_WORKFLOWS.values())


def table_of(case: Case, subject: SubRow | None = None) -> Workflow:
    """The table by which a case moves, or a sub-row of it."""
    return of(case.kind if subject is None else subject.TABLE)


def name_of(subject: SubRow | None) -> str:
    """What a sub-row is called; empty for none."""
    sub = of(subject.TABLE).sub if subject is not None else None
    return sub.called(subject) if sub is not None else ""


def state_label(case: Case) -> Promise:
    return of(case.kind).states[case.state]


def refusal(
    case: Case,
    action: str,
    by: Post | None,
    stances: frozenset[str] | None = None,
    *,
    subject: SubRow | None = None,
) -> CaseError | None:
    """Why this post may not do this to this case (or sub-row) now; None when it may. `by` None is the system."""
    table, thing = table_of(case, subject), subject or case
    if not table.rows_of(action):
        return NotFound(_("没有这个操作。"))
    row = table.row(thing.state, action)
    if row is None or (row.during and case.state not in row.during):
        return _refuse_state(table, case, action, by, subject)
    if by is None:
        return None if row.system else NotAllowed(_("这个操作要由人来做。"))
    if row.system:
        return NotAllowed(_("这个操作由系统完成。"))
    held = stances_to(case, by, subject) if stances is None else stances
    if not held and recusals.is_recused(case, by.user):
        return NotAllowed(_("您已经回避，不再办理这个事项。"))
    if by.role not in row.roles or not held.intersection(row.stances):
        names = table.sub.stance_names if table.sub else None
        return NotAllowed(policies.who_may(row.roles, row.stances, case, names))
    for name in row.guards:
        error = table.guards[name](thing, by)
        if error is not None:
            return error
    return None


def stances_to(case: Case, by: Post, subject: SubRow | None = None) -> frozenset[str]:
    """How a post stands to a case, and to a sub-row of it."""
    held = policies.stances(case, by)
    if subject is None:
        return held
    sub = of(subject.TABLE).sub
    assert sub is not None  # a sub-row's table
    return held | sub.stances(subject, by)


def _refuse_state(
    table: Workflow, case: Case, action: str, by: Post | None, subject: SubRow | None
) -> CaseError:
    """Wrong state for the action; but a role that never does it is told that first."""
    if by is not None and not any(by.role in row.roles for row in table.rows_of(action)):
        return NotAllowed(_("您现在的岗位不办理这个操作。"))
    label, state = state_label(case), case.state
    if subject is not None and table.row(subject.state, action) is None:
        label, state = table.states[subject.state], subject.state
    return WrongState(
        _("这个事项现在是“%(state)s”，不能这样办理。请刷新后再看。") % {"state": label}, state=state
    )


def allowed(case: Case, by: Post | None, *, subject: SubRow | None = None) -> list[Transition]:
    """The rows this post may use now, the likely ones first: buttons and the API's actions come from here."""
    if by is None:
        return []
    stances = stances_to(case, by, subject)
    rows = table_of(case, subject).rows_from((subject or case).state)
    return [
        row
        for row in rows
        if not row.system and refusal(case, row.action, by, stances, subject=subject) is None
    ]


def pick_post(case: Case, action: str, posts: Iterable[Post], *, subject: SubRow | None = None) -> Post:
    """The first of a person's posts that may do this; raises the nearest refusal when none may."""
    errors: list[CaseError] = []
    for post in posts:
        error = refusal(case, action, post, subject=subject)
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
    subject: SubRow | None = None,
) -> CaseEvent:
    """Do an action on a case, or on a sub-row of it.

    Raises NotFound (no such action), NotAllowed, WrongState (also when `data["seen"]` names an older state than
    the present one) or Incomplete; then nothing has changed. Returns the entry written. `case` and `subject` are
    refreshed.
    """
    raw, table = data or {}, table_of(case, subject)
    papers = _checked_papers(case, action, by, raw, files or {}, subject)
    with transaction.atomic():
        row = next(iter(table.rows_of(action)), None)
        ids = {case.pk, *(table.companions(case, row, raw) if row else ())}
        locked = lock_cases(ids)
        current, moving = locked[case.pk], _locked_row(subject)
        row = _row_for(current, action, by, raw, moving)
        form = table.form_of(moving or current, row, by, raw, papers)
        if not form.is_valid():
            raise Incomplete(_("有内容需要补充或改正。"), errors=_messages(form))
        cleaned = dict(form.cleaned_data)
        move = Move(current, row, by, clock.now(), cause or uuid.uuid4(), cleaned, locked, subject=moving)
        event = carry_out(move, table)
    _show(case, current)
    if subject is not None:
        _show(subject, moving)
    return event


def _locked_row(subject: SubRow | None) -> SubRow | None:
    """The sub-row as it is now, locked after its case."""
    if subject is None:
        return None
    sub = of(subject.TABLE).sub
    assert sub is not None  # a sub-row's table
    found: SubRow = sub.lock(subject.pk)
    return found


def _row_for(
    case: Case, action: str, by: Post | None, raw: Mapping[str, Any], subject: SubRow | None
) -> Transition:
    """The table's row for a move that this post may make now; raises the refusal otherwise."""
    _check_seen(case, raw, subject)
    error = refusal(case, action, by, subject=subject)
    if error is not None:
        raise error
    row = table_of(case, subject).row((subject or case).state, action)
    assert row is not None  # refusal() found it
    return row


def _show(mine: Any, current: Any) -> None:
    """Let the caller's object show what the move left, as reading it anew would."""
    for column in mine._meta.concrete_fields:
        setattr(mine, column.attname, getattr(current, column.attname))
    mine._state.fields_cache = dict(current._state.fields_cache)
    vars(mine).pop("_prefetched_objects_cache", None)


def _checked_papers(
    case: Case,
    action: str,
    by: Post | None,
    raw: Mapping[str, Any],
    files: Papers,
    subject: SubRow | None = None,
) -> Papers:
    """The files of a move, checked without any lock; whoever may not do it is refused before they are looked at.

    The lock comes afterwards, and everything is decided again under it.
    """
    if not any(files.values()):
        return {}
    table = table_of(case, subject)
    row = _row_for(stored(case), action, by, raw, subject)
    wanted = {name: table.papers[name].picture_only for name in row.fields if name in table.papers}
    return attachments.prepare_all(files, wanted, most=MOST_FILES)


def _check_seen(case: Case, raw: Mapping[str, Any], subject: SubRow | None) -> None:
    """Somebody pressed on a page that shows an older state: told so, nothing done."""
    seen = raw.get("seen")
    if seen and seen != seen_token(case, subject):
        label = state_label(case) if subject is None else of(subject.TABLE).states[subject.state]
        raise WrongState(
            _("刚才有人先办理了，这个事项现在是“%(state)s”。请看过最新情况再办。") % {"state": label},
            state=(subject or case).state,
            code="moved_on",
        )


def seen_token(case: Case, subject: SubRow | None = None) -> str:
    """What a page remembers of what it shows: the state, who is in charge, and to whom it was given."""
    if subject is not None:
        return f"{subject.TABLE}:{subject.pk}:{subject.state}"
    given = Part.objects.filter(case=case, kind=PartKind.HANDLER, ended_at=None).values_list("pk", flat=True)
    return ":".join(map(str, (case.state, case.office_id, *given)))


def _messages(form: forms.Form) -> dict[str, list[str]]:
    return {name: [str(message) for message in messages] for name, messages in form.errors.items()}


def carry_out(move: Move, table: Workflow) -> CaseEvent:
    """Effect, state, entry, papers, clocks, notices; in this order, in the caller's transaction."""
    case, row, thing = move.case, move.row, move.thing
    before, was, item = case.state, thing.state, _item(move.subject)
    if row.resumes:
        deadlines.resume(case, at=move.at)
    deadlines.meet(case, row.meets, at=move.at, item=item)
    deadlines.cancel(case, row.cancels, at=move.at, item=item)
    if row.effect:
        table.effects[row.effect](move)
    _set_state(move, table)
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
        data=_mention(move, table, was) | move.record | attachments.digests(papers),
        changed=_MOVED,
    )
    attachments.store_all(papers, event=event, by=move.by, at=move.at)
    if case.is_open or move.subject is not None:
        deadlines.start_all(case, _owed(thing, table, row.starts), at=move.at, item=item)
    if row.pauses:
        deadlines.pause(case, at=move.at)
    told = set(move.tell)
    for name in row.tells:
        told |= table.audiences[name](thing)
    notices.tell(event, told)
    return event


def _item(subject: SubRow | None) -> int | None:
    """The key by which a sub-row's duties are its own; None: any duty of the case."""
    return None if subject is None else int(subject.pk)


def _mention(move: Move, table: Workflow, was: str) -> dict[str, Any]:
    """What the entry of a sub-row's move says to name it, and from where it moved to where."""
    if table.sub is None:
        return {}
    return {**table.sub.mention(move.subject), "moved": [was, move.subject.state]}


def follow(case: Case, action: str, *, subject: SubRow, at: datetime, cause: uuid.UUID) -> CaseEvent:
    """A move of a sub-row that the program makes because of another: in its transaction, the case being locked.

    The table must have a system row for it; KeyError otherwise.
    """
    table = table_of(case, subject)
    row = table.row(subject.state, action)
    if row is None or not row.system:
        raise KeyError(action)
    return carry_out(Move(case, row, None, at, cause, subject=subject), table)


def _papers_of(move: Move, table: Workflow) -> dict[Stage, list[Prepared]]:
    """The checked files of a move by what they show."""
    found: dict[Stage, list[Prepared]] = {}
    for name in move.row.fields:
        if name in table.papers:
            found.setdefault(table.papers[name].stage, []).extend(move.data.get(name) or [])
    return found


def _owed(thing: Any, table: Workflow, duties: Iterable[str]) -> list[Owed]:
    return [Owed(duty, table.allowance_of(thing, duty), table.holder_of(thing, duty)) for duty in duties]


def _set_state(move: Move, table: Workflow) -> None:
    case, row = move.case, move.row
    if move.subject is not None:
        if row.target != SAME:
            move.subject.state = row.target
            move.subject.save(update_fields=["state"])
        return
    if row.pauses:
        case.resume_state = case.state
    if row.target == RESUME:
        case.state, case.resume_state = case.resume_state, ""
    elif row.target != SAME:
        case.state = row.target
    case.closed_at = (case.closed_at or move.at) if case.state in table.finals else None


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
