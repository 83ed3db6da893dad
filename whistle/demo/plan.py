"""Which whistles there are: twenty in the first half year, twelve struck off and eight running, and some besides."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from cases import workflow
from cases.demo.timing import Teller
from cases.models import Case
from grids.clock import SHANGHAI, local_day
from whistle.demo.stories import told
from whistle.demo.world import Answer, Plan, World

DAYS = 214  # the first one: so long ago that an entry's term (180 days) is over
OFFICE_HOURS = (time(8, 30), time(17, 30))

PROMPT = Answer()
SILENT = Answer(silent=True)
PRESSED, RELEASED, ABSENT = Answer("pressed"), Answer("released"), Answer("absent", fate="confirmed")


def late(fate: str) -> Answer:
    return Answer("late", fate=fate)


# Days ago, hour of the draft, and what is told. Places: 剑光 0, 小港 1, 白土 2, 张巷 3, 剑南 4, 铁路 5.
ROWS: tuple[tuple[int, str, Plan], ...] = (
    # --- struck off
    (212, "09:20", Plan("village_accounts", 2, "closed", (PROMPT, late("lifted"), PROMPT))),
    (190, "08:40", Plan("market_street", 0, "closed", (PROMPT, PROMPT, PRESSED))),
    (171, "21:30", Plan("forest_line", 3, "closed", (SILENT, late("upheld"), PROMPT))),
    (150, "20:10", Plan("roof_storeys", 4, "closed", (late("dismissed"), PROMPT, PROMPT))),
    (128, "10:15", Plan("old_factory", 4, "closed", (PROMPT, RELEASED, PROMPT))),
    (104, "22:40", Plan("heavy_trucks", 1, "closed", (PROMPT, PROMPT, ABSENT), frozenset({"instructed"}))),
    (83, "14:30", Plan("unfinished_homes", 0, "closed",
                       (PROMPT, PROMPT, Answer(lazy=True, fate="confirmed")))),
    (66, "09:05", Plan("pond_contract", 5, "closed", (Answer("disputed"), PROMPT, Answer(task="overdue")))),
    (52, "15:40", Plan("school_gate", 0, "closed", (PROMPT, Answer("refuted", fate="revoked"), PROMPT))),
    (41, "10:30", Plan("riverside_sheds", 1, "closed", (PROMPT, PRESSED, PROMPT), frozenset({"returned"}))),
    (32, "09:50", Plan("orchard_lease", 2, "closed", (PROMPT, PROMPT, late("confirmed")),
                       frozenset({"sent_back"}))),
    (23, "23:15", Plan("night_site", 4, "closed", (SILENT, PROMPT, PROMPT))),
    # --- running
    (16, "10:20", Plan("stone_yard", 3, "resolved", (PROMPT, late("appealed"), PROMPT))),
    (12, "09:40", Plan("land_transfer", 2, "working",
                       (PROMPT, Answer(task="open"), Answer(task="open", lazy=True)), frozenset({"redated"}))),
    (9, "09:30", Plan("sand_pile", 1, "working", (Answer(task="open"), PROMPT, late("confirmed")),
                      frozenset({"instructed"}))),
    (5, "16:10", Plan("bus_terminal", 4, "working", (Answer(task="owing"), PROMPT, Answer(task="open")))),
    (3, "08:50", Plan("bridge_closed", 5, "consulting",
                      (PROMPT, Answer("absent", fate="proposed"), PROMPT))),
    (1, "19:20", Plan("fake_members", 3, "consulting", (PROMPT, PROMPT, late("proposed")))),
    # --- besides
    (75, "18:45", Plan("festival_crowd", 2, "stood_down", (PROMPT, PROMPT, PROMPT))),
    (45, "11:00", Plan("wall_quarrel", 4, "withdrawn")),
    (27, "09:10", Plan("v_drain", 1, "closed", (PROMPT, PROMPT), village=True)),
    (4, "10:40", Plan("v_roadside", 0, "working", (Answer(task="open"), PROMPT), village=True)),
    (2, "10:05", Plan("parking_fee", 0, "returned")),
    (1, "17:10", Plan("well_dispute", 5, "draft")),
)  # fmt: skip
# Those of this very day, in minutes before its end.
TODAY: tuple[tuple[int, Plan], ...] = (
    (120, Plan("drain_work", 4, "sounded", (PROMPT, Answer("waiting"), Answer("coming", silent=True)))),
    (10, Plan("waste_yard", 1, "submitted")),
)
# The one that is sounded when the city is ready: its two hours run while one looks at it.
NOW = Plan("cable_poles", 0, "filed")
FILED_AGO = timedelta(minutes=45)


def lay_out(world: World, teller: Teller) -> None:
    """Give the teller all whistles of the plan."""
    for days, hour, plan in ROWS:
        teller.add(_day(world, teller, days, hour), told(world, plan))
    for minutes, plan in TODAY:
        teller.add(teller.end - timedelta(minutes=minutes), told(world, plan))
    teller.add(teller.end - FILED_AGO, told(world, NOW))


def _day(world: World, teller: Teller, days: int, hour: str) -> datetime:
    """So many days ago; what is begun in office hours on a rest day was begun on the working day before."""
    day, at = local_day(teller.end) - timedelta(days=days), time.fromisoformat(hour)
    while OFFICE_HOURS[0] <= at <= OFFICE_HOURS[1] and not world.calendar.is_working(day):
        day -= timedelta(days=1)
    return datetime.combine(day, at, SHANGHAI) + timedelta(minutes=world.chance.uniform(0, 12))


def sound_the_last(world: World) -> Case:
    """The committee sounds the filed whistle by the present clock."""
    case: Case = Case.objects.unscoped().get(kind="whistle", state="filed")
    workflow.advance(case, "sound", by=world.sounder(case), data={"note": world.words.said("sound")})
    return case
