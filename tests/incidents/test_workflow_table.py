"""The incident table walked whole: every row works for whoever it names, everything else is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import Post
from accounts.roles import Role
from cases import checks, deadlines, policies, workflow
from cases.errors import CaseError, Incomplete
from cases.models import Case, Deadline
from cases.tables import RESUME, SAME, Transition
from incidents.registration import WORKFLOW
from incidents.workflow import FINALS, INITIAL, ROWS, STATES
from tests.cast import Cast

Walk = Callable[[str], Case]
POSITIVE = [(state, row) for row in ROWS for state in row.sources if not row.system]


class Undo(Exception):
    """Rolls a tried move back."""


@pytest.fixture
def bring(cast: Cast, new_case: Any, clock: Any) -> Walk:
    """A case in a state, by the real moves that lead there."""
    station = f"department:{cast.departments.station.pk}"
    ways: dict[str, list[tuple[str, Post, dict[str, Any]]]] = {"reported": []}
    ways["filed"] = [("file", cast.township, {})]
    ways["rejected"] = [("reject", cast.township, {"reason": "重复反映，已另案办理"})]
    ways["assigned"] = [*ways["filed"], ("assign", cast.township, {"handler": station})]
    ways["investigating"] = [*ways["assigned"], ("accept", cast.station, {})]
    ways["fed_back"] = [*ways["investigating"], ("feed_back", cast.station, {"result": "已清理"})]
    ways["verified"] = [*ways["fed_back"], ("verify", cast.worker, {})]
    ways["archived"] = [*ways["verified"], ("archive", cast.township, {})]
    until = (clock.at + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    stop = {"suspend_ground": "weather", "until": until, "reason": "暴雨"}
    ways["suspended"] = [*ways["investigating"], ("suspend", cast.township, stop)]
    tasks = [{"department": cast.departments.station.pk, "task": "清运"},
             {"department": cast.departments.police.pk, "task": "疏导"}]  # fmt: skip
    ways["split"] = [*ways["filed"], ("split", cast.township, {"tasks": tasks})]

    def make(state: str) -> Case:
        case: Case = new_case(cast.worker)
        if state == "merged":
            other = new_case(cast.worker)
            workflow.advance(case, "merge", by=cast.township, data={"target": other.number})
        else:
            for action, by, data in ways[state]:
                workflow.advance(case, action, by=by, data=data)
        assert case.state == state
        return case

    return make


def sample(case: Case, row: Transition, cast: Cast, new_case: Any, clock: Any) -> dict[str, Any]:
    """Right data for every field that a row asks for."""
    values: dict[str, Any] = {
        "reason": "按规定应当这样办理，特此说明",
        "note": "说明",
        "result": "已经办好",
        "instruction": "请抓紧办理",
        "handler": f"department:{cast.departments.station.pk}",
        "co_handlers": [str(cast.departments.police.pk)],
        "copies": [str(cast.departments.police.pk)],
        "category": "1101",
        "division": cast.places.village.code,
        "amount": 1,
        "until": (clock.at + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M"),
        "suspend_ground": "weather",
        "ground": "not_place",
        "card": "yellow",
        "tasks": [{"department": cast.departments.station.pk, "task": "清运"},
                  {"department": cast.departments.police.pk, "task": "疏导"}],
    }  # fmt: skip
    if "target" in row.needs:
        values["target"] = new_case(cast.worker).number
    return {name: values[name] for name in row.needs}


def arrange(case: Case, row: Transition, cast: Cast) -> None:
    """The circumstances that a row's guards ask for."""
    if "pending_extension" in row.guards:
        workflow.advance(case, "ask_extension", by=cast.station, data={"amount": 1, "reason": "等材料"})
    if "no_handler" in row.guards:
        case.parts.filter(kind="handler").update(ended_at=case.updated_at)


def people(cast: Cast) -> list[Post]:
    return [value for value in vars(cast).values() if isinstance(value, Post)]


@pytest.mark.parametrize(
    ("state", "row"), POSITIVE, ids=[f"{row.action} from {state}" for state, row in POSITIVE]
)
def test_every_row_works_for_somebody_and_leads_where_it_says(
    state: str, row: Transition, bring: Walk, cast: Cast, new_case: Any, clock: Any
) -> None:
    case = bring(state)
    arrange(case, row, cast)
    doers = [post for post in people(cast) if workflow.refusal(case, row.action, post) is None]
    assert doers, "nobody may"
    assert all(post.role in row.roles for post in doers)
    seq, before = case.last_seq, case.state
    workflow.advance(case, row.action, by=doers[0], data=sample(case, row, cast, new_case, clock))
    expected = {SAME: before, RESUME: "investigating"}.get(row.target, row.target)
    assert case.state == expected
    assert case.last_seq > seq
    assert case.events.filter(verb=row.verb, actor=doers[0].user).exists()


@pytest.mark.parametrize("state", list(STATES))
def test_whatever_the_table_does_not_name_is_refused_and_changes_nothing(
    state: str, bring: Walk, cast: Cast, new_case: Any, clock: Any
) -> None:
    case = bring(state)
    seq, tried = case.last_seq, 0
    for action in sorted({row.action for row in ROWS}):
        row = WORKFLOW.row(state, action)
        for role in Role:
            post = cast.by_role(role)
            if row is not None and role in row.roles:
                continue
            with pytest.raises(CaseError) as caught:
                workflow.advance(case, action, by=post, data={})
            assert caught.value.status in (403, 409)
            tried += 1
    case.refresh_from_db()
    assert (case.state, case.last_seq) == (state, seq)
    assert tried > 100


@pytest.mark.parametrize("state", list(STATES))
def test_a_named_role_without_the_right_stance_is_refused(state: str, bring: Walk, cast: Cast) -> None:
    case = bring(state)
    tried = 0
    for post in (cast.township2, cast.village2, cast.worker2, cast.station2, cast.officer, cast.secretary2):
        for row in WORKFLOW.rows_from(state):
            assert isinstance(workflow.refusal(case, row.action, post), CaseError), (post, row.action)
            tried += 1
    assert tried or state in FINALS


def test_a_form_that_lacks_what_a_row_needs_is_refused_by_its_field(bring: Walk, cast: Cast) -> None:
    tried = 0
    for state, row in POSITIVE:
        if not row.needs:
            continue
        try:
            with transaction.atomic():
                case = bring(state)
                arrange(case, row, cast)
                doer = next(p for p in people(cast) if workflow.refusal(case, row.action, p) is None)
                with pytest.raises(Incomplete) as caught:
                    workflow.advance(case, row.action, by=doer, data={})
                assert set(row.needs) <= set(caught.value.errors), row.action
                tried += 1
                raise Undo
        except Undo:
            continue
    assert tried > 20


def test_the_system_s_own_moves_are_not_for_people(bring: Walk, cast: Cast) -> None:
    for action, state in (("resume_due", "suspended"), ("children_done", "split")):
        case = bring(state)
        for post in people(cast):
            assert isinstance(workflow.refusal(case, action, post), CaseError)


@pytest.mark.django_db
def test_the_database_knows_the_same_states_as_the_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'case_incident_state'"
        )
        definition = cursor.fetchone()[0]
    assert {state for state in STATES if f"'{state}'" in definition} == set(STATES)
    assert definition.count("::character varying") - 1 == len(STATES) or definition.count("'") >= 2 * len(
        STATES
    )


def test_the_table_has_no_dead_end_and_no_unknown_name() -> None:
    assert not list(checks.problems(WORKFLOW))
    assert INITIAL in STATES and set(STATES) > FINALS


def test_the_check_at_start_finds_a_broken_table() -> None:
    import dataclasses

    broken = dataclasses.replace(
        WORKFLOW, rows=(*ROWS, dataclasses.replace(ROWS[0], verb="incident.unknown"))
    )
    ids = {error.id for error in checks.problems(broken)}
    assert {"gezhi.E001", "gezhi.E002"} <= ids
    without = dataclasses.replace(
        WORKFLOW, rows=tuple(row for row in ROWS if row.action != "resume" and not row.system)
    )
    assert "gezhi.E005" in {error.id for error in checks.problems(without)}


def test_no_person_and_no_office_closes_what_it_handled_whichever_post_is_used(
    cast: Cast, bring: Walk, clock: Any
) -> None:
    """One person is officer of the station and holds a post at the township's centre too."""
    case = bring("fed_back")
    second = Post.objects.create(
        user=cast.station.user,
        role=Role.TOWNSHIP_CENTRE,
        division=cast.places.street,
        starts_on=cast.station.starts_on,
    )
    for action in ("verify",):
        error = workflow.refusal(case, action, second)
        assert error is not None and error.code == "handled_it"
    workflow.advance(case, "verify", by=cast.township)
    error = workflow.refusal(case, "archive", second)
    assert error is not None and error.code == "handled_it"
    assert workflow.refusal(case, "archive", cast.township) is None
    assert cast.station.user_id in policies.handlers_of(case)[0]


def test_open_duties_never_outlive_the_case(bring: Walk) -> None:
    for state in FINALS:
        case = bring(state)
        assert not Deadline.objects.filter(deadlines.OPEN, case=case).exists(), state
        assert isinstance(case.closed_at, datetime)
