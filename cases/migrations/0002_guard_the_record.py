"""The database itself keeps the record: entries are only added, each continuing its case's chain."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION cases_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the record is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER cases_event_append_only BEFORE UPDATE OR DELETE ON cases_caseevent
    FOR EACH ROW EXECUTE FUNCTION cases_refuse_change();
CREATE TRIGGER cases_event_no_truncate BEFORE TRUNCATE ON cases_caseevent
    FOR EACH STATEMENT EXECUTE FUNCTION cases_refuse_change();

CREATE FUNCTION cases_event_continues() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head record;
BEGIN
    SELECT last_seq, last_hash INTO head FROM cases_case WHERE id = NEW.case_id FOR UPDATE;
    IF NEW.seq <> head.last_seq + 1 OR NEW.prev_hash <> head.last_hash THEN
        RAISE EXCEPTION 'entry % does not continue the record of case %', NEW.seq, NEW.case_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cases_event_continues BEFORE INSERT ON cases_caseevent
    FOR EACH ROW EXECUTE FUNCTION cases_event_continues();

-- Words and personal values may be erased, and a value may be encrypted again; nothing else may change.
CREATE FUNCTION cases_words_only_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.event_id = OLD.event_id AND OLD.erased_at IS NULL
       AND NEW.erased_at IS NOT NULL AND NEW.text = '' AND NEW.salt = '' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'words of the record may only be erased' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER cases_words_only_erased BEFORE UPDATE ON cases_eventtext
    FOR EACH ROW EXECUTE FUNCTION cases_words_only_erased();
CREATE TRIGGER cases_words_kept BEFORE DELETE ON cases_eventtext
    FOR EACH ROW EXECUTE FUNCTION cases_refuse_change();
CREATE TRIGGER cases_words_no_truncate BEFORE TRUNCATE ON cases_eventtext
    FOR EACH STATEMENT EXECUTE FUNCTION cases_refuse_change();

CREATE FUNCTION cases_personal_only_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.case_id = OLD.case_id AND NEW.field = OLD.field AND NEW.digest = OLD.digest
       AND NEW.created_at = OLD.created_at AND OLD.erased_at IS NULL
       AND (NEW.erased_at IS NOT NULL OR NEW.salt = OLD.salt) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'personal values may only be erased or encrypted again'
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER cases_personal_only_erased BEFORE UPDATE ON cases_personalvalue
    FOR EACH ROW EXECUTE FUNCTION cases_personal_only_erased();
CREATE TRIGGER cases_personal_kept BEFORE DELETE ON cases_personalvalue
    FOR EACH ROW EXECUTE FUNCTION cases_refuse_change();
"""

BACKWARD = """
DROP TRIGGER cases_personal_kept ON cases_personalvalue;
DROP TRIGGER cases_personal_only_erased ON cases_personalvalue;
DROP FUNCTION cases_personal_only_erased();
DROP TRIGGER cases_words_no_truncate ON cases_eventtext;
DROP TRIGGER cases_words_kept ON cases_eventtext;
DROP TRIGGER cases_words_only_erased ON cases_eventtext;
DROP FUNCTION cases_words_only_erased();
DROP TRIGGER cases_event_continues ON cases_caseevent;
DROP FUNCTION cases_event_continues();
DROP TRIGGER cases_event_no_truncate ON cases_caseevent;
DROP TRIGGER cases_event_append_only ON cases_caseevent;
DROP FUNCTION cases_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("cases", "0001_spine")]

    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
