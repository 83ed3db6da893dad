"""Which committee has a dispute: its own, the next tier's, and who mediates there."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from accounts.roles import Role
from cases.divisions import line
from cases.errors import NotAllowed
from cases.models import Case
from grids import clock
from grids.models import Division
from mediation.choices import TIER_OF, Tier
from mediation.models import Assignment, Attempt, Committee, Docket


def committee_for(place: Division) -> Committee:
    """The lowest committee on the line above a place; raises NotAllowed when there is none up to the city."""
    found = committees_above(place)
    if not found:
        raise NotAllowed(
            _("%(place)s和它的上级都还没有设立人民调解委员会，请先登记。") % {"place": place.name}
        )
    return found[0]


def committees_above(place: Division) -> list[Committee]:
    """The committees from a place up, the lowest tier first; one for each tier."""
    chain = line(place)
    known = {
        committee.division_id: committee
        for committee in Committee.objects.filter(division__in=chain, closed_on__isnull=True).select_related(
            "division"
        )
    }
    found: list[Committee] = []
    for step in chain:
        committee = known.get(step.pk)
        if committee is not None and committee.tier not in {one.tier for one in found}:
            found.append(committee)
    return found


def skips(place: Division, committee: Committee) -> bool:
    """Whether a dispute that comes straight to this committee passes over the nearest: it is of the county or city."""
    return committee.tier == Tier.COUNTY and committees_above(place)[:1] != [committee]


def higher(case: Case) -> list[Committee]:
    """The committees of the tiers above the one that has the dispute, the next first."""
    order = list(Tier)
    own = order.index(TIER_OF[case.office.level])
    return [one for one in committees_above(case.office) if order.index(one.tier) > own]


def root_of(division: Division) -> Division:
    """The county or city of a division, whose centre decides on subsidies."""
    return line(division)[-1]


def docket_of(case: Case) -> Docket:
    """The dispute at the committee that has it now, or had it when it ended."""
    return Docket.objects.select_related("committee__division").get(case=case, left_at__isnull=True)


def attempt_of(case: Case) -> Attempt | None:
    """The attempt under way, being asked for, or agreed upon."""
    under_way = Attempt.objects.filter(docket__case=case, state__in=["seeking", "running", "agreed"])
    return under_way.select_related("docket").order_by("-pk").first()


def attempts_at(case: Case, tier: str) -> int:
    """How many attempts were begun or asked for at a tier."""
    return Attempt.objects.filter(docket__case=case, docket__tier=tier).count()


def failed_at(case: Case, tier: str) -> int:
    """How many attempts at a tier came to nothing."""
    return Attempt.objects.filter(docket__case=case, docket__tier=tier, state="failed").count()


def mediators_of(division: Division) -> list[Post]:
    """The mediators of a committee today."""
    held = Post.objects.held_on(clock.today()).filter(role=Role.MEDIATOR, division=division)
    return list(held.select_related("user", "division__parent").order_by("user__name", "pk"))


def assigned(case: Case) -> list[Assignment]:
    """Who mediates a dispute now, who leads first."""
    rows = Assignment.objects.filter(docket=docket_of(case), until__isnull=True)
    return list(rows.select_related("post__user", "post__division__parent"))
