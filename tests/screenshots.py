"""make screenshots: pictures of the demo city as its people see it, for the README and for looking at.

    python -m tests.screenshots          the README's pictures, into docs/images/
    python -m tests.screenshots --all    every main page of every role, at four widths and in both languages,
                                         into GEZHI_VAR/screenshots/

Starts the program on a folder and a port of its own, so that a running one is left alone.
"""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import chromium_path

BASE_DIR = Path(__file__).resolve().parents[1]
INCIDENTS = 160
WIDTHS = {360: 740, 768: 1024, 1440: 900, 1920: 1080}
# What each role opens in its day.
PAGES = {
    "worker": ["/", "/incidents/report/", "/incidents/", "/notices/", "/me/"],
    "village": ["/", "/incidents/intake/", "/incidents/"],
    "township": [
        "/",
        "/incidents/",
        "/incidents/map/",
        "/incidents/overdue/",
        "/incidents/intake/",
        "/notices/",
        "/whistles/todo/",
        "/whistles/new/",
        "/whistles/ledger/",
    ],
    "secretary": ["/", "/incidents/", "/whistles/todo/"],
    "centre": [
        "/",
        "/incidents/",
        "/incidents/overdue/",
        "/incidents/categories/",
        "/mediations/overview/",
        "/mediations/figures/?group=ending",
        "/mediations/subsidies/",
    ],
    "officer": ["/", "/incidents/", "/duty-roster/", "/whistles/mine/"],
    "committee": [
        "/",
        "/incidents/overdue/",
        "/incidents/map/",
        "/whistles/board/",
        "/whistles/ledger/",
        "/whistles/negative/",
        "/whistles/figures/",
        "/oversight/board/",
        "/oversight/wall/",
        "/oversight/map/",
        "/oversight/figures/",
        "/oversight/bulletins/",
        "/oversight/assessments/",
        "/oversight/definitions/",
    ],
    "mediator": [
        "/",
        "/mediations/todo/",
        "/mediations/list/",
        "/mediations/new/",
        "/mediations/fast/",
        "/mediations/calendar/",
        "/mediations/figures/",
        "/mediations/subsidies/",
        "/mediations/committees/",
        "/mediations/experts/",
        "/mediations/templates/",
    ],
    "sysadmin": ["/", "/people/", "/incidents/categories/"],
    "secadmin": ["/", "/posts/"],
    "auditor": ["/"],
}


@contextmanager
def program() -> Iterator[tuple[str, str]]:
    """The whole program with the demo city: its address and the demo's password."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    password = secrets.token_urlsafe(12)
    with tempfile.TemporaryDirectory(prefix="gezhi-") as folder:
        environment = {**os.environ, "GEZHI_VAR": folder, "PORT": str(port), "GEZHI_DEMO_PASSWORD": password}
        environment = {name: value for name, value in environment.items() if name != "DJANGO_SETTINGS_MODULE"}
        for command in (["migrate", "-v0"], ["apply_grants"], ["load_demo", "--incidents", str(INCIDENTS)]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=BASE_DIR, env=environment, check=True)
        environment["GEZHI_DEMO"] = "0"  # it is loaded already, with a shorter history
        process = subprocess.Popen([sys.executable, "-m", "config.supervise"], cwd=BASE_DIR, env=environment)
        try:
            yield _wait(f"http://localhost:{port}", process), password
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _wait(address: str, process: subprocess.Popen[bytes], seconds: int = 300) -> str:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=2).close()
        except OSError:
            time.sleep(1)
        else:
            return address
    raise SystemExit("the program did not start")


def signed_in(
    browser: Browser, address: str, username: str, password: str, width: int, language: str
) -> Page:
    """A window of this width in which a demo person is signed in."""
    context = browser.new_context(viewport={"width": width, "height": WIDTHS[width]}, locale=language)
    page = context.new_page()
    page.goto(f"{address}/login/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state("networkidle")
    return page


def first_case(page: Page, address: str, where: str = "/incidents/", begins: str = "/incidents/SJ") -> str:
    """The address of the newest case of a list that the person sees."""
    page.goto(f"{address}{where}")
    link = page.locator(f"main a[href^='{begins}']").first
    return f"{address}{link.get_attribute('href')}"


def first_dispute(page: Page, address: str, state: str = "") -> str:
    """The address of the newest dispute, in a state where one is named."""
    return first_case(
        page, address, f"/mediations/list/?state={state}" if state else "/mediations/list/", "/mediations/TJ"
    )


def readme(browser: Browser, address: str, password: str) -> None:
    """The pictures of the README."""
    folder = BASE_DIR / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    page = signed_in(browser, address, "township", password, 1440, "zh-CN")
    page.screenshot(path=folder / "desk.png")
    page.goto(first_case(page, address))
    page.wait_for_timeout(1500)
    page.screenshot(path=folder / "case.png")
    watching = signed_in(browser, address, "committee", password, 1440, "zh-CN")
    watching.goto(f"{address}/whistles/board/")
    watching.wait_for_timeout(1500)
    watching.screenshot(path=folder / "board.png")
    for name, path in (("oversight", "/oversight/board/"), ("map", "/oversight/map/")):
        watching.goto(f"{address}{path}")
        watching.wait_for_timeout(2500)
        watching.screenshot(path=folder / f"{name}.png")
    mediating = signed_in(browser, address, "mediator7", password, 1440, "zh-CN")
    mediating.goto(first_dispute(mediating, address, "performing"))
    mediating.wait_for_timeout(1500)
    mediating.screenshot(path=folder / "dispute.png")
    phone = signed_in(browser, address, "worker", password, 360, "zh-CN")
    phone.goto(f"{address}/incidents/report/")
    phone.wait_for_timeout(1500)
    phone.screenshot(path=folder / "report.png")


def everything(browser: Browser, address: str, password: str, folder: Path) -> None:
    """Every page of the table above, for people to look at."""
    folder.mkdir(parents=True, exist_ok=True)
    for username, paths in PAGES.items():
        for width in WIDTHS:
            page = signed_in(browser, address, username, password, width, "zh-CN")
            shots = [(path, f"{address}{path}") for path in paths]
            if username in ("township", "officer", "worker"):
                shots.append(("case", first_case(page, address)))
            if username == "mediator":
                shots.append(("dispute", first_dispute(page, address)))
            for path, url in shots:
                page.goto(url)
                page.wait_for_timeout(600)
                name = path.strip("/").replace("/", "-") or "home"
                page.screenshot(path=folder / f"{username}-{name}-{width}.png", full_page=True)
            page.context.close()


def main() -> None:
    """Make the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    with program() as (address, password), sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=chromium_path(), args=["--no-sandbox", "--disable-background-networking"]
        )
        if options.all:
            var = Path(os.environ.get("GEZHI_VAR") or BASE_DIR / "var")
            everything(browser, address, password, var / "screenshots")
        else:
            readme(browser, address, password)
        browser.close()


if __name__ == "__main__":
    main()
