"""Very many open duties in a running program, and some of them falling due: written straight into the tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.ops.program import Program

DUTIES = ("file", "accept", "handle", "whole", "verify")

CASES = """
INSERT INTO cases_case (number, kind, title, state, resume_state, place_id, place_prefix, office_id, urgent,
    supervision, sensitive, visible_roles, opened_at, updated_at, last_seq, last_hash, search)
SELECT 'BENCH-' || n, kind, title, state, resume_state, place_id, place_prefix, office_id, urgent,
    supervision, sensitive, visible_roles, opened_at, updated_at, 0, '', search
FROM (SELECT * FROM cases_case ORDER BY id LIMIT 1) AS model, generate_series(1, %s) AS n
"""
# Every duty has ten days, its reminder after seven; departments and township centres in turn.
DEADLINES = """
INSERT INTO cases_deadline (case_id, duty, item, holder_department_id, holder_division_id, started_at, amount, unit,
    extra, due_at, provisional)
SELECT c.id, duty, 0, CASE WHEN c.id %% 2 = 0 THEN office.id END, CASE WHEN c.id %% 2 = 1 THEN c.office_id END,
    now(), 14400, 'clock_minutes', 0, now() + interval '10 days', false
FROM cases_case AS c, unnest(%s::text[]) AS duty,
    (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n, count(*) OVER () AS whole FROM grids_department) AS office
WHERE c.number LIKE 'BENCH-%%' AND office.n = c.id %% office.whole
"""
MARKS = """
INSERT INTO cases_deadlinemark (deadline_id, kind, at, outcome)
SELECT d.id, mark.kind, d.started_at + share * (d.due_at - d.started_at), ''
FROM cases_deadline AS d JOIN cases_case AS c ON c.id = d.case_id,
    (VALUES ('remind', 0.7), ('miss', 1)) AS mark(kind, share)
WHERE c.number LIKE 'BENCH-%%'
"""
# The ends of some untouched duties, in no order of their cases, moved so that they fall due from an instant on.
DUE = """
WITH chosen AS (
    SELECT d.id, %s::timestamptz + (row_number() OVER (ORDER BY hashint8(d.id)) - 1) * %s * interval '1 second' AS at
    FROM cases_deadline AS d JOIN cases_case AS c ON c.id = d.case_id
    WHERE c.number LIKE 'BENCH-%%' AND d.missed_at IS NULL ORDER BY hashint8(d.id) LIMIT %s
), moved AS (
    UPDATE cases_deadline AS d SET due_at = chosen.at, started_at = chosen.at - interval '10 days'
    FROM chosen WHERE d.id = chosen.id
), reminded AS (
    UPDATE cases_deadlinemark AS m SET at = chosen.at - interval '3 days', taken_at = now(), outcome = 'done'
    FROM chosen WHERE m.deadline_id = chosen.id AND m.kind = 'remind'
)
UPDATE cases_deadlinemark AS m SET at = chosen.at FROM chosen WHERE m.deadline_id = chosen.id AND m.kind = 'miss'
RETURNING m.deadline_id
"""
# Those still to take effect of all that end up to an instant: a cheap question, asked while they do.
WAITING = "SELECT count(*) FROM cases_deadlinemark WHERE taken_at IS NULL AND at IS NOT NULL AND at <= %s"
# What a mark says, and when its transaction was committed.
LAGS = """
SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin) - at)::float
FROM cases_deadlinemark WHERE kind = 'miss' AND taken_at IS NOT NULL AND deadline_id = ANY(%s)
"""
# Of each end: whether it was taken and missed at its own instant, and how many entries say so.
EFFECTS = """
SELECT d.missed_at IS NOT DISTINCT FROM d.due_at AND m.taken_at IS NOT NULL, count(e.id)
FROM cases_deadline AS d
JOIN cases_deadlinemark AS m ON m.deadline_id = d.id AND m.kind = 'miss'
LEFT JOIN cases_caseevent AS e
    ON e.case_id = d.case_id AND e.verb = 'deadline.missed' AND e.data ->> 'duty' = d.duty
WHERE d.id = ANY(%s) GROUP BY d.id, m.id
"""
# Records whose entries do not follow each other or do not end where the case says.
BROKEN = """
WITH entry AS (
    SELECT *, lag(hash, 1, '') OVER w AS before, row_number() OVER w AS n,
        lead(id) OVER w IS NULL AS last
    FROM cases_caseevent WINDOW w AS (PARTITION BY case_id ORDER BY seq)
)
SELECT count(*) FROM entry JOIN cases_case AS c ON c.id = entry.case_id
WHERE seq <> n OR prev_hash <> before OR last AND (hash <> last_hash OR seq <> last_seq)
"""
TOLD = (
    "SELECT count(*) FROM cases_notice AS n JOIN cases_caseevent AS e ON e.id = n.event_id WHERE e.at >= %s"
)


def gather(program: Program, cases: int) -> None:
    """So many cases, each with an open duty of every kind."""
    for statement, values in ((CASES, [cases]), (DEADLINES, [list(DUTIES)]), (MARKS, [])):
        program.rows(statement, *values)
    for table in ("cases_case", "cases_deadline", "cases_deadlinemark"):
        program.rows(f"ANALYZE {table}")


def fall_due(program: Program, count: int, first: datetime, spread: float) -> list[int]:
    """Let so many duties end from an instant on, evenly over `spread` seconds; the ids of the deadlines."""
    return [pk for (pk,) in program.rows(DUE, first, spread / count, count)]


def one(program: Program, statement: str, *values: Any) -> Any:
    """The one value of a statement's one row."""
    return program.rows(statement, *values)[0][0]
