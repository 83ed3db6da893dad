"""How what every case has looks in the API: offices, duties, papers, links and entries of the record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases import verbs, workflow
from cases.facts import data_seen
from cases.models import Attachment, CaseEvent, Deadline, Part, Stage
from cases.names import office_name
from grids.calendars import Unit
from grids.models import Department, Division


class HolderSerializer(serializers.Serializer[Any]):
    """An office, and the person where one is named. `id` is what the field `handler` of an action takes."""

    id = serializers.CharField(help_text="`department:ID`, `division:CODE` or `post:ID`")
    name = serializers.CharField()
    person = serializers.CharField(allow_null=True)


class DutySerializer(serializers.Serializer[Any]):
    """A duty that is owed now. A kind's own names the duties that there are."""

    duty = serializers.CharField()
    label = serializers.SerializerMethodField()  # type: ignore[assignment]  # the metaclass takes it away
    due_at = serializers.DateTimeField()
    overdue = serializers.SerializerMethodField()
    paused = serializers.SerializerMethodField()
    provisional = serializers.BooleanField(
        help_text="The work calendar of that year is not published yet; the end may still move."
    )

    def get_label(self, deadline: Deadline) -> str:
        return str(workflow.of(deadline.case.kind).duties.get(deadline.duty, deadline.duty))

    def get_overdue(self, deadline: Deadline) -> bool:
        return is_overdue(deadline, self.context["now"])

    def get_paused(self, deadline: Deadline) -> bool:
        return deadline.paused_at is not None


def is_overdue(deadline: Deadline, now: datetime) -> bool:
    """Whether its time is over while it is owed; a stopped clock is not, what was missed before is."""
    running_late = deadline.paused_at is None and deadline.due_at < now
    return deadline.is_open and (deadline.missed_at is not None or running_late)


def holder(office: Department | Division, part: Part | None = None) -> dict[str, Any]:
    """An office as HolderSerializer describes it; with a part, the person named in it."""
    kind, key = ("department", office.pk) if isinstance(office, Department) else ("division", office.code)
    found = {"id": f"{kind}:{key}", "name": office_name(office), "person": None}
    if part is not None and part.post is not None:
        found |= {"id": f"post:{part.post_id}", "person": part.post.user.name}
    return found


def url_name(kind: str, page: str) -> str:
    """What an address of the API about one case is called."""
    return f"api-{kind}-{page}"


def address(context: Mapping[str, Any], path: str) -> str:
    """The whole address, which a program can follow."""
    return str(context["request"].build_absolute_uri(path))


class NamedSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class RowSerializer(serializers.Serializer[Any]):
    """What every row of a case says of itself: its id, where it stands, and what a form remembers of that."""

    id = serializers.IntegerField(source="pk")
    state_label = serializers.SerializerMethodField()
    seen = serializers.SerializerMethodField(help_text="Send it with an action on this row.")
    allowed_actions = serializers.SerializerMethodField(help_text="What the caller may do with it now.")

    def get_state_label(self, row: Any) -> str:
        return str(workflow.of(row.TABLE).states[row.state])

    def get_seen(self, row: Any) -> str:
        return workflow.seen_token(row.case, row)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_allowed_actions(self, row: Any) -> list[str]:
        found: dict[str, int] = {}
        for post in self.context["posts"]:
            for one in workflow.allowed(row.case, post, subject=row):
                found.setdefault(one.action, one.rank)
        return sorted(found, key=lambda action: found[action])


class LinkSerializer(serializers.Serializer[Any]):
    """Another case that this one hangs together with. `outward`: this one is the duplicate, the task, the source."""

    kind = serializers.CharField()
    outward = serializers.BooleanField()
    number = serializers.CharField()
    title = serializers.CharField()
    state = serializers.CharField()
    state_label = serializers.CharField()


class AttachmentSerializer(serializers.Serializer[Any]):
    """A photo or a document."""

    key = serializers.UUIDField()
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    sha256 = serializers.CharField()
    stage = serializers.ChoiceField(choices=Stage.values)
    inner = serializers.BooleanField(help_text="Not shown to somebody who only reported the matter.")
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    url = serializers.SerializerMethodField()
    thumbnail = serializers.SerializerMethodField()

    @extend_schema_field(serializers.URLField())
    def get_url(self, attachment: Attachment) -> str:
        return self._address_of("attachment", attachment)

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_thumbnail(self, attachment: Attachment) -> str | None:
        return self._address_of("thumbnail", attachment) if attachment.is_picture else None

    def _address_of(self, name: str, attachment: Attachment) -> str:
        case = self.context["case"]  # whose paper it is
        return address(self.context, reverse(url_name(case.kind, name), args=[case.number, attachment.key]))


class EventSerializer(serializers.Serializer[Any]):
    """One entry of the record. `hash` covers its facts and the hash before it; `text` stands outside, as a digest."""

    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    verb = serializers.CharField()
    verb_text = serializers.SerializerMethodField()
    actor = serializers.CharField(
        source="actor.name", default=None, allow_null=True, help_text="Null: the program."
    )
    post = serializers.CharField(source="post.label", default=None, allow_null=True)
    from_ = serializers.CharField(
        source="from_state", help_text="The state before; empty where none changed."
    )
    to = serializers.CharField(source="to_state")
    text = serializers.SerializerMethodField(help_text="Null when it was erased after its term.")
    data = serializers.SerializerMethodField(  # type: ignore[assignment]  # the metaclass takes it away
        help_text="What the verb says more; numbers of cases that the caller may not see are null."
    )
    inner = serializers.BooleanField()
    cause = serializers.UUIDField(help_text="The same in all entries of one press, in whichever case.")
    attachments = serializers.SerializerMethodField()
    hash = serializers.CharField()
    prev_hash = serializers.CharField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        found = super().get_fields()
        return {name.rstrip("_"): field for name, field in found.items()}

    def get_verb_text(self, event: CaseEvent) -> str:
        return str(verbs.get(event.verb).text)

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_text(self, event: CaseEvent) -> str | None:
        words = getattr(event, "words", None)
        if words is None:
            return ""
        return None if words.erased_at else str(words.text)

    @extend_schema_field({"type": "object", "additionalProperties": {}})
    def get_data(self, event: CaseEvent) -> dict[str, Any]:
        return data_seen(self.context["case"].kind, event, self.context["glossary"])

    @extend_schema_field(AttachmentSerializer(many=True))
    def get_attachments(self, event: CaseEvent) -> Any:
        papers = self.context["papers"].get(event.pk, [])
        return AttachmentSerializer(papers, many=True, context=self.context).data


class DeadlineSerializer(DutySerializer):
    """A duty of an office with its whole story."""

    holder = serializers.SerializerMethodField()
    started_at = serializers.DateTimeField()
    amount = serializers.IntegerField()
    unit = serializers.ChoiceField(choices=[unit.value for unit in Unit])
    extra = serializers.IntegerField(help_text="Granted extensions, in the same unit.")
    paused_at = serializers.DateTimeField(allow_null=True)
    met_at = serializers.DateTimeField(allow_null=True)
    missed_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)
    open = serializers.BooleanField(source="is_open")

    @extend_schema_field(HolderSerializer)
    def get_holder(self, deadline: Deadline) -> Any:
        return holder(deadline.holder)
