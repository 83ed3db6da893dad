"""Offices keep old computers: without what Chromium 87 does not know, text, buttons and states look the same.

The style sheets are served with the names of newer CSS changed to names that no browser knows, so that this one
passes over them as that one does; newer functions of scripts are taken away.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from config import browsers
from tests.browser import DESK, PHONE, OpenPage, serious_violations, sideways

# CSS that Chromium 87 does not know (all of it that the sheets have): functions, selectors, rules, properties.
NEWER = re.compile(
    r"(?<![\w-])(oklch|oklab|lch|lab|color-mix|color|light-dark)(?=\()"
    r"|(?<=:)(is|where|has)(?=\()"
    r"|(?<=@)(container|layer|scope|starting-style|supports)(?=[\s(])"
    r"|(?<=[;{\s])(aspect-ratio|accent-color|translate|rotate|scale|text-wrap|scrollbar-gutter)(?=\s*:)"
    r"|(?<=\d)(dvh|svh|lvh|dvw|svw|lvw)(?![\w-])"
)
# Functions that came later.
TAKEN = """() => {
  delete Array.prototype.at; delete String.prototype.at; delete Object.hasOwn; delete window.structuredClone;
  delete Array.prototype.findLast; delete Array.prototype.toSorted; delete Array.prototype.toReversed;
  delete AbortSignal.timeout; delete Promise.withResolvers; delete Object.groupBy; delete Element.prototype.checkVisibility;
  if (window.crypto) { delete Crypto.prototype.randomUUID; }
}"""
# What people must be able to read and press, and by what they tell states.
LOOKED_AT = """() => Array.from(document.querySelectorAll(
  'body, h1, h2, p, a, label, input, select, .btn, .gz-chip, .gz-state, [data-look], th, td, .badge, .gz-note, summary'
)).filter(one => one.offsetParent).slice(0, 400).map(one => {
  const s = getComputedStyle(one);
  return [one.tagName + '.' + one.className, s.color, s.backgroundColor, s.borderTopColor, s.fontSize, s.fontWeight, s.display,
    s.textDecorationLine, s.minHeight].join(' | ');
})"""
PAGES = ("desk", "case", "form", "parts")


def older(text: str) -> str:
    """A style sheet as a browser of that time reads it: newer names mean nothing."""
    return NEWER.sub(lambda found: f"unknown-{found.group(0)}", text)


def as_before(page: Page) -> None:
    def serve(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=older(answer.text()))

    page.route(re.compile(r"\.css(\?|$)"), serve)
    page.add_init_script(f"({TAKEN})()")


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
        assert old.evaluate(LOOKED_AT) == new.evaluate(LOOKED_AT), name
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
