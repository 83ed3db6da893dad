"""Both boards in a real browser: on a desk, on a phone, on a wall of 1080 lines; up to date without a reload."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from cases import ringing
from cases.periods import Period
from grids.models import Department
from incidents.models import Incident
from oversight import board, summaries
from tests.browser import DESK, PHONE, OpenPage, serious_violations, sideways
from tests.cast import PASSWORD, Cast
from tests.incidents import moves
from tests.old_browser import as_before

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WALL = {"width": 1920, "height": 1080}
BOARD, CENTRE = "/oversight/board/", "/oversight/centre/"


@pytest.fixture
def signed_in(live_server: Any, open_page: OpenPage, cast: Cast) -> Any:
    def sign_in(name: str, viewport: dict[str, int], path: str, *, old: bool = False) -> Page:
        page = open_page(viewport, reduced_motion="reduce")
        if old:
            as_before(page)
        page.goto(f"{live_server.url}/login/?next={path}")
        page.fill("input[name=username]", getattr(cast, name).user.username)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(f"**{path}")
        return page

    return sign_in


@pytest.fixture
def busy(lively: list[Period], new_case: Any, cast: Cast, clock: Any) -> None:
    """Some weeks of lives, and what is open and overdue now."""
    for _n in range(3):
        moves.investigating(new_case(), cast)
    clock.forward(days=5)
    ringing.ring_all()
    summaries.refresh_all()


def picture(page: Page, name: str, tmp_path: Path) -> Image.Image:
    """What is on the screen; kept in GEZHI_TEST_PICTURES, if that is set, for looking at."""
    shot = page.screenshot(full_page=name.endswith("phone"))
    folder = Path(os.environ.get("GEZHI_TEST_PICTURES", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.png").write_bytes(shot)
    return Image.open(io.BytesIO(shot)).convert("RGB")


def drawn(page: Page, chart: str) -> bool:
    """Whether a chart holds more than its ground: lines or bars in their colours."""
    shot = Image.open(io.BytesIO(page.locator(f"#{chart}").screenshot())).convert("RGB")
    saturation = shot.convert("HSV").getchannel("S").histogram()
    return sum(saturation[100:]) > 200


def test_the_boards_on_desk_phone_and_wall(busy: None, signed_in: Any, tmp_path: Path) -> None:
    wall = signed_in("committee", WALL, "/oversight/wall/")
    expect(wall.locator("#trend-chart canvas")).to_be_visible()
    assert picture(wall, "board-wall", tmp_path).size == (1920, 1080)
    assert wall.evaluate("() => document.documentElement.scrollHeight") <= 1080
    assert drawn(wall, "trend-chart") and drawn(wall, "places-chart")
    # Rows that are shown are shown whole: nothing is cut off at the bottom of a box.
    assert wall.evaluate(CUT) == []
    for name, path in (("committee", BOARD), ("centre", CENTRE)):
        for where, viewport in (("desk", DESK), ("phone", PHONE)):
            page = signed_in(name, viewport, path)
            page.locator(".gz-board").wait_for()
            picture(page, f"{name}-{where}", tmp_path)
            assert sideways(page) == 0, (name, where)
            assert serious_violations(page) == [], (name, where)
    old = signed_in("committee", WALL, "/oversight/wall/", old=True)
    assert drawn(old, "trend-chart") and drawn(old, "kinds-chart")
    assert old.evaluate(CUT) == [] and serious_violations(old) == []
    picture(old, "board-wall-chromium-87", tmp_path)


CUT = """() => Array.from(document.querySelectorAll('.gz-box')).flatMap(box => {
  const end = box.getBoundingClientRect().bottom;
  return Array.from(box.querySelectorAll('tr, li, p')).filter(row => {
    const seen = row.getBoundingClientRect();
    return !row.closest('.gz-numbers') && seen.height > 1 && seen.bottom > end + 1;
  }).map(row => row.textContent.trim().slice(0, 40));
})"""


def test_a_wall_that_is_cut_off_says_so(busy: None, signed_in: Any) -> None:
    page = signed_in("committee", WALL, "/oversight/wall/")
    page.context.set_offline(True)
    expect(page.locator("#failure")).to_contain_text("网络断了")
    page.context.set_offline(False)
    expect(page.locator("#failure")).to_be_hidden()


def test_the_wall_has_room_for_whole_rows_only(
    busy: None, signed_in: Any, cast: Cast, new_case: Any, clock: Any, tmp_path: Path
) -> None:
    """Twenty departments that are late: a wall shows the first and says how many more there are."""
    kind = cast.departments.station.kind
    for number in range(20):
        Department.objects.create(
            name=f"第{number}中队", kind=kind, division=cast.places.street, valid_from=clock.at.date()
        )
    for number, department in enumerate(Department.objects.filter(name__startswith="第")):
        case = moves.investigating(new_case(), cast)
        case.deadlines.update(holder_department=department, holder_division=None)
        assert number < 20
    clock.forward(days=20)
    ringing.ring_all()
    wall = signed_in("committee", WALL, "/oversight/wall/")
    expect(wall.locator(".gz-board-late")).to_contain_text("另有")
    expect(wall.locator(".gz-board-wide")).to_contain_text("还没有计入统计")  # nothing was counted since
    picture(wall, "board-wall-full", tmp_path)
    shown = wall.locator(".gz-board-late tbody tr:visible").count()
    late = len(board.late_departments(cast.committee, board.owing_now(board.cases_seen(cast.committee))))
    assert 3 < shown < late
    expect(wall.locator("#late-more")).to_have_text(f"另有 {late - shown} 个部门")
    assert wall.evaluate(CUT) == []


def test_a_board_takes_its_own_place_and_disturbs_nobody(
    busy: None, signed_in: Any, new_case: Any, cast: Cast
) -> None:
    page = signed_in("committee", DESK, BOARD)
    row = page.locator("#kinds tbody tr").first
    page.click("#kinds-numbers summary")
    before = row.locator("td").first.inner_text()
    link = row.locator("td a").first
    link.focus()
    address = link.get_attribute("href")
    page.evaluate("() => { window.still = true; }")
    pause = page.locator("[data-pause]")

    new_case()
    summaries.refresh_all()
    expect(row.locator("td").first).not_to_have_text(before)  # by itself, in a few seconds
    assert page.evaluate("() => window.still") is True
    assert page.locator("#kinds-numbers").get_attribute("open") is not None
    assert page.evaluate("() => document.activeElement.getAttribute('href')") == address
    assert page.evaluate("() => window.scrollY") >= 0

    pause.click()
    expect(pause).to_have_attribute("aria-pressed", "true")
    now = row.locator("td").first.inner_text()
    new_case()
    summaries.refresh_all()
    page.wait_for_timeout(7_000)  # longer than it waits by itself
    expect(row.locator("td").first).to_have_text(now)
    pause.click()
    expect(row.locator("td").first).not_to_have_text(now)
    assert Incident.objects.count() > 5
