"""The yearly assessment, and the triggers that keep it: the state goes one way, each table may be written only while its time is."""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION oversight_assessment_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    way CONSTANT text[] := ARRAY['draft', 'open', 'published', 'signed'];
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state <> 'signed' AND (NEW.place_id, NEW.year) = (OLD.place_id, OLD.year)
        AND array_position(way, NEW.state) - array_position(way, OLD.state) IN (0, 1) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the assessment % stays as it is: % is refused', OLD.id, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER oversight_assessment_goes_on BEFORE UPDATE OR DELETE ON oversight_assessmentyear
    FOR EACH ROW EXECUTE FUNCTION oversight_assessment_goes_on();

-- Arguments: what may be done in which state of the year, such as 'INSERT open'. A row never moves to another year,
-- sheet, item or office. On appeals only those that wait are decided.
CREATE FUNCTION oversight_assessment_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept CONSTANT text[] := ARRAY['year_id', 'sheet_id', 'item_id', 'division_id', 'department_id', 'by_id', 'reason'];
    said jsonb := to_jsonb(CASE WHEN TG_OP = 'INSERT' THEN NEW ELSE OLD END);
    standing text;
    name text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        FOREACH name IN ARRAY kept LOOP
            IF to_jsonb(NEW) -> name IS DISTINCT FROM said -> name THEN
                RAISE EXCEPTION '% of % is never changed', name, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
            END IF;
        END LOOP;
    END IF;
    SELECT y.state INTO standing FROM oversight_assessmentyear y WHERE y.id = coalesce(
        (said ->> 'year_id')::bigint,
        (SELECT s.year_id FROM oversight_assessmentsheet s WHERE s.id = (said ->> 'sheet_id')::bigint)
    );
    IF TG_OP || ' ' || standing = ANY(TG_ARGV)
        AND NOT (TG_OP = 'UPDATE' AND coalesce(said ->> 'state', '') IN ('upheld', 'refused')) THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '%: % is refused while the assessment is %', TG_TABLE_NAME, TG_OP, standing
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER oversight_assessment_stays BEFORE INSERT OR UPDATE OR DELETE ON oversight_assessmentitem
    FOR EACH ROW EXECUTE FUNCTION oversight_assessment_stays('INSERT draft', 'DELETE draft');
CREATE TRIGGER oversight_assessment_stays BEFORE INSERT OR UPDATE OR DELETE ON oversight_assessmentsheet
    FOR EACH ROW EXECUTE FUNCTION oversight_assessment_stays('INSERT open', 'UPDATE published');
CREATE TRIGGER oversight_assessment_stays BEFORE INSERT OR UPDATE OR DELETE ON oversight_assessmentscore
    FOR EACH ROW EXECUTE FUNCTION oversight_assessment_stays('INSERT open', 'UPDATE open');
CREATE TRIGGER oversight_assessment_stays BEFORE INSERT OR UPDATE OR DELETE ON oversight_assessmentmark
    FOR EACH ROW EXECUTE FUNCTION oversight_assessment_stays('INSERT open', 'INSERT published');
CREATE TRIGGER oversight_assessment_stays BEFORE INSERT OR UPDATE OR DELETE ON oversight_assessmentappeal
    FOR EACH ROW EXECUTE FUNCTION oversight_assessment_stays('INSERT published', 'UPDATE published');
CREATE TRIGGER oversight_assessment_stays BEFORE INSERT OR UPDATE OR DELETE ON oversight_assessmententry
    FOR EACH ROW EXECUTE FUNCTION oversight_assessment_stays(
        'INSERT draft', 'INSERT open', 'INSERT published');
"""

BACKWARD = """
DROP TRIGGER oversight_assessment_stays ON oversight_assessmententry;
DROP TRIGGER oversight_assessment_stays ON oversight_assessmentappeal;
DROP TRIGGER oversight_assessment_stays ON oversight_assessmentmark;
DROP TRIGGER oversight_assessment_stays ON oversight_assessmentscore;
DROP TRIGGER oversight_assessment_stays ON oversight_assessmentsheet;
DROP TRIGGER oversight_assessment_stays ON oversight_assessmentitem;
DROP FUNCTION oversight_assessment_stays();
DROP TRIGGER oversight_assessment_goes_on ON oversight_assessmentyear;
DROP FUNCTION oversight_assessment_goes_on();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_actions_on_the_catalogue"),
        ("grids", "0001_places"),
        ("oversight", "0006_village_money"),
    ]

    operations = [
        migrations.CreateModel(
            name="AssessmentYear",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "定方案"),
                            ("open", "评分中"),
                            ("published", "公示中"),
                            ("signed", "已签定"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                ("rules_version", models.CharField(blank=True, default="", max_length=12)),
                ("counted_at", models.DateTimeField(blank=True, null=True)),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                ("appeals_until", models.DateTimeField(blank=True, null=True)),
                ("signed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="grids.division"
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.post",
                    ),
                ),
            ],
            options={
                "ordering": ["-year", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="AssessmentSheet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "target",
                    models.CharField(
                        choices=[("township", "乡镇（街道）"), ("department", "部门")], max_length=12
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("total", models.DecimalField(blank=True, decimal_places=2, max_digits=6, null=True)),
                ("rank", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.department",
                    ),
                ),
                (
                    "division",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.division",
                    ),
                ),
                (
                    "year",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sheets",
                        to="oversight.assessmentyear",
                    ),
                ),
            ],
            options={
                "ordering": ["year", "-target", "pk"],
            },
        ),
        migrations.CreateModel(
            name="AssessmentItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "target",
                    models.CharField(
                        choices=[("township", "乡镇（街道）"), ("department", "部门")], max_length=12
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("share", "自动：指标"),
                            ("negative", "自动：负面清单"),
                            ("given", "手工给分"),
                            ("bonus", "加减分"),
                        ],
                        max_length=12,
                    ),
                ),
                ("indicator", models.CharField(blank=True, default="", max_length=32)),
                ("name", models.CharField(max_length=40)),
                ("purpose", models.CharField(max_length=200)),
                ("points", models.DecimalField(decimal_places=2, max_digits=5)),
                ("each", models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "year",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="oversight.assessmentyear",
                    ),
                ),
            ],
            options={
                "ordering": ["year", "-target", "position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="AssessmentEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("made", "新建方案"),
                            ("items", "修改项目和分值"),
                            ("opened", "定下方案，开始评分"),
                            ("counted", "重新计算"),
                            ("marked", "给分"),
                            ("published", "公示"),
                            ("appealed", "申诉"),
                            ("upheld", "支持申诉，改分"),
                            ("refused", "不支持申诉"),
                            ("signed", "签定"),
                        ],
                        max_length=12,
                    ),
                ),
                ("note", models.CharField(blank=True, default="", max_length=80)),
                ("at", models.DateTimeField()),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.post"
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="oversight.assessmentitem",
                    ),
                ),
                (
                    "sheet",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="oversight.assessmentsheet",
                    ),
                ),
                (
                    "year",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="oversight.assessmentyear",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "assessment entries",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="AssessmentScore",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("numerator", models.PositiveIntegerField()),
                ("denominator", models.PositiveIntegerField(blank=True, null=True)),
                ("score", models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="oversight.assessmentitem",
                    ),
                ),
                (
                    "sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scores",
                        to="oversight.assessmentsheet",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("sheet", "item"), name="assessment_score_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="AssessmentMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("points", models.DecimalField(decimal_places=2, max_digits=5)),
                ("reason", models.CharField(max_length=2000)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.post"
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="oversight.assessmentitem",
                    ),
                ),
                (
                    "sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="marks",
                        to="oversight.assessmentsheet",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="assessment_mark_reason"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AssessmentAppeal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=2000)),
                ("at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "待裁定"), ("upheld", "支持，已改分"), ("refused", "不支持")],
                        default="pending",
                        max_length=12,
                    ),
                ),
                ("answer", models.CharField(blank=True, default="", max_length=2000)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.post"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.post",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="oversight.assessmentitem",
                    ),
                ),
                (
                    "sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appeals",
                        to="oversight.assessmentsheet",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("sheet", "item"), name="assessment_appeal_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answer", ""),
                                ("decided_at", None),
                                ("decided_by", None),
                                ("state", "pending"),
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("state__in", ["upheld", "refused"]),
                                models.Q(("answer", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="assessment_decided_whole",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="assessmentyear",
            constraint=models.UniqueConstraint(fields=("place", "year"), name="assessment_year_once"),
        ),
        migrations.AddConstraint(
            model_name="assessmentyear",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["draft", "open", "published", "signed"])),
                name="assessment_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessmentyear",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("counted_at", None), ("state", "draft")),
                    models.Q(models.Q(("state", "draft"), _negated=True), ("counted_at__isnull", False)),
                    _connector="OR",
                ),
                name="assessment_counted_from_opening",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessmentyear",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("appeals_until", None), ("published_at", None), ("state__in", ["draft", "open"])
                    ),
                    models.Q(
                        ("appeals_until__gt", models.F("published_at")),
                        ("state__in", ["published", "signed"]),
                    ),
                    _connector="OR",
                ),
                name="assessment_published_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessmentyear",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("signed_at__isnull", False), ("signed_by__isnull", False), ("state", "signed")),
                    models.Q(
                        models.Q(("state", "signed"), _negated=True), ("signed_at", None), ("signed_by", None)
                    ),
                    _connector="OR",
                ),
                name="assessment_signed_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessmentsheet",
            constraint=models.UniqueConstraint(fields=("year", "division"), name="assessment_division_once"),
        ),
        migrations.AddConstraint(
            model_name="assessmentsheet",
            constraint=models.UniqueConstraint(
                fields=("year", "department"), name="assessment_department_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="assessmentsheet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("department", None), ("division__isnull", False), ("target", "township")),
                    models.Q(("department__isnull", False), ("division", None), ("target", "department")),
                    _connector="OR",
                ),
                name="assessment_sheet_of_one_office",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessmentitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("indicator", ""), _negated=True),
                fields=("year", "target", "indicator"),
                name="assessment_indicator_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessmentitem",
            constraint=models.UniqueConstraint(
                fields=("year", "target", "name"), name="assessment_item_name_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="assessmentitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("target__in", ["township", "department"])), name="assessment_target_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="assessmentitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("pk__in", []),
                    models.Q(
                        (
                            "indicator__in",
                            ("on_time_archive_rate", "on_time_handling_rate", "archive_rate", "rework_rate"),
                        ),
                        ("kind", "share"),
                        ("target", "township"),
                    ),
                    models.Q(
                        ("indicator__in", ("on_time_handling_rate", "arrival_rate", "task_rate")),
                        ("kind", "share"),
                        ("target", "department"),
                    ),
                    models.Q(
                        ("indicator", "negative_entries"), ("kind", "negative"), ("target", "department")
                    ),
                    models.Q(("indicator", ""), ("kind__in", ["given", "bonus"])),
                    _connector="OR",
                ),
                name="assessment_indicator_allowed",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessmentitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("points__gt", 0), ("points__lte", Decimal("100"))),
                name="assessment_points_in_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessmentitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("each__gt", 0), ("each__lte", models.F("points")), ("kind", "negative")),
                    models.Q(models.Q(("kind", "negative"), _negated=True), ("each", None)),
                    _connector="OR",
                ),
                name="assessment_each_of_negative",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
