"""Meetings: the page on which one is written down, the calendar and its feed; the fast track at one desk."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar

from accounts.models import Post
from cases.models import Case
from grids import clock
from mediation.fast_track import texts
from mediation.models import CalendarFeed, Docket, Mediation, Promise, Session
from tests.cast import Cast
from tests.mediation import moves
from tests.mediation.conftest import Town
from tests.mediation.moves import do, on
from tests.mediation.test_pages import person_of


@pytest.fixture
def meeting(town: Town, cast: Cast) -> Session:
    return moves.planned(moves.running(town, cast), town.low)


def page_of(session: Session) -> str:
    return f"{session.case.get_absolute_url()}session/{session.pk}/"


def keep(client: Client, session: Session, known: int = 0, **data: Any) -> Any:
    return client.post(f"{page_of(session)}keep/", {"known": str(known), **data})


def test_what_is_written_down_is_kept_while_people_talk(
    meeting: Session, town: Town, browser_of: Any
) -> None:
    client: Client = browser_of(town.low)
    guest = meeting.invitations.first()
    assert guest is not None
    answer = keep(client, meeting, record="甲方：墙是我的", present=[str(guest.pk)], outcome="continue")
    assert answer.json() == {"known": 1}
    page = client.get(page_of(meeting)).content.decode()
    assert "甲方：墙是我的" in page and 'data-known="1"' in page
    assert re.search(rf'<input[^>]*name="present"[^>]*value="{guest.pk}"[^>]*checked', page)
    # A draft is no entry: the record of the dispute and its page know nothing of it.
    assert "墙是我的" not in client.get(meeting.case.get_absolute_url()).content.decode()
    moves.held(meeting, town.low, record="甲方：墙是我的，双方同意再谈")
    meeting.refresh_from_db()
    assert meeting.draft == {}
    assert "同意再谈" in client.get(meeting.case.get_absolute_url()).content.decode()
    assert keep(client, meeting, 1, record="迟到的草稿").status_code == 409
    meeting.refresh_from_db()
    assert meeting.record.endswith("同意再谈") and meeting.draft == {}


def test_two_who_write_do_not_overwrite_each_other(meeting: Session, town: Town, browser_of: Any) -> None:
    one, two = browser_of(town.low), browser_of(town.low_b)
    assert keep(one, meeting, 0, record="一").status_code == 200
    assert keep(two, meeting, 0, record="二").status_code == 409
    meeting.refresh_from_db()
    assert meeting.draft["record"] == "一"


def test_a_cancelled_meeting_keeps_no_draft(meeting: Session, town: Town, browser_of: Any) -> None:
    assert keep(browser_of(town.low), meeting, record="草稿").status_code == 200
    meeting.refresh_from_db()
    on(meeting, "cancel", town.low, reason="当事人生病")
    meeting.refresh_from_db()
    assert (meeting.state, meeting.draft) == ("cancelled", {})


@pytest.mark.parametrize("known", ["", "x", "-1", "9" * 12, "１"])
def test_a_draft_without_its_number_is_refused(
    known: str, meeting: Session, town: Town, browser_of: Any
) -> None:
    assert browser_of(town.low).post(f"{page_of(meeting)}keep/", {"known": known}).status_code == 422


@pytest.mark.parametrize("who", ["low_b", "village", "centre", "committee", "worker", "mid", "other"])
def test_only_its_committee_opens_a_meeting(
    who: str, meeting: Session, town: Town, cast: Cast, browser_of: Any
) -> None:
    client: Client = browser_of(person_of(who, town, cast))
    allowed = who == "low_b"
    assert (client.get(page_of(meeting)).status_code == 200) == allowed
    assert (keep(client, meeting, record="x").status_code == 200) == allowed
    meeting.refresh_from_db()
    assert bool(meeting.draft) == allowed


# --- the calendar


@pytest.mark.parametrize(
    ("who", "title", "place"),
    [
        ("low", True, True), ("low_b", True, True), ("village", True, False), ("centre", True, False),
        ("committee", True, False), ("mid", False, False), ("other", False, False), ("worker", False, False),
    ],
)  # fmt: skip
def test_the_calendar_shows_the_meetings_of_ones_own_area(
    who: str, title: bool, place: bool, meeting: Session, town: Town, cast: Cast, browser_of: Any
) -> None:
    month = f"{clock.local_day(meeting.starts_at):%Y-%m}"
    page = browser_of(person_of(who, town, cast)).get(f"/mediations/calendar/?month={month}").content.decode()
    assert (meeting.case.title in page) == title
    assert ("调解室" in page) == place
    assert "欧" not in page


@pytest.mark.parametrize("month", ["", "2026-13", "x", "99999-1", "2026-1-1", "２０２６-1"])
def test_any_month_can_be_asked_for(month: str, town: Town, browser_of: Any) -> None:
    assert browser_of(town.low).get("/mediations/calendar/", {"month": month}).status_code == 200


def test_a_phone_subscribes_to_the_meetings_by_a_secret_address(
    meeting: Session, town: Town, browser_of: Any
) -> None:
    client: Client = browser_of(town.low)
    page = client.post("/mediations/calendar/", {"new": ""}).content.decode()
    address = page.partition('value="http://testserver')[2].partition('"')[0]
    assert address.startswith("/mediations/calendar/feed.ics?key=")
    stranger = Client()
    answer = stranger.get(address)
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/calendar")
    event: Any
    [event] = Calendar.from_ical(answer.content).walk("VEVENT")
    assert (
        event.decoded("dtstart") == meeting.starts_at.replace(microsecond=0)
        and str(event["location"]) == "调解室"
    )
    docket = Docket.objects.get(case=meeting.case)
    assert docket.number in str(event["summary"])
    text = answer.content.decode()
    assert "欧" not in text and "司徒" not in text and meeting.case.title not in text
    assert address not in client.get("/mediations/calendar/").content.decode()
    feed = CalendarFeed.objects.get()
    assert feed.digest not in address
    client.post("/mediations/calendar/", {"new": ""})
    assert stranger.get(address).status_code == 404
    client.post("/mediations/calendar/", {"end": ""})
    assert not CalendarFeed.objects.exists()


def test_the_address_ends_with_the_post(meeting: Session, town: Town, browser_of: Any) -> None:
    page = browser_of(town.low).post("/mediations/calendar/", {"new": ""}).content.decode()
    address = page.partition('value="http://testserver')[2].partition('"')[0]
    Post.objects.filter(pk=town.low.pk).update(ends_on=clock.today() - timedelta(days=1))
    assert Client().get(address).status_code == 404
    assert Client().get("/mediations/calendar/feed.ics?key=nothing").status_code == 404
    assert Client().get("/mediations/calendar/feed.ics").status_code == 404


# --- the fast track


def fast_form(cast: Cast, **changes: Any) -> dict[str, Any]:
    now = clock.now()
    filled = {name: text.replace("＿＿", "五") for name, text in texts().items()}
    data: dict[str, Any] = {
        **filled, "place": cast.places.grid.code, "source_number": "第 36098120260001 号", "told": "on", "consented": "on",
        "held_from": f"{now - timedelta(minutes=20):%Y-%m-%dT%H:%M}", "held_until": f"{now:%Y-%m-%dT%H:%M}",
        "side": "1", "total": "3600.00", "due_on": str(clock.today() + timedelta(days=7)),
        "party-TOTAL_FORMS": "2", "party-INITIAL_FORMS": "0",
    }  # fmt: skip
    for n, party in enumerate([moves.person(1, "欧阳甲", 1), moves.person(2, "司徒乙", 2)]):
        data |= {f"party-{n}-{name}": value for name, value in party.items()}
    return data | changes


def test_an_accident_is_settled_at_one_desk_with_the_whole_record(
    town: Town, cast: Cast, browser_of: Any
) -> None:
    client: Client = browser_of(town.low)
    assert "＿＿" in client.get("/mediations/fast/").content.decode()
    answer = client.post("/mediations/fast/", fast_form(cast))
    assert answer.status_code == 303, answer.content.decode()
    case = Case.objects.get(kind="mediation")
    dispute = Mediation.objects.get(case=case)
    assert (case.state, dispute.kind, dispute.source, dispute.fast) == ("agreed", "traffic", "police", True)
    verbs = list(case.events.order_by("seq").values_list("verb", flat=True))
    for verb in (
        "mediation.registered", "mediation.accepted", "mediation.rights_told", "attempt.begun", "session.held",
        "agreement.drafted", "promise.added",
    ):  # fmt: skip
        assert verb in verbs
    assert Promise.objects.get().party.side == 1
    page = client.get(answer["Location"]).content.decode()
    assert "agreement-0.pdf" in page and 'name="documents"' in page
    today = str(clock.today())
    do(case, "sign", town.low, signed_on=today, sealed_on=today, documents=[moves.scan()])
    assert "协议已经生效" in client.get(answer["Location"]).content.decode()


def test_at_the_desk_of_the_city_the_record_says_why_it_came_there(
    town: Town, cast: Cast, browser_of: Any
) -> None:
    client: Client = browser_of(town.top)
    assert client.post("/mediations/fast/", fast_form(cast, direct_reason="")).status_code == 422
    assert client.post("/mediations/fast/", fast_form(cast)).status_code == 303
    case = Case.objects.get(kind="mediation")
    assert case.office == cast.places.city
    assert case.events.get(seq=1).words.text == texts()["direct_reason"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"facts": "＿＿年发生事故"}, "还有空格没有填"),
        ({"told": ""}, "已向各方告知权利义务"),
        ({"consented": ""}, "各方都同意调解"),
        ({"total": ""}, "协议涉及金额"),
        ({"party-1-party_name": ""}, "当事人 2，姓名或单位名称"),
        ({"side": "3"}, "这一方没有登记当事人"),
        ({"party-1-party_name": "社区调解员甲"}, "有利害关系的要回避"),
        ({"held_until": "2026-01-01T00:00"}, "结束时间不能早于开始时间"),
    ],
)
def test_a_wrong_word_leaves_nothing_behind(
    changes: dict[str, str], said: str, town: Town, cast: Cast, browser_of: Any
) -> None:
    answer = browser_of(town.low).post("/mediations/fast/", fast_form(cast, **changes))
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not Case.objects.filter(kind="mediation").exists()


@pytest.mark.parametrize("who", ["village", "township", "centre", "worker", "officer", "committee"])
def test_the_fast_track_is_for_mediators(who: str, town: Town, cast: Cast, browser_of: Any) -> None:
    client: Client = browser_of(getattr(cast, who))
    assert client.get("/mediations/fast/").status_code == 403
    assert client.post("/mediations/fast/", fast_form(cast)).status_code == 403
    assert not Case.objects.filter(kind="mediation").exists()
