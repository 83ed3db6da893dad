"""The pieces at work in a real browser: sizes, contrast, keyboard, focus, failures."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, Route, expect

from tests.browser import DESK, PHONE, OpenPage, serious_violations, sideways

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = ["desk", "today", "case", "form", "map", "parts"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_no_page_has_a_serious_barrier_or_goes_sideways(
    guide: str, open_page: OpenPage, viewport: dict[str, int], theme: str
) -> None:
    page = open_page(viewport, color_scheme=theme, reduced_motion="reduce")
    found = {}
    for name in PAGES:
        page.goto(f"{guide}{name}/?toast=1")
        assert page.evaluate("() => document.documentElement.dataset.bsTheme") == theme
        found[name] = [*serious_violations(page), *(["sideways"] if sideways(page) else [])]
    assert found == {name: [] for name in PAGES}


def test_the_search_for_barriers_finds_one(guide: str, open_page: OpenPage) -> None:
    page = open_page(DESK)
    page.goto(f"{guide}parts/")
    page.evaluate(
        "() => { document.querySelector('h1').className = 'gz-number'; document.querySelector('h1').style.color = '#ddd'; }"
    )
    assert [line.split(":")[0] for line in serious_violations(page)] == ["color-contrast"]


@pytest.mark.parametrize("width", [360, 768, 1024, 1920])
def test_no_page_goes_sideways_at_other_widths_in_english(
    guide: str, open_page: OpenPage, width: int
) -> None:
    page = open_page({"width": width, "height": 800})
    for name in PAGES:
        page.goto(f"{guide}{name}/?lang=en")
        assert (name, sideways(page)) == (name, 0)


def test_open_menus_dialogs_and_lists_have_no_serious_barrier(guide: str, open_page: OpenPage) -> None:
    page = open_page(PHONE)
    page.goto(f"{guide}form/")
    page.click(".gz-tabs summary")
    assert serious_violations(page) == []
    page.keyboard.press("Escape")
    page.focus("#id_grid")
    page.keyboard.press("ArrowDown")
    assert serious_violations(page) == []
    page.goto(f"{guide}parts/")
    page.click("#ask")
    assert serious_violations(page) == []
    page.keyboard.press("Escape")
    page.click("#conflict")
    expect(page.locator("#failure")).to_be_visible()
    assert serious_violations(page) == []


# What a thumb must hit, and text that must be read outdoors. A link inside a sentence is as tall as its line.
SMALL_TARGETS = """() => Array.from(document.querySelectorAll(
    'a.btn, button, input:not([type=hidden]):not([type=checkbox]):not([type=radio]), select, textarea, summary, '
    + '.gz-tabs a, .gz-menu-item, .gz-check, .gz-tick-label, .gz-top-button, .gz-chosen-one'))
  .filter(one => one.offsetParent && !one.closest('.visually-hidden') && !one.matches('.visually-hidden, [type=file]'))
  .map(one => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
  .filter(([_, box]) => box.height > 1 && (box.height < 43.9 || box.width < 43.9)).map(([html]) => html)"""
SMALL_TEXT = """() => { const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walk.nextNode()) { const text = walk.currentNode.textContent.trim(), one = walk.currentNode.parentElement;
    if (text && one.offsetParent && !one.closest('.visually-hidden, option, noscript')
        && parseFloat(getComputedStyle(one).fontSize) < 16) { found.push(text.slice(0, 30)); } }
  return found; }"""


@pytest.mark.parametrize("name", PAGES)
def test_on_a_phone_targets_fit_a_thumb_and_text_is_16_pixels(
    guide: str, open_page: OpenPage, name: str
) -> None:
    page = open_page(PHONE)
    page.goto(f"{guide}{name}/?toast=1")
    page.wait_for_load_state("networkidle")
    assert page.evaluate(SMALL_TARGETS) == []
    assert page.evaluate(SMALL_TEXT) == []


def test_the_post_is_switched_in_two_clicks(guide: str, open_page: OpenPage) -> None:
    page = open_page(DESK)
    page.goto(f"{guide}desk/")
    expect(page.locator(".gz-post-name")).to_have_text("剑光街道综治中心")
    page.click(".gz-post summary")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.click(".gz-post .gz-menu-item >> nth=0")
    assert "post=2" in (sent.value.post_data or "")
    # A window closed while it still loads may never close.
    expect(page.locator("body")).to_have_text("ok")


def test_dark_is_kept_when_it_was_chosen(guide: str, open_page: OpenPage) -> None:
    page = open_page(DESK, color_scheme="light")
    page.goto(f"{guide}desk/")
    page.click(".gz-top-user")
    page.click("[data-theme-choice=dark]")
    page.goto(f"{guide}case/")
    assert page.evaluate("() => document.documentElement.dataset.bsTheme") == "dark"


def test_every_main_part_is_reached_and_left_by_keyboard(guide: str, open_page: OpenPage) -> None:
    page = open_page(DESK)
    page.goto(f"{guide}desk/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("跳到正文")
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "content"
    page.focus(".gz-post summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_contain_text("东路社区综治中心")
    page.keyboard.press("Escape")
    assert page.evaluate("() => document.querySelector('.gz-post').open") is False
    assert page.evaluate("() => document.activeElement.closest('.gz-post') !== null")


def code(page: Page) -> str:
    value: str = page.input_value("input[name=grid]")
    return value


def test_a_place_is_chosen_by_keyboard_alone_my_grids_first(guide: str, open_page: OpenPage) -> None:
    page = open_page(PHONE)
    page.goto(f"{guide}form/")
    box = page.get_by_role("combobox", name="网格")
    box.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".gz-place-option[aria-selected=true]")).to_contain_text("01网格")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert code(page) == "360981002002002"
    expect(box).to_have_value("剑光街道 › 东路社区 › 02网格")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.fill("西路")
    assert code(page) == ""  # what was chosen no longer stands for what is typed
    expect(page.locator(".gz-place-option")).to_have_count(3)
    expect(page.locator(".gz-place-status")).to_have_text("找到 3 个，用上下键选")
    page.keyboard.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    assert code(page) == "360981002002011"
    box.fill("没有的地方")
    expect(page.locator(".gz-place-status")).to_have_text("没有找到。换个名称，或在图上点选。")
    page.keyboard.press("Tab")
    expect(page.locator(".gz-place-status")).to_have_text("请从列表里选一个地点。")


def test_an_answer_that_comes_late_does_not_replace_a_newer_one(guide: str, open_page: OpenPage) -> None:
    page = open_page(PHONE)
    held: list[Route] = []

    def answer(route: Route) -> None:
        if "%E4%B8%9C" in route.request.url:  # 东 waits
            held.append(route)
        else:
            route.continue_()

    page.route("**/places/search/**", answer)
    page.goto(f"{guide}form/")
    page.fill("#id_grid", "东")
    page.wait_for_timeout(400)
    page.fill("#id_grid", "西路")
    expect(page.locator(".gz-place-option")).to_have_count(3)
    assert len(held) == 1
    held[0].continue_()
    page.wait_for_timeout(300)
    expect(page.locator(".gz-place-option").first).to_contain_text("西路社区")


def test_a_tap_on_the_schematic_chooses_the_cell_and_its_point(guide: str, open_page: OpenPage) -> None:
    page = open_page(PHONE)
    page.goto(f"{guide}form/")
    page.wait_for_selector(".leaflet-container canvas")
    page.wait_for_function("() => document.querySelector('[data-map-canvas] canvas').width > 0")
    page.wait_for_timeout(300)
    page.locator("[data-map-canvas]").click(position={"x": 164, "y": 140})
    page.wait_for_function("() => document.querySelector('input[name=grid]').value !== ''")
    assert re.fullmatch(r"3609810020020\d\d", code(page))
    assert page.input_value("input[name=position_source]") == "picked"
    assert 28.18 < float(page.input_value("input[name=lat]")) < 28.22
    assert 115.78 < float(page.input_value("input[name=lng]")) < 115.82
    expect(page.locator("[data-map-status]").first).to_contain_text("选中")


def test_a_schematic_cell_is_only_offered(guide: str, open_page: OpenPage) -> None:
    where = {"latitude": 28.186, "longitude": 115.806, "accuracy": 35}
    page = open_page(PHONE, geolocation=where, permissions=["geolocation"])
    page.goto(f"{guide}form/")
    page.click("button[data-locate]")
    expect(page.locator("[data-offer-words]")).to_contain_text("03网格")
    expect(page.locator("[data-position-status]")).to_have_text("已定位，误差约 35 米。")
    assert code(page) == ""
    assert page.input_value("input[name=confirmed]") == ""
    page.click("[data-offer] [data-yes]")
    assert code(page) == "360981002002003"
    assert page.input_value("input[name=confirmed]") == "on"
    assert page.input_value("input[name=accuracy]") == "35"


def test_a_refused_position_says_what_to_do_instead(guide: str, open_page: OpenPage) -> None:
    page = open_page(PHONE, permissions=[])
    page.goto(f"{guide}form/")
    page.click("button[data-locate]")
    expect(page.locator("[data-position-status]")).to_contain_text("可以在图上点选")


def photo(name: str, width: int = 2000, height: int = 1500) -> FilePayload:
    out = io.BytesIO()
    Image.effect_noise((width, height), 60).convert("RGB").save(out, "JPEG", quality=92)
    return {"name": name, "mimeType": "image/jpeg", "buffer": out.getvalue()}


def test_photos_are_made_smaller_before_they_are_sent_and_can_be_taken_out(
    guide: str, open_page: OpenPage
) -> None:
    page = open_page(PHONE)
    page.goto(f"{guide}form/")
    big = [photo(f"现场{n}.JPG") for n in range(3)]
    page.set_input_files("input[type=file]", big)
    expect(page.locator(".gz-photo")).to_have_count(3)
    expect(page.locator(".gz-photos-status")).to_have_text("已选 3 张，最多 4 张。")
    files = page.evaluate(
        "() => Array.from(document.querySelector('input[type=file]').files).map(f => [f.name, f.size])"
    )
    assert [name for name, _size in files] == ["现场0.jpg", "现场1.jpg", "现场2.jpg"]
    assert all(size < len(big[0]["buffer"]) * 0.7 for _name, size in files)
    edges = page.evaluate(
        "async () => { const b = await createImageBitmap(document.querySelector('input[type=file]').files[0]);"
        " return [b.width, b.height]; }"
    )
    assert edges == [1600, 1200]
    page.get_by_role("button", name="去掉 现场0.jpg").click()
    expect(page.locator(".gz-photo")).to_have_count(2)
    page.set_input_files("input[type=file]", [photo(f"又{n}.jpg", 300, 200) for n in range(4)])
    expect(page.locator(".gz-photo")).to_have_count(4)
    expect(page.locator(".gz-photos-status")).to_have_text("最多 4 张，多出的 2 张没有加入。")
    assert page.evaluate("() => document.querySelector('input[type=file]').files.length") == 4


def test_photos_chosen_before_the_script_has_come_are_taken_in(guide: str, open_page: OpenPage) -> None:
    page = open_page(PHONE)
    held: list[Route] = []
    page.route("**/photos*.js", lambda route: held.append(route))
    page.goto(f"{guide}form/", wait_until="commit")
    page.set_input_files("input[type=file]", [photo("现场.JPG", 1800, 1200)])
    assert held, "the script was not held back"
    held[0].continue_()
    expect(page.locator(".gz-photo")).to_have_count(1)
    page.set_input_files("input[type=file]", [photo("又一张.jpg", 300, 200)])
    expect(page.locator(".gz-photo")).to_have_count(2)
    names = page.evaluate(
        "() => Array.from(document.querySelector('input[type=file]').files).map(f => f.name)"
    )
    assert names == ["现场.jpg", "又一张.jpg"]


def test_a_press_during_the_work_on_photos_waits_for_them_and_goes_by_itself(
    guide: str, open_page: OpenPage
) -> None:
    page = open_page(PHONE)
    page.add_init_script(
        "const real = window.createImageBitmap;"
        "window.createImageBitmap = (...all) => new Promise(go => { window.decoded = () => go(real(...all)); });"
    )
    page.goto(f"{guide}form/")
    page.set_input_files("input[type=file]", [photo("现场.jpg", 1800, 1200)])
    page.evaluate("""() => {
        window.sentFiles = [];
        document.querySelector('form.gz-form').addEventListener('submit', event => {
            event.preventDefault();
            window.sentFiles.push(Array.from(event.target.querySelector('input[type=file]').files).map(f => f.name));
        });
    }""")
    page.click("form.gz-form button[type=submit]")
    expect(page.locator(".gz-photos-status")).to_have_text("正在处理照片，好了就自动提交。")
    expect(page.locator("form.gz-form")).to_have_attribute("aria-busy", "true")
    assert page.evaluate("window.sentFiles") == []
    page.evaluate("window.decoded()")
    expect(page.locator(".gz-photo")).to_have_count(1)
    page.wait_for_function("window.sentFiles.length === 1")
    assert page.evaluate("window.sentFiles") == [["现场.jpg"]]


def test_a_file_that_is_no_picture_is_left_to_the_server(guide: str, open_page: OpenPage) -> None:
    page = open_page(PHONE)
    page.goto(f"{guide}form/")
    page.set_input_files(
        "input[type=file]", {"name": "信.jpg", "mimeType": "image/jpeg", "buffer": b"%PDF-1.7 no"}
    )
    expect(page.locator(".gz-photo-name")).to_have_text("信.jpg")
    assert page.evaluate("() => document.querySelector('input[type=file]').files[0].size") == 11


def test_without_scripts_the_plain_fields_are_there(guide: str, open_page: OpenPage) -> None:
    page = open_page(PHONE, java_script_enabled=False)
    page.goto(f"{guide}form/")
    expect(page.locator("input[name=grid]")).to_be_visible()
    expect(page.locator("input[type=file]")).to_be_visible()
    expect(page.locator("button[data-locate]")).to_be_hidden()
    page.goto(f"{guide}case/")
    page.click(".gz-panel-first")
    expect(page.get_by_role("button", name="反馈结果")).to_be_visible()


def test_wrong_input_puts_the_focus_on_the_summary_which_leads_to_the_field(
    guide: str, open_page: OpenPage
) -> None:
    page = open_page(PHONE)
    page.goto(f"{guide}form/")
    page.fill("#id_description", "写了半天的说明")
    page.click("form.gz-form button[type=submit]")
    expect(page.locator(":focus")).to_have_class("gz-errors")
    expect(page.locator("#id_description")).to_have_value("写了半天的说明")
    page.get_by_role("link", name="标题").click()
    expect(page.locator("#id_title")).to_be_focused()
    expect(page.locator("#id_title")).to_have_attribute("aria-invalid", "true")


def test_an_action_opens_in_place_keeps_what_was_typed_and_says_what_happened(
    guide: str, open_page: OpenPage
) -> None:
    page = open_page(DESK)
    page.goto(f"{guide}case/")
    page.click(".gz-panel-first")
    expect(page.locator(":focus")).to_have_text("反馈结果")
    page.select_option("#id_handler", "2")
    page.click(".gz-action-form button[type=submit]")
    expect(page.locator(":focus")).to_have_class("gz-errors")
    expect(page.locator("#id_handler")).to_have_value("2")
    page.fill("#id_note", "已清运")
    page.click(".gz-action-form button[type=submit]")
    expect(page.locator("#case")).to_contain_text("已反馈，转入核查。")
    expect(page.locator("#announce")).to_have_text("已反馈")
    expect(page.locator("#case")).to_be_focused()


def test_not_now_folds_the_form_and_gives_the_focus_back(guide: str, open_page: OpenPage) -> None:
    page = open_page(DESK)
    page.goto(f"{guide}case/")
    page.click(".gz-panel-first")
    page.click("[data-close-form]")
    expect(page.locator("#action-form")).to_be_empty()
    expect(page.locator(".gz-panel-first")).to_be_focused()


def test_a_failed_request_says_why_keeps_the_page_and_can_be_tried_again(
    guide: str, open_page: OpenPage
) -> None:
    page = open_page(DESK)
    page.goto(f"{guide}parts/")
    failure = page.locator("#failure")
    page.click("#slow-503")
    expect(failure).to_contain_text("服务器出了错")
    page.click("#conflict")
    expect(failure).to_contain_text("这个事项现在是“已归档”")
    expect(failure.get_by_role("button", name="刷新页面")).to_be_visible()
    expect(failure.get_by_role("button", name="再试一次")).to_be_hidden()
    page.context.set_offline(True)
    page.click("#fine")
    expect(failure).to_contain_text("网络断了")
    page.context.set_offline(False)
    failure.get_by_role("button", name="再试一次").click()
    expect(page.locator("#place form")).to_be_visible()
    expect(failure).to_be_hidden()


def test_a_slow_answer_shows_that_something_is_under_way(guide: str, open_page: OpenPage) -> None:
    page = open_page(DESK)
    held: list[Route] = []
    page.route("**/ui/action/x/", lambda route: held.append(route))
    page.goto(f"{guide}parts/")
    page.click("#fine")
    expect(page.locator("#progress")).to_be_visible()
    held[0].continue_()
    expect(page.locator("#progress")).to_be_hidden()


def test_nothing_is_done_until_the_question_is_answered(guide: str, open_page: OpenPage) -> None:
    page = open_page(DESK)
    page.goto(f"{guide}parts/")
    sent = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    page.click("#ask")
    expect(page.get_by_role("dialog", name="撤销这个排班？")).to_contain_text("值班人会收到通知。")
    expect(page.locator(":focus")).to_have_text("先不")
    page.keyboard.press("Escape")
    expect(page.locator("#ask")).to_be_focused()
    assert sent == []
    page.click("#ask")
    page.get_by_role("button", name="撤销排班").last.click()
    page.wait_for_url("**/matters/list/")
    assert len(sent) == 1


def test_a_form_pressed_twice_is_sent_once(guide: str, open_page: OpenPage) -> None:
    page = open_page(DESK)
    page.goto(f"{guide}form/")
    held: list[Route] = []
    page.route("**/ui/form/", lambda route: held.append(route))
    button = "document.querySelector('form.gz-form button[type=submit]')"
    page.evaluate(f"() => {{ {button}.click(); setTimeout(() => {button}.click(), 200); }}")
    page.wait_for_timeout(800)
    assert len(held) == 1


def test_the_way_back_leads_to_the_same_filters_and_place(guide: str, open_page: OpenPage) -> None:
    page = open_page(PHONE)
    page.goto(f"{guide}desk/?light=over")
    title = page.locator(".gz-case-title").nth(2)
    title.evaluate("link => link.scrollIntoView({block: 'center', behavior: 'instant'})")
    left = page.evaluate("() => window.scrollY")
    assert left > 100
    title.click()
    page.wait_for_url("**/ui/case/")
    page.click("[data-back]")
    page.wait_for_url("**/ui/desk/?light=over")
    page.wait_for_function("left => Math.abs(window.scrollY - left) < 5", arg=left)


def test_ticked_rows_are_counted_and_all_can_be_ticked(guide: str, open_page: OpenPage) -> None:
    page = open_page(DESK)
    page.goto(f"{guide}desk/")
    bar = page.locator("[data-ticked-bar]")
    expect(bar).to_be_hidden()
    page.check("input[name=number] >> nth=0")
    expect(bar).to_contain_text("已选 1 件")
    page.check("[data-tick-all]")
    expect(bar).to_contain_text("已选 8 件")
    page.uncheck("[data-tick-all]")
    expect(bar).to_be_hidden()


def test_on_paper_there_is_the_matter_and_no_navigation(guide: str, open_page: OpenPage) -> None:
    page = open_page(DESK, color_scheme="dark")
    page.goto(f"{guide}case/")
    page.emulate_media(media="print")
    for gone in (".gz-side", ".gz-top", ".gz-panel", ".gz-back"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(page.locator(".gz-print-foot")).to_be_visible()
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("() => getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"
