"""In a real browser: a dispute from the counter to its signed agreement, and a meeting written down while people talk."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from cases.models import Case
from mediation.fast_track import texts
from mediation.models import Party, Session
from tests.cast import Cast, build_cast
from tests.hands import Hands
from tests.mediation import moves
from tests.mediation.conftest import Town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return build_cast()


@pytest.fixture
def hands(live_server: Any, open_page: Any) -> Hands:
    return Hands(live_server, open_page)


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "scan.jpg"
    Image.new("RGB", (900, 700), (120, 140, 90)).save(path, "JPEG")
    return path


def place(page: Page) -> None:
    """Choose the grid by the place picker, with the keyboard."""
    box = page.locator("[role=combobox]").first
    box.fill("01网格")
    page.locator("[role=option]").first.click()


def party(page: Page, n: int, name: str, serial: int) -> None:
    page.fill(f"[name=party-{n}-party_name]", name)
    page.fill(f"[name=party-{n}-id_number]", moves.identity(serial))


def test_three_parties_are_entered_at_the_counter(hands: Hands, town: Town) -> None:
    page = hands.of(town.low)
    page.goto(f"{hands.server.url}/mediations/new/")
    place(page)
    page.fill("[name=title]", "三户通道纠纷")
    page.select_option("[name=kind]", "neighbour")
    page.fill("[name=brief]", "三户共用通道，堆放杂物引起争执。")
    party(page, 0, "欧阳甲", 1)
    party(page, 1, "司徒乙", 2)
    page.get_by_role("button", name="再加一名当事人").click()
    page.select_option("[name=party-2-side]", "3")
    party(page, 2, "上官丙", 3)
    page.get_by_role("button", name="登记并出单").click()
    page.wait_for_url(re.compile(r"/slip/$"))
    case = Case.objects.get(kind="mediation")
    assert sorted(Party.objects.filter(case=case).values_list("side", flat=True)) == [1, 2, 3]
    expect(page.locator("main")).to_contain_text(case.number)
    expect(page.locator("main")).not_to_contain_text("欧阳")


def test_a_meeting_is_kept_while_it_is_written_down_and_nothing_is_lost(
    hands: Hands, town: Town, cast: Cast
) -> None:
    case = moves.running(town, cast)
    session = moves.planned(case, town.low)
    page = hands.of(town.low)
    page.goto(f"{hands.server.url}{case.get_absolute_url()}")
    page.get_by_role("link", name=re.compile("记录会议")).first.click()
    page.wait_for_url(re.compile(r"/session/\d+/$"))
    page.get_by_role("button", name="甲方 欧**").click()
    page.keyboard.type("墙是祖上的")
    page.get_by_role("button", name="乙方 司**").click()
    page.keyboard.type("挡了路")
    page.get_by_label("甲方 欧**").check()
    page.get_by_role("button", name="现在开始").click()
    expect(page.locator("[data-kept-state]")).to_have_text("已自动保存", timeout=15_000)
    assert Session.objects.get(pk=session.pk).draft["record"] == "甲方 欧**：墙是祖上的\n乙方 司**：挡了路"
    # The machine is switched off and on again.
    page.reload()
    expect(page.locator("[name=record]")).to_have_value("甲方 欧**：墙是祖上的\n乙方 司**：挡了路")
    expect(page.get_by_label("甲方 欧**")).to_be_checked()
    # Without a line it says so, and keeps as soon as there is one.
    page.context.set_offline(True)
    page.locator("[name=record]").press_sequentially("。再谈")
    expect(page.locator("[data-kept-state]")).to_contain_text("没有存上", timeout=15_000)
    page.context.set_offline(False)
    expect(page.locator("[data-kept-state]")).to_have_text("已自动保存", timeout=20_000)
    page.get_by_role("button", name="现在结束").click()
    page.select_option("[name=outcome]", "continue")
    page.get_by_role("button", name="记录会议").click()
    page.wait_for_url(f"**{case.get_absolute_url()}")
    session.refresh_from_db()
    assert session.state == "held" and session.draft == {} and "再谈" in session.record


def test_an_accident_is_settled_on_one_page(hands: Hands, town: Town, scan: Path) -> None:
    page = hands.of(town.low)
    page.goto(f"{hands.server.url}/mediations/todo/")
    page.get_by_role("link", name="交通事故快速调解").click()
    party(page, 0, "欧阳甲", 1)
    party(page, 1, "司徒乙", 2)
    place(page)
    page.fill("[name=source_number]", "第 1 号")
    for name in ("brief", "facts", "content"):
        page.fill(f"[name={name}]", texts()[name].replace("＿＿", "五"))
    page.check("[name=told]")
    page.check("[name=consented]")
    page.fill("[name=total]", "3600")
    page.get_by_role("button", name="达成协议，去打印签字").click()
    page.wait_for_url(re.compile(r"/fast/$"))
    with page.context.expect_page() as printed:
        page.get_by_role("button", name="协议书", exact=True).click()
    printed.value.close()
    page.set_input_files("[name=documents]", scan)
    page.locator("form.gz-action-form button[type=submit]").click()
    page.wait_for_url(re.compile(r"/mediations/TJ[^/]+/$"))
    assert Case.objects.get(kind="mediation").state == "performing"
    assert Case.objects.get(kind="mediation").events.filter(verb="personal.revealed").count() == 1
