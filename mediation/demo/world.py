"""One dispute as its story knows it, and who does what in it; every deed goes through a real service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import Post
from cases import workflow
from cases.attachments import Prepared
from cases.demo.people import City
from cases.demo.scene import Scene
from cases.models import Case
from grids import clock
from grids.clock import SHANGHAI, local_day
from grids.models import Division
from mediation import parties, routing
from mediation.choices import TIER_OF, Tier
from mediation.demo.words import Telling, Words, place_name
from mediation.models import Attempt, Committee, Confirmation, Expert, Party, Promise, Session, Subsidy
from mediation.services import Entry, register


@dataclass(frozen=True, slots=True)
class Plan:
    """A dispute to be told. text: a key of the words. until: how it ends, or where it stands today.

    place, village: which township, and which village there in turn. ups: by which ways it passes up, one for each tier.
    turns: side ways (oral, fast, broken, confirmed, rejected,
    applied, exclude, recuse, consult, colour, extend, represent, late, redated). subsidy: how far it goes.
    """

    text: str
    until: str
    place: int = 0
    village: int = 0
    ups: tuple[str, ...] = ()
    turns: frozenset[str] = frozenset()
    subsidy: str = ""
    source: str = "walk_in"
    start: str = Tier.VILLAGE


@dataclass(slots=True)
class Dispute:
    """A dispute that is being told."""

    plan: Plan
    case: Case
    telling: Telling
    amount: Decimal | None
    leads: dict[int, Post] = field(default_factory=dict)  # by the division of the committee


class World(Scene):
    """Whom to ask, what to say."""

    def __init__(self, city: City, seed: int, photos: list[Prepared]) -> None:
        super().__init__(city, seed, photos)
        self.words = Words(self.chance)
        self.committees = {row.division_id: row for row in Committee.objects.select_related("division")}
        self.grown_out_of: set[int] = set()

    # --- people and times

    def mediator(self, dispute: Dispute) -> Post:
        """Who leads at the committee that has it now: the first of it, unless replaced."""
        at = dispute.case.office_id
        return dispute.leads.get(at) or self.city.mediators[at][0]

    def next_meeting(self) -> datetime:
        """Half past nine or half past two, on the next working day or the one after."""
        day = local_day(clock.now()) + timedelta(days=self.chance.randint(1, 2))
        while not self.calendar.is_working(day):
            day += timedelta(days=1)
        return datetime.combine(day, self.chance.choice([time(9, 30), time(14, 30)]), SHANGHAI)

    def on_day(self, days: int) -> datetime:
        """In the office hours of the first working day so many days on."""
        day = local_day(clock.now()) + timedelta(days=days)
        while not self.calendar.is_working(day):
            day += timedelta(days=1)
        return datetime.combine(day, time(9), SHANGHAI) + timedelta(minutes=self.chance.uniform(0, 400))

    def scan(self) -> dict[str, list[Prepared]]:
        return {"documents": [self.chance.choice(self.photos)]}

    # --- deeds

    def do(self, dispute: Dispute, action: str, by: Post | None = None, /, **data: Any) -> None:
        """One move of the dispute; a refused one is a fault of the story and ends the load."""
        files = {"documents": data.pop("documents")} if "documents" in data else {}
        workflow.advance(dispute.case, action, by=by or self.mediator(dispute), data=data, files=files)

    def on(self, row: Any, action: str, by: Post, /, **data: Any) -> None:
        """One move of a row of the dispute."""
        files = {"documents": data.pop("documents")} if "documents" in data else {}
        workflow.advance(row.case, action, by=by, data=data, files=files, subject=row)

    def everybody(self, dispute: Dispute) -> list[str]:
        return [str(party.pk) for party in parties.present(dispute.case)]

    def party(self, dispute: Dispute, side: int) -> Party:
        return next(party for party in parties.present(dispute.case) if party.side == side)

    # --- rows as they are now

    def attempt(self, dispute: Dispute) -> Attempt:
        found = routing.attempt_of(dispute.case)
        assert found is not None
        return found

    def session(self, dispute: Dispute) -> Session:
        return Session.objects.filter(case=dispute.case.pk, state="planned").latest("pk")

    def promises(self, dispute: Dispute) -> list[Promise]:
        return list(
            Promise.objects.filter(agreement__attempt__docket__case=dispute.case.pk, state="open").order_by(
                "pk"
            )
        )

    def confirmation(self, dispute: Dispute) -> Confirmation:
        return Confirmation.objects.get(agreement__attempt__docket__case=dispute.case.pk)

    def subsidy(self, dispute: Dispute) -> Subsidy:
        return Subsidy.objects.get(case=dispute.case.pk)

    # --- entering

    def entered(self, plan: Plan) -> Dispute:
        """The dispute is written down by the committee, or by the centre of the village; some out of a matter known."""
        telling = self.words.tellings[plan.text]
        township = self.city.townships[plan.place]
        place, office = self._where(township, plan)
        origin = self._origin(township) if plan.source == "incident" else None
        if origin is not None:
            place = origin.place
            office = next(d for d in self._line(place) if TIER_OF[d.level] == plan.start)
        committee = self.committees[office.pk]
        amount = self.words.sum_of(telling)
        sides = [self.words.party(1), self.words.party(2)]
        if self.chance.random() < 0.12:
            sides.append(self.words.party(3))
        if "organisation" in plan.turns:
            sides[1] |= {"party_kind": "organisation", "party_name": f"演示{self.words.made}号经营部", "id_number": "",
                         "sex": "", "nation": "", "age": None, "occupation": ""}  # fmt: skip
        entry = Entry(
            committee=committee, place=place, title=telling.title.replace("{place}", place_name(place)), kind=telling.kind,
            source=plan.source, initiative="entrusted" if plan.source not in ("walk_in", "grid") else "applied",
            brief=telling.brief, request=telling.request, amount=amount, parties=sides, came_from=origin,
            direct_reason=self.words.said("direct") if plan.start == Tier.COUNTY else "",
        )  # fmt: skip
        by = self.city.mediators[office.pk][0]
        if plan.source in ("grid", "incident") and office.pk in self.city.staff:
            by = self.city.staff[office.pk][0]
        return Dispute(plan, register(entry, by=by), telling, amount)

    def _line(self, place: Division) -> list[Division]:
        chain = [place]
        while chain[-1].parent_id is not None:
            parent = chain[-1].parent
            assert parent is not None
            chain.append(parent)
        return [step for step in chain if step.pk in self.committees]

    def _where(self, township: Division, plan: Plan) -> tuple[Division, Division]:
        """One of the township's villages at work, each in its turn, and who is to have it."""
        villages = [d for _pk, d in sorted(self._villages().items()) if d.parent_id == township.pk]
        village = villages[plan.village % len(villages)]
        office = {Tier.VILLAGE: village, Tier.TOWNSHIP: township}.get(Tier(plan.start), self.city.root)
        return village, office

    def _villages(self) -> dict[int, Division]:
        return {pk: row.division for pk, row in self.committees.items() if row.division.level == "village"}

    def _origin(self, township: Division) -> Case | None:
        """A matter of the last weeks in a village of the township that has a committee."""
        now = clock.now()
        recent = Case.objects.unscoped().filter(
            kind="incident", opened_at__range=(now - timedelta(days=20), now), sensitive=False,
            place_prefix__startswith=township.prefix, closed_at=None,
        )  # fmt: skip
        rows = recent.exclude(pk__in=self.grown_out_of).select_related("place__parent").order_by("-opened_at")
        for case in rows[:40]:
            offices = self._line(case.place)
            if offices and offices[0].level == "village":
                self.grown_out_of.add(case.pk)
                return case
        return None


def lay_committees(city: City, words: Words) -> None:
    """A committee for the city, each township and each village where mediators sit; experts with the city's."""
    known: set[str] = set()
    places = {post.division_id: post.division for posts in city.mediators.values() for post in posts}
    for pk, place in sorted(places.items(), key=lambda item: item[1].prefix if item[1] else ""):
        assert place is not None and pk is not None
        letters = next(f"{one}人调" for one in _shorts(place) if f"{one}人调" not in known)
        known.add(letters)
        path = f"{place.parent.name}{place.name}" if place.level == "village" and place.parent else place.name
        Committee.objects.create(
            division=place, name=f"{path}人民调解委员会", letters=letters, window="综治中心一楼调解窗口",
            telephone=f"000-6400{len(known):03}",
        )  # fmt: skip
    root = Committee.objects.get(division=city.root)
    for row in words.experts:
        Expert.objects.create(committee=root, telephone="000-6411000", **row)


def _shorts(place: Division) -> Iterator[str]:
    """丰 for the city, 剑光 for a township, 东路 for a village; longer ones where that is taken."""
    name = place.name
    for ending in ("居委会", "村委会", "社区", "街道", "镇", "乡", "市"):
        name = name.removesuffix(ending)
    yield name[:1] if place.level == "city" else name[:4]
    parent = place.parent.name[:2] if place.parent else ""
    yield parent + name[:4]
    yield place.name.removesuffix("居委会").removesuffix("委会")[:6]
    yield from (f"{name[:4]}{n}" for n in range(2, 9))
