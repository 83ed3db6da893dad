"""What an incident's moves change besides state, clocks and record. Named by the table; run by the engine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from cases import deadlines, events, notices, parts, policies, workflow
from cases.divisions import above
from cases.errors import Incomplete, WrongState
from cases.models import Case, CaseLink, LinkKind, PartKind
from cases.numbers import next_number
from cases.offices import Office
from cases.search import bigrams
from cases.tables import Move, Transition
from grids.calendars import Allowance, Unit
from grids.models import Department, Division
from incidents.models import Category, Extension, ExtensionState, Incident
from incidents.routing import closing_office, filing_office, may_see


def holder_of(case: Case, duty: str) -> Office:
    """Who owes a duty: the handler what is handled, the centre in charge everything else."""
    if duty in ("accept", "handle"):
        for part in parts.held(case, [PartKind.HANDLER]):
            return part.office
    return Office.of(case.office)


def allowance_of(case: Case, duty: str) -> Allowance:
    """The time for a duty by the category's version that the incident holds."""
    return case.incident.version.allowance(duty, urgent=case.urgent)


# --- parts


def _add_departments(move: Move, kind: str, ids: list[int]) -> None:
    for pk in ids or []:
        parts.add(move.case, kind, Office(department_id=pk), at=move.at)
    if ids:
        names = list(Department.objects.filter(pk__in=ids).order_by("pk").values_list("name", flat=True))
        move.record[kind] = names


def end_parts(move: Move) -> None:
    parts.end(move.case, at=move.at)


# --- filing


def _set_category(move: Move, category: Category) -> None:
    case, incident = move.case, move.case.incident
    if category == incident.category or category.current is None:
        return
    move.record["category"] = {"old": incident.category.code, "new": category.code}
    incident.category, incident.version = category, category.current
    incident.save(update_fields=["category", "version"])
    case.sensitive, case.visible_roles = category.current.sensitive, category.current.visible_roles
    if not may_see(case.office.level, case):
        # A centre that no longer sees it could do nothing with it, and nobody else may.
        _hand_to(move, filing_office(case.place, category.current))
        for duty in ("file", "assign"):
            deadlines.move(case, duty, holder=Office.of(case.office))
    for deadline in deadlines.open_of(case, workflow.of(case.kind).duties):
        if deadline.duty != "suspension":
            deadlines.reallow(deadline, allowance_of(case, deadline.duty))


def file(move: Move) -> None:
    """Filing may correct the category in the same press."""
    if move.data.get("category"):
        _set_category(move, move.data["category"])


def correct_category(move: Move) -> None:
    _set_category(move, move.data["category"])


# --- assigning and handling


def assign(move: Move) -> None:
    """A handler, with co-handlers and copies; an earlier handler loses its part and its view."""
    office, post = move.data["handler"]
    parts.end(move.case, PartKind.HANDLER, PartKind.CO_HANDLER, at=move.at)
    _lapse_extensions(move.case)
    parts.add(move.case, PartKind.HANDLER, office, at=move.at, post=post)
    move.record["handler"] = _office_name(office) + (f"（{post.user.name}）" if post else "")
    _add_departments(move, PartKind.CO_HANDLER, move.data.get("co_handlers") or [])
    _add_departments(move, PartKind.COPIED, move.data.get("copies") or [])


def _office_name(office: Office) -> str:
    if office.department_id:
        return Department.objects.get(pk=office.department_id).name
    assert office.division_id is not None
    return Division.objects.get(pk=office.division_id).name


def accept(move: Move) -> None:
    """Somebody has signed for it: the first receiver is answerable no longer (首问负责)."""
    move.case.first_receiver = None


def _lapse_extensions(case: Case) -> None:
    pending = Extension.objects.filter(deadline__case=case, state=ExtensionState.PENDING)
    pending.update(state=ExtensionState.LAPSED)


def _to_closing_office(case: Case, handled: set[Office]) -> dict[str, Any]:
    """Move a case up to the lowest centre that has not handled it, so that somebody may verify and archive.

    Returns what the record says of it.
    """
    divisions = set(Division.objects.filter(pk__in=[o.division_id for o in handled if o.division_id]))
    office = closing_office(case.office, divisions)
    if office == case.office:
        return {}
    said = {"office": {"old": case.office.name, "new": office.name}}
    case.office = office
    for duty in ("whole", "verify"):
        deadlines.move(case, duty, holder=Office.of(office))
    return said


def feed_back(move: Move) -> None:
    """The handler is done; whoever verifies and archives must not have handled it."""
    _lapse_extensions(move.case)
    _users, offices = policies.handlers_of(move.case)
    own = {Office.of(move.by)} if move.by else set()
    move.record |= _to_closing_office(move.case, offices | own)


def to_closing_office(move: Move) -> None:
    _users, offices = policies.handlers_of(move.case)
    move.record |= _to_closing_office(move.case, offices)


def settle(move: Move) -> None:
    """Reported and settled in one go: whoever settles is the handler; the level above closes."""
    assert move.by is not None
    office = Office.of(move.by)
    parts.add(move.case, PartKind.HANDLER, office, at=move.at, post=move.by)
    move.case.first_receiver = None
    feed_back(move)


def return_(move: Move) -> None:
    """Not ours. The second return of the same ticket goes to the level above to decide."""
    case, incident = move.case, move.case.incident
    parts.end(case, PartKind.HANDLER, PartKind.CO_HANDLER, at=move.at)
    _lapse_extensions(case)
    incident.return_count += 1
    incident.save(update_fields=["return_count"])
    move.record["ground"] = move.data["ground"]
    if move.data.get("right_department"):
        move.record["right_department"] = Department.objects.get(pk=int(move.data["right_department"])).name
    upper = above(case.office)
    if incident.return_count == 2 and upper is not None:
        _hand_to(move, upper)


def ask_extension(move: Move) -> None:
    deadline = deadlines.open_of(move.case, ["handle"])[0]
    Extension.objects.create(deadline=deadline, amount=move.data["amount"])
    move.record["amount"], move.record["unit"] = move.data["amount"], deadline.unit


def _decide_extension(move: Move, state: ExtensionState) -> Extension:
    extension = Extension.objects.select_related("deadline").get(
        deadline__case=move.case,
        deadline__met_at=None,
        deadline__cancelled_at=None,
        state=ExtensionState.PENDING,
    )
    extension.state, extension.decided_by, extension.decided_at = state, move.by, move.at
    extension.save(update_fields=["state", "decided_by", "decided_at"])
    move.record["amount"], move.record["unit"] = extension.amount, extension.deadline.unit
    return extension


def grant_extension(move: Move) -> None:
    """The handling time grows by what was asked; the whole time by as much, in its own unit."""
    extension = _decide_extension(move, ExtensionState.GRANTED)
    for deadline in deadlines.open_of(move.case, ["handle", "whole"]):
        extra = in_unit(extension.amount, Unit(extension.deadline.unit), Unit(deadline.unit))
        old = deadline.due_at
        deadlines.extend(deadline, extra)
        move.record[deadline.duty] = {"old": old.isoformat(), "new": deadline.due_at.isoformat()}


# Minutes in a day of each unit, to carry an extension over to a limit that counts otherwise (rounded up).
_DAY = {
    Unit.CLOCK_MINUTES: 1440,
    Unit.CALENDAR_DAYS: 1440,
    Unit.WORKING_MINUTES: 420,
    Unit.WORKING_DAYS: 420,
}
_PER_UNIT = {
    Unit.CLOCK_MINUTES: 1,
    Unit.WORKING_MINUTES: 1,
    Unit.CALENDAR_DAYS: 1440,
    Unit.WORKING_DAYS: 420,
}


def in_unit(amount: int, source: Unit, target: Unit) -> int:
    """The same length in another unit, rounded up to a whole one; a working day counts as seven hours."""
    days = amount * _PER_UNIT[source] / _DAY[source]
    return -int(-(days * _DAY[target]) // _PER_UNIT[target])


def refuse_extension(move: Move) -> None:
    _decide_extension(move, ExtensionState.REFUSED)


# --- the centre's moves


def _hand_to(move: Move, office: Division) -> None:
    move.record["office"] = {"old": move.case.office.name, "new": office.name}
    move.case.office = office
    deadlines.move(move.case, "whole", holder=Office.of(office))


def pass_up(move: Move) -> None:
    upper = above(move.case.office)
    assert upper is not None  # guard has_level_above
    _hand_to(move, upper)


def pass_down(move: Move) -> None:
    _hand_to(move, move.data["division"])


def suspend(move: Move) -> None:
    """The clocks stop until a date; that date is an appointment which resumes the case by itself."""
    until: datetime = move.data["until"]
    minutes = max(1, round((until - move.at).total_seconds() / 60))
    deadlines.start(
        move.case,
        "suspension",
        allowance=Allowance(minutes, Unit.CLOCK_MINUTES),
        holder=Office.of(move.case.office),
        at=move.at,
    )
    move.record["ground"], move.record["until"] = move.data["suspend_ground"], until.isoformat()


def add_co_handlers(move: Move) -> None:
    _add_departments(move, PartKind.CO_HANDLER, move.data["co_handlers"])


def add_copies(move: Move) -> None:
    _add_departments(move, PartKind.COPIED, move.data["copies"])


def supervise(move: Move) -> None:
    move.case.supervision = move.data["card"]
    move.record["card"] = move.data["card"]


def make_urgent(move: Move) -> None:
    """Open limits are computed again from their own start with the urgent times."""
    move.case.urgent = True
    for deadline in deadlines.open_of(move.case):
        if deadline.duty != "suspension":
            deadlines.reallow(deadline, allowance_of(move.case, deadline.duty))


# --- links


def _link(source: Case, target: Case, kind: str, at: datetime) -> None:
    CaseLink.objects.get_or_create(source=source, target=target, kind=kind, defaults={"at": at})


def link(move: Move) -> None:
    target = move.locked[move.data["target"].pk]
    _link(move.case, target, LinkKind.RELATED, move.at)
    move.record["target"] = target.number
    events.append(
        target, "incident.linked", by=move.by, at=move.at, cause=move.cause, data={"target": move.case.number}
    )


def _post_of(part: parts.Held) -> Post:
    assert part.post_id is not None  # the CHECK part_reporter_is_a_post
    return Post.objects.select_related("user").get(pk=part.post_id)


def _sees(post: Post, case: Case) -> bool:
    return Case.objects.visible_to(post.user).filter(pk=case.pk).exists()


def merge(move: Move) -> None:
    """A duplicate ends in the other case; its reporters become reporters there, and hear of both."""
    case, target = move.case, move.locked[move.data["target"].pk]
    if not target.is_open:
        raise WrongState(
            _("要并入的事项已经结束，请选还在办理的。"), state=target.state, code="target_closed"
        )
    reporters = [(part.office, _post_of(part)) for part in parts.held(case, [PartKind.REPORTER])]
    if target.sensitive and not all(_sees(post, target) for _office, post in reporters):
        message = _("那是敏感事项，并入会让这一件的上报人看到它。请改用“关联”，这一件照常办理。")
        raise Incomplete(_("有内容需要补充或改正。"), errors={"target": [str(message)]})
    _link(case, target, LinkKind.DUPLICATE, move.at)
    _lapse_extensions(case)
    for office, post in reporters:
        parts.add(target, PartKind.REPORTER, office, at=move.at, post=post)
    move.record["target"] = target.number
    moved: dict[str, Any] = {}
    if target.state in ("fed_back", "verified"):
        # Who handled the duplicate has handled a part of it, and can no longer close it.
        moved = _to_closing_office(target, policies.handlers_of(target)[1])
    event = events.append(
        target,
        "incident.received_duplicate",
        by=move.by,
        at=move.at,
        cause=move.cause,
        data={"source": case.number, **moved},
        changed=["office"],
    )
    told = notices.part_audience(target, [PartKind.REPORTER, PartKind.HANDLER])
    notices.tell(
        event, told | (notices.office_audience(Office.of(target.office), target) if moved else set())
    )
    _parent_may_go_on(move)


def split(move: Move) -> None:
    """Each task becomes a case of its own with its own handler and clocks; the parent waits for all."""
    numbers_made = []
    for department_id, task in move.data["tasks"]:
        child = _child_of(move, task)
        parts.add(child, PartKind.HANDLER, Office(department_id=department_id), at=move.at)
        workflow.open_case(
            child,
            workflow.of(child.kind),
            by=move.by,
            verb="incident.split_off",
            at=move.at,
            cause=move.cause,
            text=task,
            data={"parent": move.case.number},
            starts=("accept", "handle", "whole"),
            tells=("handler",),
        )
        numbers_made.append(child.number)
    move.record["children"] = numbers_made
    move.case.first_receiver = None  # who took it in answers for each task until that is signed for


def _child_of(move: Move, task: str) -> Case:
    parent, incident = move.case, move.case.incident
    title = f"{parent.title} · {task}"[:120]
    child = Case.objects.create(
        number=next_number("SJ", "incidents_number", move.at),
        kind=parent.kind,
        title=title,
        state="assigned",
        place=parent.place,
        place_prefix=parent.place_prefix,
        office=parent.office,
        urgent=parent.urgent,
        sensitive=parent.sensitive,
        visible_roles=parent.visible_roles,
        first_receiver=parent.first_receiver,
        opened_at=move.at,
        updated_at=move.at,
        search=bigrams(title, incident.description, incident.address),
    )
    copied = ("category", "version", "description", "occurred_at", "address", "lat", "lng", "accuracy",
              "position_source", "place_geometry", "source", "fields")  # fmt: skip
    Incident.objects.create(case=child, split_task=task, **{name: getattr(incident, name) for name in copied})
    _link(child, parent, LinkKind.SPLIT, move.at)
    return child


def parent_of(case: Case) -> Case | None:
    """The case that this one was split from."""
    link_ = CaseLink.objects.filter(source=case, kind=LinkKind.SPLIT).select_related("target").first()
    return link_.target if link_ else None


def _others_open(parent: Case, child: Case) -> bool:
    """Whether another task of the split is still under way."""
    finals = workflow.of(parent.kind).finals
    siblings = Case.objects.unscoped().filter(links_out__target=parent, links_out__kind=LinkKind.SPLIT)
    return siblings.exclude(Q(state__in=finals) | Q(pk=child.pk)).exists()


def _parent_may_go_on(move: Move) -> None:
    """When the last task of a split is closed, the waiting parent goes on by itself."""
    parent = parent_of(move.case)
    if parent is None or parent.state != "split":
        return
    if not _others_open(parent, move.case):
        workflow.advance(parent, "children_done", by=None, cause=move.cause)


def archive(move: Move) -> None:
    _lapse_extensions(move.case)
    _parent_may_go_on(move)


def reopen(move: Move) -> None:
    """Back to the centre: the handler's part ends, so that the work is assigned anew."""
    incident = move.case.incident
    incident.reopen_count += 1
    incident.save(update_fields=["reopen_count"])
    parts.end(move.case, PartKind.HANDLER, PartKind.CO_HANDLER, at=move.at)


def companions(case: Case, row: Transition, data: Any) -> list[int]:
    """Other cases a move touches: the target of a merge or link, the parent of a split task."""
    ids: list[int] = []
    if "target" in row.needs and isinstance(data.get("target"), str):
        ids += _numbered(data["target"].strip(), case.kind)
    if row.action in ("archive", "merge", "reopen"):
        ids += _parents(case)
    return ids


def _numbered(number: str, kind: str) -> list[int]:
    found = Case.objects.unscoped().numbered(number).filter(kind=kind)
    return list(found.values_list("pk", flat=True))


def _parents(case: Case) -> list[int]:
    links = CaseLink.objects.filter(source=case, kind=LinkKind.SPLIT)
    return list(links.values_list("target_id", flat=True))


EFFECTS: dict[str, Callable[[Move], None]] = {
    "file": file,
    "correct_category": correct_category,
    "end_parts": end_parts,
    "assign": assign,
    "accept": accept,
    "feed_back": feed_back,
    "closing_office": to_closing_office,
    "settle": settle,
    "return": return_,
    "ask_extension": ask_extension,
    "grant_extension": grant_extension,
    "refuse_extension": refuse_extension,
    "pass_up": pass_up,
    "pass_down": pass_down,
    "suspend": suspend,
    "add_co_handlers": add_co_handlers,
    "add_copies": add_copies,
    "supervise": supervise,
    "make_urgent": make_urgent,
    "link": link,
    "merge": merge,
    "split": split,
    "archive": archive,
    "reopen": reopen,
}
