"""Headless Chromium for tests. A machine without one skips them; with CI=true that is a failure."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

AXE = Path(__file__).resolve().parents[1] / "node_modules/axe-core/axe.min.js"
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1440, "height": 900}


# A test waits for what it expects; several processes share the processors, so for longer than one alone would need.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)


def chromium_path() -> str | None:
    """Where Chromium is: CHROMIUM, or on the path."""
    names = [os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"]
    return next((found for name in names if name and (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the whole run."""
    path = chromium_path()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium on this machine")
        pytest.skip("no Chromium on this machine")
    # The browser's driver keeps an event loop in this thread, which Django takes for an async caller.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as driver:
        args = ["--no-sandbox", "--disable-background-networking"]
        browser = driver.chromium.launch(executable_path=path, args=args)
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    """A new window: `open_page(PHONE, color_scheme="dark")`. What a script throws fails the test."""
    contexts, thrown = [], []

    def make(viewport: dict[str, int] = DESK, **options: Any) -> Page:
        context = chromium.new_context(viewport=viewport, locale="zh-CN", **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: thrown.append(str(error)))
        page.on("console", lambda said: thrown.append(said.text) if "Content Security" in said.text else None)
        return page

    yield make
    for context in contexts:
        for page in context.pages:
            # A window closed while it still loads may never close; this waits for it, or gives up.
            page.goto("about:blank", timeout=5_000)
        context.close()
    assert thrown == []


def serious_violations(page: Page) -> list[str]:
    """What axe-core finds serious or critical on the page as it stands, one line each."""
    if not page.evaluate("() => 'axe' in window"):
        # Evaluated by the driver: the page's own policy forbids strangers' scripts.
        page.evaluate(AXE.read_text())
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{rule['id']}: {node['target'][0]} {node['failureSummary'].splitlines()[-1].strip()}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    wider = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    width: int = page.evaluate(wider)
    return width
