"""What incidents ask beside the spine while the history is made, answered from memory (see cases/demo)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import incidents.demo.world
import incidents.forms
from cases.demo.keeping import Kept
from cases.demo.remembering import all_patched, asked_once, entry, secrecy, unless
from cases.models import Case
from grids.models import Division
from incidents import effects, guards
from incidents.models import Category, CategoryVersion, Incident

TOWNSHIP_DIGITS = 9
FACTS = (Incident,)
REFERENCE = (Category, CategoryVersion)


@contextmanager
def in_memory(kept: Kept) -> Iterator[None]:
    """Inside, offices are found once for all places of a township, and links and more time only where there are."""
    prolonged: set[int] = set()  # cases for which more time was ever asked
    really_link, really_ask = effects._link, effects.ask_extension

    def link(source: Case, target: Case, kind: str, at: datetime) -> None:
        kept.link(source, target)
        really_link(source, target, kind, at)

    def ask_extension(move: Any) -> None:
        prolonged.add(move.case.pk)
        really_ask(move)

    about, linked = kept.about, kept.linked
    answers: list[tuple[Any, str, Any]] = [
        (effects, "_link", link),
        (effects, "parent_of", unless(linked, about(effects.parent_of), lambda c: None)),
        (effects, "_parents", unless(linked, effects._parents, lambda c: [])),
        (effects, "_others_open", about(effects._others_open)),
        (effects, "_numbered", kept.numbered),
        (effects, "_lapse_extensions", unless(prolonged, about(effects._lapse_extensions), lambda c: None)),
        (effects, "_decide_extension", about(effects._decide_extension)),
        (guards, "_has_open_tasks", unless(linked, about(guards._has_open_tasks), lambda c: False)),
        (guards, "_closed_whole", unless(linked, about(guards._closed_whole), lambda c: None)),
        (guards, "_pending", about(guards._pending)),
        (incidents.forms, "_handling", about(incidents.forms._handling)),
    ]
    with _answers(), all_patched(answers), entry(effects.EFFECTS, "ask_extension", ask_extension):
        yield


@contextmanager
def _answers() -> Iterator[None]:
    with (
        asked_once(incidents.forms, "default_department", _station),
        asked_once(incidents.demo.world, "default_department", _station),
        asked_once(effects, "_office_name", lambda office: office),
        asked_once(incidents.forms, "handler_choices", lambda case: (case.place_id, secrecy(case))),
    ):
        yield


def _station(place: Division, version: CategoryVersion) -> tuple[object, ...]:
    """An office that a category names sits in the township or above it: all places of a township share it."""
    return place.prefix[:TOWNSHIP_DIGITS], version.department_kind_id, version.department_level
