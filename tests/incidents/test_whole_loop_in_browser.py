"""The main job in a real browser: five people take an incident from the report to the archive, and its side ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from accounts.models import Post
from cases.models import Case
from tests.cast import Cast, build_cast
from tests.hands import Hands

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return build_cast()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    Image.new("RGB", (900, 700), (120, 140, 90)).save(path, "JPEG")
    return path


class Reporters(Hands):
    """Hands that also report."""

    def report(self, post: Post, category: str, photo: Path) -> Case:
        """Fill the report and send it; returns the case that the next page names."""
        page = self.of(post)
        page.goto(f"{self.server.url}/incidents/report/")
        page.fill("#id_category", category)
        page.keyboard.press("Enter")
        page.set_input_files("[name=photos]", str(photo))
        expect(page.locator(".gz-photo")).to_have_count(1)
        page.click("[data-send]")
        page.wait_for_url("**/sent/")
        return Case.objects.get(number=page.locator(".gz-sent .gz-number").inner_text())


@pytest.fixture
def hands(live_server: Any, open_page: Any) -> Reporters:
    return Reporters(live_server, open_page)


def handled(hands: Reporters, cast: Cast, case: Case, photo: Path) -> None:
    """From filed to fed back."""
    hands.do(cast.township, case, "指派", handler=f"department:{cast.departments.station.pk}")
    hands.do(cast.station, case, "签收")
    hands.do(cast.station, case, "反馈结果", result="垃圾已清运，地面已冲洗", photos_after=photo)


def test_five_people_take_an_incident_from_report_to_archive(
    hands: Reporters, cast: Cast, category: Any, photo: Path
) -> None:
    case = hands.report(cast.worker, "暴露垃圾", photo)
    assert case.attachments.filter(stage="before").count() == 1
    hands.do(cast.township, case, "立案")
    handled(hands, cast, case, photo)
    assert case.attachments.filter(stage="after").count() == 1
    hands.do(cast.worker, case, "核查通过", note="现场看过，已清理")
    page = hands.do(cast.township, case, "结案归档")
    assert case.state == "archived"
    expect(page.locator("body")).to_contain_text("已归档")
    worker = hands.of(cast.worker)
    worker.goto(f"{hands.server.url}/notices/")
    expect(worker.locator("main")).to_contain_text(case.number)


def test_a_village_that_settled_a_matter_itself_cannot_archive_it(
    hands: Reporters, cast: Cast, village_case: Any
) -> None:
    case = village_case(cast.worker)
    hands.do(cast.village, case, "立案")
    hands.do(cast.village, case, "本级直接办结", result="已协调物业清理")
    hands.cannot(cast.village, case, "核查通过")
    hands.do(cast.township, case, "核查通过")
    hands.cannot(cast.village, case, "结案归档")
    hands.do(cast.township, case, "结案归档")
    assert case.state == "archived"


def test_return_rework_and_merge_on_the_way(hands: Reporters, cast: Cast, new_case: Any, photo: Path) -> None:
    case, double = new_case(cast.worker), new_case(cast.worker_b)
    hands.do(cast.township, case, "立案")
    hands.do(cast.township, case, "指派", handler=f"department:{cast.departments.urban.pk}")
    hands.do(cast.officer, case, "退回", ground="not_place", reason="应由街道城管站先行处理")
    handled(hands, cast, case, photo)
    hands.do(cast.worker, case, "返工", reason="墙角还有残留垃圾")
    hands.do(cast.station, case, "签收")
    hands.do(cast.station, case, "反馈结果", result="残留已清理")
    hands.do(cast.township, double, "并案", target=case.number)
    assert double.state == "merged"
    reporter = hands.open(cast.worker_b, case)
    expect(reporter.locator("h1")).to_contain_text(case.title)
    hands.do(cast.worker, case, "核查通过")
    hands.do(cast.township, case, "结案归档")
    assert case.state == "archived"
