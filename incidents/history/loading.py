"""Copying rows into the tables of the spine, fast: without their foreign keys and plain indexes, which come back after.

All in the caller's transaction, as the owner of the tables: nobody ever sees a table without its guards. The trigger
that lets a record grow by one entry at a time is off meanwhile; `broken_chains` asks the same of all at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, Final

from django.db import connection

from incidents.history.rows import COLUMNS

TABLES: Final = list(COLUMNS)
_GROWS: Final = "cases_event_continues"


def _all(sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _run(sql: str, parameters: Any = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def reserve(sequence: str, number: int) -> int:
    """Take so many values of a sequence; returns the one before the first."""
    (last,) = _all("SELECT nextval(%s)", [sequence])[0]
    _run("SELECT setval(%s, %s)", [sequence, last + number])
    return int(last)


@contextmanager
def bare_tables() -> Iterator[None]:
    """Inside, the tables have no foreign keys and no indexes but the unique ones."""
    # What is still to be checked at the end of the transaction is checked now: a table with such checks is not altered.
    _run("SET CONSTRAINTS ALL IMMEDIATE")
    keys = _all(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid = ANY(%s::regclass[]) ORDER BY conname",
        [TABLES],
    )
    indexes = _all(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE NOT indisunique AND indrelid = ANY(%s::regclass[]) ORDER BY 1",
        [TABLES],
    )
    _run("SET LOCAL maintenance_work_mem = '512MB'")
    for table, name, _definition in keys:
        _run(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _definition in indexes:
        _run(f"DROP INDEX {name}")
    _run(f"ALTER TABLE cases_caseevent DISABLE TRIGGER {_GROWS}")
    yield
    _run(f"ALTER TABLE cases_caseevent ENABLE TRIGGER {_GROWS}")
    for _name, definition in indexes:
        _run(definition)
    for table, name, definition in keys:
        _run(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    for table in TABLES:
        _run(f"ANALYZE {table}")
    _run("SET CONSTRAINTS ALL DEFERRED")


def copy_in(sheet: dict[str, bytes]) -> None:
    """Copy the rows of one part, table by table."""
    with connection.cursor() as cursor:
        for table, columns in COLUMNS.items():
            if sheet[table]:
                named = ", ".join(f'"{column}"' for column in columns.split(","))
                cursor.copy_expert(f"COPY {table} ({named}) FROM STDIN", BytesIO(sheet[table]))


def broken_chains(first: int, last: int) -> int:
    """How many entries of these cases do not continue the one before, and how many cases do not end with their last."""
    found = _all(
        """
        WITH entries AS (
            SELECT case_id, seq, prev_hash, hash, row_number() OVER record AS place,
                   lag(hash, 1, '') OVER record AS before, lead(seq) OVER record IS NULL AS is_last
            FROM cases_caseevent WHERE case_id BETWEEN %(first)s AND %(last)s
            WINDOW record AS (PARTITION BY case_id ORDER BY seq)
        )
        SELECT count(*) FROM cases_case c LEFT JOIN entries e ON e.case_id = c.id
        WHERE c.id BETWEEN %(first)s AND %(last)s AND (
            e.seq IS NULL OR e.seq <> e.place OR e.prev_hash <> e.before
            OR (e.is_last AND (e.seq, e.hash) IS DISTINCT FROM (c.last_seq, c.last_hash))
        )
        """,
        {"first": first, "last": last},
    )
    return int(found[0][0])
