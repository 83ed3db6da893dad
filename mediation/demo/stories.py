"""A dispute from its entry to where it is today: accepted, mediated in up to three tiers, agreed, kept, closed, filed."""

from __future__ import annotations

from datetime import timedelta

from cases.demo.timing import Story
from grids import clock
from grids.clock import local_day
from mediation import parties
from mediation.choices import Way
from mediation.demo.world import Dispute, Plan, World
from mediation.models import Party

NOTICE = {"routes": ["court", "arbitration"], "manner": "in_person"}
ENDS = ("refused", "failed", "withdrawn", "referred")


def told(world: World, plan: Plan) -> Story:
    """One dispute of the plan."""
    dispute = world.entered(plan)
    if plan.until == "registered":
        return
    yield world.after(20, 500)
    if plan.until == "not_accepted":
        world.do(dispute, "turn_away", reason=world.words.said("not_accepted"), **NOTICE)
        return
    yield from _accepted(world, dispute)
    for way in plan.ups[:-1] if plan.until == "passing" else plan.ups:
        yield from _up(world, dispute, way)
        yield world.after(60, 900)
        world.do(dispute, "accept_up", mediators=[str(_first(world, dispute))])
    if plan.until == "passing":
        yield from _up(world, dispute, plan.ups[-1])
    elif plan.until in ENDS:
        yield from _ended(world, dispute)
    elif plan.until != "accepted":
        yield from _mediated(world, dispute)


def _first(world: World, dispute: Dispute) -> int:
    return world.city.mediators[dispute.case.office_id][0].pk


# --- intake


def _accepted(world: World, dispute: Dispute) -> Story:
    turns = dispute.plan.turns
    world.do(dispute, "accept", mediators=[str(_first(world, dispute))])
    yield world.after(10, 90)
    today = str(local_day(clock.now()))
    world.do(dispute, "tell_rights", told_on=today, manner="in_person")
    yield world.minutes(5, 25)
    world.do(
        dispute, "add_material", material="identity", title="当事人身份证复印件", on=today, **world.scan()
    )
    if "colour" in turns:
        yield world.after(20, 200)
        _coloured(world, dispute)
    if "represent" in turns:
        yield world.minutes(5, 30)
        told_by = world.words.party(2)
        world.on(world.party(dispute, 2), "represent", world.mediator(dispute), rep_name=told_by["party_name"],
                 rep_phone=told_by["phone"], authority="general", relation="亲属")  # fmt: skip
    if "enquiry" in turns:
        yield world.after(60, 400)
        day = str(local_day(clock.now()))
        sides = sorted({str(party.side) for party in parties.present(dispute.case)})
        world.do(dispute, "add_material", material="enquiry", title="现场调查", on=day, where="纠纷现场",
                 words=world.words.said("enquiry"), sides=sides)  # fmt: skip
    if {"exclude", "recuse"} & turns and len(world.city.mediators[dispute.case.office_id]) > 1:
        yield world.after(30, 200)
        _replaced(world, dispute, "recuse" in turns)
    if "consult" in turns:
        yield from _consulted(world, dispute)


def _coloured(world: World, dispute: Dispute) -> None:
    colour = world.chance.choice(["red", "orange", "yellow", "blue", "green"])
    look = local_day(clock.now()) + timedelta(days=world.chance.randint(3, 12))
    world.do(dispute, "grade", colour=colour, reason=world.words.said("colour"), look_on=str(look))


def _replaced(world: World, dispute: Dispute, recused: bool) -> None:
    """The first mediator goes, the second comes."""
    one, two = world.city.mediators[dispute.case.office_id][:2]
    if recused:
        party = world.party(dispute, 1)
        world.do(dispute, "recuse", two, mediator=str(one.pk), party=str(party.pk))
    else:
        world.do(dispute, "exclude", two, mediator=str(one.pk), reason=world.words.said("exclude"))
    world.do(dispute, "assign", two, mediators=[str(two.pk)])
    dispute.leads[dispute.case.office_id] = two


def _consulted(world: World, dispute: Dispute) -> Story:
    """A joint consultation of offices."""
    yield world.after(30, 200)
    at = world.next_meeting()
    world.do(dispute, "consult", matter=world.words.said("matter"), starts_at=at.isoformat(), minutes="60",
             where="综治中心会商室", members="\n".join(world.words.common["members"]))  # fmt: skip
    yield at + timedelta(minutes=75)
    session = world.session(dispute)
    present = [str(row.pk) for row in session.invitations.all()]
    world.on(session, "hold", world.mediator(dispute), held_from=at.isoformat(),
             held_until=(at + timedelta(minutes=60)).isoformat(), present=present, outcome="advice",
             record=world.words.said("record"))  # fmt: skip


# --- attempts


def _attempt(world: World, dispute: Dispute, *, agreed: bool) -> Story:
    """One attempt with its meeting; it fails, or they agree."""
    yield world.after(30, 300)
    world.do(dispute, "propose_attempt")
    yield world.after(10, 120)
    by = world.mediator(dispute)
    consent = {
        "consenting": world.everybody(dispute),
        "manner": world.chance.choice(["in_person", "telephone"]),
    }
    world.on(world.attempt(dispute), "consent", by, **consent)
    yield world.minutes(5, 40)
    yield from _meeting(world, dispute, agreed)
    if not agreed:
        yield world.minutes(10, 60)
        world.on(world.attempt(dispute), "not_agreed", by, reason=world.words.said("not_agreed"))


def _meeting(world: World, dispute: Dispute, agreed: bool) -> Story:
    at = world.next_meeting()
    world.do(dispute, "plan_session", starts_at=at.isoformat(), minutes="90", where="调解室")
    session = world.session(dispute)
    yield world.minutes(5, 30)
    by = world.mediator(dispute)
    invited = [str(row.pk) for row in session.invitations.all() if row.told_at is None]
    world.on(session, "tell", by, invited=invited, manner="telephone")
    ended = at + timedelta(minutes=world.chance.randint(40, 100))
    yield ended + timedelta(minutes=world.chance.uniform(1, 20))
    present = [str(row.pk) for row in session.invitations.all()]
    record = world.words.said("record") + (world.words.said("record_agreed") if agreed else "")
    world.on(session, "hold", by, held_from=at.isoformat(), held_until=ended.isoformat(), present=present,
             outcome="agreed" if agreed else "failed", record=record)  # fmt: skip


def _up(world: World, dispute: Dispute, way: str) -> Story:
    """To the next tier: after three attempts, by both sides' wish after one, or early."""
    for _n in range({Way.EXHAUSTED: 3, Way.WISH: 1}.get(Way(way), 0)):
        yield from _attempt(world, dispute, agreed=False)
    yield world.after(20, 200)
    wishing = world.everybody(dispute) if way == Way.WISH else []
    world.do(dispute, "pass_up", way=way, reason=world.words.said(way), wishing=wishing)


def _ended(world: World, dispute: Dispute) -> Story:
    """Without an agreement, and with the notice of other routes."""
    until = dispute.plan.until
    if until == "failed":
        for _n in range(world.chance.randint(1, 2)):
            yield from _attempt(world, dispute, agreed=False)
    yield world.after(60, 900)
    if until == "refused":
        party: Party = world.party(dispute, 2)
        world.do(dispute, "refuse", party=str(party.pk), **NOTICE)
    elif until == "failed":
        world.do(dispute, "fail", reason=world.words.said("fail"), **NOTICE)
    elif until == "withdrawn":
        world.do(dispute, "withdraw", reason=world.words.said("withdraw"), **NOTICE)
    else:
        world.do(dispute, "refer", body="有关主管部门", reason=world.words.said("refer"), **NOTICE)
    if dispute.plan.subsidy == "filed":
        yield world.after(200, 900)
        world.do(dispute, "file", keep_years="10")


# --- agreed, kept, closed


def _mediated(world: World, dispute: Dispute) -> Story:
    plan = dispute.plan
    if plan.until == "seeking":
        yield world.after(30, 300)
        world.do(dispute, "propose_attempt")
        return
    if plan.until == "mediating":
        yield from _talking(world, dispute)
        return
    if world.chance.random() < 0.3 and not plan.ups:
        yield from _attempt(world, dispute, agreed=False)
    if "extend" in plan.turns:
        yield world.after(60, 300)
        world.do(dispute, "extend", days="15", agreed_on=str(local_day(clock.now())), all_agree="on",
                 reason=world.words.said("extend"))  # fmt: skip
    yield from _attempt(world, dispute, agreed=True)
    yield from _agreed(world, dispute)
    if plan.until == "agreed":
        return
    yield from _signed(world, dispute)
    yield from _kept(world, dispute)
    if plan.until == "performing":
        return
    yield from _closed(world, dispute)


def _talking(world: World, dispute: Dispute) -> Story:
    """All agreed to an attempt; the meeting comes."""
    yield world.after(30, 300)
    world.do(dispute, "propose_attempt")
    yield world.after(10, 120)
    world.on(world.attempt(dispute), "consent", world.mediator(dispute), consenting=world.everybody(dispute),
             manner="in_person")  # fmt: skip
    yield world.minutes(5, 40)
    at = world.next_meeting() + timedelta(days=world.chance.randint(0, 4))
    world.do(dispute, "plan_session", starts_at=at.isoformat(), minutes="90", where="调解室")


def _agreed(world: World, dispute: Dispute) -> Story:
    telling, turns = dispute.telling, dispute.plan.turns
    yield world.minutes(10, 60)
    world.do(dispute, "agree", form="oral" if "oral" in turns else "written", facts=telling.facts, issues=telling.issues,
             content=telling.content, performance="银行转账或者现场履行", term="按履行约定", copies="3",
             **({"total": str(dispute.amount)} if dispute.amount else {}))  # fmt: skip
    yield world.minutes(3, 15)
    days = world.chance.randint(3, 16) if dispute.plan.until != "performing" else world.chance.randint(6, 40)
    due = str(local_day(clock.now()) + timedelta(days=days))
    amount = {"amount": str(dispute.amount)} if dispute.amount else {}
    party = world.party(dispute, world.chance.choice([1, 2]))
    world.do(dispute, "add_promise", party=str(party.pk), what=telling.what, due_on=due, **amount)


def _signed(world: World, dispute: Dispute) -> Story:
    yield world.minutes(5, 40)
    today = str(local_day(clock.now()))
    if "oral" in dispute.plan.turns:
        world.do(dispute, "record_oral", signed_on=today)
    else:
        world.do(dispute, "sign", signed_on=today, sealed_on=today, **world.scan())
    turns = dispute.plan.turns
    if {"applied", "confirmed", "rejected"} & turns:
        yield from _to_court(world, dispute)


def _to_court(world: World, dispute: Dispute) -> Story:
    """Confirmation by the court: 3 days to accept, 15 to decide."""
    yield world.on_day(world.chance.randint(2, 8))
    day = str(local_day(clock.now()))
    world.do(dispute, "apply_confirmation", applied_on=day, court="人民法院", jointly="on")
    if "applied" in dispute.plan.turns:
        return
    yield world.on_day(2)
    by = world.mediator(dispute)
    world.on(world.confirmation(dispute), "court_accepts", by, court_on=str(local_day(clock.now())))
    yield world.on_day(world.chance.randint(5, 12))
    day = str(local_day(clock.now()))
    if "rejected" in dispute.plan.turns:
        world.on(
            world.confirmation(dispute),
            "court_rejects",
            by,
            court_on=day,
            reason=world.words.said("court_reject"),
        )
    else:
        number = f"（{day[:4]}）演示民特{dispute.case.pk % 1000}号"
        world.on(world.confirmation(dispute), "court_confirms", by, court_on=day, ruling=number)


def _kept(world: World, dispute: Dispute) -> Story:
    """Each promise on its day; what stays open today waits."""
    plan = dispute.plan
    for promise in world.promises(dispute):
        by = world.mediator(dispute)
        if "redated" in plan.turns:
            yield world.after(60, 400)
            due = str(promise.due_on + timedelta(days=7))
            world.on(promise, "redate", by, due_on=due, reason=world.words.said("redate"), all_agree="on")
            promise.refresh_from_db()
        days = (promise.due_on - local_day(clock.now())).days
        if plan.until == "performing":
            return
        yield world.on_day(max(0, days + (4 if "late" in plan.turns else 0)))
        day = str(local_day(clock.now()))
        if "broken" in plan.turns:
            world.on(promise, "break_promise", by, settled_on=day, advice=["urged", "sue"],
                     note=world.words.said("broken"))  # fmt: skip
        else:
            files = world.scan() if world.chance.random() < 0.5 else {}
            world.on(promise, "keep", by, settled_on=day, **files)


def _closed(world: World, dispute: Dispute) -> Story:
    plan = dispute.plan
    yield world.on_day(world.chance.randint(1, 5))
    kept = "no" if "broken" in plan.turns else "yes"
    world.do(dispute, "close", visited_on=str(local_day(clock.now())), manner="telephone", performed=kept,
             satisfaction=world.chance.choice(["satisfied", "satisfied", "fair"]) if kept == "yes" else "not",
             words=world.words.said("visit") if kept == "yes" else "")  # fmt: skip
    if not plan.subsidy:
        return
    yield world.after(60, 600)
    world.do(dispute, "file", keep_years="30")
    if plan.subsidy != "filed":
        yield from _subsidised(world, dispute)


def _subsidised(world: World, dispute: Dispute) -> Story:
    plan = dispute.plan
    yield world.after(30, 300)
    payee = world.mediator(dispute).pk
    grade = world.chance.choice(["oral"] if "oral" in plan.turns else ["simple", "simple", "hard", "major"])
    world.do(dispute, "claim_subsidy", grade=grade, payee=str(payee))
    if plan.subsidy == "claimed":
        return
    yield world.after(200, 1400)
    approver = world.city.staff[world.city.root.pk][0]
    if plan.subsidy == "refused":
        world.on(
            world.subsidy(dispute), "refuse_subsidy", approver, reason=world.words.said("subsidy_refused")
        )
        return
    world.on(world.subsidy(dispute), "approve", approver)
    if plan.subsidy == "paid":
        yield world.after(600, 2400)
        world.on(world.subsidy(dispute), "pay", approver, paid_on=str(local_day(clock.now())))
