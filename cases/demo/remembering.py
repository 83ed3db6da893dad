"""While the history is made only cases change: places, people and the catalogue are read once and remembered.

Only `manage.py load_demo` uses this, in its own process and under the clock that it moves. The services are called
as everywhere; a question about what cannot change meanwhile is answered from memory. What a kind of case asks beside
the spine is answered by its own `demo/remembering.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

from django.db import connection, models
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor

import accounts.policies
import cases.deadlines
import cases.events
import cases.fields
import cases.loaders
import cases.marks
import cases.notices
import cases.parts
import cases.policies
import cases.ringing
import cases.workflow
import grids.workcalendar
from accounts.models import Post, User
from cases.demo.keeping import Kept
from cases.models import Case, CaseEvent, EventText, Notice
from cases.offices import Office
from grids.models import Department, DepartmentKind, Division

REFERENCE: tuple[type[models.Model], ...] = (Division, DepartmentKind, Department, User, Post)
InMemory = Callable[[Kept], AbstractContextManager[None]]


@contextmanager
def reference_data(
    *kinds: InMemory, facts: Iterable[type[models.Model]], reference: Iterable[type[models.Model]]
) -> Iterator[Kept]:
    """Inside, rows of REFERENCE are looked up in memory, and nested transactions need no savepoint of their own.

    kinds: what each kind of case answers from memory itself. facts: tables of theirs that are kept like the spine's.
    reference: tables of theirs that nothing changes meanwhile. Without savepoints a refused move ends the whole load:
    a story that cannot happen is a fault of the story.
    """
    kept = Kept(*facts)
    rows: dict[Any, Any] = {model: model._default_manager.in_bulk() for model in (*REFERENCE, *reference)}
    rows |= kept.rows
    fetch = ForwardManyToOneDescriptor.get_object

    def remembered(self: Any, instance: models.Model) -> models.Model:
        known = rows.get(self.field.remote_field.model, {})
        found = known.get(getattr(instance, self.field.attname))
        return found if found is not None else fetch(self, instance)

    with ExitStack() as stack:
        stack.enter_context(patched(connection.features, "uses_savepoints", False))
        for context in (_written_later(), _kept_rows(kept), _asked_in_memory(kept), _answers()):
            stack.enter_context(context)
        for kind in kinds:
            stack.enter_context(kind(kept))
        stack.enter_context(patched(ForwardManyToOneDescriptor, "get_object", remembered))
        yield kept


@contextmanager
def _answers() -> Iterator[None]:
    """Questions whose answer depends on nothing but reference data, asked once for each subject."""
    calendar = grids.workcalendar.load()
    with (
        patched(grids.workcalendar, "load", lambda: calendar),
        asked_once(cases.notices, "office_audience", _office_and_secrecy),
        asked_once(cases.notices, "above_audience", secrecy),
        asked_once(cases.notices, "overdue_audience", lambda case, holder: (holder, secrecy(case))),
        asked_once(cases.notices, "_person", lambda post_id, case: (post_id, secrecy(case))),
        asked_once(cases.fields, "departments_for", lambda place: place.pk),
        asked_once(accounts.policies, "may_edit_roster", lambda user, department: (user.pk, department.pk)),
    ):
        yield


def secrecy(case: Case) -> tuple[object, ...]:
    """Who hears of a case hangs on its office and on who may see it."""
    return case.office_id, case.sensitive, tuple(case.visible_roles)


def _office_and_secrecy(office: Office, case: Case) -> tuple[object, ...]:
    return office, case.sensitive, tuple(case.visible_roles)


@contextmanager
def _written_later() -> Iterator[None]:
    """Notices and the words of entries, which nothing reads meanwhile, are written many at a time."""
    words: list[EventText] = []
    notices: list[Notice] = []

    def tell(event: CaseEvent, people: Iterable[User]) -> None:
        told = {person.pk for person in people if person.pk != event.actor_id}
        for pk in sorted(told):
            notices.append(Notice(recipient_id=pk, case_id=event.case_id, event=event, created_at=event.at))

    with patched(cases.notices, "tell", tell), patched(cases.events, "_keep_words", words.append):
        yield
    EventText.objects.bulk_create(words, batch_size=2000)
    Notice.objects.bulk_create(notices, batch_size=2000)


def unless(known: Collection[int], ask: Callable[[Case], Any], nothing: Callable[[Case], Any]) -> Any:
    """A question that is asked of few cases only; of all others the answer is known."""
    return lambda case: ask(case) if case.pk in known else nothing(case)


@contextmanager
def _asked_in_memory(kept: Kept) -> Iterator[None]:
    """The engine's own questions about the rows of a case, answered from the rows kept."""
    really_clean, same_matter = cases.fields.TargetField.clean, cases.policies._same_matter

    def clean(field: Any, number: str) -> Any:
        with kept.asking(kept.numbered(number)):
            return really_clean(field, number)

    answers: list[tuple[Any, str, Any]] = [
        (cases.loaders, "lock_cases", kept.locked),
        (cases.workflow, "lock_cases", kept.locked),
        (cases.workflow, "stored", lambda case: kept.rows[Case][case.pk]),
        (cases.parts, "held", kept.held),
        (cases.parts, "add", kept.give),
        (cases.parts, "end", kept.end),
        (cases.deadlines, "open_of", kept.open_of),
        (cases.marks, "change_waiting", kept.change_waiting),
        (cases.ringing, "due_marks", kept.due_marks),
        (cases.ringing, "_lock", kept.lock_marks),
        (cases.policies, "_handling", kept.handling),
        (cases.policies, "_same_matter", unless(kept.linked, same_matter, lambda c: {c.pk})),
        (cases.fields.TargetField, "clean", clean),
        (Case, "refresh_from_db", lambda case: cases.workflow._show(case, kept.locked([case.pk])[case.pk])),
    ]
    with all_patched(answers):
        yield


@contextmanager
def _kept_rows(kept: Kept) -> Iterator[None]:
    """The models of the kept tables keep their rows instead of writing them."""
    really_many, really_one = models.QuerySet.bulk_create, models.Model.save_base

    def one(row: models.Model, **how: Any) -> None:
        if kept.writing:
            really_one(row, **how)
        else:
            kept.save(row, how.get("update_fields"))

    def many(rows: Any, objs: Iterable[Any], *args: Any, **more: Any) -> list[Any]:
        if kept.writing or rows.model not in kept.tables:
            return really_many(rows, objs, *args, **more)
        objs = list(objs)
        for row in objs:
            kept.add(row)
        return objs

    with ExitStack() as stack:
        for model in kept.tables:
            stack.enter_context(patched(model, "save_base", one))
        stack.enter_context(patched(models.QuerySet, "bulk_create", many))
        stack.enter_context(connection.execute_wrapper(kept.before_statement))
        yield
        kept.write()


@contextmanager
def asked_once(module: Any, name: str, key_of: Callable[..., object]) -> Iterator[None]:
    """Keep a function's answers by what they depend on."""
    ask, answers = getattr(module, name), {}

    def answer(*args: Any) -> Any:
        key = key_of(*args)
        if key not in answers:
            answers[key] = ask(*args)
        return answers[key]

    with patched(module, name, answer):
        yield


@contextmanager
def all_patched(answers: Iterable[tuple[Any, str, Any]]) -> Iterator[None]:
    with ExitStack() as stack:
        for owner, name, answer in answers:
            stack.enter_context(patched(owner, name, answer))
        yield


@contextmanager
def patched(owner: Any, name: str, value: object) -> Iterator[None]:
    """Inside, a name means something else. A name that is no longer there is an error."""
    real = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, real)


@contextmanager
def entry(table: dict[str, Any], name: str, value: object) -> Iterator[None]:
    """The same for an entry of a table of functions."""
    real, table[name] = table[name], value
    try:
        yield
    finally:
        table[name] = real
