"""What people do with a browser: sign in, open a case, press an action and fill its short form."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from accounts.models import Post
from cases.models import Case
from tests.browser import DESK, PHONE
from tests.cast import PASSWORD


class Hands:
    """What people do with a browser."""

    def __init__(self, live_server: Any, open_page: Any) -> None:
        self.server, self.open_page = live_server, open_page
        self.pages: dict[int, Page] = {}
        self.phones = {"grid_worker"}

    def of(self, post: Post) -> Page:
        """A window in which this person is signed in, by the sign-in page."""
        if post.pk not in self.pages:
            page = self.open_page(PHONE if post.role in self.phones else DESK)
            page.goto(f"{self.server.url}/login/")
            page.fill("input[name=username]", post.user.username)
            page.fill("input[name=password]", PASSWORD)
            page.press("input[name=password]", "Enter")
            page.wait_for_url(re.compile(r"(?!.*login)"))
            self.pages[post.pk] = page
        return self.pages[post.pk]

    def open(self, post: Post, case: Case) -> Page:
        page = self.of(post)
        page.goto(f"{self.server.url}{case.get_absolute_url()}")
        return page

    def do(self, post: Post, case: Case, label: str, **fields: Any) -> Page:
        """Press an action, fill its short form in place, press it again; the case must have moved on."""
        page = self.open(post, case)
        seq = Case.objects.get(pk=case.pk).last_seq
        page.locator(".gz-panel-buttons").get_by_role("link", name=label, exact=True).click()
        form = page.locator("form.gz-action-form")
        form.wait_for()
        for name, value in fields.items():
            self.fill(form.locator(f"[name={name}]").first, value)
        form.locator("button[type=submit]").click()
        page.locator("form.gz-action-form").wait_for(state="detached")
        case.refresh_from_db()
        assert case.last_seq > seq, f"{label} left no entry"
        return page

    @staticmethod
    def fill(control: Any, value: Any) -> None:
        kind = control.evaluate("e => e.tagName + ':' + (e.type || '')")
        if kind.startswith("SELECT"):
            control.select_option(value)
        elif kind == "INPUT:file":
            control.set_input_files(str(value))
        elif kind == "INPUT:radio":
            control.page.locator(f"input[name={control.get_attribute('name')}][value='{value}']").check()
        else:
            control.fill(str(value))

    def cannot(self, post: Post, case: Case, label: str) -> None:
        """The action is not offered to this person."""
        page = self.open(post, case)
        page.locator(".gz-panel").wait_for()
        expect(page.locator(".gz-panel-buttons").get_by_role("link", name=label, exact=True)).to_have_count(0)
