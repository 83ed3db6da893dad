"""How disputes and their rows look in the API. Names are masked; what was said is for those who handle the dispute."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases import workflow
from cases.api_shapes import (
    AttachmentSerializer,
    LinkSerializer,
    NamedSerializer,
    RowSerializer,
    address,
    url_name,
)
from mediation import choices as c
from mediation import workflow as table
from mediation.fields import guest_label
from mediation.models import (
    Agreement,
    Attempt,
    Docket,
    Mediation,
    Party,
    Representative,
    Session,
)
from mediation.parties import field_of
from mediation.services import KIND


class RepresentativeSerializer(serializers.Serializer[Any]):
    """Who speaks for a party."""

    name = serializers.SerializerMethodField(help_text="Masked.")
    authority = serializers.ChoiceField(choices=c.Authority.values)
    since = serializers.DateField()
    until = serializers.DateField(allow_null=True)

    def get_name(self, row: Representative) -> str:
        return self.context["facts"].masked.get(field_of(row, "name"), "")  # type: ignore[no-any-return]


class PartySerializer(RowSerializer):
    """A party by its masked name; its number, telephone and address, masked too, for those who handle the dispute."""

    state = serializers.ChoiceField(choices=list(table.PARTY_STATES))
    side = serializers.ChoiceField(choices=c.Side.values)
    kind = serializers.ChoiceField(choices=c.PartyKind.choices)
    name = serializers.SerializerMethodField(help_text="Masked. The whole values are given by `reveal/`.")
    id_number = serializers.SerializerMethodField(help_text="Masked; null for those who only watch.")
    phone = serializers.SerializerMethodField(help_text="Masked; null for those who only watch.")
    address = serializers.SerializerMethodField(help_text="Masked; null for those who only watch.")
    representatives = serializers.SerializerMethodField(help_text="Empty for those who only watch.")

    def _kept(self, row: Party, name: str) -> str | None:
        facts = self.context["facts"]
        return facts.masked.get(field_of(row, name), "") if facts.inner or name == "name" else None

    def get_name(self, row: Party) -> str:
        return self._kept(row, "name") or ""

    def get_id_number(self, row: Party) -> str | None:
        return self._kept(row, "id_number")

    def get_phone(self, row: Party) -> str | None:
        return self._kept(row, "phone")

    def get_address(self, row: Party) -> str | None:
        return self._kept(row, "address")

    @extend_schema_field(RepresentativeSerializer(many=True))
    def get_representatives(self, row: Party) -> Any:
        rows = row.representatives.all() if self.context["facts"].inner else []
        return RepresentativeSerializer(rows, many=True, context=self.context).data


class DocketSerializer(serializers.Serializer[Any]):
    """The dispute at one committee."""

    committee = serializers.SerializerMethodField()
    tier = serializers.ChoiceField(choices=c.Tier.values)
    file_number = serializers.CharField(source="number", help_text="Empty until it is accepted there.")
    received_at = serializers.DateTimeField()
    accepted_at = serializers.DateTimeField(allow_null=True)
    left_at = serializers.DateTimeField(allow_null=True)
    way = serializers.CharField(help_text="Why it went on to the next tier; empty where it has not.")
    mediators = serializers.SerializerMethodField(help_text="Who mediates or mediated there.")

    @extend_schema_field(NamedSerializer)
    def get_committee(self, row: Docket) -> Any:
        return {"id": row.committee_id, "name": row.committee.name}

    @extend_schema_field(NamedSerializer(many=True))
    def get_mediators(self, row: Docket) -> Any:
        return [{"id": one.post_id, "name": one.post.user.name} for one in row.assignments.all()]


class AttemptSerializer(RowSerializer):
    """One attempt to mediate, and which sides have agreed to it."""

    state = serializers.ChoiceField(choices=list(table.ATTEMPT_STATES))
    tier = serializers.CharField(source="docket.tier")
    number = serializers.IntegerField()
    proposed_at = serializers.DateTimeField()
    begun_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    consents = serializers.SerializerMethodField(help_text="Ids of the parties that agreed.")

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_consents(self, row: Attempt) -> list[int]:
        return [one.party_id for one in row.consents.all()]


class InvitationSerializer(serializers.Serializer[Any]):
    """Somebody invited. `id` is what the fields `invited` and `present` take."""

    id = serializers.IntegerField(source="pk")
    name = serializers.SerializerMethodField(help_text="Parties by side and masked name.")
    told_at = serializers.DateTimeField(allow_null=True)
    present = serializers.BooleanField(allow_null=True)

    def get_name(self, row: Any) -> str:
        return guest_label(row)


class MediationSessionSerializer(RowSerializer):
    """A meeting; where it is, who is invited and what was said for those alone who handle the dispute."""

    state = serializers.ChoiceField(choices=list(table.SESSION_STATES))
    kind = serializers.ChoiceField(choices=c.SessionKind.choices)
    starts_at = serializers.DateTimeField()
    minutes = serializers.IntegerField()
    place = serializers.SerializerMethodField()
    outcome = serializers.SerializerMethodField()
    record = serializers.SerializerMethodField()
    invitations = serializers.SerializerMethodField()

    def _said(self, value: str) -> str | None:
        return value if self.context["facts"].inner else None

    def get_place(self, row: Session) -> str | None:
        return self._said(row.place)

    def get_outcome(self, row: Session) -> str | None:
        return self._said(row.outcome)

    def get_record(self, row: Session) -> str | None:
        return self._said(row.record)

    @extend_schema_field(InvitationSerializer(many=True))
    def get_invitations(self, row: Session) -> Any:
        rows = row.invitations.all() if self.context["facts"].inner else []
        return InvitationSerializer(rows, many=True).data


class SignatureSerializer(serializers.Serializer[Any]):
    """A party signed on a day."""

    party = serializers.IntegerField(source="party_id")
    signed_on = serializers.DateField()


class AgreementSerializer(serializers.Serializer[Any]):
    """What the parties agreed, in its legal parts (人民调解法, article 29)."""

    form = serializers.ChoiceField(choices=c.AgreementForm.values)
    state = serializers.CharField()
    facts = serializers.CharField()
    issues = serializers.CharField()
    content = serializers.CharField()
    performance = serializers.CharField(source="manner")
    term = serializers.CharField()
    amount = serializers.DecimalField(14, 2, allow_null=True)
    copies = serializers.IntegerField()
    signatures = SignatureSerializer(many=True)
    mediator_signed_on = serializers.DateField(allow_null=True)
    sealed_on = serializers.DateField(allow_null=True)
    effective_on = serializers.DateField(allow_null=True)


class PromiseSerializer(RowSerializer):
    """One promise of the agreement."""

    state = serializers.ChoiceField(choices=list(table.PROMISE_STATES))
    party = serializers.IntegerField(source="party_id")
    what = serializers.CharField()
    amount = serializers.DecimalField(14, 2, allow_null=True)
    due_on = serializers.DateField()
    settled_on = serializers.DateField(allow_null=True)
    advice = serializers.ListField(child=serializers.CharField())


class ConfirmationSerializer(RowSerializer):
    """Judicial confirmation."""

    state = serializers.ChoiceField(choices=list(table.CONFIRMATION_STATES))
    court = serializers.CharField()
    applied_on = serializers.DateField()
    accepted_on = serializers.DateField(allow_null=True)
    decided_on = serializers.DateField(allow_null=True)
    ruling = serializers.CharField()


class MaterialSerializer(serializers.Serializer[Any]):
    """A paper of the file. `event`: the entry of the record that brought it and its files."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.ChoiceField(choices=c.MaterialKind.choices)
    title = serializers.CharField()
    on = serializers.DateField()
    words = serializers.CharField()
    sides = serializers.ListField(child=serializers.IntegerField(), help_text="Whom it concerns; empty: all.")
    event = serializers.IntegerField(source="seq")


class RoutesNoticeSerializer(serializers.Serializer[Any]):
    """The parties were told where else they may turn (article 26)."""

    routes = serializers.ListField(child=serializers.CharField())
    manner = serializers.ChoiceField(choices=c.Manner.values)
    given_on = serializers.DateField()


class VisitSerializer(serializers.Serializer[Any]):
    """A return visit."""

    on = serializers.DateField()
    performed = serializers.BooleanField()
    satisfaction = serializers.ChoiceField(choices=c.Satisfaction.values)
    words = serializers.CharField()


class SubsidySerializer(RowSerializer):
    """The subsidy of a dispute."""

    state = serializers.ChoiceField(choices=list(table.SUBSIDY_STATES))
    grade = serializers.CharField()
    amount = serializers.DecimalField(6, 2)
    payee = serializers.SerializerMethodField()
    claimed_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    paid_on = serializers.DateField(allow_null=True)

    @extend_schema_field(NamedSerializer)
    def get_payee(self, row: Any) -> Any:
        return {"id": row.payee_id, "name": row.payee.user.name}


class MediationSerializer(serializers.Serializer[Any]):
    """A dispute as the list shows it. Nobody is named."""

    number = serializers.CharField(source="case.number")
    file_number = serializers.SerializerMethodField(help_text="(年)X人调字第N号; empty until accepted.")
    title = serializers.CharField(source="case.title")
    state = serializers.ChoiceField(source="case.state", choices=list(table.STATES))
    state_label = serializers.SerializerMethodField()
    kind = serializers.ChoiceField(choices=c.Kind.choices)
    source = serializers.ChoiceField(choices=c.Source.choices)  # type: ignore[assignment]
    initiative = serializers.ChoiceField(choices=c.Initiative.values)
    tier = serializers.SerializerMethodField(help_text="Of the committee that has it now.")
    committee = serializers.SerializerMethodField()
    place = serializers.CharField(source="case.place.code")
    amount = serializers.DecimalField(14, 2, allow_null=True, help_text="In dispute, yuan.")
    fast = serializers.BooleanField(help_text="Settled on the fast track.")
    colour = serializers.ChoiceField(choices=[*c.Colour.values])
    look_on = serializers.DateField(allow_null=True)
    ending = serializers.ChoiceField(choices=[*c.Ending.values])
    opened_at = serializers.DateTimeField(source="case.opened_at")
    updated_at = serializers.DateTimeField(source="case.updated_at")
    closed_at = serializers.DateTimeField(source="case.closed_at", allow_null=True)
    url = serializers.SerializerMethodField()

    def _docket(self, dispute: Mediation) -> Docket:
        rows = getattr(dispute.case, "all_dockets", None)
        return (rows if rows is not None else list(dispute.case.dockets.select_related("committee")))[-1]

    def get_file_number(self, dispute: Mediation) -> str:
        return self._docket(dispute).number

    def get_state_label(self, dispute: Mediation) -> str:
        return str(workflow.state_label(dispute.case))

    @extend_schema_field(serializers.ChoiceField(choices=c.Tier.values))
    def get_tier(self, dispute: Mediation) -> str:
        return self._docket(dispute).tier

    @extend_schema_field(NamedSerializer)
    def get_committee(self, dispute: Mediation) -> Any:
        docket = self._docket(dispute)
        return {"id": docket.committee_id, "name": docket.committee.name}

    @extend_schema_field(serializers.URLField())
    def get_url(self, dispute: Mediation) -> str:
        return address(self.context, reverse(url_name(KIND, "one"), args=[dispute.case.number]))


class WholeMediationSerializer(MediationSerializer):
    """A dispute with everything that the caller may see of it: what was said is null or empty for who only watches."""

    brief = serializers.SerializerMethodField()
    request = serializers.SerializerMethodField()
    parties = serializers.SerializerMethodField()
    dockets = serializers.SerializerMethodField()
    attempts = serializers.SerializerMethodField()
    sessions = serializers.SerializerMethodField()
    agreement = serializers.SerializerMethodField()
    promises = serializers.SerializerMethodField()
    confirmation = serializers.SerializerMethodField()
    materials = serializers.SerializerMethodField()
    notice = serializers.SerializerMethodField()
    visits = serializers.SerializerMethodField()
    subsidy = serializers.SerializerMethodField()
    links = serializers.SerializerMethodField(help_text="Only to cases that the caller may see.")
    attachments = serializers.SerializerMethodField()
    allowed_actions = serializers.SerializerMethodField(
        help_text="What the caller may do now; see `actions/`."
    )
    last_event = serializers.IntegerField(source="case.last_seq", help_text="The newest entry of the record.")
    seen = serializers.SerializerMethodField(
        help_text="Send it with an action, and the action is refused (409) when the case has moved on meanwhile."
    )

    @property
    def _facts(self) -> Any:
        return self.context["facts"]

    def _rows(self, shape: Any, rows: Any) -> Any:
        return shape(rows, many=True, context=self.context).data

    def get_brief(self, dispute: Mediation) -> str | None:
        return dispute.brief if self._facts.inner else None

    def get_request(self, dispute: Mediation) -> str | None:
        return dispute.request if self._facts.inner else None

    @extend_schema_field(PartySerializer(many=True))
    def get_parties(self, dispute: Mediation) -> Any:
        return self._rows(PartySerializer, self._facts.parties)

    @extend_schema_field(DocketSerializer(many=True))
    def get_dockets(self, dispute: Mediation) -> Any:
        return self._rows(DocketSerializer, self._facts.dockets)

    @extend_schema_field(AttemptSerializer(many=True))
    def get_attempts(self, dispute: Mediation) -> Any:
        return self._rows(AttemptSerializer, self._facts.rows(Attempt))

    @extend_schema_field(MediationSessionSerializer(many=True))
    def get_sessions(self, dispute: Mediation) -> Any:
        return self._rows(MediationSessionSerializer, self._facts.rows(Session))

    @extend_schema_field(AgreementSerializer(allow_null=True))
    def get_agreement(self, dispute: Mediation) -> Any:
        found: Agreement | None = self._facts.agreement
        return AgreementSerializer(found).data if found is not None else None

    @extend_schema_field(PromiseSerializer(many=True))
    def get_promises(self, dispute: Mediation) -> Any:
        return self._rows(PromiseSerializer, self._facts.promises)

    @extend_schema_field(ConfirmationSerializer(allow_null=True))
    def get_confirmation(self, dispute: Mediation) -> Any:
        found = self._facts.confirmation
        return ConfirmationSerializer(found, context=self.context).data if found is not None else None

    @extend_schema_field(MaterialSerializer(many=True))
    def get_materials(self, dispute: Mediation) -> Any:
        return self._rows(MaterialSerializer, self._facts.materials)

    @extend_schema_field(RoutesNoticeSerializer(allow_null=True))
    def get_notice(self, dispute: Mediation) -> Any:
        found = self._facts.notice
        return RoutesNoticeSerializer(found).data if found is not None else None

    @extend_schema_field(VisitSerializer(many=True))
    def get_visits(self, dispute: Mediation) -> Any:
        return self._rows(VisitSerializer, self._facts.visits)

    @extend_schema_field(SubsidySerializer(allow_null=True))
    def get_subsidy(self, dispute: Mediation) -> Any:
        found = self._facts.subsidy
        return SubsidySerializer(found, context=self.context).data if found is not None else None

    @extend_schema_field(LinkSerializer(many=True))
    def get_links(self, dispute: Mediation) -> Any:
        return LinkSerializer(self._facts.links, many=True).data

    @extend_schema_field(AttachmentSerializer(many=True))
    def get_attachments(self, dispute: Mediation) -> Any:
        context = {**self.context, "case": dispute.case}
        return AttachmentSerializer(self._facts.attachments, many=True, context=context).data

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_allowed_actions(self, dispute: Mediation) -> list[str]:
        return list(self._facts.allowed)

    def get_seen(self, dispute: Mediation) -> str:
        return workflow.seen_token(dispute.case)


class ShareSerializer(serializers.Serializer[Any]):
    """So many of so many, in per cent with two digits, half up."""

    numerator = serializers.IntegerField()
    denominator = serializers.IntegerField()
    percent = serializers.DecimalField(6, 2, allow_null=True)


class MediationFigureSerializer(serializers.Serializer[Any]):
    """One line of the statistics; what each number counts, `?counted=` of the list shows."""

    code = serializers.CharField(help_text="Empty for the total.")
    label = serializers.CharField()  # type: ignore[assignment]  # the metaclass takes it away
    received = serializers.IntegerField()
    mediated = serializers.IntegerField()
    succeeded = serializers.IntegerField()
    success = ShareSerializer()
    refused = serializers.IntegerField()
    failed = serializers.IntegerField()
    performed = serializers.IntegerField()
    confirmed = serializers.IntegerField()
    amount = serializers.DecimalField(20, 2, help_text="Of the agreements, yuan.")
    days = serializers.DecimalField(
        8, 2, allow_null=True, help_text="Median from acceptance to effect, days."
    )
