"""This browser made to behave like Chromium 87: the style sheets are served with the names of newer CSS changed to names that no
browser knows, so that it passes over them as that one does; newer functions of scripts are taken away."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route

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


def older(text: str) -> str:
    """A style sheet as a browser of that time reads it: newer names mean nothing."""
    return NEWER.sub(lambda found: f"unknown-{found.group(0)}", text)


def as_before(page: Page) -> None:
    """From now on this window is such a browser."""

    def serve(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=older(answer.text()))

    page.route(re.compile(r"\.css(\?|$)"), serve)
    page.add_init_script(f"({TAKEN})()")
