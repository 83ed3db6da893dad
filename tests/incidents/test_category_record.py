"""The catalogue's record: versions that the database keeps, the chain of administration, files, two people at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts import record
from accounts.models import AdminEvent
from cases.errors import CaseError, WrongState
from incidents import category_services as services
from incidents.catalogue_load import load_catalogue
from incidents.models import Category, CategoryVersion
from tests.cast import Cast
from tests.incidents.category_samples import agreed, proposed, sound_category


@pytest.fixture
def lamp(cast: Cast, workdays: None) -> Category:
    return sound_category()


# --- the database and the record


def test_the_database_lets_nothing_of_a_version_change(cast: Cast, lamp: Category) -> None:
    agreed(cast, lamp)
    version = lamp.versions.filter(number=2)
    attempts: list[dict[str, Any]] = [
        {"times": {}},
        {"fields": []},
        {"reason": "别的"},
        {"proposed_by": cast.auditor.user},
        {"decided_by": cast.centre_b},
        {"state": "proposed"},
        {"state": "refused"},
    ]
    for values in attempts:
        with pytest.raises(DatabaseError), transaction.atomic():
            version.update(**values)
    with pytest.raises(DatabaseError), transaction.atomic():
        lamp.versions.filter(number=1).update(state="in_force")
    with connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute("DELETE FROM incidents_categoryversion WHERE number = 1")


def test_the_database_holds_one_open_proposal_and_one_version_in_force(cast: Cast, lamp: Category) -> None:
    version = proposed(cast, lamp)
    for state in ("proposed", "in_force"):
        version.pk, version.number, version.state = None, 9, state
        with pytest.raises(IntegrityError), transaction.atomic():
            version.save(force_insert=True)


def test_every_step_stands_in_the_record_of_administration(cast: Cast, lamp: Category) -> None:
    agreed(cast, lamp)
    services.refuse(proposed(cast, lamp, {"name": "甲"}), reason="不妥", by=cast.centre)
    services.withdraw(proposed(cast, lamp, {"name": "乙"}), by=cast.sysadmin)
    found = [(e.action, e.actor, e.post) for e in AdminEvent.objects.order_by("seq")]
    admin, centre = (cast.sysadmin.user, cast.sysadmin), (cast.centre.user, cast.centre)
    assert found == [
        ("category.proposed", *admin),
        ("category.agreed", *centre),
        ("category.proposed", *admin),
        ("category.refused", *centre),
        ("category.proposed", *admin),
        ("category.withdrawn", *admin),
    ]
    assert AdminEvent.objects.get(seq=4).data == {
        "category": "1104 甲", "version": 3, "change": "content", "reason": "不妥",
    }  # fmt: skip
    assert record.check_chain().broken_at is None


# --- the files


def test_the_file_proposes_where_it_differs_and_a_second_person_agrees(
    db: None, cast: Cast, tmp_path: Path
) -> None:
    assert load_catalogue().new >= 60
    row = CategoryVersion.objects.get(category__code="0103")
    text = (Path("data/catalogue/categories.csv")).read_text(encoding="utf-8")
    assert ",480wm," in text.split("0103,")[1].split("\n")[0]
    (tmp_path / "categories.csv").write_text(text.replace("路灯故障损坏", "路灯损坏", 1), encoding="utf-8")
    (tmp_path / "department_kinds.csv").write_bytes(Path("data/catalogue/department_kinds.csv").read_bytes())
    for _turn in range(2):
        load_catalogue(tmp_path)
    waiting = CategoryVersion.objects.get(state="proposed")
    assert (waiting.category.code, waiting.number, waiting.based_on) == ("0103", 2, row)
    assert AdminEvent.objects.get().actor is None
    services.agree(waiting, by=cast.centre)
    assert Category.objects.get(code="0103").name == "路灯损坏"
    assert load_catalogue(tmp_path).proposed == 0


def test_the_file_does_not_take_up_a_stopped_category(cast: Cast, tmp_path: Path) -> None:
    load_catalogue()
    lamp = Category.objects.get(code="0103")
    stop = services.propose_use(lamp, in_use=False, reason="并入", base=1, by=cast.sysadmin)
    services.agree(stop, by=cast.centre)
    result = load_catalogue()
    assert (result.new, result.proposed) == (0, 0)
    assert Category.objects.get(code="0103").current is None


# --- at once


def waiting_for_locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return int(cursor.fetchone()[0])


def at_once(category: Category, *moves: Callable[[], Any]) -> list[Any]:
    """What each of these gives or raises, when all of them stand before the locked category as it is let go."""
    answers: list[Any] = [None] * len(moves)

    def run(index: int) -> None:
        try:
            answers[index] = moves[index]()
        except CaseError as error:
            answers[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(moves))]
    with transaction.atomic():
        Category.objects.select_for_update().get(pk=category.pk)
        for thread in threads:
            thread.start()
        until = time.monotonic() + 30
        while waiting_for_locks() < len(moves):
            assert time.monotonic() < until, "they never met"
            time.sleep(0.02)
    for thread in threads:
        thread.join(60)
    return answers


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_wins(transactional_db: None, cast: Cast, workdays: None) -> None:
    category = sound_category()
    version = proposed(cast, category)
    answers = at_once(
        category,
        lambda: services.agree(version, by=cast.centre),
        lambda: services.agree(version, by=cast.centre_b),
        lambda: services.refuse(version, reason="不妥", by=cast.centre_b),
    )
    assert sum(isinstance(answer, CategoryVersion) for answer in answers) == 1
    assert sum(isinstance(answer, WrongState) for answer in answers) == 2
    assert AdminEvent.objects.filter(action__in=["category.agreed", "category.refused"]).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_propose_at_once_one_wins(transactional_db: None, cast: Cast, workdays: None) -> None:
    category = sound_category()
    answers = at_once(category, *[lambda: proposed(cast, category) for _turn in range(2)])
    assert sum(isinstance(answer, CategoryVersion) for answer in answers) == 1
    assert sum(isinstance(answer, WrongState) for answer in answers) == 1
