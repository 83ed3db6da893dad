"""From the record to tallies: the one place that says what counts, on which day, for whom. Plain SQL over sets of cases.

The same statement counts a handful of changed cases and a million of them. tests/oversight/plain.py says the same
once more, slowly and case by case.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from oversight import measures

# The cases that are counted, with what a tally says of each.
_CHOSEN: Final = """
chosen AS (
    SELECT c.id, c.kind, c.state, c.closed_at, c.place_prefix AS place,
           CASE WHEN c.sensitive THEN (
               SELECT ',' || string_agg(role, ',' ORDER BY role) || ',' FROM unnest(c.visible_roles) AS role
           ) ELSE '' END AS seen_by,
           coalesce(category.code, dispute.kind, whistle.subject, '') AS category,
           coalesce(incident.split_task, '') <> '' AS task,
           whistle.sounded_at, dispute.ending
    FROM cases_case c
    LEFT JOIN incidents_incident incident ON incident.case_id = c.id
    LEFT JOIN incidents_category category ON category.id = incident.category_id
    LEFT JOIN mediation_mediation dispute ON dispute.case_id = c.id
    LEFT JOIN whistle_whistle whistle ON whistle.case_id = c.id
    WHERE {which}
)"""

# Each judged duty falls due unmet, is met on time, or both late: one row an instant. A duty that fell away before its end
# counts nowhere; one that fell away after it was missed stays missed.
_DUTIES: Final = """
ends AS (
    SELECT d.case_id, d.duty, instant.at, d.missed_at IS NOT NULL AS late, instant.done,
           d.extra > 0 OR EXISTS (SELECT FROM cases_deadlinepause p WHERE p.deadline_id = d.id) AS moved,
           CASE WHEN d.holder_department_id IS NOT NULL THEN 'd' || d.holder_department_id
                ELSE 'o' || d.holder_division_id END AS office
    FROM cases_deadline d
    JOIN chosen ON chosen.id = d.case_id AND chosen.kind = 'incident'
    CROSS JOIN LATERAL (VALUES (d.missed_at, false), (d.met_at, true)) AS instant(at, done)
    WHERE d.duty = ANY(%(duties)s) AND instant.at IS NOT NULL
    -- the tasks of a split are not archived for themselves: their whole is the matter that they were split from
    AND NOT (chosen.task AND d.duty = 'whole')
),
judged AS (
    SELECT case_id, duty, at, late, done, moved, '' AS who FROM ends
    UNION ALL
    SELECT case_id, duty, at, late, done, moved, office FROM ends WHERE duty = ANY(%(office_duties)s)
),
judged_days AS (
    SELECT case_id, who, duty, {day} AS day, bool_or(late) AS late, bool_or(moved) AS moved,
           (array_agg(done ORDER BY at DESC, done DESC))[1] AS done
    FROM judged GROUP BY 1, 2, 3, 4
),
judged_tallies(case_id, item, who, measure, day, twin) AS (
    SELECT case_id, 0, who, duty || '.due', day, lag(day) OVER whole FROM judged_days
    WINDOW whole AS (PARTITION BY case_id, who, duty ORDER BY day)
    UNION ALL
    SELECT case_id, 0, who, duty || '.late', day, lag(day) OVER whole FROM judged_days WHERE late
    WINDOW whole AS (PARTITION BY case_id, who, duty ORDER BY day)
    UNION ALL
    SELECT case_id, 0, who, duty || '.moved', day, lag(day) OVER whole FROM judged_days WHERE moved
    WINDOW whole AS (PARTITION BY case_id, who, duty ORDER BY day)
    UNION ALL
    SELECT case_id, 0, who, duty || '.undone', day, later FROM (
        SELECT *, lead(day) OVER (PARTITION BY case_id, who, duty ORDER BY day) AS later FROM judged_days
    ) AS followed WHERE NOT done
)"""

# Entries of the record that count once a day: the matter's, and those of the office or the worker concerned.
_ENTRIES: Final = """
entries AS (
    SELECT e.case_id, e.verb, e.at, e.id, {at_day} AS day, post.role,
           'p' || post.id AS worker,
           CASE WHEN post.department_id IS NOT NULL THEN 'd' || post.department_id
                WHEN post.division_id IS NOT NULL THEN 'o' || post.division_id END AS office
    FROM cases_caseevent e
    JOIN chosen ON chosen.id = e.case_id AND chosen.kind = 'incident'
    LEFT JOIN accounts_post post ON post.id = e.post_id
    WHERE e.verb = ANY(%(entry_verbs)s)
),
valid AS (SELECT DISTINCT case_id FROM entries WHERE verb = ANY(%(valid_by)s)),
entry_rows(case_id, who, measure, day) AS (
    SELECT case_id, '', named.measure, day FROM entries
    JOIN unnest(%(verbs)s::text[], %(named)s::text[]) AS named(verb, measure) USING (verb)
    UNION
    -- what grid workers bring: the only reports that are judged
    SELECT case_id, who, measure, day FROM entries
    CROSS JOIN LATERAL (VALUES ('', 'collected'), (worker, 'collected'), (worker, 'reported')) AS named(who, measure)
    WHERE verb = 'incident.reported' AND role = 'grid_worker'
    UNION
    SELECT case_id, who, 'valid', day FROM entries JOIN valid USING (case_id)
    CROSS JOIN LATERAL (VALUES (''), (worker)) AS named(who)
    WHERE verb = 'incident.reported' AND role = 'grid_worker'
    UNION
    SELECT case_id, who, 'settled', day FROM entries CROSS JOIN LATERAL (VALUES (''), (worker)) AS named(who)
    WHERE verb = 'incident.settled' AND role = 'grid_worker'
    UNION
    SELECT case_id, office, 'returned', day FROM entries WHERE verb = 'incident.returned'
    UNION
    -- rework is the handler's: whoever owes the handling that begins anew with it
    SELECT e.case_id, ends.holder, 'reworked', e.day FROM entries e JOIN LATERAL (
        SELECT CASE WHEN d.holder_department_id IS NOT NULL THEN 'd' || d.holder_department_id
                    ELSE 'o' || d.holder_division_id END AS holder
        FROM cases_deadline d
        WHERE d.case_id = e.case_id AND d.duty = 'handle' AND d.started_at = e.at
    ) AS ends ON true WHERE e.verb = 'incident.reworked'
),
entry_tallies AS (
    SELECT case_id, 0, who, measure, day, lag(day) OVER (PARTITION BY case_id, who, measure ORDER BY day)
    FROM entry_rows
)"""

# A whistle and all that belongs to it counts on the day on which it was sounded, as in the departments' yearly figures.
_WHISTLES: Final = """
sounded AS (SELECT id, state, {sounded_day} AS day FROM chosen WHERE sounded_at IS NOT NULL),
called AS (
    SELECT sounded.id AS case_id, s.id AS item, s.outcome, 'd' || s.department_id AS office, day
    FROM whistle_summons s JOIN sounded ON sounded.id = s.case_id WHERE s.summoned_at IS NOT NULL
),
tasks AS (
    SELECT called.case_id, called.office, called.day, t.id AS item, t.state = 'done' AS done, EXISTS (
        SELECT FROM cases_deadline d
        WHERE d.case_id = called.case_id AND d.duty = 'task' AND d.item = t.id AND d.missed_at IS NOT NULL
    ) AS late
    FROM whistle_task t JOIN called ON called.item = t.summons_id WHERE t.state <> 'dropped'
),
whistle_rows(case_id, item, office, measure, day) AS (
    SELECT case_id, item, office, 'summons.called', day FROM called
    UNION ALL SELECT case_id, item, office, 'summons.' || outcome, day FROM called WHERE outcome <> ''
    UNION ALL SELECT case_id, item, office, 'task.due', day FROM tasks WHERE done OR late
    UNION ALL SELECT case_id, item, office, 'task.on_time', day FROM tasks WHERE done AND NOT late
    UNION ALL SELECT called.case_id, n.id, office, 'negative.standing', day FROM whistle_negativeentry n
    JOIN called ON called.item = n.summons_id WHERE n.state = ANY(%(standing)s)
),
whistle_tallies AS (
    SELECT id, 0, '', 'whistle.sounded', day, NULL::date FROM sounded
    UNION ALL SELECT id, 0, '', 'whistle.closed', day, NULL FROM sounded WHERE state = 'closed'
    UNION ALL SELECT id, 0, '', 'whistle.due', day, NULL FROM sounded WHERE state = 'closed' OR (
        state <> 'stood_down' AND EXISTS (
            SELECT FROM cases_deadline d WHERE d.case_id = sounded.id AND d.missed_at IS NOT NULL
            AND d.met_at IS NULL AND d.cancelled_at IS NULL AND d.duty = ANY(%(whistle_duties)s)
        )
    )
    UNION ALL SELECT case_id, item, '', measure, day, NULL FROM whistle_rows
    UNION ALL SELECT case_id, item, office, measure, day, NULL FROM whistle_rows
)"""

# Disputes: the days of the ministry's statistics (mediation.figures).
_DISPUTES: Final = """
disputes AS (
    SELECT chosen.id, ending, {closed_day} AS ended_on, accepted.received_on, standing.effective_on, standing.confirmed
    FROM chosen
    LEFT JOIN LATERAL (
        SELECT {accepted_day} AS received_on FROM mediation_docket k WHERE k.case_id = chosen.id
    ) AS accepted ON true
    LEFT JOIN LATERAL (
        SELECT a.effective_on, court.state = 'confirmed' AS confirmed
        FROM mediation_agreement a
        JOIN mediation_attempt t ON t.id = a.attempt_id JOIN mediation_docket k ON k.id = t.docket_id
        LEFT JOIN mediation_confirmation court ON court.agreement_id = a.id
        WHERE k.case_id = chosen.id AND a.state = 'effective' LIMIT 1
    ) AS standing ON true
    WHERE chosen.kind = 'mediation'
),
dispute_tallies AS (
    SELECT id, 0, '', named.measure, named.day, NULL::date FROM disputes CROSS JOIN LATERAL (VALUES
        ('mediation.received', received_on, true),
        ('mediation.succeeded', effective_on, true),
        ('mediation.performed', effective_on, ending = 'performed'),
        ('mediation.confirmed', effective_on, confirmed),
        ('mediation.refused', ended_on, ending = 'refused' AND effective_on IS NULL AND received_on IS NOT NULL),
        ('mediation.failed', ended_on, ending = 'failed' AND effective_on IS NULL AND received_on IS NOT NULL)
    ) AS named(measure, day, counts) WHERE named.day IS NOT NULL AND named.counts
)"""

_ALL: Final = """
SELECT tallied.case_id, tallied.item, tallied.who, tallied.measure, tallied.day, tallied.twin,
       chosen.kind, chosen.place, chosen.category, chosen.seen_by
FROM (
    SELECT * FROM judged_tallies
    UNION ALL SELECT * FROM entry_tallies
    UNION ALL SELECT * FROM whistle_tallies
    UNION ALL SELECT * FROM dispute_tallies
) AS tallied(case_id, item, who, measure, day, twin)
JOIN chosen ON chosen.id = tallied.case_id"""

COLUMNS: Final = "case_id, item, who, measure, day, twin, kind, place, category, seen_by"


def _day(instant: str) -> str:
    """The calendar day in China of an instant."""
    return f"({instant} AT TIME ZONE 'Asia/Shanghai')::date"


def _statement(which: str) -> str:
    parts = (_CHOSEN, _DUTIES, _ENTRIES, _WHISTLES, _DISPUTES)
    days = {
        "day": _day("at"),
        "at_day": _day("e.at"),
        "sounded_day": _day("sounded_at"),
        "closed_day": _day("closed_at"),
        "accepted_day": _day("min(k.accepted_at)"),
    }
    return f"WITH {','.join(part.format(which=which, **days) for part in parts)}{_ALL}"


_PARAMETERS: Final[dict[str, Any]] = {
    "duties": list(measures.DUTIES),
    "office_duties": list(measures.OFFICE_DUTIES),
    "verbs": list(measures.VERBS),
    "named": list(measures.VERBS.values()),
    "valid_by": list(measures.VALID_BY),
    "entry_verbs": sorted({*measures.VERBS, *measures.VALID_BY}),
    "standing": list(measures.STANDING),
    "whistle_duties": list(measures.WHISTLE_DUTIES),
}


def of_cases(ids: Sequence[int]) -> tuple[str, dict[str, Any]]:
    """The query of all tallies of some cases, with its parameters; its columns are COLUMNS."""
    return _statement("c.id = ANY(%(ids)s)"), _PARAMETERS | {"ids": list(ids)}


def of_range(first: int, last: int) -> tuple[str, dict[str, Any]]:
    """The query of all tallies of the cases with these ids, both counted."""
    return _statement("c.id BETWEEN %(first)s AND %(last)s"), _PARAMETERS | {"first": first, "last": last}
