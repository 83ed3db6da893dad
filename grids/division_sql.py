"""The statements by which a table of divisions is checked and stored as a set. Used by `division_import` alone."""

from __future__ import annotations

from typing import Final

LOCK: Final = "SELECT pg_advisory_xact_lock(hashtext('grids.import_divisions'))"
"""One import at a time: two would each find the other's rows missing."""

COLUMNS: Final = (
    "seq", "file", "national", "line", "code", "name", "level", "prefix", "parent", "pinyin", "initials",
)  # fmt: skip

INCOMING: Final = """
CREATE TEMPORARY TABLE incoming_division (
    seq integer, file integer, national boolean, line integer, code text, name text, level text, prefix text,
    parent text, pinyin text, initials text, nearest text, nearest_level text, bad text
) ON COMMIT DROP
"""

INDEX_INCOMING: Final = "CREATE INDEX ON incoming_division (code); ANALYZE incoming_division"

MARK_DUPLICATES: Final = """
UPDATE incoming_division AS later SET bad = format(%(twice)s, (%(names)s)[first.file + 1], first.line)
FROM (SELECT DISTINCT ON (code) code, seq, file, line FROM incoming_division ORDER BY code, seq) AS first
WHERE later.code = first.code AND later.seq <> first.seq
"""

# Everything a row may hang under: what the database has above the villages, and the good rows of the files above
# the level being looked at.
KNOWN: Final = """
CREATE TEMPORARY TABLE known_division ON COMMIT DROP AS
    SELECT code::text, prefix::text, level::text FROM grids_division
    WHERE level IN ('province', 'city', 'county', 'township');
CREATE UNIQUE INDEX ON known_division (prefix);
CREATE INDEX ON known_division (code);
ANALYZE known_division
"""

ADD_KNOWN: Final = """
INSERT INTO known_division
    SELECT code, prefix, level FROM incoming_division
    WHERE length(prefix) = %(digits)s AND bad IS NULL
ON CONFLICT (prefix) DO NOTHING;
ANALYZE known_division
"""

# The nearest known division above by the segments of the code: township, county, city, province.
FIND_NEAREST: Final = """
UPDATE incoming_division AS target SET nearest = found.code, nearest_level = found.level
FROM (
    SELECT DISTINCT ON (entry.seq) entry.seq, known.code, known.level
    FROM incoming_division AS entry
    JOIN (VALUES (9), (6), (4), (2)) AS segment (digits) ON segment.digits < length(entry.prefix)
    JOIN known_division AS known ON known.prefix = left(entry.prefix, segment.digits)
    WHERE length(entry.prefix) = %(digits)s AND entry.bad IS NULL
    ORDER BY entry.seq, segment.digits DESC
) AS found
WHERE target.seq = found.seq
"""

MARK_PARENTS: Final = """
UPDATE incoming_division AS target SET bad = fault.reason
FROM (
    SELECT seq, CASE
        WHEN parent <> '' AND NOT EXISTS (SELECT FROM known_division AS known WHERE known.code = parent)
            THEN format(%(missing)s, parent)
        WHEN parent = '' AND level IN ('township', 'village') THEN %(none)s
        WHEN parent <> '' AND parent IS DISTINCT FROM nearest THEN format(%(other)s, coalesce(nearest, '-'))
        WHEN level = 'village' AND nearest_level <> 'township' OR level = 'township' AND nearest_level = 'province'
            THEN format(%(level_fault)s, nearest)
        END AS reason
    FROM incoming_division
    WHERE length(prefix) = %(digits)s AND bad IS NULL
) AS fault
WHERE target.seq = fault.seq AND fault.reason IS NOT NULL
"""

BAD: Final = "SELECT file, line, bad FROM incoming_division WHERE bad IS NOT NULL"

# The root of this installation is a city with nothing above it, whatever the national files call it. A national
# file does not change the level of a division that is known.
SETTLE_ROOT: Final = """
DELETE FROM incoming_division WHERE bad IS NOT NULL;
UPDATE incoming_division AS entry SET level = known.level
FROM grids_division AS known
WHERE known.code = entry.code AND known.level <> entry.level AND (entry.national OR entry.code = %(root)s);
UPDATE incoming_division SET nearest = NULL WHERE code = %(root)s;
UPDATE incoming_division SET level = 'city'
WHERE code = %(root)s AND national AND level = 'county' AND right(name, 1) = '市'
    AND NOT EXISTS (SELECT FROM grids_division AS known WHERE known.code = %(root)s);
ANALYZE incoming_division
"""

KEEP_NAMES: Final = """
INSERT INTO grids_divisionname (division_id, name, used_to, reason)
    SELECT known.id, known.name, %(yesterday)s, %(why)s
    FROM grids_division AS known JOIN incoming_division AS entry ON entry.code = known.code
    WHERE length(entry.prefix) = %(digits)s AND known.valid_to IS NULL AND known.name <> entry.name
ON CONFLICT DO NOTHING
"""

RENAME: Final = """
UPDATE grids_division AS known SET name = entry.name, pinyin = entry.pinyin, initials = entry.initials
FROM incoming_division AS entry
WHERE entry.code = known.code AND length(entry.prefix) = %(digits)s AND known.valid_to IS NULL AND known.name <> entry.name
"""

# A parent that has ended handed its children to its successor: the file's older parent does not take them back.
MOVE: Final = """
UPDATE grids_division AS known SET level = entry.level, parent_id = coalesce(parent.id, known.parent_id)
FROM incoming_division AS entry
LEFT JOIN grids_division AS parent ON parent.code = entry.nearest AND parent.valid_to IS NULL
WHERE entry.code = known.code AND length(entry.prefix) = %(digits)s AND known.valid_to IS NULL
    AND (known.level <> entry.level OR known.parent_id IS DISTINCT FROM coalesce(parent.id, known.parent_id))
"""

CREATE: Final = """
INSERT INTO grids_division (code, name, level, prefix, parent_id, pinyin, initials, end_reason)
    SELECT entry.code, entry.name, entry.level, entry.prefix, parent.id, entry.pinyin, entry.initials, ''
    FROM incoming_division AS entry
    LEFT JOIN grids_division AS parent ON parent.code = entry.nearest
    LEFT JOIN grids_division AS known ON known.code = entry.code
    WHERE length(entry.prefix) = %(digits)s AND known.id IS NULL
    ORDER BY entry.seq
"""

# A new division below one that was merged away belongs to the successor. Repeated for chains of mergers.
HAND_ON: Final = """
UPDATE grids_division AS child SET parent_id = parent.successor_id
FROM grids_division AS parent
WHERE parent.successor_id IS NOT NULL AND child.parent_id = parent.id AND child.valid_to IS NULL
"""
