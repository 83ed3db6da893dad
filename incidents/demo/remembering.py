"""While the history is made only cases change: places, people and the catalogue are read once and remembered.

Only `manage.py load_demo` uses this, in its own process and under the clock that it moves. The services are called
as everywhere; a question about what cannot change meanwhile is answered from memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, models
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor

import cases.events
import cases.notices
import cases.policies
import grids.workcalendar
import incidents.forms
from accounts.models import Post, User
from cases.models import Case, CaseEvent, EventText, Notice
from cases.offices import Office
from grids.models import Department, DepartmentKind, Division
from incidents.models import Category, CategoryVersion

REFERENCE: tuple[type[models.Model], ...] = (
    Division, DepartmentKind, Department, User, Post, Category, CategoryVersion,
)  # fmt: skip


@contextmanager
def reference_data() -> Iterator[None]:
    """Inside, rows of REFERENCE are looked up in memory, and nested transactions need no savepoint of their own.

    Without savepoints a refused move ends the whole load: a story that cannot happen is a fault of the story.
    """
    rows = {model: model._default_manager.in_bulk() for model in REFERENCE}
    fetch = ForwardManyToOneDescriptor.get_object

    def remembered(self: Any, instance: models.Model) -> models.Model:
        known = rows.get(self.field.remote_field.model, {})
        found = known.get(getattr(instance, self.field.attname))
        return found if found is not None else fetch(self, instance)

    with _patched(ForwardManyToOneDescriptor, "get_object", remembered), _answers(), _written_later():
        savepoints = connection.features.uses_savepoints
        connection.features.uses_savepoints = False
        try:
            yield
        finally:
            connection.features.uses_savepoints = savepoints


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
        _kept(incidents.forms, "default_department", lambda place, version: (place.pk, version.pk)),
        _kept(incidents.forms, "handler_choices", lambda case: (case.place_id, case.office_id)),
    ):
        yield


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
