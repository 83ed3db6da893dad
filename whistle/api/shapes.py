"""How whistles, summonses, tasks and entries of the negative list look in the API."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases import workflow
from cases.api_shapes import (
    AttachmentSerializer,
    HolderSerializer,
    LinkSerializer,
    NamedSerializer,
    RowSerializer,
    address,
    holder,
    url_name,
)
from grids import clock
from whistle.models import Ground, Kind, Level, NegativeEntry, Outcome, Summons, Whistle
from whistle.services import KIND
from whistle.tables import subject_name
from whistle.workflow import ENTRY_STATES, STATES, SUMMONS_STATES, TASK_STATES


class ClaimedTaskSerializer(RowSerializer):
    """A task that a department claimed."""

    state = serializers.ChoiceField(choices=list(TASK_STATES))
    text = serializers.CharField()
    due_on = serializers.DateField()
    claimed_at = serializers.DateTimeField()
    done_at = serializers.DateTimeField(allow_null=True)


class SummonsSerializer(RowSerializer):
    """One department of a whistle: its clock, whom it reached, how it came, its tasks."""

    number = serializers.CharField(source="case.number")
    department = serializers.SerializerMethodField()
    state = serializers.ChoiceField(choices=list(SUMMONS_STATES))
    outcome = serializers.ChoiceField(choices=Outcome.values)
    lead = serializers.BooleanField()
    person = serializers.SerializerMethodField()
    deputy = serializers.SerializerMethodField()
    telephone = serializers.CharField()
    summoned_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    opened_at = serializers.DateTimeField(allow_null=True)
    unopened_at = serializers.DateTimeField(allow_null=True, help_text="Nobody had looked by then.")
    called_at = serializers.DateTimeField(allow_null=True)
    pressed_at = serializers.DateTimeField(
        allow_null=True, help_text="Null where the phone's clock was not trusted."
    )
    received_at = serializers.DateTimeField(allow_null=True)
    arrived_at = serializers.DateTimeField(allow_null=True, help_text="The instant that counts.")
    lat = serializers.FloatField(allow_null=True)
    lng = serializers.FloatField(allow_null=True)
    accuracy = serializers.FloatField(allow_null=True, help_text="Metres.")
    distance = serializers.FloatField(allow_null=True, help_text="Metres to the place of the whistle.")
    not_duty = serializers.BooleanField(help_text="The department says that the matter is not its duty.")
    confirmed_at = serializers.DateTimeField(allow_null=True)
    response = serializers.IntegerField(allow_null=True)
    solution = serializers.IntegerField(allow_null=True)
    satisfaction = serializers.IntegerField(allow_null=True)
    no_effort = serializers.BooleanField()
    tasks = serializers.SerializerMethodField()

    @extend_schema_field(NamedSerializer)
    def get_department(self, row: Summons) -> Any:
        return {"id": row.department_id, "name": row.department.name}

    def get_person(self, row: Summons) -> str:
        return row.person.user.name if row.person else ""

    def get_deputy(self, row: Summons) -> str:
        return row.deputy.user.name if row.deputy else ""

    @extend_schema_field(ClaimedTaskSerializer(many=True))
    def get_tasks(self, row: Summons) -> Any:
        tasks = list(row.tasks.all())
        for task in tasks:
            task.summons = row
        return ClaimedTaskSerializer(tasks, many=True, context=self.context).data


class ListedEntrySerializer(serializers.Serializer[Any]):
    """An entry as the negative list shows it."""

    id = serializers.IntegerField(source="pk")
    state_label = serializers.SerializerMethodField()
    number = serializers.CharField(source="case.number")
    title = serializers.CharField(source="case.title")
    summons = serializers.IntegerField(source="summons_id")
    department = serializers.SerializerMethodField()
    ground = serializers.ChoiceField(choices=Ground.values)
    state = serializers.ChoiceField(choices=list(ENTRY_STATES))
    by_system = serializers.SerializerMethodField(
        help_text="Proposed from the record, not by the whistling office."
    )
    proposed_at = serializers.DateTimeField()
    confirmed_at = serializers.DateTimeField(allow_null=True)
    appeal_until = serializers.DateTimeField(allow_null=True)

    def get_state_label(self, row: NegativeEntry) -> str:
        return str(ENTRY_STATES[row.state])

    @extend_schema_field(NamedSerializer)
    def get_department(self, row: NegativeEntry) -> Any:
        return {"id": row.summons.department_id, "name": row.summons.department.name}

    def get_by_system(self, row: NegativeEntry) -> bool:
        return row.proposed_by_id is None


class EntrySerializer(RowSerializer, ListedEntrySerializer):
    """An entry of the negative list, with what the caller may do with it."""


class WhistleSerializer(serializers.Serializer[Any]):
    """A whistle as the ledger shows it."""

    number = serializers.CharField(source="case.number")
    title = serializers.CharField(source="case.title")
    state = serializers.ChoiceField(source="case.state", choices=list(STATES))
    state_label = serializers.SerializerMethodField()
    level = serializers.ChoiceField(choices=Level.choices)
    kind = serializers.ChoiceField(choices=Kind.choices)
    subject = serializers.CharField()
    subject_label = serializers.SerializerMethodField()
    office = serializers.SerializerMethodField()
    address = serializers.CharField()
    sounded_at = serializers.DateTimeField(allow_null=True)
    opened_at = serializers.DateTimeField(source="case.opened_at")
    updated_at = serializers.DateTimeField(source="case.updated_at")
    closed_at = serializers.DateTimeField(source="case.closed_at", allow_null=True)
    departments = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()

    def get_state_label(self, whistle: Whistle) -> str:
        return str(workflow.state_label(whistle.case))

    def get_subject_label(self, whistle: Whistle) -> str:
        return subject_name(whistle.subject)

    @extend_schema_field(HolderSerializer)
    def get_office(self, whistle: Whistle) -> Any:
        return holder(whistle.case.office)

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_departments(self, whistle: Whistle) -> list[dict[str, Any]]:
        """Each department named: id, name, state and outcome."""
        called = getattr(whistle.case, "called", None)
        rows = whistle.case.summonses.select_related("department") if called is None else called
        return [
            {"id": row.department_id, "name": row.department.name, "state": row.state, "outcome": row.outcome}
            for row in rows
        ]

    @extend_schema_field(serializers.URLField())
    def get_url(self, whistle: Whistle) -> str:
        return address(self.context, reverse(url_name(KIND, "one"), args=[whistle.case.number]))


class WholeWhistleSerializer(WhistleSerializer):
    """A whistle with everything that the caller may see of it."""

    matter = serializers.CharField()
    why_not = serializers.CharField()
    lat = serializers.FloatField(allow_null=True)
    lng = serializers.FloatField(allow_null=True)
    summons = serializers.SerializerMethodField()
    negative_entries = serializers.SerializerMethodField()
    links = serializers.SerializerMethodField(help_text="Only to cases that the caller may see.")
    attachments = serializers.SerializerMethodField()
    allowed_actions = serializers.SerializerMethodField(
        help_text="What the caller may do now; see `actions/`."
    )
    last_event = serializers.IntegerField(source="case.last_seq", help_text="The newest entry of the record.")
    seen = serializers.SerializerMethodField(
        help_text="Send it with an action, and the action is refused (409) when the case has moved on meanwhile."
    )

    @extend_schema_field(SummonsSerializer(many=True))
    def get_summons(self, whistle: Whistle) -> Any:
        return SummonsSerializer(self.context["facts"].summonses, many=True, context=self.context).data

    @extend_schema_field(EntrySerializer(many=True))
    def get_negative_entries(self, whistle: Whistle) -> Any:
        return EntrySerializer(self.context["facts"].entries, many=True, context=self.context).data

    @extend_schema_field(LinkSerializer(many=True))
    def get_links(self, whistle: Whistle) -> Any:
        return LinkSerializer(self.context["facts"].links, many=True).data

    @extend_schema_field(AttachmentSerializer(many=True))
    def get_attachments(self, whistle: Whistle) -> Any:
        context = {**self.context, "case": whistle.case}
        return AttachmentSerializer(self.context["facts"].attachments, many=True, context=context).data

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_allowed_actions(self, whistle: Whistle) -> list[str]:
        return list(self.context["facts"].allowed)

    def get_seen(self, whistle: Whistle) -> str:
        return workflow.seen_token(whistle.case)


class FigureSerializer(serializers.Serializer[Any]):
    """One department's year."""

    department = serializers.SerializerMethodField()
    named = serializers.IntegerField()
    on_time = serializers.IntegerField()
    late = serializers.IntegerField()
    absent = serializers.IntegerField()
    pending = serializers.IntegerField()
    cancelled = serializers.IntegerField(help_text="Stood down before anybody came.")
    minutes = serializers.FloatField(allow_null=True, help_text="Median from the summons to the arrival.")
    tasks = serializers.IntegerField()
    tasks_on_time = serializers.IntegerField()
    confirmed = serializers.IntegerField(help_text="Entries of the negative list that stand.")
    lifted = serializers.IntegerField()

    @extend_schema_field(NamedSerializer)
    def get_department(self, row: Any) -> Any:
        return {"id": row.department.pk, "name": row.department.name}


class ContactSerializer(serializers.Serializer[Any]):
    """The server's instant, and the same signed: to be sent with a press that was made without a line."""

    at = serializers.DateTimeField()
    contact = serializers.CharField()


def contact_now(signed: str) -> dict[str, Any]:
    return {"at": clock.now(), "contact": signed}
