"""Numbers of a committee: "(2026)剑人调字第12号", one after another in each year, however many are accepted at once."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from cases.models import Case
from mediation.models import Docket
from tests.cast import Cast
from tests.conftest import Clock
from tests.mediation import moves
from tests.mediation.conftest import Town
from tests.mediation.moves import do

AT_ONCE = 8


def serials(committee_id: int) -> list[tuple[int | None, int | None]]:
    found = Docket.objects.filter(committee=committee_id, serial__isnull=False)
    return list(found.order_by("year", "serial").values_list("year", "serial"))


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_numbers_without_gap_or_double(
    transactional_db: None, town: Town, cast: Cast
) -> None:
    cases = [moves.registered(town, cast, parties=[moves.person(1, "甲", 2 * n), moves.person(2, "乙", 2 * n + 1)])
             for n in range(AT_ONCE)]  # fmt: skip
    errors: list[BaseException] = []

    def accept(case: Case, fails: bool) -> None:
        try:
            with transaction.atomic():
                do(case, "accept", town.low)
                if fails:
                    raise RuntimeError("the power fails")
        except RuntimeError:
            pass
        except BaseException as error:  # noqa: BLE001 - told by the test
            errors.append(error)
        finally:
            connection.close()

    # Every third fails after it was given its number: the number goes to another.
    threads = [threading.Thread(target=accept, args=(case, n % 3 == 2)) for n, case in enumerate(cases)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    done = AT_ONCE - len(range(2, AT_ONCE, 3))
    assert [serial for _year, serial in serials(town.village.pk)] == list(range(1, done + 1))


def test_each_year_and_each_committee_counts_for_itself(town: Town, cast: Cast, clock: Clock) -> None:
    for _n in range(2):
        do(moves.registered(town, cast), "accept", town.low)
    do(moves.registered(town, cast, committee=town.township, by=town.mid), "accept", town.mid)
    clock.at = clock.at.replace(year=2027, month=1, day=2)
    case = moves.registered(town, cast)
    do(case, "accept", town.low)
    assert serials(town.village.pk) == [(2026, 1), (2026, 2), (2027, 1)]
    assert serials(town.township.pk) == [(2026, 1)]
    assert case.dockets.get().number == "(2027)东路人调字第1号"


def test_what_is_turned_away_takes_no_number(town: Town, cast: Cast) -> None:
    do(moves.registered(town, cast), "turn_away", town.low, reason="已经起诉", **moves.NOTICE)
    case = moves.registered(town, cast)
    do(case, "accept", town.low)
    assert case.dockets.get().serial == 1
