"""Mediation (人民调解): committees and their numbers, disputes and their parties, attempts, sessions, agreements.

Where a dispute stands and who has it are its case's; names, identity numbers, telephones and addresses are personal
values of the case (`cases.personal`), and no column here holds one.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.models import Post
from cases.models import Case
from grids.models import Division
from mediation import choices as c
from mediation.querysets import MediationManager

LOWEST: Final = Decimal(50)  # 案补: 50 to 500 yuan a case (潼关, domain rules, section 6)
HIGHEST: Final = Decimal(500)


def _known(name: str, field: str, values: list[str]) -> models.CheckConstraint:
    return models.CheckConstraint(name=name, condition=Q(**{f"{field}__in": values}))


def _money() -> models.DecimalField[Any, Any]:
    """Yuan and fen."""
    return models.DecimalField(
        max_digits=14, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(Decimal(0))]
    )


class Committee(models.Model):
    """A people's mediation committee (人民调解委员会) of a village, township, county or city.

    `letters` stand in its numbers: "(2026)丰人调字第12号" has 丰人调. Its mediators are the posts of its division.
    """

    division = models.OneToOneField(Division, models.PROTECT, related_name="mediation_committee")
    name = models.CharField(max_length=60, unique=True)
    letters = models.CharField(max_length=12, unique=True)
    telephone = models.CharField(max_length=20, blank=True)
    window = models.CharField(max_length=80, blank=True)  # where people are received
    closed_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def tier(self) -> c.Tier:
        return c.TIER_OF[self.division.level]


class Serial(models.Model):
    """The last number that a committee gave in a year; the row is locked while the next one is given."""

    committee = models.ForeignKey(Committee, models.PROTECT, related_name="serials")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(name="serial_once", fields=["committee", "year"])]

    def __str__(self) -> str:
        return f"{self.committee_id} {self.year} {self.last}"


class Expert(models.Model):
    """Somebody with knowledge of a field who may be asked to help, with the parties' consent (article 20).

    `fields`: codes of data/mediation/fields.csv. Kept by a committee; name and telephone are of their office.
    """

    committee = models.ForeignKey(Committee, models.PROTECT, related_name="experts")
    name = models.CharField(max_length=40)
    organisation = models.CharField(max_length=80)
    duty = models.CharField(max_length=60, blank=True)
    telephone = models.CharField(max_length=20, blank=True)
    fields = ArrayField(models.CharField(max_length=24), default=list)
    until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(name="expert_once", fields=["committee", "name", "organisation"]),
            models.CheckConstraint(name="expert_has_field", condition=~Q(fields=[])),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.organisation}）"


class Mediation(models.Model):
    """The facts of a dispute. `brief`, `request`: what happened and what is asked, for those who handle it alone.

    `amount`: what is in dispute, in yuan. `look_on`: when the colour is looked at again.
    """

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="mediation")
    kind = models.CharField(max_length=16, choices=c.Kind.choices)
    source = models.CharField(max_length=16, choices=c.Source.choices)
    source_number = models.CharField(max_length=60, blank=True)
    initiative = models.CharField(max_length=12, choices=c.Initiative.choices)
    brief = models.TextField(max_length=4000)
    request = models.TextField(max_length=2000, blank=True)
    amount = _money()
    fast = models.BooleanField(default=False)
    cross_division = models.BooleanField(default=False)
    colour = models.CharField(max_length=8, choices=c.Colour.choices, default="", blank=True)
    look_on = models.DateField(null=True, blank=True)
    rights_told_on = models.DateField(null=True, blank=True)
    extended_days = models.PositiveSmallIntegerField(default=0)
    ending = models.CharField(max_length=12, choices=c.Ending.choices, default="", blank=True)
    keep_years = models.PositiveSmallIntegerField(null=True, blank=True)
    filed_on = models.DateField(null=True, blank=True)
    filed_by = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="+")

    objects = MediationManager()

    class Meta:
        constraints = [
            _known("mediation_kind_known", "kind", c.Kind.values),
            _known("mediation_source_known", "source", c.Source.values),
            _known("mediation_initiative_known", "initiative", c.Initiative.values),
            _known("mediation_colour_known", "colour", c.Colour.values),
            _known("mediation_ending_known", "ending", c.Ending.values),
            models.CheckConstraint(
                name="mediation_colour_has_look",
                condition=Q(colour="", look_on__isnull=True) | ~Q(colour="") & Q(look_on__isnull=False),
            ),
            models.CheckConstraint(
                name="mediation_filed_whole",
                condition=Q(filed_on__isnull=True, filed_by__isnull=True, keep_years__isnull=True)
                | Q(filed_on__isnull=False, filed_by__isnull=False, keep_years__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.case_id)


class Docket(models.Model):
    """A dispute at one committee: when it came, its number there, when and why it went on to the next tier."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="dockets")
    committee = models.ForeignKey(Committee, models.PROTECT, related_name="dockets")
    tier = models.CharField(max_length=8, choices=c.Tier.choices)
    received_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    serial = models.PositiveIntegerField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    way = models.CharField(max_length=12, choices=c.Way.choices, blank=True)

    class Meta:
        # In the order in which committees let it go: the one that has it stands last.
        ordering = [F("left_at").asc(nulls_last=True), "pk"]
        constraints = [
            models.UniqueConstraint(name="docket_number_once", fields=["committee", "year", "serial"]),
            models.UniqueConstraint(
                name="docket_one_open", fields=["case"], condition=Q(left_at__isnull=True)
            ),
            _known("docket_tier_known", "tier", c.Tier.values),
            models.CheckConstraint(
                name="docket_accepted_has_number",
                condition=Q(accepted_at__isnull=True, year__isnull=True, serial__isnull=True)
                | Q(accepted_at__isnull=False, year__isnull=False, serial__isnull=False),
            ),
            models.CheckConstraint(
                name="docket_left_has_way",
                condition=Q(left_at__isnull=True, way="") | Q(left_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """ "(2026)丰人调字第12号"; empty until it is accepted."""
        return f"({self.year}){self.committee.letters}字第{self.serial}号" if self.serial else ""


class Party(models.Model):
    """Somebody who is party to a dispute. Name and the like are personal values `party<id>.<name>` of the case.

    `digests`: keyed digests of the identity number or credit code, newest key first; `age` in years when entered.
    """

    TABLE: ClassVar[str] = "party"

    case = models.ForeignKey(Case, models.PROTECT, related_name="parties")
    side = models.PositiveSmallIntegerField(choices=c.Side.choices)
    kind = models.CharField(max_length=12, choices=c.PartyKind.choices)
    state = models.CharField(max_length=12, default="present")
    sex = models.CharField(max_length=8, choices=c.Sex.choices, default="", blank=True)
    nation = models.CharField(max_length=20, blank=True)
    age = models.PositiveSmallIntegerField(null=True, blank=True)
    occupation = models.CharField(max_length=60, blank=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name_plural = "parties"
        ordering = ["side", "pk"]
        indexes = [models.Index(fields=["digest"], name="party_digest", condition=~Q(digest=""))]
        constraints = [
            _known("party_kind_known", "kind", c.PartyKind.values),
            _known("party_state_known", "state", ["present", "left"]),
            _known("party_sex_known", "sex", c.Sex.values),
            models.CheckConstraint(name="party_side_known", condition=Q(side__in=c.Side.values)),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {c.Side(self.side).label}"


class Representative(models.Model):
    """Who speaks for a party; name and the like are personal values `rep<id>.<name>` of the case."""

    party = models.ForeignKey(Party, models.PROTECT, related_name="representatives")
    authority = models.CharField(max_length=8, choices=c.Authority.choices)
    relation = models.CharField(max_length=40, blank=True)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [_known("representative_authority_known", "authority", c.Authority.values)]

    def __str__(self) -> str:
        return f"{self.party_id} {self.authority}"


class Assignment(models.Model):
    """A mediator of a dispute at one committee, with their time; one of them leads."""

    docket = models.ForeignKey(Docket, models.PROTECT, related_name="assignments")
    post = models.ForeignKey(Post, models.PROTECT, related_name="+")
    leads = models.BooleanField(default=False)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-leads", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="assignment_once", fields=["docket", "post"], condition=Q(until__isnull=True)
            ),
            models.UniqueConstraint(
                name="assignment_one_leads", fields=["docket"], condition=Q(until__isnull=True, leads=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.docket_id} {self.post_id}"


class Exclusion(models.Model):
    """A mediator who does not mediate this dispute: an interest in it, or a party asked for another (article 23)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="exclusions")
    post = models.ForeignKey(Post, models.PROTECT, related_name="+")
    ground = models.CharField(max_length=12, choices=c.ExclusionGround.choices)
    party = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="exclusion_once", fields=["case", "post"]),
            models.CheckConstraint(
                name="exclusion_recusal_names_party", condition=~Q(ground="recusal") | Q(party__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.post_id}"


class Attempt(models.Model):
    """One attempt to mediate: at most three a tier. It begins when every party has agreed to it (article 17)."""

    TABLE: ClassVar[str] = "attempt"

    docket = models.ForeignKey(Docket, models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, default="seeking")
    proposed_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            _known("attempt_state_known", "state", ["seeking", "running", "failed", "agreed", "stopped"]),
            models.UniqueConstraint(name="attempt_number_once", fields=["docket", "number"]),
            models.CheckConstraint(name="attempt_three_a_tier", condition=Q(number__range=(1, 3))),
        ]

    def __str__(self) -> str:
        return f"{self.docket_id} #{self.number}"

    @property
    def case(self) -> Case:
        found: Case = self.docket.case
        return found


class Consent(models.Model):
    """A party agreed to an attempt: on which day, and how it said so."""

    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="consents")
    party = models.ForeignKey(Party, models.PROTECT, related_name="consents")
    agreed_on = models.DateField()
    manner = models.CharField(max_length=12, choices=c.Manner.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="consent_once", fields=["attempt", "party"]),
            _known("consent_manner_known", "manner", c.Manner.values),
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.party_id}"


class Session(models.Model):
    """A meeting: of the parties (调解会), or of offices called together (联合会商). `minutes`: how long it is planned.

    `record`: what was said, for those who handle the dispute alone. `draft`: what is being written down while people
    talk (`mediation.minutes`), empty once the meeting is recorded.
    """

    TABLE: ClassVar[str] = "session"

    case = models.ForeignKey(Case, models.PROTECT, related_name="sessions")
    docket = models.ForeignKey(Docket, models.PROTECT, related_name="sessions")
    attempt = models.ForeignKey(Attempt, models.PROTECT, null=True, blank=True, related_name="sessions")
    kind = models.CharField(max_length=16, choices=c.SessionKind.choices)
    state = models.CharField(max_length=12, default="planned")
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField(default=60)
    place = models.CharField(max_length=120)
    public = models.BooleanField(default=False)
    matter = models.CharField(max_length=200, blank=True)
    held_from = models.DateTimeField(null=True, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)
    record = models.TextField(max_length=20000, blank=True)
    draft = models.JSONField(default=dict, blank=True)
    outcome = models.CharField(max_length=12, choices=c.SessionOutcome.choices, default="", blank=True)
    planned_by = models.ForeignKey(Post, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(fields=["starts_at"], name="session_starts")]
        constraints = [
            _known("session_kind_known", "kind", c.SessionKind.values),
            _known("session_state_known", "state", ["planned", "held", "cancelled"]),
            models.CheckConstraint(
                name="session_held_has_outcome", condition=~Q(state="held") | ~Q(outcome="")
            ),
            models.CheckConstraint(
                name="session_draft_while_planned", condition=Q(state="planned") | Q(draft={})
            ),
            models.CheckConstraint(
                name="session_mediation_has_attempt",
                condition=~Q(kind="mediation") | Q(attempt__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.starts_at:%Y-%m-%d %H:%M}"


class Invitation(models.Model):
    """Somebody invited to a session: a party, a mediator or another post, an expert, or a person named with an office.

    `told_at`: when they were told, and how. `present`: whether they came; empty until the session was held.
    """

    session = models.ForeignKey(Session, models.PROTECT, related_name="invitations")
    party = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="+")
    post = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="+")
    expert = models.ForeignKey(Expert, models.PROTECT, null=True, blank=True, related_name="+")
    named = models.CharField(max_length=80, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    manner = models.CharField(max_length=12, choices=c.Manner.choices, blank=True)
    present = models.BooleanField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="invitation_one_guest",
                condition=Q(party__isnull=False, post__isnull=True, expert__isnull=True, named="")
                | Q(party__isnull=True, post__isnull=False, expert__isnull=True, named="")
                | Q(party__isnull=True, post__isnull=True, expert__isnull=False, named="")
                | (Q(party__isnull=True, post__isnull=True, expert__isnull=True) & ~Q(named="")),
            ),
            models.UniqueConstraint(
                name="invitation_once",
                fields=["session", "party", "post", "expert", "named"],
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.named}"


class Material(models.Model):
    """A paper of the file, with its words or its files. `sides`: whom it concerns; empty: all sides.

    Its files are those of the entry that brought it, number `seq` of the record.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="materials")
    kind = models.CharField(max_length=16, choices=c.MaterialKind.choices)
    title = models.CharField(max_length=120)
    on = models.DateField()
    place = models.CharField(max_length=120, blank=True)
    words = models.TextField(max_length=20000, blank=True)
    party = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="materials")
    sides = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    by = models.ForeignKey(Post, models.PROTECT, related_name="+")
    seq = models.PositiveIntegerField()

    class Meta:
        ordering = ["pk"]
        constraints = [_known("material_kind_known", "kind", c.MaterialKind.values)]

    def __str__(self) -> str:
        return self.title


class Agreement(models.Model):
    """What the parties agreed (人民调解法, articles 28 to 30): facts and issues, duties, content, manner and term.

    A written one takes effect when all parties and the mediator have signed and the seal is on it; an oral one when it
    was agreed and recorded.
    """

    attempt = models.OneToOneField(Attempt, models.PROTECT, related_name="agreement")
    form = models.CharField(max_length=8, choices=c.AgreementForm.choices)
    state = models.CharField(max_length=12, default="drafted")
    facts = models.TextField(max_length=4000)
    issues = models.TextField(max_length=2000)
    content = models.TextField(max_length=6000)
    manner = models.CharField(max_length=200)
    term = models.CharField(max_length=200)
    copies = models.PositiveSmallIntegerField(default=3)
    amount = _money()
    mediator_signed_on = models.DateField(null=True, blank=True)
    sealed_on = models.DateField(null=True, blank=True)
    effective_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            _known("agreement_form_known", "form", c.AgreementForm.values),
            _known("agreement_state_known", "state", ["drafted", "effective", "void"]),
            models.CheckConstraint(
                name="agreement_effective_has_day",
                condition=Q(state="effective", effective_on__isnull=False)
                | ~Q(state="effective") & Q(effective_on__isnull=True),
            ),
            models.CheckConstraint(
                name="agreement_written_is_signed",
                condition=~Q(state="effective", form="written")
                | Q(mediator_signed_on__isnull=False, sealed_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.form}"

    @property
    def case(self) -> Case:
        return self.attempt.case


class Signature(models.Model):
    """A party, or who may sign for it, signed on a day."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="signatures")
    party = models.ForeignKey(Party, models.PROTECT, related_name="+")
    signed_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(name="signature_once", fields=["agreement", "party"])]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.party_id}"


class Promise(models.Model):
    """One promise of an agreement, to be kept by the end of a day. `amount` in yuan; empty when it is not money."""

    TABLE: ClassVar[str] = "promise"

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="promises")
    party = models.ForeignKey(Party, models.PROTECT, related_name="promises")
    what = models.CharField(max_length=300)
    amount = _money()
    due_on = models.DateField()
    state = models.CharField(max_length=12, default="open")
    settled_on = models.DateField(null=True, blank=True)
    advice = ArrayField(models.CharField(max_length=12), default=list, blank=True)

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            _known("promise_state_known", "state", ["open", "kept", "broken", "void"]),
            models.CheckConstraint(
                name="promise_settled_has_day",
                condition=Q(state__in=["open", "void"], settled_on__isnull=True)
                | Q(state__in=["kept", "broken"], settled_on__isnull=False),
            ),
            models.CheckConstraint(
                name="promise_broken_has_advice", condition=~Q(state="broken") | ~Q(advice=[])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.due_on}"

    @property
    def case(self) -> Case:
        return self.agreement.case


class Confirmation(models.Model):
    """Judicial confirmation (司法确认): asked for together within 30 days of effect (人民调解法, article 33)."""

    TABLE: ClassVar[str] = "confirmation"

    agreement = models.OneToOneField(Agreement, models.PROTECT, related_name="confirmation")
    state = models.CharField(max_length=12, default="applied")
    court = models.CharField(max_length=80)
    applied_on = models.DateField()
    accepted_on = models.DateField(null=True, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    ruling = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            _known(
                "confirmation_state_known",
                "state",
                ["applied", "accepted", "confirmed", "rejected", "dropped"],
            ),
            models.CheckConstraint(
                name="confirmation_decided_has_day",
                condition=~Q(state__in=["confirmed", "rejected"]) | Q(decided_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.state}"

    @property
    def case(self) -> Case:
        return self.agreement.case


class RoutesNotice(models.Model):
    """The parties were told where else they may turn (article 26). Every dispute without agreement ends with one.

    `reason`: why it ended, as the parties read it.
    """

    case = models.OneToOneField(Case, models.PROTECT, related_name="routes_notice")
    docket = models.ForeignKey(Docket, models.PROTECT, related_name="+")
    routes = ArrayField(models.CharField(max_length=16))
    manner = models.CharField(max_length=12, choices=c.Manner.choices)
    given_on = models.DateField()
    reason = models.TextField(max_length=2000, blank=True)
    refused_by = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="routes_notice_names_one", condition=~Q(routes=[])),
            _known("routes_notice_manner_known", "manner", c.Manner.values),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.given_on}"


class Visit(models.Model):
    """A return visit (回访): whether the agreement was kept, and whether the parties are content."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="visits")
    on = models.DateField()
    manner = models.CharField(max_length=12, choices=c.Manner.choices)
    performed = models.BooleanField()
    satisfaction = models.CharField(max_length=12, choices=c.Satisfaction.choices)
    words = models.TextField(max_length=2000, blank=True)
    by = models.ForeignKey(Post, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["on", "pk"]
        constraints = [
            _known("visit_manner_known", "manner", c.Manner.values),
            _known("visit_satisfaction_known", "satisfaction", c.Satisfaction.values),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.on}"


class Subsidy(models.Model):
    """The subsidy of a dispute (案补): once, for a complete file, approved by somebody else. `amount` in yuan."""

    TABLE: ClassVar[str] = "subsidy"

    case = models.OneToOneField(Case, models.PROTECT, related_name="subsidy")
    committee = models.ForeignKey(Committee, models.PROTECT, related_name="subsidies")
    grade = models.CharField(max_length=16)
    amount = models.DecimalField(max_digits=6, decimal_places=2)
    state = models.CharField(max_length=12, default="claimed")
    payee = models.ForeignKey(Post, models.PROTECT, related_name="+")
    claimed_by = models.ForeignKey(Post, models.PROTECT, related_name="+")
    claimed_at = models.DateTimeField()
    decided_by = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    paid_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "subsidies"
        ordering = ["pk"]
        indexes = [models.Index(fields=["state", "decided_at"], name="subsidy_decided")]
        constraints = [
            _known("subsidy_state_known", "state", ["claimed", "approved", "refused", "paid"]),
            models.CheckConstraint(name="subsidy_amount_range", condition=Q(amount__range=(LOWEST, HIGHEST))),
            models.CheckConstraint(
                name="subsidy_decided_whole",
                condition=Q(state="claimed") | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="subsidy_paid_has_day",
                condition=Q(state="paid", paid_on__isnull=False) | ~Q(state="paid") & Q(paid_on__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.amount}"


class PaperTemplate(models.Model):
    """A version of the template of a paper, as an office uploaded it; every version is kept.

    `paper`: a code of a template. `format`: txt for PDF (and Word, where no docx was uploaded), docx for Word. Empty
    `content`: the program's own template stands again.
    """

    paper = models.CharField(max_length=24)
    format = models.CharField(max_length=4, choices=[("txt", "PDF"), ("docx", "Word")])
    version = models.PositiveIntegerField()
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    note = models.CharField(max_length=200, blank=True)
    uploaded_by = models.ForeignKey(Post, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    class Meta:
        ordering = ["paper", "format", "-version"]
        constraints = [
            models.UniqueConstraint(name="paper_template_once", fields=["paper", "format", "version"]),
            _known("paper_template_format_known", "format", ["txt", "docx"]),
        ]

    def __str__(self) -> str:
        return f"{self.paper}.{self.format} v{self.version}"


class CalendarFeed(models.Model):
    """The secret address of a mediator's calendar of sessions; only the digest of its secret is kept."""

    post = models.OneToOneField(Post, models.PROTECT, related_name="calendar_feed")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.post_id} {self.created_at:%Y-%m-%d}"


def last_day_to_confirm(effective_on: date) -> date:
    """The last day on which confirmation may be asked for: the 30th after effect (人民调解法, article 33)."""
    return date.fromordinal(effective_on.toordinal() + 30)
