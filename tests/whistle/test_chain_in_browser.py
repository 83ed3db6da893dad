"""The whole chain in a real browser: five people take a whistle from the draft to the striking off."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Geolocation, Page, expect

from accounts.models import Post
from cases.models import Case
from grids import clock
from tests.cast import Cast, build_cast
from tests.hands import Hands
from tests.whistle import moves
from tests.whistle.moves import do, summons

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HERE: Geolocation = {"latitude": 28.186, "longitude": 115.785, "accuracy": 12}


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return build_cast()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    Image.new("RGB", (900, 700), (120, 140, 90)).save(path, "JPEG")
    return path


class Whistlers(Hands):
    """Hands of those who whistle, report and decide; the secretary and the departments have a phone."""

    def __init__(self, live_server: Any, open_page: Any) -> None:
        super().__init__(live_server, open_page)
        self.phones = {"township_secretary", "department_officer"}

    def row(self, post: Post, case: Case, anchor: str, label: str, **fields: Any) -> Page:
        """Press a row's button and do what its own page asks; back on the whistle's page the case has moved on."""
        page = self.open(post, case)
        seq = Case.objects.get(pk=case.pk).last_seq
        page.locator(anchor).get_by_role("link", name=label).first.click()
        form = page.locator("form.gz-action-form")
        form.wait_for()
        for name, value in fields.items():
            self.fill(form.locator(f"[name={name}]").first, value)
        form.locator("button[type=submit]").click()
        page.wait_for_url(f"**{case.get_absolute_url()}")
        case.refresh_from_db()
        assert case.last_seq > seq, f"{label} left no entry"
        return page

    def arrive(self, post: Post, case: Case, photo: Path) -> Page:
        """Open the page of reporting on site from the department's own page, with a position and a photo."""
        page = self.of(post)
        page.context.grant_permissions(["geolocation"], origin=self.server.url)
        page.context.set_geolocation(HERE)
        page.goto(f"{self.server.url}/whistles/mine/")
        page.get_by_role("link", name="现场报到").first.click()
        page.set_input_files("[name=photos]", str(photo))
        expect(page.locator(".gz-photo")).to_have_count(1)
        expect(page.locator("[data-where-status]")).to_contain_text("111")
        return page


@pytest.fixture
def hands(live_server: Any, open_page: Any) -> Whistlers:
    return Whistlers(live_server, open_page)


def draft(hands: Whistlers, cast: Cast) -> Case:
    page = hands.of(cast.township)
    page.goto(f"{hands.server.url}/whistles/new/")
    page.fill("[name=title]", "沿河违建占道")
    page.select_option("[name=subject]", "illegal_building")
    expect(page.locator("[data-suggested-words]")).to_contain_text("丰城市城市管理局")
    page.click("[data-suggested-take]")
    page.fill("[name=matter]", "三户沿河搭建，堵住通道，多次劝说无效")
    page.fill("[name=why_not]", "街道没有执法权")
    page.fill("[name=address]", "东路 12 号门前")
    page.get_by_role("button", name="保存草稿").click()
    page.wait_for_url("**/whistles/CS*/")
    case = Case.objects.get(kind="whistle")
    case.whistle.lat, case.whistle.lng = 28.185, 115.785
    case.whistle.save(update_fields=["lat", "lng"])
    return case


def test_five_people_take_a_whistle_from_the_draft_to_the_striking_off(
    hands: Whistlers, cast: Cast, workdays: None, photo: Path
) -> None:
    case = draft(hands, cast)
    hands.do(cast.township, case, "提交书记审批")
    page = hands.of(cast.secretary)
    page.goto(hands.server.url)  # two taps from here, the second on the same page
    page.get_by_role("link", name="沿河违建占道").click()
    hands.do(cast.secretary, case, "同意")
    hands.do(cast.township, case, "报备")
    hands.do(cast.committee, case, "启动吹哨")
    urban = f"#summons-{summons(case, cast.departments.urban).pk}"
    police = f"#summons-{summons(case, cast.departments.police).pk}"
    for officer in (cast.officer, cast.officer2):
        page = hands.arrive(officer, case, photo)
        page.get_by_role("button", name="我已到场，报到").click()
        page.wait_for_url(f"**{case.get_absolute_url()}")
    for anchor in (urban, police):
        hands.row(cast.township, case, anchor, "确认到场")
    lead = str(summons(case, cast.departments.urban).pk)
    hands.do(cast.township, case, "记录会商研判", result="城管局牵头拆除，公安局维护秩序", lead=lead)
    today = clock.today().isoformat()
    hands.row(cast.officer, case, urban, "认领任务", task="拆除违建", due_on=today)
    hands.row(cast.officer2, case, police, "认领任务", task="维护秩序", due_on=today)
    hands.do(cast.township, case, "进入任务办理")
    hands.row(cast.officer, case, urban, "完成任务", result="已拆除", photos=photo)
    hands.row(cast.officer2, case, police, "完成任务", result="秩序良好")
    for anchor in (urban, police):
        hands.row(cast.township, case, anchor, "评价部门", response="5", solution="4", satisfaction="4")
    hands.do(cast.township, case, "办结报销号", result="违建已拆除，通道恢复")
    page = hands.do(cast.committee, case, "销号")
    assert case.state == "closed"
    expect(page.locator(".gz-state").first).to_have_text("已销号")
    rows = [summons(case, d) for d in (cast.departments.urban, cast.departments.police)]
    assert {(row.state, row.outcome) for row in rows} == {("confirmed", "on_time")}
    assert all(row.pressed_at is not None and row.distance is not None for row in rows)


@pytest.fixture
def called(cast: Cast, workdays: None) -> Case:
    return moves.sounded(cast)


def test_a_press_without_a_line_is_kept_and_sent_when_the_page_is_opened_again(
    hands: Whistlers, cast: Cast, called: Case, photo: Path
) -> None:
    page = hands.arrive(cast.officer, called, photo)
    page.context.set_offline(True)
    before = clock.now()
    page.get_by_role("button", name="我已到场，报到").click()
    expect(page.locator("[data-press-status]")).to_contain_text("记在手机上")
    pressed = clock.now()
    expect(page.locator("[data-outbox] li")).to_have_count(1)
    assert summons(called, cast.departments.urban).received_at is None
    # The phone was put away and the page closed; later there is a line, and another page of the program is opened.
    context = page.context
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(f"{hands.server.url}/whistles/mine/")
    again.wait_for_url(f"**{called.get_absolute_url()}")
    row = summons(called, cast.departments.urban)
    assert row.state == "reported" and row.received_at is not None and row.pressed_at is not None
    near = timedelta(seconds=2)  # the offset is measured over a network
    assert before - near <= row.pressed_at <= pressed + near and row.pressed_at < row.received_at
    assert called.events.filter(verb="summons.reported").count() == 1
    expect(again.locator("[data-outbox]")).to_be_hidden()


def test_a_press_goes_out_by_itself_when_the_line_is_back_and_the_page_goes_on(
    hands: Whistlers, cast: Cast, called: Case, photo: Path
) -> None:
    page = hands.arrive(cast.officer, called, photo)
    page.context.set_offline(True)
    page.get_by_role("button", name="我已到场，报到").click()
    expect(page.locator("[data-press-status]")).to_contain_text("记在手机上")
    page.context.set_offline(False)
    page.wait_for_url(f"**{called.get_absolute_url()}")
    assert summons(called, cast.departments.urban).state == "reported"


def test_a_press_of_a_page_older_than_the_sign_in_is_kept_and_sent_by_the_next_page(
    hands: Whistlers, cast: Cast, called: Case, photo: Path
) -> None:
    page = hands.arrive(cast.officer, called, photo)
    page.evaluate(
        """() => document.body.setAttribute("hx-headers", '{"X-CSRFToken": "' + "x".repeat(64) + '"}')"""
    )
    page.get_by_role("button", name="我已到场，报到").click()
    expect(page.locator("[data-press-status]")).to_contain_text("记在手机上")
    page.goto(f"{hands.server.url}/whistles/mine/")
    page.wait_for_url(f"**{called.get_absolute_url()}")
    assert summons(called, cast.departments.urban).state == "reported"


def test_a_press_waits_for_its_owner_while_somebody_else_is_signed_in_on_the_phone(
    hands: Whistlers, cast: Cast, called: Case, photo: Path
) -> None:
    page = hands.arrive(cast.officer, called, photo)
    context = page.context
    mine = context.cookies()
    other = hands.of(cast.officer2).context.cookies()
    context.set_offline(True)
    page.get_by_role("button", name="我已到场，报到").click()
    expect(page.locator("[data-outbox] li")).to_have_count(1)
    context.add_cookies([cookie for cookie in other if cookie["name"] == "sessionid"])  # type: ignore[misc]
    context.set_offline(False)
    with page.expect_response("**/report_in/") as answered:
        page.locator("[data-outbox-retry]").click()
    assert answered.value.status == 401
    expect(page.locator("[data-outbox] li")).to_contain_text("等网络恢复")
    assert summons(called, cast.departments.police).state == "summoned"
    context.add_cookies(mine)  # type: ignore[arg-type]
    page.locator("[data-outbox-retry]").click()
    page.wait_for_url(f"**{called.get_absolute_url()}")
    assert summons(called, cast.departments.urban).state == "reported"


def test_a_press_that_the_server_got_but_could_not_answer_is_not_done_twice(
    hands: Whistlers, cast: Cast, called: Case, photo: Path
) -> None:
    page = hands.arrive(cast.officer, called, photo)
    sent: list[str] = []

    def lose_the_answer(route: Any) -> None:
        sent.append(route.request.headers.get("idempotency-key", ""))
        if len(sent) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/report_in/", lose_the_answer)
    page.get_by_role("button", name="我已到场，报到").click()
    expect(page.locator("[data-press-status]")).to_contain_text("记在手机上")
    page.locator("[data-outbox-retry]").click()
    page.wait_for_url(f"**{called.get_absolute_url()}")
    assert len(sent) == 2 and sent[0] == sent[1] != ""
    assert called.events.filter(verb="summons.reported").count() == 1


def test_a_press_that_came_too_late_for_its_state_says_so_and_is_kept_until_dropped(
    hands: Whistlers, cast: Cast, called: Case, photo: Path
) -> None:
    page = hands.arrive(cast.officer, called, photo)
    page.context.set_offline(True)
    page.get_by_role("button", name="我已到场，报到").click()
    expect(page.locator("[data-outbox] li")).to_have_count(1)
    do(called, "stand_down", cast.committee, reason="双方已经和解")
    page.context.set_offline(False)
    expect(page.locator("[data-outbox] li")).to_contain_text("没有办成")
    page.get_by_role("button", name="知道了，删除").click()
    expect(page.locator("[data-outbox]")).to_be_hidden()


def test_the_board_counts_down_and_brings_itself_up_to_date(
    hands: Whistlers, cast: Cast, called: Case
) -> None:
    page = hands.of(cast.committee)
    page.goto(f"{hands.server.url}/whistles/board/")
    chips = page.locator(".gz-call .gz-due-words")
    expect(chips).to_have_count(2)
    expect(chips.first).to_contain_text("1小时59分")
    moves.arrived(called, cast.departments.urban, cast.officer)
    expect(page.locator(".gz-call", has_text="城市管理局")).to_contain_text("已报到，待确认")
    # The two clocks of the machine fall apart by an hour, as after a sleep or when somebody sets one: the
    # server's word counts.
    page.evaluate("() => { const now = Date.now; Date.now = () => now() + 3600 * 1000; }")
    page.evaluate("() => window.dispatchEvent(new Event('focus'))")
    expect(page.locator(".gz-call", has_text="公安局").locator(".gz-due-words")).to_contain_text("1小时59分")
