"""The fields of what a program sends: how each is sent, what an action's form asks for just now, and their documentation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from django import forms
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.action_form import ActionForm
from cases.api_body import Kind

LISTS: Final = (Kind.CODES, Kind.NAMES)
# What every action takes besides the fields of its row.
ALWAYS: Final[Mapping[str, Kind]] = {"seen": Kind.TEXT}


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


def described(form: ActionForm, kinds: Mapping[str, Kind]) -> dict[str, dict[str, Any]]:
    """The fields of an action's form as they stand now, by their names, as FieldSerializer shows them."""
    return {name: _described(name, field, kinds[name]) for name, field in form.fields.items()}


def _described(name: str, field: forms.Field, kind: Kind) -> dict[str, Any]:
    initial = getattr(field.initial, "code", field.initial)
    return {
        "name": name,
        "label": str(field.label),
        "type": _type(field, kind),
        "required": field.required,
        "help": str(field.help_text),
        "initial": None if initial in (None, "") else str(initial),
        "max_length": getattr(field, "max_length", None),
        "min_value": getattr(field, "min_value", None),
        "max_value": getattr(field, "max_value", None),
        "choices": _choices(field),
    }


def _type(field: forms.Field, kind: Kind) -> str:
    if isinstance(field, forms.DateTimeField):
        return "datetime"
    return "choice" if isinstance(field, forms.ChoiceField) and kind not in LISTS else kind.value


def _choices(field: forms.Field) -> list[dict[str, str]] | None:
    """What may be chosen; a field of our own with rows of choices says them as `offered`."""
    offered: Any = getattr(field, "offered", None)
    if offered is None and isinstance(field, forms.ChoiceField):
        offered = field.choices
    return None if offered is None else list(_flat(offered))


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


# What fields mean that mean the same in every kind.
HELP: Final = {
    "seen": "The `seen` of the representation acted on; an older one is refused with 409 `moved_on`.",
    "until": "ISO 8601; without an offset China's time.",
}
Rows = Mapping[str, type[serializers.Serializer[Any]]]


def _documented(
    kind: Kind,
    *,
    required: bool,
    files: bool,
    words: str | None,
    row: type[serializers.Serializer[Any]] | None,
) -> serializers.Field[Any, Any, Any, Any] | None:
    """A field as the documentation shows it; None for a file in a body that cannot carry one."""
    if kind == Kind.FILES:
        return serializers.ListField(child=serializers.FileField(), required=required) if files else None
    if row is not None:
        return row(many=True, required=required)
    if kind in LISTS:
        one = serializers.IntegerField() if kind == Kind.CODES else serializers.CharField()
        return serializers.ListField(child=one, required=required, help_text=words)
    made: dict[Kind, type[serializers.Field[Any, Any, Any, Any]]] = {
        Kind.NUMBER: serializers.FloatField,
        Kind.INTEGER: serializers.IntegerField,
        Kind.CODE: serializers.IntegerField,
        Kind.FLAG: serializers.BooleanField,
        Kind.OBJECT: PlainValues,
    }
    return made.get(kind, serializers.CharField)(required=required, help_text=words)


def body_of(
    name: str,
    kinds: Mapping[str, Kind],
    needed: Iterable[str],
    *,
    files: bool,
    words: Mapping[str, str] = HELP,
    rows: Rows | None = None,
) -> Any:
    """A serializer that documents a body; it is never used to read one.

    `words`: what fields mean. `rows`: what a row of a field of rows is made of.
    """
    wanted, shapes = set(needed), rows or {}
    fields = {
        key: _documented(kind, required=key in wanted, files=files, words=words.get(key), row=shapes.get(key))
        for key, kind in kinds.items()
    }
    made = {key: field for key, field in fields.items() if field is not None}
    return type(name, (serializers.Serializer,), made)
