"""The same small catalogue and cases as the spine's tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page

from accounts.models import Post
from cases.models import Case
from tests.browser import DESK
from tests.cases.conftest import NewCase, _media, category, make_category, new_case, sensitive, workdays

Show = Callable[..., Page]

__all__ = ["_media", "category", "new_case", "sensitive", "village_case", "workdays"]


@pytest.fixture
def village_case(new_case: NewCase) -> NewCase:
    """An incident of a category that the village's own centre files."""
    small = make_category("1102", filing_level="village")

    def make(by: Post | None = None, **values: Any) -> Case:
        return new_case(by, category=small, **values)

    return make


@pytest.fixture
def show(live_server: Any, open_page: Any, browser_of: Callable[[Post], Client]) -> Show:
    """A page as a person sees it: `show(cast.township, "/incidents/", PHONE)`; options are the window's."""

    def visit(who: Post, url: str, viewport: dict[str, int] = DESK, **options: Any) -> Page:
        page: Page = open_page(viewport, **options)
        cookie = browser_of(who).cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page.goto(f"{live_server.url}{url}")
        return page

    return visit
