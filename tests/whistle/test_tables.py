"""The four tables of a whistle walked whole: every row works for whom it names, for nobody else, in no other state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import Post
from cases import checks, workflow
from cases.errors import CaseError
from cases.models import Case
from cases.tables import SAME, Transition
from tests.cast import Cast
from tests.conftest import Clock
from tests.whistle import moves
from tests.whistle.moves import WORDS, do, on, summons
from whistle.models import NegativeEntry, Summons, Task
from whistle.registration import ENTRY, SUMMONS, TASK, WHISTLE
from whistle.services import draft

Thing = Any
TABLES = {"whistle": WHISTLE, "summons": SUMMONS, "task": TASK, "negative_entry": ENTRY}
ROWS = [(name, state, row) for name, table in TABLES.items() for row in table.rows for state in row.sources]
BY_HAND = [one for one in ROWS if not one[2].system]
IDS = [f"{name}: {row.action} from {state}" for name, state, row in BY_HAND]


class Undo(Exception):
    """Rolls a tried move back."""


@pytest.fixture
def day(clock: Clock) -> str:
    return clock.at.date().isoformat()


@pytest.fixture
def bring(cast: Cast, clock: Clock, day: str) -> Callable[[str, str], tuple[Case, Thing]]:
    """A whistle with its row in a state, by the real moves that lead there: (case, sub-row or None)."""

    def whistle(state: str) -> Case:
        if state == "returned":
            return do(do(moves.drafted(cast), "submit", cast.township), "return", cast.secretary, **WORDS)
        if state == "withdrawn":
            return do(moves.drafted(cast), "withdraw", cast.township, **WORDS)
        if state == "stood_down":
            return do(moves.sounded(cast), "stand_down", cast.committee, **WORDS)
        if state in ("submitted", "approved"):
            case = do(moves.drafted(cast), "submit", cast.township)
            return do(case, "approve", cast.secretary) if state == "approved" else case
        if state == "closed":
            return do(moves.resolved(cast, day), "strike_off", cast.committee)
        makers: dict[str, Callable[[], Case]] = {
            "draft": lambda: moves.drafted(cast),
            "filed": lambda: moves.filed(cast),
            "sounded": lambda: moves.sounded(cast),
            "consulting": lambda: moves.consulting(cast),
            "working": lambda: moves.working(cast, day),
            "resolved": lambda: moves.resolved(cast, day),
        }
        return makers[state]()

    def called(state: str) -> tuple[Case, Summons]:
        urban = cast.departments.urban
        if state == "wanted":
            case = moves.filed(cast)
            return case, summons(case, urban)
        if state == "cancelled":
            case = whistle("stood_down")
            return case, summons(case, urban)
        if state in ("confirmed", "released"):
            case = moves.working(cast, day)
            row = summons(case, cast.departments.police)
            return case, row
        case = moves.sounded(cast)
        if state == "summoned":
            return case, summons(case, urban)
        row = moves.arrived(case, urban, cast.officer)
        return case, on(row, "dispute", cast.township, **WORDS) if state == "disputed" else row

    def task(state: str) -> tuple[Case, Task]:
        case = moves.working(cast, day)
        row = Task.objects.select_related("summons__case", "summons__department").earliest("pk")
        if state == "done":
            on(row, "finish", cast.officer, **WORDS)
        elif state == "dropped":
            on(row, "drop", cast.township, **WORDS)
        return case, row

    def entry(state: str) -> tuple[Case, NegativeEntry]:
        case = moves.sounded(cast, departments=[cast.departments.urban.pk])
        clock.forward(hours=2)
        moves.ring()
        row = moves.entry(case)
        ways: dict[str, list[tuple[str, Post]]] = {
            "proposed": [],
            "confirmed": [("confirm", cast.committee)],
            "dismissed": [("dismiss", cast.committee)],
            "appealed": [("confirm", cast.committee), ("appeal", cast.officer)],
        }
        ways["upheld"] = [*ways["appealed"], ("uphold", cast.committee_b)]
        for action, by in ways[state]:
            on(row, action, by, **WORDS)
        return case, row

    subs: dict[str, Callable[[str], tuple[Case, Any]]] = {
        "summons": called,
        "task": task,
        "negative_entry": entry,
    }

    def make(name: str, state: str) -> tuple[Case, Thing]:
        case, row = (whistle(state), None) if name == "whistle" else subs[name](state)
        case.refresh_from_db()
        if row is not None:
            row.refresh_from_db()
        assert (row or case).state == state
        return case, row

    return make


def sample(row: Transition, case: Case, cast: Cast, day: str) -> dict[str, Any]:
    """Right data for every field that a row asks for."""
    known = {
        **WORDS,
        **moves.fields(cast),
        "more_departments": [cast.departments.police.pk],
        "callee": "person",
        "answered": "yes",
        "task": "清理杂物",
        "due_on": day,
        "response": 4,
        "solution": 3,
        "satisfaction": 5,
        "ground": "no_effort",
    }
    if "target" in row.needs:
        known["target"] = moves.drafted(cast).number
    return {name: known[name] for name in row.needs if name != "photos"}


def arrange(row: Transition, case: Case, thing: Thing, cast: Cast, clock: Clock) -> None:
    """The circumstances that a row's guards ask for."""
    if row.action == "consult":
        moves.confirmed(case, cast, cast.departments.urban, cast.officer)
    elif row.action == "start_work":
        day = clock.at.date().isoformat()
        moves.claimed(case, cast.departments.urban, cast.officer, "拆除", day)
        moves.claimed(case, cast.departments.police, cast.officer2, "疏导", day)
    elif row.action == "propose_negative" and thing.state == "summoned":
        # The system's own proposal was dismissed; the township proposes again with its grounds.
        clock.forward(hours=2)
        moves.ring()
        on(
            NegativeEntry.objects.select_related("summons__case", "summons__department").get(summons=thing),
            "dismiss",
            cast.committee,
            **WORDS,
        )
        thing.refresh_from_db()
    elif row.action == "resolve":
        for task in Task.objects.select_related("summons__case", "summons__department"):
            on(
                task,
                "finish",
                cast.officer if task.summons.department == cast.departments.urban else cast.officer2,
                **WORDS,
            )
        for department in (cast.departments.urban, cast.departments.police):
            on(summons(case, department), "rate", cast.township, response=5, solution=5, satisfaction=5)
    elif row.action == "release":
        on(
            Task.objects.select_related("summons__case", "summons__department").latest("pk"),
            "drop",
            cast.township,
            **WORDS,
        )
    elif row.action == "lift":
        clock.forward(days=200)
    case.refresh_from_db()


def people(cast: Cast) -> list[Post]:
    return [value for value in vars(cast).values() if isinstance(value, Post)]


@pytest.mark.parametrize(("name", "state", "row"), BY_HAND, ids=IDS)
def test_every_row_works_for_somebody_and_leads_where_it_says(
    name: str, state: str, row: Transition, bring: Any, cast: Cast, clock: Clock, day: str
) -> None:
    if row.action in ("submit_up",):
        case, thing = (
            draft(moves.facts(cast, departments=[cast.departments.station.pk]), by=cast.village),
            None,
        )
        if state == "returned":
            do(case, "submit_up", cast.village)
            do(case, "return", cast.township, **WORDS)
    elif row.action == "add_departments":
        case, thing = more(state, cast, day), None
    else:
        case, thing = bring(name, state)
        arrange(row, case, thing, cast, clock)
    doers = [post for post in people(cast) if workflow.refusal(case, row.action, post, subject=thing) is None]
    assert doers, "nobody may"
    assert all(post.role in row.roles for post in doers)
    before = (thing or case).state
    data = sample(row, case, cast, day)
    if row.action == "propose_negative" and state == "summoned":
        data["ground"] = "absent"
    files = {"photos": [moves.photo()]} if "photos" in row.needs else {}
    workflow.advance(case, row.action, by=doers[0], data=data, files=files, subject=thing)
    expected = before if row.target == SAME else row.target
    assert (thing or case).state == expected
    assert case.events.filter(verb=row.verb, actor=doers[0].user).exists()


def more(state: str, cast: Cast, day: str) -> Case:
    """A running whistle that named one department only."""
    case = moves.sounded(cast, departments=[cast.departments.urban.pk])
    if state == "sounded":
        return case
    moves.confirmed(case, cast, cast.departments.urban, cast.officer)
    case.refresh_from_db()
    do(case, "consult", cast.township, result="会商", lead=summons(case, cast.departments.urban).pk)
    if state == "working":
        moves.claimed(case, cast.departments.urban, cast.officer, "拆除", day)
        case.refresh_from_db()
        do(case, "start_work", cast.township)
    return case


@pytest.mark.parametrize(
    ("name", "state"),
    [(name, state) for name, table in TABLES.items() for state in table.states
     if state not in ("revoked", "withdrawn", "lifted", "released", "dropped") or name == "whistle"],
)  # fmt: skip
def test_everything_else_is_refused_for_every_role(
    name: str, state: str, bring: Any, cast: Cast, clock: Clock
) -> None:
    """No post does what its row does not name; no action works from a state that its rows do not name."""
    case, thing = bring(name, state)
    table = TABLES[name]
    held = len(case.events.all())
    for action in sorted({row.action for row in table.rows}):
        row = table.row(state, action)
        for post in people(cast):
            error = workflow.refusal(case, action, post, subject=thing)
            named = row is not None and not row.system and post.role in row.roles
            if not named:
                assert error is not None, f"{post} may {action} in {state}"
            if error is not None:
                with pytest.raises(CaseError), transaction.atomic():
                    workflow.advance(case, action, by=post, data={}, subject=thing)
    assert case.events.count() == held


def test_the_tables_are_whole() -> None:
    for table in TABLES.values():
        assert list(checks.problems(table)) == []


def test_the_database_knows_the_states_of_the_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conname IN "
            "('case_whistle_state', 'summons_state_known', 'task_state_known', 'negative_entry_state_known')"
        )
        known = dict(cursor.fetchall())
    for name, constraint in (("whistle", "case_whistle_state"), ("summons", "summons_state_known"),
                             ("task", "task_state_known"), ("negative_entry", "negative_entry_state_known")):  # fmt: skip
        for state in TABLES[name].states:
            assert f"'{state}'" in known[constraint], (constraint, state)


def test_a_village_whistles_one_level_down_without_secretary_and_committee(cast: Cast, clock: Clock) -> None:
    case = draft(moves.facts(cast, departments=[cast.departments.station.pk]), by=cast.village)
    assert case.whistle.level == "village" and case.office == cast.places.village
    do(case, "submit_up", cast.village)
    with pytest.raises(CaseError):
        do(case, "sound", cast.committee)
    do(case, "sound", cast.township)
    row = summons(case, cast.departments.station)
    moves.arrived(case, cast.departments.station, cast.station)
    on(row, "confirm", cast.village)
    case.refresh_from_db()
    do(case, "consult", cast.village, result="站所到场会商", lead=row.pk)
    moves.claimed(case, cast.departments.station, cast.station, "清理占道", clock.at.date().isoformat())
    case.refresh_from_db()
    do(case, "start_work", cast.village)
    on(
        Task.objects.select_related("summons__case", "summons__department").get(),
        "finish",
        cast.station,
        result="已清理",
    )
    on(row, "rate", cast.village, response=5, solution=5, satisfaction=5)
    case.refresh_from_db()
    do(case, "resolve", cast.village, result="占道清理完毕")
    do(case, "strike_off", cast.township)
    assert case.state == "closed"
