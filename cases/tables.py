"""What a table of moves is made of: one row an action, one table a kind of case or of sub-row.

The tables themselves stand in the apps of the kinds (`incidents.workflow`); the engine that walks them is
`cases.workflow`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final, Protocol

from django.utils.functional import Promise

from accounts.models import Post, User
from accounts.roles import Role
from cases.action_form import ActionForm, FieldMaker
from cases.errors import CaseError
from cases.models import Case, Stage
from cases.offices import Office
from grids.calendars import Allowance

MOST_FILES: Final = 9  # in one field

SAME: Final = "="  # the state stays
RESUME: Final = "<"  # back to the state before the suspension


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of a workflow table: an action, from where, who, with what, and all that follows.

    `stances`: where the post must stand to the case, any one of them (see `policies.STANCES`).
    `needs`/`takes`: form fields required/optional. `guards`: named predicates of the kind.
    `meets`, `cancels`, `starts`: duties; `pauses`/`resumes`: all open clocks.
    `tells`: audiences. `system`: only the program does it. `rank`: the likely action first.
    `during`: of a sub-row's table, the states in which its case must be.
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
    during: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        return (*self.needs, *self.takes)


@dataclass(frozen=True, slots=True)
class PaperField:
    """A form field that takes files: what its files show, and whether it takes pictures alone."""

    stage: Stage
    picture_only: bool


class SubRow(Protocol):
    """A row of a case with states and a table of its own (a department's summons): moved under its case's lock."""

    TABLE: ClassVar[str]
    pk: Any
    state: str

    @property
    def case(self) -> Any: ...

    def save(self, *, update_fields: Iterable[str]) -> None: ...


def case_of(thing: Any) -> Case:
    """The case of what moves: itself, or that of the sub-row."""
    found: Case = thing if isinstance(thing, Case) else thing.case
    return found


@dataclass(slots=True)
class Move:
    """A move under way, handed to guards and effects. Effects may fill `record` and `tell`, and move `case`.

    `subject`: the sub-row that moves; None when the case itself does.
    """

    case: Case
    row: Transition
    by: Post | None
    at: datetime
    cause: uuid.UUID
    data: dict[str, Any] = field(default_factory=dict)
    locked: dict[int, Case] = field(default_factory=dict)
    record: dict[str, Any] = field(default_factory=dict)
    tell: set[User] = field(default_factory=set)
    subject: Any = None

    @property
    def thing(self) -> Any:
        """What moves: the sub-row, else the case."""
        return self.subject or self.case


# Guards, forms, allowances and holders are asked about what moves: a case, or a sub-row of its own table.
Guard = Callable[[Any, Post | None], CaseError | None]
Effect = Callable[[Move], None]


@dataclass(frozen=True, slots=True)
class SubTable:
    """What the engine must know of the sub-rows of a kind, besides their table.

    `lock`: reads a row again and locks it, the case being locked already. `stances`: how a post stands to the row,
    besides how it stands to the case; `stance_names`: what these are called. `mention`: what every entry says to name
    the row; `called`: what the head of its own page does.
    """

    lock: Callable[[int], Any]
    stances: Callable[[Any, Post], frozenset[str]]
    mention: Callable[[Any], dict[str, Any]]
    stance_names: Mapping[str, Promise] = field(default_factory=dict)
    called: Callable[[Any], str] = lambda row: ""


@dataclass(frozen=True, slots=True)
class Workflow:
    """One kind of case, or of sub-row: its states, its table, and the functions that the table names.

    `makers`: how each field named in the table is made. `form`: the class of the forms, where several fields are
    checked together. `duties`: what the duties are called; a kind's own table also names those of its sub-rows.
    `appointments`: those of them that are dates and no office's duty. `told`: what the audiences are called ("office",
    the centre in charge, is called by its name).
    """

    kind: str
    states: Mapping[str, Promise]
    initial: str
    finals: frozenset[str]
    rows: tuple[Transition, ...]
    makers: Mapping[str, FieldMaker]
    allowance_of: Callable[[Any, str], Allowance]
    holder_of: Callable[[Any, str], Office]
    guards: Mapping[str, Guard]
    effects: Mapping[str, Effect]
    audiences: Mapping[str, Callable[[Any], set[User]]]
    form: type[ActionForm] = ActionForm
    # Other cases that a move touches too, so that all are locked in one order.
    companions: Callable[[Case, Transition, Mapping[str, Any]], Iterable[int]] = lambda case, row, raw: ()
    # Erases the free text of a case past its term; returns what the case is called from then on.
    forget: Callable[[Case], str] | None = None
    # What a case is about in a word or two, for lists of all kinds: its category, its subject.
    about: Callable[[Case], str] = lambda case: ""
    # What another kind of case that this one becomes takes over: its first facts, by the names of its form's fields.
    carry: Callable[[Case], dict[str, Any]] | None = None
    sub: SubTable | None = None
    papers: Mapping[str, PaperField] = field(default_factory=dict)
    text_fields: tuple[str, ...] = ("reason", "result", "note", "instruction")
    duties: Mapping[str, Promise] = field(default_factory=dict)
    appointments: frozenset[str] = frozenset()
    told: Mapping[str, Promise] = field(default_factory=dict)

    @property
    def actions(self) -> list[str]:
        """What people do, each action once, in the order of the table."""
        return list(dict.fromkeys(row.action for row in self.rows if not row.system))

    def row(self, state: str, action: str) -> Transition | None:
        """The row for an action in a state, or None."""
        return next((row for row in self.rows if row.action == action and state in row.sources), None)

    def form_of(self, thing: Any, row: Transition, by: Post | None, *args: Any, **kwargs: Any) -> ActionForm:
        """The form of a row for what moves: bound when data and files follow, as of any form; else empty."""
        return self.form(thing, row, by, *args, makers=self.makers, **kwargs)

    def rows_of(self, action: str) -> list[Transition]:
        return [row for row in self.rows if row.action == action]

    def rows_from(self, state: str) -> list[Transition]:
        """The rows open in a state, the likely ones first."""
        return sorted((row for row in self.rows if state in row.sources), key=lambda row: row.rank)
