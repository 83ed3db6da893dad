"""The catalogue is changed by two people, version by version; what runs keeps the version it began under."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from accounts.models import Post
from accounts.roles import Role
from cases.errors import Incomplete, NotAllowed, WrongState
from cases.models import Deadline
from cases.workflow import advance
from incidents import category_services as services
from incidents.models import Category, CategoryVersion, Incident
from tests.cases.conftest import NewCase
from tests.cast import PEOPLE, Cast
from tests.conftest import Clock
from tests.incidents.category_samples import (
    POLE,
    SIDE,
    agreed,
    new_content,
    number_of,
    proposed,
    sound_category,
    times,
)

EVERYBODY = [name for name in PEOPLE if name != "stranger"]


@pytest.fixture
def lamp(cast: Cast, workdays: None) -> Category:
    return sound_category()


def states(category: Category) -> dict[int, str]:
    return dict(category.versions.values_list("number", "state"))


# --- who


@pytest.mark.parametrize("who", EVERYBODY)
def test_only_a_system_administrator_proposes(cast: Cast, lamp: Category, who: str) -> None:
    by = getattr(cast, who)
    if by.role == Role.SYSTEM_ADMIN:
        assert proposed(cast, lamp, by=by).state == "proposed"
        return
    with pytest.raises(NotAllowed):
        proposed(cast, lamp, by=by)
    with pytest.raises(NotAllowed):
        services.propose_new(
            parent=lamp.parent or lamp, code="1105", content=new_content(), reason="新增", by=by
        )
    assert states(lamp) == {1: "in_force"} and not Category.objects.filter(code="1105").exists()


@pytest.mark.parametrize("who", EVERYBODY)
def test_only_the_citys_own_centre_decides(cast: Cast, lamp: Category, who: str) -> None:
    version, by = proposed(cast, lamp), getattr(cast, who)
    if by.role == Role.CENTRE:
        assert services.agree(version, by=by).state == "in_force"
        return
    for decide in (services.agree, lambda v, by: services.refuse(v, reason="不妥", by=by)):
        with pytest.raises(NotAllowed):
            decide(version, by=by)
    assert states(lamp) == {1: "in_force", 2: "proposed"}


def test_a_centre_of_another_division_does_not_decide(cast: Cast, lamp: Category, settings: Any) -> None:
    version = proposed(cast, lamp)
    settings.GEZHI_CITY_CODE = "361000000000"
    with pytest.raises(NotAllowed):
        services.agree(version, by=cast.centre)


def test_a_post_that_has_ended_does_nothing(cast: Cast, lamp: Category) -> None:
    version = proposed(cast, lamp)
    Post.objects.filter(pk__in=[cast.centre.pk, cast.sysadmin.pk]).update(ends_on=date(2021, 1, 1))
    with pytest.raises(NotAllowed):
        services.agree(version, by=cast.centre)
    with pytest.raises(NotAllowed):
        services.withdraw(version, by=cast.sysadmin)


def turned_centre(cast: Cast) -> Post:
    """The proposer, who has given up the administration and holds a post at the centre now."""
    Post.objects.filter(pk=cast.sysadmin.pk).update(ends_on=date(2021, 1, 1))
    return Post.objects.create(
        user=cast.sysadmin.user, role=Role.CENTRE, division=cast.places.city, starts_on=date(2021, 1, 2)
    )


def test_the_proposer_never_agrees_under_another_post(cast: Cast, lamp: Category) -> None:
    version, post = proposed(cast, lamp), turned_centre(cast)
    with pytest.raises(NotAllowed, match="另一个人"):
        services.agree(version, by=post)
    with pytest.raises(NotAllowed, match="另一个人"):
        services.refuse(version, reason="不妥", by=post)
    assert states(lamp) == {1: "in_force", 2: "proposed"}
    assert services.agree(version, by=cast.centre).state == "in_force"


def test_the_database_too_asks_for_a_second_person(cast: Cast, lamp: Category) -> None:
    version, post = proposed(cast, lamp), turned_centre(cast)
    services.in_force(lamp)
    with pytest.raises(DatabaseError, match="second person"), transaction.atomic():
        CategoryVersion.objects.filter(pk=version.pk).update(
            state="refused", decided_by=post, decided_at=version.proposed_at
        )


# --- what happens


def test_an_agreed_version_is_in_force_from_now_and_the_former_is_kept(
    cast: Cast, lamp: Category, clock: Clock
) -> None:
    before = services.in_force(lamp)
    version = proposed(cast, lamp, times(handle=[5, "working_days"]) | {"name": "垃圾外溢", "fields": [SIDE]})
    lamp.refresh_from_db()
    assert (lamp.current, lamp.name) == (before, "暴露垃圾")
    clock.forward(hours=3)
    services.agree(version, by=cast.centre_b)
    lamp.refresh_from_db()
    assert lamp.current == version and lamp.name == "垃圾外溢"
    assert states(lamp) == {1: "past", 2: "in_force"}
    version.refresh_from_db()
    assert (version.decided_by, version.decided_at) == (cast.centre_b, clock.at)
    assert (version.proposed_by, version.based_on) == (cast.sysadmin.user, before)
    first = lamp.versions.get(number=1)
    assert first.times["normal"]["handle"] == [7, "working_days"] and first.fields == [POLE]


def test_a_refused_and_a_withdrawn_proposal_change_nothing_and_are_kept(cast: Cast, lamp: Category) -> None:
    services.refuse(proposed(cast, lamp), reason="没有文件依据", by=cast.centre)
    services.withdraw(proposed(cast, lamp), by=cast.sysadmin)
    assert states(lamp) == {1: "in_force", 2: "refused", 3: "withdrawn"}
    assert lamp.versions.get(number=2).decision_reason == "没有文件依据"
    lamp.refresh_from_db()
    assert lamp.current == lamp.versions.get(number=1)


def test_a_refusal_needs_a_reason(cast: Cast, lamp: Category) -> None:
    version = proposed(cast, lamp)
    with pytest.raises(Incomplete) as caught:
        services.refuse(version, reason="  ", by=cast.centre)
    assert set(caught.value.errors) == {"reason"}


def test_only_the_proposer_withdraws(cast: Cast, lamp: Category) -> None:
    version = proposed(cast, lamp)
    Post.objects.filter(pk=cast.secadmin.pk).update(role=Role.SYSTEM_ADMIN)
    cast.secadmin.refresh_from_db()
    with pytest.raises(NotAllowed):
        services.withdraw(version, by=cast.secadmin)


@pytest.mark.parametrize("first", ["agree", "refuse", "withdraw"])
def test_what_has_been_decided_is_not_decided_again(cast: Cast, lamp: Category, first: str) -> None:
    version = proposed(cast, lamp)
    moves: dict[str, Callable[[], Any]] = {
        "agree": lambda: services.agree(version, by=cast.centre),
        "refuse": lambda: services.refuse(version, reason="不妥", by=cast.centre),
        "withdraw": lambda: services.withdraw(version, by=cast.sysadmin),
    }
    moves[first]()
    after = states(lamp)
    for move in moves.values():
        with pytest.raises(WrongState):
            move()
    assert states(lamp) == after


def test_while_one_waits_no_other_is_proposed(cast: Cast, lamp: Category) -> None:
    proposed(cast, lamp)
    with pytest.raises(WrongState, match="已有一项待同意"):
        proposed(cast, lamp, times(file=[20, "clock_minutes"]))


def test_a_proposal_against_a_version_no_longer_in_force_is_refused(cast: Cast, lamp: Category) -> None:
    looked_at = number_of(lamp)
    agreed(cast, lamp)
    with pytest.raises(WrongState, match="不是现在执行的版本") as caught:
        services.propose(lamp, changes={"name": "垃圾"}, reason="改名", base=looked_at, by=cast.sysadmin)
    assert caught.value.status == 409


def test_a_version_proposed_against_another_than_that_in_force_is_not_agreed_to(
    cast: Cast, lamp: Category
) -> None:
    first = lamp.versions.get(number=1)
    agreed(cast, lamp)
    late = services.in_force(lamp)
    assert late is not None
    stale = CategoryVersion.objects.create(
        category=lamp, number=9, based_on=first, proposed_at=late.proposed_at, times=late.times,
        filing_level="township", department_level="city", name="旧", name_en="Old", source="ours",
    )  # fmt: skip
    with pytest.raises(WrongState, match="已不再执行"):
        services.agree(stale, by=cast.centre)
    assert services.in_force(lamp) == late


def test_a_proposal_that_changes_nothing_is_refused(cast: Cast, lamp: Category) -> None:
    with pytest.raises(Incomplete) as caught:
        proposed(cast, lamp, {"name": lamp.name})
    assert caught.value.code == "nothing_changed"


# --- what runs keeps its version


def test_a_running_deadline_never_moves_and_a_new_report_gets_the_new_times(
    cast: Cast, lamp: Category, new_case: NewCase, clock: Clock
) -> None:
    old = new_case(cast.worker, category=lamp)
    due = Deadline.objects.get(case=old, duty="file").due_at
    agreed(cast, lamp, times(file=[10, "clock_minutes"], handle=[1, "working_days"]) | {
        "sensitive": True, "visible_roles": ["township_centre", "department_officer"],
    })  # fmt: skip
    assert Deadline.objects.get(case=old, duty="file").due_at == due
    incident = Incident.objects.get(case=old)
    assert incident.version.number == 1
    old.refresh_from_db()
    assert not old.sensitive
    advance(old, "file", by=cast.township, data={})
    assign = Deadline.objects.get(case=old, duty="assign")
    assert (assign.amount, assign.unit) == (60, "clock_minutes")
    lamp.refresh_from_db()
    new = new_case(cast.worker, category=lamp)
    assert Deadline.objects.get(case=new, duty="file").amount == 10
    assert new.sensitive and Incident.objects.get(case=new).version.number == 2


def test_a_stopped_category_is_not_reported_under_and_can_be_taken_up_again(
    cast: Cast, lamp: Category, new_case: NewCase
) -> None:
    old = new_case(cast.worker, category=lamp)
    stop = services.propose_use(lamp, in_use=False, reason="并入别类", base=1, by=cast.sysadmin)
    assert Category.objects.leaves().filter(pk=lamp.pk).exists()
    services.agree(stop, by=cast.centre)
    assert not Category.objects.leaves().filter(pk=lamp.pk).exists()
    advance(old, "file", by=cast.township, data={})
    back = services.propose_use(lamp, in_use=True, reason="仍然要用", base=2, by=cast.sysadmin)
    assert (stop.change, back.change) == ("stop", "restart")
    assert not Category.objects.leaves().filter(pk=lamp.pk).exists()
    services.agree(back, by=cast.centre)
    assert Category.objects.leaves().get(pk=lamp.pk).current == back


def test_a_stopped_category_is_changed_without_being_taken_up(cast: Cast, lamp: Category) -> None:
    stop = services.propose_use(lamp, in_use=False, reason="并入别类", base=1, by=cast.sysadmin)
    services.agree(stop, by=cast.centre)
    changed = services.agree(proposed(cast, lamp), by=cast.centre)
    lamp.refresh_from_db()
    assert lamp.current is None and not changed.in_use


def test_a_new_category_is_reported_under_once_agreed_to(cast: Cast, lamp: Category) -> None:
    parent = Category.objects.get(code="11")
    version = services.propose_new(
        parent=parent, code="1199", content=new_content(), reason="新增", by=cast.sysadmin
    )
    assert (version.number, version.change) == (1, "new")
    assert not Category.objects.leaves().filter(code="1199").exists()
    assert not Category.objects.ever_in_force().filter(code="1199").exists()
    services.agree(version, by=cast.centre)
    assert Category.objects.leaves().get(code="1199").name == "路灯不亮"


def test_a_new_category_that_was_refused_may_be_proposed_anew(cast: Cast, lamp: Category) -> None:
    parent = Category.objects.get(code="11")
    version = services.propose_new(
        parent=parent, code="1199", content=new_content(), reason="新增", by=cast.sysadmin
    )
    services.refuse(version, reason="名称不清楚", by=cast.centre)
    category = Category.objects.get(code="1199")
    again = services.propose(
        category, changes=new_content(name="路灯熄灭"), reason="改名", base=None, by=cast.sysadmin
    )
    services.agree(again, by=cast.centre)
    category.refresh_from_db()
    assert (category.name, category.current) == ("路灯熄灭", again)


@pytest.mark.parametrize("code", ["1104", "2101", "110", "11a5", "１１０５", ""])
def test_a_bad_or_used_code_is_refused(cast: Cast, lamp: Category, code: str) -> None:
    parent = Category.objects.get(code="11")
    with pytest.raises(Incomplete) as caught:
        services.propose_new(
            parent=parent, code=code, content=new_content(name=""), reason="新增", by=cast.sysadmin
        )
    assert set(caught.value.errors) == {"code", "name"}


# --- the rules are those of the files


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "长" * 41}, "name"),
        ({"name_en": "垃圾"}, "name_en"),
        ({"filing_level": "province"}, "filing_level"),
        ({"department_kind_id": "no_such"}, "department_kind"),
        ({"department_kind_id": None}, "department_kind"),
        ({"department_kind_id": "public_security"}, "department_level"),
        ({"department_level": "county"}, "department_level"),
        ({"visible_roles": ["centre"]}, "visible_roles"),
        ({"sensitive": True}, "visible_roles"),
        ({"sensitive": True, "visible_roles": ["township_centre"]}, "visible_roles"),
        ({"sensitive": True, "visible_roles": ["township_centre", "department_officer", "system_admin"]},
         "visible_roles"),
        ({"closing_conditions": ""}, "closing_conditions"),
        (times(handle=[0, "working_days"]), "n_handle"),
        (times(handle=[7, "weeks"]), "n_handle"),
        (times(handle=[True, "working_days"]), "n_handle"),
        (times(whole=[10, "clock_minutes"]), "n_whole"),
        ({"fields": [POLE, POLE]}, "fields"),
        ({"fields": [{**POLE, "label_en": ""}]}, "fields"),
    ],
)  # fmt: skip
def test_what_the_file_may_not_say_the_browser_may_not_either(
    cast: Cast, lamp: Category, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Incomplete) as caught:
        proposed(cast, lamp, changes)
    assert field in caught.value.errors
    assert states(lamp) == {1: "in_force"}


def test_urgent_times_are_no_longer_than_usual_ones(cast: Cast, lamp: Category) -> None:
    changes = times()
    changes["times"]["urgent"]["handle"] = [8, "working_days"]
    with pytest.raises(Incomplete) as caught:
        proposed(cast, lamp, changes)
    assert set(caught.value.errors) == {"u_handle"}


def test_everything_wrong_is_told_at_once(cast: Cast, lamp: Category) -> None:
    with pytest.raises(Incomplete) as caught:
        services.propose(
            lamp, changes={"name": "", "closing_conditions": ""}, reason=" ", base=1, by=cast.sysadmin
        )
    assert set(caught.value.errors) == {"name", "closing_conditions", "reason"}
