"""Who takes part in a dispute and who mediates it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import Post
from cases.models import Case
from mediation import choices as c
from mediation.models.columns import known
from mediation.models.dispute import Docket


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
            known("party_kind_known", "kind", c.PartyKind.values),
            known("party_state_known", "state", ["present", "left"]),
            known("party_sex_known", "sex", c.Sex.values),
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
        constraints = [known("representative_authority_known", "authority", c.Authority.values)]

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
