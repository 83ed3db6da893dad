"""The fields of a report and of the actions: how each is sent, and what an action's form asks for just now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from django import forms
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Post
from cases.api_body import Kind
from cases.models import Case
from cases.tables import Transition
from incidents.forms import ActionForm, TasksField
from incidents.workflow import ROWS

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
ALWAYS: Final[Mapping[str, Kind]] = {"seen": Kind.TEXT}
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
PAPER_KINDS: Final[Mapping[str, Kind]] = {
    "photos_before": Kind.FILES,
    "photos_after": Kind.FILES,
    "documents": Kind.FILES,
    "note": Kind.TEXT,
}


def kinds_of(row: Transition) -> dict[str, Kind]:
    """The fields that an action's body may have."""
    return {**ALWAYS, **{name: ACTION_KINDS[name] for name in (*row.needs, *row.takes)}}


def rows_of_people() -> list[Transition]:
    """The rows of the table that people do."""
    return [row for row in ROWS if not row.system]


ACTIONS: Final = list(dict.fromkeys(row.action for row in rows_of_people()))


# --- what an action asks for just now


class ChoiceSerializer(serializers.Serializer[Any]):
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the metaclass takes it away
    group = serializers.CharField(help_text="Empty where the choices are in no groups.")


class FieldSerializer(serializers.Serializer[Any]):
    """One field of an action's body, with what it takes in this case."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    type = serializers.ChoiceField(choices=[kind.value for kind in Kind] + ["choice", "datetime"])
    required = serializers.BooleanField()  # type: ignore[assignment]
    help = serializers.CharField()
    initial = serializers.CharField(allow_null=True)
    max_length = serializers.IntegerField(allow_null=True)
    min_value = serializers.IntegerField(allow_null=True)
    max_value = serializers.IntegerField(allow_null=True)
    choices = ChoiceSerializer(many=True, allow_null=True)


def asked(case: Case, row: Transition, post: Post) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The fields that an action needs and those that it takes, as they stand in this case for this post."""
    form = ActionForm(case, row, post)
    described = {name: _described(name, field) for name, field in form.fields.items()}
    return [described[name] for name in row.needs], [described[name] for name in row.takes]


def _described(name: str, field: forms.Field) -> dict[str, Any]:
    initial = getattr(field.initial, "code", field.initial)
    return {
        "name": name,
        "label": str(field.label),
        "type": _type(name, field),
        "required": field.required,
        "help": str(field.help_text),
        "initial": None if initial in (None, "") else str(initial),
        "max_length": getattr(field, "max_length", None),
        "min_value": getattr(field, "min_value", None),
        "max_value": getattr(field, "max_value", None),
        "choices": _choices(field),
    }


def _type(name: str, field: forms.Field) -> str:
    if isinstance(field, forms.DateTimeField):
        return "datetime"
    kind = ACTION_KINDS[name]
    return "choice" if isinstance(field, forms.ChoiceField) and kind != Kind.CODES else kind.value


def _choices(field: forms.Field) -> list[dict[str, str]] | None:
    if isinstance(field, TasksField):
        return [{"value": key, "label": label, "group": ""} for key, label in field.departments.items()]
    if not isinstance(field, forms.ChoiceField):
        return None
    choices: Any = field.choices
    return list(_flat(choices))


def _flat(choices: Iterable[Any], group: str = "") -> Iterator[dict[str, str]]:
    """Choices without their groups and without the empty one."""
    for value, label in choices:
        if isinstance(label, (list, tuple)):
            yield from _flat(label, str(value))
        elif str(value):
            yield {"value": str(value), "label": str(label), "group": group}


# --- for the documentation


@extend_schema_field({"type": "object", "additionalProperties": {}})
class PlainValues(serializers.JSONField):
    """Names with plain values."""


class TaskSerializer(serializers.Serializer[Any]):
    department = serializers.IntegerField(help_text="An id from the choices.")
    task = serializers.CharField(max_length=200)


HELP: Final = {
    "seen": "The `seen` of the representation acted on; an older one is refused with 409 `moved_on`.",
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
    "until": "ISO 8601; without an offset China's time.",
    "fields": "The category's own fields, by name; numbers as numbers.",
    "source": "At a centre: centre, visitor, caller or hotline.",
    "settled": "True: settled on the spot; then `result` is needed.",
    "division": "The code of the division whose centre is to have it.",
    "target": "The number of the other incident.",
    "amount": "In the unit of the handling time.",
}


def documented(
    name: str, kind: Kind, *, required: bool, files: bool
) -> serializers.Field[Any, Any, Any, Any] | None:
    """A field as the documentation shows it; None for a file in a body that cannot carry one."""
    if kind == Kind.FILES:
        one = serializers.FileField()
        return serializers.ListField(child=one, required=required) if files else None
    if kind == Kind.ROWS:
        return TaskSerializer(many=True, required=required)
    if kind == Kind.CODES:
        return serializers.ListField(child=serializers.IntegerField(), required=required)
    made: dict[Kind, type[serializers.Field[Any, Any, Any, Any]]] = {
        Kind.NUMBER: serializers.FloatField,
        Kind.INTEGER: serializers.IntegerField,
        Kind.CODE: serializers.IntegerField,
        Kind.FLAG: serializers.BooleanField,
        Kind.OBJECT: PlainValues,
    }
    return made.get(kind, serializers.CharField)(required=required, help_text=HELP.get(name))


def body_of(name: str, kinds: Mapping[str, Kind], needed: Iterable[str], *, files: bool) -> Any:
    """A serializer that documents a body; it is never used to read one."""
    wanted = set(needed)
    fields = {key: documented(key, kind, required=key in wanted, files=files) for key, kind in kinds.items()}
    made = {key: field for key, field in fields.items() if field is not None}
    return type(name, (serializers.Serializer,), made)
