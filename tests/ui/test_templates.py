"""What no template, style or script may hold: the policy forbids it, or an old phone does not know it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SHEETS = sorted((ROOT / "static/css").glob("*.css"))
SCRIPTS = sorted((ROOT / "static/js").glob("*.js"))
TAGS = re.compile(r"{%\s*comment.*?endcomment\s*%}|{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)


class Finder(HTMLParser):
    """Collects what a strict policy would block."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name == "style" or name.startswith(("on", "hx-on")):
                self.found.append(name)
            if (value or "").strip().lower().startswith(("javascript:", "js:", "http:", "https:", "//")):
                self.found.append(f"{name}={value}")


def blocked(source: str) -> list[str]:
    finder = Finder()
    finder.feed(TAGS.sub("", source))
    return finder.found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_has_no_inline_script_style_handler_or_strange_host(path: Path) -> None:
    assert blocked(path.read_text()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        '<p style="color: red">',
        "<style>p {}</style>",
        "<script>alert(1)</script>",
        '<button onclick="x()">',
        '<a href="javascript:void(0)">',
        '<div hx-on:click="x()">',
        '<div hx-vals="js:{a: 1}">',
        '<script src="https://example.org/x.js"></script>',
        '<p {% if a %}style="color: red"{% endif %}>',
    ],
)
def test_the_search_finds_what_it_looks_for(wrong: str) -> None:
    assert blocked(wrong)


# Chromium 87 and the phones of its time know none of these.
TOO_NEW_IN_CSS = (
    "color-mix(",
    "oklch(",
    "light-dark(",
    "lab(",
    ":has(",
    ":is(",
    ":where(",
    "aspect-ratio",
    "@container",
    "@layer",
    "dvh",
    "svh",
    "inset:",
    "&:",
)
TOO_NEW_IN_JS = [
    r"\?\.[a-zA-Z\[(]",
    r"\?\?",
    r"\.at\(",
    r"\.finally\(",
    r"replaceAll\(",
    r"fromEntries",
    r"\.flat(Map)?\(",
    r"structuredClone",
    r"replaceChildren",
    r"[{,]\s*\.\.\.",
    r"catch\s*\{",
    r"^\s*#\w+\s*[=(]",
    r"\beval\(",
    r"new Function",
    r"innerHTML",
]


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_a_style_sheet_is_understood_by_an_old_phone(path: Path) -> None:
    source = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    assert [word for word in TOO_NEW_IN_CSS if word in source] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_understood_by_an_old_phone_and_writes_no_markup(path: Path) -> None:
    lines = [line for line in path.read_text().splitlines() if not line.strip().startswith("//")]
    assert [line for line in lines for rule in TOO_NEW_IN_JS if re.search(rule, line)] == []


def test_scripts_and_sheets_were_found() -> None:
    assert len(SCRIPTS) >= 10
    assert len(SHEETS) >= 3
    assert len(TEMPLATES) >= 30


def test_every_icon_that_is_named_is_drawn() -> None:
    drawn = set(re.findall(r'symbol id="([\w-]+)"', (ROOT / "static/img/icons.svg").read_text()))
    named = {
        name
        for path in TEMPLATES
        for name in re.findall(r'{% icon "([\w-]+)"', path.read_text())
        + re.findall(r'icon_name="([\w-]+)"', path.read_text())
    }
    assert named
    assert named <= drawn
