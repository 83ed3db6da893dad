"""Rows into PostgreSQL by COPY, made while they are sent: no list of the country's 665,000 divisions in memory."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any


class _Lines(io.TextIOBase):
    """A file that is read from an iterator of lines."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._rest = ""

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> str:
        parts, length = [self._rest], len(self._rest)
        while size is None or size < 0 or length < size:
            line = next(self._lines, None)
            if line is None:
                break
            parts.append(line)
            length += len(line)
        text = "".join(parts)
        end = len(text) if size is None or size < 0 else size
        self._rest = text[end:]
        return text[:end]


def copy_rows(cursor: Any, table: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Appends rows to a table. An empty text stays an empty text; values hold no control characters.

    `cursor` is Django's; `copy_expert` of the psycopg2 cursor beneath it does the work.
    """
    lines = ("\t".join(str(value).replace("\\", "\\\\") for value in row) + "\n" for row in rows)
    cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", _Lines(lines))
