"""The pages of mediation: the counter, the dispute, the desk and the list, for each role."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Post
from cases.errors import Incomplete
from cases.models import Case
from grids import clock
from grids.clock import SHANGHAI
from mediation.models import Committee
from tests.cast import Cast
from tests.mediation import moves
from tests.mediation.conftest import Town
from tests.mediation.moves import do

NEW = "/mediations/new/"


def person_of(who: str, town: Town, cast: Cast) -> Post:
    """A mediator of the town by name, else one of the cast."""
    found = vars(town).get(who)
    return found if isinstance(found, Post) else getattr(cast, who)


def counter_form(cast: Cast, **changes: Any) -> dict[str, Any]:
    """What the counter's form sends."""
    data: dict[str, Any] = {
        "title": "两户院墙通道纠纷", "kind": "neighbour", "source": "walk_in", "initiative": "applied", "brief": "院墙占用通道",
        "place": cast.places.grid.code, "tier": "", "party-TOTAL_FORMS": "2", "party-INITIAL_FORMS": "0",
    }  # fmt: skip
    for n, party in enumerate([moves.person(1, "欧阳甲", 1), moves.person(2, "司徒乙", 2)]):
        data |= {f"party-{n}-{name}": value for name, value in party.items()}
    return data | changes


@pytest.mark.parametrize("who", ["low", "mid", "village", "township", "centre"])
def test_a_dispute_is_entered_at_the_counter_and_a_slip_comes_out(
    who: str, town: Town, cast: Cast, browser_of: Any
) -> None:
    Committee.objects.update(window="一楼三号窗口")
    client: Client = browser_of(person_of(who, town, cast))
    assert client.get(NEW).status_code == 200
    answer = client.post(NEW, counter_form(cast))
    assert answer.status_code == 303, answer.content.decode()
    case = Case.objects.get(kind="mediation")
    own = {"mid": cast.places.street}.get(who, cast.places.village)
    assert case.office == own
    page = client.get(answer["Location"]).content.decode()
    assert case.number in page and "不收取任何费用" in page
    committee = Committee.objects.get(division=own)
    assert f"{committee.name}：决定是否受理" in page and "一楼三号窗口" in page
    last = case.deadlines.get(duty="accept").due_at - timedelta(seconds=1)
    assert (
        f"{last.astimezone(SHANGHAI):%-m月%-d日}" in page or f"{last.astimezone(SHANGHAI):%Y-%m-%d}" in page
    )
    assert "欧阳" not in page and moves.identity(1) not in page


def test_the_city_takes_a_dispute_of_a_village_first_for_a_reason_alone(
    town: Town, cast: Cast, browser_of: Any
) -> None:
    client: Client = browser_of(town.top)
    refused = client.post(NEW, counter_form(cast))
    assert refused.status_code == 422 and "直接受理的，请写明理由" in refused.content.decode()
    assert client.post(NEW, counter_form(cast, direct_reason="法院诉前委托")).status_code == 303
    case = Case.objects.get(kind="mediation")
    assert case.office == cast.places.city
    assert "法院诉前委托" in client.get(case.get_absolute_url()).content.decode()


@pytest.mark.parametrize("reason", ["", " "])
def test_the_staff_of_a_village_says_too_why_the_city_is_to_take_it(
    reason: str, town: Town, cast: Cast, browser_of: Any
) -> None:
    client: Client = browser_of(cast.village)
    sent = counter_form(cast, tier="county", direct_reason=reason)
    answer = client.post(NEW, sent)
    assert answer.status_code == 422 and "直接受理的，请写明理由" in answer.content.decode()
    assert client.post(NEW, sent | {"direct_reason": "跨乡镇"}).status_code == 303


def test_where_there_is_no_committee_below_no_reason_is_asked_for(
    town: Town, cast: Cast, browser_of: Any
) -> None:
    for below in (town.village, town.township):
        below.closed_on = clock.today()
        below.save(update_fields=["closed_on"])
    assert browser_of(town.top).post(NEW, counter_form(cast)).status_code == 303


@pytest.mark.parametrize("who", ["worker", "officer", "secretary", "committee"])
def test_others_enter_none(who: str, town: Town, cast: Cast, browser_of: Any) -> None:
    assert browser_of(getattr(cast, who)).get(NEW).status_code == 403


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": "欧阳甲家的院墙"}, "标题里不要写当事人姓名"),
        ({"party-1-id_number": "110101199001011234"}, "身份证号不对"),
        ({"party-1-side": "1"}, "至少要登记两方当事人"),
        ({"party-0-party_name": ""}, "当事人 1，姓名或单位名称"),
        ({"place": "999999999999"}, "没有找到这个地点"),
        ({"tier": "county", "place": "360981119201"}, "不在您的岗位范围内"),
        ({"tier": "county"}, "还没有登记人民调解委员会"),  # a mediator enters for the own committee
    ],
)
def test_wrong_input_is_refused_whole_and_kept(
    changes: dict[str, str], said: str, town: Town, cast: Cast, browser_of: Any
) -> None:
    answer = browser_of(town.low).post(NEW, counter_form(cast, **changes))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "院墙占用通道" in answer.content.decode()
    assert not Case.objects.filter(kind="mediation").exists()


@pytest.mark.parametrize("who", ["low", "village", "township", "centre", "committee", "secretary"])
def test_the_page_shows_masked_names_and_keeps_what_was_said_to_the_committee(
    who: str, town: Town, cast: Cast, browser_of: Any
) -> None:
    case = moves.running(town, cast)
    moves.held(moves.planned(case, town.low), town.low, record="甲方说乙方欠钱不还")
    client: Client = browser_of(person_of(who, town, cast))
    page = client.get(case.get_absolute_url()).content.decode()
    assert "欧**" in page and "欧阳甲" not in page and "东路1号" not in page and "00013800001" not in page
    inside = who == "low"
    assert ("甲方说乙方欠钱不还" in page) == inside
    assert ("多次争吵" in page) == inside
    assert (f"{case.get_absolute_url()}reveal/" in page) == inside


def test_who_sees_none_gets_no_page(town: Town, cast: Cast, browser_of: Any) -> None:
    case = moves.registered(town, cast)
    for who in (cast.worker, cast.officer, cast.township2, cast.mediator2, cast.mediator):
        assert browser_of(who).get(case.get_absolute_url()).status_code == 404, who


def test_full_names_are_shown_for_a_reason(town: Town, cast: Cast, browser_of: Any) -> None:
    case = moves.registered(town, cast)
    client: Client = browser_of(town.low)
    url = f"{case.get_absolute_url()}reveal/"
    assert client.post(url, {"reason": ""}).status_code == 422
    page = client.post(url, {"reason": "制作协议书"}).content.decode()
    assert "欧阳甲" in page and moves.identity(2) in page
    assert browser_of(cast.village).post(url, {"reason": "看看"}).status_code == 403


@pytest.mark.parametrize("who", ["low", "village", "centre", "committee", "mid"])
def test_lists_name_parties_to_their_own_committee_alone(
    who: str, town: Town, cast: Cast, browser_of: Any
) -> None:
    case = moves.registered(town, cast)
    page = browser_of(person_of(who, town, cast)).get("/mediations/list/").content.decode()
    assert (case.number in page) == (who != "mid")
    assert ("欧**" in page) == (who == "low")
    assert "欧阳" not in page


def test_the_desk_holds_what_waits(town: Town, cast: Cast, browser_of: Any) -> None:
    case = moves.registered(town, cast)
    client: Client = browser_of(town.low)
    assert "决定是否受理" in client.get("/mediations/todo/").content.decode()
    do(case, "accept", town.low, mediators=[town.low_b.pk])
    assert case.number not in client.get("/mediations/todo/").content.decode()
    assert case.number in browser_of(town.low_b).get("/mediations/todo/").content.decode()


def test_every_form_of_every_open_action_can_be_opened(town: Town, cast: Cast, browser_of: Any) -> None:
    client: Client = browser_of(town.low)
    case = moves.performing(town, cast)
    for other in (case, moves.running(town, cast), moves.agreed(town, cast), moves.registered(town, cast)):
        page = client.get(other.get_absolute_url())
        assert page.status_code == 200
        for button in page.context["file"].actions:
            assert client.get(button.url).status_code == 200, button.url
        for rows in ("parties", "attempts", "sessions", "promises"):
            for one in getattr(page.context["file"], rows):
                for button in one.buttons:
                    assert client.get(button.url).status_code == 200, button.url


def test_a_title_that_holds_a_name_is_mended_before_the_party_is_entered(town: Town, cast: Cast) -> None:
    case = moves.accepted(town, cast, title="诸葛丙家屋后的水沟")
    with pytest.raises(Incomplete) as refused:
        do(case, "add_party", town.low, **moves.person(3, "诸葛丙", 3))
    assert "party_name" in refused.value.errors


def test_the_slip_of_an_accepted_dispute_says_what_comes_next(
    town: Town, cast: Cast, browser_of: Any
) -> None:
    case = moves.accepted(town, cast)
    do(case, "grade", town.low, colour="red", reason="急", look_on=str(clock.today() + timedelta(days=1)))
    page = browser_of(town.low).get(f"{case.get_absolute_url()}slip/").content.decode()
    assert "：安排调解" in page and "(2026)东路人调字第1号" in page
