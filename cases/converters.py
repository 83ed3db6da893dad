"""How a case's number looks in an address. Importing this makes `<case_number:number>` known, once."""

from __future__ import annotations

from django.urls import register_converter


class CaseNumber:
    """SJ2026-0000123: two letters of the kind, the year, a running number."""

    regex = "[A-Z]{2}[0-9]{4}-[0-9]{7,12}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(CaseNumber, "case_number")
