"""A whistle from its draft to where it is today: approved, filed, sounded, answered, worked on, struck off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from accounts.models import Post
from cases.demo.timing import Story
from cases.models import Case
from grids import clock
from grids.clock import SHANGHAI, local_day
from whistle.demo.arrivals import answering
from whistle.demo.fates import fate
from whistle.demo.tasks import claimed, worked
from whistle.demo.world import Answer, Blown, Plan, World
from whistle.models import NegativeEntry, Summons

BEFORE = ("draft", "submitted", "returned", "withdrawn", "filed")
ALL_ANSWERED = timedelta(minutes=172)  # whoever comes has come and is confirmed
AFTERNOON = time(16, 20)


def told(world: World, plan: Plan) -> Story:
    """One whistle of the plan."""
    blown = world.drafted(plan)
    if plan.until == "draft":
        return
    yield from _raised(world, blown)
    if plan.until in BEFORE:
        return
    yield world.minutes(3, 15)
    world.do(blown.case, "sound", world.sounder(blown.case), note=world.words.said("sound"))
    yield from _running(world, blown)


def _running(world: World, blown: Blown) -> Story:
    for department, _named, answer in blown.answers:
        world.beside(clock.now(), answering(world, blown, department, answer))
    if blown.plan.until == "stood_down":
        yield world.minutes(45, 55)
        by = world.sounder(blown.case)
        world.do(blown.case, "stand_down", by, reason=world.words.said("stand_down"))
    elif blown.plan.until != "sounded":
        yield clock.now() + ALL_ANSWERED + timedelta(minutes=world.chance.uniform(0, 30))
        yield from _consulted(world, blown)


# --- before it is sounded


def _raised(world: World, blown: Blown) -> Story:
    """Up to the filed whistle; a village's goes to its township at once."""
    case, until = blown.case, blown.plan.until
    yield world.minutes(4, 9)
    if blown.plan.village:
        world.do(case, "submit_up", world.clerk(case), note=world.words.said("village_submit"))
        return
    world.do(case, "submit", world.clerk(case), note=world.words.said("submit"))
    if until == "submitted":
        return
    if until == "returned" or "returned" in blown.plan.turns:
        yield from _returned(world, case)
        if until == "returned":
            return
        yield world.minutes(20, 50)
        world.do(case, "submit", world.clerk(case), note=world.words.said("submit"))
    yield world.minutes(4, 20)
    world.do(case, "approve", secretary(world, case), note=world.words.said("approve"))
    yield world.minutes(2, 10)
    if until == "withdrawn":
        world.do(case, "withdraw", world.clerk(case), reason=world.words.said("withdraw"))
        return
    world.do(case, "file", world.clerk(case), note=world.words.said("file"))


def secretary(world: World, case: Case) -> Post:
    return world.city.secretaries[case.office_id]


def _returned(world: World, case: Case) -> Story:
    yield world.minutes(6, 20)
    world.do(case, "return", secretary(world, case), reason=world.words.said("return"))


# --- after the arrivals


def _consulted(world: World, blown: Blown) -> Story:
    """Consulted; tasks are claimed; then work, unless the plan ends before."""
    case, plan = blown.case, blown.plan
    there = present(blown)
    result = blown.words(blown.telling.consulted)
    world.do(case, "consult", world.clerk(case), result=result, lead=there[0].pk)
    for entry in entries(case):
        world.beside(clock.now(), fate(world, entry, _answer_of(blown, entry).fate))
    yield from claimed(world, blown, there[:-1] if plan.until == "consulting" else there)
    if plan.until == "consulting":
        return
    yield world.minutes(5, 30)
    world.do(case, "start_work", world.clerk(case))
    if "instructed" in plan.turns:
        yield world.after(30, 200)
        words = world.words.said("instruct")
        world.do(case, "instruct", world.city.committee[0], instruction=words)
    yield from worked(world, blown)
    yield from _finished(world, blown)


def present(blown: Blown) -> list[Summons]:
    """The departments that are there, in the order of the plan."""
    rows = Summons.objects.filter(case=blown.case.pk).present().in_bulk()
    by_department = {row.department_id: row for row in rows.values()}
    return [by_department[row.pk] for row in blown.departments if row.pk in by_department]


def entries(case: Case) -> Iterator[NegativeEntry]:
    yield from NegativeEntry.objects.filter(summons__case=case.pk).exclude(state="withdrawn").order_by("pk")


def _answer_of(blown: Blown, entry: NegativeEntry) -> Answer:
    rows = {department.pk: answer for department, _named, answer in blown.answers}
    return rows[entry.summons.department_id]


def _finished(world: World, blown: Blown) -> Story:
    """What came to nothing is proposed for the list; what is done is rated, reported and struck off."""
    plan = blown.plan
    if plan.until == "working":
        yield from _proposed(world, blown)
        return
    yield world.after(20, 90)
    _rated(world, blown)
    yield world.after(5, 40)
    if plan.until == "resolved":
        yield max(clock.now(), _last_afternoon(world))
    _resolved(world, blown, blown.words(blown.telling.resolved))
    if plan.until == "resolved":
        return
    yield from _struck_off(world, blown)


def _last_afternoon(world: World) -> datetime:
    """Of the last working day before the end: what is reported then still waits for being struck off."""
    day = local_day(world.teller.end) - timedelta(days=1)
    while not world.calendar.is_working(day):
        day -= timedelta(days=1)
    return datetime.combine(day, AFTERNOON, SHANGHAI)


def _proposed(world: World, blown: Blown) -> Story:
    """The township itself proposes who came and did nothing."""
    for department, _named, answer in blown.answers:
        if answer.lazy:
            yield world.after(60, 200)
            row, reason = blown.summons(department), world.words.said("propose")
            by = world.clerk(blown.case)
            world.on(row, "propose_negative", by, ground="no_effort", reason=reason)


def _rated(world: World, blown: Blown) -> None:
    answers = {department.pk: answer for department, _named, answer in blown.answers}
    for summons in present(blown):
        answer = answers[summons.department_id]
        best = 2 if answer.lazy else 4 if answer.come in ("late", "refuted") else 5
        marks = [world.chance.randint(max(1, best - 1), best) for _mark in range(3)]
        names = ("response", "solution", "satisfaction")
        more = {"no_effort": "on"} if answer.lazy else {}
        note = world.words.said("no_effort" if answer.lazy else "rate")
        data = dict(zip(names, map(str, marks), strict=True)) | more
        world.on(summons, "rate", world.clerk(blown.case), note=note, **data)
        if answer.lazy:
            entry = NegativeEntry.objects.get(summons=summons.pk, ground="no_effort")
            world.beside(clock.now(), fate(world, entry, answer.fate))


def _resolved(world: World, blown: Blown, result: str) -> None:
    world.do(blown.case, "resolve", world.clerk(blown.case), result=result)


def _struck_off(world: World, blown: Blown) -> Story:
    case = blown.case
    yield world.after(60, 600)
    if "sent_back" in blown.plan.turns:
        world.do(case, "send_back", world.sounder(case), reason=world.words.said("send_back"))
        yield world.after(200, 500)
        _resolved(world, blown, world.words.said("again"))
        yield world.after(60, 300)
    world.do(case, "strike_off", world.sounder(case), note=world.words.said("strike_off"))
