"""The rows that the history changes, kept in memory and written many at a time, in the end or before they are asked for.

A move of the engine reads and writes a handful of rows of one case. While nobody but this process writes, its answers
come from the very objects that it wrote before. Whatever else asks the database about one of these tables has
everything written first, so that it can never be told an old state.
"""

from __future__ import annotations

import copy
import heapq
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, models

from cases import events, verbs
from cases.models import Case, CaseEvent, Deadline, DeadlineMark, Part, PartKind
from cases.offices import Office
from cases.parts import Held

BLOCK = 2000  # primary keys taken, and rows written, at a time

Rows = dict[Any, models.Model]


class Kept:
    """The rows of the spine and of `more` by primary key and by case, and which the database does not know yet.

    `more`: the tables with the facts of kinds of cases, whose moves write them. `linked`: cases with links between
    incidents, and to which; for all others there is nothing to look for.
    """

    def __init__(self, *more: type[models.Model]) -> None:
        # In the order in which they are written.
        self.tables: tuple[type[models.Model], ...] = (Case, *more, Part, Deadline, DeadlineMark, CaseEvent)
        self.named = re.compile("|".join(f'"{model._meta.db_table}"' for model in self.tables))
        # What a later writing may change; the end of a case's record moves with its entries alone.
        self.columns = {
            model: {field.name for field in model._meta.concrete_fields if not field.primary_key}
            - {"last_seq", "last_hash"}
            for model in self.tables
        }
        self.linked: dict[int, set[int]] = {}
        self.rows: dict[type[models.Model], Rows] = {model: {} for model in self.tables}
        self.of_case: dict[type[models.Model], dict[int, list[Any]]] = {
            model: defaultdict(list) for model in self.tables
        }
        self.marks: dict[int, list[DeadlineMark]] = defaultdict(list)
        self.bells: list[tuple[datetime, int]] = []
        self.new: dict[int, dict[type[models.Model], list[Any]]] = {}
        self.changed: dict[int, dict[tuple[type[models.Model], Any], Any]] = {}
        self.keys: dict[type[models.Model], list[int]] = {model: [] for model in self.tables}
        self.writing = False

    # --- what the models do instead of writing

    def save(self, row: models.Model, names: Iterable[str] | None) -> None:
        """Keep a new row, or what was changed of a known one."""
        if row._state.adding:
            self.add(row)
            return
        mine = self.rows[type(row)][row.pk]
        if mine is not row:
            wanted = set(names) if names is not None else self.columns[type(row)]
            for field in row._meta.concrete_fields:
                if {field.name, field.attname} & wanted:
                    setattr(mine, field.attname, getattr(row, field.attname))
        self._touch(mine)

    def add(self, row: Any) -> None:
        model, case = type(row), _case_of(row)
        if row.pk is None:
            row.pk = self._key(model)
        row._state.adding, row._state.db = False, connection.alias
        case = row.pk if case is None else case
        self.rows[model][row.pk] = row
        self.of_case[model][case].append(row)
        self.new.setdefault(case, {}).setdefault(model, []).append(row)
        if model is DeadlineMark:
            self.marks[row.deadline_id].append(row)
            self._hang(row)

    def _touch(self, row: Any) -> None:
        case = _case_of(row) or row.pk
        if not any(row is other for other in self.new.get(case, {}).get(type(row), ())):
            self.changed.setdefault(case, {})[type(row), row.pk] = row

    def _key(self, model: type[models.Model]) -> int:
        if not self.keys[model]:
            with connection.cursor() as cursor:
                name = f"{model._meta.db_table}_id_seq"
                cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [name, BLOCK])
                self.keys[model] = [key for (key,) in reversed(cursor.fetchall())]
        return self.keys[model].pop()

    # --- what the engine asks

    def locked(self, ids: Iterable[int]) -> dict[int, Case]:
        return {pk: self.rows[Case][pk] for pk in sorted(set(ids))}  # type: ignore[misc]

    def held(self, case: Case, kinds: Collection[str] = ()) -> list[Held]:
        return [
            Held(part.kind, part.post_id, part.post.user_id if part.post else None, part.department_id,
                 part.division_id, part.division.successor_id if part.division else None)
            for part in self._open_parts(case) if not kinds or part.kind in kinds
        ]  # fmt: skip

    def give(self, case: Case, kind: str, office: Office, *, at: datetime, post: Any = None) -> None:
        wanted = (kind, office.department_id, office.division_id, post.pk if post else None)
        known = [(p.kind, p.department_id, p.division_id, p.post_id) for p in self._open_parts(case)]
        if wanted not in known:
            self.add(Part(case=case, kind=kind, post=post, started_at=at, **office.columns))

    def end(self, case: Case, *kinds: str, at: datetime) -> None:
        for part in self._open_parts(case):
            if part.kind in kinds if kinds else part.kind != PartKind.REPORTER:
                part.ended_at = at
                self._touch(part)

    def _open_parts(self, case: Case) -> list[Part]:
        return [part for part in self.of_case[Part][case.pk] if part.ended_at is None]

    def open_of(
        self, case: Case, duties: Iterable[str] | None = None, *, item: int | None = None
    ) -> list[Deadline]:
        wanted = None if duties is None else set(duties)
        rows = [row for row in self.of_case[Deadline][case.pk] if row.is_open]
        return [row for row in rows if (wanted is None or row.duty in wanted) and item in (None, row.item)]

    def handling(self, cases: Collection[int]) -> list[tuple[int | None, int | None, int | None, int | None]]:
        codes = set(verbs.handling_codes())
        events = [event for pk in cases for event in self.of_case[CaseEvent][pk]]
        return [
            (event.actor_id, post.department_id, post.division_id,
             post.division.successor_id if post.division else None)
            for event in events if event.verb in codes and (post := event.post) is not None
        ]  # fmt: skip

    def link(self, source: Case, target: Case) -> None:
        """Two cases have to do with each other from now on."""
        self.linked.setdefault(source.pk, set()).add(target.pk)
        self.linked.setdefault(target.pk, set()).add(source.pk)

    def numbered(self, number: str, kind: str = "") -> list[int]:
        """The keys of the cases of a number: one or none."""
        rows: list[Any] = list(self.rows[Case].values())
        return [case.pk for case in rows if case.number == number and kind in ("", case.kind)]

    def about(self, ask: Callable[..., Any]) -> Any:
        """A question about a case, asked of the database after the case and what is linked to it were written."""

        def answer(subject: Any, *more: Any) -> Any:
            case = subject if isinstance(subject, Case) else subject.case
            with self.asking({case.pk} | self.linked.get(case.pk, set())):
                return ask(subject, *more)

        return answer

    # --- marks

    def change_waiting(self, deadline: Deadline, names: Collection[str] | None = None, **values: Any) -> None:
        for mark in self.marks[deadline.pk]:
            if mark.taken_at is None and (names is None or mark.kind in names):
                for name, value in values.items():
                    setattr(mark, name, value)
                self._touch(mark)
                self._hang(mark)

    def _hang(self, mark: DeadlineMark) -> None:
        if mark.at is not None and mark.taken_at is None:
            heapq.heappush(self.bells, (mark.at, mark.pk))

    def next_bell(self, until: datetime) -> datetime | None:
        """The instant of the first waiting mark, if it is not after `until`."""
        while self.bells and self.bells[0][0] <= until:
            at, pk = self.bells[0]
            mark: Any = self.rows[DeadlineMark][pk]
            if mark.taken_at is None and mark.at == at:
                return at
            heapq.heappop(self.bells)
        return None

    def due_marks(self, now: datetime, limit: int, passed: Collection[int] = ()) -> list[int]:
        """One at a time is enough: the teller asks again."""
        return [self.bells[0][1]] if self.next_bell(now) is not None else []

    def lock_marks(self, ids: Iterable[int]) -> list[tuple[Case, DeadlineMark]]:
        marks: list[Any] = [self.rows[DeadlineMark][pk] for pk in ids]
        return [(mark.deadline.case, mark) for mark in marks]

    # --- writing

    def write(self, cases: Iterable[int] | None = None) -> None:
        """Bring the database up to date, for some cases or for all."""
        wanted = list(self.new.keys() | self.changed.keys()) if cases is None else list(cases)
        fresh = [self.new.pop(case) for case in wanted if case in self.new]
        known = [self.changed.pop(case) for case in wanted if case in self.changed]
        with self._aside():
            for row in [row for one in known for row in one.values()]:
                row.save(update_fields=self.columns[type(row)])
            for model in self.tables:
                rows = sorted((row for one in fresh for row in one.get(model, ())), key=lambda row: row.pk)
                if model is Case:
                    rows = [_before_its_record(row) for row in rows]
                if model is not CaseEvent:
                    model._base_manager.bulk_create(rows, batch_size=BLOCK)
                else:
                    events.append_all(rows)

    @contextmanager
    def asking(self, cases: Iterable[int]) -> Iterator[None]:
        """Inside, a question about these cases alone, which are written first."""
        if not self.writing:
            self.write(cases)
        with self._aside():
            yield

    @contextmanager
    def _aside(self) -> Iterator[None]:
        before, self.writing = self.writing, True
        try:
            yield
        finally:
            self.writing = before

    def before_statement(self, execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
        """Everything is written before a statement that names one of the tables; what it changed is read again."""
        text = str(sql)
        if self.writing or not self.named.search(text):
            return execute(sql, *rest)
        self.write()
        found = execute(sql, *rest)
        if text.startswith(("UPDATE", "DELETE")):
            self._read_again(text.split('"')[1])
        return found

    def _read_again(self, table: str) -> None:
        with self._aside():
            for model in self.tables:
                if model._meta.db_table == table:
                    for now in model._base_manager.all():
                        mine = self.rows[model][now.pk]
                        for field in model._meta.concrete_fields:
                            setattr(mine, field.attname, getattr(now, field.attname))


def _case_of(row: Any) -> int | None:
    """The case that a row belongs to; None for a new case itself."""
    if isinstance(row, DeadlineMark):
        return row.deadline.case_id
    return row.pk if isinstance(row, Case) else row.case_id


def _before_its_record(case: Case) -> Case:
    """The row as it was before its first entry: the database lets a record grow by one entry after the other only."""
    bare = copy.copy(case)
    bare.last_seq, bare.last_hash = 0, ""
    return bare
