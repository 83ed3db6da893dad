"""The fields of a draft and of the actions: how each is sent, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cases import api_fields
from cases.api_body import Kind

# How each field of the four tables is sent. A test compares the names with the forms'.
ACTION_KINDS: Final[Mapping[str, Kind]] = {
    "title": Kind.TEXT,
    "kind": Kind.TEXT,
    "subject": Kind.TEXT,
    "matter": Kind.TEXT,
    "why_not": Kind.TEXT,
    "address": Kind.TEXT,
    "departments": Kind.CODES,
    "more_departments": Kind.CODES,
    "lat": Kind.NUMBER,
    "lng": Kind.NUMBER,
    "accuracy": Kind.NUMBER,
    "lead": Kind.CODE,
    "callee": Kind.TEXT,
    "answered": Kind.TEXT,
    "pressed_at": Kind.TEXT,
    "contact": Kind.TEXT,
    "elapsed": Kind.CODE,
    "not_duty": Kind.FLAG,
    "task": Kind.TEXT,
    "due_on": Kind.TEXT,
    "response": Kind.CODE,
    "solution": Kind.CODE,
    "satisfaction": Kind.CODE,
    "no_effort": Kind.FLAG,
    "ground": Kind.TEXT,
    "target": Kind.TEXT,
    "reason": Kind.TEXT,
    "note": Kind.TEXT,
    "result": Kind.TEXT,
    "instruction": Kind.TEXT,
    "photos": Kind.FILES,
    "documents": Kind.FILES,
}
DRAFT_NEEDS: Final = ("title", "kind", "subject", "matter", "why_not", "address", "departments")
DRAFT_KINDS: Final[Mapping[str, Kind]] = {
    **{name: ACTION_KINDS[name] for name in (*DRAFT_NEEDS, "lat", "lng")},
    "came_from": Kind.TEXT,
    "linked": Kind.TEXT,
}
HELP: Final = {
    **api_fields.HELP,
    "kind": "dispute, stability or petition",
    "subject": "A code of the duty catalogue.",
    "departments": "Ids of departments seated one level above who whistles.",
    "lat": "Degrees north, WGS-84.",
    "lng": "Degrees east, WGS-84.",
    "accuracy": "Metres.",
    "lead": "The id of the leading department's summons.",
    "callee": "person, deputy, head or office",
    "answered": "yes or no",
    "pressed_at": "The instant of the press by the phone's clock, corrected to the server's; ISO 8601 with offset.",
    "contact": "The signed instant of the last contact, from `whistles/contact/`.",
    "elapsed": "Milliseconds from that contact to the press, by a steady clock.",
    "due_on": "A day, YYYY-MM-DD; the task is to be done before it ends.",
    "response": "1 to 5",
    "solution": "1 to 5",
    "satisfaction": "1 to 5",
    "came_from": "The number of the case that becomes this whistle.",
    "linked": "Numbers of other cases, with spaces between.",
}
