"""The record: only ever added to, each entry bound to the one before it; whatever was changed is found."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from cases import events, verbs, workflow
from cases.models import Case, CaseEvent, EventText
from grids import clock
from tests.cases.conftest import NewCase
from tests.cast import Cast


@pytest.fixture
def case(cast: Cast, new_case: NewCase) -> Case:
    """A case with several entries, one with words."""
    found = new_case(description="路口有垃圾", reporter_name="李四", reporter_phone="00012345678")
    workflow.advance(found, "file", by=cast.township, data={"note": "情况属实，立案"})
    workflow.advance(found, "note", by=cast.township, data={"note": "请尽快"})
    return found


def sql(statement: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@contextmanager
def as_owner_with_triggers_off() -> Iterator[None]:
    """What somebody with full power over the database can do."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield
        finally:
            cursor.execute("SET session_replication_role = origin")


def drop(case: Case, seq: int) -> None:
    """Take one entry out, with all that hangs on it."""
    entry = case.events.get(seq=seq)
    for table in ("cases_notice", "cases_delivery", "cases_eventtext"):
        sql(f"DELETE FROM {table} WHERE event_id = %s", entry.pk)
    sql("DELETE FROM cases_caseevent WHERE id = %s", entry.pk)


def verify(*numbers: str) -> str:
    out = io.StringIO()
    call_command("verify_record", *numbers, stdout=out)
    return out.getvalue()


def broken(*numbers: str) -> list[str]:
    """The places that the command names; it must then end with exit code 1."""
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("verify_record", *numbers, stdout=out)
    assert caught.value.returncode == 1
    return [line.removeprefix("BROKEN ") for line in out.getvalue().splitlines() if "BROKEN" in line]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cases_caseevent SET at = now() WHERE id = %s",
        "UPDATE cases_caseevent SET data = '{}' WHERE id = %s",
        "UPDATE cases_caseevent SET hash = hash WHERE id = %s",
        "DELETE FROM cases_caseevent WHERE id = %s",
        "UPDATE cases_eventtext SET text = 'other' WHERE event_id = %s",
        "UPDATE cases_eventtext SET text = '', salt = '' WHERE event_id = %s",
        "DELETE FROM cases_eventtext WHERE event_id = %s",
    ],
)
def test_even_the_owner_is_refused_by_the_database(case: Case, statement: str) -> None:
    entry = CaseEvent.objects.get(case=case, verb="incident.filed")
    with pytest.raises(DatabaseError, match=r"append-only|may only be erased"):
        sql(statement, entry.pk)
    assert events_are_whole(case)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cases_personalvalue SET token = 'x', digest = 'y' WHERE case_id = %s",
        "UPDATE cases_personalvalue SET field = 'other' WHERE case_id = %s",
        "UPDATE cases_personalvalue SET salt = 'z' WHERE case_id = %s",
        "DELETE FROM cases_personalvalue WHERE case_id = %s",
    ],
)
def test_personal_values_cannot_be_swapped_or_dropped(case: Case, statement: str) -> None:
    with pytest.raises(DatabaseError, match=r"append-only|erased or encrypted"):
        sql(statement, case.pk)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["cases_caseevent", "cases_eventtext"])
def test_the_record_cannot_be_emptied(case: Case, table: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"):
        sql(f"TRUNCATE {table} CASCADE")
    assert CaseEvent.objects.count() == 3


def test_an_entry_that_does_not_follow_the_last_one_is_refused(case: Case, cast: Cast) -> None:
    stale = Case.objects.get(pk=case.pk)
    with transaction.atomic():
        events.append(case, "case.printed", by=cast.township, at=clock.now(), cause=uuid.uuid4())
    with pytest.raises(DatabaseError, match="does not continue"), transaction.atomic():
        events.append(stale, "case.printed", by=cast.township, at=clock.now(), cause=uuid.uuid4())


def test_an_undeclared_verb_is_an_error(case: Case, cast: Cast) -> None:
    with pytest.raises(KeyError), transaction.atomic():
        events.append(case, "incident.invented", by=cast.township, at=clock.now(), cause=uuid.uuid4())
    assert verbs.get("incident.filed").code == "incident.filed"


def events_are_whole(case: Case) -> bool:
    return list(events.broken_entries(Case.objects.get(pk=case.pk))) == []


def test_a_whole_record_is_found_whole(case: Case) -> None:
    entries = list(case.events.order_by("seq"))
    assert [entry.seq for entry in entries] == [1, 2, 3]
    assert entries[0].prev_hash == ""
    assert [entry.prev_hash for entry in entries[1:]] == [entry.hash for entry in entries[:-1]]
    case.refresh_from_db()
    assert (case.last_seq, case.last_hash) == (3, entries[-1].hash)
    assert "1 cases checked" in verify()
    assert verify().endswith("whole\n")


@pytest.mark.parametrize(
    ("change", "places"),
    [
        ('UPDATE cases_caseevent SET data = \'{"category": "9999"}\' WHERE case_id = %s AND seq = 1', ["#1"]),
        (
            "UPDATE cases_caseevent SET at = at + interval '1 microsecond' WHERE case_id = %s AND seq = 2",
            ["#2"],
        ),
        ("UPDATE cases_caseevent SET actor_id = NULL WHERE case_id = %s AND seq = 2", ["#2"]),
        ("UPDATE cases_caseevent SET to_state = 'archived' WHERE case_id = %s AND seq = 2", ["#2"]),
        ("UPDATE cases_caseevent SET inner = NOT inner WHERE case_id = %s AND seq = 2", ["#2"]),
        ("UPDATE cases_case SET last_hash = 'x' WHERE id = %s", [" end"]),
    ],
)
def test_whatever_was_changed_past_the_triggers_is_found(
    case: Case, new_case: NewCase, change: str, places: list[str]
) -> None:
    other = new_case()
    change = change.replace(" inner ", ' "inner" ').replace("NOT inner", 'NOT "inner"')
    with as_owner_with_triggers_off():
        sql(change, case.pk)
    assert broken() == [f"{case.number}{place}" for place in places]
    assert "whole" in verify(other.number)


def test_an_entry_taken_out_of_the_middle_is_found(case: Case) -> None:
    with as_owner_with_triggers_off():
        drop(case, 2)
    assert f"{case.number}#3" in broken()


def test_an_entry_taken_off_the_end_is_found(case: Case) -> None:
    with as_owner_with_triggers_off():
        drop(case, 3)
    assert broken() == [f"{case.number} end"]


def test_words_erased_without_an_entry_that_says_so_are_found(case: Case) -> None:
    sql("UPDATE cases_eventtext SET text = '', salt = '', erased_at = now() WHERE text LIKE '情况%%'")
    assert broken() == [f"{case.number}#2 text"]


def test_values_erased_without_an_entry_that_says_so_are_found(case: Case) -> None:
    sql(
        "UPDATE cases_personalvalue SET token = '', salt = '', erased_at = now() WHERE field = 'reporter_name'"
    )
    assert broken() == [f"{case.number} reporter_name"]


def test_changed_words_are_found(case: Case) -> None:
    with as_owner_with_triggers_off():
        sql("UPDATE cases_eventtext SET text = text || '!' WHERE text LIKE '情况%%'")
    assert broken() == [f"{case.number}#2 text"]


def test_words_that_were_dropped_are_found(case: Case) -> None:
    with as_owner_with_triggers_off():
        sql("DELETE FROM cases_eventtext WHERE text LIKE '情况%%'")
    assert broken() == [f"{case.number}#2 text"]


def test_a_swapped_personal_value_is_found(case: Case) -> None:
    with as_owner_with_triggers_off():
        sql(
            "UPDATE cases_personalvalue a SET token = b.token FROM cases_personalvalue b"
            " WHERE a.field = 'reporter_name' AND b.field = 'reporter_phone'"
        )
    assert broken() == [f"{case.number} reporter_name"]


def test_a_personal_value_that_no_key_opens_is_found(case: Case, settings: Any) -> None:
    settings.GEZHI_FIELD_KEYS = [Fernet.generate_key().decode()]
    assert broken() == [f"{case.number} reporter_name", f"{case.number} reporter_phone"]


def test_a_broken_record_of_administration_is_found(case: Case, cast: Cast) -> None:
    from accounts import record
    from accounts.models import AdminAction

    with transaction.atomic():
        for _ in range(2):
            record.append(
                record.Entry(AdminAction.USER_CHANGED, user=cast.worker.user), by=cast.sysadmin.user
            )
    assert "2 entries of administration checked" in verify()
    with as_owner_with_triggers_off():
        sql("UPDATE accounts_adminevent SET actor_id = %s WHERE seq = 2", cast.auditor.user_id)
    assert broken() == ["administration#2"]


def test_only_named_cases_are_checked_when_some_are_named(case: Case, new_case: NewCase) -> None:
    new_case()
    assert "1 cases checked" in verify(case.number)
    with pytest.raises(CommandError, match="no case"):
        call_command("verify_record", "SJ2026-9999999")


def test_words_stand_outside_the_hash_and_their_digest_inside(case: Case) -> None:
    entry = case.events.get(verb="incident.filed")
    words = EventText.objects.get(event=entry)
    assert words.text == "情况属实，立案"
    assert entry.text_digest == events.salted_digest(words.salt, words.text)
    assert "情况" not in str(entry.data)


def test_no_personal_value_stands_in_the_record(case: Case) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(e::text, '') FROM cases_caseevent e")
        everything = cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(p::text, '') FROM cases_personalvalue p")
        everything += cursor.fetchone()[0]
    assert "李四" not in everything
    assert "00012345678" not in everything
