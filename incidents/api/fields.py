"""The fields of a report and of the actions: how each is sent, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rest_framework import serializers

from cases import api_fields
from cases.api_body import Kind

# How each field of the workflow's table is sent. A test compares the names with the forms'.
ACTION_KINDS: Final[Mapping[str, Kind]] = {
    "reason": Kind.TEXT,
    "note": Kind.TEXT,
    "result": Kind.TEXT,
    "instruction": Kind.TEXT,
    "handler": Kind.TEXT,
    "co_handlers": Kind.CODES,
    "copies": Kind.CODES,
    "category": Kind.TEXT,
    "division": Kind.TEXT,
    "amount": Kind.INTEGER,
    "until": Kind.TEXT,
    "suspend_ground": Kind.TEXT,
    "ground": Kind.TEXT,
    "right_department": Kind.CODE,
    "target": Kind.TEXT,
    "tasks": Kind.ROWS,
    "card": Kind.TEXT,
    "photos_before": Kind.FILES,
    "photos_after": Kind.FILES,
    "documents": Kind.FILES,
}
REPORT_KINDS: Final[Mapping[str, Kind]] = {
    "category": Kind.TEXT,
    "title": Kind.TEXT,
    "description": Kind.TEXT,
    "grid": Kind.TEXT,
    "place": Kind.TEXT,
    "lat": Kind.NUMBER,
    "lng": Kind.NUMBER,
    "accuracy": Kind.NUMBER,
    "position_source": Kind.TEXT,
    "confirmed": Kind.FLAG,
    "address": Kind.TEXT,
    "urgency": Kind.TEXT,
    "occurred_at": Kind.TEXT,
    "fields": Kind.OBJECT,
    "source": Kind.TEXT,
    "reporter_name": Kind.TEXT,
    "reporter_phone": Kind.TEXT,
    "photos": Kind.FILES,
    "documents": Kind.FILES,
    "settled": Kind.FLAG,
    "result": Kind.TEXT,
    "photos_after": Kind.FILES,
}


class TaskSerializer(serializers.Serializer[Any]):
    department = serializers.IntegerField(help_text="An id from the choices.")
    task = serializers.CharField(max_length=200)


HELP: Final = {
    **api_fields.HELP,
    "handler": "`department:ID`, `division:CODE` or `post:ID`, one of the choices.",
    "category": "The code of a small category.",
    "grid": "The code of a grid, 15 digits.",
    "place": "The code of a division, where no grid is known.",
    "lat": "Degrees north, WGS-84.",
    "lng": "Degrees east, WGS-84.",
    "accuracy": "Metres.",
    "position_source": "phone, picked or given",
    "confirmed": "True after the person has confirmed the schematic cell that was offered.",
    "urgency": "normal or urgent",
    "occurred_at": "ISO 8601; without an offset China's time. Not in the future, not a year ago.",
    "fields": "The category's own fields, by name; numbers as numbers.",
    "source": "At a centre: centre, visitor, caller or hotline.",
    "settled": "True: settled on the spot; then `result` is needed.",
    "division": "The code of the division whose centre is to have it.",
    "target": "The number of the other incident.",
    "amount": "In the unit of the handling time.",
}
ROWS: Final[api_fields.Rows] = {"tasks": TaskSerializer}
