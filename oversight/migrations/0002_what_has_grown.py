"""Whatever is written to the record says, in the same transaction, that its case must be counted again."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION oversight_has_grown() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO oversight_stale (case_id) SELECT DISTINCT case_id FROM written;
    RETURN NULL;
END $$;
CREATE TRIGGER oversight_has_grown AFTER INSERT ON cases_caseevent
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION oversight_has_grown();

-- What was recorded before this table was there is counted too.
INSERT INTO oversight_stale (case_id) SELECT id FROM cases_case;
"""

BACKWARD = """
DROP TRIGGER oversight_has_grown ON cases_caseevent;
DROP FUNCTION oversight_has_grown();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("oversight", "0001_tallies")]

    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
