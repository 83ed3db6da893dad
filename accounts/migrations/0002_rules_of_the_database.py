"""What the ORM cannot say: nobody holds two posts that exclude each other, and the record only grows."""

from django.db import migrations

# An administrator's post excludes every other post of the person on the same days; other posts stand side by side.
# Each row takes a span on a line: an administrator's the whole line, another post's only the point of its own key.
# Two spans overlap exactly when one of them is an administrator's. Ranges alone, so no extension is needed.
# A post withdrawn before it began ends the day before its first: its span of days is empty and overlaps nothing.
ADMINISTRATORS_APART = """
ALTER TABLE accounts_post ADD CONSTRAINT post_administrators_apart EXCLUDE USING gist (
    int8range(user_id, user_id, '[]') WITH &&,
    daterange(starts_on, ends_on + 1, '[)') WITH &&,
    (CASE WHEN role IN ('system_admin', 'security_admin', 'audit_admin')
          THEN int8range(NULL, NULL) ELSE int8range(id, id, '[]') END) WITH &&
)
"""

ONE_ON_DUTY = """
ALTER TABLE accounts_dutyrosterentry ADD CONSTRAINT duty_one_at_a_time EXCLUDE USING gist (
    int8range(department_id, department_id, '[]') WITH &&,
    tstzrange(starts_at, ends_at, '[)') WITH &&
)
"""

APPEND_ONLY = """
CREATE FUNCTION accounts_record_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'accounts_adminevent is append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER admin_event_no_change BEFORE UPDATE OR DELETE ON accounts_adminevent
    FOR EACH ROW EXECUTE FUNCTION accounts_record_is_append_only();
CREATE TRIGGER admin_event_no_truncate BEFORE TRUNCATE ON accounts_adminevent
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_record_is_append_only();
"""

APPEND_ONLY_BACK = """
DROP TRIGGER admin_event_no_truncate ON accounts_adminevent;
DROP TRIGGER admin_event_no_change ON accounts_adminevent;
DROP FUNCTION accounts_record_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_people")]

    operations = [
        migrations.RunSQL(
            ADMINISTRATORS_APART, "ALTER TABLE accounts_post DROP CONSTRAINT post_administrators_apart"
        ),
        migrations.RunSQL(
            ONE_ON_DUTY, "ALTER TABLE accounts_dutyrosterentry DROP CONSTRAINT duty_one_at_a_time"
        ),
        migrations.RunSQL(APPEND_ONLY, APPEND_ONLY_BACK),
    ]
