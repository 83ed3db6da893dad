"""Following the numbers of a page: each leads to a list that holds exactly as many."""

from __future__ import annotations

import re
from html import unescape

from django.test import Client

LINK = re.compile(
    r'<a(?: class="[^"]*")? href="(/(?:oversight/behind|incidents|incidents/overdue|whistles/negative)/\?[^"]+)">([\d,]+)</a>'
)
TOTAL = re.compile(r"共 ([\d,]+) (?:件|条|项)")


def numbers(page: str) -> list[tuple[str, int]]:
    """The numbers of a page that are links, with their addresses."""
    return [(unescape(url), int(said.replace(",", ""))) for url, said in LINK.findall(page)]


def follow(client: Client, page: str) -> int:
    """Go after every number; returns how many there were."""
    found = numbers(page)
    for url, number in found:
        answer = client.get(url)
        assert answer.status_code == 200, url
        body = answer.content.decode()
        if url.startswith("/incidents/overdue/"):
            rows = body.split('id="duties-title"')[1].split("</table>")[0].count("<tr")
            assert rows == number + 1, (url, number)  # with its head
            continue
        said = {int(one.replace(",", "")) for one in TOTAL.findall(body)}
        assert number in said, (url, number, said)
        if url.startswith("/oversight/"):
            assert body.count("data-line") == number, url
    return len(found)
