"""While the history is made only cases change: places, people and the catalogue are read once and remembered.

Only `manage.py load_demo` uses this, in its own process and under the clock that it moves. The services are called
as everywhere; a question about what cannot change meanwhile is answered from memory.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, models
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor

import cases.deadlines
import cases.events
import cases.loaders
import cases.notices
import cases.parts
import cases.policies
import cases.workflow
import grids.workcalendar
import incidents.demo.world
import incidents.forms
from accounts.models import Post, User
from cases.models import Case, CaseEvent, EventText, Notice
from cases.offices import Office
from grids.models import Department, DepartmentKind, Division
from incidents import effects, guards
from incidents.demo.keeping import TABLES, Kept
from incidents.models import Category, CategoryVersion

TOWNSHIP_DIGITS = 9
REFERENCE: tuple[type[models.Model], ...] = (
    Division, DepartmentKind, Department, User, Post, Category, CategoryVersion,
)  # fmt: skip


@contextmanager
def reference_data() -> Iterator[Kept]:
    """Inside, rows of REFERENCE are looked up in memory, and nested transactions need no savepoint of their own.

    Without savepoints a refused move ends the whole load: a story that cannot happen is a fault of the story.
    """
    kept = Kept()
    rows: dict[Any, Any] = {model: model._default_manager.in_bulk() for model in REFERENCE}
    rows |= kept.rows
    fetch = ForwardManyToOneDescriptor.get_object

    def remembered(self: Any, instance: models.Model) -> models.Model:
        known = rows.get(self.field.remote_field.model, {})
        found = known.get(getattr(instance, self.field.attname))
        return found if found is not None else fetch(self, instance)

    with ExitStack() as stack:
        stack.enter_context(_patched(connection.features, "uses_savepoints", False))
        for context in (_written_later(), _kept_rows(kept), _asked_in_memory(kept), _answers()):
            stack.enter_context(context)
        stack.enter_context(_patched(ForwardManyToOneDescriptor, "get_object", remembered))
        yield kept


@contextmanager
def _answers() -> Iterator[None]:
    """Questions whose answer depends on nothing but reference data, asked once for each subject."""
    calendar = grids.workcalendar.load()
    with (
        _patched(grids.workcalendar, "load", lambda: calendar),
        _kept(cases.policies, "covered_prefixes", lambda division: division.pk),
        _kept(cases.notices, "office_audience", _office_and_secrecy),
        _kept(cases.notices, "above_audience", _secrecy),
        _kept(cases.notices, "overdue_audience", lambda case, holder: (holder, _secrecy(case))),
        _kept(cases.notices, "_person", lambda post_id, case: (post_id, _secrecy(case))),
        _kept(incidents.forms, "departments_for", lambda place: place.pk),
        _kept(incidents.forms, "default_department", _station),
        _kept(incidents.demo.world, "default_department", _station),
        _kept(effects, "_office_name", lambda office: office),
        _kept(incidents.forms, "handler_choices", lambda case: (case.place_id, _secrecy(case))),
    ):
        yield


def _station(place: Division, version: CategoryVersion) -> tuple[object, ...]:
    """An office that a category names sits in the township or above it: all places of a township share it."""
    return place.prefix[:TOWNSHIP_DIGITS], version.department_kind_id, version.department_level


def _secrecy(case: Case) -> tuple[object, ...]:
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

    with _patched(cases.notices, "tell", tell), _patched(cases.events, "_keep_words", words.append):
        yield
    EventText.objects.bulk_create(words, batch_size=2000)
    Notice.objects.bulk_create(notices, batch_size=2000)


@contextmanager
def _asked_in_memory(kept: Kept) -> Iterator[None]:
    """The engine's own questions about the rows of a case, answered from the rows kept."""
    linked: dict[
        int, set[int]
    ] = {}  # cases with links, and to which: for all others there is nothing to look for
    prolonged: set[int] = set()  # cases for which more time was ever asked

    def link(source: Case, target: Case, kind: str, at: datetime) -> None:
        linked.setdefault(source.pk, set()).add(target.pk)
        linked.setdefault(target.pk, set()).add(source.pk)
        really_link(source, target, kind, at)

    def ask_extension(move: Any) -> None:
        prolonged.add(move.case.pk)
        really_ask(move)

    def unless(known: Collection[int], ask: Callable[[Case], Any], nothing: Callable[[Case], Any]) -> Any:
        return lambda case: ask(case) if case.pk in known else nothing(case)

    def about(ask: Callable[..., Any]) -> Any:
        def answer(subject: Any, *more: Any) -> Any:
            case = subject if isinstance(subject, Case) else subject.case
            with kept.asking({case.pk} | linked.get(case.pk, set())):
                return ask(subject, *more)

        return answer

    def clean(field: Any, number: str) -> Any:
        with kept.asking(numbered(number)):
            return really_clean(field, number)

    def numbered(number: str, kind: str = "incident") -> list[int]:
        return [case.pk for case in kept.rows[Case].values() if case.number == number]  # type: ignore[attr-defined]

    really_link, really_ask = effects._link, effects.ask_extension
    really_clean = incidents.forms.TargetField.clean
    answers: list[tuple[Any, str, Any]] = [
        (cases.loaders, "lock_cases", kept.locked),
        (cases.workflow, "lock_cases", kept.locked),
        (cases.workflow, "stored", lambda case: kept.rows[Case][case.pk]),
        (cases.parts, "held", kept.held),
        (cases.parts, "add", kept.give),
        (cases.parts, "end", kept.end),
        (cases.deadlines, "open_of", kept.open_of),
        (cases.deadlines, "_change_waiting", kept.change_waiting),
        (cases.deadlines, "due_marks", kept.due_marks),
        (cases.deadlines, "_lock", kept.lock_mark),
        (cases.policies, "_handling", kept.handling),
        (cases.policies, "_same_matter", unless(linked, cases.policies._same_matter, lambda c: {c.pk})),
        (effects, "_link", link),
        (effects, "parent_of", unless(linked, about(effects.parent_of), lambda c: None)),
        (effects, "_parents", unless(linked, effects._parents, lambda c: [])),
        (effects, "_others_open", about(effects._others_open)),
        (effects, "_numbered", numbered),
        (effects, "_lapse_extensions", unless(prolonged, about(effects._lapse_extensions), lambda c: None)),
        (effects, "_decide_extension", about(effects._decide_extension)),
        (guards, "_has_open_tasks", unless(linked, about(guards._has_open_tasks), lambda c: False)),
        (guards, "_closed_whole", unless(linked, about(guards._closed_whole), lambda c: None)),
        (guards, "_pending", about(guards._pending)),
        (incidents.forms, "_handling", about(incidents.forms._handling)),
        (incidents.forms.TargetField, "clean", clean),
        (Case, "refresh_from_db", lambda case: cases.workflow._show(case, kept.locked([case.pk])[case.pk])),
    ]
    with ExitStack() as stack:
        for owner, name, answer in answers:
            stack.enter_context(_patched(owner, name, answer))
        stack.enter_context(_entry(effects.EFFECTS, "ask_extension", ask_extension))
        yield


@contextmanager
def _kept_rows(kept: Kept) -> Iterator[None]:
    """The models of TABLES keep their rows instead of writing them."""
    really_many, really_one = models.QuerySet.bulk_create, models.Model.save_base

    def one(row: models.Model, **how: Any) -> None:
        if kept.writing:
            really_one(row, **how)
        else:
            kept.save(row, how.get("update_fields"))

    def many(rows: Any, objs: Iterable[Any], *args: Any, **more: Any) -> list[Any]:
        if kept.writing or rows.model not in TABLES:
            return really_many(rows, objs, *args, **more)
        objs = list(objs)
        for row in objs:
            kept.add(row)
        return objs

    with ExitStack() as stack:
        for model in TABLES:
            stack.enter_context(_patched(model, "save_base", one))
        stack.enter_context(_patched(models.QuerySet, "bulk_create", many))
        stack.enter_context(connection.execute_wrapper(kept.before_statement))
        yield
        kept.write()


@contextmanager
def _kept(module: Any, name: str, key_of: Callable[..., object]) -> Iterator[None]:
    """Keep a function's answers by what they depend on."""
    ask, answers = getattr(module, name), {}

    def answer(*args: Any) -> Any:
        key = key_of(*args)
        if key not in answers:
            answers[key] = ask(*args)
        return answers[key]

    with _patched(module, name, answer):
        yield


@contextmanager
def _patched(owner: Any, name: str, value: object) -> Iterator[None]:
    real = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, real)


@contextmanager
def _entry(table: dict[str, Any], name: str, value: object) -> Iterator[None]:
    real, table[name] = table[name], value
    try:
        yield
    finally:
        table[name] = real
