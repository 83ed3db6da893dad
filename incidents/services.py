"""Writing incidents: the report itself. Every later step is a move of the workflow."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from accounts.models import Post
from accounts.roles import CENTRE_ROLES
from cases import attachments, personal, workflow
from cases.attachments import Papers, Prepared
from cases.models import Case, Part, PartKind, Stage
from cases.numbers import next_number
from cases.search import bigrams
from cases.tables import MOST_FILES, PaperField
from grids import clock
from grids.models import Division
from incidents.models import Category, CategoryVersion, Incident, PositionSource, Source
from incidents.routing import filing_office

KIND = "incident"
PAPERS: Final = {
    "photos_before": PaperField(Stage.BEFORE, picture_only=True),
    "photos_after": PaperField(Stage.AFTER, picture_only=True),
    "documents": PaperField(Stage.OTHER, picture_only=False),
}


@dataclass(frozen=True, slots=True)
class Position:
    """A point in WGS-84 degrees, its accuracy in metres (95 %), how it was got, and what kind of cell it met."""

    lat: float
    lng: float
    source: PositionSource
    accuracy: float | None = None
    geometry: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A checked report, as `incidents.report_form` makes it from a page or from the API."""

    category: Category
    title: str
    place: Division
    description: str = ""
    urgent: bool = False
    occurred_at: datetime | None = None
    address: str = ""
    position: Position | None = None
    source: Source = Source.WORKER
    fields: Mapping[str, Any] = field(default_factory=dict)
    reporter_name: str = ""
    reporter_phone: str = ""
    photos: Sequence[Prepared] = ()
    documents: Sequence[Prepared] = ()


def report(facts: Report, *, by: Post, cause: uuid.UUID | None = None) -> Case:
    """Open an incident: case, facts, personal values, reporter's part, first entry and clock in one transaction.

    Returns the case. Raises Incomplete when no centre files matters at that place.
    """
    version = facts.category.current
    assert version is not None  # the form offers categories in force only
    with transaction.atomic():
        now = clock.now()
        cause = cause or uuid.uuid4()
        case = Case.objects.create(
            number=next_number("SJ", "incidents_number", now),
            kind=KIND,
            title=facts.title,
            state="reported",
            place=facts.place,
            place_prefix=facts.place.prefix,
            office=filing_office(facts.place, version),
            urgent=facts.urgent,
            sensitive=version.sensitive,
            visible_roles=version.visible_roles,
            first_receiver=by if by.role in CENTRE_ROLES else None,
            opened_at=now,
            updated_at=now,
            search=bigrams(facts.title, facts.description, facts.address),
        )
        _facts_of(case, facts, version)
        Part.objects.create(
            case=case, kind=PartKind.REPORTER, post=by, started_at=now,
            department_id=by.department_id, division_id=by.division_id,
        )  # fmt: skip
        digests = _store_reporter(case, facts, now)
        workflow.open_case(
            case, workflow.of(KIND), by=by, verb="incident.reported", at=now, cause=cause,
            data={"category": facts.category.code, "source": facts.source, "reporter": digests},
            starts=("file",), tells=("office",),
            papers={Stage.BEFORE: facts.photos, Stage.OTHER: facts.documents},
        )  # fmt: skip
    return case


def _facts_of(case: Case, facts: Report, version: CategoryVersion) -> Incident:
    at = facts.position
    return Incident.objects.create(
        case=case,
        category=facts.category,
        version=version,
        description=facts.description,
        occurred_at=facts.occurred_at,
        address=facts.address,
        lat=at.lat if at else None,
        lng=at.lng if at else None,
        accuracy=at.accuracy if at else None,
        position_source=at.source if at else PositionSource.NONE,
        place_geometry=at.geometry if at else "",
        source=facts.source,
        fields=dict(facts.fields),
    )


def _store_reporter(case: Case, facts: Report, at: datetime) -> dict[str, str]:
    """A caller's name and telephone stand outside the record, which holds their salted digests."""
    given = {"reporter_name": facts.reporter_name, "reporter_phone": facts.reporter_phone}
    return {name: personal.store(case, name, value, at=at).digest for name, value in given.items() if value}


def forget(case: Case) -> str:
    """Erase what was written freely about an incident, and its exact position; the grid and what is counted stay.

    Returns what the case is called from then on: its category.
    """
    incident = case.incident
    # The category may have been corrected since: what its present fields do not account for is taken as words.
    specs = {spec["name"]: spec for spec in incident.version.fields}
    incident.description = incident.address = incident.split_task = ""
    incident.fields = {
        name: value
        for name, value in incident.fields.items()
        if name in specs and _counts(specs[name], value)
    }
    incident.lat = incident.lng = incident.accuracy = None
    incident.position_source = PositionSource.NONE
    incident.save(
        update_fields=[
            "description", "address", "split_task", "fields", "lat", "lng", "accuracy", "position_source",
        ]
    )  # fmt: skip
    return incident.category.name


def carried(case: Case) -> dict[str, Any]:
    """What another kind of case takes over from an incident: what happened, and where (WGS-84 degrees)."""
    incident = case.incident
    where = incident.address or case.place.path
    return {
        "matter": incident.description or case.title,
        "address": where,
        "lat": incident.lat,
        "lng": incident.lng,
    }


def _counts(spec: Mapping[str, Any], value: Any) -> bool:
    """Whether a value of a category's own field is a number, a yes or no, a date or a choice, and no free words."""
    kind: str = spec["type"]
    if kind == "choice":
        return any(value == choice["value"] for choice in spec["choices"])
    return kind == "date" if isinstance(value, str) else kind != "text"


def settle_on_spot(facts: Report, *, by: Post, result: str, files: Papers | None = None) -> Case:
    """Report and settle in one press (即办): both or neither. Raises what `report` and the move raise."""
    pictures = {name: field.picture_only for name, field in PAPERS.items()}
    checked = attachments.prepare_all(files or {}, pictures, most=MOST_FILES)
    with transaction.atomic():
        cause = uuid.uuid4()
        case = report(facts, by=by, cause=cause)
        workflow.advance(case, "settle", by=by, data={"result": result}, files=checked, cause=cause)
    return case
