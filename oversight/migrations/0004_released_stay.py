"""The database itself keeps what was released: a released bulletin is neither changed nor taken away, its entries are only added."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION oversight_released_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = 'draft' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a released bulletin stays as it is: % is refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER oversight_released_stays BEFORE UPDATE OR DELETE ON oversight_bulletin
    FOR EACH ROW EXECUTE FUNCTION oversight_released_stays();

CREATE FUNCTION oversight_entries_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries of a bulletin are only added: % is refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER oversight_entries_stay BEFORE UPDATE OR DELETE ON oversight_bulletinentry
    FOR EACH ROW EXECUTE FUNCTION oversight_entries_stay();
"""

BACKWARD = """
DROP TRIGGER oversight_entries_stay ON oversight_bulletinentry;
DROP FUNCTION oversight_entries_stay();
DROP TRIGGER oversight_released_stays ON oversight_bulletin;
DROP FUNCTION oversight_released_stays();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("oversight", "0003_bulletins")]

    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
