"""Nobody closes what he handled by a side way, nothing open is closed over, and no move strands a matter."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Post
from accounts.roles import Role
from cases import workflow
from cases.errors import CaseError, Incomplete, NotAllowed, WrongState
from cases.models import Case, Deadline
from cases.offices import Office
from grids import clock as grids_clock
from grids.services import merge_divisions
from incidents import queues
from incidents.models import Incident
from tests.cases.conftest import NewCase
from tests.cast import SINCE, Cast
from tests.conftest import Clock
from tests.incidents.moves import do, filed, investigating, station


def refused(case: Case, action: str, by: Post, **data: Any) -> CaseError:
    with pytest.raises(CaseError) as caught:
        workflow.advance(case, action, by=by, data=data)
    return caught.value


def second_post(person: Post, role: Role, **seat: Any) -> Post:
    """Another post of the same person."""
    return Post.objects.create(user=person.user, role=role, starts_on=SINCE, **seat)


def split(case: Case, cast: Cast, *officers: Post) -> list[Case]:
    """The tasks of a filed matter, one for the department of each officer."""
    before = set(Case.objects.values_list("pk", flat=True))
    tasks = [{"department": officer.department_id, "task": f"任务{n}"} for n, officer in enumerate(officers)]
    do(case, "split", cast.township, tasks=tasks)
    return list(Case.objects.exclude(pk__in=before).order_by("pk"))


def closed(child: Case, officer: Post, cast: Cast) -> Case:
    """A task done by its department and archived by the township."""
    do(child, "accept", officer)
    do(child, "feed_back", officer, result="已完成")
    do(child, "verify", cast.township)
    return do(child, "archive", cast.township)


# --- who handled a part of it, however deep


def test_who_handled_a_task_of_a_task_closes_neither_it_nor_the_whole(
    cast: Cast, new_case: NewCase, clock: Clock
) -> None:
    case = filed(new_case(cast.worker), cast)
    first, second = split(case, cast, cast.station, cast.officer2)
    do(first, "return", cast.station, reason="需要两个部门一起办理", ground="facts")
    inner, other = split(first, cast, cast.station, cast.officer2)
    do(inner, "reassign", cast.township, handler=f"post:{cast.worker.pk}", reason="由网格员清理")
    closed(inner, cast.worker, cast)
    closed(other, cast.officer2, cast)
    first.refresh_from_db()
    assert refused(first, "verify", cast.worker).code == "handled_it"
    do(first, "verify", cast.township)
    do(first, "archive", cast.township)
    closed(second, cast.officer2, cast)
    case.refresh_from_db()
    assert case.state == "fed_back"
    assert refused(case, "verify", cast.worker).code == "handled_it"
    stand = queues.Stand(cast.worker, clock.at)
    assert not Incident.objects.filter(queues.condition_of(stand, "verify"), pk=case.pk).exists()


def test_who_handled_the_whole_before_it_was_split_closes_none_of_its_tasks(
    cast: Cast, new_case: NewCase, clock: Clock
) -> None:
    centre_hat = second_post(cast.station, Role.TOWNSHIP_CENTRE, division=cast.places.street)
    case = investigating(new_case(cast.worker), cast)
    do(case, "progress", cast.station, note="已到现场，先清理了一半")
    do(case, "return", cast.station, reason="剩下的要两个部门办理", ground="facts")
    task, _other = split(case, cast, cast.officer2, cast.officer)
    do(task, "accept", cast.officer2)
    do(task, "feed_back", cast.officer2, result="已完成")
    assert refused(task, "verify", centre_hat).code == "handled_it"
    do(task, "verify", cast.township)
    assert refused(task, "archive", centre_hat).code == "handled_it"


def test_who_handled_a_duplicate_does_not_close_what_it_was_merged_into(
    cast: Cast, new_case: NewCase, village_case: NewCase, clock: Clock
) -> None:
    main = do(village_case(cast.worker), "file", cast.village)
    double = filed(new_case(cast.worker_b), cast)
    do(double, "assign", cast.township, handler=f"division:{cast.places.village.code}")
    do(double, "accept", cast.village)
    do(double, "merge", cast.township, target=main.number)
    do(main, "assign", cast.village, handler=station(cast))
    do(main, "accept", cast.station)
    do(main, "feed_back", cast.station, result="已清理完毕")
    assert main.office == cast.places.street  # the village handled a part of it
    assert isinstance(refused(main, "verify", cast.village), NotAllowed)
    do(main, "verify", cast.township)
    do(main, "archive", cast.township)


def test_a_duplicate_handled_by_the_centre_in_charge_moves_what_waits_for_verifying_up(
    cast: Cast, new_case: NewCase, village_case: NewCase, clock: Clock
) -> None:
    main = do(village_case(cast.worker), "file", cast.village)
    do(main, "assign", cast.village, handler=station(cast))
    do(main, "accept", cast.station)
    do(main, "feed_back", cast.station, result="已清理完毕")
    double = filed(new_case(cast.worker_b), cast)
    do(double, "assign", cast.township, handler=f"division:{cast.places.village.code}")
    do(double, "accept", cast.village)
    assert main.office == cast.places.village
    do(double, "merge", cast.township, target=main.number)
    main.refresh_from_db()
    assert main.office == cast.places.street
    holders = {row.duty: Office.of(row.holder) for row in Deadline.objects.filter(case=main, met_at=None)}
    assert holders["verify"] == holders["whole"] == Office.of(cast.places.street)
    do(main, "verify", cast.township)
    do(main, "archive", cast.township)


def test_a_centre_does_not_close_what_its_predecessor_handled(
    cast: Cast, village_case: NewCase, clock: Clock
) -> None:
    case = do(village_case(cast.worker), "file", cast.village)
    do(case, "pass_up", cast.village, reason="需要街道派遣")
    do(case, "assign", cast.township, handler=f"division:{cast.places.village.code}")
    do(case, "accept", cast.village)
    do(case, "return", cast.village, reason="办了一半，还要城管站", ground="condition")
    merge_divisions(
        division=cast.places.village, into=cast.places.village_b, on=grids_clock.today(), reason="合并"
    )
    do(case, "pass_down", cast.township, division=cast.places.village_b.code)
    do(case, "assign", cast.village_b, handler=station(cast))
    do(case, "accept", cast.station)
    do(case, "feed_back", cast.station, result="已清理完毕")
    assert case.office == cast.places.street
    assert isinstance(refused(case, "verify", cast.village_b), NotAllowed)
    do(case, "verify", cast.township)


# --- split: the whole is closed only when all its tasks are


def test_a_task_that_is_open_again_keeps_the_whole_open(cast: Cast, new_case: NewCase, clock: Clock) -> None:
    case = filed(new_case(cast.worker), cast)
    first, second = split(case, cast, cast.station, cast.officer2)
    closed(first, cast.station, cast)
    closed(second, cast.officer2, cast)
    case.refresh_from_db()
    do(case, "verify", cast.worker)
    do(first, "reopen", cast.committee, reason="现场没有清理干净")
    error = refused(case, "archive", cast.township)
    assert isinstance(error, WrongState) and error.code == "tasks_open"
    do(first, "assign", cast.township, handler=station(cast))
    closed(first, cast.station, cast)
    do(case, "archive", cast.township)
    error = refused(first, "reopen", cast.committee, reason="还是没有清理干净")
    assert isinstance(error, WrongState) and error.code == "whole_closed"
    do(case, "reopen", cast.worker, reason="还是没有清理干净")


# --- two at once


def test_of_two_who_reassign_from_the_same_page_the_second_is_told(
    cast: Cast, new_case: NewCase, clock: Clock
) -> None:
    case = investigating(new_case(cast.worker), cast)
    do(case, "reassign", cast.township, handler=station(cast), reason="换人")
    seen = workflow.seen_token(case)
    urban = f"department:{cast.departments.urban.pk}"
    do(case, "reassign", cast.township, handler=urban, reason="由市局办理", seen=seen)
    police = f"department:{cast.departments.police.pk}"
    error = refused(case, "reassign", cast.township_b, handler=police, reason="由公安办理", seen=seen)
    assert isinstance(error, WrongState) and error.code == "moved_on"


# --- sensitive matters stay with those who may see them


def test_a_matter_found_to_be_sensitive_goes_to_a_centre_that_may_see_it(
    cast: Cast, village_case: NewCase, sensitive: Any, clock: Clock
) -> None:
    case = village_case(cast.worker)
    do(case, "file", cast.village, category=sensitive.code)
    assert case.office == cast.places.street
    holders = {row.duty: Office.of(row.holder) for row in Deadline.objects.filter(case=case, met_at=None)}
    assert holders == dict.fromkeys(("assign", "whole"), Office.of(cast.places.street))
    do(case, "assign", cast.township, handler=station(cast))


def test_a_corrected_category_takes_the_filing_along(
    cast: Cast, village_case: NewCase, sensitive: Any, clock: Clock
) -> None:
    case = village_case(cast.worker)
    do(case, "correct_category", cast.village, category=sensitive.code)
    assert case.office == cast.places.street
    (duty,) = Deadline.objects.filter(case=case, met_at=None)
    assert (duty.duty, Office.of(duty.holder)) == ("file", Office.of(cast.places.street))
    do(case, "file", cast.township)


def test_a_sensitive_matter_is_given_to_nobody_who_may_not_see_it(
    cast: Cast, new_case: NewCase, sensitive: Any, clock: Clock
) -> None:
    case = filed(new_case(cast.worker, category=sensitive), cast)
    for handler in (f"division:{cast.places.village.code}", f"post:{cast.worker.pk}"):
        assert refused(case, "assign", cast.township, handler=handler).code == "incomplete"
    error = refused(case, "pass_down", cast.township, division=cast.places.village.code)
    assert isinstance(error, WrongState) and error.code == "no_level_below"
    do(case, "assign", cast.township, handler=station(cast))


def test_the_topmost_centre_settles_nothing_that_nobody_above_may_see(
    cast: Cast, new_case: NewCase, sensitive: Any, clock: Clock
) -> None:
    case = filed(new_case(cast.worker, category=sensitive), cast)
    do(case, "pass_up", cast.township, reason="需要市里处理")
    error = refused(case, "settle", cast.centre, result="已协调解决")
    assert isinstance(error, WrongState) and error.code == "nobody_closes"
    do(case, "assign", cast.centre, handler=f"department:{cast.departments.urban.pk}")


def test_merging_shows_a_sensitive_matter_to_nobody_new(
    cast: Cast, new_case: NewCase, sensitive: Any, clock: Clock
) -> None:
    target, again = new_case(cast.worker, category=sensitive), new_case(cast.worker_b)
    error = refused(again, "merge", cast.township, target=target.number)
    assert isinstance(error, Incomplete) and list(error.errors) == ["target"]
    assert not Case.objects.visible_to(cast.worker_b.user).filter(pk=target.pk).exists()
    do(again, "link", cast.township, target=target.number)
    assert not Case.objects.visible_to(cast.worker_b.user).filter(pk=target.pk).exists()
    same_person = new_case(cast.worker)
    do(same_person, "merge", cast.township, target=target.number)


def test_who_took_a_matter_in_answers_for_each_task_until_it_is_signed_for(
    cast: Cast, new_case: NewCase, clock: Clock
) -> None:
    case = filed(new_case(cast.township), cast)
    assert case.first_receiver == cast.township
    first, second = split(case, cast, cast.station, cast.officer2)
    assert {first.first_receiver, second.first_receiver} == {cast.township} and case.first_receiver is None
    do(first, "accept", cast.station)
    assert first.first_receiver is None
    second.refresh_from_db()
    assert second.first_receiver == cast.township


# --- what an acting post reaches


def test_a_matter_is_merged_and_linked_only_within_the_reach_of_the_post_acted_under(
    cast: Cast, new_case: NewCase, clock: Clock
) -> None:
    second_post(cast.township, Role.TOWNSHIP_CENTRE, division=cast.places.town2)
    case, foreign = new_case(cast.worker), new_case(cast.worker2)
    assert Case.objects.visible_to(cast.township.user).filter(pk=foreign.pk).exists()
    for action in ("merge", "link"):
        assert refused(case, action, cast.township, target=foreign.number).code == "incomplete"
    assert not Case.objects.visible_to(cast.worker.user).filter(pk=foreign.pk).exists()


def test_a_matter_in_a_merged_grid_is_given_to_the_worker_of_its_successor(
    cast: Cast, new_case: NewCase, clock: Clock
) -> None:
    case = filed(new_case(cast.worker), cast)
    merge_divisions(division=cast.places.grid, into=cast.places.grid_b, on=grids_clock.today(), reason="合并")
    case = Case.objects.get(pk=case.pk)
    do(case, "assign", cast.township, handler=f"post:{cast.worker_b.pk}")
    do(case, "accept", cast.worker_b)
    do(case, "feed_back", cast.worker_b, result="已清理完毕")


# --- words can be erased


def test_the_words_of_a_task_stand_outside_the_hashed_record(
    cast: Cast, new_case: NewCase, clock: Clock
) -> None:
    case = filed(new_case(cast.worker), cast)
    task, _other = split(case, cast, cast.station, cast.officer2)
    entry = task.events.select_related("words").get(verb="incident.split_off")
    assert entry.words.text == "任务0" and "任务0" not in str(entry.data)
