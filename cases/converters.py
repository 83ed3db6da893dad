"""How a case's number looks in an address."""

from __future__ import annotations


class CaseNumber:
    """SJ2026-0000123: two letters of the kind, the year, a running number."""

    regex = "[A-Z]{2}[0-9]{4}-[0-9]{7,12}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
