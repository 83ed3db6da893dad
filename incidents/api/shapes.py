"""How an incident looks in the API: as a row of a list, and whole."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases import api_shapes, workflow
from cases.api_fields import PlainValues
from cases.api_shapes import (
    AttachmentSerializer,
    HolderSerializer,
    LinkSerializer,
    address,
    holder,
    is_overdue,
    url_name,
)
from cases.models import Case, PartKind, Supervision
from grids.models import DivisionLevel, GridGeometry
from incidents.models import Incident, PositionSource, Source
from incidents.services import KIND
from incidents.workflow import DUTIES, STATES

URGENCIES = ("normal", "urgent")


class GridSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    path = serializers.CharField(help_text="The names from the township down.")


class IncidentPlaceSerializer(GridSerializer):
    level = serializers.CharField(help_text=", ".join(DivisionLevel.values))


class NamedCodeSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()


class CategorySerializer(NamedCodeSerializer):
    name_en = serializers.CharField()
    parent = NamedCodeSerializer(allow_null=True)


class DutySerializer(api_shapes.DutySerializer):
    """A duty that is owed now."""

    duty = serializers.ChoiceField(choices=list(DUTIES))  # type: ignore[assignment]  # a narrower text


class IncidentSerializer(serializers.Serializer[Any]):
    """An incident as lists show it. Reads `now`, the instant of the answer, and `request` of its context."""

    number = serializers.CharField(source="case.number")
    title = serializers.CharField(source="case.title")
    state = serializers.ChoiceField(source="case.state", choices=list(STATES))
    state_label = serializers.SerializerMethodField()
    category = CategorySerializer()
    urgency = serializers.SerializerMethodField()
    supervision = serializers.ChoiceField(source="case.supervision", choices=Supervision.values)
    sensitive = serializers.BooleanField(source="case.sensitive")
    grid = serializers.SerializerMethodField()
    place = IncidentPlaceSerializer(source="case.place")
    geometry = serializers.SerializerMethodField()
    office = serializers.SerializerMethodField()
    handler = serializers.SerializerMethodField()
    deadlines = serializers.SerializerMethodField()
    overdue = serializers.SerializerMethodField(help_text="Any of the duties is.")
    occurred_at = serializers.DateTimeField(allow_null=True)
    opened_at = serializers.DateTimeField(source="case.opened_at")
    updated_at = serializers.DateTimeField(source="case.updated_at")
    closed_at = serializers.DateTimeField(source="case.closed_at", allow_null=True)
    url = serializers.SerializerMethodField()

    def get_state_label(self, incident: Incident) -> str:
        return str(workflow.state_label(incident.case))

    @extend_schema_field(serializers.ChoiceField(choices=URGENCIES))
    def get_urgency(self, incident: Incident) -> str:
        return URGENCIES[incident.case.urgent]

    @extend_schema_field(GridSerializer(allow_null=True))
    def get_grid(self, incident: Incident) -> Any:
        """The place, when it is a grid; null when only a village or a larger place is known."""
        place = incident.case.place
        return GridSerializer(place).data if place.level == DivisionLevel.GRID else None

    @extend_schema_field(serializers.ChoiceField(choices=GridGeometry.values, allow_null=True))
    def get_geometry(self, incident: Incident) -> str | None:
        """How the outline of the grid came to be that the position met, or of the place itself."""
        place = incident.case.place
        own = place.grid.geometry if hasattr(place, "grid") else None
        return incident.place_geometry or own

    @extend_schema_field(HolderSerializer)
    def get_office(self, incident: Incident) -> Any:
        """The centre in charge."""
        return holder(incident.case.office)

    @extend_schema_field(HolderSerializer(allow_null=True))
    def get_handler(self, incident: Incident) -> Any:
        return next(iter(self.parts(incident.case, PartKind.HANDLER)), None)

    @staticmethod
    def parts(case: Case, kind: str) -> list[dict[str, Any]]:
        held = [part for part in getattr(case, "open_parts", []) if part.kind == kind]
        return [holder(part.holder, part) for part in held]

    @extend_schema_field(DutySerializer(many=True))
    def get_deadlines(self, incident: Incident) -> Any:
        """The duties owed now, by their ends."""
        owed = getattr(incident.case, "open_deadlines", [])
        return DutySerializer(owed, many=True, context=self.context).data

    def get_overdue(self, incident: Incident) -> bool:
        now = self.context["now"]
        return any(is_overdue(one, now) for one in getattr(incident.case, "open_deadlines", []))

    @extend_schema_field(serializers.URLField())
    def get_url(self, incident: Incident) -> str:
        return address(self.context, reverse(url_name(KIND, "one"), args=[incident.case.number]))


class PositionSerializer(serializers.Serializer[Any]):
    """WGS-84."""

    lat = serializers.FloatField(help_text="Degrees north.")
    lng = serializers.FloatField(help_text="Degrees east.")
    accuracy = serializers.FloatField(allow_null=True, help_text="Metres, 95 %.")
    source = serializers.CharField(  # type: ignore[assignment]  # the metaclass takes it away
        source="position_source", help_text=", ".join(filter(None, PositionSource.values))
    )


class PersonalSerializer(serializers.Serializer[Any]):
    """Masked. The whole values are given by `reveal/`, for a reason."""

    reporter_name = serializers.CharField(required=False)
    reporter_phone = serializers.CharField(required=False)


class WholeIncidentSerializer(IncidentSerializer):
    """An incident with everything that the caller may see of it."""

    description = serializers.CharField()
    address = serializers.CharField()
    position = serializers.SerializerMethodField()
    fields_ = PlainValues(help_text="The category's own fields.")
    source = serializers.ChoiceField(choices=Source.choices)  # type: ignore[assignment]
    co_handlers = serializers.SerializerMethodField()
    copied = serializers.SerializerMethodField()
    reporters = serializers.SerializerMethodField()
    first_receiver = serializers.SerializerMethodField(
        help_text="Who received it first and answers for it until an office signs for it."
    )
    personal = serializers.SerializerMethodField()
    return_count = serializers.IntegerField()
    reopen_count = serializers.IntegerField()
    split_task = serializers.CharField()
    links = serializers.SerializerMethodField(help_text="Only to cases that the caller may see.")
    attachments = serializers.SerializerMethodField()
    allowed_actions = serializers.SerializerMethodField(
        help_text="What the caller may do now; see `actions/`."
    )
    last_event = serializers.IntegerField(source="case.last_seq", help_text="The newest entry of the record.")
    seen = serializers.SerializerMethodField(
        help_text="Send it with an action, and the action is refused (409) when the case has moved on meanwhile."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # The attribute `fields` is the serializer's own.
        found = super().get_fields()
        return {"fields" if name == "fields_" else name: field for name, field in found.items()}

    @extend_schema_field(PositionSerializer(allow_null=True))
    def get_position(self, incident: Incident) -> Any:
        return PositionSerializer(incident).data if incident.lat is not None else None

    @extend_schema_field(HolderSerializer(many=True))
    def get_co_handlers(self, incident: Incident) -> Any:
        return self.parts(incident.case, PartKind.CO_HANDLER)

    @extend_schema_field(HolderSerializer(many=True))
    def get_copied(self, incident: Incident) -> Any:
        return self.parts(incident.case, PartKind.COPIED)

    @extend_schema_field(HolderSerializer(many=True))
    def get_reporters(self, incident: Incident) -> Any:
        return self.parts(incident.case, PartKind.REPORTER)

    @extend_schema_field(HolderSerializer(allow_null=True))
    def get_first_receiver(self, incident: Incident) -> Any:
        post = incident.case.first_receiver
        if post is None:
            return None
        return {"id": f"post:{post.pk}", "name": post.label, "person": post.user.name}

    @extend_schema_field(PersonalSerializer)
    def get_personal(self, incident: Incident) -> Any:
        return self.context["facts"].personal

    @extend_schema_field(LinkSerializer(many=True))
    def get_links(self, incident: Incident) -> Any:
        return LinkSerializer(self.context["facts"].links, many=True).data

    @extend_schema_field(AttachmentSerializer(many=True))
    def get_attachments(self, incident: Incident) -> Any:
        context = {**self.context, "case": incident.case}
        return AttachmentSerializer(self.context["facts"].attachments, many=True, context=context).data

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_allowed_actions(self, incident: Incident) -> list[str]:
        return list(self.context["facts"].allowed)

    def get_seen(self, incident: Incident) -> str:
        return workflow.seen_token(incident.case)
