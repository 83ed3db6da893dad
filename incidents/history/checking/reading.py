"""The files of many cases at a time, each with all its rows."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from django.db.models import Q

from cases.models import Case, CaseEvent, CaseLink, Deadline, DeadlineMark, DeadlinePause, EventText, Part
from incidents.models import Extension, Incident

BATCH: Final = 1000


@dataclass(slots=True)
class File:
    """A case with everything that hangs on it, in order. `linked`: it was split, merged into, or is part of another."""

    case: Case
    incident: Incident | None = None
    events: list[CaseEvent] = field(default_factory=list)
    words: dict[int, EventText] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    deadlines: list[Deadline] = field(default_factory=list)
    marks: dict[int, dict[str, DeadlineMark]] = field(default_factory=dict)
    pauses: dict[int, list[DeadlinePause]] = field(default_factory=dict)
    extensions: list[Extension] = field(default_factory=list)
    linked: bool = False


def ids(sample: int | None = None, seed: int | None = None) -> list[int]:
    """The keys of all incidents, or of some of them by chance, in order."""
    found = list(Case.objects.unscoped().filter(kind="incident").order_by("pk").values_list("pk", flat=True))
    if sample is not None and sample < len(found):
        return sorted(random.Random(seed).sample(found, sample))
    return found


def files(keys: Iterable[int]) -> Iterator[File]:
    """The files of these cases, read in batches."""
    rest = iter(keys)
    while batch := list(islice(rest, BATCH)):
        yield from _read(batch)


def _read(keys: list[int]) -> list[File]:
    cases = Case.objects.unscoped().filter(pk__in=keys).defer("search").order_by("pk")
    found = {case.pk: File(case) for case in cases}
    for incident in Incident.objects.filter(case__in=keys):
        found[incident.case_id].incident = incident
    told: dict[int, int] = {}
    for event in CaseEvent.objects.filter(case__in=keys).order_by("case_id", "seq"):
        found[event.case_id].events.append(event)
        if event.text_digest:
            told[event.pk] = event.case_id
    for words in EventText.objects.filter(event__in=list(told)):
        found[told[words.event_id]].words[words.event_id] = words
    for part in Part.objects.filter(case__in=keys).order_by("started_at", "pk"):
        found[part.case_id].parts.append(part)
    _read_duties(keys, found)
    linked = CaseLink.objects.filter(Q(source__in=keys) | Q(target__in=keys), kind__in=["split", "duplicate"])
    for pair in linked.values_list("source_id", "target_id"):
        for key in pair:
            if key in found:
                found[key].linked = True
    return list(found.values())


def _read_duties(keys: list[int], found: dict[int, File]) -> None:
    case_of: dict[int, int] = {}
    for deadline in Deadline.objects.filter(case__in=keys).order_by("started_at", "pk"):
        case_of[deadline.pk] = deadline.case_id
        found[deadline.case_id].deadlines.append(deadline)
    of_duty: dict[str, Any] = {"deadline__in": list(case_of)}
    for mark in DeadlineMark.objects.filter(**of_duty):
        found[case_of[mark.deadline_id]].marks.setdefault(mark.deadline_id, {})[mark.kind] = mark
    pauses: defaultdict[int, list[DeadlinePause]] = defaultdict(list)
    for pause in DeadlinePause.objects.filter(**of_duty).order_by("from_at"):
        pauses[pause.deadline_id].append(pause)
    for key, rows in pauses.items():
        found[case_of[key]].pauses[key] = rows
    for extension in Extension.objects.filter(**of_duty).order_by("pk"):
        found[case_of[extension.deadline_id]].extensions.append(extension)
