"""Rows as a file to be kept: Excel or CSV by the ending of its name."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from cases import exports
from cases.exports import Columns, Value


def exported(columns: Columns, rows: Iterable[list[Value]], name: str, title: str) -> HttpResponseBase:
    """The answer that sends them. `title`: of the Excel sheet."""
    if name.endswith(".xlsx"):
        return FileResponse(exports.excel(columns, rows, title), as_attachment=True, filename=name)
    answer = StreamingHttpResponse(exports.csv_lines(columns, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = content_disposition_header(True, name) or ""
    return answer
