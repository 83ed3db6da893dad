"""Whistles over the API: the chain, a press and its repeat, races, who sees and who may, and junk."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import close_old_connections, connection
from rest_framework.test import APIClient

from accounts.models import Post
from cases import deadlines, workflow
from cases.errors import CaseError
from cases.models import Case, CaseEvent, Deadline, IdempotencyKey
from tests.cast import Cast, build_cast
from tests.conftest import Clock
from tests.whistle import moves
from tests.whistle.moves import do, on, summons
from whistle.api.fields import ACTION_KINDS
from whistle.forms import MAKERS
from whistle.models import NegativeEntry, Summons

ApiOf = Callable[[Post], APIClient]
LIST = "/api/v1/whistles/"


def url(case: Case, *more: object) -> str:
    return (
        "/".join([f"/api/v1/whistles/{case.number}", *map(str, more), ""])
        if more
        else f"{LIST}{case.number}/"
    )


def body(cast: Cast, **values: Any) -> dict[str, Any]:
    return moves.fields(cast) | values


def test_every_field_of_the_forms_has_a_way_to_be_sent() -> None:
    assert set(ACTION_KINDS) == set(MAKERS)


def test_a_whistle_is_drafted_and_taken_through_the_whole_chain(
    cast: Cast, clock: Clock, api_of: ApiOf
) -> None:
    answer = api_of(cast.township).post(LIST, body(cast), format="json")
    assert answer.status_code == 201, answer.content
    case = Case.objects.get(number=answer.json()["number"])
    steps: list[tuple[Post, tuple[object, ...], dict[str, Any]]] = [
        (cast.township, ("submit",), {}),
        (cast.secretary, ("approve",), {}),
        (cast.township, ("file",), {}),
        (cast.committee, ("sound",), {}),
    ]
    for post, where, sent in steps:
        answer = api_of(post).post(url(case, *where), sent, format="json")
        assert answer.status_code == 200, answer.content
    urban = summons(case, cast.departments.urban)
    whole = api_of(cast.officer).get(url(case)).json()
    assert {row["state"] for row in whole["summons"]} == {"summoned"}
    assert "report_in" in next(r for r in whole["summons"] if r["id"] == urban.pk)["allowed_actions"]
    sent = {"photos": [moves.photo()], "lat": "28.186", "lng": "115.785", "accuracy": "12"}
    answer = api_of(cast.officer).post(url(case, "summons", urban.pk, "report_in"), sent, format="multipart")
    assert answer.status_code == 200, answer.content
    answer = api_of(cast.township).post(url(case, "summons", urban.pk, "confirm"), {}, format="json")
    assert answer.status_code == 200
    one = api_of(cast.township).get(url(case, "summons", urban.pk)).json()
    assert (one["state"], one["outcome"], round(one["distance"])) == ("confirmed", "on_time", 111)
    rows = api_of(cast.committee).get(f"{LIST}?running=true&department={cast.departments.urban.pk}").json()
    assert [row["number"] for row in rows["results"]] == [case.number]


def test_the_same_press_twice_is_one_arrival_and_another_body_is_refused(
    cast: Cast, clock: Clock, api_of: ApiOf
) -> None:
    case = moves.sounded(cast)
    where = url(case, "summons", summons(case, cast.departments.urban).pk, "report_in")
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first = api_of(cast.officer).post(where, {"photos": [moves.photo()]}, format="multipart", headers=key)
    again = api_of(cast.officer).post(where, {"photos": [moves.photo()]}, format="multipart", headers=key)
    other = api_of(cast.officer).post(where, {"photos": [moves.photo(300)]}, format="multipart", headers=key)
    assert (first.status_code, again.status_code, other.status_code) == (200, 200, 422)
    assert first.json() == again.json()
    assert case.events.filter(verb="summons.reported").count() == 1
    assert IdempotencyKey.objects.count() == 1


def test_the_contact_that_the_server_gives_is_the_one_it_trusts(
    cast: Cast, clock: Clock, api_of: ApiOf
) -> None:
    case = moves.sounded(cast)
    client = api_of(cast.officer)
    token = client.get(f"{LIST}contact/").json()["contact"]
    pressed = clock.at + timedelta(minutes=110)
    clock.forward(minutes=140)
    sent = {
        "photos": [moves.photo()],
        "pressed_at": pressed.isoformat(),
        "contact": token,
        "elapsed": str(110 * 60 * 1000),
    }
    where = url(case, "summons", summons(case, cast.departments.urban).pk, "report_in")
    assert client.post(where, sent, format="multipart").status_code == 200
    assert summons(case, cast.departments.urban).pressed_at == pressed


def test_the_negative_list_is_read_and_decided(cast: Cast, clock: Clock, api_of: ApiOf) -> None:
    case = moves.sounded(cast, departments=[cast.departments.urban.pk])
    clock.forward(hours=2)
    moves.ring()
    (row,) = api_of(cast.committee).get("/api/v1/negative-entries/?state=proposed").json()["results"]
    assert (row["ground"], row["by_system"], row["number"]) == ("absent", True, case.number)
    where = f"/api/v1/negative-entries/{row['id']}/"
    assert api_of(cast.officer2).get(where).status_code == 404
    answer = api_of(cast.township).post(f"{where}confirm/", {"reason": "没有到场"}, format="json")
    assert answer.status_code == 403
    answer = api_of(cast.committee).post(f"{where}confirm/", {"reason": "没有到场"}, format="json")
    assert (answer.status_code, answer.json()["state"]) == (200, "confirmed")
    (figure,) = api_of(cast.committee).get(f"{LIST}figures/?year=2026").json()
    assert (figure["named"], figure["absent"], figure["confirmed"]) == (1, 1, 1)


# --- who sees what, who may what

SEEN_BY = {
    "draft": {"township", "township_b", "secretary"},
    "submitted": {"township", "township_b", "secretary", "centre", "centre_b", "committee", "committee_b"},
    "sounded": {
        "township", "township_b", "secretary", "centre", "centre_b", "committee", "committee_b", "officer",
        "officer_head", "officer2",
    },
}  # fmt: skip


def people(cast: Cast) -> dict[str, Post]:
    return {name: value for name, value in vars(cast).items() if isinstance(value, Post)}


@pytest.mark.parametrize("state", list(SEEN_BY))
def test_who_sees_a_township_s_whistle(state: str, cast: Cast, clock: Clock, api_of: ApiOf) -> None:
    case = moves.sounded(cast) if state == "sounded" else moves.drafted(cast)
    if state == "submitted":
        moves.do(case, "submit", cast.township)
    for name, post in people(cast).items():
        client, sees = api_of(post), name in SEEN_BY[state]
        for where in (
            url(case),
            url(case, "summons"),
            url(case, "events"),
            url(case, "deadlines"),
            url(case, "actions"),
        ):
            expected = {200} if sees else {403, 404}
            assert client.get(where).status_code in expected, (name, where)
        found = client.get(LIST)
        numbers = [row["number"] for row in found.json().get("results", [])]
        assert (case.number in numbers) == sees, name


def test_what_the_table_refuses_the_api_refuses_and_says_so(cast: Cast, clock: Clock, api_of: ApiOf) -> None:
    """Every role on every action of the whistle and of its summons, compared with the engine's own word."""
    case = moves.sounded(cast)
    row = summons(case, cast.departments.urban)
    tried = 0
    for name, post in people(cast).items():
        client = api_of(post)
        for subject, actions in (
            (None, workflow.of("whistle").actions),
            (row, workflow.of("summons").actions),
        ):
            for action in actions:
                error = workflow.refusal(case, action, post, subject=subject)
                if error is None:
                    continue
                where = url(case, action) if subject is None else url(case, "summons", row.pk, action)
                answer = client.post(where, {}, format="json")
                seen = name in SEEN_BY["sounded"]
                assert answer.status_code == (error.status if seen else answer.status_code), (name, action)
                assert answer.status_code in (403, 404, 409), (name, action, answer.content)
                tried += 1
    row.refresh_from_db()
    assert (
        tried > 300
        and row.state == "summoned"
        and case.events.count() == Case.objects.get(pk=case.pk).last_seq
    )


JUNK = ["", "x" * 5000, "\0", "-1", "999999999999999999999", "[]", "{}", "null", "2026-13-45", "🚨"]


@pytest.mark.parametrize("junk", JUNK, ids=[repr(one[:12]) for one in JUNK])
def test_junk_is_refused_in_words_and_never_an_error_of_the_program(
    junk: str, cast: Cast, clock: Clock, api_of: ApiOf
) -> None:
    case = moves.sounded(cast)
    row = summons(case, cast.departments.urban)
    officer, township, committee = api_of(cast.officer), api_of(cast.township), api_of(cast.committee)
    names = [name for name in ACTION_KINDS if name not in ("photos", "documents")]
    answers = [
        township.post(LIST, dict.fromkeys(names, junk), format="json"),
        officer.post(url(case, "summons", row.pk, "report_in"), dict.fromkeys(names, junk), format="json"),
        officer.post(
            url(case, "summons", row.pk, "report_in"), dict.fromkeys(names, junk), format="multipart"
        ),
        committee.post(
            url(case, "summons", row.pk, "record_call"), dict.fromkeys(names, junk), format="json"
        ),
        committee.post(url(case, "add_departments"), {"more_departments": junk}, format="json"),
        committee.get(LIST, {"department": junk}),
        committee.get(LIST, {"after": junk}),
        committee.get(f"{LIST}figures/", {"year": junk}),
        committee.get("/api/v1/negative-entries/", {"year": junk}),
        committee.get("/api/v1/negative-entries/", {"summons": junk}),
    ]
    assert all(answer.status_code < 500 for answer in answers), [a.status_code for a in answers]
    assert summons(case, cast.departments.urban).state == "summoned"


# --- two at once


def both(*jobs: Callable[[], object]) -> list[object]:
    """Run jobs at the same moment, each on a connection of its own; what each gave or raised."""
    ready, found = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(number: int, job: Callable[[], object]) -> None:
        close_old_connections()
        ready.wait()
        try:
            found[number] = job()  # type: ignore[call-overload]
        except CaseError as error:
            found[number] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n, job)) for n, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return list(found)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("second", [-1, 0], ids=["a second before the end", "at the end"])
def test_arrival_and_breach_in_the_same_second_agree_with_each_other(
    second: int, transactional_db: None, clock: Clock, workdays: None
) -> None:
    cast = build_cast()
    for _turn in range(5):
        case = moves.sounded(cast, departments=[cast.departments.urban.pk])
        row = summons(case, cast.departments.urban)
        assert row.due_at is not None
        clock.set(row.due_at + timedelta(seconds=second))
        both(
            lambda row=row: moves.arrived(row.case, row.department, cast.officer),  # type: ignore[misc]
            lambda: deadlines.ring_due(),
            lambda: deadlines.ring_due(),
        )
        moves.ring()
        row.refresh_from_db()
        duty = Deadline.objects.get(case=case, duty="arrive", item=row.pk)
        missed = CaseEvent.objects.filter(case=case, verb="deadline.missed", data__duty="arrive").count()
        entries = NegativeEntry.objects.filter(summons=row)
        assert row.state == "reported" and duty.met_at is not None
        if second < 0:
            assert (row.outcome, duty.missed_at, missed, entries.count()) == ("on_time", None, 0, 0)
        else:
            assert (row.outcome, duty.missed_at, missed) == ("late", duty.due_at, 1)
            assert [(e.ground, e.state) for e in entries] == [("late", "proposed")]


@pytest.mark.django_db(transaction=True)
def test_two_officers_confirm_at_once_and_one_is_told_that_it_is_done(
    transactional_db: None, clock: Clock, workdays: None
) -> None:
    cast = build_cast()
    case = moves.sounded(cast)
    row = moves.arrived(case, cast.departments.urban, cast.officer)
    mine, other = (Summons.objects.select_related("department", "case").get(pk=row.pk) for _ in range(2))
    found = both(lambda: on(mine, "confirm", cast.township), lambda: on(other, "confirm", cast.township_b))
    assert sorted(getattr(one, "status", 200) for one in found) == [200, 409]
    assert case.events.filter(verb="summons.confirmed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_whistle_sounded_by_two_at_once_calls_each_department_once(
    transactional_db: None, clock: Clock, workdays: None
) -> None:
    cast = build_cast()
    case = moves.filed(cast)
    twins = [Case.objects.get(pk=case.pk) for _ in range(2)]
    found = both(
        lambda: do(twins[0], "sound", cast.committee), lambda: do(twins[1], "sound", cast.committee_b)
    )
    assert sorted(getattr(one, "status", 200) for one in found) == [200, 409]
    assert case.events.filter(verb="summons.summoned").count() == 2
    assert Deadline.objects.filter(case=case, duty="arrive").count() == 2
