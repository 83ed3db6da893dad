"""Versions hold all that a category says, also whether it is in use; once made, only the decision is written."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Versions of before know neither their category's name nor what they were proposed against.
FILL = """
UPDATE incidents_categoryversion v SET name = c.name, name_en = c.name_en, source = c.source,
    based_on_id = CASE WHEN v.state = 'proposed' THEN c.current_id ELSE NULL END
    FROM incidents_category c WHERE c.id = v.category_id;
"""

# What a version says never changes; its state moves one way; and who proposed it does not decide on it, under
# whichever post. Rows are never deleted.
KEPT = """
CREATE FUNCTION incidents_category_version_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    decision text[] := '{state,decided_by_id,decided_at,decision_reason}';
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'versions of a category are kept' USING ERRCODE = 'restrict_violation';
    END IF;
    IF to_jsonb(NEW) - decision IS DISTINCT FROM to_jsonb(OLD) - decision THEN
        RAISE EXCEPTION 'a version of a category never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state = 'proposed' AND NEW.state IN ('in_force', 'refused', 'withdrawn') THEN
        IF NEW.decided_by_id IS NULL OR NEW.decided_at IS NULL THEN
            RAISE EXCEPTION 'a decision names who and when' USING ERRCODE = 'restrict_violation';
        END IF;
        IF NEW.state <> 'withdrawn'
            AND NEW.proposed_by_id = (SELECT user_id FROM accounts_post WHERE id = NEW.decided_by_id) THEN
            RAISE EXCEPTION 'a second person decides' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF to_jsonb(NEW) - 'state' IS DISTINCT FROM to_jsonb(OLD) - 'state' THEN
        RAISE EXCEPTION 'a decision never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state <> NEW.state AND NOT (OLD.state = 'in_force' AND NEW.state = 'past') THEN
        RAISE EXCEPTION 'a version does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER category_version_is_kept BEFORE UPDATE OR DELETE ON incidents_categoryversion
    FOR EACH ROW EXECUTE FUNCTION incidents_category_version_is_kept();
"""

NOT_KEPT = """
DROP TRIGGER category_version_is_kept ON incidents_categoryversion;
DROP FUNCTION incidents_category_version_is_kept();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_actions_on_the_catalogue"),
        ("grids", "0001_places"),
        ("incidents", "0002_number_and_states"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="categoryversion",
            name="based_on",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="incidents.categoryversion",
            ),
        ),
        migrations.AddField(
            model_name="categoryversion",
            name="in_use",
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name="categoryversion",
            name="name",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name="categoryversion",
            name="name_en",
            field=models.CharField(blank=True, max_length=80),
        ),
        migrations.AddField(
            model_name="categoryversion",
            name="source",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AlterField(
            model_name="categoryversion",
            name="state",
            field=models.CharField(
                choices=[
                    ("proposed", "待同意"),
                    ("in_force", "执行中"),
                    ("refused", "未同意"),
                    ("withdrawn", "已撤回"),
                    ("past", "已被替换"),
                ],
                default="proposed",
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="categoryversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["proposed", "in_force", "refused", "withdrawn", "past"])),
                name="category_version_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="categoryversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["refused", "withdrawn"]), _negated=True),
                    models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                    _connector="OR",
                ),
                name="category_version_decided",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RunSQL(KEPT, NOT_KEPT),
    ]
