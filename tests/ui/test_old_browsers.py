"""Offices keep old computers: without what Chromium 87 does not know, text, buttons and states look the same
(tests/old_browser.py makes this browser such a one.)
"""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from config import browsers
from tests.browser import DESK, PHONE, OpenPage, serious_violations, sideways
from tests.old_browser import as_before, older

# What people must be able to read and press, and by what they tell states.
LOOKED_AT = """() => Array.from(document.querySelectorAll(
  'body, h1, h2, p, a, label, input, select, .btn, .gz-chip, .gz-state, [data-look], th, td, .badge, .gz-note, summary'
)).filter(one => one.offsetParent).slice(0, 400).map(one => {
  const s = getComputedStyle(one);
  return [one.tagName + '.' + one.className, s.color, s.backgroundColor, s.borderTopColor, s.fontSize, s.fontWeight, s.display,
    s.textDecorationLine, s.minHeight].join(' | ');
})"""
PAGES = ("desk", "case", "form", "parts")


def differences(old: Page, new: Page) -> list[str]:
    """What looks otherwise, once scripts have made of both pages what they make of them."""
    found: list[str] = []
    for _turn in range(40):
        pairs = zip_longest(old.evaluate(LOOKED_AT), new.evaluate(LOOKED_AT))
        found = [f"{a} was {b}" for a, b in pairs if a != b]
        if not found:
            break
        old.wait_for_timeout(250)
    return found


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_text_buttons_and_states_need_no_newer_css(
    guide: str, open_page: OpenPage, viewport: dict[str, int]
) -> None:
    new, old = open_page(viewport, reduced_motion="reduce"), open_page(viewport, reduced_motion="reduce")
    as_before(old)
    for name in PAGES:
        for page in (new, old):
            page.goto(f"{guide}{name}/")
            page.wait_for_load_state("networkidle")
        assert differences(old, new) == [], name
        assert sideways(old) == 0 and serious_violations(old) == [], name


def test_the_sheets_hold_newer_css_to_look_for() -> None:
    """Tabler has it; should it be gone one day, the test above would look at nothing."""
    tabler = (browsers.PACKAGES / "@tabler/core/dist/css/tabler.min.css").read_text(encoding="utf-8")
    assert older(tabler).count("unknown-") > 300


def test_a_script_or_sheet_that_is_too_new_is_found(tmp_path: Path, capfd: Any) -> None:
    script, sheet = tmp_path / "new.js", tmp_path / "new.css"
    script.write_text("var last = [1, 2].at(-1);", encoding="utf-8")
    sheet.write_text("p:has(a) { color: oklch(50% 0.1 200); }", encoding="utf-8")
    assert not browsers.scripts_pass([script])
    assert not browsers.sheets_pass([sheet])
    said = capfd.readouterr()
    assert "ArrayPrototypeAt" in said.out + said.err and ":has()" in said.out + said.err
    script.write_text("var last = [1, 2][1];", encoding="utf-8")
    sheet.write_text("p > a { color: #123456; }", encoding="utf-8")
    assert browsers.scripts_pass([script]) and browsers.sheets_pass([sheet])
